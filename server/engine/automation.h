#ifndef KASA_SERVER_ENGINE_AUTOMATION_H_
#define KASA_SERVER_ENGINE_AUTOMATION_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "server/domain/automation.h"
#include "server/domain/automation_decision.h"
#include "server/domain/fiscalization.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"
#include "server/store/store.h"

// Acts on reports (product.md, points 16 and 17): keeps each with what its rule makes of it, in one
// transaction, then sends what was made through the front door, like any caller.
//
//   report --> [decide, keep report and what it makes: one transaction] --> Fiscalize --> answer
//
// A crash in between loses nothing: what was made stands under a key of its own, and the same report sent
// again, or a later one, sends it.
namespace kasa::engine {

struct ReportRequest {
  domain::Report report;
  std::optional<absl::Duration> max_wait;  // as in DocumentRequest
  absl::Duration answer_within = absl::InfiniteDuration();
};

struct ReportOutcome {
  domain::Violations violations;        // of the request; then nothing was kept
  domain::AutomationDecision decision;  // as it came out: what was refused is kRefused
  // Of what was made, now or before.
  std::optional<domain::Fiscalization> fiscalization;
};

class Automation {
 public:
  // Everything must outlive it. Thread-safe; no call blocks. `default_max_wait` as in settings.h.
  Automation(store::Store& store, Fiscalizer& fiscalizer, Executor& work_executor, const Clock& clock,
             const KyivTime& kyiv, absl::Duration default_max_wait);

  // ALREADY_EXISTS (REPORT_CONTENT_DIFFERS), UNAVAILABLE (STORE_FULL, STORE_UNAVAILABLE). What Fiscalize()
  // refuses for a reason of ours is no error but the outcome REFUSED: the report is kept then, and a later
  // one, or the same again, tries again.
  void Report(ReportRequest request, Done<ReportOutcome> done);

 private:
  // `answer_at`: until when, by the monotonic clock, the caller is to be answered.
  void Act(ReportRequest request, absl::Duration answer_at, ReportOutcome outcome, Done<ReportOutcome> done);
  void Send(const ReportRequest& request, absl::Duration answer_at, ReportOutcome outcome,
            Done<ReportOutcome> done);
  void TellOf(std::string fiscalization_id, const ReportRequest& request, absl::Duration answer_at,
              ReportOutcome outcome, Done<ReportOutcome> done);
  void Refuse(ReportOutcome outcome, Reason reason, std::string message, domain::Violations violations,
              Done<ReportOutcome> done);

  store::Store& store_;
  Fiscalizer& fiscalizer_;
  Executor& work_executor_;
  const Clock& clock_;
  const KyivTime& kyiv_;
  const absl::Duration default_max_wait_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_AUTOMATION_H_
