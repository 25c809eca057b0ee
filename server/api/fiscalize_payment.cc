// FiscalizationHandlers::FiscalizePayment.
#include <utility>

#include "server/api/decode_document.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/errors.h"
#include "server/api/fiscalization_handlers.h"
#include "server/api/request_check.h"
#include "server/domain/document_checks.h"

namespace kasa::api {
namespace {

domain::PaymentDirection DecodeDirection(v1::PaymentDirection direction, RequestCheck& check) {
  switch (direction) {
    case v1::PAYMENT_DIRECTION_UNSPECIFIED:
      return domain::PaymentDirection::kUnspecified;
    case v1::PAYMENT_DIRECTION_INCOMING:
      return domain::PaymentDirection::kIncoming;
    case v1::PAYMENT_DIRECTION_OUTGOING:
      return domain::PaymentDirection::kOutgoing;
    default:
      check.UnknownEnum("direction", direction);
      return domain::PaymentDirection::kUnspecified;
  }
}

// What the request tells of the payment, in its document and beside it.
domain::Document DecodePaymentDocument(const v1::FiscalizePaymentRequest& request, RequestCheck& check) {
  domain::Document payment = DecodeDocument(request.payment(), "payment", check);
  payment.direction = DecodeDirection(request.direction(), check);
  if (request.has_money_place()) {
    payment.money_place = domain::MoneyPlace{.cash_desk_id = request.money_place().cash_desk_id(),
                                             .bank_account_id = request.money_place().bank_account_id()};
  }
  if (request.has_paid_document()) {
    payment.paid_document = DecodeDocumentName(request.paid_document(), "paid_document", check);
  }
  return payment;
}

}  // namespace

void FiscalizationHandlers::FiscalizePayment(v1::FiscalizePaymentRequest request, CallContext call,
                                             Done<v1::FiscalizePaymentResponse> done) {
  RequestCheck check;
  check.AddAll(domain::CheckDocumentName(request.source_system(), request.payment_id(), "payment_id"));
  if (!request.has_payment()) check.Add("payment", Reason::kFieldRequired, "is required");
  engine::DocumentRequest payment;
  payment.kind = domain::DocumentKind::kPayment;
  payment.document_id = request.payment_id();
  payment.source_system = request.source_system();
  payment.document = DecodePaymentDocument(request, check);
  payment.validate_only = request.validate_only();
  payment.max_wait = check.MaxWait("max_wait", request.has_max_wait(), request.max_wait());
  payment.answer_within = call.answer_within;
  if (!check.ok()) return std::move(done)(check.ToStatus());

  auto encode = [this, validate_only = request.validate_only()](
                    engine::FiscalizeOutcome outcome) -> absl::StatusOr<v1::FiscalizePaymentResponse> {
    if (!outcome.violations.empty() && !validate_only) return DocumentInvalid(outcome.violations);
    const auto mode = outcome.draft ? ModeOf(outcome.integration_id) : std::nullopt;
    v1::FiscalizePaymentResponse response;
    EncodePaymentOutcome(outcome, mode, pages_, &response);
    return response;
  };
  fiscalizer_.Fiscalize(std::move(payment),
                        EncodeOn<engine::FiscalizeOutcome>(executor_, std::move(done), std::move(encode)));
}

}  // namespace kasa::api
