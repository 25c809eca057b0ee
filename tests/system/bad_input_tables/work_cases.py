"""Bad requests of FiscalizationService and ReceiptService."""

from bad_input_tables.case import DROP, MAX_INT64, MIN_INT64, Table
from bad_input_tables.setup_cases import pages

FISCALIZATION = "FiscalizationService"
RECEIPT = "ReceiptService"
LINE = {"name": "Кава", "quantity_thousandths": "1000", "price_kopiykas": "4500", "tax_id": "vat20"}
PAYMENT = {"payment_method_id": "card", "amount_kopiykas": "4500"}
TIMES = [{"seconds": 253402300800}, {"seconds": -62135596801}, {"nanos": -1}, {"nanos": 10**9},
         {"seconds": MAX_INT64}, {"seconds": MIN_INT64, "nanos": -2**31}]


def moment(**fields):
    """JSON can't carry a Timestamp that is none, so that it is put in as a message; see run.py."""
    return {"@moment": fields}


def waits(table):
    for wait in ({"seconds": -1}, {"seconds": MAX_INT64}, {"seconds": MIN_INT64}, {"nanos": 2**31 - 1},
                 {"seconds": 1, "nanos": -1}):
        table.invalid(f"max_wait {wait}", [("max_wait", moment(**wait))], ("max_wait", "FIELD_INVALID"))


def document(today, name):
    return {"document_id": "bad", "source_system": "erp", name: {
        "activated": True, "document_date": today, "currency_code": "UAH", "legal_entity_id": "tov-1",
        "order_id": "bad", "lines": [LINE], "payments": [PAYMENT]}}


def common(table, name):
    """What goes for sales and returns alike."""
    table.field("document_id", DROP, "FIELD_REQUIRED")
    table.field("document_id", "x" * 129, "FIELD_TOO_LONG")
    table.field("document_id", "a\x00b", "FIELD_INVALID")
    table.field("document_id", "a\nb", "FIELD_INVALID")
    table.field("source_system", DROP, "FIELD_REQUIRED")
    table.field("source_system", "я" * 65, "FIELD_TOO_LONG")
    table.field(f"{name}.activated", DROP, "NOT_ACTIVATED")
    for date in ("2026-02-30", "вчора", "20261129", "2026-11-29T00:00", "9" * 1000, "\x00"):
        table.field(f"{name}.document_date", date, "DATE_INVALID")
    for date in ("1999-01-01", "2999-12-31", "0001-01-01"):
        table.field(f"{name}.document_date", date, "DATE_NOT_TODAY")
    table.field(f"{name}.currency_code", "USD", "CURRENCY_NOT_UAH")
    table.field(f"{name}.currency_code", "uah", "CURRENCY_NOT_UAH")
    table.field(f"{name}.branch_id", "x" * 129, "FIELD_TOO_LONG")
    table.field(f"{name}.chain_role", 77, "FIELD_UNKNOWN")


