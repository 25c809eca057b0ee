#ifndef KASA_SERVER_STORE_SQLITE_CHANGE_STORE_H_
#define KASA_SERVER_STORE_SQLITE_CHANGE_STORE_H_

#include <functional>

#include "common/clock.h"
#include "server/store/change_store.h"
#include "server/store/read_pool.h"
#include "server/store/write_queue.h"

namespace kasa::store {

// The history of a SQLite store, through its readers and its writer. What the writer has queued uses this, so
// this must outlive the writer.
class SqliteChangeStore final : public ChangeStore {
 public:
  SqliteChangeStore(ReadPool& reads, WriteQueue& writes, const Clock& clock)
      : reads_(reads), writes_(writes), clock_(clock) {}

  void SetListener(std::function<void()> listener) override;
  void Trim(HistoryBounds bounds, int limit, Callback<int64_t> done) override;
  absl::StatusOr<ChangeHistory> GetHistory() override;
  absl::StatusOr<ChangePage> After(int64_t sequence, int limit) override;
  absl::StatusOr<ChangeCounts> Count(int64_t sequence) override;

 private:
  ReadPool& reads_;
  WriteQueue& writes_;
  const Clock& clock_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_CHANGE_STORE_H_
