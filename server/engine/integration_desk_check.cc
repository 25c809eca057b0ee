#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/engine/integration_desk_impl.h"

// Check connection, and what every question to a register outside of a document needs.
namespace kasa::engine {

using domain::TokenState;
using vchasno::StatusAnswer;
using vchasno::StatusOutcome;

Task<absl::StatusOr<StatusAnswer>> IntegrationDesk::Impl::Ask(RegisterWires::Wire& wire, Secret token,
                                                              std::string integration_id,
                                                              std::string register_fiscal_number) {
  Callback<StatusAnswer> asking(executor_, [&](auto done) { client_.AskStatus(token, std::move(done)); });
  StatusAnswer answer = co_await asking;
  wire.Asked(answer);
  if (answer.status && !answer.status->fiscal_number.empty()) {
    register_fiscal_number = answer.status->fiscal_number;
  }
  Callback<absl::StatusOr<int64_t>> recording(executor_, [&](auto done) {
    store_.sends().RecordExchange(StatusExchange(answer, integration_id, register_fiscal_number),
                                  std::move(done));
  });
  const absl::StatusOr<int64_t> recorded = co_await recording;
  if (!recorded.ok()) co_return recorded.status();
  co_return answer;
}

Task<absl::Status> IntegrationDesk::Impl::RememberStatus(std::string integration_id,
                                                         domain::RegisterStatus status, absl::Time time) {
  Callback<absl::StatusOr<bool>> recording(executor_, [&](auto done) {
    store_.integrations().RecordStatus(std::move(integration_id), std::move(status), time, std::move(done));
  });
  const absl::StatusOr<bool> recorded = co_await recording;
  co_return recorded.status();
}

Task<absl::StatusOr<domain::Integration>> IntegrationDesk::Impl::Change(std::string id,
                                                                        std::optional<int64_t> revision,
                                                                        store::IntegrationChange change) {
  Callback<absl::StatusOr<domain::Integration>> changing(executor_, [&](auto done) {
    store_.integrations().Change(std::move(id), revision, std::move(change), std::move(done));
  });
  absl::StatusOr<domain::Integration> changed = co_await changing;
  co_return changed;
}

Task<absl::StatusOr<ConnectionReport>> IntegrationDesk::Impl::CheckConnection(std::string id) {
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(id);
  if (!record.ok()) co_return record.status();
  const absl::Status live = RefuseArchived(record->integration);
  if (!live.ok()) co_return live;
  if (record->token.empty()) {
    co_return ReportLastSeen(*record, ConnectionOutcome::kTokenMissing, Reason::kTokenMissing,
                             "the integration has no token");
  }
  const auto& pinned = record->integration.pinned_register;
  Wire wire = wires_.TryTake(pinned, record->token);
  if (!wire) {
    co_return ReportLastSeen(
        *record, ConnectionOutcome::kBusy, Reason::kRegisterBusy,
        "the register is at work, wants to be left alone, or a doubt is being settled with "
        "it, and was not disturbed: this is what was seen last");
  }
  std::string known_number;
  if (pinned) known_number = pinned->fiscal_number;
  const absl::StatusOr<StatusAnswer> answer = co_await Ask(*wire, record->token, id, known_number);
  if (!answer.ok()) co_return answer.status();

  ConnectionReport report = ReadConnection(*answer, *record, settings_.clock_tolerance);
  // The lane has to see for itself before it sends: what it knows is of the register that it had.
  if (report.outcome == ConnectionOutcome::kAnotherRegister) wire->SetRegisterChanged();
  const absl::Status taken_in = co_await TakeAnswerIn(*record, *answer, report);
  wire.reset();
  if (!taken_in.ok()) co_return taken_in;
  co_return report;
}

// Stores what the answer says about the token and the register.
Task<absl::Status> IntegrationDesk::Impl::TakeAnswerIn(const store::IntegrationRecord& record,
                                                       const StatusAnswer& answer, ConnectionReport& report) {
  const domain::Integration& integration = record.integration;
  const std::string& id = integration.id;
  store::IntegrationChange change;
  if (answer.outcome == StatusOutcome::kTokenRefused && !domain::IsRefused(integration.token_state)) {
    change = [token = record.token](store::IntegrationRecord& now, const store::IntegrationSurroundings&) {
      return DecideTokenRefused(token, now);
    };
  } else if (answer.status && report.outcome == ConnectionOutcome::kAnotherRegister) {
    if (integration.token_state == TokenState::kUnverified) co_return absl::OkStatus();
    // What it says from now on, to a look too, is not about the integration's register.
    change = [token = record.token](store::IntegrationRecord& now, const store::IntegrationSurroundings&) {
      if (now.token == token) now.integration.token_state = TokenState::kUnverified;
      return absl::OkStatus();
    };
  } else if (answer.status) {
    const absl::Status remembered = co_await RememberStatus(id, *answer.status, answer.wire.end_time);
    if (!remembered.ok() && !absl::IsNotFound(remembered)) co_return remembered;
    if (!integration.pinned_register || integration.token_state != TokenState::kAccepted) {
      change = [token = record.token, status = *answer.status, time = answer.wire.end_time](
                   store::IntegrationRecord& now, const store::IntegrationSurroundings& surroundings) {
        return DecideVerified(token, status, time, now, surroundings);
      };
    }
  }
  if (!change) co_return absl::OkStatus();

  const absl::StatusOr<domain::Integration> changed = co_await Change(id, std::nullopt, std::move(change));
  if (changed.ok()) {
    if (changed->pinned_register) lanes_.Kick(changed->pinned_register->fiscal_number);
    co_return absl::OkStatus();
  }
  if (absl::IsCancelled(changed.status()) || absl::IsNotFound(changed.status())) {
    report.warnings.emplace_back(
        Reason::kTokenReplaced,
        "the token was replaced or the integration deleted meanwhile: this is what the old token's register "
        "answered");
    co_return absl::OkStatus();
  }
  if (!absl::IsFailedPrecondition(changed.status())) co_return changed.status();
  // The register answered, and still can't be worked with through this integration.
  report.outcome = ConnectionOutcome::kRegisterRefused;
  report.reason = ReasonOf(changed.status());
  report.message = std::string(changed.status().message());
  co_return absl::OkStatus();
}

}  // namespace kasa::engine
