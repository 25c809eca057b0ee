#!/usr/bin/env python3
"""Runs the checks of clients/, each in its language, against a freshly started simulator and gateway.

    clients.py --gateway-binary PATH --simulator-binary PATH [--cpp-client-binary PATH]
               [--language go|node|java --folder FOLDER]

Python's goes first, because it sets up the integration that the others use. Another language's is built in FOLDER
(clients/build.py), and its first request to the register is answered late.
"""

import argparse
import datetime
import pathlib
import subprocess
import sys
import tempfile
import zoneinfo

from processes import Gateway, Simulator, ending

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "clients"))

import build  # noqa: E402

INTEGRATION = "client-check"
LATE_MS = 8000
PYTHON_CHECK = pathlib.Path(__file__).resolve().parent / "clients" / "python" / "check_gateway.py"


def be_late_once(simulator):
    """The next receipt takes its time; a status does not."""
    simulator.call("POST", "faults", {"kind": "hold", "task": 1, "duration_ms": LATE_MS})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--cpp-client-binary")
    parser.add_argument("--language", choices=build.BUILDERS)
    parser.add_argument("--folder", type=pathlib.Path)
    options = parser.parse_args()
    command = build.build(options.language, options.folder) if options.language else None
    with tempfile.TemporaryDirectory(prefix="kasa-clients-") as name:
        folder = pathlib.Path(name)
        with ending(Simulator(options.simulator_binary, folder)) as simulator:
            with ending(Gateway(options.gateway_binary, folder, simulator.url)) as gateway:
                today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).strftime("%Y-%m-%d")
                where = [gateway.address, INTEGRATION, today]
                python = [sys.executable, PYTHON_CHECK, "--gateway", gateway.address, "--token", "simulator-token-1",
                          "--integration", INTEGRATION]
                status = subprocess.run(python, check=False).returncode
                if status == 0 and options.cpp_client_binary:
                    status = subprocess.run([options.cpp_client_binary, *where], check=False).returncode
                if status == 0 and command:
                    be_late_once(simulator)
                    status = subprocess.run([*command, *where], check=False).returncode
                return status


if __name__ == "__main__":
    sys.exit(main())
