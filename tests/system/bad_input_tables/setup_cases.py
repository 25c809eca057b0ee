"""Bad requests of IntegrationService."""

from bad_input_tables.case import DROP, MAX_INT64, Table

SERVICE = "IntegrationService"


def named(rpc, field="integration_id", most=64):
    """What goes for every call that names an integration, or another thing by its id."""
    table = Table(f"{SERVICE}/{rpc}", {})
    table.field(field, DROP, "FIELD_REQUIRED")
    table.field(field, "x" * (most + 1), "FIELD_TOO_LONG")
    return table


def not_there(table, field="integration_id", reason="INTEGRATION_NOT_FOUND"):
    table.refused("one that is not there", [(field, "nobody")], "NOT_FOUND", reason)
    table.refused("an id of another alphabet", [(field, "інтеграція")], "NOT_FOUND", reason)
    table.refused("an id that is SQL", [(field, "' OR 1=1; --")], "NOT_FOUND", reason)


def pages(table):
    table.field("page_size", -1, "FIELD_INVALID")
    table.field("page_size", -2**31, "FIELD_INVALID")
    for token in ("x", "!", "AAAA", "A" * 100_000, "=" * 8, "🙂", "..%2f", "\x00"):
        table.field("page_token", token, "PAGE_TOKEN_INVALID")
    table.invalid("both", [("page_size", -1), ("page_token", "x")],
                  ("page_size", "FIELD_INVALID"), ("page_token", "PAGE_TOKEN_INVALID"))


def create():
    table = Table(f"{SERVICE}/CreateIntegration",
                  {"integration_id": "another", "integration": {"legal_entity_id": "tov-2"}})
    table.field("integration.legal_entity_id", DROP, "FIELD_REQUIRED")
    table.field("integration.legal_entity_id", "x" * 129, "FIELD_TOO_LONG")
    table.field("integration.branch_id", "a\x00b", "FIELD_INVALID")
    table.field("integration.branch_id", "a\x7fb", "FIELD_INVALID")
    table.field("integration.display_name", "x" * 201, "FIELD_TOO_LONG")
    table.field("integration.display_name", "line\nend", "FIELD_INVALID")
    table.field("integration.cashier_name", "x" * 101, "FIELD_TOO_LONG")
    table.field("integration.cashier_name", "🙂", "FIELD_INVALID")
    table.field("integration.default_cashless_payment_type", -1, "PAYMENT_TYPE_INVALID")
    table.field("integration.default_cashless_payment_type", 2**31 - 1, "PAYMENT_TYPE_INVALID")
    for name in ("cash_rounding", "part_payments", "doubt_policy", "tag_memory"):
        table.field(f"integration.{name}", 77, "FIELD_UNKNOWN")
        table.field(f"integration.{name}", -1, "FIELD_UNKNOWN")
    table.invalid("a window that ends before it starts", [("integration.quiet_window", {"start": "23:50", "end": "23:40"})],
                  ("integration.quiet_window.end", "FIELD_INVALID"))
    table.invalid("times that are none", [("integration.quiet_window", {"start": "24:01", "end": "-1:00"})],
                  ("integration.quiet_window.start", "FIELD_INVALID"), ("integration.quiet_window.end", "FIELD_INVALID"))
    table.field("integration_id", "Вище", "FIELD_INVALID")
    table.field("integration_id", "UPPER", "FIELD_INVALID")
    table.field("integration_id", "../etc/passwd", "FIELD_INVALID")
    table.field("token", "two words", "FIELD_INVALID")
    table.field("token", "line\r\nX-Header: smuggled", "FIELD_INVALID")
    table.field("token", "\x00", "FIELD_INVALID")
    table.field("token", "x" * 513, "FIELD_TOO_LONG")
    table.invalid("facts without a token", [("stated_edrpou", "12345678")], ("token", "FIELD_REQUIRED"))
    table.invalid("facts that are none", [("token", "t"), ("stated_register_fiscal_number", "x" * 65), ("stated_edrpou", "1")],
                  ("stated_register_fiscal_number", "FIELD_INVALID"), ("stated_edrpou", "FIELD_INVALID"))
    table.field("acknowledge_unready", True, "FIELD_REQUIRED", field="principal")
    table.refused("an id that is taken", [("integration_id", "bad-inputs")], "ALREADY_EXISTS", "INTEGRATION_EXISTS")
    table.refused("a token that the register refuses", [("token", "nobodys-token")], "FAILED_PRECONDITION", "TOKEN_REFUSED")
    table.refused("the register of another", [("token", "simulator-token-1")], "FAILED_PRECONDITION", "REGISTER_IN_USE")
    return table


