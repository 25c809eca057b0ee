#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/engine/connection_reading.h"
#include "server/engine/receipt_desk_impl.h"

// Totals of receipts, and their comparison with the register's own.
namespace kasa::engine {

using domain::RegisterReport;
using domain::RegisterStatus;
using domain::ShiftStatus;
using vchasno::StatusOutcome;

namespace {

// So many receipts are read at once: a few milliseconds.
constexpr int kPart = 500;
constexpr absl::Duration kWireRetry = absl::Milliseconds(50);
// Where the register does not tell since when its shift is open. The law ends a shift after a day.
constexpr absl::Duration kNoShiftIsOlder = absl::Hours(7 * 24);
// The first receipt opens the shift: by the register's own clock it may be the older of the two.
constexpr absl::Duration kFirstReceiptEarlier = absl::Minutes(2);

// `reason` as the register's answer gave it.
absl::Status NotAnswered(StatusOutcome outcome, Reason reason, const std::string& message) {
  const bool passes =
      outcome == StatusOutcome::kUnreachable || outcome == StatusOutcome::kUnreadable ||
      (InfoOf(reason).failure_class == FailureClass::kTransient && reason != Reason::kShiftClosed);
  return ReasonedError(passes ? absl::StatusCode::kUnavailable : absl::StatusCode::kFailedPrecondition,
                       reason, message);
}

absl::Status NotNow(Reason reason, absl::string_view message) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status ShiftUnknown() {
  return NotNow(Reason::kShiftUnknown,
                "the register does not tell enough of the shift that is open to find its receipts");
}

absl::Status MayBeAsked(const store::IntegrationRecord& record) {
  const domain::Integration& integration = record.integration;
  if (integration.archived) return NotNow(Reason::kIntegrationArchived, "the integration was deleted");
  if (record.token.empty()) return NotNow(Reason::kTokenMissing, "the integration has no token");
  if (!integration.pinned_register) {
    return NotNow(Reason::kRegisterUnknown, "the register behind the token is not known yet");
  }
  return absl::OkStatus();
}

// What the attention list is to know of a comparison. While something is in doubt, a difference may be its
// receipt.
store::ReportFinding FindingOf(const TotalsOutcome& outcome, const RegisterReport& report, absl::Time now) {
  constexpr size_t kNamed = 3;
  store::ReportFinding finding{.time = now, .billing = report.billing};
  const std::vector<domain::TotalsDifference>& differences = outcome.comparison->differences;
  if (outcome.in_doubt > 0 && !differences.empty()) return finding;
  finding.differing_figures = static_cast<int64_t>(differences.size());
  for (size_t i = 0; i < std::min(kNamed, differences.size()); ++i) {
    absl::StrAppend(&finding.differences, i == 0 ? "" : ", ", differences[i].figure, " ",
                    differences[i].gateway_value, " here and ", differences[i].register_value,
                    " at the register");
  }
  if (differences.size() > kNamed) absl::StrAppend(&finding.differences, ", and others");
  return finding;
}

}  // namespace

void ReceiptDesk::Impl::AddUpOnePart(std::shared_ptr<Sum> sum, Done<Sum> done) {
  reads_.Post([this, sum = std::move(sum), done = std::move(done)]() mutable {
    const auto part = store_.receipts().AddUp(sum->filter, sum->after, kPart);
    if (!part.ok()) return std::move(done)(part.status());
    if (!domain::AddTotals(part->totals, sum->totals)) {
      return std::move(done)(absl::OutOfRangeError("the receipts add up to more than fits"));
    }
    sum->without_shift += part->without_shift;
    sum->after = part->next;
    if (!sum->after) return std::move(done)(std::move(*sum));
    AddUpOnePart(std::move(sum), std::move(done));  // others get their turn in between
  });
}

Task<absl::StatusOr<ReceiptDesk::Impl::Sum>> ReceiptDesk::Impl::AddUp(const store::TotalsFilter& filter) {
  const auto sum = std::make_shared<Sum>();
  sum->filter = filter;
  // Doubts first: one that is settled meanwhile is counted twice rather than not at all.
  const auto in_doubt = store_.receipts().CountInDoubt(sum->filter, settings_.hold_time);
  if (!in_doubt.ok()) co_return in_doubt.status();
  sum->in_doubt = *in_doubt;
  Callback<absl::StatusOr<Sum>> adding(executor_, [&](auto done) { AddUpOnePart(sum, std::move(done)); });
  absl::StatusOr<Sum> added = co_await adding;
  co_return added;
}

Task<absl::StatusOr<TotalsOutcome>> ReceiptDesk::Impl::GetTotals(TotalsCall call) {
  if (call.compare_with_register) {
    absl::StatusOr<TotalsOutcome> compared = co_await Compare(call);
    co_return compared;
  }
  const auto record = store_.integrations().Get(call.integration_id);
  if (!record.ok()) co_return record.status();
  store::TotalsFilter filter;
  filter.integration_id = call.integration_id;
  filter.time_from = call.time_from;
  filter.time_before = call.time_before;
  absl::StatusOr<Sum> sum = co_await AddUp(filter);
  if (!sum.ok()) co_return sum.status();
  TotalsOutcome outcome;
  outcome.totals = std::move(sum->totals);
  outcome.in_doubt = sum->in_doubt;
  co_return outcome;
}

Task<std::unique_ptr<LaneHold>> ReceiptDesk::Impl::WaitForWire(std::string register_fiscal_number,
                                                               absl::Duration at_most) {
  const absl::Duration until = clock_.Monotonic() + at_most;
  std::unique_ptr<LaneHold> wire = lanes_.TryHold(register_fiscal_number);
  while (!wire && clock_.Monotonic() < until) {
    WakeUp pause(executor_);
    co_await pause.Wait(kWireRetry);
    wire = lanes_.TryHold(register_fiscal_number);
  }
  co_return wire;
}

Task<absl::StatusOr<RegisterStatus>> ReceiptDesk::Impl::AskStatus(LaneHold& wire,
                                                                  const store::IntegrationRecord& record) {
  Callback<vchasno::StatusAnswer> asking(
      executor_, [&](auto done) { client_.AskStatus(record.token, std::move(done)); });
  const vchasno::StatusAnswer answer = co_await asking;
  wire.Asked(answer);
  const domain::PinnedRegister& pinned = *record.integration.pinned_register;
  Callback<absl::StatusOr<int64_t>> recording(executor_, [&](auto done) {
    store_.sends().RecordExchange(StatusExchange(answer, record.integration.id, pinned.fiscal_number),
                                  std::move(done));
  });
  const absl::StatusOr<int64_t> recorded = co_await recording;
  if (!recorded.ok()) co_return recorded.status();
  if (answer.outcome != StatusOutcome::kAnswered || !answer.status) {
    co_return NotAnswered(answer.outcome, answer.reason, answer.message);
  }
  if (const auto objection = domain::ObjectionTo(*answer.status, pinned)) {
    co_return NotNow(Reason::kRegisterMismatch, *objection);
  }
  if (answer.status->shift == ShiftStatus::kClosed) {
    co_return NotNow(Reason::kShiftClosed, "no shift is open: there is nothing to compare");
  }
  co_return *answer.status;
}

Task<absl::StatusOr<RegisterReport>> ReceiptDesk::Impl::AskReport(LaneHold& wire,
                                                                  const store::IntegrationRecord& record) {
  Callback<vchasno::ReportAnswer> asking(
      executor_, [&](auto done) { client_.AskReport(record.token, std::move(done)); });
  const vchasno::ReportAnswer answer = co_await asking;
  wire.Asked(answer);
  const bool answered = answer.outcome == StatusOutcome::kAnswered && answer.report;
  const store::Exchange exchange{.integration_id = record.integration.id,
                                 .register_fiscal_number = record.integration.pinned_register->fiscal_number,
                                 .kind = store::ExchangeKind::kReport,
                                 .request = answer.wire.request,
                                 .start_time = answer.wire.start_time,
                                 .end_time = answer.wire.end_time,
                                 .http_status = answer.wire.http_status,
                                 .answer = answer.wire.answer,
                                 .outcome = answered ? "answered" : answer.message};
  Callback<absl::StatusOr<int64_t>> recording(
      executor_, [&](auto done) { store_.sends().RecordExchange(exchange, std::move(done)); });
  const absl::StatusOr<int64_t> recorded = co_await recording;
  if (!recorded.ok()) co_return recorded.status();
  if (!answered) co_return NotAnswered(answer.outcome, answer.reason, answer.message);
  co_return *answer.report;
}

// The receipts of the shift that is open. Both its beginning and its number are told by some registers only,
// so each is used as far as it is told.
Task<absl::StatusOr<ReceiptDesk::Impl::Sum>> ReceiptDesk::Impl::AddUpShift(std::string register_fiscal_number,
                                                                           std::optional<absl::Time> opened,
                                                                           std::string shift_number) {
  if (!opened && shift_number.empty()) co_return ShiftUnknown();
  store::TotalsFilter filter;
  filter.register_fiscal_number = register_fiscal_number;
  filter.shift_number = shift_number;
  filter.time_from = opened ? *opened - kFirstReceiptEarlier : clock_.Now() - kNoShiftIsOlder;
  if (!shift_number.empty()) {
    absl::StatusOr<Sum> sum = co_await AddUp(filter);
    if (!sum.ok()) co_return sum.status();
    const int64_t found = sum->totals.sale_count + sum->totals.return_count;
    if (!opened && sum->without_shift > 0) co_return ShiftUnknown();
    if (!opened || found > sum->without_shift) co_return sum;
    // Not one receipt bears that number: then the report numbers shifts otherwise, or there is no receipt.
  }
  filter.shift_number.clear();
  filter.time_from = *opened;
  absl::StatusOr<Sum> sum = co_await AddUp(filter);
  co_return sum;
}

Task<absl::StatusOr<TotalsOutcome>> ReceiptDesk::Impl::Compare(const TotalsCall& call) {
  const auto record = store_.integrations().Get(call.integration_id);
  if (!record.ok()) co_return record.status();
  const absl::Status may_be_asked = MayBeAsked(*record);
  if (!may_be_asked.ok()) co_return may_be_asked;
  const std::string fisid = record->integration.pinned_register->fiscal_number;
  const absl::Status paused = lanes_.RefusePaused(fisid);
  if (!paused.ok()) co_return paused;
  const absl::Duration patience = std::min(settings_.default_max_wait, call.answer_within / 2);
  // Held until the receipts are added up, so that none is made between the report and them.
  const std::unique_ptr<LaneHold> wire = co_await WaitForWire(fisid, patience);
  if (!wire) {
    co_return WithRetryDelay(
        ReasonedError(absl::StatusCode::kUnavailable, Reason::kRegisterBusy,
                      "the register is at work, or a doubt is being settled with it: ask again"),
        absl::Seconds(1));
  }
  // A look may have shown meanwhile that the store lost a part of its history.
  const absl::Status paused_since = lanes_.RefusePaused(fisid);
  if (!paused_since.ok()) co_return paused_since;
  const absl::StatusOr<RegisterStatus> status = co_await AskStatus(*wire, *record);
  if (!status.ok()) co_return status.status();
  const absl::StatusOr<RegisterReport> report = co_await AskReport(*wire, *record);
  if (!report.ok()) co_return report.status();
  absl::StatusOr<Sum> sum = co_await AddUpShift(fisid, status->shift_opened, report->shift_number);
  if (!sum.ok()) co_return sum.status();
  TotalsOutcome outcome;
  outcome.comparison = domain::CompareTotals(sum->totals, *report);
  outcome.totals = std::move(sum->totals);
  outcome.in_doubt = sum->in_doubt;
  store::ReportFinding finding = FindingOf(outcome, *report, clock_.Now());
  Callback<absl::StatusOr<bool>> recording(
      executor_, [&](auto done) { store_.RecordReport(fisid, std::move(finding), std::move(done)); });
  const absl::StatusOr<bool> recorded = co_await recording;
  if (!recorded.ok()) co_return recorded.status();
  co_return outcome;
}

}  // namespace kasa::engine
