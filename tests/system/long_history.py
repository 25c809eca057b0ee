#!/usr/bin/env python3
"""The real gateway with a long history: how soon it serves after kill -9, and how long the usual questions take.

    long_history.py --gateway-binary PATH --simulator-binary PATH [--fiscalizations N] [--a-day N] [--serves-within S]
                    [--folder PATH]

A document of each kind is made by the gateway itself and then copied in the store's tables (long_store.py), at first
few times, then until there are N. Everything is asked of both stores. Fails when a start, or an answer about what is
no more in the longer one, takes several times as long there, or when no start after kill -9 serves within S seconds (1).
Prints one line a figure. With --folder the store is left there.
"""

import argparse
import contextlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract  # noqa: E402
from long_store import ALL_KINDS, IN_200, LongStore  # noqa: E402
from processes import Gateway, Simulator, await_that, ending, resident_kib  # noqa: E402
from shop import Shop  # noqa: E402

FEW = 1000
# What is asked of a short store may take so many times as long of a long one, and so much more on a machine that does
# other things too.
TIMES = 5
MORE_S = 0.2
DEEP = 100_000
START = "start after kill -9, to health SERVING"
QUICKLY = ("--time-scale", "0.01")  # of doubts


class Figures:
    """What was measured of one store."""

    def __init__(self, length):
        self.length = length
        self.seconds = {}

    def add(self, what, seconds):
        self.seconds[what] = min(seconds, self.seconds.get(what, seconds))

    def best_of(self, what, call, times=5):
        """The first time reads the disk, and the machine is not ours alone."""
        for _ in range(times):
            begin = time.monotonic()
            answer = call()
            self.add(what, time.monotonic() - begin)
        return answer


def compare(few, many):
    """Prints both, and says what took too much longer."""
    slower = []
    for what, seconds in many.seconds.items():
        # A list may have one page there.
        before = few.seconds.get(what, few.seconds.get(what.replace("deep", "first")))
        print(f"{what:60} {before * 1000:10.1f} ms {seconds * 1000:10.1f} ms", flush=True)
        if seconds > before * TIMES + MORE_S:
            slower.append(f"{what}: {seconds:.2f} s with {many.length}, {before:.2f} s with {few.length}")
    return slower


