#!/usr/bin/env python3
"""Sends requests that are wrong to a real gateway, to every call of the contract, and checks that each gets its exact
reason and field, that nothing of it is stored, and that the gateway lives on.

    bad_inputs.py --gateway-binary PATH --simulator-binary PATH [--fuzzed N] [--seed N]

The tables are in bad_input_tables/. Status 0 when all is as they say; else 1, with a line for each that is not.
"""

import argparse
import collections
import contextlib
import copy
import datetime
import pathlib
import sqlite3
import sys
import tempfile
import zoneinfo

import grpc
from google.protobuf import field_mask_pb2, json_format, timestamp_pb2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))

from bad_input_tables import hostile, setup_cases, work_cases  # noqa: E402
from check_gateway import Contract, Error  # noqa: E402
from processes import Gateway, Simulator, ending  # noqa: E402

TIMEOUT_S = 30
MANY = 64 * 2**20
LIBRARY_EVENT = '"event":"protobuf.library"'  # its word on bytes that are no UTF-8
# What calls may leave behind though they are refused: which taxes and methods were seen, and what was asked of the
# register, by design; and the store's own counters.
NOT_COUNTED = {"seen_ids", "exchanges", "meta", "sqlite_sequence", "sqlite_stat1"}


class Gate:
    """Every call of a running gateway, by its name, with requests as JSON or as bytes."""

    def __init__(self, contract, address):
        self.channel = grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0),
                                                               ("grpc.max_send_message_length", MANY)])
        self.methods = {}
        for module in ("integration_service_pb2", "fiscalization_service_pb2", "receipt_service_pb2"):
            for service in getattr(contract, module).DESCRIPTOR.services_by_name.values():
                for method in service.methods:
                    self.methods[f"{service.name}/{method.name}"] = method
        self.contract = contract

    def message(self, rpc, request):
        """The request as a message; what JSON can't say stands in it as {"@moment": ...} or {"@mask": ...}."""
        request = copy.deepcopy(request)
        special = list(self._take_special(request, ()))
        message = json_format.ParseDict(request, self._class(self.methods[rpc].input_type)())
        for path, value in special:
            place = message
            for name in path:
                place = getattr(place, name)
            place.SetInParent()
            if "@mask" in value:
                place.CopyFrom(field_mask_pb2.FieldMask(paths=value["@mask"]))
            else:
                for name, number in value["@moment"].items():
                    setattr(place, name, number)
        return message

    def _take_special(self, node, path):
        if not isinstance(node, dict):
            return
        for name in list(node):
            value = node[name]
            if isinstance(value, dict) and ("@moment" in value or "@mask" in value):
                yield (*path, name), value
                del node[name]
            else:
                yield from self._take_special(value, (*path, name))

    def _class(self, descriptor):
        module = descriptor.file.name.removeprefix("kasa/v1/").removesuffix(".proto")
        return getattr(getattr(self.contract, f"{module}_pb2"), descriptor.name)

    def call(self, rpc, data):
        """The answer to these bytes (of a stream: its first message); raises RpcError."""
        method = self.methods[rpc]
        answer = self._class(method.output_type)
        name = f"/{method.containing_service.full_name}/{method.name}"
        if method.server_streaming:
            stream = self.channel.unary_stream(name, response_deserializer=answer.FromString)(data, timeout=TIMEOUT_S)
            try:
                return next(stream)
            finally:
                stream.cancel()
        return self.channel.unary_unary(name, response_deserializer=answer.FromString)(data, timeout=TIMEOUT_S)

    def ask(self, rpc, request):
        return self.call(rpc, self.message(rpc, request).SerializeToString())


class Store:
    """How many rows the gateway's store has, table by table."""

    def __init__(self, path):
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    def counts(self):
        tables = [name for (name,) in self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: self.connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
                for table in sorted(tables) if table not in NOT_COUNTED}


def set_up(gate, today):
    """An active integration, a sale with its receipt and a rule; the sale's id and fiscal number."""
    gate.ask("IntegrationService/CreateIntegration", {
        "integration_id": "bad-inputs", "token": "simulator-token-1", "integration": {
            "legal_entity_id": "tov-1", "is_default": True, "active": True, "cashier_name": "Касир"}})
    gate.ask("IntegrationService/UpdateMapping", {"mapping": {
        "integration_id": "bad-inputs",
        "taxes": [{"tax_id": "vat20", "tax_group": 1}, {"tax_id": "none", "tax_group": 2}],
        "payment_methods": [{"payment_method_id": "card", "payment_type": 2}]}})
    gate.ask("IntegrationService/CreateAutomationRule", {"rule": {
        "rule_id": "rule-1", "source_system": "shop", "integration_id": "bad-inputs",
        "online_order": {"store_id": "s-1", "action": "ONLINE_ORDER_ACTION_SALE"}}})
    return sell(gate, today, "known")


