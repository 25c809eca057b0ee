#!/usr/bin/env python3
"""How the gateway starts, refuses to start, and ends: the real binary as an operator meets it.

    manners.py --gateway-binary PATH --simulator-binary PATH
"""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import unittest
import zoneinfo

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract  # noqa: E402
from processes import Gateway, Simulator, await_that  # noqa: E402

OPTIONS = None
CONTRACT = None
TOKEN = "simulator-token-1"
PHONE = "+380671234567"
EMAIL = "olena@example.com"


class Manners(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kasa-manners-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.simulator = Simulator(OPTIONS.simulator_binary, self.folder)
        self.addCleanup(self.end, self.simulator)

    @staticmethod
    def end(process):
        if process.process.poll() is None:
            process.kill()

    def start(self, *flags):
        gateway = Gateway(OPTIONS.gateway_binary, self.folder, self.simulator.url, *flags)
        self.addCleanup(self.end, gateway)
        return gateway

    def refuse(self, *flags, store=None, environment=None):
        """Starts the gateway, which must end by itself and say why; what it said."""
        command = [OPTIONS.gateway_binary, "--store", str(store or self.folder / "kasa.db"), "--vchasno-url",
                   self.simulator.url, "--listen", "127.0.0.1:0", *flags]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                               env={**os.environ, **(environment or {})})
        self.assertNotEqual(ended.returncode, 0)
        self.assertNotIn("listening on", ended.stdout)
        return ended.stderr + ended.stdout

    def stubs(self, gateway):
        channel = grpc.insecure_channel(gateway.address)
        self.addCleanup(channel.close)
        return (CONTRACT.integration_service_pb2_grpc.IntegrationServiceStub(channel),
                CONTRACT.fiscalization_service_pb2_grpc.FiscalizationServiceStub(channel))

    def set_up_integration(self, integrations):
        integrations.CreateIntegration(CONTRACT.integration_service_pb2.CreateIntegrationRequest(
            integration_id="shop", token=TOKEN,
            integration=CONTRACT.integration_pb2.Integration(
                legal_entity_id="tov-1", active=True, send_sms=True, send_email=True)), timeout=30)
        integrations.UpdateMapping(CONTRACT.mapping_pb2.UpdateMappingRequest(mapping=CONTRACT.mapping_pb2.Mapping(
            integration_id="shop", taxes=[CONTRACT.mapping_pb2.TaxMapping(tax_id="vat20", tax_group=1)],
            payment_methods=[CONTRACT.mapping_pb2.PaymentMethodMapping(payment_method_id="card", payment_type=2)])),
            timeout=30)

    def a_request_is_on_the_wire(self):
        return any(one["in_flight"] for one in self.simulator.call("GET", "requests")["registers"].values())

    def sale(self, document_id, wait_s):
        document = CONTRACT.document_pb2
        request = CONTRACT.fiscalization_service_pb2.FiscalizeSaleRequest(
            document_id=document_id, source_system="manners",
            sale=document.Document(
                activated=True, currency_code="UAH", legal_entity_id="tov-1", integration_id="shop",
                document_date=datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).date().isoformat(),
                lines=[document.Line(name="Кава", quantity_thousandths=1000, price_kopiykas=4500, tax_id="vat20")],
                payments=[document.Payment(payment_method_id="card", amount_kopiykas=4500)],
                buyer=document.Buyer(phone=PHONE, email=EMAIL)))
        request.max_wait.FromSeconds(wait_s)
        return request

    def test_help_tells_every_flag(self):
        ended = subprocess.run([OPTIONS.gateway_binary, "--help"], capture_output=True, text=True, check=False)
        self.assertEqual(ended.returncode, 0)
        for flag in ("--listen", "--store", "--vchasno-url", "--request-timeout", "--hold-time"):
            self.assertIn(flag, ended.stdout)

    def test_a_plaintext_listener_beyond_loopback_is_refused(self):
        for address in ("0.0.0.0:0", "[::]:0", "192.168.1.5:50051"):
            with self.subTest(address):
                self.assertIn("loopback", self.refuse("--listen", address))

    def test_a_store_that_is_in_use_is_refused(self):
        self.start()
        self.assertIn("kasa.db", self.refuse())

    def test_a_port_that_is_taken_is_refused(self):
        gateway = self.start()
        self.refuse("--listen", gateway.address, store=self.folder / "other.db")

    def test_a_store_of_a_newer_version_is_refused_and_left_alone(self):
        self.start().terminate()
        with sqlite3.connect(self.folder / "kasa.db") as store:
            store.execute("PRAGMA user_version = 9999")
        store.close()
        self.assertIn("newer", self.refuse())

    def test_what_is_no_store_of_ours_is_refused_and_left_alone(self):
        alien = self.folder / "alien.db"
        with sqlite3.connect(alien) as store:
            store.execute("CREATE TABLE theirs (x)")
        store.close()
        before = alien.read_bytes()
        self.refuse(store=alien)
        self.assertEqual(alien.read_bytes(), before)

    def test_without_the_time_zone_of_kyiv_it_does_not_start(self):
        empty = self.folder / "zoneinfo"
        empty.mkdir()
        self.assertIn("Kyiv", self.refuse(environment={"TZDIR": str(empty)}))

    def test_a_hold_time_under_the_time_out_is_refused(self):
        self.assertIn("hold time", self.refuse("--hold-time", "10s", "--request-timeout", "20s"))

    def test_plain_http_to_another_machine_is_refused(self):
        self.refuse("--vchasno-url", "http://kasa.example.com")

    def test_health_and_reflection_answer(self):
        gateway = self.start()
        with grpc.insecure_channel(gateway.address) as channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            self.assertEqual(check(b"", timeout=10), b"\x08\x01")  # SERVING

    def test_sigterm_finishes_what_is_in_flight_and_loses_nothing(self):
        gateway = self.start()
        integrations, fiscalizations = self.stubs(gateway)
        self.set_up_integration(integrations)
        fiscalizations.FiscalizeSale(self.sale("first", 30), timeout=40)
        self.simulator.call("POST", "faults", [{"kind": "hold", "duration_ms": 1500, "task": 1}])
        answered = {}

        def send(document_id):
            try:
                answered[document_id] = fiscalizations.FiscalizeSale(self.sale(document_id, 30), timeout=40)
            except grpc.RpcError as error:
                answered[document_id] = error

        callers = [threading.Thread(target=send, args=(document_id,)) for document_id in ("held", "behind")]
        for caller in callers:
            caller.start()
        await_that(self.a_request_is_on_the_wire, "a request on the wire")
        self.assertEqual(gateway.terminate(timeout_s=30), 0)
        for caller in callers:
            caller.join()
        # The one in flight was finished and stored; the other one is stored, and goes out after the next start.
        again = self.start()
        _, fiscalizations = self.stubs(again)
        for document_id in ("held", "behind"):
            answer = fiscalizations.FiscalizeSale(self.sale(document_id, 30), timeout=40)
            self.assertEqual(answer.fiscalization.state,
                             CONTRACT.fiscalization_pb2.FiscalizationState.FISCALIZATION_STATE_FISCALIZED)
            self.assertEqual(answer.fiscalization.attempts, 1)
        self.assertEqual(len(self.simulator.call("GET", "ledger")["receipts"]), 3)

    def test_logs_are_json_lines_without_token_phone_or_email(self):
        gateway = self.start("--log-level", "debug")
        integrations, fiscalizations = self.stubs(gateway)
        self.set_up_integration(integrations)
        fiscalizations.FiscalizeSale(self.sale("so-1", 30), timeout=40)
        self.simulator.call("POST", "faults", [{"kind": "http_status", "status": 401, "task": 1}])
        fiscalizations.FiscalizeSale(self.sale("so-2", 5), timeout=40)
        self.assertEqual(gateway.terminate(), 0)
        log = (self.folder / "gateway.log").read_text()
        lines = log.splitlines()
        self.assertTrue(lines)
        for line in lines:
            self.assertIsInstance(json.loads(line), dict)
        for secret in (TOKEN, PHONE, PHONE[4:], EMAIL):
            self.assertNotIn(secret, log)

    def test_the_store_is_for_its_owner_alone(self):
        self.start()
        mode = stat.S_IMODE((self.folder / "kasa.db").stat().st_mode)
        self.assertEqual(mode & 0o077, 0, oct(mode))

    def receipts(self):
        return self.simulator.call("GET", "ledger")["receipts"]

    def back_up(self, target):
        """The operator's backup, while the gateway runs."""
        subprocess.run([OPTIONS.gateway_binary, "--store", str(self.folder / "kasa.db"), "--backup-to", str(target)],
                       check=True, capture_output=True, timeout=60)

    def restore(self, backup):
        """What the operator does with the gateway stopped."""
        for lost_file in ("kasa.db", "kasa.db-wal", "kasa.db-shm"):
            (self.folder / lost_file).unlink(missing_ok=True)
        shutil.copy(backup, self.folder / "kasa.db")

    def adopt_and_find(self, gateway, lost, note):
        """Ends the pause: the sale whose history was lost gets the receipt that it has, and no second one."""
        integrations, fiscalizations = self.stubs(gateway)
        adopted = integrations.AdoptStore(CONTRACT.integration_service_pb2.AdoptStoreRequest(
            principal="Olena", note=note), timeout=30)
        self.assertEqual(len(adopted.register_fiscal_numbers), 1)
        found = fiscalizations.FiscalizeSale(self.sale("lost", 30), timeout=40).fiscalization
        self.assertEqual((found.state, found.receipt.fiscal_number),
                         (CONTRACT.fiscalization_pb2.FISCALIZATION_STATE_FISCALIZED, lost.receipt.fiscal_number))
        self.assertEqual(len(self.receipts()), 2)

    def lose_a_sale(self):
        """A sale that got its receipt after the backup that is put back."""
        gateway = self.start()
        integrations, fiscalizations = self.stubs(gateway)
        self.set_up_integration(integrations)
        fiscalizations.FiscalizeSale(self.sale("before", 20), timeout=30)
        self.back_up(self.folder / "backup.db")
        lost = fiscalizations.FiscalizeSale(self.sale("lost", 20), timeout=30).fiscalization
        self.assertEqual(lost.state, CONTRACT.fiscalization_pb2.FISCALIZATION_STATE_FISCALIZED)
        gateway.terminate()
        self.restore(self.folder / "backup.db")
        return lost

    def test_a_restored_store_sends_nothing_until_it_is_adopted_and_makes_no_second_receipt(self):
        states = CONTRACT.fiscalization_pb2
        lost = self.lose_a_sale()
        for start in range(2):  # a restart does not end the pause
            gateway = self.start()
            fiscalizations = self.stubs(gateway)[1]
            again = fiscalizations.FiscalizeSale(self.sale("lost", 1), timeout=30).fiscalization
            self.assertEqual((again.state, again.failure.reason),
                             (states.FISCALIZATION_STATE_ACCEPTED, "STORE_COPIED"))
            self.assertEqual(len(self.receipts()), 2)
            if start == 0:
                gateway.terminate()
        self.adopt_and_find(gateway, lost, "the disk was replaced")
        gateway.terminate()
        gateway = self.start()
        after = self.stubs(gateway)[1].FiscalizeSale(self.sale("after", 20), timeout=30).fiscalization
        self.assertEqual(after.state, states.FISCALIZATION_STATE_FISCALIZED)

    def test_a_store_backed_up_amid_a_pause_is_paused_anew_when_it_is_restored(self):
        states = CONTRACT.fiscalization_pb2
        lost = self.lose_a_sale()
        gateway = self.start()
        waits = self.stubs(gateway)[1].FiscalizeSale(self.sale("lost", 1), timeout=30).fiscalization
        self.assertEqual(waits.state, states.FISCALIZATION_STATE_ACCEPTED)
        self.back_up(self.folder / "amid-a-pause.db")
        self.adopt_and_find(gateway, lost, "the disk was replaced")
        gateway.terminate()

        self.restore(self.folder / "amid-a-pause.db")
        gateway = self.start()
        again = self.stubs(gateway)[1].FiscalizeSale(self.sale("lost", 1), timeout=30).fiscalization
        self.assertEqual((again.state, again.failure.reason),
                         (states.FISCALIZATION_STATE_IN_DOUBT, "STORE_COPIED"))
        self.adopt_and_find(gateway, lost, "the new disk broke, too")

    def test_a_store_put_back_with_its_mark_is_known_by_what_its_register_has(self):
        states = CONTRACT.fiscalization_pb2
        gateway = self.start()
        integrations, fiscalizations = self.stubs(gateway)
        self.set_up_integration(integrations)
        fiscalizations.FiscalizeSale(self.sale("before", 20), timeout=30)
        gateway.terminate()
        kept = {file.name: file.read_bytes() for file in self.folder.iterdir()
                if file.is_file() and not file.name.endswith(".log")}
        gateway = self.start()
        lost = self.stubs(gateway)[1].FiscalizeSale(self.sale("lost", 20), timeout=30).fiscalization
        self.assertEqual(lost.state, states.FISCALIZATION_STATE_FISCALIZED)
        gateway.terminate()

        for lost_file in ("kasa.db-wal", "kasa.db-shm"):
            (self.folder / lost_file).unlink(missing_ok=True)
        for name, content in kept.items():
            (self.folder / name).write_bytes(content)
        gateway = self.start()
        fiscalizations = self.stubs(gateway)[1]
        again = fiscalizations.FiscalizeSale(self.sale("lost", 5), timeout=30).fiscalization
        self.assertEqual((again.state, again.failure.reason),
                         (states.FISCALIZATION_STATE_IN_DOUBT, "STORE_COPIED"))
        self.adopt_and_find(gateway, lost, "the machine was put back")

    def test_kill_9_in_the_middle_of_nothing_starts_again(self):
        gateway = self.start()
        gateway.kill()
        self.start()


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
