#include "server/store/schema.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status_reason.h"

namespace kasa::store {
namespace {

int64_t Pragma(Connection& connection, absl::string_view name) {
  Query query = connection.PrepareOnce(absl::StrCat("PRAGMA ", name));
  query.Step();
  return query.Int64(0);
}

bool IsEmpty(Connection& connection) {
  Query query = connection.PrepareOnce("SELECT 1 FROM sqlite_schema LIMIT 1");
  return !query.Step();
}

// 16 random bytes in hex: tells this store from every other one, copies excepted.
std::string RandomInstanceId() {
  std::random_device device;
  std::array<unsigned int, 4> words{};
  for (unsigned int& word : words) word = device();
  std::string text;
  for (const unsigned int word : words) absl::StrAppend(&text, absl::Hex(word, absl::kZeroPad8));
  return text;
}

// Ends a transaction that was not committed.
class RollbackUnlessCommitted {
 public:
  explicit RollbackUnlessCommitted(Connection& connection) : connection_(connection) {}
  RollbackUnlessCommitted(const RollbackUnlessCommitted&) = delete;
  RollbackUnlessCommitted& operator=(const RollbackUnlessCommitted&) = delete;
  ~RollbackUnlessCommitted() {
    if (!connection_.InTransaction()) return;
    try {
      connection_.Execute("ROLLBACK");
    } catch (const SQLite::Exception&) {  // NOLINT(bugprone-empty-catch)
      // Then closing the connection rolls back; the exception that brought us here tells why.
    }
  }

 private:
  Connection& connection_;
};

// Brings the schema from `version` to the last one.
void Apply(Connection& connection, int64_t version, absl::Time now, const MigrationListener& listener) {
  RollbackUnlessCommitted guard(connection);
  connection.Execute("BEGIN IMMEDIATE");
  for (const Migration& migration : AllMigrations()) {
    if (migration.version <= version) continue;
    listener(
        absl::StrCat("making schema version ", migration.version, " of ", AllMigrations().back().version));
    connection.Execute(std::string(migration.sql));
    if (migration.version != 1) continue;
    connection.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId));
    connection
        .PrepareOnce(
            "INSERT INTO meta (one, instance_id, epoch, commit_counter, barrier_counter, create_time)"
            " VALUES (1, ?, 1, 0, 0, ?)")
        .Bind(RandomInstanceId(), now)
        .Run();
  }
  // With the schema whole: what fills reads rows as this version knows them.
  for (const Migration& migration : AllMigrations()) {
    if (migration.version <= version || migration.fill == nullptr) continue;
    listener(absl::StrCat("filling in what is new in schema version ", migration.version));
    migration.fill(connection, listener);
  }
  connection.Execute(absl::StrCat("PRAGMA user_version = ", AllMigrations().back().version));
  connection.Execute("COMMIT");
  listener("the store has its last schema version");
}

}  // namespace

absl::Status CreateDatabaseFile(const std::string& path) {
  // SQLite would make it readable for others; its -wal and -shm files get the mode of the database.
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreUnavailable,
                         absl::StrCat("database '", path, "': ", std::generic_category().message(errno)));
  }
  close(descriptor);
  return absl::OkStatus();
}

absl::Status Migrate(Connection& connection, absl::Time now, const MigrationListener& listener) {
  const int64_t application = Pragma(connection, "application_id");
  const int64_t version = Pragma(connection, "user_version");
  const bool is_new = application == 0 && version == 0 && IsEmpty(connection);
  if (application != kApplicationId && !is_new) {
    return absl::InvalidArgumentError("the file is an SQLite database, but not a store of Kasa Gateway");
  }
  const int64_t newest = AllMigrations().back().version;
  if (version > newest) {
    return absl::FailedPreconditionError(absl::StrCat("the store has schema version ", version,
                                                      ", and this version of the gateway knows ", newest,
                                                      " at most: a newer one has used it, start that one"));
  }
  connection.PrepareOnce("PRAGMA journal_mode = WAL").Step();
  const bool is_news = listener != nullptr && !is_new;
  if (version < newest)
    Apply(
        connection, version, now, is_news ? listener : [](absl::string_view) {});
  return absl::OkStatus();
}

}  // namespace kasa::store
