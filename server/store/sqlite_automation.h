#ifndef KASA_SERVER_STORE_SQLITE_AUTOMATION_H_
#define KASA_SERVER_STORE_SQLITE_AUTOMATION_H_

#include <optional>
#include <string>

#include "common/clock.h"
#include "server/store/automation_store.h"
#include "server/store/read_pool.h"
#include "server/store/write_queue.h"

namespace kasa::store {

// Automation on the write queue and the read pool of the store that it is a part of.
class SqliteAutomation final : public AutomationStore {
 public:
  // Everything must outlive it but `writes`, whose end it waits for: what is queued there uses it.
  SqliteAutomation(WriteQueue& writes, ReadPool& reads, const Clock& clock)
      : writes_(writes), reads_(reads), clock_(clock) {}

  void CreateRule(domain::AutomationRule rule, Callback<domain::AutomationRule> done) override;
  void ChangeRule(std::string id, std::optional<int64_t> revision, RuleChange change,
                  Callback<domain::AutomationRule> done) override;
  void DeleteRule(std::string id, std::optional<int64_t> revision,
                  Callback<domain::AutomationRule> done) override;
  absl::StatusOr<domain::AutomationRule> GetRule(const std::string& id) override;
  absl::StatusOr<RulePage> ListRules(const RuleFilter& filter, const std::optional<PagePosition>& after,
                                     int limit) override;
  void KeepReport(domain::Report report, ReportDecision decide,
                  Callback<domain::AutomationDecision> done) override;
  absl::StatusOr<std::vector<domain::ReturnDueFacts>> ReturnsDue() override;
  void MarkRefused(domain::CreatedDocument created, Callback<bool> done) override;

 private:
  absl::Time Now() const;

  WriteQueue& writes_;
  ReadPool& reads_;
  const Clock& clock_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_AUTOMATION_H_
