#!/usr/bin/env python3
"""A day of two companies with three registers, through the real binaries, and the books compared at its end.

    day_in_the_life.py --gateway-binary PATH --simulator-binary PATH [--time-scale 0.01] [--seed 1] [--kills 1]

About 200 documents of every kind come from several callers at once, while the register fails now and then and the
gateway is killed (kill -9) in the middle: sales, returns in parts, payments of orders, online orders and parcels
with cash on delivery. What failed is sent again by a person. At the end ledger, store, totals and the history of a
watcher that was there all day must agree. Status 0 when they do.
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
import time
import zoneinfo

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract, Error  # noqa: E402
from processes import Gateway, Simulator, await_that, ending  # noqa: E402

KYIV = zoneinfo.ZoneInfo("Europe/Kyiv")
SYSTEM = "day"
CALLERS = 20
PATIENCE_S = 240
TAX = "vat20"
# integration -> its register and its legal entity; each is the default of its branch there
SHOPS = {"kyiv": (1, "tov-1"), "lviv": (2, "tov-1"), "odesa": (3, "fop-2")}
FAULTS = [
    {"kind": "no_answer_after_commit"}, {"kind": "no_answer_before_commit"}, {"kind": "cut_after_body", "committed": True},
    {"kind": "cut_after_body", "committed": False}, {"kind": "cut_mid_answer"}, {"kind": "http_status", "status": 500},
    {"kind": "http_status", "status": 503, "committed": True}, {"kind": "malformed"},
    {"kind": "refusal", "res": 1105, "res_action": 2, "committed": True}, {"kind": "refusal", "res": 1034, "res_action": 1},
    {"kind": "refusal", "res": 1110, "res_action": 3},
]
ARROWS = {(None, "ACCEPTED"), ("ACCEPTED", "SENDING"), ("ACCEPTED", "CANCELLED"), ("ACCEPTED", "FAILED"),
          ("SENDING", "ACCEPTED"), ("SENDING", "FISCALIZED"), ("SENDING", "FAILED"), ("SENDING", "IN_DOUBT"),
          ("IN_DOUBT", "SENDING"), ("IN_DOUBT", "FISCALIZED"), ("IN_DOUBT", "FAILED"), ("FAILED", "ACCEPTED"),
          ("CANCELLED", "ACCEPTED")}


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


class Watcher(threading.Thread):
    """Watches all day, and goes on from its cursor whenever the stream ends."""

    def __init__(self, day):
        super().__init__()
        self.day = day
        self.history = collections.defaultdict(list)  # fiscalization id -> states
        self.cursor = ""
        self.begun = threading.Event()
        self.over = threading.Event()
        self.trouble = None
        self.starts = 0

    def run(self):
        try:
            while not self.over.is_set():
                self.watch_once()
        except Exception as trouble:  # told by the audit
            self.trouble = trouble
            self.begun.set()

    def watch_once(self):
        c = self.day.contract
        self.starts += 1
        request = c.fiscalization_service_pb2.WatchFiscalizationsRequest(cursor=self.cursor)
        stream = self.day.fiscalizations.WatchFiscalizations(request)
        self.stream = stream
        try:
            for change in stream:
                if change.HasField("fiscalization"):
                    self.history[change.fiscalization.fiscalization_id].append(
                        self.day.state_of(change.fiscalization))
                self.cursor = change.cursor
                self.begun.set()
        except grpc.RpcError as error:
            if self.over.is_set():
                return
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                raise
            self.over.wait(0.05)

    def end(self):
        self.over.set()
        self.stream.cancel()
        self.join()


class Day:
    def __init__(self, options, contract, simulator, folder):
        self.options = options
        self.contract = contract
        self.simulator = simulator
        self.folder = folder
        self.today = datetime.datetime.now(KYIV).date()
        self.random = random.Random(options.seed)
        self.gateway = self.start_gateway("127.0.0.1:0")
        self.channel = grpc.insecure_channel(self.gateway.address, options=[
            ("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 50)])
        self.fiscalizations = contract.fiscalization_service_pb2_grpc.FiscalizationServiceStub(self.channel)
        self.integrations = contract.integration_service_pb2_grpc.IntegrationServiceStub(self.channel)
        self.receipts = contract.receipt_service_pb2_grpc.ReceiptServiceStub(self.channel)
        self.lock = threading.Lock()
        self.done = 0
        self.returned = collections.defaultdict(int)  # sale's fiscalization id -> what its returns come to
        self.whole = {}  # sale's fiscalization id -> its sum, of those that are returned whole

    def start_gateway(self, listen):
        return Gateway(self.options.gateway_binary, self.folder, self.simulator.url, "--time-scale",
                       str(self.options.time_scale), "--log-level", "warning", listen=listen)

    def state_of(self, fiscalization):
        return self.contract.fiscalization_pb2.FiscalizationState.Name(fiscalization.state).removeprefix(
            "FISCALIZATION_STATE_")

    # --- in the morning

    def set_up(self):
        c = self.contract
        for name, (register, entity) in SHOPS.items():
            self.integrations.CreateIntegration(c.integration_service_pb2.CreateIntegrationRequest(
                integration_id=name, token=f"simulator-token-{register}", integration=c.integration_pb2.Integration(
                    display_name=name, legal_entity_id=entity, branch_id=name, active=True, cashier_name="Олена",
                    is_default=True, default_payment_line=c.integration_pb2.DefaultPaymentLine(
                        name="Оплата замовлення", tax_id=TAX))), timeout=30)
            self.integrations.UpdateMapping(c.mapping_pb2.UpdateMappingRequest(mapping=c.mapping_pb2.Mapping(
                integration_id=name, taxes=[c.mapping_pb2.TaxMapping(tax_id=TAX, tax_group=1),
                                            c.mapping_pb2.TaxMapping(tax_id="none", tax_group=2)],
                payment_methods=[c.mapping_pb2.PaymentMethodMapping(payment_method_id=method, payment_type=number)
                                 for method, number in (("cash", 0), ("card", 2), ("online", 16), ("novapay", 20))])),
                timeout=30)
        a = c.automation_pb2
        for rule in (a.AutomationRule(rule_id="orders", integration_id="kyiv", source_system=SYSTEM, active=True,
                                      online_order=a.OnlineOrderRule(
                                          store_id="web", action=a.ONLINE_ORDER_ACTION_SALE, fiscalize=True,
                                          payment_method_id="online")),
                     a.AutomationRule(rule_id="parcels", integration_id="odesa", source_system=SYSTEM, active=True,
                                      cash_on_delivery=a.CashOnDeliveryRule(
                                          create_payment=True, fiscalize=True, payment_method_id="novapay"))):
            self.integrations.CreateAutomationRule(a.CreateAutomationRuleRequest(rule=rule), timeout=30)

    def plan_faults(self):
        faults = []
        for register, _ in SHOPS.values():
            for task, among in ((1, 40), (2, 20)):
                for fault in FAULTS:
                    faults.append({**fault, "fisid": str(4000000000 + register), "task": task,
                                   "after": self.random.randrange(among)})
        self.random.shuffle(faults)
        self.simulator.call("POST", "faults", faults)

    # --- documents

    def document(self, shop, order, lines, payments, **more):
        c = self.contract.document_pb2
        return c.Document(activated=True, document_date=self.today.isoformat(), currency_code="UAH",
                          legal_entity_id=SHOPS[shop][1], branch_id=shop, order_id=order,
                          lines=[c.Line(**line) for line in lines],
                          payments=[c.Payment(payment_method_id=method, amount_kopiykas=amount)
                                    for method, amount in payments], **more)

    def call_until_known(self, method, request):
        """As a careful caller does: the same again until the gateway itself answers."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                return method(request, timeout=30)
            except grpc.RpcError as error:
                read = Error(error)
                if read.info is not None and error.code() != grpc.StatusCode.UNAVAILABLE and read.retry_delay is None:
                    raise RuntimeError(f"{type(request).__name__}: {read} {error.details()}") from error
                time.sleep(0.05)
        raise TimeoutError(f"no answer to {request}")

    def settle(self, method, request):
        """Sends it until it is FISCALIZED; what failed is retried, as its user would."""
        request.max_wait.FromSeconds(5)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            fiscalization = self.call_until_known(method, request).fiscalization
            state = self.state_of(fiscalization)
            if state == "FISCALIZED":
                with self.lock:
                    self.done += 1
                return fiscalization
            if state == "FAILED":
                self.retry(fiscalization)
        raise TimeoutError(f"not settled: {fiscalization}")

    def retry(self, fiscalization):
        try:
            self.fiscalizations.RetryFiscalization(
                self.contract.fiscalization_service_pb2.RetryFiscalizationRequest(
                    fiscalization_id=fiscalization.fiscalization_id), timeout=30)
        except grpc.RpcError:
            pass  # the gateway was killed, or it was retried meanwhile: the document is sent again and tells

    def sell(self, name, shop, lines, payments, **more):
        request = self.contract.fiscalization_service_pb2.FiscalizeSaleRequest(
            document_id=name, source_system=SYSTEM, sale=self.document(shop, name, lines, payments, **more))
        return self.settle(self.fiscalizations.FiscalizeSale, request)

    def give_back(self, name, shop, sold, lines, payments):
        c = self.contract
        request = c.fiscalization_service_pb2.FiscalizeReturnRequest(
            document_id=name, source_system=SYSTEM,
            sales_return=self.document(shop, sold.order_id, lines, payments),
            original_sale=c.document_pb2.OriginalSale(document=sold.document))
        back = self.settle(self.fiscalizations.FiscalizeReturn, request)
        with self.lock:
            self.returned[sold.fiscalization_id] += back.draft.sum_kopiykas
        return back

    def pay(self, name, shop, order, amount, method):
        c = self.contract
        request = c.fiscalization_service_pb2.FiscalizePaymentRequest(
            payment_id=name, source_system=SYSTEM, direction=c.document_pb2.PAYMENT_DIRECTION_INCOMING,
            payment=self.document(shop, order, [], [(method, amount)], order_total_kopiykas=amount))
        return self.settle(self.fiscalizations.FiscalizePayment, request)

    # --- what happens in a day

    def plain_sale(self, number, shop):
        price = 1000 + 7 * number
        method = "cash" if number % 3 == 0 else "card"
        self.sell(f"sale-{number}", shop, [
            dict(name=f"Товар {number}", quantity_thousandths=1000, price_kopiykas=price, tax_id=TAX),
            dict(name="Пакет", quantity_thousandths=2000, price_kopiykas=333, tax_id="none")], [(method, price + 666)])

    def sale_given_back_in_parts(self, number, shop):
        """Three of one thing with a discount that does not divide, given back one by one."""
        price, discount = 3337 + number, 100 + number
        paid = 3 * price - discount
        line = dict(line_id="1", name=f"Крісло {number}", price_kopiykas=price, tax_id=TAX)
        sold = self.sell(f"parts-{number}", shop, [dict(line, quantity_thousandths=3000)], [("card", paid)],
                         discount_kopiykas=discount)
        before = 0
        for part in range(1, 4):
            so_far = half_up(paid * part, 3)
            self.give_back(f"parts-{number}-back-{part}", shop, sold,
                           [dict(name=line["name"], price_kopiykas=price, tax_id=TAX, quantity_thousandths=1000,
                                 original_line_id="1")], [("card", so_far - before)])
            before = so_far
        with self.lock:
            self.whole[sold.fiscalization_id] = paid

    def payment_of_an_order(self, number, shop):
        self.pay(f"pay-{number}", shop, f"order-{number}", 5000 + number, "cash" if number % 2 else "online")

    def payment_given_back(self, number, shop):
        amount = 7000 + 50 * number
        paid = self.pay(f"paid-{number}", shop, f"paid-order-{number}", amount, "cash")
        self.give_back(f"paid-{number}-back", shop, paid, [
            dict(name="Оплата замовлення", quantity_thousandths=1000, price_kopiykas=amount, tax_id=TAX)],
            [("cash", amount)])
        with self.lock:
            self.whole[paid.fiscalization_id] = amount

    def order_report(self, number):
        r, d = self.contract.report_pb2, self.contract.document_pb2
        amount = 12000 + number
        request = r.ReportOrderRequest(source_system=SYSTEM, order=r.OrderReport(
            order_id=f"web-{number}", store_id="web", revision=1, state=r.ORDER_STATE_OPEN, total_kopiykas=amount,
            received_kopiykas=amount, payment_confirmed=True, currency_code="UAH", branch_id="kyiv",
            legal_entity_id="tov-1", lines=[d.Line(name=f"Замовлене {number}", quantity_thousandths=1000,
                                                   price_kopiykas=amount, tax_id=TAX)]))
        self.settle_report(self.fiscalizations.ReportOrder, request)

    def delivery_report(self, number):
        r = self.contract.report_pb2
        request = r.ReportDeliveryRequest(source_system=SYSTEM, delivery=r.DeliveryReport(
            waybill_number=f"2045000{number}", order_id=f"parcel-order-{number}", revision=1, handed_over=True, paid=True,
            payment_confirmed=True, cash_on_delivery_kopiykas=9000 + number, order_total_kopiykas=9000 + number,
            currency_code="UAH", branch_id="odesa", legal_entity_id="fop-2"))
        self.settle_report(self.fiscalizations.ReportDelivery, request)

    def settle_report(self, method, request):
        request.max_wait.FromSeconds(5)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            result = self.call_until_known(method, request).result
            if not result.HasField("fiscalization"):
                raise RuntimeError(f"nothing was fiscalized: {result}")
            state = self.state_of(result.fiscalization)
            if state == "FISCALIZED":
                with self.lock:
                    self.done += 1
                return
            if state == "FAILED":
                self.retry(result.fiscalization)
        raise TimeoutError(f"not settled: {result}")

    def stories(self):
        shops = list(SHOPS)
        for number in range(60):
            yield self.plain_sale, (number, shops[number % 3])
        for number in range(24):
            yield self.sale_given_back_in_parts, (number, shops[number % 3])
        for number in range(14):
            yield self.payment_of_an_order, (number, shops[number % 3])
            yield self.payment_given_back, (number, shops[number % 3])
        for number in range(6):
            yield self.order_report, (number,)
            yield self.delivery_report, (number,)

    def live(self):
        stories = list(self.stories())
        self.random.shuffle(stories)
        killer = concurrent.futures.ThreadPoolExecutor(1).submit(self.kill_now_and_then)
        with concurrent.futures.ThreadPoolExecutor(CALLERS) as callers:
            for count, story in enumerate([callers.submit(tell, *of) for tell, of in stories], 1):
                story.result()
                if count % 40 == 0:
                    print(f"{count} of {len(stories)} stories told, {self.done} documents", flush=True)
        killer.result()

    def kill_now_and_then(self):
        for kill in range(self.options.kills):
            goal = 200 * (kill + 1) // (self.options.kills + 1)
            await_that(lambda: self.done >= goal, f"{goal} documents settled", PATIENCE_S)
            address = self.gateway.address
            self.gateway.kill()
            self.gateway = self.start_gateway(address)
            print(f"kill {kill + 1} of {self.options.kills}, at {self.done} documents", flush=True)

    # --- in the evening

    def all_fiscalizations(self):
        token = ""
        while True:
            page = self.fiscalizations.ListFiscalizations(
                self.contract.fiscalization_service_pb2.ListFiscalizationsRequest(page_size=50, page_token=token),
                timeout=30)
            yield from page.fiscalizations
            token = page.next_page_token
            if not token:
                return

    def audit(self, watcher):
        """Everything that disagrees, in words."""
        stored = {one.tag: one for one in self.all_fiscalizations()}
        ledger = self.simulator.call("GET", "ledger?bodies=false")["receipts"]
        wrong = [*self.ledger_against_store(ledger, stored), *self.returns_against_sales(),
                 *self.totals_against_ledger(ledger), *self.history_against_store(watcher, stored)]
        kinds = collections.Counter(
            self.contract.document_pb2.DocumentKind.Name(one.document.kind).removeprefix("DOCUMENT_KIND_")
            for one in stored.values())
        faults = sum(self.simulator.call("GET", "faults")["taken"].values())
        print(f"documents: {dict(kinds)}, faults taken: {faults}, the watcher began {watcher.starts} times")
        if len(stored) < 200 or set(kinds) != {"SALE", "RETURN", "PAYMENT"} or faults < 20:
            wrong.append("that was no day to speak of")
        return wrong

    def ledger_against_store(self, ledger, stored):
        told = set()
        for receipt in ledger:
            one = stored.get(receipt["tag"])
            if one is None or receipt["tag"] in told:
                yield f"the ledger has {receipt}, a second time or unknown"
                continue
            told.add(receipt["tag"])
            is_return = one.document.kind == self.contract.document_pb2.DOCUMENT_KIND_RETURN
            if self.state_of(one) != "FISCALIZED" or one.receipt.fiscal_number != receipt["fiscal_number"]:
                yield f"{one.document.document_id} is {self.state_of(one)}, the ledger has {receipt}"
            if (receipt["task"] == 2) != is_return or one.receipt.total_kopiykas != int(receipt["total"]):
                yield f"{one.document.document_id}: {one.receipt.total_kopiykas} in the store, {receipt} in the ledger"
        for tag in stored.keys() - told:
            yield f"{stored[tag].document.document_id} is {self.state_of(stored[tag])}, and the ledger has nothing"

    def returns_against_sales(self):
        for sale, paid in self.whole.items():
            if self.returned[sale] != paid:
                yield f"{sale}: {paid} was paid, {self.returned[sale]} was given back"

    def totals_against_ledger(self, ledger):
        midnight = datetime.datetime.combine(self.today, datetime.time(), KYIV)
        for name, (register, _) in SHOPS.items():
            request = self.contract.receipt_service_pb2.GetTotalsRequest(integration_id=name)
            request.fiscal_time_from.FromDatetime(midnight.astimezone(datetime.timezone.utc))
            request.fiscal_time_before.FromDatetime(
                (midnight + datetime.timedelta(days=2)).astimezone(datetime.timezone.utc))
            totals = self.receipts.GetTotals(request, timeout=30).totals
            mine = [one for one in ledger if one["fisid"] == str(4000000000 + register)]
            for task, count, amount in ((1, totals.sale_count, totals.sales_kopiykas),
                                        (2, totals.return_count, totals.returns_kopiykas)):
                sums = [int(one["total"]) for one in mine if one["task"] == task]
                if (len(sums), sum(sums)) != (count, amount):
                    yield f"{name}, task {task}: {count} over {amount} in the totals, {len(sums)} over {sum(sums)} in the ledger"
            compared = self.receipts.GetTotals(self.contract.receipt_service_pb2.GetTotalsRequest(
                integration_id=name, compare_with_register=True), timeout=60)
            if compared.differences or compared.in_doubt:
                yield f"{name}: the register's own report differs: {compared.differences}, {compared.in_doubt} in doubt"

    def history_against_store(self, watcher, stored):
        if watcher.trouble:
            yield f"the watcher: {watcher.trouble!r}"
        for one in stored.values():
            seen = watcher.history.get(one.fiscalization_id, [])
            steps = list(zip([None, *seen], seen))
            if not seen or seen[-1] != self.state_of(one):
                yield f"{one.document.document_id} is {self.state_of(one)}, the watcher saw {seen}"
            elif strange := [step for step in steps if step not in ARROWS]:
                yield f"{one.document.document_id}: the watcher saw {seen}, and no rule leads {strange}"
        unknown = watcher.history.keys() - {one.fiscalization_id for one in stored.values()}
        if unknown:
            yield f"the watcher saw what the store does not have: {unknown}"


