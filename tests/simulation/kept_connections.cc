#include "tests/simulation/kept_connections.h"

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

// The names are the linker's: --wrap=x makes calls of x end in __wrap_x, and __real_x is x itself.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" {
int __real_sqlite3_open_v2(const char* name, sqlite3** connection, int flags, const char* vfs);
int __real_sqlite3_close(sqlite3* connection);
int __real_sqlite3_prepare_v2(sqlite3* connection, const char* sql, int size, sqlite3_stmt** statement,
                              const char** tail);
int __real_sqlite3_finalize(sqlite3_stmt* statement);
int __real_sqlite3_exec(sqlite3* connection, const char* sql, int (*row)(void*, int, char**, char**),
                        void* context, char** error);
}

namespace kasa::simulation {
namespace {

constexpr size_t kMostIdleStatements = 600;

// Whether a statement does the same each time. A pragma may do its work while it is prepared.
bool IsRepeatable(absl::string_view sql) {
  return !absl::StartsWith(sql, "PRAGMA");
}

// The name of what `sql` sets for its connection alone.
std::optional<std::string> SettingOf(absl::string_view sql) {
  for (const absl::string_view name :
       {"foreign_keys", "trusted_schema", "synchronous", "temp_store", "journal_size_limit"}) {
    absl::string_view rest = sql;
    if (absl::ConsumePrefix(&rest, "PRAGMA ") && absl::ConsumePrefix(&rest, name) &&
        absl::StartsWith(rest, " = ")) {
      return std::string(name);
    }
  }
  return std::nullopt;
}

sqlite3_file* FileOf(sqlite3* connection, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection, "main", which, static_cast<void*>(&file));
  return file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

// A connection as SQLite makes it, that has read so much of its database that it knows of the log.
class NewConnection {
 public:
  NewConnection(const std::string& name, int flags, const std::string& vfs) {
    has_read_ =
        __real_sqlite3_open_v2(name.c_str(), &connection_, flags, vfs.c_str()) == SQLITE_OK &&
        __real_sqlite3_exec(connection_, "PRAGMA user_version", nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  NewConnection(const NewConnection&) = delete;
  NewConnection& operator=(const NewConnection&) = delete;
  ~NewConnection() { __real_sqlite3_close(connection_); }

  bool HasRead() const { return has_read_; }

 private:
  sqlite3* connection_ = nullptr;
  bool has_read_ = false;
};

}  // namespace

class KeptConnections::Impl {
 public:
  explicit Impl(MemoryVfs& vfs) : vfs_(vfs) {}

  bool on = false;
  int64_t given = 0;

  bool IsOurs(const char* vfs) const { return vfs != nullptr && vfs == vfs_.name(); }
  bool Knows(sqlite3* connection) const { return known_.contains(connection); }

  int Open(const char* name, sqlite3** connection, int flags, const char* vfs) {
    if (sqlite3* const kept = Give(name, flags); kept != nullptr) {
      ++given;
      *connection = kept;
      return SQLITE_OK;
    }
    const int result = __real_sqlite3_open_v2(name, connection, flags, vfs);
    if (result == SQLITE_OK) known_[*connection] = {.name = name, .flags = flags};
    return result;
  }

  int Close(sqlite3* connection) {
    const Kept& kept = known_.at(connection);
    if (on && kept.statements_in_use == 0 && sqlite3_get_autocommit(connection) != 0 && Leave(connection)) {
      left_.push_back(connection);
      return SQLITE_OK;
    }
    return Drop(connection);
  }

  int Prepare(sqlite3* connection, const char* sql, int size, sqlite3_stmt** statement, const char** tail) {
    Kept& kept = known_.at(connection);
    const auto idle = tail == nullptr ? kept.idle.find(sql) : kept.idle.end();
    if (idle != kept.idle.end() && !idle->second.empty()) {
      *statement = idle->second.back();
      idle->second.pop_back();
      --kept.idle_statements;
      ++kept.statements_in_use;
      return SQLITE_OK;
    }
    const int result = __real_sqlite3_prepare_v2(connection, sql, size, statement, tail);
    if (result == SQLITE_OK && *statement != nullptr) ++kept.statements_in_use;
    return result;
  }

  int Finalize(sqlite3* connection, sqlite3_stmt* statement) {
    Kept& kept = known_.at(connection);
    --kept.statements_in_use;
    const char* const sql = sqlite3_sql(statement);
    if (sql == nullptr || !IsRepeatable(sql) || kept.idle_statements >= kMostIdleStatements) {
      return __real_sqlite3_finalize(statement);
    }
    const int result = sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    kept.idle[sql].push_back(statement);
    ++kept.idle_statements;
    return result;
  }

  int Set(sqlite3* connection, const std::string& setting, const char* sql, char** error) {
    std::string& made = known_.at(connection).settings[setting];
    // Once more would make every statement of the connection be prepared anew.
    if (made == sql) return SQLITE_OK;
    const int result = __real_sqlite3_exec(connection, sql, nullptr, nullptr, error);
    if (result == SQLITE_OK) made = sql;
    return result;
  }

