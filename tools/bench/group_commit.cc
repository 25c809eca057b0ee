#include "tools/bench/group_commit.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <exception>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace kasa::bench {
namespace {

void MakeDatabase(const std::string& path) {
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(path + part);
  SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("CREATE TABLE documents (document INTEGER PRIMARY KEY, text TEXT NOT NULL, answer TEXT)");
}

}  // namespace

GroupCommit::GroupCommit(std::string path, OnCommitted on_committed)
    : path_(std::move(path)), on_committed_(std::move(on_committed)) {
  MakeDatabase(path_);
  thread_ = std::thread([this] { Run(); });
}

GroupCommit::~GroupCommit() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void GroupCommit::Add(Write write) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(write));
  }
  wake_.notify_one();
}

std::vector<Write> GroupCommit::AwaitWrites() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
  if (ending_) return {};
  return std::exchange(waiting_, {});
}

void GroupCommit::Run() {
  try {
    SQLite::Database database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    database.exec("PRAGMA synchronous = FULL");
    SQLite::Statement insert(database, "INSERT INTO documents (document, text) VALUES (?, ?)");
    SQLite::Statement update(database, "UPDATE documents SET answer = ? WHERE document = ?");
    for (std::vector<Write> batch = AwaitWrites(); !batch.empty(); batch = AwaitWrites()) {
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      for (const Write& write : batch) {
        SQLite::Statement& statement = write.is_insert ? insert : update;
        if (write.is_insert) {
          statement.bind(1, write.document);
          statement.bindNoCopy(2, write.text);
        } else {
          statement.bindNoCopy(1, write.text);
          statement.bind(2, write.document);
        }
        if (statement.exec() != 1) throw std::runtime_error("a document is not there to be updated");
        statement.reset();
      }
      transaction.commit();
      on_committed_(absl::OkStatus(), std::move(batch));
    }
  } catch (const std::exception& error) {
    on_committed_(absl::InternalError(error.what()), {});
  }
}

}  // namespace kasa::bench
