#!/usr/bin/env python3
"""That reasons.py sees what it is there to see: each disagreement is planted in a copy of the real files."""

import pathlib
import unittest

import reasons

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = (ROOT / "common" / "reason.cc").read_text()
PAGE = (ROOT / "docs" / "errors.md").read_text()
PROTOS = {"some.proto": "// FAILED_PRECONDITION with NOT_ACTIVATED.\nenum E {\n  SOME_KIND_OTHER_ONE = 1;\n}\n"
                        "// OTHER_ONE. FISCAL_CHAIN_ ones. AUTOMATION_RULE_EXISTS\n"}


class Disagreements(unittest.TestCase):
    def assert_seen(self, errors, words):
        self.assertTrue(any(words in error for error in errors), (words, errors))

    def page_errors(self, page):
        self.assertNotEqual(page, PAGE, "nothing was planted")
        return reasons.check_page(reasons.reasons_of_code(CODE), page)

    def contract_errors(self, comment, page=PAGE):
        return reasons.check_contract(reasons.reasons_of_code(CODE), page, {**PROTOS, "other.proto": f"// {comment}\n"})

    def test_the_tree_as_it_is_agrees(self):
        self.assertEqual(reasons.check_tree(ROOT), [])

    def test_each_row_counts(self):
        for line in PAGE.splitlines():
            if line.startswith("| `") and line.count(" | ") == 4:
                name = line.split("`")[1]
                with self.subTest(name):
                    self.assert_seen(self.page_errors(PAGE.replace(line + "\n", "")), f"{name} is missing")
                    self.assert_seen(self.page_errors(PAGE.replace(line, f"{line}\n{line}")), "twice")
                    self.assert_seen(self.page_errors(PAGE.replace(line, line[:-2] + "! |")), f"{name} is (")

    def test_a_name_of_the_page_that_is_no_reason(self):
        self.assert_seen(self.page_errors(PAGE.replace("`DATE_INVALID`", "`DATE_WRONG`")), "DATE_WRONG is not in")

    def test_another_class_order_or_an_empty_cell(self):
        self.assert_seen(self.page_errors(PAGE.replace("`NO_BALANCE` | CONFIGURATION", "`NO_BALANCE` | USER")),
                         "NO_BALANCE is (")
        self.assert_seen(self.page_errors(PAGE.replace("`INTERNAL` | INTERNAL | yes", "`INTERNAL` | INTERNAL | no")),
                         "INTERNAL is (")
        self.assert_seen(self.page_errors(PAGE.replace("The document has no payments.", "")),
                         "PAYMENTS_MISSING does not tell")
        lines = PAGE.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("| `TAX_MISSING`"))
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
        self.assert_seen(self.page_errors("\n".join(lines)), "another order")

    def test_a_row_of_the_code_that_can_not_be_read(self):
        with self.assertRaises(ValueError):
            reasons.reasons_of_code(CODE.replace("FailureClass::kUser, true", "kUser, true", 1))

    def test_names_in_the_contract(self):
        self.assert_seen(self.contract_errors("refused with DATE_TOO_OLD"), "other.proto:1: DATE_TOO_OLD")
        self.assert_seen(self.contract_errors("a FISCAL_CHAINS_ one"), "FISCAL_CHAINS_")
        for comment in ("DATE_INVALID", "OTHER_ONE", "SOME_KIND_OTHER_ONE", "ALREADY_EXISTS", "TEST_ number"):
            self.assertFalse([e for e in self.contract_errors(comment) if "other.proto" in e], comment)

    def test_a_reason_of_later_versions_is_in_the_contract_and_not_in_the_code(self):
        later = PAGE + "\n## Of later versions\n\n| reason | when |\n| --- | --- |\n| `ONE_DAY` | One day. |\n"
        self.assertEqual(self.page_errors(later), [])
        self.assert_seen(self.contract_errors("nothing", later), "ONE_DAY of later versions")
        self.assertFalse([e for e in self.contract_errors("with ONE_DAY", later) if "ONE_DAY" in e])
        self.assert_seen(self.page_errors(later.replace("| `ONE_DAY` |", "| `STORE_FULL` |")),
                         "so it is not of a later")


if __name__ == "__main__":
    unittest.main()
