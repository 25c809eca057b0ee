"""What everyone in the torture shares: the two processes, what was said, and what is wrong with it."""

import asyncio
import random
import time

import grpc

from faults import REGISTER_FAULTS, WIRE_FAULTS, slow_holds

# Refusals that only the torture has: unknown, and of the register's own trouble.
REFUSALS = [{"kind": "refusal", "res": 9999, "res_action": 3}, {"kind": "refusal", "res": 1075, "res_action": 1},
            {"kind": "refusal", "res": 1032, "res_action": 3}, {"kind": "refusal", "res": 1016, "res_action": 3}]
LISTING_FAULTS = [{"kind": "cut_after_body"}, {"kind": "http_status", "status": 500}, {"kind": "malformed"},
                  {"kind": "cut_mid_answer"}]
LISTING_CALLS = ("check_task", "shifts", "checks")
FAULTS_A_REGISTER = 10  # each in 1 % of its calls
# What is not known of the service may be either way; each register draws one value of each. A value that stands here more
# than once is drawn more often: where nothing can be read, a doubt only waits for the operator.
SWITCHES = {"other_bytes": ("first_receipt", "refuse", "second_receipt"),
            "refused_tag": ("judged_anew", "repeated", "known_code"),
            "busy_same_tag": ("wait", "collide", "second_receipt"), "busy_other_tag": ("wait", "busy"),
            "look_up": ("honoured", "ignored"), "auto_open_shift": ("true", "false"),
            "listing_names": ("device_manager", "cloud", "short"),
            "listing_state": ("ok", "ok", "ok", "late", "empty", "unreadable", "not_found"),
            "listing_tags": ("told", "told", "omitted", "other"), "listing_tasks": ("told", "omitted", "zero"),
            "listing_envelope": ("totals", "totals", "no_totals", "array"),
            "listing_pages": ("as_asked", "as_asked", "small", "from_zero", "ignored"),
            "listing_odd_row": ("false", "false", "false", "true"),
            "listing_omits_times": ("false", "false", "false", "true"),
            "check_task": ("answers", "answers", "not_found"), "status_omits_fisid": ("false", "false", "true"),
            "status_omits_edrpou": ("false", "true"), "status_omits_mode": ("false", "true"),
            "status_omits_shift": ("false", "false", "false", "true"), "status_omits_shift_dt": ("false", "true"),
            "status_omits_numbers": ("false", "true"), "online_value": ("0", "1"), "qr": ("link", "text", "empty"),
            "docno_scope": ("shift", "register"), "latency_ms": ("2", "5", "15")}
# How long a register remembers tags, and what its integration says of it, which is never more than is so. Dealt out in turn.
TAG_MEMORIES = (("shift", "SAME_SHIFT"), ("forever", "FOREVER"), ("none", "UNPROVEN"), ("forever", "SAME_SHIFT"),
                ("shift", "SAME_SHIFT"), ("forever", "FOREVER"))
EDRPOU = "12345678"  # of the simulator's registers
A_LOT_OF_CASH = 10**11


def fisid_of(register):
    return str(4000000000 + register)


