#include "server/api/encode_exchange.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/api/times.h"
#include "server/domain/state_machine.h"
#include "server/vchasno/request.h"

namespace kasa::api {
namespace {

// How a send ended, by the name under which the store keeps it.
constexpr std::pair<domain::SendEnding, v1::ExchangeOutcome> kEndings[] = {
    {domain::SendEnding::kDone, v1::EXCHANGE_OUTCOME_DONE},
    {domain::SendEnding::kRefusedDocument, v1::EXCHANGE_OUTCOME_REFUSED_DOCUMENT},
    {domain::SendEnding::kRefusedRegister, v1::EXCHANGE_OUTCOME_REFUSED_REGISTER},
    {domain::SendEnding::kShiftClosed, v1::EXCHANGE_OUTCOME_SHIFT_CLOSED},
    {domain::SendEnding::kUnknownRefusal, v1::EXCHANGE_OUTCOME_UNKNOWN_REFUSAL},
    {domain::SendEnding::kTokenRefused, v1::EXCHANGE_OUTCOME_TOKEN_REFUSED},
    {domain::SendEnding::kThrottled, v1::EXCHANGE_OUTCOME_THROTTLED},
    {domain::SendEnding::kNeverSent, v1::EXCHANGE_OUTCOME_NEVER_SENT},
    {domain::SendEnding::kDoubt, v1::EXCHANGE_OUTCOME_DOUBT},
    {domain::SendEnding::kDoubtSameTagNext, v1::EXCHANGE_OUTCOME_DOUBT_SAME_TAG_NEXT},
};

v1::ExchangeKind EncodeKind(store::ExchangeKind kind) {
  switch (kind) {
    case store::ExchangeKind::kReceipt:
      return v1::EXCHANGE_KIND_RECEIPT;
    case store::ExchangeKind::kOpenShift:
      return v1::EXCHANGE_KIND_OPEN_SHIFT;
    case store::ExchangeKind::kStatus:
      return v1::EXCHANGE_KIND_STATUS;
    case store::ExchangeKind::kCheckTask:
      return v1::EXCHANGE_KIND_CHECK_TASK;
    case store::ExchangeKind::kListing:
      return v1::EXCHANGE_KIND_LISTING;
    case store::ExchangeKind::kSendReceipt:
      return v1::EXCHANGE_KIND_SEND_RECEIPT;
    case store::ExchangeKind::kReport:
      return v1::EXCHANGE_KIND_REPORT;
  }
  return v1::EXCHANGE_KIND_UNSPECIFIED;
}

bool IsLookUp(store::ExchangeKind kind) {
  return kind != store::ExchangeKind::kReceipt && kind != store::ExchangeKind::kOpenShift &&
         kind != store::ExchangeKind::kSendReceipt;
}

// The engine's words for a look-up that was answered in a way that can be read; any other says what went
// wrong.
bool WasAnswered(absl::string_view look_up) {
  return look_up == "answered" || look_up == "confirms" || look_up == "contradicts";
}

v1::ExchangeOutcome EncodeOutcome(const store::Exchange& exchange) {
  if (IsLookUp(exchange.kind)) {
    return WasAnswered(exchange.outcome) ? v1::EXCHANGE_OUTCOME_ANSWERED : v1::EXCHANGE_OUTCOME_NOT_ANSWERED;
  }
  for (const auto& [ending, outcome] : kEndings) {
    if (exchange.outcome == NameOf(ending)) return outcome;
  }
  // Marked, and the process ended before it was settled: unexplained, which is doubt.
  return exchange.unexplained && exchange.end_time ? v1::EXCHANGE_OUTCOME_DOUBT
                                                   : v1::EXCHANGE_OUTCOME_IN_FLIGHT;
}

}  // namespace

void EncodeExchange(const store::Exchange& exchange, v1::Exchange* out) {
  out->set_exchange_id(exchange.id);
  out->set_fiscalization_id(exchange.fiscalization_id);
  out->set_integration_id(exchange.integration_id);
  out->set_register_fiscal_number(exchange.register_fiscal_number);
  out->set_kind(EncodeKind(exchange.kind));
  out->set_tag(exchange.tag);
  // The request of check-task or of a listing is a path of ours with a number in it, no JSON, and never a
  // contact.
  const bool is_path =
      exchange.kind == store::ExchangeKind::kCheckTask || exchange.kind == store::ExchangeKind::kListing;
  out->set_request(is_path ? exchange.request : vchasno::MaskContacts(exchange.request));
  EncodeTime(exchange.start_time, out->mutable_start_time());
  if (exchange.end_time) EncodeTime(*exchange.end_time, out->mutable_end_time());
  out->set_http_status(exchange.http_status);
  out->set_answer(vchasno::MaskContacts(exchange.answer));
  out->set_outcome(EncodeOutcome(exchange));
  out->set_unexplained(exchange.unexplained);
}

}  // namespace kasa::api
