#!/usr/bin/env python3
"""The real gateway with a long history: how soon it serves after kill -9, and how long the usual questions take.

    long_history.py --gateway-binary PATH --simulator-binary PATH [--fiscalizations N] [--folder PATH]

A sale and a refused sale are made by the gateway itself and then copied N times in the store's tables, one in 200 as
refused. Prints one line a figure. Fails when a start takes over a second, or a question longer than its bound, which does not
grow with N. With --folder the store is left there.
"""

import argparse
import contextlib
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract  # noqa: E402
from processes import Gateway, Simulator, ending  # noqa: E402
from shop import Shop  # noqa: E402

ONE_IN = 200  # is a refused one
START_S = 1.0
# What a page, a single row, or a list of few may take on a busy machine.
ANSWER_S = 1.0


def copy_rows(database, table, count, changed, where):
    """Copies the rows of `table` that `where` finds, once for each i of the table n; `changed`: column to expression."""
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in changed
               or changed[row[1]] is not None]
    values = ", ".join(changed.get(column) or f"t.{column}" for column in columns)
    database.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM n, {table} t WHERE {where}",
                     {"count": count})


def lengthen(store, count, sold, refused):
    """Adds `count` copies of the two documents, older than both."""
    with contextlib.closing(sqlite3.connect(store)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA journal_mode = OFF")
        number = {document_id: database.execute(
            "SELECT number FROM fiscalizations WHERE document_id = ?", (document_id,)).fetchone()[0]
                  for document_id in (sold, refused)}
        ids = {document_id: database.execute(
            "SELECT id FROM fiscalizations WHERE document_id = ?", (document_id,)).fetchone()[0]
               for document_id in (sold, refused)}
        database.execute("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, of INTEGER, id TEXT)")
        database.execute(
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?) INSERT INTO n SELECT 1000 + i,"
            f" CASE WHEN i % {ONE_IN} = 0 THEN ? ELSE ? END, CASE WHEN i % {ONE_IN} = 0 THEN ? ELSE ? END FROM c",
            (count, number[refused], number[sold], ids[refused], ids[sold]))
        # A second apart, the youngest an hour ago.
        ago = f"(3600 + {count} + 1000 - n.i) * 1000000"
        copy_rows(database, "fiscalizations", count, {
            "number": "n.i", "id": "'old-' || n.i", "document_id": "'old-' || n.i",
            "create_time": f"t.create_time - {ago}", "update_time": f"t.update_time - {ago}"}, "t.number = n.of")
        copy_rows(database, "contents", count, {"fiscalization": "n.i"}, "t.fiscalization = n.of")
        copy_rows(database, "receipts", count, {
            "fiscalization": "n.i", "fiscal_number": "'OLD-' || n.i", "time": f"t.time - {ago}"},
            "t.fiscalization = n.of")
        copy_rows(database, "exchanges", count, {"id": None, "fiscalization_id": "'old-' || n.i"},
                  "t.fiscalization_id = n.id")
        copy_rows(database, "changes", count, {"sequence": None, "fiscalization": "n.i"},
                  "t.fiscalization = n.of AND t.moved = 1")
        database.commit()


class Figures:
    def __init__(self):
        self.broken = []

    def add(self, what, seconds, bound=None):
        print(f"{what}: {seconds * 1000:.0f} ms", flush=True)
        if bound is not None and seconds > bound:
            self.broken.append(f"{what} took {seconds:.2f} s, over {bound} s")


def timed(call):
    """The answer and the best time of three: the first reads the disk, and the machine is not ours alone."""
    best = float("inf")
    for _ in range(3):
        begin = time.monotonic()
        answer = call()
        best = min(best, time.monotonic() - begin)
    return answer, best