def sale(today):
    table = Table(f"{FISCALIZATION}/FiscalizeSale", document(today, "sale"), "DOCUMENT_INVALID")
    common(table, "sale")
    waits(table)
    line, payment = "sale.lines.0", "sale.payments.0"
    table.field(f"{line}.name", DROP, "NAME_MISSING")
    table.field(f"{line}.name", "🙂\u200b\u0301", "NAME_MISSING")
    table.field(f"{line}.name", "x" * 1001, "FIELD_TOO_LONG")
    table.field(f"{line}.tax_id", DROP, "TAX_MISSING")
    table.field(f"{line}.tax_id", "нема", "TAX_NOT_MAPPED")
    table.field(f"{line}.tax_id", "x" * 129, "FIELD_TOO_LONG")
    for quantity in (0, -1, MIN_INT64):
        table.field(f"{line}.quantity_thousandths", str(quantity), "QUANTITY_NOT_POSITIVE")
    for amount in (100_000_000_000, MAX_INT64):
        table.field(f"{line}.quantity_thousandths", str(amount), "AMOUNT_OUT_OF_RANGE")
        table.field(f"{line}.price_kopiykas", str(amount), "AMOUNT_OUT_OF_RANGE")
    for price in (-1, MIN_INT64):
        table.field(f"{line}.price_kopiykas", str(price), "PRICE_NEGATIVE")
    table.field(f"{line}.price_kopiykas", "0", "LINE_AMOUNT_ZERO")
    table.invalid("the largest line there is", [(f"{line}.quantity_thousandths", "99999999999"),
                                                (f"{line}.price_kopiykas", "99999999999")],
                  ("sale.lines[0].price_kopiykas", "AMOUNT_OUT_OF_RANGE"))
    table.field(f"{line}.amount_kopiykas", "4501", "LINE_AMOUNT_MISMATCH")
    table.field(f"{line}.amount_kopiykas", str(MIN_INT64), "AMOUNT_OUT_OF_RANGE")
    table.field(f"{line}.discount_kopiykas", "4500", "LINE_AMOUNT_ZERO")
    table.field(f"{line}.discount_kopiykas", "4501", "DISCOUNT_EXCEEDS_AMOUNT")
    table.field(f"{line}.discount_kopiykas", str(MIN_INT64), "AMOUNT_OUT_OF_RANGE")
    table.field(f"{line}.original_line_id", "1", "FIELD_NOT_ALLOWED")
    for name, length in (("line_id", 128), ("code", 64), ("barcode", 64), ("unit_code", 64), ("dkpp", 16)):
        table.field(f"{line}.{name}", "9" * (length + 1), "FIELD_TOO_LONG")
    table.field(f"{line}.uktzed", "12x", "FIELD_INVALID")
    table.field(f"{line}.excise_stamps", ["A"] * 21, "TOO_MANY_ITEMS")
    table.field("sale.discount_kopiykas", "4500", "DISCOUNT_EXCEEDS_AMOUNT")
    table.field("sale.discount_kopiykas", str(MAX_INT64), "AMOUNT_OUT_OF_RANGE")
    table.field("sale.lines", DROP, "LINES_MISSING")
    table.invalid("two lines of one id", [("sale.lines", [{**LINE, "line_id": "1"}] * 2), (f"{payment}.amount_kopiykas", "9000")],
                  ("sale.lines[1].line_id", "DUPLICATE_LINE_ID"))
    table.invalid("a line too many", [("sale.lines", [LINE] * 1001)], ("sale.lines", "TOO_MANY_ITEMS"))
    table.field("sale.payments", DROP, "PAYMENTS_MISSING")
    table.field(f"{payment}.amount_kopiykas", "4499", "PAYMENTS_DO_NOT_COVER", field="sale.payments")
    table.field(f"{payment}.amount_kopiykas", "0", "PAYMENT_NOT_POSITIVE")
    table.field(f"{payment}.amount_kopiykas", str(MAX_INT64), "AMOUNT_OUT_OF_RANGE")
    table.field(f"{payment}.payment_method_id", "нема", "PAYMENT_METHOD_NOT_MAPPED")
    table.field(f"{payment}.payment_method_id", DROP, "PAYMENT_METHOD_MISSING")
    table.field(f"{payment}.kind", 77, "FIELD_UNKNOWN")
    table.field(f"{payment}.tendered_kopiykas", "5000", "TENDERED_NOT_CASH")
    table.field(f"{payment}.card", {"card_mask": "5375411234567890"}, "CARD_NUMBER_NOT_MASKED",
                field="sale.payments[0].card.card_mask")
    table.field(f"{payment}.card", {"commission_kopiykas": str(MIN_INT64)}, "AMOUNT_OUT_OF_RANGE",
                field="sale.payments[0].card.commission_kopiykas")
    table.invalid("payments too many", [("sale.payments", [{**PAYMENT, "amount_kopiykas": "1"}] * 51)],
                  ("sale.payments", "TOO_MANY_ITEMS"))
    for phone in ("+38050123456", "0501234567; DROP TABLE", "+380000000000", "\x00", "9" * 1000):
        table.field("sale.buyer", {"phone": phone}, "PHONE_INVALID", field="sale.buyer.phone")
    for email in ("nobody", "a@b", "a b@example.com", "a@example.com\nBcc: b@example.com", "@", "x" * 1000 + "@example.com"):
        table.field("sale.buyer", {"email": email}, "EMAIL_INVALID", field="sale.buyer.email")
    table.field("sale.order_total_kopiykas", "-1", "AMOUNT_OUT_OF_RANGE")
    table.refused("an integration that is not there", [("sale.integration_id", "nobody")], "NOT_FOUND",
                  "INTEGRATION_NOT_FOUND")
    table.refused("no default", [("sale.legal_entity_id", "tov-9")], "NOT_FOUND", "DEFAULT_INTEGRATION_NOT_FOUND")
    table.refused("another legal entity", [("sale.legal_entity_id", "tov-9"), ("sale.integration_id", "bad-inputs")],
                  "FAILED_PRECONDITION", "LEGAL_ENTITY_MISMATCH")
    table.refused("a prepayment", [("sale.chain_role", "CHAIN_ROLE_PREPAYMENT")], "FAILED_PRECONDITION",
                  "FISCAL_CHAIN_PREPAYMENT")
    table.refused("a document with other content", [("document_id", "known")], "ALREADY_EXISTS", "DOCUMENT_CONTENT_DIFFERS")
    return table