def update():
    table = Table(f"{SERVICE}/UpdateIntegration", {"integration": {"integration_id": "bad-inputs"}})
    table.field("integration", DROP, "FIELD_REQUIRED", field="integration.integration_id")
    table.field("integration.etag", "-1", "FIELD_INVALID")
    table.field("integration.etag", "9" * 30, "FIELD_INVALID")
    table.field("integration.etag", "1 OR 1", "FIELD_INVALID")
    for path in ("*", "token", "etag", "nothing", "integration_id", "quiet_window.nothing", "a.b.c.d.e.f.g"):
        table.invalid(f"mask {path}", [("update_mask", path_mask(path))], ("update_mask", "FIELD_MASK_INVALID"))
    table.field("integration.tag_memory", 77, "FIELD_UNKNOWN")
    table.field("integration.cashier_name", "x" * 100_000, "FIELD_TOO_LONG")
    table.refused("an etag of before", [("integration.etag", "0")], "ABORTED", "ETAG_MISMATCH")
    table.refused("an etag of the end of time", [("integration.etag", str(MAX_INT64))], "ABORTED", "ETAG_MISMATCH")
    table.refused("one that is not there", [("integration.integration_id", "nobody"), ("integration.display_name", "x")],
                  "NOT_FOUND", "INTEGRATION_NOT_FOUND")
    return table


def path_mask(path):
    """JSON can't carry every path of a FieldMask, so that it is put in as a message; see run.py."""
    return {"@mask": [path]}


def mapping():
    table = Table(f"{SERVICE}/UpdateMapping", {"mapping": {"integration_id": "bad-inputs"}, "merge": True})
    table.field("mapping.integration_id", DROP, "FIELD_REQUIRED")
    for group in (-1, 0, 10, 2**31 - 1, -2**31):
        table.field("mapping.taxes", [{"tax_id": "t", "tax_group": group}], "TAX_GROUP_UNKNOWN",
                    field="mapping.taxes[0].tax_group")
    for payment_type in (-1, 10_000, 2**31 - 1, -2**31):
        table.field("mapping.payment_methods", [{"payment_method_id": "m", "payment_type": payment_type}],
                    "PAYMENT_TYPE_INVALID", field="mapping.payment_methods[0].payment_type")
    table.invalid("an id twice", [("mapping.taxes", [{"tax_id": "t", "tax_group": 1}] * 2)],
                  ("mapping.taxes[1].tax_id", "FIELD_INVALID"))
    table.invalid("an id with a zero byte", [("mapping.taxes", [{"tax_id": "t\x00", "tax_group": 1}])],
                  ("mapping.taxes[0].tax_id", "FIELD_INVALID"))
    table.invalid("too many", [("mapping.taxes", [{"tax_id": f"t{n}", "tax_group": 1} for n in range(1001)])],
                  ("mapping.taxes", "TOO_MANY_ITEMS"))
    table.invalid("a mask of another message", [("update_mask", path_mask("integration_id"))],
                  ("update_mask", "FIELD_MASK_INVALID"))
    table.refused("an etag of before", [("mapping.etag", "0")], "ABORTED", "ETAG_MISMATCH")
    return table


RULE = {"rule": {"rule_id": "another-rule", "source_system": "shop", "integration_id": "bad-inputs",
                 "online_order": {"store_id": "s-2", "action": "ONLINE_ORDER_ACTION_SALE"}}}


def create_rule():
    table = Table(f"{SERVICE}/CreateAutomationRule", RULE)
    table.field("rule.source_system", DROP, "FIELD_REQUIRED")
    table.field("rule.source_system", "x" * 65, "FIELD_TOO_LONG")
    table.field("rule.source_system", "a\nb", "FIELD_INVALID")
    table.field("rule.integration_id", DROP, "FIELD_REQUIRED")
    table.field("rule.rule_id", "Rule", "FIELD_INVALID")
    table.field("rule.display_name", "x" * 129, "FIELD_TOO_LONG")
    table.field("rule.online_order", DROP, "FIELD_REQUIRED")
    table.field("rule.online_order.store_id", DROP, "FIELD_REQUIRED")
    table.field("rule.online_order.action", 77, "FIELD_UNKNOWN")
    table.field("rule.online_order.payment_method_id", "x" * 129, "FIELD_TOO_LONG")
    table.refused("an id that is taken", [("rule.rule_id", "rule-1")], "ALREADY_EXISTS", "AUTOMATION_RULE_EXISTS")
    table.refused("a store that has one", [("rule.online_order.store_id", "s-1")], "ALREADY_EXISTS",
                  "AUTOMATION_RULE_EXISTS")
    table.refused("an integration that is not there", [("rule.integration_id", "nobody")], "NOT_FOUND",
                  "INTEGRATION_NOT_FOUND")
    return table


