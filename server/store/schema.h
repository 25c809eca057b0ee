#ifndef KASA_SERVER_STORE_SCHEMA_H_
#define KASA_SERVER_STORE_SCHEMA_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/connection.h"

namespace kasa::store {

// In the database's header, so that a file can be told from any other SQLite database: "KASA".
inline constexpr int64_t kApplicationId = 0x4B415341;

// Hears what is being done to a store, and how far it is: a large one may take a while.
using MigrationListener = std::function<void(absl::string_view what)>;

// One step of the schema. Steps are only ever added at the end; one that was released is never changed.
struct Migration {
  int version;  // 1, 2, 3, ... without gaps
  absl::string_view sql;
  // What SQL can't do, once the SQL of all steps is done; nothing: nothing.
  void (*fill)(Connection& connection, const MigrationListener& listener) = nullptr;
};

// All steps (migrations.cc).
std::span<const Migration> AllMigrations();

// Creates the file with mode 0600 when it is missing. UNAVAILABLE (STORE_UNAVAILABLE) when it can't be.
absl::Status CreateDatabaseFile(const std::string& path);

// Brings the schema to the last version in one transaction, and sets the database to WAL.
// Nothing is written before it is sure that the file is ours. INVALID_ARGUMENT: it is not.
// FAILED_PRECONDITION: a newer version of the gateway made it. Throws SQLite::Exception. A store that is new,
// or of the last version, is no news to `listener`.
absl::Status Migrate(Connection& connection, absl::Time now, const MigrationListener& listener);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SCHEMA_H_