def sales_return(today, known):
    good = document(today, "sales_return")
    good["original_sale"] = {"document": {"kind": "DOCUMENT_KIND_SALE", "document_id": "known", "source_system": "erp"}}
    del good["sales_return"]["order_id"]
    table = Table(f"{FISCALIZATION}/FiscalizeReturn", good, "DOCUMENT_INVALID")
    common(table, "sales_return")
    table.field("original_sale", DROP, "FIELD_REQUIRED")
    table.field("original_sale.document.document_id", DROP, "FIELD_REQUIRED")
    table.field("original_sale.document.kind", "DOCUMENT_KIND_RETURN", "FIELD_INVALID")
    table.field("original_sale.document.kind", 77, "FIELD_UNKNOWN")
    table.invalid("a fiscal number too long", [("original_sale", {"fiscal_number": "x" * 65})],
                  ("original_sale.fiscal_number", "FIELD_TOO_LONG"))
    table.field("sales_return.lines.0.price_kopiykas", "4600", "DIFFERS_FROM_SALE")
    table.field("sales_return.lines.0.tax_id", "none", "DIFFERS_FROM_SALE")
    table.field("sales_return.lines.0.original_line_id", "7", "ORIGINAL_LINE_NOT_FOUND")
    table.field("sales_return.lines.0.quantity_thousandths", str(MIN_INT64), "QUANTITY_NOT_POSITIVE")
    table.field("refund_method_change", {"buyer_agreed": True, "note": "x" * 1001}, "FIELD_TOO_LONG",
                field="refund_method_change.note")
    table.field("refund_method_change", {"note": "каса"}, "FIELD_REQUIRED", field="refund_method_change.buyer_agreed")
    table.refused("a sale that is not there", [("original_sale.document.document_id", "nobody")], "NOT_FOUND",
                  "FISCALIZATION_NOT_FOUND")
    table.refused("more than was sold", [("sales_return.lines.0.quantity_thousandths", "2000"),
                                         ("sales_return.payments.0.amount_kopiykas", "9000")],
                  "FAILED_PRECONDITION", "RETURN_EXCEEDS_SALE")
    table.refused("money back another way", [("sales_return.payments.0", {"kind": "PAYMENT_KIND_CASH", "amount_kopiykas": "4500"})],
                  "FAILED_PRECONDITION", "REFUND_METHOD_DIFFERS")
    table.refused("a chain", [("sales_return.chain_role", "CHAIN_ROLE_CHAIN_RETURN")], "FAILED_PRECONDITION",
                  "FISCAL_CHAIN_RETURN")
    return table


