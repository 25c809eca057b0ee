#include "server/store/connection.h"

#include <sqlite3.h>

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"

namespace kasa::store {
namespace {

// How long to wait for a lock that somebody else holds: only tools beside the gateway can.
constexpr int kBusyTimeoutMilliseconds = 5000;

// A reader that takes long, as a backup does, makes the log grow. SQLite would leave it that large for ever,
// and each start writes all of it again (wal_rewrite.h). It cuts it back to this when it begins it anew.
constexpr int64_t kMostOfALogKept = int64_t{64} << 20;

int OpenFlags(Connection::Access access) {
  // One thread at a time uses a connection, so SQLite's own lock a connection is not needed.
  const int flags = access == Connection::Access::kReadOnly ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE;
  return flags | SQLite::OPEN_NOMUTEX;
}

}  // namespace

int64_t ToMicros(absl::Time time) {
  return absl::ToUnixMicros(time);
}

absl::Time FromMicros(int64_t micros) {
  return absl::FromUnixMicros(micros);
}

Query::~Query() {
  statement_->tryReset();
  if (owner_ == nullptr) return;
  statement_->clearBindings();  // lets go of tokens and contacts; SQLite documents no way for it to fail
  owner_->idle_statements_[statement_->getQuery()] = std::move(statement_);
}

size_t Query::RowBytes() const {
  size_t bytes = 0;
  for (int i = 0; i < statement_->getColumnCount(); ++i) {
    const SQLite::Column column = statement_->getColumn(i);
    // Asked of a number, SQLite would make a text of it.
    if (column.isText() || column.isBlob()) bytes += static_cast<size_t>(column.getBytes());
  }
  return bytes;
}

Connection::Connection(const std::string& path, Access access, const std::string& vfs)
    : database_(path, OpenFlags(access), kBusyTimeoutMilliseconds, vfs) {
  database_.exec("PRAGMA foreign_keys = ON");
  database_.exec("PRAGMA trusted_schema = OFF");
  if (access != Access::kReadWrite) return;
  database_.exec(KASA_MUTANT("synchronous-off") ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
  // What a savepoint may have to take back is kept in memory, too: beyond 64 KiB it would be a file of its
  // own each time.
  database_.exec("PRAGMA temp_store = MEMORY");
  database_.exec(absl::StrCat("PRAGMA journal_size_limit = ", kMostOfALogKept));
}

Query Connection::Prepare(absl::string_view sql) {
  std::string text(sql);
  const auto idle = idle_statements_.find(text);
  if (idle != idle_statements_.end() && idle->second != nullptr) {
    return Query(this, std::move(idle->second));
  }
  return Query(this, std::make_unique<SQLite::Statement>(database_, text));
}

Query Connection::PrepareOnce(const std::string& sql) {
  return Query(nullptr, std::make_unique<SQLite::Statement>(database_, sql));
}

bool Connection::InTransaction() const {
  return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

}  // namespace kasa::store
