#include "server/store/sqlite_automation.h"

#include <utility>

#include "server/store/automation_reports.h"
#include "server/store/automation_rules.h"
#include "server/store/returns_due.h"

namespace kasa::store {

using domain::AutomationDecision;
using domain::AutomationRule;
using Admission = WriteQueue::Admission;

absl::Time SqliteAutomation::Now() const {
  return ToStored(clock_.Now());
}

void SqliteAutomation::CreateRule(AutomationRule rule, Callback<AutomationRule> done) {
  writes_.Submit<AutomationRule>(
      Admission::kBounded,
      [this, rule = std::move(rule)](Connection& connection) mutable {
        return InsertRule(connection, std::move(rule), Now());
      },
      std::move(done));
}

void SqliteAutomation::ChangeRule(std::string id, std::optional<int64_t> revision, RuleChange change,
                                  Callback<AutomationRule> done) {
  writes_.Submit<AutomationRule>(
      Admission::kBounded,
      [this, id = std::move(id), revision, change = std::move(change)](Connection& connection) mutable {
        return UpdateRule(connection, id, revision, std::move(change), Now());
      },
      std::move(done));
}

void SqliteAutomation::DeleteRule(std::string id, std::optional<int64_t> revision,
                                  Callback<AutomationRule> done) {
  writes_.Submit<AutomationRule>(
      Admission::kBounded,
      [id = std::move(id), revision](Connection& connection) { return RemoveRule(connection, id, revision); },
      std::move(done));
}

absl::StatusOr<AutomationRule> SqliteAutomation::GetRule(const std::string& id) {
  return reads_.Run([&](Connection& connection) { return FindRule(connection, id); });
}

absl::StatusOr<RulePage> SqliteAutomation::ListRules(const RuleFilter& filter,
                                                     const std::optional<PagePosition>& after, int limit) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<RulePage> {
    return PageOfRules(connection, filter, after, limit);
  });
}

void SqliteAutomation::KeepReport(domain::Report report, ReportDecision decide,
                                  Callback<AutomationDecision> done) {
  writes_.Submit<AutomationDecision>(
      Admission::kBounded,
      [this, report = std::move(report), decide = std::move(decide)](Connection& connection) mutable {
        return WriteReport(connection, report, std::move(decide), Now());
      },
      std::move(done));
}

absl::StatusOr<std::vector<domain::ReturnDueFacts>> SqliteAutomation::ReturnsDue() {
  return reads_.Run([](Connection& connection) -> absl::StatusOr<std::vector<domain::ReturnDueFacts>> {
    return FindReturnsDue(connection);
  });
}

void SqliteAutomation::MarkRefused(domain::CreatedDocument created, Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [this, created = std::move(created)](Connection& connection) -> absl::StatusOr<bool> {
        return WriteRefused(connection, created, Now());
      },
      std::move(done));
}

}  // namespace kasa::store