def payment(today):
    table = Table(f"{FISCALIZATION}/FiscalizePayment", {
        "payment_id": "bad", "source_system": "erp", "direction": "PAYMENT_DIRECTION_INCOMING",
        "payment": {"activated": True, "currency_code": "UAH", "legal_entity_id": "tov-1", "order_id": "bad-order",
                    "order_total_kopiykas": "4500", "lines": [LINE], "payments": [PAYMENT]}}, "DOCUMENT_INVALID")
    table.field("payment_id", DROP, "FIELD_REQUIRED")
    table.field("payment_id", "\x1b[31m", "FIELD_INVALID")
    table.field("direction", DROP, "FIELD_REQUIRED")
    table.field("direction", 77, "FIELD_UNKNOWN")
    table.field("payment.order_total_kopiykas", DROP, "FIELD_REQUIRED")
    table.field("payment.order_total_kopiykas", str(MIN_INT64), "AMOUNT_OUT_OF_RANGE")
    table.field("payment.lines", DROP, "LINES_MISSING")
    table.field("payment.payments", DROP, "PAYMENTS_MISSING")
    table.invalid("two payments", [("payment.payments", [{**PAYMENT, "amount_kopiykas": "2250"}] * 2)],
                  ("payment.payments", "TOO_MANY_ITEMS"))
    table.field("payment.document_date", "1999-01-01", "DATE_NOT_TODAY")
    table.field("money_place", {"cash_desk_id": "x" * 129}, "FIELD_TOO_LONG", field="money_place.cash_desk_id")
    table.refused("money that went out", [("direction", "PAYMENT_DIRECTION_OUTGOING")], "FAILED_PRECONDITION",
                  "OUTGOING_PAYMENT")
    table.refused("a part of the order", [("payment.order_total_kopiykas", "9000")], "FAILED_PRECONDITION",
                  "FISCAL_CHAIN_PREPAYMENT")
    return table


def order_report():
    table = Table(f"{FISCALIZATION}/ReportOrder", {"source_system": "shop", "order": {
        "order_id": "bad", "store_id": "s-1", "revision": "1", "state": "ORDER_STATE_OPEN", "total_kopiykas": "4500",
        "currency_code": "UAH", "lines": [LINE]}})
    table.field("source_system", DROP, "FIELD_REQUIRED")
    table.field("order.order_id", DROP, "FIELD_REQUIRED")
    table.field("order.order_id", "a\x00b", "FIELD_INVALID")
    table.field("order.store_id", DROP, "FIELD_REQUIRED")
    for revision in (0, -1, MIN_INT64):
        table.field("order.revision", str(revision), "FIELD_REQUIRED" if revision == 0 else "FIELD_INVALID")
    table.field("order.state", DROP, "FIELD_REQUIRED")
    table.field("order.state", 77, "FIELD_UNKNOWN")
    for total in (MIN_INT64, MAX_INT64):
        table.field("order.total_kopiykas", str(total), "AMOUNT_OUT_OF_RANGE")
    table.field("order.received_kopiykas", "-1", "AMOUNT_OUT_OF_RANGE")
    table.field("order.currency_code", "EUR", "CURRENCY_NOT_UAH")
    table.invalid("lines too many", [("order.lines", [LINE] * 1001)], ("order.lines", "TOO_MANY_ITEMS"))
    waits(table)
    return table


def delivery_report():
    table = Table(f"{FISCALIZATION}/ReportDelivery", {"source_system": "shop", "delivery": {
        "waybill_number": "20400000000001", "order_id": "bad", "revision": "1", "cash_on_delivery_kopiykas": "4500",
        "order_total_kopiykas": "4500", "currency_code": "UAH"}})
    table.field("delivery.waybill_number", DROP, "FIELD_REQUIRED")
    table.field("delivery.waybill_number", "9" * 65, "FIELD_TOO_LONG")
    table.field("delivery.order_id", DROP, "FIELD_REQUIRED")
    table.field("delivery.revision", str(MIN_INT64), "FIELD_INVALID")
    table.field("delivery.cash_on_delivery_kopiykas", str(MAX_INT64), "AMOUNT_OUT_OF_RANGE")
    table.field("delivery.currency_code", DROP, "CURRENCY_NOT_UAH")
    return table


