#!/usr/bin/env python3
"""Tortures the real binaries, and audits the books. tools/torture builds them and runs this.

    torture.py --gateway-binary PATH --simulator-binary PATH [--receipts 100000] [--kills 200] [--seconds S] [--seed 1]
               [--registers 60] [--callers 300] [--time-scale 0.01] [--folder PATH]

Callers send sales, returns and payments as real ones do: impatient, with deadlines, going away mid-way, sending the
same again until they know. Every register fails in 10 % of its calls, in all ways that the simulator has, and the
whole service is away now and then. The gateway is killed (kill -9) again and again, most often while a request is
with a register, and sometimes amid its start, twice in a row. Every duration of the gateway is multiplied by
--time-scale. At the end each document that was acknowledged must have exactly one receipt with the right sum, or be
truthfully without one, and nothing else may be in the ledger; what is in doubt then, an operator resolves by the
ledger, and the books are compared again. The run ends with so many receipts, or after --seconds, whichever comes first.

Status 0 when everything agrees. Draws are made from --seed, but what meets what is up to the machine.
"""

import argparse
import asyncio
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients" / "python"))
from check_gateway import Contract  # noqa: E402
from processes import Simulator, ending  # noqa: E402
from torturing.audit import OPEN, Audit  # noqa: E402
from torturing.callers import call_them  # noqa: E402
from torturing.killer import Killer  # noqa: E402
from torturing.people import Operator, mend_registers  # noqa: E402
from torturing.world import World  # noqa: E402

SETTLING_S = 120  # at most, for what is under way at the end
EACH_S = 5  # a line of progress


class Torture:
    def __init__(self, world):
        self.world = world
        self.killer = Killer(world)
        self.operator = Operator(world)

    async def run(self):
        world = self.world
        await asyncio.to_thread(self.killer.start_and_time)
        channel = world.connect()
        try:
            await world.set_up()
            await world.plan_faults()
            world.begun = time.monotonic()
            operator = asyncio.create_task(self.operator.work())
            others = [asyncio.create_task(work) for work in (mend_registers(world), self.report())]
            callers = asyncio.create_task(call_them(world, world.options.callers))
            await self.killer.work()
            while world.progress() < 1:
                await asyncio.sleep(0.05)
            world.enough.set()
            await self.settle(callers)
            await operator
            await self.compare_books()
            world.over.set()
            await asyncio.gather(*others)
            await channel.close()
        finally:
            for event in (world.enough, world.calls_over, world.over):
                event.set()
        status = await asyncio.to_thread(world.gateway.terminate)
        if status != 0:
            world.disagree(f"the gateway ended with status {status} after SIGTERM")

    async def settle(self, callers):
        """No trouble more; what is under way is settled, or stays as it is when that takes too long."""
        await self.world.register_service("DELETE", "faults")
        await asyncio.wait([callers], timeout=SETTLING_S)
        self.world.calls_over.set()
        await callers

    async def compare_books(self):
        world = self.world
        cuts = [moment for moment, _ in self.killer.kills] + self.killer.kills_in_start + self.killer.outages
        first = Audit(world, cuts, self.operator.spoken)
        await first.run()
        self.tell(first)
        before = sum(self.operator.resolved.values())
        deadline = time.monotonic() + SETTLING_S
        while await self.operator.resolve_all(only_waiting=False) != 0 and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
        while (second := Audit(world, cuts, self.operator.spoken)) and time.monotonic() < deadline:
            stored = await second.stored()
            if not any(world.state_of(one) in OPEN for one in stored.values()):
                break
            await self.operator.resolve_all(only_waiting=False)
            await asyncio.sleep(0.5)
        await second.run()
        for state in OPEN:
            if second.states[state]:
                world.disagree(f"{second.states[state]} are {state} after the operator has resolved what was in doubt")
        print(f"after the operator resolved {sum(self.operator.resolved.values()) - before} more: {dict(second.states)}, "
              f"{second.receipts} receipts in the ledger", flush=True)

    def line(self):
        world, kills = self.world, self.killer.kills
        return (f"[{time.monotonic() - world.begun:4.0f} s] {world.receipts_told} of {world.options.receipts} receipts; "
                f"{len(kills)} of {world.options.kills} kills, {sum(1 for _, flying in kills if flying)} of them with a "
                f"request on the wire, {len(self.killer.kills_in_start)} amid a start; {len(self.killer.outages)} outages; "
                f"{len(world.wrong)} disagreements")

    async def report(self):
        while not await self.world.is_over_after(EACH_S):
            print(self.line(), flush=True)

    def tell(self, audit):
        world, killer = self.world, self.killer
        starts = sorted(killer.starts_s)
        print(self.line())
        print(f"documents: {len(world.documents)} sent, {sum(audit.states.values())} stored, {dict(audit.kinds)}, "
              f"{dict(audit.states)}; {audit.receipts} receipts in the ledger, {audit.in_doubt_with_receipt} of them in doubt")
        print(f"kills: {len(killer.kills)}, {sum(1 for _, flying in killer.kills if flying)} with a request on the wire "
              f"({sum(flying for _, flying in killer.kills)} requests cut off), {len(killer.kills_in_start)} more amid a "
              f"start; started again in {starts[len(starts) // 2]:.2f} s (median), {starts[-1]:.2f} s (longest)")
        print(f"calls: {world.calls}, {world.calls_lost} without an answer of the gateway; resolved by the operator: "
              f"{self.operator.resolved}; shifts closed while something was in doubt: {world.shifts_closed_in_doubt}")
        print(f"what registers saw and is excused: {dict(sorted(audit.excused.items()))}", flush=True)


