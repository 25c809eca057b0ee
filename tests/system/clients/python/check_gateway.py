#!/usr/bin/env python3
"""Checks a running gateway as a Python caller sees it: with stubs made from proto/kasa/v1 and nothing else of ours.

    check_gateway.py --gateway HOST:PORT --token TOKEN [--integration ID]

TOKEN is that of a test register. The integration, its mapping and its token are set up where they are not yet.
Needs the packages of tests/requirements.txt. Status 0 when everything is as the contract says; else 1, after the
first thing that is not.
"""

import argparse
import contextlib
import datetime
import importlib
import pathlib
import sys
import tempfile
import uuid
import zoneinfo

import grpc
import grpc_tools.protoc
from google.protobuf import duration_pb2, field_mask_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

PROTOS = pathlib.Path(__file__).resolve().parents[4] / "proto"
DOMAIN = "kasa.v1"
SOURCE_SYSTEM = "python-check"
BAD_LINES = 1000
TIMEOUT_S = 30


class Surprise(Exception):
    """The gateway did something else than the contract says."""


def expect(condition, what):
    if not condition:
        raise Surprise(what)


def expect_equal(found, expected, what):
    expect(found == expected, f"{what}: {found!r} instead of {expected!r}")


class Contract:
    """The stubs, generated into a directory that has to be on sys.path as long as they are used."""

    def __init__(self, directory):
        files = sorted(str(file) for file in PROTOS.glob("kasa/v1/*.proto"))
        expect(files, f"no protos below {PROTOS}")
        well_known = pathlib.Path(grpc_tools.protoc.__file__).parent / "_proto"
        status = grpc_tools.protoc.main(
            ["protoc", f"--proto_path={PROTOS}", f"--proto_path={well_known}", f"--python_out={directory}",
             f"--grpc_python_out={directory}", *files])
        expect_equal(status, 0, "status of protoc")
        sys.path.insert(0, str(directory))

    def __getattr__(self, name):
        return importlib.import_module(f"kasa.v1.{name}")


class Error:
    """What a caller reads out of a failed call."""

    def __init__(self, error):
        self.code = error.code()
        self.info = None
        self.violations = []
        self.retry_delay = None
        status = rpc_status.from_call(error)
        for detail in status.details if status else []:
            for kind, read in ((error_details_pb2.ErrorInfo, self._read_info),
                               (error_details_pb2.BadRequest, self._read_violations),
                               (error_details_pb2.RetryInfo, self._read_retry)):
                if detail.Is(kind.DESCRIPTOR):
                    message = kind()
                    detail.Unpack(message)
                    read(message)

    def _read_info(self, info):
        if info.domain == DOMAIN:
            self.info = info

    def _read_violations(self, bad_request):
        self.violations = list(bad_request.field_violations)

    def _read_retry(self, retry):
        self.retry_delay = retry.retry_delay.ToTimedelta()

    def __str__(self):
        return f"{self.code.name} {self.info.reason if self.info else '(not the gateway)'} {self.violations[:3]}"


def error_of(method, request):
    """The Error that a call ends with."""
    try:
        answer = method(request, timeout=TIMEOUT_S)
    except grpc.RpcError as error:
        return Error(error)
    raise Surprise(f"{type(request).__name__} was expected to fail, and was answered with {answer}")


def expect_error(method, request, code, reason):
    error = error_of(method, request)
    expect(error.info is not None, f"{type(request).__name__}: {error.code} without ErrorInfo of {DOMAIN}")
    expect_equal((error.code, error.info.reason), (code, reason), f"error of {type(request).__name__}")
    return error


