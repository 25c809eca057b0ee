#ifndef KASA_SERVER_STORE_CHANGE_STORE_H_
#define KASA_SERVER_STORE_CHANGE_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/fiscalization.h"
#include "server/store/callback.h"

// The history of changes of state, for those who watch (product.md, point 13). Each change has a number,
// given inside the writer's transaction: without gaps, in the order of the commits, over the whole store.
// Errors and threads as in store.h: writes call back after they are durable, reads use the read-only
// connections.
namespace kasa::store {

// One change of state. Of the fiscalization these are as they were right after the change: state, failure,
// attempts, integration, revision and update time; receipt, resolution and doubt are there where they belong
// to that state. The rest is as it is now: what was received and priced, order, tag, expire time.
struct StateChange {
  int64_t sequence = 0;
  domain::Fiscalization fiscalization;
};

// Where the history stands.
struct ChangeHistory {
  std::string instance_id;      // of the store
  int64_t epoch = 0;            // of the store: another one since a restored or copied store was paused
  int64_t trimmed_through = 0;  // changes up to this number are not kept any more
  int64_t last = 0;             // the number of the last change; 0 before the first one
};

struct ChangePage {
  int64_t epoch = 0;                 // as ChangeHistory's, at the time of reading
  std::vector<StateChange> changes;  // in order
  int64_t read_through = 0;          // there are no other changes of state up to this number
  bool at_end = true;                // nothing was recorded after read_through
};

// How many changes led to which state, in a stretch of the history. What never moved, as a failure that was
// told anew, is not counted.
struct ChangeCounts {
  std::map<domain::State, int64_t> to_state;
  int64_t through = 0;  // the number of the last change
};

// How much of the history is kept: what is younger than `age`, and of that the last `most` changes.
struct HistoryBounds {
  absl::Duration age = absl::Hours(24 * 30);
  int64_t most = 2'000'000;
};

class ChangeStore {
 public:
  virtual ~ChangeStore() = default;

  // Tells `listener` on the writer's thread, after the commit, that there may be new changes of state. It
  // must not block. One listener; an empty one takes it back, and is not called any more then.
  virtual void SetListener(std::function<void()> listener) = 0;
  // Takes away up to `limit` of the oldest changes: those that are older than `bounds` want them kept.
  // Answers how many.
  virtual void Trim(HistoryBounds bounds, int limit, Callback<int64_t> done) = 0;
  virtual absl::StatusOr<ChangeHistory> GetHistory() = 0;
  // Changes of state after the one of this number, in order; reads up to `limit` changes, so that a page may
  // be empty and not the last. OUT_OF_RANGE (CURSOR_EXPIRED) when what came after `sequence` is not kept any
  // more, or the store has not come that far.
  virtual absl::StatusOr<ChangePage> After(int64_t sequence, int limit) = 0;
  // Counts the changes of state after the one of this number, as far as they are kept.
  virtual absl::StatusOr<ChangeCounts> Count(int64_t sequence) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_CHANGE_STORE_H_
