#!/usr/bin/env python3
"""Runs clients/python/check_gateway.py against a freshly started simulator and gateway.

    python_client.py --gateway-binary PATH --simulator-binary PATH
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

from processes import Gateway, Simulator, ending

CHECK = pathlib.Path(__file__).resolve().parent / "clients" / "python" / "check_gateway.py"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True)
    parser.add_argument("--simulator-binary", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kasa-python-") as name:
        folder = pathlib.Path(name)
        with ending(Simulator(options.simulator_binary, folder)) as simulator:
            with ending(Gateway(options.gateway_binary, folder, simulator.url)) as gateway:
                return subprocess.run([sys.executable, CHECK, "--gateway", gateway.address, "--token",
                                       "simulator-token-1"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
