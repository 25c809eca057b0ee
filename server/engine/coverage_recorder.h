#ifndef KASA_SERVER_ENGINE_COVERAGE_RECORDER_H_
#define KASA_SERVER_ENGINE_COVERAGE_RECORDER_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/log.h"
#include "server/domain/coverage.h"
#include "server/domain/document.h"
#include "server/engine/executor.h"
#include "server/store/integration_store.h"

namespace kasa::engine {

// Keeps account of which taxes and payment methods documents use, accepted and refused ones alike
// (product.md, points 5 and 6), without slowing them down: what was seen is counted in memory and written
// behind the callers' backs. An id that is seen for the first time since the start is written at once, so
// that no gap in a mapping is lost; counts of ids that are known are written once a minute, and before they
// are shown. A crash loses at most the last minute's counts.
//
// Thread-safe; no call blocks.
class CoverageRecorder {
 public:
  // Everything must outlive the recorder, and the store's callbacks must be over before it goes: stop the
  // executor and destroy the store first, as engine.h tells.
  CoverageRecorder(store::IntegrationStore& store, Executor& executor, const Clock& clock, Logger& logger);
  CoverageRecorder(const CoverageRecorder&) = delete;
  CoverageRecorder& operator=(const CoverageRecorder&) = delete;

  // A document came for this integration. To be called once a document, not for validate_only and not for one
  // that was answered before.
  void Saw(const std::string& integration_id, const domain::Document& document);

  // Writes what is not written yet and calls back when it is, with the store's error if it was not.
  void Flush(const std::string& integration_id, absl::AnyInvocable<void(absl::Status) &&> done);

  // Writes everything, and does not wait. When the gateway goes down.
  void FlushAll();

  // How long counts of known ids stay in memory.
  static constexpr absl::Duration kFlushInterval = absl::Minutes(1);

  // Callers that make up ids must not fill the memory: an integration's account that reaches this is begun
  // anew once what it holds is handed to the store. While the store takes nothing, further ids are not
  // counted.
  static constexpr size_t kMostCounts = 4 * size_t{store::kMaxSeenIds};

 private:
  using Key = std::pair<domain::SeenKind, std::string>;
  struct Count {
    int64_t documents = 0;  // not written yet
    absl::Time last_seen_time;
  };
  struct Account {
    std::map<Key, Count> counts;      // of ids seen since the start
    bool timer_is_set = false;        // it will be flushed
    bool writing_has_failed = false;  // the last one: only the timer tries again
  };

  // The count of an id, under the lock; nothing when it is another one and there is no room for it.
  static Count* CountOf(Account& account, const Key& key);
  // Takes what is not written out of an account, under the lock.
  static std::vector<domain::SeenId> Take(Account& account);
  void Write(const std::string& integration_id, std::vector<domain::SeenId> seen,
             absl::AnyInvocable<void(absl::Status) &&> done);
  void SetTimer(const std::string& integration_id);
  void PutBack(const std::string& integration_id, const std::vector<domain::SeenId>& seen);

  store::IntegrationStore& store_;
  Executor& executor_;
  const Clock& clock_;
  Logger& logger_;
  std::mutex mutex_;
  std::map<std::string, Account> accounts_;  // guarded by mutex_
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_COVERAGE_RECORDER_H_
