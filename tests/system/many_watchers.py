#!/usr/bin/env python3
"""Many watchers of one gateway over the network, in one process of clients: each gets every change once and in order, one
that does not read slows nobody, and what a watcher costs the gateway is measured.

    many_watchers.py --gateway-binary PATH --simulator-binary PATH [--watchers N] [--sales N]

Prints how much memory the gateway took for its watchers, and how long after a sale's answer its last change had
reached them all. Status 0 when nothing was lost, doubled or out of order.
"""

import argparse
import asyncio
import collections
import contextlib
import datetime
import pathlib
import sys
import tempfile
import time
import zoneinfo

import grpc
from google.protobuf import json_format

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))

from check_gateway import Contract  # noqa: E402
from processes import Gateway, Simulator, ending, resident_kib  # noqa: E402

STREAMS_A_CHANNEL = 50  # well under what gRPC lets through one connection
ALL_ARRIVED_WITHIN_S = 120
MOST_A_WATCHER_KIB = 256


class Watchers:
    def __init__(self, contract, address, count):
        self.contract = contract
        self.channels = [self._channel(address, number) for number in range(-(-count // STREAMS_A_CHANNEL))]
        self.seen = [[] for _ in range(count)]  # (fiscalization id, state) of each, as it came
        self.greeted = 0
        self.arrived = collections.Counter()
        self.changed = asyncio.Condition()

    @staticmethod
    def _channel(address, number):
        # Channels with the same options share one connection.
        return grpc.aio.insecure_channel(address, options=[("grpc.enable_http_proxy", 0), ("kasa.channel", number)])

    def stream(self, number):
        stub = self.contract.fiscalization_service_pb2_grpc.FiscalizationServiceStub(
            self.channels[number // STREAMS_A_CHANNEL])
        return stub.WatchFiscalizations(self.contract.fiscalization_service_pb2.WatchFiscalizationsRequest())

    async def watch(self, number):
        async for message in self.stream(number):
            async with self.changed:
                if message.HasField("fiscalization"):
                    change = message.fiscalization.fiscalization_id, message.fiscalization.state
                    self.seen[number].append(change)
                    self.arrived[change] += 1
                elif message.cursor and not self.seen[number]:
                    self.greeted += 1
                self.changed.notify_all()

    async def until(self, condition):
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(condition), ALL_ARRIVED_WITHIN_S)


async def set_up(contract, channel):
    """An active integration and what makes a request of it."""
    service = contract.integration_service_pb2_grpc.IntegrationServiceStub(channel)
    await service.CreateIntegration(json_format.ParseDict({
        "integration_id": "watched", "token": "simulator-token-1", "integration": {
            "legal_entity_id": "tov-1", "is_default": True, "active": True, "cashier_name": "Касир"}},
        contract.integration_service_pb2.CreateIntegrationRequest()))
    await service.UpdateMapping(json_format.ParseDict({"mapping": {
        "integration_id": "watched", "taxes": [{"tax_id": "vat20", "tax_group": 1}],
        "payment_methods": [{"payment_method_id": "card", "payment_type": 2}]}},
        contract.mapping_pb2.UpdateMappingRequest()))


def sale(contract, number):
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).strftime("%Y-%m-%d")
    return json_format.ParseDict({
        "document_id": f"W-{number}", "source_system": "watch", "max_wait": "20s", "sale": {
            "activated": True, "document_date": today, "currency_code": "UAH", "legal_entity_id": "tov-1",
            "order_id": f"W-{number}",
            "lines": [{"name": "Кава", "quantity_thousandths": 1000, "price_kopiykas": 4500, "tax_id": "vat20"}],
            "payments": [{"payment_method_id": "card", "amount_kopiykas": 4500}]}},
        contract.fiscalization_service_pb2.FiscalizeSaleRequest())


async def run(options, contract, gateway):
    channel = grpc.aio.insecure_channel(gateway.address, options=[("grpc.enable_http_proxy", 0)])
    await set_up(contract, channel)
    sales = contract.fiscalization_service_pb2_grpc.FiscalizationServiceStub(channel)
    fiscalized = contract.fiscalization_pb2.FISCALIZATION_STATE_FISCALIZED
    first = (await sales.FiscalizeSale(sale(contract, 0))).fiscalization
    if first.state != fiscalized:
        raise RuntimeError(f"a sale is not fiscalized: {first}")

    before = resident_kib(gateway)
    watchers = Watchers(contract, gateway.address, options.watchers)
    idle = watchers.stream(0)
    await idle.read()  # its first message, and then never again
    tasks = [asyncio.create_task(watchers.watch(number)) for number in range(options.watchers)]
    await watchers.until(lambda: watchers.greeted == options.watchers)
    each = (resident_kib(gateway) - before) / options.watchers

    late = []
    for number in range(1, options.sales + 1):
        sold = (await sales.FiscalizeSale(sale(contract, number))).fiscalization
        answered = time.monotonic()
        last = (sold.fiscalization_id, fiscalized)
        await watchers.until(lambda change=last: watchers.arrived[change] == options.watchers)
        late.append(time.monotonic() - answered)
    for task in tasks:
        task.cancel()
    idle.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for one in (*watchers.channels, channel):
        await one.close()

    late.sort()
    print(f"{options.watchers} watchers and one that does not read, {options.sales} sales: {each:.0f} KiB of the gateway's "
          f"memory a watcher; all had a sale's last change {late[len(late) // 2] * 1000:.0f} ms after its answer "
          f"(median), {late[-1] * 1000:.0f} ms at most")
    return problems_of(watchers, options.sales) + (
        [f"a watcher costs the gateway {each:.0f} KiB, over {MOST_A_WATCHER_KIB}"] if each > MOST_A_WATCHER_KIB else [])


def problems_of(watchers, sales):
    expected = watchers.seen[0]
    problems = []
    for number, seen in enumerate(watchers.seen):
        if seen != expected:
            problems.append(f"watcher {number} saw {len(seen)} changes, otherwise than the first with {len(expected)}")
        if len(set(seen)) != len(seen):
            problems.append(f"watcher {number} saw a change twice")
    if len({fiscalization for fiscalization, _ in expected}) != sales:
        problems.append(f"changes of {len({f for f, _ in expected})} sales instead of {sales}")
    return problems[:10]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--watchers", type=int, default=200)
    parser.add_argument("--sales", type=int, default=20)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kasa-watchers-")))
        contract = Contract(stack.enter_context(tempfile.TemporaryDirectory()))
        simulator = stack.enter_context(ending(Simulator(options.simulator_binary, folder)))
        gateway = stack.enter_context(ending(Gateway(options.gateway_binary, folder, simulator.url)))
        problems = asyncio.run(run(options, contract, gateway))
        if gateway.terminate() != 0:
            problems.append("the gateway did not end well")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
