#include "tests/simulation/batch.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/simulation/shrink.h"

namespace kasa::simulation {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kMostShrinkRuns = 300;

bool IsDue(uint64_t seed, int every) {
  return every > 0 && seed % static_cast<uint64_t>(every) == 0;
}

// Nothing when they are the same.
std::string Difference(const HistoryResult& one, const HistoryResult& other) {
  const auto told = [](const HistoryResult& result) {
    return absl::StrCat(result.violation ? result.violation->what : "no violation", ", ", result.events,
                        " events, ", result.receipts, " receipts, ", result.starts, " starts");
  };
  if (told(one) != told(other)) return absl::StrCat(told(one), "; not ", told(other));
  return one.coverage.counts() == other.coverage.counts() ? "" : "other counts";
}

HistoryResult RunPlan(Machine& machine, const Plan& plan, const BatchOptions& options) {
  const HistoryOptions how{.read_marks = IsDue(plan.seed, options.read_marks_every)};
  machine.kept_connections.Switch(!options.fresh_connections);
  HistoryResult result = RunHistory(machine, plan, how);
  if (options.fresh_connections || (!result.violation && !IsDue(plan.seed, options.compare_every)))
    return result;
  // What counts, and what is replayed, is the history with new connections.
  machine.kept_connections.Switch(false);
  HistoryResult fresh = RunHistory(machine, plan, how);
  if (const std::string difference = Difference(result, fresh); !difference.empty()) {
    fresh.violation = Violation{.rule = "kept_connections", .what = difference};
  }
  return fresh;
}

// The seeds from + job, from + job + jobs, ...
BatchResult RunShare(const BatchOptions& options, int job,
                     const std::function<void(const BatchResult&, uint64_t)>& tell) {
  // Disk images come and go: the memory is kept.
  mallopt(M_MMAP_THRESHOLD, 1 << 28);
  mallopt(M_TRIM_THRESHOLD, 1 << 29);
  UseSqliteOnOneThread();
  Machine machine;
  BatchResult result;
  const auto begin = SteadyClock::now();
  for (uint64_t at = static_cast<uint64_t>(job); at < options.seeds;
       at += static_cast<uint64_t>(options.jobs)) {
    const auto spent = std::chrono::duration_cast<std::chrono::seconds>(SteadyClock::now() - begin).count();
    if (options.at_most_seconds > 0 && spent >= options.at_most_seconds) break;
    const uint64_t seed = options.from + at;
    tell(result, seed);
    const Plan plan = DrawPlan(seed, machine.kyiv, options.overclaim);
    const HistoryResult history = RunPlan(machine, plan, options);
    ++result.run;
    for (const PlannedRegister& one : plan.registers) result.pairs.Take(one.switches.Values());
    result.coverage.Add(history.coverage);
    result.receipts += history.receipts;
    result.starts += history.starts;
    if (history.violation && options.keep_going) {
      std::printf("seed %llu: %s: %s\n", static_cast<unsigned long long>(seed),
                  history.violation->rule.c_str(), history.violation->what.c_str());
      std::fflush(stdout);
    }
    if (history.violation && (!options.keep_going || result.failed_seed == 0)) {
      result.failed_seed = seed;
      result.rule = history.violation->rule;
      result.what = history.violation->what;
      if (!options.keep_going) break;
    }
  }
  return result;
}

void Add(const BatchResult& part, BatchResult& whole) {
  whole.run += part.run;
  whole.coverage.Add(part.coverage);
  whole.pairs.Add(part.pairs);
  whole.receipts += part.receipts;
  whole.starts += part.starts;
  if (part.failed_seed != 0 && (whole.failed_seed == 0 || part.failed_seed < whole.failed_seed)) {
    whole.failed_seed = part.failed_seed;
    whole.rule = part.rule;
    whole.what = part.what;
    whole.crashed = part.crashed;
  }
}

std::string Write(const BatchResult& result) {
  return absl::StrCat(result.run, "\n", result.receipts, "\n", result.starts, "\n", result.failed_seed, "\n",
                      result.rule, "\n", absl::StrJoin(absl::StrSplit(result.what, '\n'), " "), "\n",
                      result.pairs.Write(), "\n", result.coverage.Write());
}

BatchResult Read(const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, absl::MaxSplits('\n', 7));
  BatchResult result;
  if (lines.size() < 8 || !absl::SimpleAtoi(lines[0], &result.run) ||
      !absl::SimpleAtoi(lines[1], &result.receipts) || !absl::SimpleAtoi(lines[2], &result.starts) ||
      !absl::SimpleAtoi(lines[3], &result.failed_seed)) {
    throw std::runtime_error("a job's result can't be read");
  }
  result.rule = lines[4];
  result.what = lines[5];
  result.pairs = SwitchPairs::Read(lines[6]);
  result.coverage = Coverage::Read(lines[7]);
  return result;
}

