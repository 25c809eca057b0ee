#ifndef KASA_SERVER_STORE_CHANGE_HISTORY_H_
#define KASA_SERVER_STORE_CHANGE_HISTORY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/change_store.h"

// ChangeStore's reads, and its writes, each inside the writer's transaction.
namespace kasa::store {

class Connection;

ChangeHistory FindChangeHistory(Connection& connection);
absl::StatusOr<ChangePage> FindChangesAfter(Connection& connection, int64_t sequence, int limit);
ChangeCounts CountChangesAfter(Connection& connection, int64_t sequence);
int64_t TrimOldChanges(Connection& connection, absl::Time before, int64_t most, int limit);

// The number that the next change gets.
int64_t NextChangeSequence(Connection& connection);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_CHANGE_HISTORY_H_
