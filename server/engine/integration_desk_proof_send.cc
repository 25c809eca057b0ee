#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/integration_desk_impl.h"
#include "server/vchasno/request.h"

// The requests of a proof of tag memory: each one marked, sent, and sent again where the register asks for
// it.
namespace kasa::engine {

using domain::SendEnding;
using vchasno::ExecuteAnswer;

namespace {

// How often an opening of a shift that the register asks for again (res_action 1 or 2) is sent in all. The
// lane goes on with it: it is stored that the register waits for it.
constexpr int kMostOpenings = 5;

// For how many doubt windows (an hour in all) the lane of a test register is kept for a request of the proof
// that the register has asked for again. Nothing stores that, so no lane would send it.
constexpr int kWindowsKept = 6;

store::Settlement SettlementOf(int64_t exchange_id, const ExecuteAnswer& answer) {
  return {.exchange_id = exchange_id,
          .end_time = answer.wire.end_time,
          .http_status = answer.wire.http_status,
          .answer = answer.wire.answer,
          .ending = answer.ending};
}

// Whether a register that waits for this request waits for it still.
bool MayWaitOn(SendEnding ending) {
  switch (ending) {
    case SendEnding::kDoubt:
    case SendEnding::kDoubtSameTagNext:
    case SendEnding::kNeverSent:
    case SendEnding::kThrottled:
      return true;
    case SendEnding::kDone:
    case SendEnding::kTokenRefused:
    case SendEnding::kRefusedDocument:
    case SendEnding::kRefusedRegister:
    case SendEnding::kShiftClosed:
    case SendEnding::kUnknownRefusal:
      break;
  }
  return false;
}

}  // namespace

Task<absl::StatusOr<ExecuteAnswer>> IntegrationDesk::Impl::SendProof(RegisterWires::Wire& wire,
                                                                     const Secret& token,
                                                                     const store::ProofRequest& request) {
  // After res_action 1 or 2 the same request is the next one (architecture.md, rule 4), however the ones
  // after it end: until an answer tells, the lane's own requests have to wait.
  bool asked_for_again = false;
  absl::Duration pause = settings_.backoff_first;
  const absl::Duration let_go = clock_.Monotonic() + settings_.doubt_window * kWindowsKept;
  while (true) {
    // A look may have shown meanwhile that the store lost a part of its history.
    const absl::Status paused = lanes_.RefusePaused(request.register_fiscal_number);
    if (!paused.ok()) co_return paused;
    Callback<absl::StatusOr<store::MarkedSend>> marking(
        executor_, [&](auto done) { store_.sends().MarkProof(request, std::move(done)); });
    absl::StatusOr<store::MarkedSend> marked = co_await marking;
    if (!marked.ok()) {
      if (!asked_for_again || clock_.Monotonic() + pause >= let_go) co_return marked.status();
      WakeUp later(executor_);
      co_await later.Wait(pause);
      continue;
    }
    const int64_t exchange_id = marked->permit.exchange_id();
    Callback<ExecuteAnswer> executing(
        executor_, [&](auto done) { client_.Execute(std::move(marked->permit), token, std::move(done)); });
    ExecuteAnswer answer = co_await executing;
    wire.Asked(answer);
    const store::Settlement settlement = SettlementOf(exchange_id, answer);
    // A mark that stays open would keep the register's wire for ever: the store is asked until it takes it.
    while (true) {
      Callback<absl::StatusOr<bool>> settling(
          executor_, [&](auto done) { store_.sends().SettleProof(settlement, std::move(done)); });
      const absl::StatusOr<bool> settled = co_await settling;
      if (settled.ok()) break;
      WakeUp later(executor_);
      co_await later.Wait(settings_.backoff_first);
    }
    asked_for_again = asked_for_again || answer.ending == SendEnding::kDoubtSameTagNext;
    if (!asked_for_again || !MayWaitOn(answer.ending)) co_return answer;
    absl::Duration rest = std::max(pause, answer.retry_after.value_or(absl::ZeroDuration()));
    // It may be at work on this one still.
    if (answer.ending == SendEnding::kDoubt) rest = std::max(rest, settings_.hold_time);
    if (clock_.Monotonic() + rest >= let_go) {
      absl::StrAppend(
          &answer.message, "; the register has asked for this request again, was kept for it for ",
          absl::FormatDuration(settings_.doubt_window * kWindowsKept), ", and may wait for it still");
      co_return answer;
    }
    WakeUp later(executor_);
    co_await later.Wait(rest);
    pause = std::min(pause * 2, settings_.backoff_most);
  }
}

Task<absl::StatusOr<ExecuteAnswer>> IntegrationDesk::Impl::OpenShiftForProof(
    RegisterWires::Wire& wire, const store::IntegrationRecord& record) {
  const std::string cashier = record.integration.cashier_name;
  absl::Duration pause = settings_.backoff_first;
  for (int sends = 1;; ++sends) {
    // A look may have shown meanwhile that the store lost a part of its history.
    const absl::Status paused = lanes_.RefusePaused(record.integration.pinned_register->fiscal_number);
    if (!paused.ok()) co_return paused;
    Callback<absl::StatusOr<store::MarkedSend>> marking(executor_, [&](auto done) {
      store_.sends().MarkShiftOpening(
          {.register_fiscal_number = record.integration.pinned_register->fiscal_number,
           .integration_id = record.integration.id,
           .for_fiscalization_id = "",
           .doubts_until = clock_.Now() - settings_.hold_time,
           .make_body =
               [cashier](const std::string& tag) { return vchasno::EncodeShiftOpening(tag, cashier); }},
          std::move(done));
    });
    absl::StatusOr<store::MarkedSend> marked = co_await marking;
    if (!marked.ok()) co_return marked.status();
    const int64_t exchange_id = marked->permit.exchange_id();
    Callback<ExecuteAnswer> executing(executor_, [&](auto done) {
      client_.Execute(std::move(marked->permit), record.token, std::move(done));
    });
    const ExecuteAnswer answer = co_await executing;
    wire.Asked(answer);
    const store::Settlement settlement = SettlementOf(exchange_id, answer);
    while (true) {
      Callback<absl::StatusOr<bool>> settling(
          executor_, [&](auto done) { store_.sends().SettleShiftOpening(settlement, std::move(done)); });
      const absl::StatusOr<bool> settled = co_await settling;
      if (settled.ok()) break;
      WakeUp later(executor_);
      co_await later.Wait(settings_.backoff_first);
    }
    if (answer.ending != SendEnding::kDoubtSameTagNext || sends == kMostOpenings) co_return answer;
    WakeUp later(executor_);
    co_await later.Wait(pause);
    pause *= 2;
  }
}

}  // namespace kasa::engine
