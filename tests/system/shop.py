"""A shop that sells coffee: the few calls that most tests of the real gateway need."""

import datetime
import os
import subprocess
import zoneinfo

import grpc

TOKEN = "simulator-token-1"
PHONE = "+380671234567"
EMAIL = "olena@example.com"


class Shop:
    """One integration "shop" on the simulator's first register, and its callers."""

    def __init__(self, contract, address):
        self.contract = contract
        self.channel = grpc.insecure_channel(address)
        self.integrations = contract.integration_service_pb2_grpc.IntegrationServiceStub(self.channel)
        self.fiscalizations = contract.fiscalization_service_pb2_grpc.FiscalizationServiceStub(self.channel)
        self.receipts = contract.receipt_service_pb2_grpc.ReceiptServiceStub(self.channel)

    def close(self):
        self.channel.close()

    def set_up(self, integration_id="shop", token=TOKEN):
        contract = self.contract
        self.integrations.CreateIntegration(contract.integration_service_pb2.CreateIntegrationRequest(
            integration_id=integration_id, token=token,
            integration=contract.integration_pb2.Integration(legal_entity_id="tov-1", active=True)), timeout=30)
        mapping = contract.mapping_pb2
        self.integrations.UpdateMapping(mapping.UpdateMappingRequest(mapping=mapping.Mapping(
            integration_id=integration_id, taxes=[mapping.TaxMapping(tax_id="vat20", tax_group=1)],
            payment_methods=[mapping.PaymentMethodMapping(payment_method_id="card", payment_type=2)])), timeout=30)

    def document(self, integration_id="shop"):
        document = self.contract.document_pb2
        return document.Document(
            activated=True, currency_code="UAH", legal_entity_id="tov-1", integration_id=integration_id,
            document_date=datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).date().isoformat(),
            lines=[document.Line(name="Кава", quantity_thousandths=1000, price_kopiykas=4500, tax_id="vat20")],
            payments=[document.Payment(payment_method_id="card", amount_kopiykas=4500)],
            buyer=document.Buyer(phone=PHONE, email=EMAIL))

    def sell(self, document_id, wait_s=30, order_id="", timeout_s=60, integration_id="shop"):
        request = self.contract.fiscalization_service_pb2.FiscalizeSaleRequest(
            document_id=document_id, source_system="shop", sale=self.document(integration_id))
        if order_id:
            request.sale.order_id = order_id
        request.max_wait.FromSeconds(wait_s)
        return self.fiscalizations.FiscalizeSale(request, timeout=timeout_s)

    def give_back(self, document_id, sold):
        """A return of all of a sale."""
        document = self.contract.document_pb2
        request = self.contract.fiscalization_service_pb2.FiscalizeReturnRequest(
            document_id=document_id, source_system="shop", sales_return=self.document(),
            original_sale=document.OriginalSale(document=document.DocumentKey(
                source_system="shop", document_id=sold, kind=document.DOCUMENT_KIND_SALE)))
        request.max_wait.FromSeconds(30)
        return self.fiscalizations.FiscalizeReturn(request, timeout=60)

    def pay(self, payment_id):
        """A payment that is for no document and no order."""
        request = self.contract.fiscalization_service_pb2.FiscalizePaymentRequest(
            payment_id=payment_id, source_system="shop", payment=self.document(),
            direction=self.contract.document_pb2.PAYMENT_DIRECTION_INCOMING)
        request.max_wait.FromSeconds(30)
        return self.fiscalizations.FiscalizePayment(request, timeout=60)


def refuse(binary, store, simulator_url, *flags, environment=None):
    """Starts the gateway, which must end by itself and say why; what it said."""
    command = [binary, "--store", str(store), "--vchasno-url", simulator_url, "--listen", "127.0.0.1:0", *flags]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                           env={**os.environ, **(environment or {})})
    assert ended.returncode != 0 and "listening on" not in ended.stdout, ended
    return ended.stderr + ended.stdout