def of_one(known):
    """The calls about one fiscalization."""
    def missing(table):
        table.refused("one that is not there", [("fiscalization_id", "nobody")], "NOT_FOUND", "FISCALIZATION_NOT_FOUND")
        table.refused("an id with a zero byte", [("fiscalization_id", "a\x00b")], "NOT_FOUND", "FISCALIZATION_NOT_FOUND")

    table = Table(f"{FISCALIZATION}/GetFiscalization", {"fiscalization_id": known})
    table.invalid("nothing asked for", [("fiscalization_id", DROP)], ("fiscalization_id", "FIELD_REQUIRED"))
    table.invalid("a key of nothing", [("fiscalization_id", DROP), ("document", {})],
                  ("document.kind", "FIELD_REQUIRED"), ("document.document_id", "FIELD_REQUIRED"),
                  ("document.source_system", "FIELD_REQUIRED"))
    missing(table)
    waits(table)
    yield table
    for rpc in ("RetryFiscalization", "CancelFiscalization"):
        table = Table(f"{FISCALIZATION}/{rpc}", {"fiscalization_id": known})
        table.field("fiscalization_id", DROP, "FIELD_REQUIRED")
        table.field("fiscalization_id", "x" * 129, "FIELD_TOO_LONG")
        for etag in ("x", "-1", "1.0", "9" * 30, "\x00"):
            table.field("etag", etag, "FIELD_INVALID")
        missing(table)
        table.refused("what has its receipt", [], "FAILED_PRECONDITION", "STATE_NOT_ALLOWED")
        if rpc == "RetryFiscalization":
            waits(table)
        yield table
    table = Table(f"{FISCALIZATION}/ResolveFiscalization", {
        "fiscalization_id": known, "outcome": "RESOLUTION_OUTCOME_ABSENT_SEND", "note": "бачив", "principal": "оператор"})
    table.field("fiscalization_id", DROP, "FIELD_REQUIRED")
    table.field("outcome", DROP, "FIELD_REQUIRED")
    table.field("outcome", 77, "FIELD_UNKNOWN")
    table.field("outcome", -1, "FIELD_UNKNOWN")
    table.field("fiscal_number", "TEST_1", "FIELD_NOT_ALLOWED")
    table.invalid("a receipt without its number", [("outcome", "RESOLUTION_OUTCOME_RECEIPT_EXISTS")],
                  ("fiscal_number", "FIELD_REQUIRED"))
    table.invalid("a number too long", [("outcome", "RESOLUTION_OUTCOME_RECEIPT_EXISTS"), ("fiscal_number", "x" * 129)],
                  ("fiscal_number", "FIELD_TOO_LONG"))
    table.field("note", DROP, "FIELD_REQUIRED")
    table.field("note", "x" * 1001, "FIELD_TOO_LONG")
    table.field("principal", DROP, "FIELD_REQUIRED")
    table.field("principal", "x" * 129, "FIELD_TOO_LONG")
    table.field("etag", "x", "FIELD_INVALID")
    table.invalid("nothing at all", [(name, DROP) for name in ("fiscalization_id", "outcome", "note", "principal")],
                  ("fiscalization_id", "FIELD_REQUIRED"), ("outcome", "FIELD_REQUIRED"), ("note", "FIELD_REQUIRED"),
                  ("principal", "FIELD_REQUIRED"))
    missing(table)
    table.refused("what has its receipt", [], "FAILED_PRECONDITION", "STATE_NOT_ALLOWED")
    yield table
    table = Table(f"{FISCALIZATION}/ListExchanges", {"fiscalization_id": known})
    table.field("fiscalization_id", DROP, "FIELD_REQUIRED")
    pages(table)
    missing(table)
    yield table


def watch():
    table = Table(f"{FISCALIZATION}/WatchFiscalizations", {})
    for cursor in ("x", "A" * 10_000, "🙂", "\x00", "AAAAAAAAAAAAAAAAAAAAAAAA"):
        table.field("cursor", cursor, "FIELD_INVALID")
    table.invalid("an id of nothing", [("integration_ids", ["bad-inputs", ""])], ("integration_ids[1]", "FIELD_REQUIRED"))
    return table


