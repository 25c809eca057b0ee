#ifndef KASA_SERVER_STORE_CHANGE_HISTORY_H_
#define KASA_SERVER_STORE_CHANGE_HISTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/fiscalization.h"

// The history of changes of state, for those who watch (product.md, point 13). Each change has a number,
// given inside the writer's transaction: without gaps, in the order of the commits, over the whole store.
namespace kasa::store {

class Connection;

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
  int64_t epoch = 0;            // of the store: another one after a restored or copied store was adopted
  int64_t trimmed_through = 0;  // changes up to this number are not kept any more
  int64_t last = 0;             // the number of the last change; 0 before the first one
};

struct ChangePage {
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

// What Store reads and writes of it; each function is told at Store's function of that name.
ChangeHistory FindChangeHistory(Connection& connection);
absl::StatusOr<ChangePage> FindChangesAfter(Connection& connection, int64_t sequence, int limit);
ChangeCounts CountChangesAfter(Connection& connection, int64_t sequence);
int64_t TrimOldChanges(Connection& connection, absl::Time before, int64_t most, int limit);

// The number that the next change gets.
int64_t NextChangeSequence(Connection& connection);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_CHANGE_HISTORY_H_
