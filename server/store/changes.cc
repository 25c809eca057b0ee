#include "server/store/changes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "server/store/acceptance.h"
#include "server/store/errors.h"
#include "server/store/exchanges.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/looks.h"
#include "server/store/sendings.h"
#include "server/store/sends.h"

namespace kasa::store {
namespace {

using domain::Fiscalization;
using domain::ResolutionOutcome;
using domain::State;

bool HasUnexplainedSend(Connection& connection, const Fiscalization& fiscalization) {
  return FirstUnexplained(connection, fiscalization.register_fiscal_number, ExchangeKind::kReceipt,
                          fiscalization.tag)
      .has_value();
}

void ExplainSendsOf(Connection& connection, const Fiscalization& fiscalization) {
  ExplainSends(connection, fiscalization.register_fiscal_number, ExchangeKind::kReceipt, fiscalization.tag);
}

std::optional<absl::Time> FirstSendOf(Connection& connection, const Fiscalization& fiscalization) {
  const auto unexplained = FirstUnexplained(connection, fiscalization.register_fiscal_number,
                                            ExchangeKind::kReceipt, fiscalization.tag);
  return unexplained ? std::make_optional(unexplained->start_time) : std::nullopt;
}

void TakePlan(Fiscalization& doubted, const domain::Failure& why, const DoubtPlan& plan) {
  doubted.failure = why;
  doubted.next_attempt_time = ToStored(plan.next_step_time);
  doubted.doubt->resolvable_time = ToStored(plan.resolvable_time);
  doubted.doubt->next_step = plan.next_step;
}

// What has a receipt for all that the register tells, from a history that the store lost, ends with that one:
// its lane puts it in doubt under the receipt's tag, and nothing else may be said of it before.
absl::Status RefuseIfItHasALostReceipt(Connection& connection, const domain::InstallationId& installation,
                                       const Fiscalization& fiscalization) {
  const std::optional<std::string> lost = FindLostReceipt(connection, installation, fiscalization);
  if (!lost) return absl::OkStatus();
  return WithReason(
      StateNotAllowed(fiscalization, absl::StrCat("the register has receipt ", *lost,
                                                  " under its tag, from a history that this store lost")),
      Reason::kInDoubtReconciling);
}

domain::Failure GivenUp(const domain::Resolution& resolution) {
  domain::Failure failure;
  failure.reason = Reason::kGivenUpByOperator;
  failure.message = absl::StrCat("given up by ", resolution.principal, ": ", resolution.note);
  failure.correction_allowed = true;  // the operator states that there is no receipt
  return failure;
}

}  // namespace

absl::StatusOr<Fiscalization> NoteWaiting(Connection& connection, const std::string& id,
                                          const domain::Failure& why,
                                          std::optional<absl::Time> next_attempt_time, absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, id);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  if (fiscalization.state != State::kAccepted && fiscalization.state != State::kInDoubt) {
    return StateNotAllowed(fiscalization, "it does not wait");
  }
  const bool same_cause = fiscalization.failure == why;
  fiscalization.failure = why;
  fiscalization.next_attempt_time = ToStored(next_attempt_time);
  if (same_cause) {
    UpdateNextStep(connection, *row);
  } else {
    UpdateRow(connection, *row, now);
  }
  return std::move(fiscalization);
}

absl::StatusOr<Fiscalization> NoteDoubt(Connection& connection, const std::string& id,
                                        const domain::Failure& why, const DoubtPlan& plan, absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, id);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  if (fiscalization.state != State::kInDoubt) return StateNotAllowed(fiscalization, "it is not in doubt");
  const bool never_park = fiscalization.doubt->never_park || plan.never_park;
  const bool unchanged = fiscalization.failure == why && never_park == fiscalization.doubt->never_park;
  fiscalization.doubt->never_park = never_park;
  TakePlan(fiscalization, why, plan);
  if (unchanged) {
    UpdateNextStep(connection, *row);
  } else {
    UpdateRow(connection, *row, now);
  }
  return std::move(fiscalization);
}

absl::StatusOr<Fiscalization> ParkDoubt(Connection& connection, const std::string& id,
                                        const domain::Failure& why, const DoubtPlan& plan, absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, id);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  if (fiscalization.state != State::kInDoubt) return StateNotAllowed(fiscalization, "it is not in doubt");
  const bool holds = row->bound_to_tag || fiscalization.doubt->never_park;
  if (holds && !KASA_MUTANT("park-after-res-action-2")) {
    return StateNotAllowed(fiscalization, "the register waits for this same request, or for a person");
  }
  fiscalization.doubt->parked = true;
  TakePlan(fiscalization, why, plan);
  UpdateRow(connection, *row, now);
  return std::move(fiscalization);
}

absl::StatusOr<Fiscalization> FailUnsent(Connection& connection, const domain::InstallationId& installation,
                                         const std::string& id, int64_t revision,
                                         const domain::Failure& failure, absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, id, revision);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  if (fiscalization.state != State::kAccepted || HasUnexplainedSend(connection, fiscalization)) {
    return StateNotAllowed(fiscalization, "only what waits unsent fails unsent");
  }
  if (absl::Status lost = RefuseIfItHasALostReceipt(connection, installation, fiscalization); !lost.ok()) {
    return lost;
  }
  if (absl::Status moved = MoveTo(fiscalization, State::kFailed); !moved.ok()) return moved;
  fiscalization.failure = failure;
  fiscalization.next_attempt_time.reset();
  UpdateRow(connection, *row, now);
  return std::move(fiscalization);
}

