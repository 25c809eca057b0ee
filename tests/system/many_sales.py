#!/usr/bin/env python3
"""Many sales through the real binaries, with every fault of the simulator, and an audit of ledger against store.

    many_sales.py --gateway-binary PATH --simulator-binary PATH [--sales 1000] [--registers 20] [--callers 50]
                  [--kills 0] [--time-scale 0.01] [--seed 1]

Some sales are sent several times at once, some calls are cancelled mid-way, some fiscalizations are cancelled; with
--kills the gateway is killed (kill -9) so often meanwhile and started again on its store. Every duration of the
gateway is multiplied by --time-scale. At the end each document must have exactly one receipt with the right sum, or
be truthfully without one. Status 0 when it is so.
"""

import argparse
import collections
import concurrent.futures
import datetime
import pathlib
import random
import sys
import tempfile
import threading
import zoneinfo

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract, Error  # noqa: E402
from faults import REGISTER_FAULTS, WIRE_FAULTS, slow_holds  # noqa: E402
from processes import Gateway, Simulator, await_that, ending  # noqa: E402

TIMES_EACH_FAULT = 5
FINAL_PATIENCE_S = 240
SOURCE_SYSTEM = "many-sales"


def fisid_of(register):
    return str(4000000000 + register)


class Caller:
    """The stubs of one gateway address, made anew when the gateway is another process."""

    def __init__(self, contract, address):
        self.contract = contract
        self.channel = grpc.insecure_channel(address, options=[("grpc.max_reconnect_backoff_ms", 200),
                                                               ("grpc.initial_reconnect_backoff_ms", 50)])
        self.fiscalizations = contract.fiscalization_service_pb2_grpc.FiscalizationServiceStub(self.channel)
        self.integrations = contract.integration_service_pb2_grpc.IntegrationServiceStub(self.channel)