def ask(contract, shop, count, sold, figures):
    service, receipts = contract.fiscalization_service_pb2, contract.receipt_service_pb2
    fiscalizations = contract.fiscalization_pb2

    def figure(what, call, bound=ANSWER_S):
        answer, seconds = timed(call)
        figures.add(what, seconds, bound)
        return answer

    page = figure("ListFiscalizations, first page of 100", lambda: shop.fiscalizations.ListFiscalizations(
        service.ListFiscalizationsRequest(page_size=100), timeout=60))
    assert len(page.fiscalizations) == 100
    figure("ListFiscalizations, second page", lambda: shop.fiscalizations.ListFiscalizations(
        service.ListFiscalizationsRequest(page_size=100, page_token=page.next_page_token), timeout=60))
    failed = figure("ListFiscalizations, failed ones", lambda: shop.fiscalizations.ListFiscalizations(
        service.ListFiscalizationsRequest(
            page_size=100, states=[fiscalizations.FISCALIZATION_STATE_FAILED]), timeout=60))
    assert len(failed.fiscalizations) == min(100, count // ONE_IN + 1)
    figure("ListFiscalizations, of an integration", lambda: shop.fiscalizations.ListFiscalizations(
        service.ListFiscalizationsRequest(page_size=100, integration_id="shop"), timeout=60))
    listed = figure("ListReceipts, first page of 100", lambda: shop.receipts.ListReceipts(
        receipts.ListReceiptsRequest(page_size=100, integration_id="shop"), timeout=60))
    assert len(listed.receipts) == 100
    figure("GetReceipt, by fiscal number", lambda: shop.receipts.GetReceipt(
        receipts.GetReceiptRequest(fiscal_number="OLD-1777"), timeout=60))
    figure("GetFiscalization", lambda: shop.fiscalizations.GetFiscalization(
        service.GetFiscalizationRequest(fiscalization_id="old-1777"), timeout=60))
    # Every failed one is a matter: their number counts here, and nothing else.
    figure("ListAttention, first page of 100", lambda: shop.integrations.ListAttention(
        contract.attention_pb2.ListAttentionRequest(page_size=100), timeout=60),
           ANSWER_S + count / ONE_IN * 20e-6)
    replayed = figure("FiscalizeSale, sent again", lambda: shop.sell(sold))
    assert replayed.fiscalization.receipt.fiscal_number
    sales = iter(range(3))
    figure("FiscalizeSale, new", lambda: shop.sell(f"new-{next(sales)}"))


def total(contract, shop, count, figures):
    request = contract.receipt_service_pb2.GetTotalsRequest(integration_id="shop")
    request.fiscal_time_from.FromSeconds(int(time.time()) - 3600 * 24 * 365)
    request.fiscal_time_before.FromSeconds(int(time.time()) + 3600)
    begin = time.monotonic()
    totals = shop.receipts.GetTotals(request, timeout=600)
    seconds = time.monotonic() - begin
    figures.add(f"GetTotals over {totals.totals.sale_count} receipts", seconds)
    assert totals.totals.sale_count >= count - count // ONE_IN, totals


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--fiscalizations", type=int, default=20000)
    parser.add_argument("--folder")
    options = parser.parse_args()
    figures = Figures()
    with contextlib.ExitStack() as stack:
        contract = Contract(pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kasa-stubs-"))))
        folder = pathlib.Path(options.folder or tempfile.mkdtemp(prefix="kasa-long-"))
        folder.mkdir(exist_ok=True)
        if not options.folder:
            stack.callback(shutil.rmtree, folder)
        simulator = stack.enter_context(ending(Simulator(options.simulator_binary, folder)))
        store = folder / "kasa.db"

        def start():
            begin = time.monotonic()
            gateway = stack.enter_context(ending(Gateway(options.gateway_binary, folder, simulator.url)))
            return gateway, Shop(contract, gateway.address), time.monotonic() - begin

        gateway, shop, _ = start()
        shop.set_up()
        shop.sell("sold")
        simulator.call("POST", "faults", [{"kind": "refusal", "res": 1107, "res_action": 3, "errortxt": "no", "task": 1}])
        refused = shop.sell("refused").fiscalization
        assert refused.state == contract.fiscalization_pb2.FISCALIZATION_STATE_FAILED, refused
        gateway.terminate()
        begin = time.monotonic()
        before = store.stat().st_size
        lengthen(store, options.fiscalizations, "sold", "refused")
        print(f"{options.fiscalizations} fiscalizations added in {time.monotonic() - begin:.0f} s,"
              f" {(store.stat().st_size - before) / options.fiscalizations:.0f} bytes each", flush=True)

        gateway, shop, seconds = start()
        figures.add("start after a clean end", seconds)
        for number in range(200):  # leaves a log, and two documents that are not finished
            shop.sell(f"more-{number}", wait_s=0)
        shop.sell("more", wait_s=60, timeout_s=90)  # behind all of these: the lane is free then
        simulator.call("POST", "faults", [{"kind": "hold", "duration_ms": 60000, "task": 1}])
        shop.sell("in flight", wait_s=1)
        shop.sell("waiting", wait_s=0)
        gateway.kill()
        print(f"log left by kill -9: {(folder / 'kasa.db-wal').stat().st_size} bytes", flush=True)
        for _ in range(3):
            gateway, shop, seconds = start()
            figures.add("start after kill -9", seconds, START_S)
            gateway.kill()
        gateway, shop, _ = start()
        doubt = shop.sell("in flight", wait_s=0).fiscalization
        assert doubt.state == contract.fiscalization_pb2.FISCALIZATION_STATE_IN_DOUBT, doubt
        simulator.call("DELETE", "faults")
        for what, flags in (("backup while it runs", ["--backup-to", str(folder / "backup.db")]),
                            ("check of the whole store", ["--check-store"])):
            begin = time.monotonic()
            subprocess.run([options.gateway_binary, "--store", str(store), *flags], check=True, capture_output=True)
            figures.add(what, time.monotonic() - begin)
        ask_of = Shop(contract, gateway.address)
        total(contract, ask_of, options.fiscalizations, figures)
        ask(contract, ask_of, options.fiscalizations, "sold", figures)
    for line in figures.broken:
        print(line, file=sys.stderr)
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
