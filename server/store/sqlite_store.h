#ifndef KASA_SERVER_STORE_SQLITE_STORE_H_
#define KASA_SERVER_STORE_SQLITE_STORE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "server/domain/tag.h"
#include "server/store/store.h"
#include "server/store/writer_runner.h"

namespace kasa::store {

// One for each thread of the gateway that reads (gateway.cc counts them). So none waits for another: pages of
// a thousand documents must not keep the lanes from their heads.
inline constexpr int kReaderConnections = 8;

struct SqliteStoreOptions {
  std::string path;  // the database file; its folder must exist
  domain::InstallationId installation;
  int reader_connections = kReaderConnections;  // opened when they are needed
  int max_batch = 256;                          // writes that share one commit at most
  // Writes that may wait; beyond them new work is refused at once (UNAVAILABLE, STORE_UNAVAILABLE), on the
  // caller's thread. What lanes write about accepted work is always taken.
  int max_queued = 20000;
  // Where the store counts its commits; outlives it. Nothing: nowhere.
  Metrics* metrics = nullptr;
  // Hears what is done to a store of an older version while it is opened. Nothing: nobody does.
  std::function<void(absl::string_view what)> migration_listener;
  std::string vfs;  // SQLite's name of a file system; empty: the usual one. Tests of faults have their own
  // Stands in for the writer's thread; must outlive the store. Nothing: the writer has a thread of its own.
  WriterRunner* writer_runner = nullptr;
};

// Opens or creates the store, takes its lock (one process a store) and migrates its schema.
// FAILED_PRECONDITION: made by a newer version, or another process holds it. UNAVAILABLE: the disk refuses.
// INVALID_ARGUMENT: not a store of ours. `clock` must outlive the store.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(SqliteStoreOptions options, const Clock& clock);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_STORE_H_
