"""What the callers of the torture send: documents with the sum that their receipt must have, to the kopiyka."""

import datetime
import zoneinfo

SYSTEM = "torture"
TAX = "vat20"
KYIV = zoneinfo.ZoneInfo("Europe/Kyiv")
CASH, CARD, ONLINE = "cash", "card", "online"
SALE_TASK, RETURN_TASK = 1, 2


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def due(payments):
    """What is to be paid: the cash part rounded to 50 kopiykas, half up, and the rest as it is."""
    return sum(half_up(amount, 50) * 50 if method == CASH else amount for method, amount in payments)


class Document:
    """One document of a caller, with all that the caller was told about it."""

    def __init__(self, name, register, method, request, payments, task):
        self.name = name
        self.register = register
        self.method = method  # of the service
        self.request = request
        self.task = task
        self.payments = payments
        self.correctable = False  # there is a correction to be made yet
        self.corrected = False
        self.sums = {due(payments)}  # that the receipt may have: two while it is not known whether a correction came
        self.fiscalization_id = None
        self.fiscal_number = None  # as told: never to change
        self.state = None  # as told last
        self.last = None  # the fiscalization as told last


class Writer:
    """Writes the documents of one caller."""

    def __init__(self, contract, random, name, register):
        self.contract = contract
        self.random = random
        self.name = name
        self.register = register
        self.written = 0

    def _document(self, order, lines, payments, **more):
        c = self.contract.document_pb2
        return c.Document(activated=True, currency_code="UAH", legal_entity_id="tov-1",
                          integration_id=f"r{self.register}", order_id=order, lines=[c.Line(**line) for line in lines],
                          payments=[c.Payment(payment_method_id=method, amount_kopiykas=amount)
                                    for method, amount in payments], **more)

    def _next(self, kind):
        self.written += 1
        return f"{self.name}-{self.written}-{kind}"

    def _today(self):
        return datetime.datetime.now(KYIV).date().isoformat()

    def sale(self, lines=None, payments=None, **more):
        name = self._next("sale")
        correctable = lines is None
        if correctable:
            lines = [dict(line_id=str(i + 1), name=f"Товар {i + 1} із {name}", tax_id=TAX,
                          quantity_thousandths=self.random.choice((1000, 2000, 333, 1250)),
                          price_kopiykas=self.random.randrange(100, 90000)) for i in range(self.random.randint(1, 3))]
            total = sum(half_up(line["quantity_thousandths"] * line["price_kopiykas"], 1000) for line in lines)
            payments = self._ways_to_pay(total)
        request = self.contract.fiscalization_service_pb2.FiscalizeSaleRequest(
            document_id=name, source_system=SYSTEM,
            sale=self._document(f"order-{name}", lines, payments, document_date=self._today(), **more))
        document = Document(name, self.register, "FiscalizeSale", request, payments, SALE_TASK)
        document.correctable = correctable
        return document

    def _ways_to_pay(self, total):
        way = self.random.randrange(4)
        if way == 0:
            return [(CASH, total)]
        if way == 1 and total > 2000:
            return [(CARD, total // 3), (CASH, total - total // 3)]
        return [(self.random.choice((CARD, ONLINE)), total)]

    def sale_in_thirds(self):
        """Three of one thing, with a discount that does not divide."""
        price, discount = self.random.randrange(3000, 90000), self.random.randrange(100, 1000)
        line = dict(line_id="1", name="Крісло", tax_id=TAX, price_kopiykas=price, quantity_thousandths=3000)
        return self.sale([line], [(CARD, 3 * price - discount)], discount_kopiykas=discount)

    def third_back(self, sold, part):
        """The part-th of three returns: its share of what was paid, so that the three give back exactly that."""
        paid = sold.payments[0][1]
        share = half_up(paid * part, 3) - half_up(paid * (part - 1), 3)
        price = sold.request.sale.lines[0].price_kopiykas
        line = dict(name="Крісло", tax_id=TAX, price_kopiykas=price, quantity_thousandths=1000, original_line_id="1")
        return self._return(sold, [line], [(CARD, share)])

    def all_back(self, sold):
        lines = [dict(name=line.name, tax_id=line.tax_id, price_kopiykas=line.price_kopiykas,
                      quantity_thousandths=line.quantity_thousandths, original_line_id=line.line_id)
                 for line in sold.request.sale.lines]
        return self._return(sold, lines, sold.payments)

    def payment_back(self, paid):
        method, amount = paid.payments[0]
        line = dict(name="Оплата замовлення", tax_id=TAX, price_kopiykas=amount, quantity_thousandths=1000)
        return self._return(paid, [line], [(method, amount)])

    def _return(self, original, lines, payments):
        name = self._next("return")
        c = self.contract
        request = c.fiscalization_service_pb2.FiscalizeReturnRequest(
            document_id=name, source_system=SYSTEM,
            sales_return=self._document(original.last.order_id, lines, payments, document_date=self._today()),
            original_sale=c.document_pb2.OriginalSale(document=original.last.document))
        return Document(name, self.register, "FiscalizeReturn", request, payments, RETURN_TASK)

    def payment(self):
        name = self._next("payment")
        c = self.contract
        payments = [(self.random.choice((CASH, ONLINE)), self.random.randrange(1000, 90000))]
        request = c.fiscalization_service_pb2.FiscalizePaymentRequest(
            payment_id=name, source_system=SYSTEM, direction=c.document_pb2.PAYMENT_DIRECTION_INCOMING,
            payment=self._document(f"order-{name}", [], payments, order_total_kopiykas=payments[0][1]))
        return Document(name, self.register, "FiscalizePayment", request, payments, SALE_TASK)

    def correct(self, document):
        """Other content under the same id: a sale of one kopiyka more."""
        document.correctable, document.corrected = False, True
        sale = document.request.sale
        line = sale.lines.add()
        line.CopyFrom(self.contract.document_pb2.Line(line_id="extra", name="Пакет", quantity_thousandths=1000,
                                                      price_kopiykas=1, tax_id=TAX))
        sale.payments[0].amount_kopiykas += 1
        method, amount = document.payments[0]
        document.payments = [(method, amount + 1), *document.payments[1:]]
        document.sums.add(due(document.payments))
