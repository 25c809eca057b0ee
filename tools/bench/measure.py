"""Measures the gateway beside its floors in one run, and prints a table. tools/bench/run builds and calls it.

Every round measures, one after the other and each alone: the empty gRPC call (h2load), the durable floor, sales
through the gateway, and one document sent again and again (h2load). The ratios are of the same round. What goes wrong
ends the run with status 1: a figure of calls that failed is none.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

START_TIMEOUT_S = 30
LIMIT_S = 120  # of one measurement, whatever it waits for
H2LOAD_CLIENTS = 8
H2LOAD_STREAMS = 50
WARM_UP_S = 1
SALE_PATH = "/kasa.v1.FiscalizationService/FiscalizeSale"
EMPTY_PATH = "/kasa.bench.EmptyCallService/EmptyCall"
FRAME_PREFIX = 5  # bytes before each gRPC message


class Failed(Exception):
    """What went wrong, for a person."""


@contextlib.contextmanager
def server(folder: pathlib.Path, name: str, *command: object):
    """A program that prints "listening on HOST:PORT", for as long as the block runs; gives the address."""
    log = folder / f"{name}.log"
    with open(log, "wb") as errors:
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=errors, text=True)
    try:
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            raise Failed(f"the {name} did not start: {log.read_text(errors='replace')[-2000:]}")
        yield line.split()[-1]
        if process.poll() is not None:
            raise Failed(f"the {name} ended by itself: {log.read_text(errors='replace')[-2000:]}")
    finally:
        process.terminate()
        try:
            process.wait(START_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def output(*command: object) -> str:
    """What the command prints; its failure is ours."""
    try:
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT_S)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{command[0]} took more than {LIMIT_S} s") from late
    if done.returncode != 0:
        raise Failed(f"{command[0]} ended with status {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def h2load(address: str, path: str, body: pathlib.Path, answer_bytes: int, seconds: int) -> dict:
    """Calls a second, all of them answered in full.

    h2load takes any HTTP 200 for a success, and a gRPC error is one; but it has no message, so the bytes tell.
    """
    text = output("h2load", "--duration", seconds, "--warm-up-time", WARM_UP_S, "--clients", H2LOAD_CLIENTS,
                  "--max-concurrent-streams", H2LOAD_STREAMS, "--threads", 1, "--header",
                  "content-type: application/grpc", "--header", "te: trailers", "--data", body,
                  f"http://{address}{path}")
    try:
        done, succeeded, failed, errored = (int(number) for number in re.search(
            r"^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored", text, re.MULTILINE).groups())
        data = int(re.search(r"^traffic: .*\((\d+)\) data$", text, re.MULTILINE).group(1))
    except AttributeError as strange:
        raise Failed(f"h2load said: {text[-2000:]}") from strange
    if not done or failed or errored or succeeded != done:
        raise Failed(f"h2load: {done} done, {succeeded} succeeded, {failed} failed, {errored} errored")
    # At the edges of the measured time an answer's bytes and its end may count on different sides, so that many
    # failures can't be seen; more are.
    under_way = H2LOAD_CLIENTS * H2LOAD_STREAMS
    if data < (done - under_way) * answer_bytes:
        raise Failed(f"h2load got {data} bytes in {done} answers of {answer_bytes}: some calls failed")
    return {"count": done, "per_second": done / seconds}


def disk_of(folder: pathlib.Path) -> str:
    """The file system below the folder, and whether it is on a disk that turns."""
    mounts = [line.split()[:3] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()]
    inside = [mount for mount in mounts if folder.resolve().is_relative_to(mount[1])]
    device, _, kind = max(inside, key=lambda mount: len(mount[1]))
    device_number = os.stat(folder).st_dev
    block = pathlib.Path(f"/sys/dev/block/{os.major(device_number)}:{os.minor(device_number)}")
    for queue in (block / "queue", block / ".." / "queue"):
        if (queue / "rotational").exists():
            turns = (queue / "rotational").read_text().strip() == "1"
            cache = (queue / "write_cache").read_text().strip()
            return f"{kind} on {device}, {'rotational' if turns else 'not rotational'}, {cache}"
    return f"{kind} on {device}"


def machine(folder: pathlib.Path) -> str:
    names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{len(os.sched_getaffinity(0))} cores ({names[0] if names else os.uname().machine}), {memory:.0f} GiB, "
            f"Linux {os.uname().release}; disk: {disk_of(folder)}")


def loads() -> str:
    one, five, fifteen = os.getloadavg()
    return f"{one:.1f}, {five:.1f}, {fifteen:.1f} (1, 5, 15 min)"


class Bench:
    def __init__(self, options: argparse.Namespace, folder: pathlib.Path):
        self.options = options
        self.folder = folder
        self.tools = options.binaries / "tools" / "bench"
        self.rows: dict[str, list[float]] = {}
        self.notes: dict[str, list[float]] = {}

    def add(self, row: str, value: float):
        self.rows.setdefault(row, []).append(value)

    def note(self, row: str, value: float):
        self.notes.setdefault(row, []).append(value)

    def sales(self, gateway: str, *flags: object) -> str:
        return output(self.tools / "kasa-bench-sales", f"--gateway={gateway}", f"--registers={self.options.registers}",
                      f"--callers={self.options.callers}", f"--warm_up={WARM_UP_S}s",
                      f"--duration={self.options.seconds}s", *flags)

    def round(self, number: int, simulator: str, gateway: str, replay_bytes: int):
        options = self.options
        with server(self.folder, "empty-call", self.tools / "kasa-bench-empty-call") as address:
            empty = h2load(address, EMPTY_PATH, self.folder / "empty", FRAME_PREFIX, options.seconds)["per_second"]
        floor = json.loads(output(
            self.tools / "kasa-bench-durable-floor", f"--port={simulator.rsplit(':', 1)[1]}",
            f"--store={self.folder / 'floor.db'}", f"--first_register={options.registers + 1}",
            f"--registers={options.registers}", f"--callers={options.callers}", f"--warm_up={WARM_UP_S}s",
            f"--duration={options.seconds}s"))
        sales = json.loads(self.sales(gateway, f"--prefix=round-{number}"))
        replay = h2load(gateway, SALE_PATH, self.folder / "replay", replay_bytes, options.seconds)["per_second"]

        self.add("empty gRPC calls/s", empty)
        self.add("durable floor, documents/s", floor["per_second"])
        self.add("sales/s", sales["per_second"])
        self.add("replays of one document/s", replay)
        self.add("sales / empty calls", sales["per_second"] / empty)
        self.add("sales / durable floor", sales["per_second"] / floor["per_second"])
        self.add("replays / empty calls", replay / empty)
        self.note("a sale's time, 50th percentile, ms", sales["p50_ms"])
        self.note("a sale's time, 99th percentile, ms", sales["p99_ms"])
        self.note("durable floor: writes a commit", 2 * floor["count"] / max(1, floor["commits"]))

    def run(self):
        options = self.options
        (self.folder / "empty").write_bytes(bytes(FRAME_PREFIX))
        with contextlib.ExitStack() as servers:
            # The first half of the registers is the gateway's, the second the floor's.
            simulator = servers.enter_context(server(
                self.folder, "simulator", options.binaries / "tools" / "simulator" / "kasa-simulator", "--listen",
                "127.0.0.1:0", "--registers", 2 * options.registers, "--quiet"))
            gateway = servers.enter_context(server(
                self.folder, "gateway", options.binaries / "server" / "kasa-gateway", "--listen", "127.0.0.1:0",
                "--store", self.folder / "kasa.db", "--vchasno-url", f"http://{simulator}"))
            self.sales(gateway, "--set_up")
            prepared = json.loads(self.sales(gateway, "--prefix=replay", f"--replay_request={self.folder / 'replay'}"))
            for number in range(1, options.rounds + 1):
                self.round(number, simulator, gateway, prepared["answer_bytes"])
                print(f"round {number} of {options.rounds} done, load {loads()}", flush=True)

    def table(self) -> str:
        def number(value: float) -> str:
            return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"

        lines = ["| measured | min | median | max |", "| --- | ---: | ---: | ---: |"]
        for name, values in (*self.rows.items(), *self.notes.items()):
            lines.append(f"| {name} | {number(min(values))} | {number(statistics.median(values))} | "
                         f"{number(max(values))} |")
        return "\n".join(lines)


def at_least_one(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=pathlib.Path, required=True, help="a build directory")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="made anew: databases and logs")
    parser.add_argument("--rounds", type=at_least_one, default=3)
    parser.add_argument("--seconds", type=at_least_one, default=3)
    parser.add_argument("--registers", type=at_least_one, default=50)
    parser.add_argument("--callers", type=at_least_one, default=400)
    options = parser.parse_args()
    folder = options.folder / "work"  # a folder of our own, since it is removed
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = datetime.datetime.now(datetime.timezone.utc)
    load_before = loads()
    bench = Bench(options, folder)
    try:
        bench.run()
    except Failed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        return 1
    took = (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds()
    print(f"\n{started:%Y-%m-%d %H:%M} UTC, {options.rounds} rounds of {options.seconds} s each, {took:.0f} s in all; "
          f"{options.registers} registers, {options.callers} callers\n"
          f"machine: {machine(folder)}\nload before: {load_before}; after: {loads()}\n\n{bench.table()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
