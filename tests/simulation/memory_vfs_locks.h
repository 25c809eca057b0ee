#ifndef KASA_TESTS_SIMULATION_MEMORY_VFS_LOCKS_H_
#define KASA_TESTS_SIMULATION_MEMORY_VFS_LOCKS_H_

#include <sqlite3.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/memory_disk.h"

// The open files of a MemoryVfs, their locks and the WAL's shared memory.
namespace kasa::simulation::internal {

// What connections to one database share while at least one is open: SQLite's locks, and the WAL's index.
struct Shared {
  const MemoryDisk* disk = nullptr;  // of the files that are open
  int users = 0;                     // how many are
  int shared_locks = 0;
  const void* reserved = nullptr;
  const void* pending = nullptr;
  const void* exclusive = nullptr;

  struct Slot {
    int shared = 0;
    const void* exclusive = nullptr;
  };
  std::array<Slot, SQLITE_SHM_NLOCK> slots;
  // The memory stays where it is, for connections that are kept while no process uses them.
  std::vector<std::unique_ptr<std::vector<char>>> regions;

  // The last user left: what comes next finds nothing.
  void Clear();
};

// What SQLite allocates for an open file, with ours constructed behind its own part.
struct OpenFile {
  sqlite3_file base;
  std::shared_ptr<MemoryDisk> disk;
  std::shared_ptr<DiskFile> file;
  std::shared_ptr<Shared> shared;
  std::string name;
  int lock = SQLITE_LOCK_NONE;
  bool delete_on_close = false;
  bool failed = false;         // something was refused; what SQLite made of it nobody knows
  bool counts_resets = false;  // as a WAL: its header tells that it was begun anew
  unsigned shm_shared = 0;     // slots that this connection holds, as bits
  unsigned shm_exclusive = 0;
};

inline OpenFile& Of(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

// `error`, which SQLite is told of this file.
inline int FailedWith(OpenFile& file, int error) {
  file.failed = true;
  return error;
}

int Lock(sqlite3_file* base, int level);
int Unlock(sqlite3_file* base, int level);
int CheckReservedLock(sqlite3_file* base, int* result);
int ShmMap(sqlite3_file* base, int page, int size, int extend, void volatile** memory);
int ShmLock(sqlite3_file* base, int offset, int n, int flags);
void ShmBarrier(sqlite3_file* base);
int ShmUnmap(sqlite3_file* base, int delete_it);

}  // namespace kasa::simulation::internal

#endif  // KASA_TESTS_SIMULATION_MEMORY_VFS_LOCKS_H_
