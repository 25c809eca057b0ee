#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/simulation/batch.h"

// The first histories, for 60 seconds at the most; a longer run is tools/simulate's (docs/simulation.md). No
// more of them, so that a machine that is fast does not see seeds that no one has seen before a change lands.
namespace kasa::simulation {
namespace {

TEST(Simulation, NoHistoryBreaksARule) {
  const BatchResult result = RunBatch({.from = 1, .seeds = 12'000, .jobs = 2, .at_most_seconds = 60});
  EXPECT_EQ(result.failed_seed, 0U) << result.rule << ": " << result.what
                                    << "\nreplay it: tools/simulate --seed " << result.failed_seed;
  EXPECT_GT(result.run, 0U);
  RecordProperty("histories", std::to_string(result.run));
}

TEST(Simulation, TheSameSeedIsTheSameHistory) {
  Machine machine;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const Plan plan = DrawPlan(seed, machine.kyiv);
    const HistoryResult first = RunHistory(machine, plan, {.trace = true});
    const HistoryResult second = RunHistory(machine, plan, {.trace = true});
    EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
    EXPECT_EQ(first.events, second.events) << "seed " << seed;
  }
}

TEST(Simulation, AHistoryIsTheSameWithNewConnectionsAndWithKeptOnes) {
  Machine machine;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const Plan plan = DrawPlan(seed, machine.kyiv);
    machine.kept_connections.Switch(true);
    const HistoryResult kept = RunHistory(machine, plan, {.trace = true});
    machine.kept_connections.Switch(false);
    const HistoryResult fresh = RunHistory(machine, plan, {.trace = true});
    EXPECT_EQ(kept.trace, fresh.trace) << "seed " << seed;
    EXPECT_EQ(kept.events, fresh.events) << "seed " << seed;
  }
  EXPECT_GT(machine.kept_connections.given(), 100);
}

// Operators who claim that tags are remembered for ever, of registers that forget them, get second receipts:
// the checks must say so.
TEST(Simulation, AFalseClaimOfTagMemoryIsNoticed) {
  const BatchResult result = RunBatch(
      {.from = 1, .seeds = 20'000, .jobs = 2, .at_most_seconds = 60, .overclaim = true, .progress = false});
  ASSERT_NE(result.failed_seed, 0U);
  EXPECT_FALSE(result.crashed);
  EXPECT_EQ(result.rule, "one_receipt") << result.what;
}

}  // namespace
}  // namespace kasa::simulation
