"""One bad request, and how requests are put together and spoilt."""

import copy
import dataclasses

DROP = object()  # as a value: take the field away

MAX_INT64 = 2**63 - 1
MIN_INT64 = -2**63

INVALID = "INVALID_ARGUMENT"
# What is wrong with these, or is a value that the contract does not have, is told before the document is looked at.
OF_THE_REQUEST = {"document_id", "payment_id", "source_system", "max_wait", "original_sale"}


@dataclasses.dataclass
class Case:
    rpc: str  # "FiscalizationService/FiscalizeSale"
    what: str
    request: object  # as JSON of the contract, or the bytes that are sent
    code: str
    reason: str  # of ErrorInfo; empty: no error of the gateway's own is asked for
    fields: tuple = ()  # every violation in its order: (field, reason)


def spoilt(request, *changes):
    """A copy of `request` with each (path, value) set; "sale.lines.0.name" is a path."""
    request = copy.deepcopy(request)
    for path, value in changes:
        *parents, last = path.split(".")
        place = request
        for name in parents:
            place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
        if isinstance(place, list):
            place[int(last):int(last) + 1] = [value]
        elif value is DROP:
            place.pop(last, None)
        else:
            place[last] = value
    return request


class Table:
    """Cases of one call, each a good request with something spoilt."""

    def __init__(self, rpc, good, invalid_reason="REQUEST_INVALID"):
        self.rpc = rpc
        self.good = good
        self.invalid_reason = invalid_reason
        self.cases = []

    def invalid(self, what, changes, *fields):
        """INVALID_ARGUMENT with exactly these violations."""
        reason = self.invalid_reason
        if any(path.split(".")[0] in OF_THE_REQUEST or why == "FIELD_UNKNOWN" for path, why in fields):
            reason = "REQUEST_INVALID"
        self.cases.append(Case(self.rpc, what, spoilt(self.good, *changes), INVALID, reason, fields))

    def field(self, path, value, reason, field=None):
        """One field spoilt, and one violation, of that very field unless another is told."""
        shown = field if field is not None else self._told(path)
        told = "left out" if value is DROP else f"= {str(value)[:40]!r}"
        self.invalid(f"{path} {told}", [(path, value)], (shown, reason))

    def refused(self, what, changes, code, reason):
        self.cases.append(Case(self.rpc, what, spoilt(self.good, *changes), code, reason))

    @staticmethod
    def _told(path):
        told = ""
        for name in path.split("."):
            told += f"[{name}]" if name.isdigit() else f".{name}" if told else name
        return told
