#ifndef KASA_TESTS_SIMULATION_MEMORY_VFS_H_
#define KASA_TESTS_SIMULATION_MEMORY_VFS_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "tests/simulation/memory_disk.h"

struct sqlite3_file;  // NOLINT(readability-identifier-naming): so SQLite calls it

namespace kasa::simulation {

// Makes SQLite quicker for a process of one thread, where nothing has used it yet; else changes nothing.
void UseSqliteOnOneThread();

// SQLite's file system, on a MemoryDisk: locks and the WAL's shared memory are those of one process, and end
// with it. Registered under `name` while it lives. Not thread-safe, like everything here.
class MemoryVfs {
 public:
  // `as_default`: SQLite takes its randomness from here too, so that a seed decides that as well.
  explicit MemoryVfs(std::string name, bool as_default = false);
  MemoryVfs(const MemoryVfs&) = delete;
  MemoryVfs& operator=(const MemoryVfs&) = delete;
  ~MemoryVfs();

  const std::string& name() const { return name_; }

  // What is opened from now on is on this disk. Files that are open stay on theirs.
  void Mount(std::shared_ptr<MemoryDisk> disk);
  // Restarts SQLite's own generator.
  void Seed(uint64_t seed);

  // Of the files of a connection that outlives its process (kept_connections.h).
  //
  // Lets go of what the files hold, as a process that is gone does. False, and nothing is done: they are not
  // as a new connection would find them.
  static bool Leave(sqlite3_file* database, sqlite3_file* wal);
  // As if they were opened now. False: they are to be closed.
  bool Return(sqlite3_file* database, sqlite3_file* wal);
  // Whether the process that opened it lives.
  static bool ProcessLives(sqlite3_file* database);
  // Whether no other connection has the database open.
  static bool IsLastUser(sqlite3_file* database);
  // The disk that is mounted has no trouble.
  bool IsSound() const;

  class Impl;

 private:
  const std::string name_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_MEMORY_VFS_H_
