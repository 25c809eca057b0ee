#ifndef KASA_TESTS_SIMULATION_BATCH_H_
#define KASA_TESTS_SIMULATION_BATCH_H_

#include <cstdint>
#include <set>
#include <string>

#include "tests/simulation/coverage.h"
#include "tests/simulation/history.h"
#include "tests/simulation/switch_pairs.h"

// Many histories: how tools/simulate and the test run them.
namespace kasa::simulation {

struct BatchOptions {
  uint64_t from = 1;
  uint64_t seeds = 1000;
  int jobs = 1;                 // processes
  int64_t at_most_seconds = 0;  // 0: as long as it takes
  bool overclaim = false;     // operators claim more tag memory than there is: to see that the checks notice
  int read_marks_every = 16;  // seeds whose requests are all held against the disk
  // Whether SQLite's connections are opened anew for each simulated process: slower, and the same history.
  bool fresh_connections = false;
  // Else: seeds that are lived both ways, and compared.
  int compare_every = 64;
  bool progress = true;
  bool keep_going = false;  // names every history that fails, instead of stopping at the first
};

struct BatchResult {
  uint64_t run = 0;
  Coverage coverage;
  SwitchPairs pairs;
  int64_t receipts = 0;
  int64_t starts = 0;
  // Of the first that failed; 0: none did.
  uint64_t failed_seed = 0;
  std::string rule;
  std::string what;
  bool crashed = false;  // the program itself, at that seed
};

// Stops at the first history that fails.
BatchResult RunBatch(const BatchOptions& options);

// Runs one history again, without the parts that are named, and prints what happened. True when no rule was
// broken.
bool Replay(uint64_t seed, const std::set<std::string>& without, bool overclaim);

// Shrinks a failing history and prints the one command that replays it.
void PrintShrunk(uint64_t seed, bool overclaim);

// Counts, and the names that should have been counted and were not; the same of pairs of switches' values.
void PrintCoverage(const BatchResult& result, bool all);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_BATCH_H_
