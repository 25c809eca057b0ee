#ifndef KASA_SERVER_STORE_CONNECTION_H_
#define KASA_SERVER_STORE_CONNECTION_H_

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// One connection to the database and its prepared statements. Everything here throws SQLite::Exception; the
// room's edge (errors.h) makes a status of it. Not thread-safe: one thread at a time.
namespace kasa::store {

// Times are stored as microseconds since 1970, UTC.
int64_t ToMicros(absl::Time time);
absl::Time FromMicros(int64_t micros);
// As precise as it is stored, so that what a write answers is what is read later.
inline absl::Time ToStored(absl::Time time) {
  return FromMicros(ToMicros(time));
}
inline std::optional<absl::Time> ToStored(const std::optional<absl::Time>& time) {
  return time ? std::make_optional(ToStored(*time)) : std::nullopt;
}

// Bytes to be bound as a BLOB rather than as TEXT.
struct Blob {
  absl::string_view bytes;
};

class Connection;

// A prepared statement in use. When it goes, the statement is reset, unbound and given back to its
// connection.
class Query {
 public:
  Query(Query&&) = delete;
  ~Query();

  // Binds all parameters, in order.
  template <typename... Values>
  Query& Bind(const Values&... values) {
    (BindNext(values), ...);
    return *this;
  }
  // Binds the next parameter, for statements that are put together.
  void BindNext(int value) { statement_->bind(++bound_, value); }
  void BindNext(bool value) { statement_->bind(++bound_, value ? 1 : 0); }
  void BindNext(int64_t value) { statement_->bind(++bound_, value); }
  void BindNext(absl::string_view value) { statement_->bind(++bound_, std::string(value)); }
  void BindNext(const std::string& value) { statement_->bind(++bound_, value); }
  void BindNext(const char* value) = delete;
  void BindNext(Blob value) {
    statement_->bind(++bound_, value.bytes.data(), static_cast<int>(value.bytes.size()));
  }
  void BindNext(absl::Time value) { statement_->bind(++bound_, ToMicros(value)); }
  template <typename T>
  void BindNext(const std::optional<T>& value) {
    if (value) {
      BindNext(*value);
    } else {
      statement_->bind(++bound_);  // NULL
    }
  }

  // The next row; false at the end.
  bool Step() { return statement_->executeStep(); }
  // For statements that give no rows. How many rows were changed.
  int Run() { return statement_->exec(); }

  bool IsNull(int column) const { return statement_->isColumnNull(column); }
  int64_t Int64(int column) const { return statement_->getColumn(column).getInt64(); }
  int Int(int column) const { return statement_->getColumn(column).getInt(); }
  bool Bool(int column) const { return Int(column) != 0; }
  std::string Text(int column) const { return statement_->getColumn(column).getString(); }
  absl::Time Time(int column) const { return FromMicros(Int64(column)); }
  // Of its texts and blobs: what the row takes in memory, about.
  size_t RowBytes() const;
  std::optional<int64_t> OptionalInt64(int column) const {
    return IsNull(column) ? std::nullopt : std::make_optional(Int64(column));
  }
  std::optional<absl::Time> OptionalTime(int column) const {
    return IsNull(column) ? std::nullopt : std::make_optional(Time(column));
  }

 private:
  friend class Connection;
  Query(Connection* owner, std::unique_ptr<SQLite::Statement> statement)
      : owner_(owner), statement_(std::move(statement)) {}

  Connection* owner_;  // nothing: not kept
  std::unique_ptr<SQLite::Statement> statement_;
  int bound_ = 0;
};

class Connection {
 public:
  enum class Access { kReadOnly, kReadWrite };

  // Opens the database file, which must exist. `vfs`: SQLite's name of the file system, empty for the usual
  // one.
  Connection(const std::string& path, Access access, const std::string& vfs);

  // A statement that is prepared once a connection: `sql` is the same text at each call.
  Query Prepare(absl::string_view sql);
  // A statement that is prepared for this once, for texts that are put together.
  Query PrepareOnce(const std::string& sql);

  // Runs statements that are used seldom.
  void Execute(const std::string& sql) { database_.exec(sql); }

  // Whether a transaction is open. SQLite ends one by itself when the disk is full or fails.
  bool InTransaction() const;

  // Rows written since the connection was opened.
  int64_t TotalChanges() const { return database_.getTotalChanges(); }
  int64_t LastInsertId() const { return database_.getLastInsertRowid(); }

 private:
  friend class Query;

  SQLite::Database database_;
  // A statement in use is not here, so that a nested use of the same text gets one of its own.
  std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> idle_statements_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_CONNECTION_H_
