#include "server/store/sqlite_file.h"

#include <sqlite3.h>

#include <cstdint>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status_reason.h"
#include "server/store/backup.h"
#include "server/store/errors.h"
#include "server/store/schema.h"
#include "server/store/wal_rewrite.h"

namespace kasa::store {
namespace {

// A commit of one row may still find room where one of real work does not.
constexpr uintmax_t kRoomForWork = uintmax_t{4} << 20;

// After damage was met, the whole store has to be sound before it is used again: a store that issues from a
// damaged file may do so silently. Without damage nothing is read, so that a start does not take as long as
// the store is large.
absl::Status CheckAfterDamage(const SqliteStoreOptions& options) {
  const std::string note = DamageNoteOf(options);
  std::error_code error;
  if (note.empty() || !std::filesystem::exists(note, error)) return absl::OkStatus();
  const absl::Status sound = CheckDatabaseFile(options.path);
  if (sound.ok()) {
    std::filesystem::remove(note, error);  // if not: it is checked again
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the store was found damaged, and still is: ", sound.message(),
                   ". Restore it from a backup: see \"The store is damaged\" in docs/operations.md"));
}

}  // namespace

std::string CanonicalPath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(path, error);
  return error ? path : canonical.string();
}

std::string DamageNoteOf(const SqliteStoreOptions& options) {
  return options.vfs.empty() ? absl::StrCat(options.path, ".damaged") : "";
}

absl::Status PrepareFile(const SqliteStoreOptions& options, const Clock& clock) {
  if (absl::Status sound = CheckAfterDamage(options); !sound.ok()) return sound;
  if (absl::Status created = CreateDatabaseFile(options.path); !created.ok()) return created;
  try {
    // Whether a flush of the process before failed, nobody knows.
    const auto writer = ConnectWriter(options, WriteQueue::Log::kMayHaveHole);
    return Migrate(*writer, clock.Now(), options.migration_listener);
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() == SQLITE_NOTADB) {
      return absl::InvalidArgumentError("the file is no SQLite database, so not a store of Kasa Gateway");
    }
    return StatusOf(error, "opening the store");
  }
}

std::unique_ptr<Connection> ConnectReader(const SqliteStoreOptions& options) {
  return std::make_unique<Connection>(options.path, Connection::Access::kReadOnly, options.vfs);
}

std::unique_ptr<Connection> ConnectWriter(const SqliteStoreOptions& options, WriteQueue::Log log) {
  if (log == WriteQueue::Log::kMayHaveHole) RewriteWal(options.path, options.vfs);
  return std::make_unique<Connection>(options.path, Connection::Access::kReadWrite, options.vfs);
}

absl::Status CheckRoom(const std::filesystem::path& folder) {
  if (folder.empty()) return absl::OkStatus();
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error || space.available >= kRoomForWork) return absl::OkStatus();
  return WithRetryDelay(
      ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreFull,
                    absl::StrCat("only ", space.available, " bytes are free on the store's disk")),
      absl::Seconds(10));
}

}  // namespace kasa::store
