#ifndef KASA_SERVER_STORE_SQLITE_FILE_H_
#define KASA_SERVER_STORE_SQLITE_FILE_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/clock.h"
#include "server/store/connection.h"
#include "server/store/sqlite_store.h"
#include "server/store/write_queue.h"

// The file that a SQLite store is in: how it is made ready and opened, and the room on its disk.
namespace kasa::store {

// The path in one spelling, so that two ways to write it meet at one lock.
std::string CanonicalPath(const std::string& path);

// Where damage of the store is written down, so that the next start checks the whole file. Empty: nowhere.
std::string DamageNoteOf(const SqliteStoreOptions& options);

// Makes the file ready to be a store: checks it when it was met damaged, creates it when it is missing,
// migrates its schema. Under the store's lock. Refuses as OpenSqliteStore(); FAILED_PRECONDITION also when it
// is damaged still.
absl::Status PrepareFile(const SqliteStoreOptions& options, const Clock& clock);

// Both throw SQLite::Exception.
std::unique_ptr<Connection> ConnectReader(const SqliteStoreOptions& options);
// Where the log may have a hole it is written again first (wal_rewrite.h): when nobody else is connected,
// SQLite reads it anew, and takes what a failed flush left in it for committed.
std::unique_ptr<Connection> ConnectWriter(const SqliteStoreOptions& options, WriteQueue::Log log);

// UNAVAILABLE (STORE_FULL) when there is so little room in `folder` that work would soon be refused again.
// OK when `folder` is empty: there is no disk to be asked.
absl::Status CheckRoom(const std::filesystem::path& folder);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_FILE_H_