def lists():
    table = Table(f"{FISCALIZATION}/ListFiscalizations", {})
    pages(table)
    for time in TIMES:
        table.invalid(f"from {time}", [("create_time_from", moment(**time))], ("create_time_from", "FIELD_INVALID"))
        table.invalid(f"before {time}", [("create_time_before", moment(**time))], ("create_time_before", "FIELD_INVALID"))
    table.field("states", [77], "FIELD_UNKNOWN", field="states[0]")
    table.field("kind", 77, "FIELD_UNKNOWN")
    for field in ("integration_id", "order_id", "reason", "register_fiscal_number", "source_system"):
        table.field(field, "x" * 129, "FIELD_TOO_LONG")
    yield table
    table = Table(f"{RECEIPT}/ListReceipts", {})
    pages(table)
    for time in TIMES:
        table.invalid(f"from {time}", [("fiscal_time_from", moment(**time))], ("fiscal_time_from", "FIELD_INVALID"))
    table.field("kind", 77, "FIELD_UNKNOWN")
    yield table
    table = Table(f"{RECEIPT}/ListReceiptSendings", {})
    pages(table)
    table.field("fiscal_number", "x" * 129, "FIELD_TOO_LONG")
    yield table


def receipts(known_number):
    table = Table(f"{RECEIPT}/GetReceipt", {"fiscal_number": known_number})
    table.invalid("nothing asked for", [("fiscal_number", DROP)], ("fiscalization_id", "FIELD_REQUIRED"))
    table.field("view", 77, "FIELD_UNKNOWN")
    table.field("fiscal_number", "x" * 129, "FIELD_TOO_LONG")
    table.refused("a number that is not there", [("fiscal_number", "TEST_nothing")], "NOT_FOUND", "RECEIPT_NOT_FOUND")
    table.refused("a number with a zero byte", [("fiscal_number", "TEST\x00")], "NOT_FOUND", "RECEIPT_NOT_FOUND")
    table.refused("the number at another register", [("register_fiscal_number", "4999999999")], "NOT_FOUND", "RECEIPT_NOT_FOUND")
    yield table
    table = Table(f"{RECEIPT}/GetTotals", {"integration_id": "bad-inputs", "fiscal_time_from": "2026-01-01T00:00:00Z",
                                           "fiscal_time_before": "2026-01-02T00:00:00Z"})
    table.field("integration_id", DROP, "FIELD_REQUIRED")
    table.field("fiscal_time_from", DROP, "FIELD_REQUIRED")
    table.field("fiscal_time_before", "2025-12-31T00:00:00Z", "FIELD_INVALID")
    for time in TIMES:
        table.invalid(f"from {time}", [("fiscal_time_from", moment(**time))], ("fiscal_time_from", "FIELD_INVALID"))
    table.invalid("a period of the register's own", [("compare_with_register", True)],
                  ("fiscal_time_from", "FIELD_NOT_ALLOWED"), ("fiscal_time_before", "FIELD_NOT_ALLOWED"))
    table.refused("one that is not there", [("integration_id", "nobody")], "NOT_FOUND", "INTEGRATION_NOT_FOUND")
    yield table
    table = Table(f"{RECEIPT}/SendReceipt", {"fiscal_number": known_number, "phone": "+380501234567", "request_id": "bad"})
    table.field("fiscal_number", DROP, "FIELD_REQUIRED")
    table.field("request_id", DROP, "FIELD_REQUIRED")
    table.field("request_id", "x" * 129, "FIELD_TOO_LONG")
    table.invalid("nobody to send it to", [("phone", DROP)], ("phone", "FIELD_REQUIRED"))
    table.field("phone", "+12125550100", "PHONE_INVALID")
    table.field("email", "nobody@", "EMAIL_INVALID")
    table.field("email", "a@example.com,b@example.com", "EMAIL_INVALID")
    table.refused("a number that is not there", [("fiscal_number", "TEST_nothing")], "NOT_FOUND", "RECEIPT_NOT_FOUND")
    yield table


def tables(today, known, known_number):
    yield from (sale(today), sales_return(today, known), payment(today), order_report(), delivery_report(), watch())
    yield from of_one(known)
    yield from lists()
    yield from receipts(known_number)
