#!/usr/bin/env python3
"""Checks that docs/errors.md, common/reason.cc and the comments of proto/kasa/v1 tell the same reasons.

    reasons.py [TREE]

- The tables of docs/errors.md have every reason of common/reason.cc, in its order, with its class, whether trying
  again may help, when it is given, and its remedy word for word; nothing else.
- Its last table has the reasons of later versions: those that the contract names and common/reason.cc does not have.
- A name in capitals in a comment of the contract is a reason, a value of one of its enums or a status code.

Status 1, with one line for each disagreement, when it is not so.
"""

import pathlib
import re
import sys

STATUS_CODES = {"ALREADY_EXISTS", "DEADLINE_EXCEEDED", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "NOT_FOUND",
                "OUT_OF_RANGE", "RESOURCE_EXHAUSTED"}
OTHER_NAMES = {"TEST_"}  # what the fiscal numbers of test registers begin with

CODE_ROW = re.compile(r'\{Reason::k\w+,\s*"([A-Z_]+)",\s*FailureClass::k(\w+),\s*(true|false),\s*'
                      r'((?:"(?:[^"\\]|\\.)*"\s*)+)\}')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
NAME = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]*")
ENUM_VALUE = re.compile(r"^\s*([A-Z][A-Z0-9_]*) = \d+;", re.MULTILINE)


def reasons_of_code(text):
    """Rows (name, class, "yes" or "no", remedy)."""
    rows = [(name, failure_class.upper(), "yes" if retryable == "true" else "no", "".join(LITERAL.findall(remedy)))
            for name, failure_class, retryable, remedy in CODE_ROW.findall(text)]
    if len(rows) != text.count("{Reason::k"):
        raise ValueError(f"common/reason.cc has {text.count('{Reason::k')} rows, and {len(rows)} could be read")
    return rows


def tables_of_page(text):
    """The cells of all rows of reasons: (those of this version, those of later ones)."""
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")]
            for line in text.splitlines() if line.startswith("| `")]
    return [row for row in rows if len(row) != 2], [row for row in rows if len(row) == 2]


def check_page(code, page):
    now, later = tables_of_page(page)
    errors = [f"docs/errors.md: not a row of five cells: {row}" for row in now if len(row) != 5]
    now = [row for row in now if len(row) == 5]
    told = [row[0].strip("`") for row in now]
    names = [row[0] for row in code]
    errors += [f"docs/errors.md: {name} is missing" for name in names if name not in told]
    errors += [f"docs/errors.md: {name} is not in common/reason.cc" for name in told if name not in names]
    errors += [f"docs/errors.md: {name} is there twice" for name in set(told) if told.count(name) > 1]
    if not errors and told != names:
        errors.append("docs/errors.md: the reasons are in another order than in common/reason.cc")
    facts = {row[0]: row[1:] for row in code}
    for name, (_, failure_class, again, when, remedy) in zip(told, now):
        if name in facts and (failure_class, again, remedy) != facts[name]:
            errors.append(f"docs/errors.md: {name} is {facts[name]} in common/reason.cc")
        if not when:
            errors.append(f"docs/errors.md: {name} does not tell when")
    errors += [f"docs/errors.md: {row[0]} is in common/reason.cc, so it is not of a later version"
               for row in later if row[0].strip("`") in names]
    return errors


def check_contract(code, page, protos):
    """`protos`: the text of each file by its name."""
    later = {row[0].strip("`") for row in tables_of_page(page)[1]}
    reasons = {row[0] for row in code} | later
    values = {value for text in protos.values() for value in ENUM_VALUE.findall(text)}
    errors, named = [], set()
    for file, text in protos.items():
        for number, line in enumerate(text.splitlines(), 1):
            for name in NAME.findall(line.partition("//")[2]):
                named.add(name)
                if name.endswith("_") and name not in OTHER_NAMES:
                    known = any(reason.startswith(name) for reason in reasons)
                else:
                    known = (name in reasons | values | STATUS_CODES | OTHER_NAMES
                             or any(value.endswith(f"_{name}") for value in values))
                if not known:
                    errors.append(f"{file}:{number}: {name} is no reason, no value of an enum and no status code")
    errors += [f"docs/errors.md: {name} of later versions is not in the contract" for name in sorted(later - named)]
    return errors


def check_tree(root):
    code = reasons_of_code((root / "common" / "reason.cc").read_text())
    page = (root / "docs" / "errors.md").read_text()
    protos = {str(file.relative_to(root)): file.read_text() for file in sorted(root.glob("proto/kasa/v1/*.proto"))}
    if not code or not protos:
        return ["no reasons or no contract found"]
    return check_page(code, page) + check_contract(code, page, protos)


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    errors = check_tree(root)
    for error in errors:
        print(error)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
