#ifndef KASA_SERVER_STORE_AUTOMATION_STORE_H_
#define KASA_SERVER_STORE_AUTOMATION_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/attention.h"
#include "server/domain/automation.h"
#include "server/domain/automation_decision.h"
#include "server/store/callback.h"
#include "server/store/page_position.h"

// What the store keeps of automation: rules, reports, and what was made of them (product.md, points 7, 16 and
// 17).
namespace kasa::store {

// Changes a rule in place, or refuses. On the writer's thread inside the transaction: no I/O, no blocking.
using RuleChange = absl::AnyInvocable<absl::Status(domain::AutomationRule& rule) &&>;

// An empty one lets all pass.
struct RuleFilter {
  std::string integration_id;
  std::string source_system;
};

struct RulePage {
  std::vector<domain::AutomationRule> rules;
  std::optional<PagePosition> next;
};

// Decides about a report, in the transaction that keeps it. `rule` is null when there is none for its store.
using ReportDecision = absl::AnyInvocable<domain::AutomationDecision(const domain::AutomationRule* rule,
                                                                     const domain::SeenBefore& seen) &&>;

// Thread-safe. Writes call back on the writer's thread, after the commit.
class AutomationStore {
 public:
  virtual ~AutomationStore() = default;

  // ALREADY_EXISTS (AUTOMATION_RULE_EXISTS): the id is taken, or the source system's store has a rule of this
  // kind. NOT_FOUND (INTEGRATION_NOT_FOUND), FAILED_PRECONDITION (INTEGRATION_ARCHIVED).
  virtual void CreateRule(domain::AutomationRule rule, Callback<domain::AutomationRule> done) = 0;
  // The same, and NOT_FOUND (AUTOMATION_RULE_NOT_FOUND), ABORTED (ETAG_MISMATCH), or what `change` refuses
  // with. The integration is asked for only when the rule is active, or goes to another one.
  virtual void ChangeRule(std::string id, std::optional<int64_t> revision, RuleChange change,
                          Callback<domain::AutomationRule> done) = 0;
  // What it has made stays. NOT_FOUND, ABORTED.
  virtual void DeleteRule(std::string id, std::optional<int64_t> revision,
                          Callback<domain::AutomationRule> done) = 0;
  virtual absl::StatusOr<domain::AutomationRule> GetRule(const std::string& id) = 0;
  // In the order (create_time, id).
  virtual absl::StatusOr<RulePage> ListRules(const RuleFilter& filter,
                                             const std::optional<PagePosition>& after, int limit) = 0;

  // Keeps a report with what `decide` says, what it makes, and, of an order whose report is none too late,
  // its total. ALREADY_EXISTS (REPORT_CONTENT_DIFFERS) when another content has its subject and revision;
  // INVALID_ARGUMENT (REQUEST_INVALID) when the decision is about the request: then nothing is kept.
  virtual void KeepReport(domain::Report report, ReportDecision decide,
                          Callback<domain::AutomationDecision> done) = 0;

  // The orders whose last report said that a return is due, and for which it still is.
  virtual absl::StatusOr<std::vector<domain::ReturnDueFacts>> ReturnsDue() = 0;

  // What was made was refused when it was to be fiscalized. Answers whether it was there.
  virtual void MarkRefused(domain::CreatedDocument created, Callback<bool> done) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_AUTOMATION_STORE_H_
