#include "server/engine/fiscalization_calls.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"
#include "server/engine/check_task_record.h"

namespace kasa::engine {

using domain::DocumentKey;
using domain::Fiscalization;

namespace {

absl::Status ShuttingDown() {
  return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, Reason::kShuttingDown,
                                      "the gateway is shutting down and takes no new work"),
                        absl::Seconds(2));
}

// The transaction refused: with what it found wrong, when it says so, as if that had been seen before.
void AnswerRefusal(const absl::Status& refusal, const domain::Violations* late, FiscalizeOutcome outcome,
                   Done<FiscalizeOutcome> done) {
  if (late == nullptr || late->empty()) return std::move(done)(refusal);
  outcome.violations = *late;
  std::move(done)(std::move(outcome));
}

// How often a retry is prepared whose document is corrected meanwhile.
constexpr int kMostPreparations = 3;

// A caller who names a version wants that one, or to be told.
bool IsToBePreparedAnew(const RetryRequest& request, const absl::Status& refusal, int tries) {
  return tries > 1 && !request.revision && ReasonOf(refusal) == Reason::kEtagMismatch;
}

std::optional<domain::ToldReceipt> ReceiptIn(const std::optional<vchasno::CheckTaskAnswer>& told) {
  if (!told || !told->facts.answered) return std::nullopt;
  return told->facts.receipt;
}

}  // namespace

FiscalizationCalls::FiscalizationCalls(Parts parts, DocumentIntake intake)
    : parts_(parts), intake_(std::move(intake)), resolving_(parts.lane_executor) {}

// What the look-up told, on the work executor; at once when there is none. A register that does not answer in
// time tells nothing, and the caller is told what could not be checked. Nothing is stored before, so it takes
// at most a part of the caller's time.
void FiscalizationCalls::Ask(std::optional<LookUp> look_up, const Patience& patience, Heard heard) {
  const absl::Duration left = patience.call_over - parts_.clock.Monotonic();
  const absl::Duration timeout = std::min(left / 2, parts_.settings.check_task_timeout);
  if (!look_up || timeout <= absl::ZeroDuration()) return std::move(heard)(std::nullopt);
  parts_.client.CheckTask(
      look_up->token, look_up->fiscal_number, timeout,
      [this, heard = std::move(heard),
       asked = look_up->fiscal_number](vchasno::CheckTaskAnswer checked) mutable {
        // Of another receipt it tells nothing of this one.
        const std::string& told = checked.facts.fiscal_number;
        if (!told.empty() && told != asked) checked.facts = domain::TaskFacts();
        parts_.work_executor.Post([heard = std::move(heard), checked = std::move(checked)]() mutable {
          std::move(heard)(std::move(checked));
        });
      });
}

void FiscalizationCalls::KeepLookUp(const Fiscalization& asked_for, const Told& told) {
  if (!told) return;
  parts_.store.sends().RecordExchange(CheckTaskRecord(asked_for, *told, false),
                                      [](const absl::StatusOr<int64_t>&) {
                                        // A look-up changes nothing: its record is for the audit alone.
                                      });
}

void FiscalizationCalls::Fiscalize(DocumentRequest request, Done<FiscalizeOutcome> done) {
  if (draining_) return std::move(done)(ShuttingDown());
  const Patience patience = PatienceOf(request.max_wait, request.answer_within);
  parts_.work_executor.Post([this, patience, request = std::move(request), done = std::move(done)]() mutable {
    std::optional<LookUp> look_up = intake_.LookUpFor(request);
    Ask(std::move(look_up), patience,
        [this, patience, request = std::move(request), done = std::move(done)](Told told) mutable {
          FiscalizePrepared(request, patience, intake_.Prepare(request, ReceiptIn(told)), told,
                            std::move(done));
        });
  });
}

