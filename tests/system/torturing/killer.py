"""What befalls the processes: the gateway is killed with kill -9 and started anew, the register goes away and comes back."""

import asyncio
import time

from faults import REQUEST_TIMEOUT_S
from processes import Gateway

ON_THE_WIRE = 0.75  # of the kills wait for a moment at which a request is with the register
IN_THE_START = 0.2  # of the kills are followed by two more, amid the two starts after it
OUTAGES = 0.15  # so many for each kill


class Killer:
    def __init__(self, world):
        self.world = world
        self.random = world.random
        self.kills = []  # (wall time, how many requests were on the wire)
        self.kills_in_start = []  # wall times
        self.starts_s = []  # from the process' start to "listening"
        self.outages = []  # wall times at which they began

    def start_gateway(self, listen="127.0.0.1:0", wait=True):
        world = self.world
        return Gateway(world.options.gateway_binary, world.folder, world.simulator.url, "--time-scale",
                       str(world.options.time_scale), "--log-level", "warning", listen=listen, wait=wait)

    def start_and_time(self, listen="127.0.0.1:0"):
        begun = time.monotonic()
        self.world.gateway = self.start_gateway(listen)
        self.starts_s.append(time.monotonic() - begun)

    async def work(self):
        """Spreads the kills over the whole run."""
        planned = self.world.options.kills
        for kill in range(planned):
            moment = (kill + self.random.random()) / planned
            while self.world.progress() < moment:
                await asyncio.sleep(0.005 + self.random.random() * 0.02)
            if self.world.time_is_over():
                return  # on a machine that is slow; so many kills as were made are told
            await self.kill()
            if self.random.random() < OUTAGES:
                await self.outage()

    async def kill(self):
        wanted = self.random.random() < ON_THE_WIRE
        while True:
            # A gateway that stands still reads no answer: what is in flight now is still so when it is killed.
            self.world.gateway.freeze()
            on_the_wire = await self.in_flight()
            if on_the_wire > 0 or not wanted:
                break
            self.world.gateway.go_on()
            await asyncio.sleep(self.random.random() * 0.01)
        self.kills.append((time.time(), on_the_wire))
        await asyncio.to_thread(self.world.gateway.kill)
        address = self.world.gateway.address
        if self.random.random() < IN_THE_START or len(self.kills) == 2:
            for _ in range(2):
                await self.kill_while_starting(address)
        await asyncio.to_thread(self.start_and_time, address)

    async def kill_while_starting(self, address):
        usual = sorted(self.starts_s)[len(self.starts_s) // 2]
        starting = await asyncio.to_thread(self.start_gateway, address, wait=False)
        await asyncio.sleep(self.random.random() * usual * 1.2)
        self.kills_in_start.append(time.time())
        await asyncio.to_thread(starting.kill)

    async def in_flight(self):
        requests = await self.world.register_service("GET", "requests")
        return sum(register["in_flight"] for register in requests["registers"].values())

    async def outage(self):
        """The register's service is away for a while: cut off and refusing, or silent."""
        self.outages.append(time.time())
        simulator = self.world.simulator
        longest = REQUEST_TIMEOUT_S * self.world.options.time_scale * 2
        leave, come_back = self.random.choice(((simulator.go_away, simulator.come_back),
                                               (simulator.freeze, simulator.go_on)))
        leave()
        await asyncio.sleep(self.random.random() * longest)
        come_back()
        while True:
            try:
                return await self.in_flight()
            except OSError:
                await asyncio.sleep(0.01)  # not quite back
