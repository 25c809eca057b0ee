#include "server/api/receipt_handlers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/api/decode_document.h"
#include "server/api/encode_sending.h"
#include "server/api/encode_totals.h"
#include "server/api/errors.h"
#include "server/api/request_check.h"
#include "server/domain/contact_checks.h"
#include "server/domain/receipt_text.h"
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

void CheckPeriod(const v1::GetTotalsRequest& request, engine::TotalsCall& call, RequestCheck& check) {
  const auto from =
      check.Moment("fiscal_time_from", request.has_fiscal_time_from(), request.fiscal_time_from());
  const auto before =
      check.Moment("fiscal_time_before", request.has_fiscal_time_before(), request.fiscal_time_before());
  constexpr char kShiftInstead[] = "does not go with compare_with_register, whose period is the open shift";
  if (request.compare_with_register()) {
    if (from) check.Add("fiscal_time_from", Reason::kFieldNotAllowed, kShiftInstead);
    if (before) check.Add("fiscal_time_before", Reason::kFieldNotAllowed, kShiftInstead);
    return;
  }
  constexpr char kRequired[] = "is required, unless compare_with_register";
  if (!request.has_fiscal_time_from()) check.Add("fiscal_time_from", Reason::kFieldRequired, kRequired);
  if (!request.has_fiscal_time_before()) check.Add("fiscal_time_before", Reason::kFieldRequired, kRequired);
  if (from && before && *before <= *from) {
    check.Add("fiscal_time_before", Reason::kFieldInvalid, "must be later than fiscal_time_from");
  }
  if (from) call.time_from = *from;
  if (before) call.time_before = *before;
}

constexpr char kSeveralRegisters[] = "more than one register has a receipt of this number";

absl::Status RegisterRequired() {
  RequestCheck check;
  check.Add("register_fiscal_number", Reason::kFieldRequired, kSeveralRegisters);
  return check.ToStatus();
}

}  // namespace

ReceiptHandlers::ReceiptHandlers(engine::ReceiptDesk& desk, store::Store& store, engine::Executor& executor,
                                 ReceiptPages pages)
    : desk_(desk), store_(store), executor_(executor), pages_(std::move(pages)) {}

void ReceiptHandlers::GetReceipt(v1::GetReceiptRequest request, CallContext call,
                                 Done<v1::GetReceiptResponse> done) {
  executor_.Post([this, request = std::move(request), call, done = std::move(done)]() mutable {
    if (call.is_over()) return std::move(done)(NobodyWaits());
    absl::StatusOr<domain::Fiscalization> found = FindReceipt(request);
    if (!found.ok()) return std::move(done)(found.status());
    if (!StsUrlOf(*found->receipt).empty()) return std::move(done)(Encode(*found, request.view()));
    // A link that is not there yet costs at most a part of the caller's time, and never the receipt.
    const domain::Fiscalization& fiscalization = *found;
    desk_.FindStsUrl(
        fiscalization, call.answer_within / 2,
        EncodeOn<std::string>(executor_, std::move(done),
                              [this, fiscalization, view = request.view()](
                                  const std::string& url) -> absl::StatusOr<v1::GetReceiptResponse> {
                                domain::Fiscalization linked = fiscalization;
                                linked.receipt->sts_url = url;
                                return Encode(linked, view);
                              }));
  });
}

void ReceiptHandlers::GetTotals(v1::GetTotalsRequest request, CallContext call,
                                Done<v1::GetTotalsResponse> done) {
  RequestCheck check;
  check.Required("integration_id", request.integration_id());
  engine::TotalsCall totals;
  totals.integration_id = request.integration_id();
  totals.compare_with_register = request.compare_with_register();
  totals.answer_within = call.answer_within;
  CheckPeriod(request, totals, check);
  if (!check.ok()) return std::move(done)(check.ToStatus());

  desk_.GetTotals(std::move(totals),
                  EncodeOn<engine::TotalsOutcome>(
                      executor_, std::move(done),
                      [](const engine::TotalsOutcome& outcome) -> absl::StatusOr<v1::GetTotalsResponse> {
                        v1::GetTotalsResponse response;
                        EncodeTotalsOutcome(outcome, &response);
                        return response;
                      }));
}

void ReceiptHandlers::SendReceipt(v1::SendReceiptRequest request, CallContext call,
                                  Done<v1::SendReceiptResponse> done) {
  RequestCheck check;
  check.Required("fiscal_number", request.fiscal_number());
  check.AtMost("register_fiscal_number", request.register_fiscal_number());
  check.Required("request_id", request.request_id());
  if (request.phone().empty() && request.email().empty()) {
    check.Add("phone", Reason::kFieldRequired, "this or email is required");
  }
  if (!request.phone().empty() && !domain::IsPhone(request.phone())) {
    check.Add("phone", Reason::kPhoneInvalid, domain::kNoPhone);
  }
  if (!request.email().empty() && !domain::IsEmail(request.email())) {
    check.Add("email", Reason::kEmailInvalid, domain::kNoEmail);
  }
  if (!check.ok()) return std::move(done)(check.ToStatus());

  engine::SendReceiptCall send;
  send.fiscal_number = request.fiscal_number();
  send.register_fiscal_number = request.register_fiscal_number();
  send.phone = request.phone();
  send.email = request.email();
  send.request_id = request.request_id();
  send.answer_within = call.answer_within;
  auto answer = EncodeOn<engine::SendReceiptOutcome>(
      executor_, std::move(done),
      [](const engine::SendReceiptOutcome& outcome) -> absl::StatusOr<v1::SendReceiptResponse> {
        v1::SendReceiptResponse response;
        for (const domain::Sending& sending : outcome.sendings)
          EncodeSending(sending, response.add_sendings());
        response.set_replayed(outcome.replayed);
        return response;
      });
  desk_.Send(std::move(send),
             [answer = std::move(answer)](absl::StatusOr<engine::SendReceiptOutcome> outcome) mutable {
               if (absl::IsInvalidArgument(outcome.status())) return std::move(answer)(RegisterRequired());
               std::move(answer)(std::move(outcome));
             });
}

v1::GetReceiptResponse ReceiptHandlers::Encode(const domain::Fiscalization& fiscalization,
                                               v1::ReceiptView view) const {
  v1::GetReceiptResponse response;
  EncodeReceipt(fiscalization, pages_, response.mutable_receipt());
  if (view == v1::RECEIPT_VIEW_TEXT) {
    const domain::Receipt& receipt = *fiscalization.receipt;
    response.set_text(domain::RenderReceipt(
        fiscalization, {.view_url = ViewUrlOf(receipt, pages_), .sts_url = StsUrlOf(receipt)}));
  }
  return response;
}

absl::StatusOr<domain::Fiscalization> ReceiptHandlers::FindReceipt(const v1::GetReceiptRequest& request) {
  absl::StatusOr<domain::Fiscalization> found = Find(request);
  if (!found.ok()) return AsReceiptNotFound(found.status());
  if (!found->receipt) return NoReceiptYet(*found);
  return found;
}

absl::StatusOr<domain::Fiscalization> ReceiptHandlers::Find(const v1::GetReceiptRequest& request) {
  RequestCheck check;
  if (!v1::ReceiptView_IsValid(request.view())) check.UnknownEnum("view", request.view());
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
      return RegisterRequired();
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
