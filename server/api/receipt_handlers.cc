#include "server/api/receipt_handlers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/api/decode_document.h"
#include "server/api/errors.h"
#include "server/api/request_check.h"
#include "server/domain/state_machine.h"

namespace kasa::api {
namespace {

// What finds no fiscalization finds no receipt.
absl::Status AsReceiptNotFound(const absl::Status& status) {
  if (!absl::IsNotFound(status)) return status;
  return ReasonedError(absl::StatusCode::kNotFound, Reason::kReceiptNotFound, status.message());
}

absl::Status NoReceiptYet(const domain::Fiscalization& fiscalization) {
  const absl::string_view state = domain::NameOf(fiscalization.state);
  absl::Status status =
      ReasonedError(absl::StatusCode::kNotFound, Reason::kReceiptNotFound,
                    absl::StrCat("fiscalization ", fiscalization.id, " has no receipt: it is ", state));
  status = WithFact(std::move(status), "fiscalization_id", fiscalization.id);
  return WithFact(std::move(status), "state", state);
}

void CheckView(const v1::GetReceiptRequest& request, RequestCheck& check) {
  if (request.view() == v1::RECEIPT_VIEW_TEXT) {
    check.Add("view", Reason::kNotInThisVersion, "a receipt as text is not in this version");
  } else if (!v1::ReceiptView_IsValid(request.view())) {
    check.UnknownEnum("view", request.view());
  }
}

}  // namespace

ReceiptHandlers::ReceiptHandlers(store::Store& store, engine::Executor& executor, ReceiptPages pages)
    : store_(store), executor_(executor), pages_(std::move(pages)) {}

void ReceiptHandlers::GetReceipt(v1::GetReceiptRequest request, CallContext,
                                 Done<v1::GetReceiptResponse> done) {
  executor_.Post([this, request = std::move(request), done = std::move(done)]() mutable {
    std::move(done)(Read(request));
  });
}

absl::StatusOr<v1::GetReceiptResponse> ReceiptHandlers::Read(const v1::GetReceiptRequest& request) {
  const absl::StatusOr<domain::Fiscalization> found = Find(request);
  if (!found.ok()) return AsReceiptNotFound(found.status());
  if (!found->receipt) return NoReceiptYet(*found);
  v1::GetReceiptResponse response;
  EncodeReceipt(*found, pages_, response.mutable_receipt());
  return response;
}

absl::StatusOr<domain::Fiscalization> ReceiptHandlers::Find(const v1::GetReceiptRequest& request) {
  RequestCheck check;
  CheckView(request, check);
  if (!request.register_fiscal_number().empty() &&
      request.by_case() != v1::GetReceiptRequest::kFiscalNumber) {
    check.Add("register_fiscal_number", Reason::kFieldNotAllowed, "goes with fiscal_number only");
  }
  switch (request.by_case()) {
    case v1::GetReceiptRequest::kFiscalizationId:
      check.Required("fiscalization_id", request.fiscalization_id());
      if (!check.ok()) return check.ToStatus();
      return store_.GetFiscalization(request.fiscalization_id());
    case v1::GetReceiptRequest::kDocument: {
      const AskedKey asked = DecodeAskedKey(request.document(), "document", check);
      if (!check.ok()) return check.ToStatus();
      return FindByDocument(asked);
    }
    case v1::GetReceiptRequest::kFiscalNumber: {
      check.Required("fiscal_number", request.fiscal_number());
      if (!check.ok()) return check.ToStatus();
      auto found = store_.FindByFiscalNumber(request.fiscal_number(), request.register_fiscal_number());
      if (!absl::IsInvalidArgument(found.status())) return found;
      check.Add("register_fiscal_number", Reason::kFieldRequired,
                "more than one register has a receipt of this number");
      return check.ToStatus();
    }
    case v1::GetReceiptRequest::BY_NOT_SET:
      check.Add("fiscalization_id", Reason::kFieldRequired, "this, document or fiscal_number is required");
      return check.ToStatus();
  }
  return absl::InternalError("a choice that the contract does not have");
}

absl::StatusOr<domain::Fiscalization> ReceiptHandlers::FindByDocument(const AskedKey& asked) {
  domain::DocumentKey key = asked.key;
  if (!asked.any_mode) return store_.FindFiscalization(key);
  key.mode = domain::RegisterMode::kReal;
  absl::StatusOr<domain::Fiscalization> real = store_.FindFiscalization(key);
  if (!absl::IsNotFound(real.status())) return real;
  key.mode = domain::RegisterMode::kTest;
  return store_.FindFiscalization(key);
}

}  // namespace kasa::api
