#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/engine/integration_desk_impl.h"

// A new token: the register behind it is asked first, and then stored with it.
namespace kasa::engine {

using domain::PinnedRegister;
using vchasno::StatusAnswer;
using vchasno::StatusOutcome;

namespace {

// How often a wire that is taken is asked for again.
constexpr absl::Duration kWireRetry = absl::Milliseconds(50);

constexpr int kPageOfIntegrations = 200;

domain::Notice UnverifiedWarning(Reason reason, absl::string_view why, const StatedRegister& stated) {
  std::string warning = absl::StrCat("the token is stored unverified: ", why,
                                     "; CheckConnection verifies it as soon as the register answers");
  if (!stated.empty()) {
    absl::StrAppend(&warning,
                    "; what was stated of the register is not kept: if its status turns out not to name it, "
                    "set the token again and state it again");
  }
  return {reason, std::move(warning)};
}

}  // namespace

Task<IntegrationDesk::Impl::Wire> IntegrationDesk::Impl::WaitForWire(std::optional<PinnedRegister> pinned,
                                                                     Secret token) {
  const absl::Duration until = clock_.Monotonic() + settings_.default_max_wait;
  Wire wire = wires_.TryTake(pinned, token);
  while (!wire && clock_.Monotonic() < until) {
    WakeUp pause(executor_);
    co_await pause.Wait(kWireRetry);
    wire = wires_.TryTake(pinned, token);
  }
  co_return wire;
}

absl::Status IntegrationDesk::Impl::RefuseTokenOfOther(const std::string& integration_id,
                                                       const Secret& token) {
  const std::string last_four = token.LastFour();
  std::string after;
  do {
    const absl::StatusOr<store::IntegrationPage> page =
        store_.integrations().List(after, kPageOfIntegrations, /*archived=*/false);
    if (!page.ok()) return page.status();
    for (const domain::Integration& other : page->integrations) {
      const bool alike = other.token_state != domain::TokenState::kNone && other.token_last_four == last_four;
      if (other.id == integration_id || other.archived || !alike) continue;
      const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(other.id);
      if (absl::IsNotFound(record.status())) continue;
      if (!record.ok()) return record.status();
      if (record->token == token) return RefuseUsedRegister("the register of this token", other.id);
    }
    after = page->next_after_id;
  } while (!after.empty());
  return absl::OkStatus();
}

absl::Status IntegrationDesk::Impl::RefuseStatedOfOther(const std::string& integration_id,
                                                        const StatedRegister& stated) {
  if (stated.fiscal_number.empty()) return absl::OkStatus();
  const absl::StatusOr<store::IntegrationRecord> holder =
      store_.integrations().OfRegister(stated.fiscal_number);
  if (absl::IsNotFound(holder.status())) return absl::OkStatus();
  if (!holder.ok()) return holder.status();
  if (holder->integration.id == integration_id) return absl::OkStatus();
  return RefuseUsedRegister(absl::StrCat("register ", stated.fiscal_number), holder->integration.id);
}

Task<absl::StatusOr<IntegrationDesk::Impl::Inspection>> IntegrationDesk::Impl::InspectToken(
    std::string integration_id, std::optional<PinnedRegister> pinned, Secret token, StatedRegister stated) {
  // Another integration's register has a lane that this question would get around.
  const absl::Status stated_free = RefuseStatedOfOther(integration_id, stated);
  if (!stated_free.ok()) co_return stated_free;
  Inspection inspection;
  inspection.wire = co_await WaitForWire(pinned, token);
  const absl::Status token_free = RefuseTokenOfOther(integration_id, token);
  if (!token_free.ok()) co_return token_free;
  inspection.finding.token = token;
  if (!inspection.wire) {
    // Not to be asked now, and not to be refused either: the token may be what a stuck lane waits for. The
    // lane verifies every new token before it sends.
    inspection.finding.set_time = clock_.Now();
    inspection.warnings.push_back(
        UnverifiedWarning(Reason::kRegisterBusy, "the register is at work and was not disturbed", stated));
    co_return inspection;
  }

  const std::string known_number = pinned ? pinned->fiscal_number : stated.fiscal_number;
  absl::StatusOr<StatusAnswer> answer = co_await Ask(*inspection.wire, token, integration_id, known_number);
  if (!answer.ok()) co_return answer.status();
  inspection.finding.set_time = clock_.Now();
  if (answer->outcome == StatusOutcome::kTokenRefused) {
    co_return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kTokenRefused,
                            absl::StrCat("Vchasno.Kasa refused the token: ", answer->message));
  }
  if (answer->outcome != StatusOutcome::kAnswered || !answer->status) {
    inspection.warnings.push_back(UnverifiedWarning(
        answer->reason, absl::StrCat(NameOf(answer->reason), ", ", answer->message), stated));
    co_return inspection;
  }
  absl::StatusOr<PinnedRegister> found = IdentifyRegister(*answer->status, stated);
  if (!found.ok()) co_return found.status();
  inspection.finding.found = *std::move(found);
  inspection.finding.status = answer->status;
  inspection.status = answer->status;
  inspection.status_time = answer->wire.end_time;
  inspection.warnings = WarningsOf(*answer->status, answer->wire.end_time, settings_.clock_tolerance);
  if (const auto hindrance = domain::ReasonNotToWork(*answer->status)) {
    inspection.warnings.emplace_back(
        *hindrance,
        absl::StrCat("the register can't work now, ", NameOf(*hindrance), ": ", InfoOf(*hindrance).remedy));
  }
  co_return inspection;
}