def update_rule():
    table = Table(f"{SERVICE}/UpdateAutomationRule", {"rule": {"rule_id": "rule-1", "active": True}})
    table.field("rule.rule_id", DROP, "FIELD_REQUIRED")
    table.field("rule.etag", "x", "FIELD_INVALID")
    table.invalid("a mask of nothing", [("update_mask", path_mask("nothing"))], ("update_mask", "FIELD_MASK_INVALID"))
    table.refused("an etag of before", [("rule.etag", "0")], "ABORTED", "ETAG_MISMATCH")
    table.refused("one that is not there", [("rule.rule_id", "nobody")], "NOT_FOUND", "AUTOMATION_RULE_NOT_FOUND")
    return table


def of_ids():
    """The calls that take little more than an id."""
    for rpc in ("GetIntegration", "CheckConnection", "GetMapping", "GetMappingCoverage", "GetReadiness"):
        table = named(rpc)
        not_there(table)
        yield table
    table = named("DeleteIntegration")
    table.invalid("an etag that is none", [("integration_id", "bad-inputs"), ("etag", "x")], ("etag", "FIELD_INVALID"))
    table.refused("an etag of before", [("integration_id", "bad-inputs"), ("etag", "0")], "ABORTED", "ETAG_MISMATCH")
    not_there(table)
    yield table
    table = Table(f"{SERVICE}/SetToken", {"integration_id": "bad-inputs", "token": "t"})
    for token in ("Bearer t", "токен", "a\r\nb", " ", "\t"):
        table.field("token", token, "FIELD_INVALID")
    table.field("token", DROP, "FIELD_REQUIRED")
    table.field("etag", "-9", "FIELD_INVALID")
    table.field("stated_register_mode", 77, "FIELD_UNKNOWN")
    table.refused("a token that the register refuses", [("token", "nobodys-token")], "FAILED_PRECONDITION", "TOKEN_REFUSED")
    not_there(table)
    yield table
    table = Table(f"{SERVICE}/ProveTagMemory", {"integration_id": "bad-inputs", "tag_memory": "TAG_MEMORY_SAME_SHIFT"})
    table.field("tag_memory", DROP, "FIELD_REQUIRED")
    table.field("tag_memory", 77, "FIELD_UNKNOWN")
    table.field("tag_memory", "TAG_MEMORY_UNPROVEN", "FIELD_INVALID")
    table.invalid("a shift that may not be closed", [("tag_memory", "TAG_MEMORY_FOREVER")], ("close_shift", "FIELD_REQUIRED"))
    not_there(table)
    yield table
    table = Table(f"{SERVICE}/AdoptStore", {"principal": "оператор", "note": "перевірено"})
    table.field("principal", DROP, "FIELD_REQUIRED")
    table.field("principal", "x" * 129, "FIELD_TOO_LONG")
    table.field("note", DROP, "FIELD_REQUIRED")
    table.field("note", "x" * 1001, "FIELD_TOO_LONG")
    yield table
    for rpc in ("GetAutomationRule", "DeleteAutomationRule"):
        table = named(rpc, "rule_id")
        table.refused("one that is not there", [("rule_id", "nobody")], "NOT_FOUND", "AUTOMATION_RULE_NOT_FOUND")
        yield table


def catalogue():
    table = Table(f"{SERVICE}/GetCatalogue", {})
    not_there(table)
    return table


def of_lists():
    for rpc in ("ListIntegrations", "ListAttention", "ListAutomationRules"):
        table = Table(f"{SERVICE}/{rpc}", {})
        pages(table)
        if rpc != "ListIntegrations":
            table.field("integration_id", "x" * 129, "FIELD_TOO_LONG")
        yield table


def tables():
    yield from (create(), update(), mapping(), create_rule(), update_rule(), catalogue())
    yield from of_ids()
    yield from of_lists()