absl::StatusOr<Fiscalization> CancelAccepted(Connection& connection,
                                             const domain::InstallationId& installation,
                                             const std::string& id, std::optional<int64_t> revision,
                                             absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, id, revision);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  const bool in_doubt =
      fiscalization.state == State::kInDoubt || HasUnexplainedSend(connection, fiscalization);
  if (in_doubt && !KASA_MUTANT("cancel-what-is-in-doubt")) {
    return WithReason(StateNotAllowed(fiscalization, "the receipt may exist, so it can't be cancelled"),
                      Reason::kInDoubtReconciling);
  }
  if (fiscalization.state == State::kAccepted) {
    if (absl::Status lost = RefuseIfItHasALostReceipt(connection, installation, fiscalization); !lost.ok()) {
      return lost;
    }
  }
  if (absl::Status moved = MoveTo(fiscalization, State::kCancelled); !moved.ok()) return moved;
  fiscalization.failure.reset();
  fiscalization.next_attempt_time.reset();
  UpdateRow(connection, *row, now);
  return std::move(fiscalization);
}

absl::StatusOr<Fiscalization> RetryFailed(Connection& connection, Retry retry, absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, retry.fiscalization_id, retry.revision);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  if (fiscalization.state != State::kFailed && fiscalization.state != State::kCancelled) {
    return StateNotAllowed(fiscalization, "only what failed or was cancelled can be retried");
  }
  // It may have been corrected meanwhile, and failed again or been cancelled: what was prepared is another
  // document's receipt then.
  if (fiscalization.revision != retry.prepared_revision) return ChangedWhilePrepared(fiscalization.id);
  if (HasUnexplainedSend(connection, fiscalization)) {
    return StateNotAllowed(fiscalization, "a send of its tag is unexplained");
  }
  if (absl::Status taken = CheckTakesWork(connection, fiscalization.integration_id,
                                          fiscalization.register_fiscal_number, fiscalization.key.mode);
      !taken.ok()) {
    return taken;
  }
  if (absl::Status moved = MoveTo(fiscalization, State::kAccepted); !moved.ok()) return moved;
  fiscalization.draft = std::move(retry.draft);
  fiscalization.warnings = std::move(retry.warnings);
  if (absl::Status decided = DecideByHistory(connection, fiscalization, retry.request_body, retry.decide,
                                             retry.make_body, false);
      !decided.ok()) {
    return decided;
  }
  fiscalization.expire_time = retry.expire_time;
  fiscalization.failure.reset();
  fiscalization.next_attempt_time.reset();
  MoveToEndOfLane(connection, *row);
  UpdateRow(connection, *row, now);
  ReplaceContent(connection, *row, retry.request_body);
  return std::move(fiscalization);
}

absl::StatusOr<Fiscalization> ResolveDoubt(Connection& connection, const ResolutionRequest& request,
                                           absl::Time now) {
  absl::StatusOr<FiscalizationRow> row = GetRow(connection, request.fiscalization_id, request.revision);
  if (!row.ok()) return row.status();
  Fiscalization& fiscalization = row->fiscalization;
  if (fiscalization.state != State::kInDoubt) {
    return StateNotAllowed(fiscalization, "only what is in doubt can be resolved");
  }
  if (request.attempts && *request.attempts != fiscalization.attempts) {
    return StateNotAllowed(fiscalization, "it was sent again while the register was asked about it");
  }
  if (!IsStillSought(request.sought, fiscalization)) {
    return StateNotAllowed(fiscalization, "it became another request while the register was asked about it");
  }
  State to = State::kFiscalized;
  switch (request.resolution.outcome) {
    case ResolutionOutcome::kReceiptExists:
      if (!request.receipt) return absl::InternalError("a receipt that exists has to be told");
      fiscalization.receipt = request.receipt;
      if (absl::Status stored = InsertReceipt(connection, *row, now); !stored.ok()) return stored;
      // The receipt went out with these contacts, and the answer that would say more was lost.
      InsertSendingsWithReceipt(connection, *row, request.sent_to,
                                {.outcome = domain::SendingOutcome::kUnknown,
                                 .reason = Reason::kAnswerLost,
                                 .message = "it went with the receipt, whose answer was lost",
                                 .create_time = FirstSendOf(connection, fiscalization).value_or(now)});
      fiscalization.failure.reset();
      break;
    case ResolutionOutcome::kAbsentSend:
      to = State::kAccepted;
      fiscalization.failure.reset();
      // What has taken its place may be what the register waits for.
      if (fiscalization.doubt && fiscalization.doubt->parked) MoveToEndOfLane(connection, *row);
      break;
    case ResolutionOutcome::kAbsentGiveUp:
      to = State::kFailed;
      fiscalization.failure = GivenUp(request.resolution);
      break;
  }
  if (absl::Status moved = MoveTo(fiscalization, to); !moved.ok()) return moved;
  ExplainSendsOf(connection, fiscalization);
  // What the register asked for again it asked of what is settled now.
  row->bound_to_tag = false;
  fiscalization.resolution = request.resolution;
  fiscalization.resolution->resolve_time = ToStored(request.resolution.resolve_time);
  fiscalization.next_attempt_time.reset();
  UpdateRow(connection, *row, now);
  return std::move(fiscalization);
}

}  // namespace kasa::store
