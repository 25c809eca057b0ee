#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_split.h"
#include "tests/simulation/batch.h"

ABSL_FLAG(uint64_t, seeds, 1000, "how many histories");
ABSL_FLAG(uint64_t, from, 1, "the first one's seed");
ABSL_FLAG(int, jobs, 1, "how many processes share them");
ABSL_FLAG(int64_t, seconds, 0, "stop after so many seconds; 0: when all are done");
ABSL_FLAG(uint64_t, seed, 0, "replay this one, with a trace of all that happens");
ABSL_FLAG(std::string, without, "", "with --seed: parts to leave out, as a failure names them (\"d3,f1\")");
ABSL_FLAG(bool, overclaim, false,
          "operators claim more tag memory than their registers have: the checks must notice");
ABSL_FLAG(bool, keep_going, false, "name every history that fails, instead of stopping at the first");
ABSL_FLAG(bool, fresh_connections, false,
          "open SQLite's connections anew for each simulated process: slower, and the same histories");
ABSL_FLAG(int, compare_every, 64, "live every n-th history both ways, and compare; 0: none");
ABSL_FLAG(bool, all_counts, false, "print every count, not only of what should have been tried");

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Lives histories of the gateway under simulated time, registers, networks and disks, each from a seed, "
      "and\n"
      "checks the rules of docs/architecture.md along the way (docs/simulation.md). Ends with status 1 at "
      "the first\n"
      "rule that is broken, and prints the command that replays it.");
  absl::ParseCommandLine(argc, argv);
  using kasa::simulation::BatchResult;
  using kasa::simulation::PrintCoverage;
  using kasa::simulation::PrintShrunk;
  using kasa::simulation::Replay;
  using kasa::simulation::RunBatch;
  const bool overclaim = absl::GetFlag(FLAGS_overclaim);
  if (const uint64_t seed = absl::GetFlag(FLAGS_seed); seed != 0) {
    const std::set<std::string> without =
        absl::StrSplit(absl::GetFlag(FLAGS_without), ',', absl::SkipEmpty());
    return Replay(seed, without, overclaim) ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  const BatchResult result = RunBatch({.from = absl::GetFlag(FLAGS_from),
                                       .seeds = absl::GetFlag(FLAGS_seeds),
                                       .jobs = absl::GetFlag(FLAGS_jobs),
                                       .at_most_seconds = absl::GetFlag(FLAGS_seconds),
                                       .overclaim = overclaim,
                                       .fresh_connections = absl::GetFlag(FLAGS_fresh_connections),
                                       .compare_every = absl::GetFlag(FLAGS_compare_every),
                                       .keep_going = absl::GetFlag(FLAGS_keep_going)});
  PrintCoverage(result, absl::GetFlag(FLAGS_all_counts));
  std::printf("%llu histories, %lld receipts, %lld starts of the gateway\n",
              static_cast<unsigned long long>(result.run), static_cast<long long>(result.receipts),
              static_cast<long long>(result.starts));
  if (result.failed_seed == 0) return EXIT_SUCCESS;
  std::printf("\nBROKEN at seed %llu: %s: %s\n", static_cast<unsigned long long>(result.failed_seed),
              result.rule.c_str(), result.what.c_str());
  std::fflush(stdout);
  if (result.crashed) {
    std::printf("replay it: tools/simulate --seed %llu\n",
                static_cast<unsigned long long>(result.failed_seed));
  } else {
    PrintShrunk(result.failed_seed, overclaim);
  }
  return EXIT_FAILURE;
}
