#!/usr/bin/env python3
"""What Prometheus reads of the real gateway, parsed by the parser of its own Python client.

    metrics.py --gateway-binary PATH --simulator-binary PATH
"""

import argparse
import pathlib
import re
import socket
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import grpc
from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract  # noqa: E402
from processes import Gateway, Simulator, await_that  # noqa: E402
from shop import EMAIL, PHONE, TOKEN, Shop, refuse  # noqa: E402

OPTIONS = None
CONTRACT = None


class Metrics(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kasa-metrics-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.simulator = Simulator(OPTIONS.simulator_binary, self.folder)
        self.addCleanup(self.end, self.simulator)
        self.gateway = Gateway(OPTIONS.gateway_binary, self.folder, self.simulator.url,
                               "--metrics-listen", "127.0.0.1:0", "--time-scale", "0.01")
        self.addCleanup(self.end, self.gateway)
        self.url = self.gateway.said("metrics on ").removesuffix("/metrics")
        self.shop = Shop(CONTRACT, self.gateway.address)
        self.addCleanup(self.shop.close)

    @staticmethod
    def end(process):
        if process.process.poll() is None:
            process.kill()

    def page(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.headers.get("Content-Type"), answer.read().decode()

    def scrape(self):
        """Every sample of the page, by name and labels; the page is held against what it says of itself."""
        content_type, text = self.page("/metrics")
        self.assertEqual(content_type, "text/plain; version=0.0.4; charset=utf-8")
        samples = {}
        names = set()
        for family in text_string_to_metric_families(text):
            self.assertNotIn(family.name, names, "one family a name")
            names.add(family.name)
            self.assertTrue(family.documentation, family.name)
            self.assertNotEqual(family.type, "unknown", family.name)
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                self.assertNotIn(key, samples)
                samples[key] = sample.value
            if family.type == "histogram":
                self.check_histogram(family)
        self.text = text
        return samples

    def check_histogram(self, family):
        series = {}
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "le"}
            series.setdefault(tuple(sorted(labels.items())), []).append(sample)
        for samples in series.values():
            buckets = [(float(one.labels["le"]), one.value) for one in samples if one.name.endswith("_bucket")]
            self.assertEqual(buckets, sorted(buckets), family.name)
            self.assertEqual([count for _, count in buckets], sorted(count for _, count in buckets), family.name)
            self.assertEqual(buckets[-1][0], float("inf"), family.name)
            self.assertEqual(buckets[-1][1], [one.value for one in samples if one.name.endswith("_count")][0])

    def value(self, samples, name, **labels):
        return samples.get((name, tuple(sorted(labels.items()))))

    def scrape_when(self, expected, name, **labels):
        """The first page that says so; the store is read at most once a second for it."""
        found = {}

        def says_so():
            found.update(samples=self.scrape())
            return self.value(found["samples"], name, **labels) == expected

        await_that(says_so, f"{name}{labels} is {expected}")
        return found["samples"]

    def test_an_idle_gateway_tells_what_it_is(self):
        samples = self.scrape()
        self.assertEqual(self.value(samples, "kasa_metrics_complete"), 1)
        self.assertEqual([labels for name, labels in samples if name == "kasa_build_info"][0][0][0], "version")
        self.assertAlmostEqual(self.value(samples, "process_start_time_seconds"), time.time(), delta=120)
        self.assertGreater(self.value(samples, "process_resident_memory_bytes"), 1e6)
        self.assertEqual(self.value(samples, "kasa_watchers"), 0)
        self.assertEqual(self.value(samples, "kasa_fiscalization_changes_total", state="FISCALIZED"), 0)
        self.assertEqual(self.value(samples, "kasa_attention_items", code="IN_DOUBT"), 0)
        for name in ("kasa_store_commit_duration_seconds_count", "kasa_store_queue_length",
                     "kasa_store_writes_per_commit_count", "kasa_store_commit_failures_total"):
            self.assertIsNotNone(self.value(samples, name), name)

    def test_work_is_counted_where_it_is_done(self):
        self.shop.set_up()
        register = self.shop.sell("so-1").fiscalization.register_fiscal_number
        self.shop.sell("so-2")
        with self.assertRaises(grpc.RpcError):
            self.shop.fiscalizations.GetFiscalization(
                CONTRACT.fiscalization_service_pb2.GetFiscalizationRequest(fiscalization_id="none"), timeout=30)
        watch = self.shop.fiscalizations.WatchFiscalizations(
            CONTRACT.fiscalization_service_pb2.WatchFiscalizationsRequest(), timeout=60)
        next(watch)
        samples = self.scrape_when(1, "kasa_watchers")
        method = "kasa.v1.FiscalizationService/FiscalizeSale"
        self.assertEqual(self.value(samples, "kasa_grpc_calls_total", method=method, code="OK"), 2)
        self.assertEqual(self.value(samples, "kasa_grpc_call_duration_seconds_count", method=method), 2)
        self.assertEqual(self.value(samples, "kasa_grpc_calls_total", code="NOT_FOUND",
                                    method="kasa.v1.FiscalizationService/GetFiscalization"), 1)
        self.assertEqual(self.value(samples, "kasa_grpc_refusals_total", reason="FISCALIZATION_NOT_FOUND"), 1)
        self.assertEqual(self.value(samples, "kasa_watchers"), 1)
        self.assertEqual(self.value(samples, "kasa_fiscalization_changes_total", state="FISCALIZED"), 2)
        self.assertEqual(self.value(samples, "kasa_fiscalization_changes_total", state="ACCEPTED"), 2)
        self.assertGreaterEqual(self.value(samples, "kasa_vchasno_requests_total", call="execute", ending="DONE"), 2)
        self.assertGreaterEqual(
            self.value(samples, "kasa_vchasno_request_duration_seconds_count", call="execute"), 2)
        self.assertEqual(self.value(samples, "kasa_vchasno_requests_in_flight", call="execute"), 0)
        self.assertGreaterEqual(self.value(samples, "kasa_store_writes_per_commit_sum"), 6)
        self.assertEqual(self.value(samples, "kasa_lane_state", register=register, state="RUNNING"), 1)
        self.assertEqual(self.value(samples, "kasa_lane_queued", register=register), 0)
        self.assertEqual(self.value(samples, "kasa_lane_parked", register=register), 0)
        self.assertLess(self.value(samples, "kasa_shift_age_seconds", register=register), 24 * 3600)
        watch.cancel()

    def test_a_lane_that_is_held_shows_why_and_for_how_long(self):
        self.shop.set_up()
        register = self.shop.sell("so-1").fiscalization.register_fiscal_number
        self.simulator.call("POST", "faults", [{"kind": "http_status", "status": 401, "times": 0}])
        waiting = self.shop.sell("so-2", wait_s=1).fiscalization
        self.assertEqual(waiting.failure.reason, "TOKEN_REFUSED")
        samples = self.scrape_when(1, "kasa_attention_items", code="TOKEN_REFUSED")
        self.assertEqual(self.value(samples, "kasa_lane_state", register=register, state="PAUSED"), 1)
        self.assertEqual(self.value(samples, "kasa_lane_state", register=register, state="RUNNING"), 0)
        self.assertEqual(self.value(samples, "kasa_lane_held_reason", register=register, reason="TOKEN_REFUSED"), 1)
        self.assertGreater(self.value(samples, "kasa_lane_held_seconds", register=register), 0)
        self.assertEqual(self.value(samples, "kasa_lane_queued", register=register), 1)
        self.assertGreater(self.value(samples, "kasa_lane_oldest_waiting_seconds", register=register), 0)

    def test_nothing_that_names_a_customer_or_a_document_is_on_the_page(self):
        self.shop.set_up()
        answer = self.shop.sell("a-document-of-ours").fiscalization
        self.scrape_when(1, "kasa_fiscalization_changes_total", state="FISCALIZED")
        for secret in (TOKEN, PHONE, PHONE[4:], EMAIL, "a-document-of-ours", answer.fiscalization_id,
                       answer.receipt.fiscal_number, "tov-1"):
            self.assertNotIn(secret, self.text)

    def test_health_follows_the_gateway_down(self):
        self.assertEqual(self.page("/healthz")[1], "ok\n")
        self.assertEqual(self.page("/readyz")[1], "ok\n")
        self.shop.set_up()
        self.simulator.call("POST", "faults", [{"kind": "hold", "duration_ms": 3000, "task": 1}])
        self.shop.sell("held", wait_s=0)
        await_that(lambda: any(one["in_flight"] for one in self.simulator.call("GET", "requests")["registers"].values()),
                   "a request on the wire")
        self.gateway.process.terminate()

        def drains():
            try:
                self.page("/readyz")
            except urllib.error.HTTPError as error:
                return error.code == 503
            return False

        await_that(drains, "not ready while it drains", timeout_s=10)
        self.assertEqual(self.page("/healthz")[1], "ok\n")

    def test_hostile_clients_keep_nobody_from_the_page(self):
        host, port = self.url.removeprefix("http://").rsplit(":", 1)
        crowd = [socket.create_connection((host, int(port))) for _ in range(200)]
        for one in crowd:
            one.sendall(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
        self.assertIn("kasa_build_info", self.page("/metrics")[1])
        for one in crowd:
            one.close()
        with socket.create_connection((host, int(port))) as greedy:
            greedy.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n")
            self.assertTrue(greedy.recv(100).startswith(b"HTTP/1.1 431 "))

    def test_it_is_not_served_unless_asked_for_and_never_beyond_loopback(self):
        quiet = Gateway(OPTIONS.gateway_binary, pathlib.Path(tempfile.mkdtemp(dir=self.folder)), self.simulator.url)
        self.addCleanup(self.end, quiet)
        self.assertIsNone(quiet.said("metrics on "))
        for address in ("0.0.0.0:0", "[::]:0", "192.168.1.5:9464", "9464"):
            with self.subTest(address):
                said = refuse(OPTIONS.gateway_binary, self.folder / "other.db", self.simulator.url,
                              "--metrics-listen", address)
                self.assertRegex(said, re.compile("--metrics-listen"))


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
