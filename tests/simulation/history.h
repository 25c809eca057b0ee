#ifndef KASA_TESTS_SIMULATION_HISTORY_H_
#define KASA_TESTS_SIMULATION_HISTORY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/kyiv_time.h"
#include "server/store/store.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/kept_connections.h"
#include "tests/simulation/memory_vfs.h"
#include "tests/simulation/people.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/trace.h"

namespace kasa::simulation {

// What a test may change of a history that is over, before it is audited.
struct Planting {
  Cloud& cloud;
  People& people;
  store::Store& store;
  absl::Time now;
};

struct HistoryOptions {
  bool trace = false;
  // Whether the disk is read, before each request that leaves, for the mark that must be on it.
  bool read_marks = false;
  std::function<void(Planting&)> plant;
};

struct HistoryResult {
  std::optional<Violation> violation;
  std::vector<std::string> trace;
  Coverage coverage;
  int64_t receipts = 0;
  int64_t starts = 0;
  int64_t events = 0;
};

// The file systems that histories run on, one after the other.
struct Machine {
  Machine();

  KyivTime kyiv;
  MemoryVfs vfs;
  MemoryVfs audit_vfs;               // sees only what is synced
  KeptConnections kept_connections;  // off until it is switched on
};

// Lives a history through: real engine, store and adapter, one thread, nothing that is not in the plan.
HistoryResult RunHistory(Machine& machine, const Plan& plan, const HistoryOptions& options);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_HISTORY_H_