struct Job {
  pid_t process = -1;
  int results = -1;  // a pipe: "@<run> <seed>" lines while it works, then "=" and the result
  std::string heard;
  uint64_t run = 0;
  uint64_t seed = 0;
};

void WriteAll(int to, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(to, text.data() + done, text.size() - done);
    if (written <= 0) _exit(3);
    done += static_cast<size_t>(written);
  }
}

Job StartJob(const BatchOptions& options, int number) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  Job job;
  job.process = fork();
  if (job.process < 0) throw std::runtime_error("no process");
  if (job.process == 0) {
    close(ends[0]);
    const BatchResult result = RunShare(options, number, [&](const BatchResult& so_far, uint64_t seed) {
      WriteAll(ends[1], absl::StrCat("@", so_far.run, " ", seed, "\n"));
    });
    WriteAll(ends[1], absl::StrCat("=\n", Write(result)));
    close(ends[1]);
    std::exit(0);
  }
  close(ends[1]);
  job.results = ends[0];
  return job;
}

// False at the end.
bool Hear(Job& job) {
  std::array<char, 65536> buffer{};
  const ssize_t size = read(job.results, buffer.data(), buffer.size());
  if (size <= 0) return false;
  job.heard.append(buffer.data(), static_cast<size_t>(size));
  size_t end = 0;
  while (!job.heard.empty() && job.heard.front() == '@' &&
         (end = job.heard.find('\n')) != std::string::npos) {
    const std::vector<std::string> parts = absl::StrSplit(job.heard.substr(1, end - 1), ' ');
    if (parts.size() == 2) {
      static_cast<void>(absl::SimpleAtoi(parts[0], &job.run));
      static_cast<void>(absl::SimpleAtoi(parts[1], &job.seed));
    }
    job.heard.erase(0, end + 1);
  }
  return true;
}

}  // namespace

BatchResult RunBatch(const BatchOptions& options) {
  std::vector<Job> jobs;
  std::fflush(stdout);
  for (int number = 0; number < options.jobs; ++number) jobs.push_back(StartJob(options, number));
  BatchResult result;
  const auto begin = SteadyClock::now();
  auto shown = begin;
  for (size_t open = jobs.size(); open > 0;) {
    fd_set waiting;
    FD_ZERO(&waiting);
    int highest = 0;
    for (const Job& job : jobs) {
      if (job.results < 0) continue;
      FD_SET(job.results, &waiting);
      highest = std::max(highest, job.results);
    }
    timeval second{.tv_sec = 1, .tv_usec = 0};
    if (select(highest + 1, &waiting, nullptr, nullptr, &second) < 0)
      throw std::runtime_error("select failed");
    for (Job& job : jobs) {
      if (job.results < 0 || !FD_ISSET(job.results, &waiting) || Hear(job)) continue;
      close(std::exchange(job.results, -1));
      --open;
      int status = 0;
      waitpid(job.process, &status, 0);
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !job.heard.empty()) {
        const BatchResult part = Read(job.heard.substr(2));
        if (part.failed_seed != 0 && !options.keep_going) {
          for (const Job& other : jobs) {
            if (other.results >= 0) kill(other.process, SIGTERM);
          }
        }
        Add(part, result);
      } else if (result.failed_seed == 0) {
        Add({.run = job.run,
             .failed_seed = job.seed,
             .rule = "crash",
             .what = "the program ended",
             .crashed = true},
            result);
      }
    }
    const auto now = SteadyClock::now();
    if (options.progress && now - shown >= std::chrono::seconds(10)) {
      shown = now;
      uint64_t run = 0;
      for (const Job& job : jobs) run += job.run;
      const double seconds = std::chrono::duration<double>(now - begin).count();
      std::printf("%llu of %llu histories, %.0f s, %.0f a second\n", static_cast<unsigned long long>(run),
                  static_cast<unsigned long long>(options.seeds), seconds,
                  static_cast<double>(run) / seconds);
      std::fflush(stdout);
    }
  }
  return result;
}

