#!/usr/bin/env python3
"""Runs the checks of clients/, one a language, against a freshly started simulator and gateway.

    clients.py --gateway-binary PATH --simulator-binary PATH --cpp-client-binary PATH
"""

import argparse
import datetime
import pathlib
import subprocess
import sys
import tempfile
import zoneinfo

from processes import Gateway, Simulator, ending

INTEGRATION = "client-check"
PYTHON_CHECK = pathlib.Path(__file__).resolve().parent / "clients" / "python" / "check_gateway.py"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    parser.add_argument("--cpp-client-binary", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kasa-clients-") as name:
        folder = pathlib.Path(name)
        with ending(Simulator(options.simulator_binary, folder)) as simulator:
            with ending(Gateway(options.gateway_binary, folder, simulator.url)) as gateway:
                # Python's sets up the integration that the others use.
                today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).strftime("%Y-%m-%d")
                checks = [[sys.executable, PYTHON_CHECK, "--gateway", gateway.address, "--token", "simulator-token-1",
                           "--integration", INTEGRATION],
                          [options.cpp_client_binary, gateway.address, INTEGRATION, today]]
                return next(filter(None, (subprocess.run(check, check=False).returncode for check in checks)), 0)


if __name__ == "__main__":
    sys.exit(main())
