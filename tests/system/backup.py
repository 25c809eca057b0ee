#!/usr/bin/env python3
"""Backups of the real gateway's store while it works, and kill -9 in the middle of a backup, a commit and a start.

    backup.py --gateway-binary PATH --simulator-binary PATH [--seed N]
"""

import argparse
import contextlib
import pathlib
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract  # noqa: E402
from processes import Gateway, Simulator, await_that  # noqa: E402
from shop import Shop  # noqa: E402

OPTIONS = None
CONTRACT = None


class Load:
    """Callers that sell, one document after the other, and remember what was acknowledged."""

    def __init__(self, shop, prefix, callers=4):
        self.acknowledged = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(shop, f"{prefix}-{n}")) for n in range(callers)]
        for thread in self._threads:
            thread.start()

    def _run(self, shop, prefix):
        number = 0
        while not self._stop.is_set():
            document_id = f"{prefix}-{number}"
            number += 1
            try:
                shop.sell(document_id, wait_s=0, timeout_s=10)
            except grpc.RpcError:
                continue  # not known: it is asked for in the end
            with self._lock:
                self.acknowledged.add(document_id)

    def so_far(self):
        with self._lock:
            return set(self.acknowledged)

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.acknowledged


class Backup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kasa-backup-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = self.folder / "kasa.db"
        self.simulator = Simulator(OPTIONS.simulator_binary, self.folder)
        self.addCleanup(self.end, self.simulator)

    @staticmethod
    def end(process):
        if process.process.poll() is None:
            process.kill()

    def start(self):
        gateway = Gateway(OPTIONS.gateway_binary, self.folder, self.simulator.url, "--time-scale", "0.01")
        self.addCleanup(self.end, gateway)
        self.shop = Shop(CONTRACT, gateway.address)
        self.addCleanup(self.shop.close)
        return gateway

    def command(self, target):
        return [OPTIONS.gateway_binary, "--store", str(self.store), "--backup-to", str(target)]

    def back_up(self, target):
        return subprocess.run(self.command(target), capture_output=True, text=True, timeout=120, check=False)

    @staticmethod
    def documents_in(store):
        with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            return {row[0] for row in database.execute("SELECT document_id FROM fiscalizations")}

    def swell(self):
        """Makes the stopped store large enough that a copy takes a while: answers of look-ups, which nobody reads."""
        with contextlib.closing(sqlite3.connect(self.store)) as database:
            database.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)"
                " INSERT INTO exchanges (fiscalization_id, integration_id, register_fiscal_number, kind, tag, request,"
                " start_time, http_status, answer, outcome, in_flight, unexplained)"
                " SELECT 'none', '', '', 2, '', '', 0, 200, hex(randomblob(4000)), '', 0, 0 FROM n")
            database.commit()

    def test_a_backup_under_load_is_whole_and_has_all_that_was_acknowledged_before_it_began(self):
        self.start()
        self.shop.set_up()
        load = Load(self.shop, "so")
        await_that(lambda: len(load.so_far()) > 20, "some sales")
        for number in range(3):
            before = load.so_far()
            target = self.folder / f"backup-{number}.db"
            ended = self.back_up(target)
            self.assertEqual(ended.returncode, 0, ended.stderr)
            self.assertRegex(ended.stdout, r"backed up .*: \d+ bytes, sound, through change \d+")
            self.assertEqual(stat.S_IMODE(target.stat().st_mode), 0o600)
            copied = self.documents_in(target)
            self.assertEqual(before - copied, set())
        acknowledged = load.end()
        self.assertGreater(len(acknowledged), len(before), "selling went on meanwhile")
        self.assertEqual(sorted(path.name for path in self.folder.glob("*.partial*")), [])

    def test_a_backup_is_a_store_that_starts_and_finds_its_receipts(self):
        gateway = self.start()
        self.shop.set_up()
        first = self.shop.sell("so-1").fiscalization
        backup = self.folder / "backup.db"
        self.assertEqual(self.back_up(backup).returncode, 0)
        gateway.kill()
        for lost in ("kasa.db", "kasa.db-wal", "kasa.db-shm"):
            (self.folder / lost).unlink(missing_ok=True)
        shutil.copy(backup, self.store)
        self.start()
        again = self.shop.sell("so-1").fiscalization
        self.assertEqual(again.receipt.fiscal_number, first.receipt.fiscal_number)
        self.assertEqual(len(self.simulator.call("GET", "ledger")["receipts"]), 1)

    def test_a_backup_replaces_nothing_and_says_what_is_wrong(self):
        self.start().terminate()
        taken = self.folder / "taken.db"
        taken.write_text("somebody's")
        alien = self.folder / "alien.db"
        with contextlib.closing(sqlite3.connect(alien)) as database:
            database.execute("CREATE TABLE theirs (x)")
        cases = [
            (self.store, taken, "is there already"),
            (self.store, self.store, "is there already"),
            (self.store, self.folder / "nowhere" / "backup.db", "nowhere"),
            (self.folder / "none.db", self.folder / "backup.db", "there is no store"),
            (alien, self.folder / "backup.db", "not a store of Kasa Gateway"),
            (taken, self.folder / "backup.db", "not a store of Kasa Gateway"),
        ]
        for store, target, words in cases:
            with self.subTest(words):
                ended = subprocess.run([OPTIONS.gateway_binary, "--store", str(store), "--backup-to", str(target)],
                                       capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(ended.returncode, 2)
                self.assertIn(words, ended.stderr)
        self.assertEqual(taken.read_text(), "somebody's")
        self.assertFalse((self.folder / "backup.db").exists())

    def test_kill_9_in_the_middle_of_a_backup_leaves_no_half_of_one(self):
        gateway = self.start()
        self.shop.set_up()
        gateway.terminate()
        self.swell()
        self.start()
        load = Load(self.shop, "so", callers=2)
        target = self.folder / "backup.db"
        partial = self.folder / "backup.db.partial"
        with subprocess.Popen(self.command(target), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as backup:
            await_that(lambda: (partial.exists() and partial.stat().st_size > 0) or backup.poll() is not None,
                       "a copy under way")
            busy = self.back_up(target)  # two that write one file would spoil it
            backup.kill()
        if not target.exists():
            self.assertTrue(partial.exists())
        self.assertNotEqual(busy.returncode, 0)
        target.unlink(missing_ok=True)
        before = load.so_far()
        ended = self.back_up(target)  # writes over what the other one left
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertRegex(ended.stderr, r"copied \d+ of \d+ pages")
        self.assertEqual(before - self.documents_in(target), set())
        load.end()
        self.assertFalse(partial.exists())

    def test_kill_9_in_a_commit_and_in_a_start_loses_nothing_that_was_acknowledged(self):
        chance = random.Random(OPTIONS.seed)
        gateway = self.start()
        self.shop.set_up()
        acknowledged = set()
        for kill in range(8):
            load = Load(self.shop, f"so-{kill}")
            # Callers are always at work, so that some commit is under way at any moment.
            await_that(lambda: len(load.so_far()) >= 10, "some sales")
            time.sleep(chance.uniform(0, 0.1))
            gateway.kill()
            acknowledged |= load.end()
            for _ in range(3):
                with subprocess.Popen(gateway.process.args, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL) as cut_off:
                    time.sleep(chance.uniform(0, 0.15))
                    cut_off.kill()
            gateway = self.start()
        self.assertGreater(len(acknowledged), 50)
        tasks = {}

        def all_settled():
            # Doubt is settled by sending the same again; a document of ours is in the ledger once at most.
            page, states = "", {}
            while True:
                listed = self.shop.fiscalizations.ListFiscalizations(
                    CONTRACT.fiscalization_service_pb2.ListFiscalizationsRequest(page_size=500, page_token=page),
                    timeout=30)
                states.update({one.document.document_id: one for one in listed.fiscalizations})
                page = listed.next_page_token
                if not page:
                    break
            tasks.clear()
            tasks.update(states)
            done = CONTRACT.fiscalization_pb2.FISCALIZATION_STATE_FISCALIZED
            return all(one.state == done for one in states.values())

        await_that(all_settled, "everything has its receipt", timeout_s=120)
        self.assertEqual(acknowledged - set(tasks), set())
        numbers = [one.receipt.fiscal_number for one in tasks.values()]
        self.assertEqual(len(numbers), len(set(numbers)))
        in_ledger = [receipt["fiscal_number"] for receipt in self.simulator.call("GET", "ledger")["receipts"]]
        self.assertEqual(sorted(in_ledger), sorted(numbers))


def main():
    global OPTIONS, CONTRACT
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--seed", type=int, default=1)
    OPTIONS, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="kasa-stubs-") as name:
        CONTRACT = Contract(pathlib.Path(name))
        unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
