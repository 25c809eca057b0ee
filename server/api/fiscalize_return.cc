// FiscalizationHandlers::FiscalizeReturn.
#include <utility>

#include "server/api/decode_document.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/errors.h"
#include "server/api/fiscalization_handlers.h"
#include "server/api/request_check.h"
#include "server/domain/document_checks.h"

namespace kasa::api {
namespace {

// What the request tells of the return, in its document and beside it.
domain::Document DecodeReturnDocument(const v1::FiscalizeReturnRequest& request, RequestCheck& check) {
  domain::Document sales_return = DecodeDocument(request.sales_return(), "sales_return", check);
  sales_return.original_sale = DecodeOriginal(request.original_sale(), "original_sale", check);
  if (request.has_refund_method_change()) {
    sales_return.refund_method_change =
        domain::RefundMethodChange{.buyer_agreed = request.refund_method_change().buyer_agreed(),
                                   .note = request.refund_method_change().note()};
  }
  return sales_return;
}

}  // namespace

void FiscalizationHandlers::FiscalizeReturn(v1::FiscalizeReturnRequest request, CallContext call,
                                            Done<v1::FiscalizeReturnResponse> done) {
  RequestCheck check;
  check.AddAll(domain::CheckDocumentName(request.source_system(), request.document_id(), "document_id"));
  if (!request.has_sales_return()) check.Add("sales_return", Reason::kFieldRequired, "is required");
  engine::DocumentRequest asked;
  asked.kind = domain::DocumentKind::kReturn;
  asked.document_id = request.document_id();
  asked.source_system = request.source_system();
  asked.document = DecodeReturnDocument(request, check);
  asked.validate_only = request.validate_only();
  asked.max_wait = check.MaxWait("max_wait", request.has_max_wait(), request.max_wait());
  asked.answer_within = call.answer_within;
  if (!check.ok()) return std::move(done)(check.ToStatus());

  auto encode = [this, validate_only = request.validate_only()](
                    engine::FiscalizeOutcome outcome) -> absl::StatusOr<v1::FiscalizeReturnResponse> {
    if (!outcome.violations.empty() && !validate_only) return DocumentInvalid(outcome.violations);
    const auto mode = outcome.draft ? ModeOf(outcome.integration_id) : std::nullopt;
    v1::FiscalizeReturnResponse response;
    EncodeReturnOutcome(outcome, mode, pages_, &response);
    return response;
  };
  fiscalizer_.Fiscalize(std::move(asked),
                        EncodeOn<engine::FiscalizeOutcome>(executor_, std::move(done), std::move(encode)));
}

}  // namespace kasa::api
