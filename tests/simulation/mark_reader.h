#ifndef KASA_TESTS_SIMULATION_MARK_READER_H_
#define KASA_TESTS_SIMULATION_MARK_READER_H_

#include <string>

#include "tests/simulation/memory_disk.h"
#include "tests/simulation/memory_vfs.h"

namespace kasa::simulation {

// Whether a disk that lost everything unsynced this moment would have the mark of a request: an exchange that
// is in flight, of this tag, with these very bytes (architecture.md, rule 2). `vfs` is one that nothing else
// uses.
bool HasSyncedMark(MemoryVfs& vfs, const MemoryDisk& disk, const std::string& database,
                   const std::string& tag, const std::string& body);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_MARK_READER_H_
