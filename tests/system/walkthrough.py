#!/usr/bin/env python3
"""Runs the lines of docs/api*.md against the real binaries, in their order, and compares the answers with those shown.

    walkthrough.py --gateway-binary PATH --simulator-binary PATH --grpcurl PATH [--document docs/api.md]

A line is a block ```sh, its answer the block ```json or ```text right after it; without one, nothing is printed. The
block ```sh start tells how the two programs are started. A block ```json may hold several values, as a stream prints them. Addresses are replaced by those of this run. Answers are
compared exactly (JSON as values, whatever its layout), but for placeholders:

    "..."             any value, however big; as a member's name: any further members
    <time>, <number>, <hex>
                      a time as JSON shows it, digits, hex digits: any each time
    <today>           today in Kyiv
    <any other name>  an id or the like: told where it is shown first, the same wherever it is named again, in
                      later lines too

Last, each value shown is changed in turn, and has to be missed: so it is known that the comparison compares.
Status 0 when all of it is so.
"""

import argparse
import datetime
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import zoneinfo

from processes import Process, ending

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTED_GATEWAY = "127.0.0.1:50051"
DOCUMENTED_SIMULATOR = "127.0.0.1:8090"
LINE_TIMEOUT_S = 90
ANYTHING = "..."

FENCED = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"<([a-z][a-z0-9-]*)>")
FORMS = {"time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "number": r"\d+", "hex": r"[0-9a-f]+"}
NAMED_FORM = r"[A-Za-z0-9_.:/=+-]+"
LATER = "Answers UNIMPLEMENTED"


class Mismatch(Exception):
    """The document shows something else than what was answered."""


class Step:
    """A line of the document with the answer shown."""

    def __init__(self, line_number, command, kind, answer):
        self.line_number = line_number
        self.command = command
        self.kind = kind
        self.answer = answer


def read_document(text):
    """(the commands that start the programs, the steps)."""
    start, steps, end_of_line = None, [], None
    for block in FENCED.finditer(text):
        info, body = block["info"].strip(), block["body"]
        line_number = text.count("\n", 0, block.start()) + 1
        if info == "sh start":
            start = body.replace("\\\n", " ").strip().split("\n")
        elif info == "sh":
            steps.append(Step(line_number, body, "text", ""))
            end_of_line = block.end()
        elif info in ("json", "text"):
            if end_of_line is None or text[end_of_line:block.start()].strip():
                raise Mismatch(f"line {line_number}: an answer that is not right after a line")
            steps[-1] = Step(steps[-1].line_number, steps[-1].command, info, body)
            end_of_line = None
    if start is None or not steps:
        raise Mismatch("the document has no block that starts the programs, or no lines to run")
    return start, steps


def read_error(text):
    """What grpcurl prints of an error, as a value; None when the text is none."""
    head = re.match(r"ERROR:\n  Code: (\w+)\n  Message: ([^\n]*)\n", text)
    if not head:
        return None
    error = {"Code": head[1], "Message": head[2], "Details": []}
    rest = text[head.end():]
    if rest.strip():
        if not rest.startswith("  Details:\n"):
            raise Mismatch(f"not the layout of an error: {rest[:80]!r}")
        rest = rest[len("  Details:\n"):]
    decoder = json.JSONDecoder()
    while rest.strip():
        number = re.match(r"\s*\d+\)\s*", rest)
        if not number:
            raise Mismatch(f"not the layout of an error's details: {rest[:80]!r}")
        detail, end = decoder.raw_decode(rest, number.end())
        error["Details"].append(detail)
        rest = rest[end:]
    return error


def json_values(text):
    """The JSON values that stand one after another in `text`."""
    decoder, values, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        values.append(value)
        rest = rest[end:].lstrip()
    return values


def value_of(kind, text):
    """What a block or an answer says, as a value to compare."""
    if kind == "json":
        values = json_values(text)
        return values[0] if len(values) == 1 else values
    error = read_error(text)
    return text.strip("\n").split("\n") if error is None else error


class Comparison:
    """Of what is shown with what was answered; `names` holds what the placeholders stand for."""

    def __init__(self, names):
        self.names = names

    def fill(self, text):
        """`text` with what the names stand for."""
        return PLACEHOLDER.sub(lambda match: self.names.get(match[1], match[0]), text)

    def compare(self, shown, answered, path="answer"):
        if shown == ANYTHING:
            return
        if isinstance(shown, str) and isinstance(answered, str):
            self._compare_text(shown, answered, path)
        elif type(shown) is not type(answered):
            raise Mismatch(f"{path}: shown {shown!r}, answered {answered!r}")
        elif isinstance(shown, dict):
            self._compare_members(shown, answered, path)
        elif isinstance(shown, list):
            if len(shown) != len(answered):
                raise Mismatch(f"{path}: shown {len(shown)} items, answered {len(answered)}: {answered!r}")
            for i, (one, other) in enumerate(zip(shown, answered)):
                self.compare(one, other, f"{path}[{i}]")
        elif shown != answered:
            raise Mismatch(f"{path}: shown {shown!r}, answered {answered!r}")

    def _compare_members(self, shown, answered, path):
        further = ANYTHING in shown
        missing = [name for name in shown if name != ANYTHING and name not in answered]
        extra = [name for name in answered if name not in shown]
        if missing or (extra and not further):
            raise Mismatch(f"{path}: shown and not answered: {missing}; answered and not shown: "
                           f"{ {name: answered[name] for name in extra} if not further else {} }")
        if further and not extra:
            raise Mismatch(f'{path}: "..." stands for further members, and there are none')
        for name in shown:
            if name != ANYTHING:
                self.compare(shown[name], answered[name], f"{path}.{name}")

    def _compare_text(self, shown, answered, path):
        learnt, pattern, last = {}, "", 0
        for match in PLACEHOLDER.finditer(shown):
            name = match[1]
            pattern += re.escape(shown[last:match.start()])
            last = match.end()
            if name in FORMS:
                pattern += FORMS[name]
            elif name in self.names:
                pattern += re.escape(self.names[name])
            elif name in learnt:
                pattern += f"(?P={learnt[name]})"
            else:
                learnt[name] = f"n{len(learnt)}"
                pattern += f"(?P<{learnt[name]}>{NAMED_FORM})"
        found = re.fullmatch(pattern + re.escape(shown[last:]), answered, re.DOTALL)
        if not found:
            raise Mismatch(f"{path}: shown {shown!r}, answered {answered!r}")
        for name, group in learnt.items():
            self.names[name] = found[group]


def changed_in_turn(value):
    """Copies of a value that is shown, each with one thing changed that a comparison has to miss."""
    if isinstance(value, dict):
        for name in value:
            if name == ANYTHING:
                continue
            if ANYTHING not in value:
                yield {other: value[other] for other in value if other != name}
            yield {(f"{other}X" if other == name else other): value[other] for other in value}
            for changed in changed_in_turn(value[name]):
                yield {**value, name: changed}
    elif isinstance(value, list):
        yield value + [0]
        for i, item in enumerate(value):
            for changed in changed_in_turn(item):
                yield value[:i] + [changed] + value[i + 1:]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
    elif value != ANYTHING:
        yield f"{value}!"


class Walk:
    def __init__(self, gateway, simulator, tools, folder):
        self.addresses = {DOCUMENTED_GATEWAY: gateway, DOCUMENTED_SIMULATOR: simulator}
        self.path = f"{tools}:/usr/local/bin:/usr/bin:/bin"
        self.folder = folder
        self.names = {"today": today_in_kyiv()}
        self.compared = []

    def with_addresses(self, text):
        for documented, real in self.addresses.items():
            text = text.replace(documented, real)
        return text

    def take(self, step):
        command = Comparison(self.names).fill(self.with_addresses(step.command))
        unknown = [match[0] for match in PLACEHOLDER.finditer(command)]
        if unknown:
            raise Mismatch(f"line {step.line_number}: nothing was shown yet that tells {unknown}")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True, check=False,
                              timeout=LINE_TIMEOUT_S, cwd=self.folder,
                              env={"PATH": self.path, "LC_ALL": "C.UTF-8"})
        try:
            shown = value_of(step.kind, self.with_addresses(step.answer))
            is_error = isinstance(shown, dict) and "Code" in shown
            if is_error == (done.returncode == 0):
                raise Mismatch(f"ended with status {done.returncode}")
            if done.returncode == 0 and done.stderr:
                raise Mismatch("something was said on standard error")
            answered = value_of(step.kind, done.stdout + done.stderr)
            before = dict(self.names)
            Comparison(self.names).compare(shown, answered)
        except (Mismatch, ValueError) as problem:
            raise Mismatch(f"line {step.line_number}: {problem}\n{command}\n{done.stdout}{done.stderr}") from problem
        self.compared.append((step, before, shown, answered))

    def prove_comparison(self):
        """How many changes of what is shown were missed, each."""
        count = 0
        for step, before, shown, answered in self.compared:
            for changed in changed_in_turn(shown):
                try:
                    Comparison(dict(before)).compare(changed, answered)
                except Mismatch:
                    count += 1
                    continue
                raise Mismatch(f"line {step.line_number}: the answer was taken for {changed!r} too")
        return count


