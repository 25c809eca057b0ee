#include "server/engine/coverage_recorder.h"

#include <algorithm>

namespace kasa::engine {
namespace {

using domain::SeenId;
using domain::SeenKind;

}  // namespace

CoverageRecorder::CoverageRecorder(store::IntegrationStore& store, Executor& executor, const Clock& clock,
                                   Logger& logger)
    : store_(store), executor_(executor), clock_(clock), logger_(logger) {}

void CoverageRecorder::Saw(const std::string& integration_id, const domain::Document& document) {
  const domain::UsedIds used = domain::IdsUsedBy(document);
  const absl::Time now = clock_.Now();
  std::vector<SeenId> at_once;
  bool set_timer = false;
  {
    const std::lock_guard lock(mutex_);
    Account& account = accounts_[integration_id];
    bool is_new = false;
    const auto count = [&](SeenKind kind, const std::string& id) {
      const size_t before = account.counts.size();
      Count* const place = CountOf(account, {kind, id});
      if (place == nullptr) return;
      is_new = is_new || account.counts.size() > before;
      ++place->documents;
      place->last_seen_time = std::max(place->last_seen_time, now);
    };
    for (const std::string& id : used.tax_ids) count(SeenKind::kTax, id);
    for (const std::string& id : used.payment_method_ids) count(SeenKind::kPaymentMethod, id);
    if (is_new && !account.writing_has_failed) {
      at_once = Take(account);
    } else if (!account.timer_is_set && !account.counts.empty()) {
      set_timer = account.timer_is_set = true;
    }
  }
  if (!at_once.empty()) Write(integration_id, std::move(at_once), [](const absl::Status&) {});
  if (set_timer) SetTimer(integration_id);
}

void CoverageRecorder::Flush(const std::string& integration_id,
                             absl::AnyInvocable<void(absl::Status) &&> done) {
  std::vector<SeenId> seen;
  {
    const std::lock_guard lock(mutex_);
    const auto account = accounts_.find(integration_id);
    if (account != accounts_.end()) seen = Take(account->second);
  }
  // Also with nothing to add: the store writes in order, so that what was handed over before is in then.
  Write(integration_id, std::move(seen), std::move(done));
}

void CoverageRecorder::FlushAll() {
  std::vector<std::string> ids;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, account] : accounts_) ids.push_back(id);
  }
  for (const std::string& id : ids) Flush(id, [](const absl::Status&) {});
}

CoverageRecorder::Count* CoverageRecorder::CountOf(Account& account, const Key& key) {
  const auto known = account.counts.find(key);
  if (known != account.counts.end()) return &known->second;
  // With a store that takes them, Take() makes room right after a document.
  if (account.writing_has_failed && account.counts.size() >= kMostCounts) return nullptr;
  return &account.counts[key];
}

std::vector<SeenId> CoverageRecorder::Take(Account& account) {
  std::vector<SeenId> taken;
  for (auto& [key, count] : account.counts) {
    if (count.documents == 0) continue;
    taken.push_back({key.first, key.second, count.documents, count.last_seen_time});
    count.documents = 0;
  }
  if (account.counts.size() >= kMostCounts) account.counts.clear();
  return taken;
}

void CoverageRecorder::Write(const std::string& integration_id, std::vector<SeenId> seen,
                             absl::AnyInvocable<void(absl::Status) &&> done) {
  store_.RecordSeen(
      integration_id, seen,
      [this, integration_id, seen, done = std::move(done)](absl::StatusOr<bool> stored) mutable {
        if (stored.ok()) {
          const std::lock_guard lock(mutex_);
          if (!*stored) {
            accounts_.erase(integration_id);  // the integration was deleted
          } else if (const auto account = accounts_.find(integration_id); account != accounts_.end()) {
            account->second.writing_has_failed = false;
          }
        } else {
          logger_.Log(Severity::kWarning, "coverage.not_stored",
                      {{"integration", integration_id}, {"why", std::string(stored.status().message())}});
          PutBack(integration_id, seen);
        }
        std::move(done)(stored.status());
      });
}

void CoverageRecorder::SetTimer(const std::string& integration_id) {
  executor_.After(kFlushInterval, [this, integration_id] {
    {
      const std::lock_guard lock(mutex_);
      const auto account = accounts_.find(integration_id);
      if (account == accounts_.end()) return;
      account->second.timer_is_set = false;
    }
    Flush(integration_id, [](const absl::Status&) {});
  });
}

void CoverageRecorder::PutBack(const std::string& integration_id, const std::vector<SeenId>& seen) {
  bool set_timer = false;
  {
    const std::lock_guard lock(mutex_);
    // A coverage that was asked for, of an integration that may not even be, begins no account.
    if (seen.empty() && !accounts_.contains(integration_id)) return;
    Account& account = accounts_[integration_id];
    account.writing_has_failed = true;
    for (const SeenId& one : seen) {
      Count* const count = CountOf(account, {one.kind, one.id});
      if (count == nullptr) continue;
      count->documents += one.documents;
      count->last_seen_time = std::max(count->last_seen_time, one.last_seen_time);
    }
    set_timer = !account.timer_is_set && !seen.empty();
    if (set_timer) account.timer_is_set = true;
  }
  if (set_timer) SetTimer(integration_id);
}

}  // namespace kasa::engine