void FiscalizationCalls::FiscalizePrepared(const DocumentRequest& request, const Patience& patience,
                                           absl::StatusOr<PreparedDocument> prepared, const Told& told,
                                           Done<FiscalizeOutcome> done) {
  if (!prepared.ok()) return std::move(done)(prepared.status());
  FiscalizeOutcome outcome = std::move(prepared->outcome);
  if (outcome.replayed && !request.validate_only) {
    return AnswerWithOutcome(std::move(outcome), patience.answer_at, std::move(done));
  }
  if (!prepared->acceptance) return std::move(done)(std::move(outcome));
  parts_.store.Accept(*std::move(prepared->acceptance),
                      [this, answer_at = patience.answer_at, told, outcome = std::move(outcome),
                       late = std::move(prepared->late_violations),
                       done = std::move(done)](absl::StatusOr<store::Accepted> accepted) mutable {
                        if (!accepted.ok()) {
                          return AnswerRefusal(accepted.status(), late.get(), std::move(outcome),
                                               std::move(done));
                        }
                        outcome.replayed = accepted->kind == store::AcceptanceKind::kReplayed;
                        outcome.fiscalization = std::move(accepted->fiscalization);
                        if (!outcome.replayed) KeepLookUp(*outcome.fiscalization, told);
                        AnswerWithOutcome(std::move(outcome), answer_at, std::move(done));
                      });
}

void FiscalizationCalls::AnswerWithOutcome(FiscalizeOutcome outcome, absl::Duration answer_at,
                                           Done<FiscalizeOutcome> done) {
  parts_.lane_executor.Post([this, answer_at, outcome = std::move(outcome),
                             done = std::move(done)]() mutable {
    const Fiscalization known = *outcome.fiscalization;
    // Waits first, then wakes the lane: no outcome can come in between and be missed.
    WaitForOutcome(
        known, answer_at,
        [outcome = std::move(outcome), done = std::move(done)](absl::StatusOr<Fiscalization> now) mutable {
          // Stored it is, whatever became of reading it again: the state so far is the true answer.
          if (now.ok()) outcome.fiscalization = *std::move(now);
          std::move(done)(std::move(outcome));
        });
    if (!domain::IsFinal(known.state)) parts_.lanes.WorkQueued(known.register_fiscal_number);
  });
}

void FiscalizationCalls::WaitForOutcome(const Fiscalization& known, absl::Duration answer_at,
                                        Done<Fiscalization> done) {
  if (domain::IsFinal(known.state)) return std::move(done)(known);
  const absl::Duration at_most = answer_at - parts_.clock.Monotonic();
  if (at_most <= absl::ZeroDuration() || draining_)
    return std::move(done)(parts_.store.GetFiscalization(known.id));
  parts_.board.Wait(known.id, at_most,
                    [this, id = known.id, done = std::move(done)](const Fiscalization* outcome) mutable {
                      if (outcome != nullptr) return std::move(done)(*outcome);
                      std::move(done)(parts_.store.GetFiscalization(id));
                    });
}

void FiscalizationCalls::Get(FiscalizationQuery query, Done<Fiscalization> done) {
  const absl::Duration answer_at = PatienceOf(query.max_wait, query.answer_within).answer_at;
  if (answer_at <= parts_.clock.Monotonic()) {
    parts_.work_executor.Post(
        [this, query = std::move(query), done = std::move(done)]() mutable { std::move(done)(Read(query)); });
    return;
  }
  // Read on the lanes' own thread: what becomes final is published there, so nothing can happen between the
  // reading and the waiting.
  parts_.lane_executor.Post([this, answer_at, query = std::move(query), done = std::move(done)]() mutable {
    const absl::StatusOr<Fiscalization> known = Read(query);
    if (!known.ok()) return std::move(done)(known.status());
    WaitForOutcome(*known, answer_at, std::move(done));
  });
}

absl::StatusOr<Fiscalization> FiscalizationCalls::Read(const FiscalizationQuery& query) const {
  if (const auto* id = std::get_if<std::string>(&query.name)) return parts_.store.GetFiscalization(*id);
  DocumentKey key = std::get<DocumentKey>(query.name);
  if (!query.any_mode) return parts_.store.FindFiscalization(key);
  key.mode = domain::RegisterMode::kReal;
  absl::StatusOr<Fiscalization> real = parts_.store.FindFiscalization(key);
  if (!absl::IsNotFound(real.status())) return real;
  key.mode = domain::RegisterMode::kTest;
  return parts_.store.FindFiscalization(key);
}