  void DropAll() {
    for (sqlite3* const connection : std::exchange(left_, {})) Drop(connection);
  }

 private:
  struct Kept {
    std::string name;
    int flags = 0;
    int statements_in_use = 0;
    size_t idle_statements = 0;
    std::unordered_map<std::string, std::vector<sqlite3_stmt*>> idle;  // by their text
    std::map<std::string, std::string> settings;                       // the pragma that made each
  };

  sqlite3* Give(const std::string& name, int flags) {
    if (!on || !vfs_.IsSound()) return nullptr;
    for (size_t at = left_.size(); at-- > 0;) {
      sqlite3* const connection = left_[at];
      const Kept& kept = known_.at(connection);
      if (kept.name != name || kept.flags != flags) continue;
      left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(at));
      if (vfs_.Return(FileOf(connection, SQLITE_FCNTL_FILE_POINTER),
                      FileOf(connection, SQLITE_FCNTL_JOURNAL_POINTER))) {
        return connection;
      }
      Drop(connection);
    }
    return nullptr;
  }

  bool Leave(sqlite3* connection) {
    sqlite3_file* const database = FileOf(connection, SQLITE_FCNTL_FILE_POINTER);
    sqlite3_file* const wal = FileOf(connection, SQLITE_FCNTL_JOURNAL_POINTER);
    if (database == nullptr || wal == nullptr || sqlite3_db_release_memory(connection) != SQLITE_OK)
      return false;
    if (!MemoryVfs::ProcessLives(database)) return MemoryVfs::Leave(database, wal);
    if (!vfs_.IsSound()) return false;
    if (!MemoryVfs::IsLastUser(database)) return MemoryVfs::Leave(database, wal);
    // Who closes a database last puts its log in order: another does it in this one's place.
    const Kept& kept = known_.at(connection);
    const NewConnection other(kept.name, kept.flags, vfs_.name());
    return other.HasRead() && MemoryVfs::Leave(database, wal);
  }

  int Drop(sqlite3* connection) {
    const auto kept = known_.extract(connection);
    for (const auto& [sql, statements] : kept.mapped().idle) {
      for (sqlite3_stmt* const statement : statements) __real_sqlite3_finalize(statement);
    }
    return __real_sqlite3_close(connection);
  }

  MemoryVfs& vfs_;
  std::unordered_map<sqlite3*, Kept> known_;
  std::vector<sqlite3*> left_;  // of them, those that no process uses
};

namespace {

KeptConnections::Impl* current = nullptr;

// Who knows the connection; null: nobody, and it is SQLite's alone.
KeptConnections::Impl* KeeperOf(sqlite3* connection) {
  return current != nullptr && current->Knows(connection) ? current : nullptr;
}

}  // namespace

KeptConnections::KeptConnections(MemoryVfs& vfs) : impl_(std::make_unique<Impl>(vfs)) {
  if (std::exchange(current, impl_.get()) != nullptr) throw std::logic_error("connections are kept already");
}

KeptConnections::~KeptConnections() {
  impl_->DropAll();
  current = nullptr;
}

void KeptConnections::Switch(bool on) {
  impl_->on = on;
}

int64_t KeptConnections::given() const {
  return impl_->given;
}

extern "C" {

int __wrap_sqlite3_open_v2(const char* name, sqlite3** connection, int flags, const char* vfs) {
  if (current == nullptr || !current->on || !current->IsOurs(vfs)) {
    return __real_sqlite3_open_v2(name, connection, flags, vfs);
  }
  return current->Open(name, connection, flags, vfs);
}

int __wrap_sqlite3_close(sqlite3* connection) {
  KeptConnections::Impl* const keeper = KeeperOf(connection);
  return keeper != nullptr ? keeper->Close(connection) : __real_sqlite3_close(connection);
}

int __wrap_sqlite3_prepare_v2(sqlite3* connection, const char* sql, int size, sqlite3_stmt** statement,
                              const char** tail) {
  KeptConnections::Impl* const keeper = KeeperOf(connection);
  return keeper != nullptr ? keeper->Prepare(connection, sql, size, statement, tail)
                           : __real_sqlite3_prepare_v2(connection, sql, size, statement, tail);
}

int __wrap_sqlite3_finalize(sqlite3_stmt* statement) {
  sqlite3* const connection = sqlite3_db_handle(statement);  // null of nothing
  KeptConnections::Impl* const keeper = KeeperOf(connection);
  return keeper != nullptr ? keeper->Finalize(connection, statement) : __real_sqlite3_finalize(statement);
}

int __wrap_sqlite3_exec(sqlite3* connection, const char* sql, int (*row)(void*, int, char**, char**),
                        void* context, char** error) {
  if (KeptConnections::Impl* const keeper = KeeperOf(connection); keeper != nullptr) {
    if (const auto setting = SettingOf(sql)) return keeper->Set(connection, *setting, sql, error);
  }
  return __real_sqlite3_exec(connection, sql, row, context, error);
}
}

}  // namespace kasa::simulation
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