def run(options, contract, folder):
    with ending(Simulator(options.simulator_binary, folder, "--registers", str(len(SHOPS)), "--seed",
                          str(options.seed))) as simulator:
        day = Day(options, contract, simulator, folder)
        watcher = Watcher(day)
        try:
            watcher.start()
            if not watcher.begun.wait(30):
                raise TimeoutError("the watcher's first heartbeat")
            day.set_up()
            day.plan_faults()
            day.live()
            stored = {one.fiscalization_id: day.state_of(one) for one in day.all_fiscalizations()}
            # The stream may be a moment behind the store.
            await_that(lambda: watcher.trouble or all(watcher.history[name][-1:] == [state]
                                                      for name, state in stored.items()), "the watcher saw all", 30)
            wrong = day.audit(watcher)
            watcher.end()
            status = day.gateway.terminate()
            if status != 0:
                wrong.append(f"the gateway ended with status {status} after SIGTERM")
            return wrong
        except BaseException:
            print((folder / "gateway.log").read_text()[-4000:], file=sys.stderr)
            raise
        finally:
            watcher.over.set()
            if day.gateway.process.poll() is None:
                day.gateway.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--time-scale", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kasa-day-") as name:
        folder = pathlib.Path(name)
        wrong = run(options, Contract(folder), folder)
    for one in wrong[:50]:
        print(f"WRONG: {one}", file=sys.stderr)
    print(f"{len(wrong)} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