bool Replay(uint64_t seed, const std::set<std::string>& without, bool overclaim) {
  Machine machine;
  Plan plan = DrawPlan(seed, machine.kyiv, overclaim);
  plan.Drop(without);
  std::printf("%s\n", plan.Describe().c_str());
  const HistoryResult result = RunHistory(machine, plan, {.trace = true, .read_marks = true});
  for (const std::string& line : result.trace) std::printf("%s\n", line.c_str());
  if (!result.violation) {
    std::printf("\nno rule was broken: %lld receipts, %lld starts\n", static_cast<long long>(result.receipts),
                static_cast<long long>(result.starts));
    return true;
  }
  std::printf("\nBROKEN: %s: %s\n", result.violation->rule.c_str(), result.violation->what.c_str());
  return false;
}

void PrintShrunk(uint64_t seed, bool overclaim) {
  Machine machine;
  const Plan whole = DrawPlan(seed, machine.kyiv, overclaim);
  const HistoryResult first = RunHistory(machine, whole, {.read_marks = true});
  const std::string extra = overclaim ? " --overclaim" : "";
  if (!first.violation) {
    std::printf("replay it: tools/simulate --seed %llu%s\n", static_cast<unsigned long long>(seed),
                extra.c_str());
    return;
  }
  const std::vector<std::string> parts = whole.Names();
  const std::set<std::string> dropped = Shrink(
      parts,
      [&](const std::set<std::string>& without) {
        Plan less = whole;
        less.Drop(without);
        const HistoryResult again = RunHistory(machine, less, {.read_marks = true});
        return again.violation && again.violation->rule == first.violation->rule;
      },
      kMostShrinkRuns);
  std::printf("of %zu parts, %zu are enough. Replay it:\n  tools/simulate --seed %llu%s%s%s\n", parts.size(),
              parts.size() - dropped.size(), static_cast<unsigned long long>(seed), extra.c_str(),
              dropped.empty() ? "" : " --without ", absl::StrJoin(dropped, ",").c_str());
}

void PrintCoverage(const BatchResult& result, bool all) {
  const Coverage& coverage = result.coverage;
  const std::vector<std::string> expected = ExpectedNames();
  const std::set<std::string> wanted(expected.begin(), expected.end());
  for (const auto& [name, times] : coverage.counts()) {
    if (all || wanted.contains(name))
      std::printf("%12lld  %s\n", static_cast<long long>(times), name.c_str());
  }
  const std::vector<std::string> holes = coverage.Holes(expected);
  std::printf("%zu of %zu rows were taken\n", expected.size() - holes.size(), expected.size());
  for (const std::string& hole : holes) std::printf("  never taken: %s\n", hole.c_str());
  constexpr size_t kMostNamed = 20;
  std::printf("%zu of %zu pairs of values of two switches were taken\n", result.pairs.taken(),
              SwitchPairs::possible());
  for (const std::string& pair : result.pairs.Missing(kMostNamed)) {
    std::printf("  never taken: %s\n", pair.c_str());
  }
  const int64_t few = coverage.TimesOf("befallen/too few faults");
  const int64_t lived = few + coverage.TimesOf("befallen/enough faults");
  std::printf("in %lld of %lld histories fewer than %zu faults befell anything\n",
              static_cast<long long>(few), static_cast<long long>(lived), kFewestFaults);
}

}  // namespace kasa::simulation