void FiscalizationCalls::Retry(RetryRequest request, Done<FiscalizeOutcome> done) {
  if (draining_) return std::move(done)(ShuttingDown());
  const Patience patience = PatienceOf(request.max_wait, request.answer_within);
  parts_.work_executor.Post([this, patience, request = std::move(request), done = std::move(done)]() mutable {
    TryRetry(std::move(request), patience, kMostPreparations, std::move(done));
  });
}

void FiscalizationCalls::TryRetry(RetryRequest request, const Patience& patience, int tries,
                                  Done<FiscalizeOutcome> done) {
  std::optional<LookUp> look_up = intake_.LookUpFor(request);
  std::string asked_about = look_up ? look_up->fiscal_number : std::string();
  Ask(std::move(look_up), patience,
      [this, patience, request = std::move(request), asked_about = std::move(asked_about), tries,
       done = std::move(done)](Told told) mutable {
        auto prepared = intake_.PrepareRetry(request, asked_about, ReceiptIn(told));
        RetryPrepared(std::move(request), patience, std::move(prepared), told, tries, std::move(done));
      });
}

void FiscalizationCalls::RetryPrepared(RetryRequest request, const Patience& patience,
                                       absl::StatusOr<PreparedRetry> prepared, const Told& told, int tries,
                                       Done<FiscalizeOutcome> done) {
  if (IsToBePreparedAnew(request, prepared.status(), tries)) {
    return TryRetry(std::move(request), patience, tries - 1, std::move(done));
  }
  if (!prepared.ok()) return std::move(done)(prepared.status());
  if (!prepared->retry) return std::move(done)(std::move(prepared->outcome));
  parts_.store.RetryFailed(
      *std::move(prepared->retry),
      [this, request = std::move(request), patience, told, tries, outcome = std::move(prepared->outcome),
       late = std::move(prepared->late_violations),
       done = std::move(done)](absl::StatusOr<Fiscalization> accepted) mutable {
        if (IsToBePreparedAnew(request, accepted.status(), tries)) {
          return parts_.work_executor.Post(
              [this, request = std::move(request), patience, tries, done = std::move(done)]() mutable {
                TryRetry(std::move(request), patience, tries - 1, std::move(done));
              });
        }
        if (!accepted.ok()) {
          return AnswerRefusal(accepted.status(), late.get(), std::move(outcome), std::move(done));
        }
        KeepLookUp(*accepted, told);
        outcome.fiscalization = *std::move(accepted);
        AnswerWithOutcome(std::move(outcome), patience.answer_at, std::move(done));
      });
}

void FiscalizationCalls::Cancel(std::string fiscalization_id, std::optional<int64_t> revision,
                                Done<Fiscalization> done) {
  parts_.store.Cancel(
      fiscalization_id, revision,
      [this, fiscalization_id, done = std::move(done)](absl::StatusOr<Fiscalization> cancelled) mutable {
        if (cancelled.ok()) {
          Publish(*cancelled);
        } else if (ReasonOf(cancelled.status()) == Reason::kStateNotAllowed) {
          // Cancelled before is cancelled.
          absl::StatusOr<Fiscalization> now = parts_.store.GetFiscalization(fiscalization_id);
          if (now.ok() && now->state == domain::State::kCancelled) cancelled = std::move(now);
        }
        std::move(done)(std::move(cancelled));
      });
}

void FiscalizationCalls::Publish(const Fiscalization& now) {
  parts_.lane_executor.Post([this, now] {
    parts_.board.Publish(now);
    parts_.lanes.Kick(now.register_fiscal_number);
  });
}

void FiscalizationCalls::Drain() {
  draining_ = true;
  parts_.lane_executor.Post([this] { parts_.board.ReleaseAll(); });
}

FiscalizationCalls::Patience FiscalizationCalls::PatienceOf(std::optional<absl::Duration> max_wait,
                                                            absl::Duration answer_within) const {
  const absl::Duration now = parts_.clock.Monotonic();
  const absl::Duration asked =
      std::min(max_wait.value_or(parts_.settings.default_max_wait), parts_.settings.longest_max_wait);
  return {.answer_at = now + std::min(asked, answer_within), .call_over = now + answer_within};
}

}  // namespace kasa::engine