def tell_of_register(simulator):
    requests = simulator.call("GET", "requests")
    executes = sum(one["executes"] for one in requests["registers"].values())
    taken = simulator.call("GET", "faults")["taken"]
    print(f"register: {executes} execute requests, {sum(taken.values())} faults ({100 * sum(taken.values()) / executes:.1f} %): "
          f"{dict(sorted(taken.items()))}")


def keep(world):
    """What someone needs who looks further."""
    for path in ("ledger?bodies=false", "requests", "faults", "registers"):
        name = path.partition("?")[0]
        (world.folder / f"{name}.json").write_text(json.dumps(world.simulator.call("GET", path), ensure_ascii=False))
    (world.folder / "disagreements.txt").write_text("\n".join(world.wrong) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--receipts", type=int, default=100_000)
    parser.add_argument("--kills", type=int, help="default: 200, or with --seconds one in 4 s")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--registers", type=int, default=60)
    parser.add_argument("--callers", type=int, default=300)
    parser.add_argument("--time-scale", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=pathlib.Path, help="where everything is kept when something disagrees")
    options = parser.parse_args()
    if options.kills is None:
        options.kills = int(options.seconds / 4) if options.seconds else 200
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="kasa-torture-"))
    folder.mkdir(parents=True, exist_ok=True)
    with ending(Simulator(options.simulator_binary, folder, "--registers", str(options.registers), "--seed",
                          str(options.seed), "--log-size", "200")) as simulator:
        world = World(options, Contract(folder), folder, simulator)
        try:
            asyncio.run(Torture(world).run())
            tell_of_register(simulator)
        except BaseException as trouble:
            world.disagree(f"the torture itself ended: {trouble!r}")
            raise
        finally:
            with contextlib.suppress(Exception):
                if world.gateway.process.poll() is None:
                    world.gateway.kill()
            if world.wrong:
                with contextlib.suppress(OSError):  # the simulator may be what ended
                    keep(world)
                print(f"Kept in {folder}: kasa.db (the store: start kasa-gateway on a copy of it, and ListExchanges tells "
                      "what was said), ledger.json, requests.json, gateway.log, disagreements.txt")
    print(f"{len(world.wrong)} disagreements")
    if not world.wrong:
        shutil.rmtree(folder)
    return 1 if world.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
