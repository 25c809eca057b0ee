"""Runs clang-tidy over sources, a few at a time, and remembers which were clean.

    tidy.py BUILD_DIRECTORY FILE...     files relative to the working directory, the root of the project

A source is not looked at again while nothing changed that clang-tidy could see: the source with all its headers
and comments after the preprocessor, its flags, the configuration and clang-tidy itself. Only clean sources are
remembered, in ~/.cache/kasa-tidy (or $XDG_CACHE_HOME), so that clones share them. Files that the build does not
compile are left out. Status 1 if anything is found, or if there is nothing to look at. KASA_CLANG_TIDY: another
clang-tidy than the one of tools/setup.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

TIDY = os.environ.get("KASA_CLANG_TIDY") or ".cache/tidy/bin/clang-tidy"
MENDED_HEADERS = os.path.abspath(".cache/tidy/include")  # tools/setup tells why


def output(command: list[str], directory: str) -> bytes:
    return subprocess.run(command, cwd=directory, check=True, stdout=subprocess.PIPE).stdout


def preprocessed(entry: dict) -> bytes:
    """The source with all that it includes, comments too (they hold NOLINT), without the clone's own directory."""
    command = shlex.split(entry["command"])
    for option in ("-o", "-c"):
        at = command.index(option)
        del command[at:at + (2 if option == "-o" else 1)]
    text = output([*command, "-E", "-C"], entry["directory"]) + "\0".join(command).encode()
    return text.replace(os.getcwd().encode(), b".")


def configuration_below_root(name: str) -> bytes:
    """What the folders of the source add to the configuration of the root."""
    own = (folder / ".clang-tidy" for folder in pathlib.PurePath(name).parents if folder != pathlib.PurePath("."))
    return b"".join(pathlib.Path(file).read_bytes() for file in own if os.path.exists(file))


def findings(build: str, entry: dict, known: pathlib.Path, common: bytes) -> tuple[str, str, bool]:
    """The file, what is wrong with it (empty: nothing), and whether that was known already."""
    name = os.path.relpath(entry["file"])
    key = hashlib.sha256(common + configuration_below_root(name) + name.encode() + preprocessed(entry)).hexdigest()
    if (known / key).exists():
        return name, "", True
    result = subprocess.run([TIDY, "--quiet", "--use-color=false", f"--extra-arg-before=-isystem{MENDED_HEADERS}",
                             "-p", build, name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode == 0:
        (known / key).touch()
        return name, "", False
    noise = re.compile(r"^\d+ warnings? (generated|treated)|^Suppressed |^Use -header-filter")
    found = "\n".join(line for line in result.stdout.splitlines() if not noise.match(line))
    return name, found or f"{TIDY} ended with status {result.returncode} and said nothing", False


def main() -> int:
    build, wanted = sys.argv[1], {os.path.abspath(file) for file in sys.argv[2:]}
    entries = {entry["file"]: entry for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text())
               if entry["file"] in wanted}
    if not entries:
        print("tidy: none of these files is compiled in " + build, file=sys.stderr)
        return 1
    known = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "kasa-tidy"
    known.mkdir(parents=True, exist_ok=True)
    common = output([TIDY, "--version"], ".") + pathlib.Path(".clang-tidy").read_bytes()

    started, shown, wrong, remembered = time.monotonic(), set(), [], 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(findings, build, entry, known, common) for _, entry in sorted(entries.items())]
        for done, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            name, found, was_known = job.result()
            remembered += was_known
            if found:
                wrong.append(name)
                # What is wrong with a header is told once, not once a source that includes it.
                for block in re.split(r"\n(?=/\S+:\d+:\d+: (?:error|warning):)", found):
                    if block not in shown:
                        shown.add(block)
                        print(block.replace(os.getcwd() + "/", ""), flush=True)
            if done % 20 == 0 or done == len(jobs):
                print(f"tidy: {done} of {len(jobs)} sources, {remembered} of them known to be clean, "
                      f"{len(wrong)} with findings, {time.monotonic() - started:.0f} s", flush=True)
    for name in sorted(wrong):
        print(f"tidy: {name} fails", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
