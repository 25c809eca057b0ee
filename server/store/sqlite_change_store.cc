#include "server/store/sqlite_change_store.h"

#include <utility>

#include "server/store/change_history.h"

namespace kasa::store {

using Admission = WriteQueue::Admission;

void SqliteChangeStore::SetListener(std::function<void()> listener) {
  writes_.SetCommitListener(std::move(listener));
}

void SqliteChangeStore::Trim(HistoryBounds bounds, int limit, Callback<int64_t> done) {
  writes_.Submit<int64_t>(
      Admission::kAlways,
      [this, bounds, limit](Connection& connection) -> absl::StatusOr<int64_t> {
        return TrimOldChanges(connection, ToStored(clock_.Now()) - bounds.age, bounds.most, limit);
      },
      std::move(done));
}

absl::StatusOr<ChangeHistory> SqliteChangeStore::GetHistory() {
  return reads_.Run(
      [](Connection& connection) -> absl::StatusOr<ChangeHistory> { return FindChangeHistory(connection); });
}

absl::StatusOr<ChangePage> SqliteChangeStore::After(int64_t sequence, int limit) {
  return reads_.Run([&](Connection& connection) { return FindChangesAfter(connection, sequence, limit); });
}

absl::StatusOr<ChangeCounts> SqliteChangeStore::Count(int64_t sequence) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<ChangeCounts> {
    return CountChangesAfter(connection, sequence);
  });
}

}  // namespace kasa::store
