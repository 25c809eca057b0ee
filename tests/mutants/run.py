#!/usr/bin/env python3
"""Breaks each rule of table.toml, and sees that its tests fail. tools/mutants builds what is needed and runs this.

    run.py --build DIRECTORY [--only NAME...] [--targets]

--targets prints the test programs that have to be built, one a line, and does nothing else. First all of them run with
no rule broken, and must pass; then each mutant must make every test named for it fail. A test that is not over in time
counts as failed only where it is one of the mutant's time_outs. Status 0 when it is so.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time
import tomllib

TABLE = pathlib.Path(__file__).resolve().parent / "table.toml"
TIMEOUT_S = 300
PASSED, FAILED, NOT_OVER = "passed", "failed", "not over"  # how a test ended


def mutants():
    with open(TABLE, "rb") as table:
        return tomllib.load(table)["mutant"]


def program_of(test):
    return test.partition(":")[0]


def targets_of(test):
    """What has to be built for a test: its program, or what a system test drives."""
    program = program_of(test)
    return ("kasa-gateway", "kasa-simulator") if program.startswith("system_") else (program,)


class Harness:
    def __init__(self, build):
        self.build = build
        listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True)
        self.commands = {test["name"]: test for test in json.loads(listed.stdout)["tests"]}

    def run(self, test, mutant=None):
        """How it ended (PASSED, FAILED or NOT_OVER), and what of it failed."""
        program, _, selected = test.partition(":")
        known = self.commands.get(program)
        if known is None or "command" not in known:
            raise SystemExit(f"{self.build} has no test {program}")
        environment = {**os.environ, "KASA_MUTANT": mutant or ""}
        properties = {one["name"]: one["value"] for one in known.get("properties", [])}
        for pair in properties.get("ENVIRONMENT", []):
            name, _, value = pair.partition("=")
            environment[name] = value
        command = [*known["command"], *([f"--gtest_filter={selected}"] if selected else [])]
        try:
            ran = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace",
                                 timeout=TIMEOUT_S, cwd=properties.get("WORKING_DIRECTORY"))
        except subprocess.TimeoutExpired:
            return NOT_OVER, [f"{test}, which is not over after {TIMEOUT_S} s"]
        output = ran.stdout + ran.stderr
        if selected and " 0 tests ran" in output.replace("Running 0 tests", " 0 tests ran"):
            raise SystemExit(f"{test} selects no test")
        failed = [line.split("]")[1].split("(")[0].split(",")[0].strip() for line in output.splitlines()
                  if line.startswith("[  FAILED  ]") and "." in line]
        ending = PASSED if ran.returncode == 0 else FAILED
        return ending, sorted(set(failed)) or [f"{test}, status {ran.returncode}"]


def is_caught(mutant, test, ending):
    return ending == FAILED or (ending == NOT_OVER and test in mutant.get("time_outs", []))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--targets", action="store_true")
    options = parser.parse_args()
    chosen = [one for one in mutants() if not options.only or one["name"] in options.only]
    if options.targets:
        print("\n".join(sorted({target for one in chosen for test in one["tests"] for target in targets_of(test)})))
        return 0
    harness = Harness(options.build)
    healthy = sorted({test for one in chosen for test in one["tests"]})
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = []
        for test, (ending, why) in zip(healthy, pool.map(harness.run, healthy)):
            if ending != PASSED:
                wrong.append(f"{test} fails with no rule broken: {why}")
        print(f"{len(healthy) - len(wrong)} of {len(healthy)} tests pass with no rule broken", flush=True)
        runs = [(one, test) for one in chosen for test in one["tests"]]
        results = pool.map(lambda run: harness.run(run[1], run[0]["name"]), runs)
        for (one, test), (ending, why) in zip(runs, results):
            caught = why[0] + (f" and {len(why) - 1} more" if len(why) > 1 else "")
            outcome = f"caught by {caught}"
            if not is_caught(one, test, ending):
                outcome = f"SURVIVED {test}" if ending == PASSED else f"NOT DECIDED by {caught}"
                wrong.append(f"{one['name']}: {outcome}: {one['breaks']}")
            print(f"rule {one['rule']:>2}  {one['name']:36} {outcome}", flush=True)
    for one in wrong:
        print(f"WRONG: {one}", file=sys.stderr)
    print(f"{len(chosen)} mutants, {len(wrong)} wrong, {time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
