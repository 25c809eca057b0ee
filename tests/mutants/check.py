#!/usr/bin/env python3
"""Holds mutants where they belong: check.py --expect none|some BINARY...

The sources, table.toml and docs/reliability.md name the same mutants; a build without KASA_MUTANTS has none of them in
its binaries, and one with it has (so that looking for them is known to find them). Status 0 when it is so.
"""

import argparse
import pathlib
import re
import sys

from run import mutants

ROOT = pathlib.Path(__file__).resolve().parents[2]
PREFIX = b"kasa-mutant:"


def planted():
    names = set()
    for folder in ("common", "server", "client"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".cc", ".h") and path.name != "mutant.h":
                found = set(re.findall(r'KASA_MUTANT\("([^"]+)"\)', path.read_text()))
                # Only sources are compiled with mutants (cmake/Mutants.cmake).
                names |= {f"{name} of a header" if path.suffix == ".h" else name for name in found}
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--expect", choices=("none", "some"), required=True)
    parser.add_argument("binaries", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    wrong = []
    listed = [one["name"] for one in mutants()]
    documented = set(re.findall(r"^\| `([a-z0-9-]+)` \|", (ROOT / "docs" / "reliability.md").read_text(), re.M))
    for what, names in (("planted in the sources", planted()), ("listed in docs/reliability.md", documented)):
        wrong += [f"{name} is in table.toml and not {what}" for name in set(listed) - names]
        wrong += [f"{name} is {what} and not in table.toml" for name in names - set(listed)]
    wrong += [f"{name} is in table.toml twice" for name in listed if listed.count(name) > 1]
    for binary in options.binaries:
        found = binary.read_bytes().count(PREFIX)
        if (found > 0) != (options.expect == "some"):
            wrong.append(f"{binary} has {found} mutants, {options.expect} expected")
    for one in wrong:
        print(f"WRONG: {one}", file=sys.stderr)
    print(f"{len(listed)} mutants, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
