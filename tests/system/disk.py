#!/usr/bin/env python3
"""What the real gateway does when its disk is full, fails, is read-only, or gives back another page than was written.

    disk.py --gateway-binary PATH --simulator-binary PATH

A full and a read-only disk are small file systems of their own (tmpfs), for which the test has to be root, as for files
that become read-only (chattr +i); elsewhere these are left out, and say so.
"""

import argparse
import contextlib
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract  # noqa: E402
from processes import Gateway, Simulator, await_that  # noqa: E402
from shop import Shop, refuse  # noqa: E402

OPTIONS = None
CONTRACT = None
SERVING, NOT_SERVING = 1, 2


@contextlib.contextmanager
def small_disk(folder, megabytes):
    """A file system of that size in `folder`, or a skipped test where that is not allowed."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)],
                             capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        raise unittest.SkipTest(f"may not mount a file system here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def chattr(flag, files):
    return subprocess.run(["chattr", flag, *map(str, files)], capture_output=True, text=True, check=False)


def skip_without_immutable_files(folder):
    """Skips a test where chattr +i is not allowed, or does not stop who has the file open already, as on a tmpfs."""
    probe = folder / "immutable"
    with open(probe, "wb", buffering=0) as file:
        made = chattr("+i", [probe])
        try:
            file.write(b"x")
            stopped = False
        except OSError:
            stopped = True
        chattr("-i", [probe])
    probe.unlink()
    if not stopped:
        raise unittest.SkipTest(f"files can't be made read-only under who has them open: {made.stderr.strip() or 'no effect'}")


def details_of(error):
    """The ErrorInfo of a gRPC error and how long to wait, in seconds."""
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    for detail in rpc_status.from_call(error).details:
        detail.Unpack(info)
        detail.Unpack(retry)
    return info, retry.retry_delay.seconds


class Disk(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kasa-disk-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        self.simulator = Simulator(OPTIONS.simulator_binary, self.folder)
        self.addCleanup(self.end, self.simulator)
        self.states = CONTRACT.fiscalization_pb2

    @staticmethod
    def end(process):
        if process.process.poll() is None:
            process.kill()

    def start(self):
        gateway = Gateway(OPTIONS.gateway_binary, self.disk, self.simulator.url, "--installation-id-file",
                          str(self.folder / "installation-id"), "--request-timeout", "20s", "--hold-time", "20s")
        self.addCleanup(self.end, gateway)
        self.shop = Shop(CONTRACT, gateway.address)
        self.addCleanup(self.shop.close)
        self.health = self.shop.channel.unary_unary("/grpc.health.v1.Health/Check")
        return gateway

    def serving(self):
        return self.health(b"", timeout=10)[1]

    def lane(self):
        return self.shop.integrations.GetIntegration(CONTRACT.integration_service_pb2.GetIntegrationRequest(
            integration_id="shop"), timeout=10).integration.lane

    def receipts(self):
        return self.simulator.call("GET", "ledger")["receipts"]

    def assert_refused(self, document_id, reason):
        begin = time.monotonic()
        with self.assertRaises(grpc.RpcError) as refused:
            self.shop.sell(document_id, wait_s=0)
        self.assertLess(time.monotonic() - begin, 5, "refused, not left waiting")
        info, retry_s = details_of(refused.exception)
        self.assertEqual((refused.exception.code(), info.reason), (grpc.StatusCode.UNAVAILABLE, reason))
        self.assertGreater(retry_s, 0)
        return refused.exception.details()

    def sell_while_held(self):
        """A sale whose request is on the wire and stays there for some seconds; its answer comes by the thread."""
        self.simulator.call("POST", "faults", [{"kind": "hold", "duration_ms": 3000, "task": 1}])
        answers = []
        shop = self.shop

        def sell():
            with contextlib.suppress(grpc.RpcError):  # a gateway that is killed gives no answer
                answers.append(shop.sell("held", wait_s=60, timeout_s=90))

        caller = threading.Thread(target=sell)
        caller.start()
        await_that(lambda: any(one["in_flight"]
                               for one in self.simulator.call("GET", "requests")["registers"].values()), "on the wire")
        return caller, answers

    def check_trouble(self, begin, end, reason):
        """Nothing acknowledged is lost, nothing new is taken, and all goes on by itself."""
        self.shop.set_up()
        before = self.shop.sell("before").fiscalization
        self.assertEqual(before.state, self.states.FISCALIZATION_STATE_FISCALIZED)
        caller, answers = self.sell_while_held()
        begin()
        if reason == "STORE_UNAVAILABLE":
            # Whose commit fails first is answered when it is known how it ended; its caller does not wait that long.
            with self.assertRaises(grpc.RpcError) as not_known:
                self.shop.sell("refused-0", wait_s=0, timeout_s=3)
            self.assertIn(not_known.exception.code(),
                          (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE))
        for number in range(1, 4):
            self.assert_refused(f"refused-{number}", reason)
        await_that(lambda: self.serving() == NOT_SERVING, "not serving")
        # The register has answered by now, and its word is kept in memory: the lane says what it waits for.
        await_that(lambda: len(self.receipts()) == 2, "the register's receipt")
        await_that(lambda: self.lane().state == CONTRACT.register_pb2.LANE_STATE_PAUSED, "a lane that stands still")
        self.assertEqual((self.lane().reason, answers), (reason, []))
        again = self.shop.fiscalizations.GetFiscalization(CONTRACT.fiscalization_service_pb2.GetFiscalizationRequest(
            fiscalization_id=before.fiscalization_id), timeout=10).fiscalization
        self.assertEqual(again.receipt.fiscal_number, before.receipt.fiscal_number, "reading goes on")
        self.assertEqual(self.serving(), NOT_SERVING)
        end()
        await_that(lambda: self.serving() == SERVING, "serving again", timeout_s=30)
        caller.join()
        held = answers[0].fiscalization
        self.assertEqual((held.state, held.attempts), (self.states.FISCALIZATION_STATE_FISCALIZED, 1))
        for document_id in ("refused-0", "refused-1"):
            self.assertEqual(self.shop.sell(document_id).fiscalization.state,
                             self.states.FISCALIZATION_STATE_FISCALIZED)
        self.assertEqual(len(self.receipts()), 4)

    def test_a_full_disk(self):
        with small_disk(self.disk, 24):
            gateway = self.start()
            ballast = self.disk / "ballast"

            def fill():
                with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(4096))

            self.check_trouble(fill, ballast.unlink, "STORE_FULL")
            gateway.kill()

    def test_a_disk_that_fails(self):
        gateway = self.start()
        pid = gateway.process.pid
        unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        self.check_trouble(lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, unlimited[1])),
                           lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited), "STORE_UNAVAILABLE")

    def test_kill_9_while_the_disk_is_full_loses_nothing_that_was_acknowledged(self):
        with small_disk(self.disk, 24):
            gateway = self.start()
            self.shop.set_up()
            self.shop.sell("before")
            caller, _ = self.sell_while_held()
            with open(self.disk / "ballast", "wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            await_that(lambda: len(self.receipts()) == 2, "the register's receipt")
            gateway.kill()
            caller.join()
            (self.disk / "ballast").unlink()
            gateway = self.start()
            held = self.shop.sell("held", wait_s=1).fiscalization
            self.assertEqual(held.state, self.states.FISCALIZATION_STATE_IN_DOUBT)
            self.assertEqual(len(self.receipts()), 2)
            gateway.kill()

    def test_a_read_only_disk_is_refused_at_the_start(self):
        with small_disk(self.disk, 24):
            self.start().terminate()
            subprocess.run(["mount", "-o", "remount,ro", str(self.disk)], check=True)
            said = refuse(OPTIONS.gateway_binary, self.disk / "kasa.db", self.simulator.url, "--installation-id-file",
                          str(self.folder / "installation-id"))
            self.assertRegex(said, "[Rr]ead-only")
            subprocess.run(["mount", "-o", "remount,rw", str(self.disk)], check=True)
            self.start().terminate()

    def test_a_store_that_becomes_read_only_while_it_is_served(self):
        # A file system is not made read-only while a file of it is open for writing, so the files are.
        skip_without_immutable_files(self.disk)
        files = [self.disk / f"kasa.db{suffix}" for suffix in ("", "-wal")]
        self.start()
        self.addCleanup(chattr, "-i", files)
        self.check_trouble(lambda: self.assertEqual(chattr("+i", files).returncode, 0),
                           lambda: self.assertEqual(chattr("-i", files).returncode, 0), "STORE_UNAVAILABLE")
        log = (self.disk / "gateway.log").read_text()
        self.assertIn("store.trouble", log)
        self.assertIn("store.recovered", log)

    def test_a_read_only_file_that_is_mapped_may_end_the_process_and_loses_nothing(self):
        """SQLite writes to its -shm file through memory: where the kernel refuses that, it sends SIGBUS."""
        skip_without_immutable_files(self.disk)
        files = [self.disk / f"kasa.db{suffix}" for suffix in ("", "-wal", "-shm")]
        gateway = self.start()
        self.addCleanup(chattr, "-i", files)
        self.shop.set_up()
        before = self.shop.sell("before").fiscalization
        caller, _ = self.sell_while_held()
        self.assertEqual(chattr("+i", files).returncode, 0)
        for number in range(3):
            with self.assertRaises(grpc.RpcError):
                self.shop.sell(f"refused-{number}", wait_s=0, timeout_s=3)
        await_that(lambda: len(self.receipts()) == 2, "the register's receipt")
        if gateway.process.poll() is None:
            gateway.kill()
        else:
            self.assertEqual(gateway.process.returncode, -signal.SIGBUS)
        caller.join()
        refuse(OPTIONS.gateway_binary, self.disk / "kasa.db", self.simulator.url, "--installation-id-file",
               str(self.folder / "installation-id"))
        self.assertEqual(chattr("-i", files).returncode, 0)
        self.start()
        again = self.shop.sell("before").fiscalization
        self.assertEqual(again.receipt.fiscal_number, before.receipt.fiscal_number)
        held = self.shop.sell("held", wait_s=1).fiscalization
        self.assertEqual(held.state, self.states.FISCALIZATION_STATE_IN_DOUBT)
        self.assertEqual(len(self.receipts()), 2)

    def damage(self, table):
        """Overwrites the root page of a table in the store's file."""
        store = self.disk / "kasa.db"
        with contextlib.closing(sqlite3.connect(store)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            page_size = database.execute("PRAGMA page_size").fetchone()[0]
            page = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
        with open(store, "r+b") as file:
            file.seek((page - 1) * page_size)
            file.write(bytes([0x5A]) * page_size)

    def test_a_damaged_page_ends_the_issuing_until_the_store_is_restored(self):
        gateway = self.start()
        self.shop.set_up()
        self.shop.sell("before")
        backup = self.folder / "backup.db"
        subprocess.run([OPTIONS.gateway_binary, "--store", str(self.disk / "kasa.db"), "--backup-to", str(backup)],
                       check=True, capture_output=True)
        gateway.terminate()
        self.damage("contents")

        gateway = self.start()
        # Whoever comes first meets it; from then on nobody's document is taken, nor sent.
        with self.assertRaises(grpc.RpcError):
            self.shop.sell("lost", wait_s=0)
        self.assertIn("damaged", self.assert_refused("refused", "STORE_UNAVAILABLE"))
        await_that(lambda: self.serving() == NOT_SERVING, "not serving")
        self.assertEqual(len(self.receipts()), 1)
        gateway.terminate()
        self.assertIn("store.damaged", (self.disk / "gateway.log").read_text())

        checked = subprocess.run([OPTIONS.gateway_binary, "--store", str(self.disk / "kasa.db"), "--check-store"],
                                 capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 2)
        said = refuse(OPTIONS.gateway_binary, self.disk / "kasa.db", self.simulator.url, "--installation-id-file",
                      str(self.folder / "installation-id"))
        self.assertRegex(said, "damaged.*Restore it from a backup")

        for lost in ("kasa.db", "kasa.db-wal", "kasa.db-shm"):
            (self.disk / lost).unlink(missing_ok=True)
        shutil.copy(backup, self.disk / "kasa.db")
        self.start()
        self.assertFalse(os.path.exists(self.disk / "kasa.db.damaged"))
        self.assertEqual(self.shop.sell("before").fiscalization.state, self.states.FISCALIZATION_STATE_FISCALIZED)
        self.assertEqual(self.shop.sell("after").fiscalization.state, self.states.FISCALIZATION_STATE_FISCALIZED)
        self.assertEqual(len(self.receipts()), 2)


def main():
    global OPTIONS, CONTRACT
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    OPTIONS, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="kasa-stubs-") as name:
        CONTRACT = Contract(pathlib.Path(name))
        unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
