#ifndef KASA_TESTS_SIMULATION_KEPT_CONNECTIONS_H_
#define KASA_TESTS_SIMULATION_KEPT_CONNECTIONS_H_

#include <memory>

#include "tests/simulation/memory_vfs.h"

// A third of what a history costs was SQLite reading the schema and preparing the same statements, for each
// simulated process anew.
namespace kasa::simulation {

// While one lives and is switched on, SQLite's connections to `vfs` outlive simulated processes, with their
// statements, and are given to processes that open the same database in the same way: with an empty cache,
// without locks, on the disk that is mounted then. The store does not know: its calls of sqlite3_open_v2,
// sqlite3_close, sqlite3_prepare_v2, sqlite3_finalize and sqlite3_exec end here (the linker's --wrap,
// CMakeLists.txt).
//
// What is opened while the disk has a trouble is new, and kept is only what no error has touched, with no
// transaction open. A history is the same, event for event, with and without (simulation_test.cc).
//
// One at a time, for one thread.
class KeptConnections {
 public:
  explicit KeptConnections(MemoryVfs& vfs);
  KeptConnections(const KeptConnections&) = delete;
  KeptConnections& operator=(const KeptConnections&) = delete;
  // Closes them. Nobody uses one any more.
  ~KeptConnections();

  void Switch(bool on);
  // How often one was given instead of a new one.
  int64_t given() const;

  class Impl;

 private:
  const std::unique_ptr<Impl> impl_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_KEPT_CONNECTIONS_H_
