#include "server/api/encode_fiscalization.h"

#include "absl/strings/str_cat.h"
#include "server/api/encode_problem.h"
#include "server/api/times.h"
#include "server/vchasno/request.h"

namespace kasa::api {
namespace {

// Payment type 0 is cash, for every account (product.md, "payment type").
constexpr int kCash = 0;

v1::FiscalizationState EncodeState(domain::State state) {
  switch (state) {
    case domain::State::kAccepted:
      return v1::FISCALIZATION_STATE_ACCEPTED;
    case domain::State::kSending:
      return v1::FISCALIZATION_STATE_SENDING;
    case domain::State::kInDoubt:
      return v1::FISCALIZATION_STATE_IN_DOUBT;
    case domain::State::kFiscalized:
      return v1::FISCALIZATION_STATE_FISCALIZED;
    case domain::State::kFailed:
      return v1::FISCALIZATION_STATE_FAILED;
    case domain::State::kCancelled:
      return v1::FISCALIZATION_STATE_CANCELLED;
  }
  return v1::FISCALIZATION_STATE_UNSPECIFIED;
}

v1::ResolutionOutcome EncodeOutcome(domain::ResolutionOutcome outcome) {
  switch (outcome) {
    case domain::ResolutionOutcome::kReceiptExists:
      return v1::RESOLUTION_OUTCOME_RECEIPT_EXISTS;
    case domain::ResolutionOutcome::kAbsentSend:
      return v1::RESOLUTION_OUTCOME_ABSENT_SEND;
    case domain::ResolutionOutcome::kAbsentGiveUp:
      return v1::RESOLUTION_OUTCOME_ABSENT_GIVE_UP;
  }
  return v1::RESOLUTION_OUTCOME_UNSPECIFIED;
}

void EncodeResolution(const domain::Resolution& resolution, v1::Resolution* out) {
  out->set_outcome(EncodeOutcome(resolution.outcome));
  out->set_fiscal_number(resolution.fiscal_number);
  out->set_principal(resolution.principal);
  out->set_note(resolution.note);
  out->set_verified(resolution.verified);
  EncodeTime(resolution.resolve_time, out->mutable_resolve_time());
}

v1::DoubtStep EncodeStep(domain::DoubtStep step) {
  switch (step) {
    case domain::DoubtStep::kLook:
      return v1::DOUBT_STEP_LOOK;
    case domain::DoubtStep::kSendAgain:
      return v1::DOUBT_STEP_SEND_AGAIN;
    case domain::DoubtStep::kWaitForOperator:
      return v1::DOUBT_STEP_WAIT_FOR_OPERATOR;
  }
  return v1::DOUBT_STEP_UNSPECIFIED;
}

// As the lane planned it last; a doubt that is a moment old has no plan yet.
void EncodeDoubt(const domain::Fiscalization& fiscalization, v1::Doubt* out) {
  if (!fiscalization.doubt) return;
  const domain::Doubt& doubt = *fiscalization.doubt;
  EncodeTime(doubt.since, out->mutable_since_time());
  out->set_parked(doubt.parked);
  if (doubt.resolvable_time) EncodeTime(*doubt.resolvable_time, out->mutable_resolvable_time());
  out->set_looks(doubt.looks);
  out->set_last_finding(doubt.last_finding);
  if (!doubt.next_step) return;
  out->set_next_step(EncodeStep(*doubt.next_step));
  if (fiscalization.next_attempt_time) {
    EncodeTime(*fiscalization.next_attempt_time, out->mutable_next_step_time());
  }
}

// As it was sent.
void EncodeOriginal(const domain::OriginalSale& original, v1::OriginalSale* out) {
  if (!original.document) {
    out->set_fiscal_number(original.fiscal_number);
    return;
  }
  v1::DocumentKey& key = *out->mutable_document();
  key.set_kind(EncodeKind(original.document->kind));
  key.set_document_id(original.document->document_id);
  key.set_source_system(original.document->source_system);
  if (original.document->mode) key.set_register_mode(EncodeMode(*original.document->mode));
}

domain::Notice DatedOtherwise(const domain::Fiscalization& fiscalization) {
  return {Reason::kReceiptDatedOtherwise,
          absl::StrCat("the document is of ", fiscalization.document.document_date,
                       ", and the register dated its receipt ", fiscalization.receipt->fiscal_time_raw)};
}

// The answers of the calls that fiscalize have the same fields.
template <typename Response>
void EncodeOutcome(const engine::FiscalizeOutcome& outcome, std::optional<domain::RegisterMode> mode,
                   const ReceiptPages& pages, Response* out) {
  if (outcome.fiscalization) EncodeFiscalization(*outcome.fiscalization, pages, out->mutable_fiscalization());
  if (outcome.draft) {
    v1::ReceiptDraft& draft = *out->mutable_draft();
    EncodeDraft(*outcome.draft, &draft);
    draft.set_integration_id(outcome.integration_id);
    draft.set_register_fiscal_number(outcome.register_fiscal_number);
    if (mode) draft.set_register_mode(EncodeMode(*mode));
    draft.set_request_json(vchasno::MaskContacts(outcome.request_json));
    EncodeWarnings(outcome.warnings, draft.mutable_warnings());
  }
  out->set_replayed(outcome.replayed);
  EncodeWarnings(outcome.warnings, out->mutable_warnings());
  if (out->fiscalization().receipt().date_differs()) {
    EncodeWarnings({DatedOtherwise(*outcome.fiscalization)}, out->mutable_warnings());
  }
  EncodeViolations(outcome.violations, out->mutable_violations());
}

}  // namespace

std::string EncodeEtag(int64_t revision) {
  return absl::StrCat(revision);
}

void EncodeDraft(const domain::PricedReceipt& receipt, v1::ReceiptDraft* out) {
  out->set_sum_kopiykas(receipt.sum.kopiykas());
  out->set_rounding_kopiykas(receipt.rounding.kopiykas());
  out->set_due_kopiykas(receipt.due.kopiykas());
  out->set_change_kopiykas(receipt.change.kopiykas());
  int64_t rounded_cash = 0;  // bounded by due, which the domain has checked
  for (const domain::PricedPayment& payment : receipt.payments) {
    if (payment.payment_type == kCash) rounded_cash += payment.sum.kopiykas();
  }
  out->set_rounded_cash_kopiykas(rounded_cash);
  out->set_cash_kopiykas(rounded_cash - receipt.rounding.kopiykas());
}

void EncodeFiscalization(const domain::Fiscalization& fiscalization, const ReceiptPages& pages,
                         v1::Fiscalization* out) {
  const domain::State state = fiscalization.state;
  out->set_fiscalization_id(fiscalization.id);
  EncodeKey(fiscalization.key, out->mutable_document());
  out->set_integration_id(fiscalization.integration_id);
  out->set_register_fiscal_number(fiscalization.register_fiscal_number);
  out->set_state(EncodeState(state));
  out->set_order_id(fiscalization.order_id);
  if (fiscalization.document.original_sale) {
    EncodeOriginal(*fiscalization.document.original_sale, out->mutable_original_sale());
  }
  out->set_fingerprint(fiscalization.fingerprint);
  out->set_tag(fiscalization.tag);
  out->set_attempts(fiscalization.attempts);
  if (fiscalization.next_attempt_time) {
    EncodeTime(*fiscalization.next_attempt_time, out->mutable_next_attempt_time());
  }
  if (fiscalization.expire_time) EncodeTime(*fiscalization.expire_time, out->mutable_expire_time());
  // What a failure meant before the receipt came, or before the cancel, is for the audit (ListExchanges).
  if (fiscalization.failure && state != domain::State::kFiscalized && state != domain::State::kCancelled) {
    EncodeFailure(*fiscalization.failure, out->mutable_failure());
  }
  if (fiscalization.receipt && state == domain::State::kFiscalized) {
    EncodeReceipt(fiscalization, pages, out->mutable_receipt());
  }
  v1::ReceiptDraft& draft = *out->mutable_draft();
  EncodeDraft(fiscalization.draft, &draft);
  draft.set_integration_id(fiscalization.integration_id);
  draft.set_register_fiscal_number(fiscalization.register_fiscal_number);
  draft.set_register_mode(EncodeMode(fiscalization.key.mode));
  EncodeWarnings(fiscalization.warnings, draft.mutable_warnings());
  if (out->receipt().date_differs()) {
    EncodeWarnings({DatedOtherwise(fiscalization)}, draft.mutable_warnings());
  }
  if (fiscalization.resolution) EncodeResolution(*fiscalization.resolution, out->mutable_resolution());
  EncodeTime(fiscalization.create_time, out->mutable_create_time());
  EncodeTime(fiscalization.update_time, out->mutable_update_time());
  out->set_etag(EncodeEtag(fiscalization.revision));
  if (state == domain::State::kInDoubt) EncodeDoubt(fiscalization, out->mutable_doubt());
  if (!domain::IsDatedWhenSent(fiscalization.key.kind, fiscalization.rule_id)) {
    out->set_document_date(fiscalization.document.document_date);
  }
  out->set_rule_id(fiscalization.rule_id);
}

void EncodeSaleOutcome(const engine::FiscalizeOutcome& outcome, std::optional<domain::RegisterMode> mode,
                       const ReceiptPages& pages, v1::FiscalizeSaleResponse* out) {
  EncodeOutcome(outcome, mode, pages, out);
}

void EncodeReturnOutcome(const engine::FiscalizeOutcome& outcome, std::optional<domain::RegisterMode> mode,
                         const ReceiptPages& pages, v1::FiscalizeReturnResponse* out) {
  EncodeOutcome(outcome, mode, pages, out);
}

std::optional<domain::State> DecodeState(v1::FiscalizationState state) {
  switch (state) {
    case v1::FISCALIZATION_STATE_ACCEPTED:
      return domain::State::kAccepted;
    case v1::FISCALIZATION_STATE_SENDING:
      return domain::State::kSending;
    case v1::FISCALIZATION_STATE_IN_DOUBT:
      return domain::State::kInDoubt;
    case v1::FISCALIZATION_STATE_FISCALIZED:
      return domain::State::kFiscalized;
    case v1::FISCALIZATION_STATE_FAILED:
      return domain::State::kFailed;
    case v1::FISCALIZATION_STATE_CANCELLED:
      return domain::State::kCancelled;
    default:
      return std::nullopt;
  }
}

void EncodePaymentOutcome(const engine::FiscalizeOutcome& outcome, std::optional<domain::RegisterMode> mode,
                          const ReceiptPages& pages, v1::FiscalizePaymentResponse* out) {
  EncodeOutcome(outcome, mode, pages, out);
}

}  // namespace kasa::api
