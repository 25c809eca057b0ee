#ifndef KASA_TOOLS_BENCH_GROUP_COMMIT_H_
#define KASA_TOOLS_BENCH_GROUP_COMMIT_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"

namespace kasa::bench {

// One durable write of the floor: a document with its text comes, or its answer does.
struct Write {
  bool is_insert = true;
  int64_t document = 0;
  std::string text;
};

// SQLite in a file of its own with one writer thread: everything that is waiting goes into one transaction
// (WAL, synchronous=FULL). This is what the disk and SQLite take for group commit, with none of the product
// in it: no savepoints, no checks, no index but the key. Safe for concurrent use.
class GroupCommit {
 public:
  // Called on the writer's thread after each commit with what is durable now, or once with an error, after
  // which nothing more is written.
  using OnCommitted = std::function<void(const absl::Status&, std::vector<Write>)>;

  // Makes the database anew at `path`. Throws what SQLiteCpp throws.
  GroupCommit(std::string path, OnCommitted on_committed);
  // Ends without writing what still waits.
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  void Add(Write write);

 private:
  void Run();
  std::vector<Write> AwaitWrites();

  const std::string path_;
  const OnCommitted on_committed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Write> waiting_;  // guarded by mutex_
  bool ending_ = false;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace kasa::bench

#endif  // KASA_TOOLS_BENCH_GROUP_COMMIT_H_
