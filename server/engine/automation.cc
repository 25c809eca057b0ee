#include "server/engine/automation.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/reason.h"
#include "common/status_reason.h"
#include "server/domain/automation_checks.h"
#include "server/store/automation_store.h"

namespace kasa::engine {

using domain::AutomationDecision;
using domain::AutomationOutcome;
using domain::CreatedDocument;

namespace {

// What was made now, else before; null when nothing was.
const CreatedDocument* MadeBy(const AutomationDecision& decision) {
  if (decision.make) return &*decision.make;
  return decision.told ? &*decision.told : nullptr;
}

DocumentRequest RequestFor(const CreatedDocument& made, const ReportRequest& report,
                           absl::Duration answer_within) {
  DocumentRequest request;
  request.kind = made.kind;
  request.source_system = made.subject.source_system;
  request.document_id = made.document_id;
  request.document = made.content;
  request.rule_id = made.rule_id;
  request.max_wait = report.max_wait;
  request.answer_within = answer_within;
  return request;
}

// What the document is refused for. Nothing where it is not: a gateway or a store that does not take it now
// is no fault of the document's. The caller is told to report again then, and that sends it, as after a
// crash.
std::optional<Reason> RefusalIn(const absl::Status& error) {
  const std::optional<Reason> reason = ReasonOf(error);
  if (!reason || absl::IsUnavailable(error) || absl::IsResourceExhausted(error)) return std::nullopt;
  const FailureClass whose = InfoOf(*reason).failure_class;
  const bool passes = whose == FailureClass::kTransient || whose == FailureClass::kInternal;
  return passes ? std::nullopt : reason;
}

}  // namespace

Automation::Automation(store::Store& store, Fiscalizer& fiscalizer, Executor& work_executor,
                       const Clock& clock, const KyivTime& kyiv, absl::Duration default_max_wait)
    : store_(store),
      fiscalizer_(fiscalizer),
      work_executor_(work_executor),
      clock_(clock),
      kyiv_(kyiv),
      default_max_wait_(default_max_wait) {}

void Automation::Report(ReportRequest request, Done<ReportOutcome> done) {
  // What keeping the report takes is the caller's time as well.
  const absl::Duration answer_at = clock_.Monotonic() + request.answer_within;
  ReportOutcome outcome;
  outcome.violations = domain::CheckReport(request.report);
  if (!outcome.violations.empty()) return std::move(done)(std::move(outcome));
  auto late = std::make_shared<domain::Violations>();
  domain::Report report = request.report;
  store_.automation().KeepReport(
      report,
      [report, late, today = kyiv_.DayOf(clock_.Now())](const domain::AutomationRule* rule,
                                                        const domain::SeenBefore& seen) {
        AutomationDecision decision = domain::DecideReport(report, rule, seen, today);
        *late = decision.of_request;
        return decision;
      },
      [this, late, answer_at, request = std::move(request),
       done = std::move(done)](absl::StatusOr<AutomationDecision> decision) mutable {
        // Off the writer's thread, which has more to do.
        work_executor_.Post([this, late, answer_at, request = std::move(request), done = std::move(done),
                             decision = std::move(decision)]() mutable {
          ReportOutcome kept;
          kept.violations = *late;
          if (!kept.violations.empty()) return std::move(done)(std::move(kept));
          if (!decision.ok()) return std::move(done)(decision.status());
          kept.decision = *std::move(decision);
          Act(std::move(request), answer_at, std::move(kept), std::move(done));
        });
      });
}

void Automation::Act(ReportRequest request, absl::Duration answer_at, ReportOutcome outcome,
                     Done<ReportOutcome> done) {
  const CreatedDocument* made = MadeBy(outcome.decision);
  if (made == nullptr) return std::move(done)(std::move(outcome));
  if (made->fiscalization) {
    const std::string id = made->fiscalization->id;
    return TellOf(id, request, answer_at, std::move(outcome), std::move(done));
  }
  if (!outcome.decision.fiscalize && !outcome.decision.make) return std::move(done)(std::move(outcome));
  Send(request, answer_at, std::move(outcome), std::move(done));
}

// Fiscalizes what was made, or, where the rule does not, checks it, so that what is told to the caller can be
// sent as it stands.
void Automation::Send(const ReportRequest& request, absl::Duration answer_at, ReportOutcome outcome,
                      Done<ReportOutcome> done) {
  DocumentRequest document = RequestFor(*MadeBy(outcome.decision), request, answer_at - clock_.Monotonic());
  document.validate_only = !outcome.decision.fiscalize;
  fiscalizer_.Fiscalize(std::move(document), [this, request, answer_at, outcome = std::move(outcome),
                                              done = std::move(done)](
                                                 absl::StatusOr<FiscalizeOutcome> sent) mutable {
    if (!sent.ok()) {
      if (ReasonOf(sent.status()) == Reason::kDocumentContentDiffers) {
        // Another report of the order, or the caller, was first.
        outcome.decision.outcome = AutomationOutcome::kAlreadyDone;
        outcome.decision.message = "it was accepted with other content before";
        return TellOf(FactsOf(sent.status())["fiscalization_id"], request, answer_at, std::move(outcome),
                      std::move(done));
      }
      const std::optional<Reason> refusal = RefusalIn(sent.status());
      if (!refusal) return std::move(done)(sent.status());
      return Refuse(std::move(outcome), *refusal, std::string(sent.status().message()), {}, std::move(done));
    }
    if (!sent->violations.empty()) {
      return Refuse(std::move(outcome), Reason::kDocumentInvalid, "what the rule would create is not right",
                    std::move(sent->violations), std::move(done));
    }
    for (domain::Notice& warning : sent->warnings) outcome.decision.warnings.push_back(std::move(warning));
    outcome.fiscalization = std::move(sent->fiscalization);
    if (outcome.decision.fiscalize) {
      // Of two reports at once that both send it, one is first.
      outcome.decision.outcome = sent->replayed ? AutomationOutcome::kAlreadyDone : AutomationOutcome::kActed;
    }
    std::move(done)(std::move(outcome));
  });
}

void Automation::TellOf(std::string fiscalization_id, const ReportRequest& request, absl::Duration answer_at,
                        ReportOutcome outcome, Done<ReportOutcome> done) {
  FiscalizationQuery query;
  query.name = std::move(fiscalization_id);
  query.max_wait = request.max_wait.value_or(default_max_wait_);
  query.answer_within = answer_at - clock_.Monotonic();
  fiscalizer_.Get(std::move(query), [outcome = std::move(outcome), done = std::move(done)](
                                        absl::StatusOr<domain::Fiscalization> now) mutable {
    // As it was when the report was kept, should it not be readable now.
    outcome.fiscalization = MadeBy(outcome.decision)->fiscalization;
    if (now.ok()) outcome.fiscalization = *std::move(now);
    std::move(done)(std::move(outcome));
  });
}

void Automation::Refuse(ReportOutcome outcome, Reason reason, std::string message,
                        domain::Violations violations, Done<ReportOutcome> done) {
  const CreatedDocument refused = *MadeBy(outcome.decision);
  AutomationDecision& decision = outcome.decision;
  decision.outcome = AutomationOutcome::kRefused;
  decision.reason = reason;
  decision.message = std::move(message);
  decision.violations = std::move(violations);
  decision.make.reset();
  decision.told.reset();
  store_.automation().MarkRefused(refused, [outcome = std::move(outcome), done = std::move(done)](
                                               const absl::StatusOr<bool>& /*marked*/) mutable {
    // When it can't be marked it stands as made and not accepted, as after a crash: a later report sends
    // it.
    std::move(done)(std::move(outcome));
  });
}

}  // namespace kasa::engine
