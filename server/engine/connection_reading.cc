#include "server/engine/connection_reading.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace kasa::engine {
namespace {

using domain::RegisterStatus;
using vchasno::StatusAnswer;
using vchasno::StatusOutcome;

std::string InWords(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(duration, absl::Seconds(1)));
}

void SetTrouble(ConnectionReport& report, ConnectionOutcome outcome, Reason reason, std::string message) {
  report.outcome = outcome;
  report.reason = reason;
  report.message = std::move(message);
}

void TakeLastSeen(ConnectionReport& report, const store::IntegrationRecord& record) {
  report.status = record.last_status;
  report.status_time = record.last_status_time;
}

void ReadStatus(ConnectionReport& report, const StatusAnswer& answer, const store::IntegrationRecord& record,
                absl::Duration clock_tolerance) {
  const RegisterStatus& status = *answer.status;
  const absl::Time now = answer.wire.end_time;
  report.token_accepted = true;
  report.status = status;
  report.status_time = now;
  report.upstream.reset();
  if (status.register_clock) report.clock_difference = *status.register_clock - now;
  report.warnings = WarningsOf(status, now, clock_tolerance);

  // What another register says about its health is of no interest: the token comes first.
  if (const auto& pinned = record.integration.pinned_register) {
    if (const auto objection = domain::ObjectionTo(status, *pinned)) {
      return SetTrouble(report, ConnectionOutcome::kAnotherRegister, Reason::kRegisterMismatch,
                        absl::StrCat("another register answers: ", *objection));
    }
  }
  const auto hindrance = domain::ReasonNotToWork(status);
  if (!hindrance) {
    report.message = "the register answers and can work";
  } else if (*hindrance == Reason::kRegisterBlocked) {
    SetTrouble(report, ConnectionOutcome::kRegisterBlocked, *hindrance,
               "the register says that it is blocked");
  } else {
    SetTrouble(report, ConnectionOutcome::kRegisterRefused, *hindrance,
               absl::StrCat("the register says that it can't work: ", InfoOf(*hindrance).remedy));
  }
}

}  // namespace

ConnectionReport ReadConnection(const StatusAnswer& answer, const store::IntegrationRecord& record,
                                absl::Duration clock_tolerance) {
  ConnectionReport report;
  report.reachable = answer.wire.http_status != 0;
  if (report.reachable) report.latency = answer.wire.end_time - answer.wire.start_time;
  report.upstream = answer.upstream;
  if (answer.outcome == StatusOutcome::kAnswered && answer.status) {
    ReadStatus(report, answer, record, clock_tolerance);
    return report;
  }
  TakeLastSeen(report, record);
  switch (answer.outcome) {
    case StatusOutcome::kTokenRefused:
      SetTrouble(report, ConnectionOutcome::kTokenRefused, Reason::kTokenRefused, answer.message);
      break;
    case StatusOutcome::kUnreachable:
      SetTrouble(report, ConnectionOutcome::kUnreachable, answer.reason, answer.message);
      break;
    case StatusOutcome::kRefused:
      // A code of the register itself comes only after its token was accepted; an HTTP status says less.
      report.token_accepted = answer.upstream && answer.upstream->res.has_value();
      SetTrouble(report,
                 answer.reason == Reason::kRegisterBlocked ? ConnectionOutcome::kRegisterBlocked
                                                           : ConnectionOutcome::kRegisterRefused,
                 answer.reason, answer.message);
      break;
    case StatusOutcome::kAnswered:  // without a status: nothing that can be read
    case StatusOutcome::kUnreadable:
      SetTrouble(report, ConnectionOutcome::kUnreadable, Reason::kAnswerUnreadable, answer.message);
      break;
  }
  return report;
}

ConnectionReport ReportLastSeen(const store::IntegrationRecord& record, ConnectionOutcome outcome,
                                Reason reason, std::string message) {
  ConnectionReport report;
  TakeLastSeen(report, record);
  SetTrouble(report, outcome, reason, std::move(message));
  return report;
}

std::vector<domain::Notice> WarningsOf(const RegisterStatus& status, absl::Time now,
                                       absl::Duration clock_tolerance) {
  std::vector<domain::Notice> warnings;
  const auto age = domain::ShiftAge(status, now);
  if (age && *age > kLongShift) {
    warnings.emplace_back(Reason::kShiftTooLong,
                          absl::StrCat("the shift is open for ", InWords(*age),
                                       ": close it with a Z-report, over 24 h the register refuses sales"));
  }
  if (status.register_clock) {
    const absl::Duration difference = *status.register_clock - now;
    if (absl::AbsDuration(difference) > clock_tolerance) {
      const absl::string_view direction = difference > absl::ZeroDuration() ? "ahead of" : "behind";
      warnings.emplace_back(Reason::kClockSkew,
                            absl::StrCat("the register's clock is ", InWords(absl::AbsDuration(difference)),
                                         " ", direction, " the gateway's"));
    }
  }
  if (status.sign == domain::SignStatus::kWarning) {
    warnings.emplace_back(Reason::kSignatureWarning,
                          "the register warns about its signing key: look at it in Vchasno.Kasa");
  }
  return warnings;
}

store::Exchange StatusExchange(const StatusAnswer& answer, const std::string& integration_id,
                               const std::string& register_fiscal_number) {
  return store::Exchange{
      .integration_id = integration_id,
      .register_fiscal_number = register_fiscal_number,
      .kind = store::ExchangeKind::kStatus,
      .request = answer.wire.request,
      .start_time = answer.wire.start_time,
      .end_time = answer.wire.end_time,
      .http_status = answer.wire.http_status,
      .answer = answer.wire.answer,
      .outcome = answer.outcome == StatusOutcome::kAnswered ? "answered" : answer.message,
  };
}

}  // namespace kasa::engine