Task<absl::StatusOr<IntegrationOutcome>> IntegrationDesk::Impl::SetToken(SetTokenCall call) {
  IntegrationOutcome outcome;
  outcome.violations = CheckNewToken(call.token, call.stated);
  if (!outcome.violations.empty()) co_return outcome;
  const std::string id = call.integration_id;
  // Told before the register is asked; the store decides again.
  const absl::StatusOr<store::IntegrationRecord> record = store_.integrations().Get(id);
  if (!record.ok()) co_return record.status();
  const absl::Status live = RefuseArchived(record->integration);
  if (!live.ok()) co_return live;
  if (call.revision && *call.revision != record->integration.revision) {
    co_return ReasonedError(absl::StatusCode::kAborted, Reason::kEtagMismatch,
                            absl::StrCat("integration ", id, " was changed meanwhile"));
  }

  absl::StatusOr<Inspection> inspection =
      co_await InspectToken(id, record->integration.pinned_register, call.token, call.stated);
  if (!inspection.ok()) co_return inspection.status();
  const TokenFinding finding = inspection->finding;
  store::IntegrationChange change = [finding](store::IntegrationRecord& now,
                                              const store::IntegrationSurroundings& surroundings) {
    return DecideToken(finding, now, surroundings);
  };
  absl::StatusOr<domain::Integration> changed = co_await Change(id, call.revision, std::move(change));
  if (!changed.ok()) co_return changed.status();

  outcome.warnings = std::move(inspection->warnings);
  if (!finding.found && domain::IsTokenOfRegister(changed->token_state)) {
    for (domain::Notice& warning : outcome.warnings) {
      warning.message = absl::StrCat("the register could not be asked now; it is the token that it had ",
                                     domain::IsRefused(changed->token_state)
                                         ? "refused when it was last asked, and accepted before"
                                         : "accepted before");
    }
  }
  if (inspection->status) {
    const absl::Status remembered = co_await RememberStatus(id, *inspection->status, inspection->status_time);
    if (!remembered.ok()) outcome.warnings.push_back(StatusNotStored(remembered));
  }
  inspection->wire.reset();
  if (changed->pinned_register) lanes_.Kick(changed->pinned_register->fiscal_number);
  outcome.integration = *std::move(changed);
  co_return outcome;
}

}  // namespace kasa::engine
