"""The real binaries as a test sees them: a simulator and a gateway on loopback, each started, killed and asked."""

import contextlib
import http.client
import json
import pathlib
import signal
import subprocess
import threading
import time
import urllib.request

START_TIMEOUT_S = 60


class Process:
    """A program that says "listening on HOST:PORT" on standard output. Without `wait`, it may still be starting."""

    def __init__(self, name, command, log, wait=True):
        self.name = name
        self.log = log
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        # Standard output is read to its end, so that the program never blocks on it.
        self._address = None
        self._lines = []
        self._told = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if wait:
            self.await_listening()

    def await_listening(self):
        if not self._told.wait(START_TIMEOUT_S) or self._address is None:
            self.process.kill()
            raise RuntimeError(f"{self.name} did not start; see {self.log}:\n{self.log.read_text()[-2000:]}")
        self.address = self._address

    def _read(self):
        for line in self.process.stdout:
            self._lines.append(line.decode(errors="replace").rstrip("\n"))
            if line.startswith(b"listening on "):
                self._address = line.split()[-1].decode()
                self._told.set()
        self._told.set()

    def said(self, beginning):
        """The rest of the first line on standard output that begins so, or None."""
        return next((line.removeprefix(beginning) for line in self._lines if line.startswith(beginning)), None)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self._wait()

    def freeze(self):
        """SIGSTOP; returns when it stands still."""
        self.process.send_signal(signal.SIGSTOP)
        await_that(lambda: self._state() in "TZ", f"{self.name} stands still", 10, 0.0005)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def _state(self):
        return pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def terminate(self, timeout_s=30):
        """SIGTERM; the status that it ended with."""
        self.process.send_signal(signal.SIGTERM)
        return self._wait(timeout_s)

    def _wait(self, timeout_s=30):
        status = self.process.wait(timeout_s)
        self._reader.join()
        self.process.stdout.close()
        return status


class Simulator(Process):
    def __init__(self, binary, folder, *flags):
        super().__init__("simulator", [binary, "--listen", "127.0.0.1:0", "--quiet", *flags],
                         folder / "simulator.log")
        self.url = f"http://{self.address}"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/simulator/{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except http.client.HTTPException as cut:  # amid the answer: as much an error of the connection as any
            raise ConnectionError(f"the simulator went away: {cut}") from cut

    def go_away(self):
        """Nobody listens any more, and every connection is cut, as when it was killed; its registers keep their state."""
        self.process.send_signal(signal.SIGUSR1)

    def come_back(self):
        self.process.send_signal(signal.SIGUSR2)


class Gateway(Process):
    def __init__(self, binary, folder, simulator_url, *flags, listen="127.0.0.1:0", wait=True):
        super().__init__("gateway", [binary, "--listen", listen, "--store", str(folder / "kasa.db"), "--vchasno-url",
                                     simulator_url, *flags], folder / "gateway.log", wait)


def resident_kib(process):
    for line in pathlib.Path(f"/proc/{process.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"the memory of {process.name} can't be read")


@contextlib.contextmanager
def ending(process):
    """Ends the process when the block is left, if it still runs."""
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()


def await_that(condition, what, timeout_s=60, pause_s=0.05):
    """Waits until condition() is true; the outcome of a call is waited for by max_wait instead, where there is one."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s} s: {what}")
        time.sleep(pause_s)
