"""The people around the gateway: one who mends registers, and one who looks into the register's books for it."""

import asyncio
import datetime
import time
import urllib.error

import grpc

from check_gateway import Error
from faults import HOLD_TIME_S

# What a shift that is open for too long looks like, or may be behind of.
CLOSE_THE_SHIFT = ("SHIFT_TOO_LONG", "REGISTER_REFUSED", "STS_REFUSED", "REGISTER_SERVICE_TROUBLE")

# Of each look at a register that has something in doubt: somebody closes its shift then.
CLOSING_IN_DOUBT = 0.05
LONG_DOUBT_HOLDS = 10  # hold times


def may_close(world, integration):
    """Whether the shift of an integration's register is to be closed now.

    Never while something is in doubt where tags are relied on within a shift only: a Z-report between the status and the
    re-send that follows it makes a second receipt there, and docs/reliability.md says that it must not come."""
    lane = integration.lane
    if lane.in_doubt == 0:
        return lane.reason in CLOSE_THE_SHIFT
    if integration.tag_memory == world.contract.integration_pb2.TAG_MEMORY_SAME_SHIFT:
        return False
    return lane.reason in CLOSE_THE_SHIFT or world.random.random() < CLOSING_IN_DOUBT


async def came_into_doubt(world, integration):
    """Whether something came into doubt since the integrations were listed, or is being sent, perhaps once more, where that
    matters. Asked just before the shift is closed: what comes into doubt later than this is sent again a hold time later,
    on a status that shows the new shift."""
    c = world.contract
    if integration.tag_memory != c.integration_pb2.TAG_MEMORY_SAME_SHIFT:
        return False
    request = c.fiscalization_service_pb2.ListFiscalizationsRequest(
        page_size=1, register_fiscal_number=integration.register_fiscal_number,
        states=[c.fiscalization_pb2.FISCALIZATION_STATE_SENDING, c.fiscalization_pb2.FISCALIZATION_STATE_IN_DOUBT])
    asked = time.monotonic()
    try:
        page = await world.fiscalizations.ListFiscalizations(request, timeout=10)
    except grpc.RpcError:
        return True  # not known
    too_old = time.monotonic() - asked > HOLD_TIME_S * world.options.time_scale / 4
    return too_old or len(page.fiscalizations) > 0


async def mend_registers(world):
    """Unblocks what is blocked, and closes a shift that is too long, or whose register has something in doubt."""
    while not await world.is_over_after(0.5):
        try:
            for state in (await world.register_service("GET", "registers"))["registers"]:
                if state["blocked"]:
                    await world.register_service("POST", "registers", {"fisid": state["fisid"], "blocked": False})
            listed = await world.integrations.ListIntegrations(
                world.contract.integration_service_pb2.ListIntegrationsRequest(page_size=1000), timeout=10)
        except (OSError, grpc.RpcError):
            continue  # away just now
        for one in listed.integrations:
            if may_close(world, one) and not await came_into_doubt(world, one):
                try:
                    await world.register_service("POST", "registers", {"fisid": one.register_fiscal_number, "shift": "close"})
                    world.shifts_closed_in_doubt += one.lane.in_doubt > 0
                except (OSError, urllib.error.HTTPError):
                    pass  # closed already


class Operator:
    """Resolves what the gateway says that it cannot know, by what the register's ledger says, and truthfully."""

    def __init__(self, world):
        self.world = world
        self.first_seen = {}  # fiscalization id -> when, on the monotonic clock
        self.resolved = {"RECEIPT_EXISTS": 0, "ABSENT_SEND": 0, "ABSENT_GIVE_UP": 0}
        self.spoken = {}  # fiscalization id -> wall time of the first word about it
        self.sent_anew = set()  # and is in doubt once more: not worth another try

    async def work(self):
        while not self.world.calls_over.is_set():
            await asyncio.sleep(1)
            await self.resolve_all(only_waiting=True)

    async def resolve_all(self, only_waiting):
        """How many were found in doubt. What the gateway still settles by itself is left alone if `only_waiting`, unless it
        has been in doubt for so long that somebody looks all the same."""
        c = self.world.contract
        request = c.fiscalization_service_pb2.ListFiscalizationsRequest(
            page_size=1000, states=[c.fiscalization_pb2.FISCALIZATION_STATE_IN_DOUBT])
        try:
            page = await self.world.fiscalizations.ListFiscalizations(request, timeout=30)
        except grpc.RpcError:
            return None
        now = datetime.datetime.now(datetime.timezone.utc)
        for one in page.fiscalizations:
            seen = self.first_seen.setdefault(one.fiscalization_id, time.monotonic())
            long = time.monotonic() - seen > LONG_DOUBT_HOLDS * HOLD_TIME_S * self.world.options.time_scale
            waits = long or one.doubt.next_step == c.fiscalization_pb2.DOUBT_STEP_WAIT_FOR_OPERATOR
            over = one.doubt.resolvable_time.ToDatetime(datetime.timezone.utc) <= now
            if (waits or not only_waiting) and over:
                await self.resolve(one)
        return len(page.fiscalizations)

    async def resolve(self, one):
        c = self.world.contract
        try:
            ledger = await self.world.register_service("GET", f"ledger?bodies=false&fisid={one.register_fiscal_number}")
        except OSError:
            return
        made = [receipt["fiscal_number"] for receipt in ledger["receipts"] if receipt["tag"] == one.tag]
        outcome = "RECEIPT_EXISTS" if made else self.of_what_is_absent(one.fiscalization_id)
        request = c.fiscalization_service_pb2.ResolveFiscalizationRequest(
            fiscalization_id=one.fiscalization_id, etag=one.etag, principal="olena", note="seen in the register's ledger",
            outcome=c.fiscalization_pb2.ResolutionOutcome.Value(f"RESOLUTION_OUTCOME_{outcome}"),
            fiscal_number=made[0] if made else "", accept_unverified=True)
        self.spoken.setdefault(one.fiscalization_id, time.time())
        try:
            await self.world.fiscalizations.ResolveFiscalization(request, timeout=30)
            self.resolved[outcome] += 1
            if outcome == "ABSENT_SEND":
                self.sent_anew.add(one.fiscalization_id)
        except grpc.RpcError as error:
            read = Error(error)
            known = read.info is not None and read.info.reason not in (
                "ETAG_MISMATCH", "STATE_NOT_ALLOWED", "HOLD_TIME_NOT_OVER")
            if known and error.code() != grpc.StatusCode.UNAVAILABLE:
                self.world.disagree(f"the operator's {outcome} of {one.fiscalization_id}: {read} {error.details()}")

    def of_what_is_absent(self, fiscalization_id):
        if fiscalization_id in self.sent_anew:
            return "ABSENT_GIVE_UP"
        return self.world.random.choice(("ABSENT_SEND", "ABSENT_GIVE_UP"))
