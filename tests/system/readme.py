#!/usr/bin/env python3
"""Makes the first call of README.md as a stranger would: after the demo's client, with grpcurl, twice.

    readme.py --gateway-binary PATH --simulator-binary PATH --demo-client-binary PATH --grpcurl PATH
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from processes import Gateway, Simulator, ending

ROOT = pathlib.Path(__file__).resolve().parents[2]


def first_call():
    """The fenced block of README.md that calls FiscalizeSale."""
    blocks = re.findall(r"^```\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    calls = [block for block in blocks if "FiscalizeSale" in block]
    if len(calls) != 1:
        raise AssertionError(f"README.md has {len(calls)} blocks that call FiscalizeSale, not one")
    return calls[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--gateway-binary", "--simulator-binary", "--demo-client-binary", "--grpcurl"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kasa-readme-") as name:
        folder = pathlib.Path(name)
        with ending(Simulator(options.simulator_binary, folder)) as simulator:
            with ending(Gateway(options.gateway_binary, folder, simulator.url)) as gateway:
                subprocess.run([options.demo_client_binary, "--gateway", gateway.address, "--token",
                                "simulator-token-1"], check=True, stdout=subprocess.DEVNULL, timeout=120)
                call = first_call().replace(".cache/bin/grpcurl", options.grpcurl).replace("127.0.0.1:50051",
                                                                                           gateway.address)
                for expected_replay in (False, True):
                    done = subprocess.run(["bash", "-c", call], check=True, capture_output=True, text=True, timeout=60)
                    answer = json.loads(done.stdout)
                    if answer["fiscalization"]["state"] != "FISCALIZATION_STATE_FISCALIZED":
                        raise AssertionError(f"not fiscalized: {answer}")
                    if answer.get("replayed", False) != expected_replay:
                        raise AssertionError(f"replayed is not {expected_replay}: {answer}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