def sell(gate, today, document_id):
    request = work_cases.document(today, "sale")
    request.update(document_id=document_id, max_wait="20s")
    request["sale"]["order_id"] = document_id
    sold = gate.ask("FiscalizationService/FiscalizeSale", request).fiscalization
    if not sold.receipt.fiscal_number:
        raise RuntimeError(f"the sale {document_id} has no receipt: {sold}")
    return sold.fiscalization_id, sold.receipt.fiscal_number


def outcome_of(gate, case):
    """What is not as the table says; nothing when all is."""
    try:
        answer = gate.ask(case.rpc, case.request)
    except json_format.ParseError as error:
        return f"the table is wrong: {error}"
    except grpc.RpcError as error:
        read = Error(error)
    else:
        return f"it was answered: {str(answer)[:200]!r}"
    found = (read.code.name, read.info.reason if read.info else "")
    if found != (case.code, case.reason):
        return f"{found} with {[(v.field, v.reason) for v in read.violations]} instead of {(case.code, case.reason)}"
    violations = tuple((violation.field, violation.reason) for violation in read.violations)
    if violations != tuple(case.fields):
        return f"{violations} instead of {tuple(case.fields)}"
    if not all(violation.description for violation in read.violations):
        return "a violation has no text"
    return None


def run_tables(gate, store, cases):
    problems = []
    before = store.counts()
    for case in cases:
        problem = outcome_of(gate, case)
        after = store.counts()
        if after != before:
            changed = {table: after[table] - before[table] for table in after if after[table] != before[table]}
            problem = f"{problem or 'refused as it should be'}, and these tables grew: {changed}"
            before = after
        if problem:
            problems.append(f"{case.rpc}, {case.what}: {problem}")
    return problems


def run_hostile(gate, store, today, fuzzed, seed):
    """Whatever bytes come, the call ends, and the store is as it was."""
    request = {**work_cases.document(today, "sale"), "validate_only": True}
    good = gate.message(hostile.SALE, request).SerializeToString()
    numbers = [gate.methods[hostile.SALE].input_type.fields_by_name["sale"]]
    numbers.append(numbers[0].message_type.fields_by_name["lines"])
    numbers.append(numbers[1].message_type.fields_by_name["name"])
    cases = list(hostile.cases(good, *(each.number for each in numbers)))
    # What is left of a good request may be good: it is to be checked only.
    check_only = gate.message(hostile.SALE, {"validate_only": True}).SerializeToString()
    cases += [(f"fuzzed {number}", hostile.SALE, data + check_only)
              for number, data in enumerate(hostile.fuzzed(good, fuzzed, seed))]
    problems, codes = [], collections.Counter()
    before = store.counts()
    for what, rpc, data in cases:
        try:
            gate.call(rpc, data)
            codes["OK"] += 1
        except grpc.RpcError as error:
            codes[error.code().name] += 1
            if error.code() in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE):
                problems.append(f"{rpc}, {what}: {error.code().name}, {error.details()}")
    if store.counts() != before:
        problems.append("hostile bytes were stored")
    return len(cases), dict(codes), problems


def uncovered(gate, cases):
    """Calls that no table has."""
    tried = {case.rpc for case in cases}
    return [f"{rpc}: no bad request for it" for rpc, method in gate.methods.items()
            if rpc not in tried and method.input_type.fields]


def run(options, folder):
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).strftime("%Y-%m-%d")
    with contextlib.ExitStack() as stack:
        contract = Contract(stack.enter_context(tempfile.TemporaryDirectory()))
        simulator = stack.enter_context(ending(Simulator(options.simulator_binary, folder)))
        gateway = stack.enter_context(ending(Gateway(options.gateway_binary, folder, simulator.url)))
        gate = Gate(contract, gateway.address)
        known, known_number = set_up(gate, today)
        store = Store(folder / "kasa.db")
        cases = [case for table in (*setup_cases.tables(), *work_cases.tables(today, known, known_number))
                 for case in table.cases]
        problems = uncovered(gate, cases) + run_tables(gate, store, cases)
        count, codes, hostile_problems = run_hostile(gate, store, today, options.fuzzed, options.seed)
        problems += hostile_problems
        sell(gate, today, "after all that")
        if gateway.terminate() != 0:
            problems.append("the gateway did not end well")
        problems += [f"in the log: {line}" for line in (folder / "gateway.log").read_text().splitlines()
                     if '"severity":"ERROR"' in line and LIBRARY_EVENT not in line]
        print(f"{len(cases)} bad requests over {len({case.rpc for case in cases})} calls; {count} hostile ones (seed "
              f"{options.seed}), which ended with {codes}")
        return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--fuzzed", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kasa-bad-inputs-") as name:
        problems = run(options, pathlib.Path(name))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