def today_in_kyiv():
    return datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).date().isoformat()


def methods_of_this_version():
    """Every RPC of the contract whose comment does not say that it comes later."""
    methods = []
    for proto in sorted((ROOT / "proto" / "kasa" / "v1").glob("*.proto")):
        service, comment = None, []
        for line in proto.read_text().splitlines():
            words = line.strip()
            if words.startswith("//"):
                comment.append(words.lstrip("/ "))
                continue
            if found := re.match(r"service (\w+) {", words):
                service = found[1]
            elif (found := re.match(r"rpc (\w+)\(", words)) and LATER not in " ".join(comment):
                methods.append(f"kasa.v1.{service}/{found[1]}")
            comment = []
    return methods


def start_flags(start, program, replacements):
    [command] = [line for line in start if line.split()[0] == program]
    for old, new in replacements.items():
        command = command.replace(old, new)
    return shlex.split(command.rstrip("&"))[1:]


def walk_through(options, start, steps):
    with tempfile.TemporaryDirectory(prefix="kasa-walkthrough-") as name:
        folder = pathlib.Path(name)
        tools = folder / "bin"
        tools.mkdir()
        (tools / "grpcurl").symlink_to(options.grpcurl.resolve())
        flags = start_flags(start, "kasa-simulator", {DOCUMENTED_SIMULATOR: "127.0.0.1:0"})
        with ending(Process("simulator", [options.simulator_binary, *flags], folder / "simulator.log")) as simulator:
            flags = start_flags(start, "kasa-gateway", {DOCUMENTED_GATEWAY: "127.0.0.1:0", "/var/lib/kasa": name,
                                                        DOCUMENTED_SIMULATOR: simulator.address})
            with ending(Process("gateway", [options.gateway_binary, *flags], folder / "gateway.log")) as gateway:
                walk = Walk(gateway.address, simulator.address, tools, folder)
                for step in steps:
                    walk.take(step)
                status = gateway.terminate()
                if status != 0:
                    raise Mismatch(f"the gateway ended with status {status}")
        print(f"{len(steps)} lines answered as shown; {walk.prove_comparison()} changes of what is shown were missed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway-binary", required=True, type=pathlib.Path)
    parser.add_argument("--simulator-binary", required=True, type=pathlib.Path)
    parser.add_argument("--grpcurl", required=True, type=pathlib.Path)
    parser.add_argument("--document", default=ROOT / "docs" / "api.md", type=pathlib.Path)
    options = parser.parse_args()
    try:
        start, steps = read_document(options.document.read_text())
        commands = "".join(step.command for path in sorted((ROOT / "docs").glob("api*.md"))
                           for step in read_document(path.read_text())[1])
        unshown = [method for method in methods_of_this_version() if not re.search(rf"{method}\b", commands)]
        if unshown:
            raise Mismatch(f"no line of docs/api*.md calls {unshown}")
        day = today_in_kyiv()
        try:
            walk_through(options, start, steps)
        except Mismatch:
            if today_in_kyiv() == day:
                raise
            print("Kyiv's day ended meanwhile: once more", flush=True)
            walk_through(options, start, steps)
    except Mismatch as problem:
        sys.exit(f"{options.document}: {problem}")


if __name__ == "__main__":
    main()