class World:
    def __init__(self, options, contract, folder, simulator):
        self.options = options
        self.contract = contract
        self.folder = folder
        self.simulator = simulator
        self.random = random.Random(options.seed)
        self.gateway = None  # the one that runs now
        self.documents = {}
        self.receipts_told = 0
        self.calls = 0
        self.calls_lost = 0
        self.shifts_closed_in_doubt = 0
        self.wrong = []
        self.enough = asyncio.Event()  # no new story begins
        self.calls_over = asyncio.Event()  # and none goes on
        self.over = asyncio.Event()  # the books are compared, and nobody does anything any more
        self.begun = time.monotonic()

    def connect(self):
        channel = grpc.aio.insecure_channel(self.gateway.address, options=[
            ("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 50)])
        self.fiscalizations = self.contract.fiscalization_service_pb2_grpc.FiscalizationServiceStub(channel)
        self.integrations = self.contract.integration_service_pb2_grpc.IntegrationServiceStub(channel)
        return channel

    def progress(self):
        """From 0 to 1: of the receipts, or of the time, whichever is nearer to its end."""
        share = self.receipts_told / self.options.receipts
        if self.options.seconds:
            share = max(share, (time.monotonic() - self.begun) / self.options.seconds)
        return share

    def time_is_over(self):
        return bool(self.options.seconds) and time.monotonic() - self.begun >= self.options.seconds

    async def is_over_after(self, seconds):
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    async def register_service(self, method, path, body=None):
        return await asyncio.to_thread(self.simulator.call, method, path, body)

    def disagree(self, what):
        self.wrong.append(what)
        print(f"WRONG: {what}", flush=True)

    def state_of(self, fiscalization):
        return self.contract.fiscalization_pb2.FiscalizationState.Name(fiscalization.state).removeprefix(
            "FISCALIZATION_STATE_")

    def told(self, document, fiscalization):
        """An answer about the document: nothing that it says may take back what was said before."""
        state = self.state_of(fiscalization)
        if document.fiscalization_id not in (None, fiscalization.fiscalization_id):
            self.disagree(f"{document.name} was {document.fiscalization_id}, and is {fiscalization.fiscalization_id} now")
        if state == "FISCALIZED" and document.fiscal_number not in (None, fiscalization.receipt.fiscal_number):
            self.disagree(f"{document.name} had receipt {document.fiscal_number}, and now {fiscalization.receipt}")
        document.fiscalization_id = fiscalization.fiscalization_id
        document.state, document.last = state, fiscalization
        if state == "FISCALIZED":
            document.fiscal_number = fiscalization.receipt.fiscal_number
        return state

    # --- set-up

    async def set_up(self):
        c = self.contract
        for register in range(1, self.options.registers + 1):
            remembered, claimed = TAG_MEMORIES[register % len(TAG_MEMORIES)]
            switches = {name: self.random.choice(values) for name, values in SWITCHES.items()}
            switches["tag_memory"] = remembered
            await self.register_service("POST", "registers", {"fisid": fisid_of(register), "switches": switches,
                                                              "cash": A_LOT_OF_CASH})
            await self.integrations.CreateIntegration(c.integration_service_pb2.CreateIntegrationRequest(
                integration_id=f"r{register}", token=f"simulator-token-{register}",
                stated_register_fiscal_number=fisid_of(register), stated_edrpou=EDRPOU,
                stated_register_mode=c.register_pb2.REGISTER_MODE_TEST,
                integration=c.integration_pb2.Integration(
                    display_name=f"register {register}", legal_entity_id="tov-1", active=True,
                    tag_memory=c.integration_pb2.TagMemory.Value(f"TAG_MEMORY_{claimed}"),
                    doubt_policy=c.integration_pb2.DoubtPolicy.Value(f"DOUBT_POLICY_{self.random.choice(('HOLD', 'PARK'))}"),
                    default_payment_line=c.integration_pb2.DefaultPaymentLine(name="Оплата замовлення", tax_id="vat20"))),
                timeout=30)
            await self.integrations.UpdateMapping(c.mapping_pb2.UpdateMappingRequest(mapping=c.mapping_pb2.Mapping(
                integration_id=f"r{register}", taxes=[c.mapping_pb2.TaxMapping(tax_id="vat20", tax_group=1)],
                payment_methods=[c.mapping_pb2.PaymentMethodMapping(payment_method_id=method, payment_type=number)
                                 for method, number in (("cash", 0), ("card", 2), ("online", 16))])), timeout=30)

    async def plan_faults(self):
        """Each register fails in so many ways of its own; all ways are dealt out over the registers."""
        dealt, faults = [], []
        for register in range(1, self.options.registers + 1):
            listing = {**self.random.choice(LISTING_FAULTS), "call": self.random.choice(LISTING_CALLS)}
            faults.append({**listing, "fisid": fisid_of(register), "times": 0, "probability_percent": 10})
            for _ in range(FAULTS_A_REGISTER):
                if not dealt:
                    dealt = [*WIRE_FAULTS, *REGISTER_FAULTS, *REFUSALS, *slow_holds(self.options.time_scale)]
                    self.random.shuffle(dealt)
                faults.append({**dealt.pop(), "fisid": fisid_of(register), "times": 0, "probability_percent": 1})
        await self.register_service("POST", "faults", faults)