class Run:
    def __init__(self, options, contract, simulator, folder):
        self.options = options
        self.contract = contract
        self.simulator = simulator
        self.folder = folder
        self.random = random.Random(options.seed)
        self.today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).date().isoformat()
        self.gateway = self.start_gateway("127.0.0.1:0")
        self.caller = Caller(contract, self.gateway.address)
        self.done = 0
        self.lock = threading.Lock()
        self.over = threading.Event()

    def start_gateway(self, listen):
        return Gateway(self.options.gateway_binary, self.folder, self.simulator.url, "--time-scale",
                       str(self.options.time_scale), "--log-level", "warning", listen=listen)

    def set_up(self):
        c = self.contract
        for register in range(1, self.options.registers + 1):
            memory = "TAG_MEMORY_FOREVER" if register % 2 == 0 else "TAG_MEMORY_SAME_SHIFT"
            self.caller.integrations.CreateIntegration(c.integration_service_pb2.CreateIntegrationRequest(
                integration_id=f"r{register}", token=f"simulator-token-{register}",
                integration=c.integration_pb2.Integration(
                    display_name=f"register {register}", legal_entity_id="tov-1", active=True,
                    tag_memory=c.integration_pb2.TagMemory.Value(memory))), timeout=30)
            self.caller.integrations.UpdateMapping(c.mapping_pb2.UpdateMappingRequest(mapping=c.mapping_pb2.Mapping(
                integration_id=f"r{register}",
                taxes=[c.mapping_pb2.TaxMapping(tax_id="vat20", tax_group=1)],
                payment_methods=[c.mapping_pb2.PaymentMethodMapping(payment_method_id="card", payment_type=2),
                                 c.mapping_pb2.PaymentMethodMapping(payment_method_id="cash", payment_type=0)])),
                timeout=30)

    def plan_faults(self):
        """Each fault so often, dealt out over the registers, at moments drawn from the seed."""
        # What changes the shift or needs a person goes to registers whose tags are remembered for ever.
        faults = []
        everyone = list(range(1, self.options.registers + 1))
        remembering = [register for register in everyone if register % 2 == 0]
        sales_each = self.options.sales // self.options.registers
        for templates, registers in ((WIRE_FAULTS, everyone), (REGISTER_FAULTS, remembering)):
            dealt = [dict(template) for template in templates for _ in range(TIMES_EACH_FAULT)]
            self.random.shuffle(dealt)
            for i, fault in enumerate(dealt):
                fault.update(fisid=fisid_of(registers[i % len(registers)]), task=1,
                             after=self.random.randrange(max(1, sales_each * 3 // 4)))
                faults.append(fault)
        for i in range(TIMES_EACH_FAULT):
            faults.append({**slow_holds(self.options.time_scale)[i % 2], "fisid": fisid_of(everyone[i % len(everyone)]),
                           "task": 1, "after": self.random.randrange(max(1, sales_each * 3 // 4))})
        self.simulator.call("POST", "faults", faults)

    def heal_registers(self):
        """What a person would do meanwhile: unblock, and close a shift that is too long."""
        while not self.over.wait(0.3):
            for state in self.simulator.call("GET", "registers")["registers"]:
                if state.get("blocked"):
                    self.simulator.call("POST", "registers", {"fisid": state["fisid"], "blocked": False})
            for lane in self.lanes_paused_for("SHIFT_TOO_LONG", "REGISTER_REFUSED", "STS_REFUSED",
                                              "REGISTER_SERVICE_TROUBLE"):
                try:
                    self.simulator.call("POST", "registers", {"fisid": lane, "shift": "close"})
                except OSError:
                    pass  # closed already

    def lanes_paused_for(self, *reasons):
        try:
            listed = self.caller.integrations.ListIntegrations(
                self.contract.integration_service_pb2.ListIntegrationsRequest(page_size=1000), timeout=5)
        except grpc.RpcError:
            return []  # it was killed just now
        return [one.register_fiscal_number for one in listed.integrations
                if one.lane.reason in reasons and int(one.register_fiscal_number) % 2 == 0]

    def sale(self, number):
        c = self.contract
        register = number % self.options.registers + 1
        kopiykas = 1000 + number
        cash = number % 3 == 0
        payment = c.document_pb2.Payment(payment_method_id="cash" if cash else "card", amount_kopiykas=kopiykas)
        return c.fiscalization_service_pb2.FiscalizeSaleRequest(
            document_id=f"SO-{number}", source_system=SOURCE_SYSTEM,
            sale=c.document_pb2.Document(
                activated=True, document_date=self.today, currency_code="UAH", legal_entity_id="tov-1",
                integration_id=f"r{register}", order_id=f"O-{number}",
                lines=[c.document_pb2.Line(name=f"Товар {number}", quantity_thousandths=1000, price_kopiykas=kopiykas,
                                           tax_id="vat20")],
                payments=[payment]))

    def send_until_final(self, number):
        """As a careful caller does: the same document again until it is settled."""
        rng = random.Random(f"{self.options.seed}/{number}")
        request = self.sale(number)
        request.max_wait.FromSeconds(5)
        fiscalize = self.caller.fiscalizations.FiscalizeSale
        if rng.random() < 0.1:  # a caller that goes away mid-way
            call = fiscalize.future(request, timeout=30)
            self.over.wait(rng.random() * 0.05)
            call.cancel()
        if rng.random() < 0.1:  # a proxy that repeats
            for repeated in [fiscalize.future(request, timeout=30) for _ in range(3)]:
                repeated.add_done_callback(lambda _: None)
        cancels = rng.random() < 0.03
        final = {self.contract.fiscalization_pb2.FiscalizationState.Value(f"FISCALIZATION_STATE_{name}")
                 for name in ("FISCALIZED", "FAILED", "CANCELLED")}
        deadline = datetime.datetime.now() + datetime.timedelta(seconds=FINAL_PATIENCE_S)
        while datetime.datetime.now() < deadline:
            try:
                answer = fiscalize(request, timeout=30)
            except grpc.RpcError as error:
                if Error(error).info is not None and error.code() != grpc.StatusCode.UNAVAILABLE:
                    raise
                self.over.wait(0.1)
                continue
            if answer.fiscalization.state in final:
                with self.lock:
                    self.done += 1
                return
            if cancels:
                cancels = False
                try:
                    self.caller.fiscalizations.CancelFiscalization(
                        self.contract.fiscalization_service_pb2.CancelFiscalizationRequest(
                            fiscalization_id=answer.fiscalization.fiscalization_id), timeout=10)
                except grpc.RpcError:
                    pass  # too late, or the gateway was killed: either is fine
        raise TimeoutError(f"SO-{number} is not settled: {answer.fiscalization}")

    def kill_now_and_then(self):
        for kill in range(self.options.kills):
            goal = self.options.sales * (kill + 1) // (self.options.kills + 2)
            await_that(lambda: self.done >= goal or self.over.is_set(), f"{goal} sales settled", FINAL_PATIENCE_S)
            if self.over.is_set():
                raise RuntimeError("everything was settled before the last kill")
            address = self.gateway.address
            self.gateway.kill()
            self.gateway = self.start_gateway(address)
            print(f"kill {kill + 1} of {self.options.kills}, at {self.done} sales", flush=True)

    def work(self):
        helpers = [threading.Thread(target=self.heal_registers)]
        killer = concurrent.futures.ThreadPoolExecutor(1)
        for helper in helpers:
            helper.start()
        try:
            kills = killer.submit(self.kill_now_and_then)
            with concurrent.futures.ThreadPoolExecutor(self.options.callers) as callers:
                sent = [callers.submit(self.send_until_final, number) for number in range(self.options.sales)]
                for count, one in enumerate(sent, 1):
                    one.result()
                    if count % 200 == 0:
                        print(f"{count} of {self.options.sales} sales settled", flush=True)
            kills.result()
        finally:
            self.over.set()
            for helper in helpers:
                helper.join()

    def fiscalizations(self):
        token = ""
        while True:
            page = self.caller.fiscalizations.ListFiscalizations(
                self.contract.fiscalization_service_pb2.ListFiscalizationsRequest(page_size=1000, page_token=token),
                timeout=30)
            yield from page.fiscalizations
            token = page.next_page_token
            if not token:
                return

    def audit(self):
        """Everything that disagrees, in words."""
        state_name = self.contract.fiscalization_pb2.FiscalizationState.Name
        by_tag = collections.defaultdict(list)
        for receipt in self.simulator.call("GET", "ledger?bodies=false")["receipts"]:
            by_tag[receipt["tag"]].append(receipt)
        wrong = []
        states = collections.Counter()
        tags_of_issued = set()
        seen = set()
        for one in self.fiscalizations():
            state = state_name(one.state).removeprefix("FISCALIZATION_STATE_")
            states[state] += 1
            number = int(one.document.document_id.split("-")[1])
            seen.add(number)
            receipts = by_tag.get(one.tag, [])
            if state == "FISCALIZED":
                tags_of_issued.add(one.tag)
                expected = 1000 + number
                if number % 3 == 0:  # cash, rounded to 50 kopiykas, half up
                    expected = (expected + 25) // 50 * 50
                if [r["fiscal_number"] for r in receipts] != [one.receipt.fiscal_number]:
                    wrong.append(f"{one.document.document_id}: issued as {one.receipt.fiscal_number}, ledger {receipts}")
                elif int(receipts[0]["total"]) != expected or one.receipt.total_kopiykas != expected:
                    wrong.append(f"{one.document.document_id}: {expected} expected, ledger {receipts[0]['total']}, "
                                 f"store {one.receipt.total_kopiykas}")
            elif state in ("FAILED", "CANCELLED"):
                if receipts:
                    wrong.append(f"{one.document.document_id} is {state}, and the ledger has {receipts}")
            else:
                wrong.append(f"{one.document.document_id} is still {state}: {one.failure.reason} {one.failure.message}")
        if len(seen) != self.options.sales:
            wrong.append(f"{len(seen)} fiscalizations for {self.options.sales} documents")
        for tag in by_tag.keys() - tags_of_issued:
            wrong.append(f"the ledger has {by_tag[tag]}, which no fiscalization knows")
        requests = self.simulator.call("GET", "requests")
        for violation in requests["violations"]:
            # A gateway that was killed between an answer and its storing can't know what the answer bound it to.
            if self.options.kills == 0 or violation["kind"] == "two_in_flight":
                wrong.append(f"the register saw {violation}")
        taken = self.simulator.call("GET", "faults")["taken"]
        for kind in {fault["kind"] for fault in WIRE_FAULTS + REGISTER_FAULTS} | {"hold"}:
            if taken.get(kind, 0) < TIMES_EACH_FAULT:
                wrong.append(f"fault {kind} was taken {taken.get(kind, 0)} times, not {TIMES_EACH_FAULT}")
        print(f"states: {dict(states)}; faults taken: {sum(taken.values())} {dict(sorted(taken.items()))}")
        return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--sales", type=int, default=1000)
    parser.add_argument("--registers", type=int, default=20)
    parser.add_argument("--callers", type=int, default=50)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--time-scale", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kasa-many-sales-") as name:
        folder = pathlib.Path(name)
        contract = Contract(folder)
        with ending(Simulator(options.simulator_binary, folder, "--registers", str(options.registers), "--seed",
                              str(options.seed))) as simulator:
            run = Run(options, contract, simulator, folder)
            try:
                run.set_up()
                run.plan_faults()
                run.work()
                wrong = run.audit()
                status = run.gateway.terminate()
                if status != 0:
                    wrong.append(f"the gateway ended with status {status} after SIGTERM")
            except BaseException:
                print((folder / "gateway.log").read_text()[-4000:], file=sys.stderr)
                raise
            finally:
                if run.gateway.process.poll() is None:
                    run.gateway.kill()
    for one in wrong[:50]:
        print(f"WRONG: {one}", file=sys.stderr)
    print(f"{len(wrong)} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
