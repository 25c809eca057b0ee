#include "server/store/backup.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/store/errors.h"
#include "server/store/schema.h"

namespace kasa::store {
namespace {

constexpr int kPagesAStep = 2048;  // 8 MiB: how often progress is told
constexpr int kLockWaitMilliseconds = 5000;
constexpr int kMostFindings = 5;

absl::Status Trouble(absl::string_view what, const std::string& file) {
  const int error = errno;
  return absl::UnavailableError(
      absl::StrCat(what, " '", file, "': ", std::generic_category().message(error)));
}

// The file that is being written, ours alone as long as this lives.
class PartialFile {
 public:
  static absl::StatusOr<PartialFile> Take(const std::string& path) {
    PartialFile file(path, open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.descriptor_ < 0) return Trouble("can't make", path);
    if (flock(file.descriptor_, LOCK_EX | LOCK_NB) != 0) {
      file.is_ours_ = false;  // it stays: somebody writes it
      return absl::FailedPreconditionError(absl::StrCat("another backup is writing '", path, "'"));
    }
    // What a cut-off run left; its mode may be another.
    if (ftruncate(file.descriptor_, 0) != 0 || fchmod(file.descriptor_, 0600) != 0)
      return Trouble("can't empty", path);
    for (const char* suffix : {"-journal", "-wal", "-shm"}) {
      std::error_code error;
      std::filesystem::remove(path + suffix, error);
      if (error)
        return absl::UnavailableError(absl::StrCat("can't remove '", path, suffix, "': ", error.message()));
    }
    return file;
  }

  PartialFile(PartialFile&& other) noexcept
      : path_(std::move(other.path_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        is_ours_(other.is_ours_) {}
  PartialFile& operator=(PartialFile&&) = delete;
  // Removes the file, unless it was moved to its place.
  ~PartialFile() {
    if (descriptor_ < 0) return;
    if (is_ours_) unlink(path_.c_str());
    close(descriptor_);
  }

  const std::string& path() const { return path_; }

  absl::Status MoveTo(const std::string& target) {
    if (fsync(descriptor_) != 0) return Trouble("can't flush", path_);
    // Between here and the rename somebody else may still put a file there; backups of ours can't.
    if (std::error_code error; std::filesystem::exists(target, error)) return Exists(target);
    if (rename(path_.c_str(), target.c_str()) != 0) return Trouble("can't make", target);
    is_ours_ = false;
    const std::filesystem::path folder = std::filesystem::path(target).parent_path();
    const int place = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool durable = place >= 0 && fsync(place) == 0;
    const absl::Status result = durable ? absl::OkStatus() : Trouble("can't make durable", target);
    if (place >= 0) close(place);
    return result;
  }

  static absl::Status Exists(const std::string& target) {
    return absl::AlreadyExistsError(
        absl::StrCat("'", target, "' is there already: a backup replaces nothing"));
  }

 private:
  PartialFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_;       // -1: moved from, or not opened
  bool is_ours_ = true;  // to be removed when this goes
};

absl::Status CheckIsOurs(SQLite::Database& database, const std::string& path) {
  if (database.execAndGet("PRAGMA application_id").getInt64() == kApplicationId) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("'", path, "' is not a store of Kasa Gateway"));
}

absl::Status CheckSound(SQLite::Database& database) {
  std::vector<std::string> findings;
  SQLite::Statement check(database, absl::StrCat("PRAGMA quick_check(", kMostFindings, ")"));
  while (check.executeStep()) findings.push_back(check.getColumn(0).getString());
  if (findings == std::vector<std::string>{"ok"}) return absl::OkStatus();
  return absl::DataLossError(absl::StrJoin(findings, "; "));
}

// All pages as they were at one moment: the read transaction that is held meanwhile keeps what others commit
// out of sight, so that no step begins anew.
void CopyPages(SQLite::Database& source, const std::string& target, const BackupProgress& progress) {
  SQLite::Database copy(target, SQLite::OPEN_READWRITE);
  // Until it is whole it is worth nothing; it is flushed as a whole then.
  copy.exec("PRAGMA synchronous = OFF");
  SQLite::Transaction moment(source);
  source.execAndGet("SELECT commit_counter FROM meta");  // from here on it is read
  SQLite::Backup backup(copy, source);
  while (backup.executeStep(kPagesAStep) != SQLITE_DONE) {
    const int pages = backup.getTotalPageCount();
    progress(pages - backup.getRemainingPageCount(), pages);
  }
  progress(backup.getTotalPageCount(), backup.getTotalPageCount());
}

// What was copied, looked at by itself.
absl::StatusOr<BackupReport> LookAt(const std::string& path) {
  BackupReport report;
  SQLite::Database copy(path, SQLite::OPEN_READWRITE);
  // One file, with no log beside it that could be forgotten; the gateway makes it a WAL database again.
  copy.execAndGet("PRAGMA journal_mode = DELETE");
  if (absl::Status ours = CheckIsOurs(copy, path); !ours.ok()) return ours;
  if (absl::Status sound = CheckSound(copy); !sound.ok()) {
    return absl::DataLossError(absl::StrCat("the copy is damaged, and so is the store: ", sound.message()));
  }
  SQLite::Statement last(copy, "SELECT seq FROM sqlite_sequence WHERE name = 'changes'");
  if (last.executeStep()) report.last_change = last.getColumn(0).getInt64();
  report.bytes =
      copy.execAndGet("PRAGMA page_count").getInt64() * copy.execAndGet("PRAGMA page_size").getInt64();
  return report;
}

absl::Status CheckNames(const std::string& path, const std::string& target) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(absl::StrCat("there is no store '", path, "'"));
  }
  if (std::filesystem::exists(std::filesystem::symlink_status(target, error)))
    return PartialFile::Exists(target);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BackupReport> BackUpStore(const std::string& path, const std::string& target,
                                         const BackupProgress& progress) {
  if (absl::Status names = CheckNames(path, target); !names.ok()) return names;
  try {
    SQLite::Database source(path, SQLite::OPEN_READONLY, kLockWaitMilliseconds);
    if (absl::Status ours = CheckIsOurs(source, path); !ours.ok()) return ours;
    absl::StatusOr<PartialFile> partial = PartialFile::Take(target + ".partial");
    if (!partial.ok()) return partial.status();
    CopyPages(source, partial->path(), progress);
    absl::StatusOr<BackupReport> report = LookAt(partial->path());
    if (!report.ok()) return report.status();
    if (absl::Status placed = partial->MoveTo(target); !placed.ok()) return placed;
    return report;
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() == SQLITE_NOTADB) {
      return absl::InvalidArgumentError(absl::StrCat("'", path, "' is not a store of Kasa Gateway"));
    }
    return StatusOf(error, "backing up the store");
  }
}

absl::Status CheckDatabaseFile(const std::string& path) {
  try {
    SQLite::Database database(path, SQLite::OPEN_READONLY, kLockWaitMilliseconds);
    return CheckSound(database);
  } catch (const SQLite::Exception& error) {
    return StatusOf(error, "checking the store");
  }
}

}  // namespace kasa::store
