#ifndef KASA_SERVER_STORE_AUTOMATION_RULES_H_
#define KASA_SERVER_STORE_AUTOMATION_RULES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/automation_store.h"
#include "server/store/connection.h"

// What AutomationStore does with rules; each function is told at its function of that name.
namespace kasa::store {

absl::StatusOr<domain::AutomationRule> InsertRule(Connection& connection, domain::AutomationRule rule,
                                                  absl::Time now);
absl::StatusOr<domain::AutomationRule> UpdateRule(Connection& connection, const std::string& id,
                                                  std::optional<int64_t> revision, RuleChange change,
                                                  absl::Time now);
absl::StatusOr<domain::AutomationRule> RemoveRule(Connection& connection, const std::string& id,
                                                  std::optional<int64_t> revision);
absl::StatusOr<domain::AutomationRule> FindRule(Connection& connection, const std::string& id);
RulePage PageOfRules(Connection& connection, const RuleFilter& filter,
                     const std::optional<PagePosition>& after, int limit);

// The rule of exactly this store.
std::optional<domain::AutomationRule> FindRuleOfStore(Connection& connection,
                                                      const std::string& source_system,
                                                      domain::ReportKind kind, const std::string& store_id);

// The integration goes: its rules stay, and act no more.
void DeactivateRulesOf(Connection& connection, const std::string& integration_id, absl::Time now);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_AUTOMATION_RULES_H_