class Check:
    def __init__(self, contract, channel, token, integration_id):
        self.document = contract.document_pb2
        self.exchange = contract.exchange_pb2
        self.fiscalization = contract.fiscalization_pb2
        self.fiscalizations = contract.fiscalization_service_pb2
        self.integrations = contract.integration_service_pb2
        self.mapping = contract.mapping_pb2
        self.receipts = contract.receipt_service_pb2
        self.register = contract.register_pb2
        self.fiscalization_service = contract.fiscalization_service_pb2_grpc.FiscalizationServiceStub(channel)
        self.integration_service = contract.integration_service_pb2_grpc.IntegrationServiceStub(channel)
        self.receipt_service = contract.receipt_service_pb2_grpc.ReceiptServiceStub(channel)
        self.token = token
        self.integration_id = integration_id
        self.run_id = uuid.uuid4().hex[:12]

    def set_up(self):
        """An active integration of the token's register."""
        service = self.integration_service
        get = self.integrations.GetIntegrationRequest(integration_id=self.integration_id)
        try:
            service.GetIntegration(get, timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            read = Error(error)
            if not read.info or read.info.reason != "INTEGRATION_NOT_FOUND":
                raise
            create = self.integrations.CreateIntegrationRequest(integration_id=self.integration_id)
            create.integration.display_name = "Перевірка з Python"
            create.integration.legal_entity_id = self.integration_id
            create.integration.cashier_name = "Касир Перевірки"
            service.CreateIntegration(create, timeout=TIMEOUT_S)
        service.UpdateMapping(self.mapping.UpdateMappingRequest(merge=True, mapping=self.mapping.Mapping(
            integration_id=self.integration_id,
            taxes=[self.mapping.TaxMapping(tax_id="vat20", tax_group=1)],
            payment_methods=[self.mapping.PaymentMethodMapping(payment_method_id="cash", payment_type=0),
                             self.mapping.PaymentMethodMapping(payment_method_id="card", payment_type=2)])),
            timeout=TIMEOUT_S)
        integration = service.SetToken(self.integrations.SetTokenRequest(
            integration_id=self.integration_id, token=self.token), timeout=75).integration
        expect_equal(integration.register_mode, self.register.REGISTER_MODE_TEST, "mode of the register")
        expect_equal(integration.token_last_four, self.token[-4:], "end of the token")
        expect(self.token not in str(integration), "the token is read back")
        activate = self.integrations.UpdateIntegrationRequest(
            update_mask=field_mask_pb2.FieldMask(paths=["active"]))
        activate.integration.integration_id = self.integration_id
        activate.integration.active = True
        expect(service.UpdateIntegration(activate, timeout=TIMEOUT_S).integration.active, "it is not active")

    def sale(self, name):
        """A sale of 34.50 UAH by card."""
        request = self.fiscalizations.FiscalizeSaleRequest(
            document_id=f"{name}-{self.run_id}", source_system=SOURCE_SYSTEM,
            max_wait=duration_pb2.Duration(seconds=20))
        sale = request.sale
        sale.activated = True
        sale.document_date = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Kyiv")).strftime("%Y-%m-%d")
        sale.currency_code = "UAH"
        sale.integration_id = self.integration_id
        sale.order_id = request.document_id
        sale.lines.add(name="Кава", quantity_thousandths=1500, price_kopiykas=2300, tax_id="vat20",
                       amount_kopiykas=3450)
        sale.payments.add(payment_method_id="card", amount_kopiykas=3450)
        return request

    def bad_lines(self):
        """1,000 bad lines: the error arrives with as many violations as fit, and says how many more there are."""
        request = self.sale("bad")
        del request.sale.lines[:]
        for number in range(BAD_LINES):
            request.sale.lines.add(name=f"Рядок {number}", quantity_thousandths=0, price_kopiykas=100,
                                   tax_id=f"невідомий-{number}")
        fiscalize = self.fiscalization_service.FiscalizeSale
        error = expect_error(fiscalize, request, grpc.StatusCode.INVALID_ARGUMENT, "DOCUMENT_INVALID")
        expect(error.violations, "no violation arrived")
        fields = [violation.field for violation in error.violations]
        expect(fields[0].startswith("sale.lines[0]."), f"the first violation is of {fields[0]}")
        reasons = {violation.reason for violation in error.violations}
        expect({"TAX_NOT_MAPPED", "QUANTITY_NOT_POSITIVE"} <= reasons, f"reasons {sorted(reasons)}")
        expect(all(violation.description for violation in error.violations), "a violation has no text")
        left_out = int(error.info.metadata["violations_left_out"])
        total = int(error.info.metadata["violations_total"])
        expect_equal(len(error.violations) + left_out, total, "violations that arrived and those left out")
        expect(left_out > 0 and total >= 2 * BAD_LINES, f"{total} violations, {left_out} of them left out")

        request.validate_only = True
        checked = fiscalize(request, timeout=TIMEOUT_S)
        expect_equal(len(checked.violations), total, "violations told by validate_only")
        expect_equal([violation.field for violation in checked.violations[:len(fields)]], fields,
                     "the first violations of validate_only")
        self.expect_not_stored(request)
        return f"{len(fields)} of {total} violations in the error, all with validate_only"

    def expect_not_stored(self, request):
        expect_error(self.fiscalization_service.GetFiscalization, self.by_document(request),
                     grpc.StatusCode.NOT_FOUND, "FISCALIZATION_NOT_FOUND")

    def by_document(self, request):
        return self.fiscalizations.GetFiscalizationRequest(document=self.document.DocumentKey(
            kind=self.document.DOCUMENT_KIND_SALE, document_id=request.document_id,
            source_system=request.source_system))

    def sale_and_replay(self):
        """One sale makes one receipt, however often it is sent."""
        request = self.sale("good")
        fiscalize = self.fiscalization_service.FiscalizeSale
        draft = self.fiscalizations.FiscalizeSaleRequest()
        draft.CopyFrom(request)
        draft.validate_only = True
        checked = fiscalize(draft, timeout=TIMEOUT_S)
        expect_equal((len(checked.violations), checked.draft.sum_kopiykas), (0, 3450), "violations and sum of the check")
        self.expect_not_stored(request)

        first = fiscalize(request, timeout=TIMEOUT_S)
        expect_equal(first.replayed, False, "replayed, of the first")
        self.expect_fiscalized(first.fiscalization)
        again = fiscalize(request, timeout=TIMEOUT_S)
        expect_equal(again.replayed, True, "replayed, of the second")
        expect_equal(again.fiscalization.receipt, first.fiscalization.receipt, "receipt of the second")
        expect_equal(again.fiscalization.attempts, 1, "sends to the register")
        known = self.fiscalization_service.GetFiscalization(self.by_document(request), timeout=TIMEOUT_S)
        expect_equal(known.fiscalization.receipt, first.fiscalization.receipt, "receipt, asked by its document")

        request.sale.lines[0].name = "Чай"
        error = expect_error(fiscalize, request, grpc.StatusCode.ALREADY_EXISTS, "DOCUMENT_CONTENT_DIFFERS")
        expect_equal(error.info.metadata["fiscalization_id"], first.fiscalization.fiscalization_id,
                     "fiscalization that the refusal names")
        self.receipt_of(first.fiscalization)
        return f"receipt {first.fiscalization.receipt.fiscal_number}"

    def expect_fiscalized(self, fiscalization):
        expect_equal(self.fiscalization.FiscalizationState.Name(fiscalization.state), "FISCALIZATION_STATE_FISCALIZED",
                     f"state ({fiscalization.failure})")
        receipt = fiscalization.receipt
        expect(receipt.fiscal_number.startswith("TEST_"), f"fiscal number {receipt.fiscal_number} of a test register")
        expect_equal(receipt.total_kopiykas, 3450, "sum of the receipt")
        expect_equal(receipt.register_mode, self.register.REGISTER_MODE_TEST, "mode of the receipt")
        expect(receipt.view_url.startswith("http"), f"link {receipt.view_url!r}")

    def receipt_of(self, fiscalization):
        """The receipt by each of its names, and what was said to the register."""
        request = self.receipts.GetReceiptRequest
        for asked in (request(fiscalization_id=fiscalization.fiscalization_id),
                      request(document=fiscalization.document),
                      request(fiscal_number=fiscalization.receipt.fiscal_number)):
            found = self.receipt_service.GetReceipt(asked, timeout=TIMEOUT_S).receipt
            expect_equal(found, fiscalization.receipt, f"receipt by {asked.WhichOneof('by')}")
        exchanges = self.fiscalization_service.ListExchanges(self.exchange.ListExchangesRequest(
            fiscalization_id=fiscalization.fiscalization_id), timeout=TIMEOUT_S).exchanges
        expect(any("Кава" in exchange.request for exchange in exchanges), "no exchange shows the sale")
        expect(all(self.token not in exchange.request + exchange.answer for exchange in exchanges),
               "an exchange shows the token")


def run(arguments):
    with contextlib.ExitStack() as stack:
        contract = Contract(stack.enter_context(tempfile.TemporaryDirectory()))
        channel = stack.enter_context(grpc.insecure_channel(
            arguments.gateway, options=[("grpc.enable_http_proxy", 0)]))
        check = Check(contract, channel, arguments.token, arguments.integration)
        check.set_up()
        print(f"set up integration {arguments.integration}")
        for part in (check.bad_lines, check.sale_and_replay):
            print(f"{part.__name__}: {part()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", required=True, metavar="HOST:PORT")
    parser.add_argument("--token", required=True, help="token of a test register")
    parser.add_argument("--integration", default="python-check", metavar="ID")
    try:
        run(parser.parse_args())
    except Surprise as surprise:
        print(f"check_gateway.py: {surprise}", file=sys.stderr)
        return 1
    except grpc.RpcError as error:
        print(f"check_gateway.py: a call that should succeed ended with {Error(error)}: {error.details()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