class Asker:
    """Asks one gateway everything whose answer is as large with a long store as with a short one."""

    def __init__(self, contract, address, length, figures):
        self.contract = contract
        self.shop = Shop(contract, address)
        self.length = length
        self.figures = figures

    def pages(self, what, method, request, items, smallest=1):
        """The first page of 100, and one from the middle of the list."""
        request.page_size = 100
        first = self.figures.best_of(f"{what}, first page", lambda: method(request, timeout=60))
        found = len(getattr(first, items))
        assert found >= smallest, (what, found)
        if not first.next_page_token:
            return
        request.page_size = 1000
        token, walked = None, 0
        while token is None or walked < min(self.length // 2, DEEP):
            request.page_token = token or ""
            page = method(request, timeout=60)
            walked += 1000
            if not page.next_page_token:
                break
            token = page.next_page_token
        if token:
            request.page_token = token
            request.page_size = 100
            self.figures.best_of(f"{what}, deep page", lambda: method(request, timeout=60))

    def lists(self):
        service = self.contract.fiscalization_service_pb2
        state = self.contract.fiscalization_pb2.FiscalizationState
        kind = self.contract.document_pb2
        middle = int(time.time()) - 3600 - 86400
        for what, fields, smallest in (
                ("of all", {}, 100),
                ("of an integration", {"integration_id": "shop"}, 100),
                ("of a register", {"register_fiscal_number": "4000000002"}, 100),
                ("failed ones", {"states": [state.Value("FISCALIZATION_STATE_FAILED")]}, 1),
                ("not completed", {"not_completed": True}, 1),
                ("accepted ones", {"states": [state.Value("FISCALIZATION_STATE_ACCEPTED")]}, 0),
                ("cancelled ones", {"states": [state.Value("FISCALIZATION_STATE_CANCELLED")]}, 0),
                ("failed ones of an integration", {
                    "states": [state.Value("FISCALIZATION_STATE_FAILED")], "integration_id": "shop"}, 1),
                ("failed ones of another", {
                    "states": [state.Value("FISCALIZATION_STATE_FAILED")], "integration_id": "other"}, 0),
                ("with a reason", {"reason": "REGISTER_REFUSED"}, 0),
                ("with a reason that none has", {"reason": "TOKEN_REFUSED"}, 0),
                ("of an order", {"order_id": "ordered"}, 1),
                ("of returns", {"kind": kind.DOCUMENT_KIND_RETURN}, 1),
                ("of payments of another integration", {
                    "kind": kind.DOCUMENT_KIND_PAYMENT, "integration_id": "other"}, 0),
                ("of a source system", {"source_system": "shop"}, 100),
                ("of a source system that none has", {"source_system": "no such"}, 0)):
            request = service.ListFiscalizationsRequest(**fields)
            self.pages(f"ListFiscalizations {what}", self.shop.fiscalizations.ListFiscalizations, request,
                       "fiscalizations", smallest)
        request = service.ListFiscalizationsRequest()
        request.create_time_from.FromSeconds(middle)
        self.pages("ListFiscalizations of a period", self.shop.fiscalizations.ListFiscalizations, request,
                   "fiscalizations")
        receipts = self.contract.receipt_service_pb2
        for what, fields, smallest in (
                ("of all", {}, 100),
                ("of an integration", {"integration_id": "shop"}, 100),
                ("of a register", {"register_fiscal_number": "4000000002"}, 100),
                ("of an order", {"order_id": "ordered"}, 1),
                ("of returns", {"kind": kind.DOCUMENT_KIND_RETURN}, 1),
                ("of returns of another integration", {
                    "kind": kind.DOCUMENT_KIND_RETURN, "integration_id": "other"}, 0)):
            self.pages(f"ListReceipts {what}", self.shop.receipts.ListReceipts,
                       receipts.ListReceiptsRequest(**fields), "receipts", smallest)

    def single_ones(self):
        service, receipts = self.contract.fiscalization_service_pb2, self.contract.receipt_service_pb2
        best = self.figures.best_of
        found = best("GetReceipt by fiscal number", lambda: self.shop.receipts.GetReceipt(
            receipts.GetReceiptRequest(fiscal_number="OLD-1777"), timeout=60)).receipt
        best("GetFiscalization", lambda: self.shop.fiscalizations.GetFiscalization(
            service.GetFiscalizationRequest(fiscalization_id=found.fiscalization_id), timeout=60))
        best("ListExchanges", lambda: self.shop.fiscalizations.ListExchanges(
            self.contract.exchange_pb2.ListExchangesRequest(fiscalization_id=found.fiscalization_id), timeout=60))
        best("Watch, to its first message", self.watch)
        best("GetReadiness", lambda: self.shop.integrations.GetReadiness(
            self.contract.readiness_pb2.GetReadinessRequest(integration_id="shop"), timeout=60))
        replayed = best("FiscalizeSale, sent again", lambda: self.shop.sell("sold"))
        assert replayed.fiscalization.receipt.fiscal_number
        numbers = iter(range(1000))
        best("FiscalizeSale, new", lambda: self.fiscalized(f"new-{self.length}-{next(numbers)}"))
        best("FiscalizeSale, new in an order", lambda: self.fiscalized(
            f"new-{self.length}-{next(numbers)}", order_id=f"new-order-{next(numbers)}"))

    def fiscalized(self, document_id, **more):
        sold = self.shop.sell(document_id, **more).fiscalization
        assert sold.state == self.contract.fiscalization_pb2.FISCALIZATION_STATE_FISCALIZED, sold

    def watch(self):
        stream = self.shop.fiscalizations.WatchFiscalizations(
            self.contract.fiscalization_service_pb2.WatchFiscalizationsRequest(), timeout=60)
        next(stream)
        stream.cancel()

    def totals(self, what, days_ago, days):
        request = self.contract.receipt_service_pb2.GetTotalsRequest(integration_id="shop")
        before = int(time.time()) - days_ago * 86400
        request.fiscal_time_from.FromSeconds(before - days * 86400)
        request.fiscal_time_before.FromSeconds(before)
        totals = self.figures.best_of(
            f"GetTotals of {what}", lambda: self.shop.receipts.GetTotals(request, timeout=600), times=3).totals
        return totals.sale_count + totals.return_count

    def attention(self):
        """What failed is a matter for a person, so that here the answer grows."""
        return self.figures.best_of("ListAttention, first page", lambda: self.shop.integrations.ListAttention(
            self.contract.attention_pb2.ListAttentionRequest(page_size=100), timeout=60))


class Run:
    def __init__(self, options, stack):
        self.options = options
        self.stack = stack
        self.contract = Contract(pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kasa-stubs-"))))
        self.folder = pathlib.Path(options.folder or tempfile.mkdtemp(prefix="kasa-long-"))
        self.folder.mkdir(exist_ok=True)
        if not options.folder:
            stack.callback(shutil.rmtree, self.folder)
        self.simulator = stack.enter_context(ending(
            Simulator(options.simulator_binary, self.folder, "--registers", "2")))
        self.store = self.folder / "kasa.db"

    def start(self, *flags):
        """The gateway, once its health is SERVING, and how long that took."""
        begin = time.monotonic()
        gateway = self.stack.enter_context(ending(Gateway(
            self.options.gateway_binary, self.folder, self.simulator.url, "--log-level", "warning", *flags)))
        shop = Shop(self.contract, gateway.address)
        health = shop.channel.unary_unary("/grpc.health.v1.Health/Check")
        await_that(lambda: health(b"", timeout=10) == b"\x08\x01", "health is SERVING", pause_s=0.002)
        seconds = time.monotonic() - begin
        return gateway, shop, seconds

    def make_originals(self):
        gateway, shop, _ = self.start()
        shop.set_up()
        shop.set_up("other", "simulator-token-2")
        for kind in ALL_KINDS:
            if kind == "refused":
                self.simulator.call("POST", "faults", [
                    {"kind": "refusal", "res": 1107, "res_action": 3, "errortxt": "no", "task": 1}])
            made = {"back": lambda: shop.give_back("back", "sold"), "paid": lambda: shop.pay("paid"),
                    "other": lambda: shop.sell("other", integration_id="other"),
                    "ordered": lambda: shop.sell("ordered", order_id="ordered")}.get(
                        kind, lambda kind=kind: shop.sell(kind))().fiscalization
            state = self.contract.fiscalization_pb2.FiscalizationState.Name(made.state)
            assert state == f"FISCALIZATION_STATE_{'FAILED' if kind == 'refused' else 'FISCALIZED'}", made
        assert gateway.terminate() == 0

    def measure(self, length):
        figures = Figures(length)
        gateway, shop, _ = self.start()
        for number in range(200):  # leaves a log, and two documents that are not finished
            shop.sell(f"more-{length}-{number}", wait_s=0)
        shop.sell(f"more-{length}", wait_s=60, timeout_s=90)  # behind all of these: the lane is free then
        self.simulator.call("POST", "faults", [{"kind": "hold", "duration_ms": 4000, "task": 1}])
        shop.sell(f"in-flight-{length}", wait_s=1)
        shop.sell(f"waiting-{length}", wait_s=0)
        gateway.kill()
        print(f"log left by kill -9: {self.store.with_name('kasa.db-wal').stat().st_size} bytes", flush=True)
        for _ in range(3):
            gateway, shop, seconds = self.start()
            figures.add(START, seconds)
            in_doubt = shop.sell(f"in-flight-{length}", wait_s=0).fiscalization
            assert in_doubt.state == self.contract.fiscalization_pb2.FISCALIZATION_STATE_IN_DOUBT, in_doubt
            gateway.kill()
        self.simulator.call("DELETE", "faults")
        # The doubt holds the register's lane until it is settled, which takes minutes in a real one.
        gateway, shop, _ = self.start(*QUICKLY)
        for document_id in (f"in-flight-{length}", f"waiting-{length}"):
            Asker(self.contract, gateway.address, length, figures).fiscalized(document_id)
        gateway.kill()
        gateway, _, _ = self.start()
        asker = Asker(self.contract, gateway.address, length, figures)
        asker.single_ones()
        asker.lists()
        for what, days_ago, days in (("a day", 1, 1), ("a month", 0, 30), ("ten years", 0, 3650)):
            counted = asker.totals(what, days_ago, days)
            print(f"receipts of {what}: {counted}", flush=True)
        # Of the shop are all but those of the other integration, and those that were refused.
        assert counted >= length * (200 - IN_200["other"] - IN_200["refused"]) // 200, counted
        asker.attention()
        print(f"resident: {resident_kib(gateway)} KiB", flush=True)
        for what, flags in (("backup while it runs", ["--backup-to", str(self.folder / f"backup-{length}.db")]),
                            ("check of the whole store", ["--check-store"])):
            begin = time.monotonic()
            subprocess.run([self.options.gateway_binary, "--store", str(self.store), *flags], check=True,
                           capture_output=True)
            print(f"{what}: {time.monotonic() - begin:.2f} s", flush=True)
        assert gateway.terminate() == 0
        return figures

    def run(self):
        self.make_originals()
        store = LongStore(self.store, self.options.a_day)
        measured = []
        for length in (FEW, self.options.fiscalizations):
            before = self.store.stat().st_size
            begin = time.monotonic()
            added = length - store.length
            store.lengthen(length)
            print(f"{added} fiscalizations added in {time.monotonic() - begin:.0f} s,"
                  f" {(self.store.stat().st_size - before) / added:.0f} bytes each", flush=True)
            measured.append(self.measure(length))
        return compare(*measured) + self.late_starts(measured)

    def late_starts(self, measured):
        """The best of three starts counts: the machine does other things too."""
        return [f"{START}: {figures.seconds[START]:.2f} s with {figures.length}, {self.options.serves_within} s promised"
                for figures in measured if figures.seconds[START] > self.options.serves_within]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--fiscalizations", type=int, default=20000)
    parser.add_argument("--a-day", type=int, default=5000)
    parser.add_argument("--serves-within", type=float, default=1)
    parser.add_argument("--folder")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        wrong = Run(options, stack).run()
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
