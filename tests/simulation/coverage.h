#ifndef KASA_TESTS_SIMULATION_COVERAGE_H_
#define KASA_TESTS_SIMULATION_COVERAGE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasa::simulation {

// How often each thing was tried, in all histories: a name "group/thing" and a count. What should have been
// tried and never was is a hole.
class Coverage {
 public:
  void Count(const std::string& name, int64_t times = 1) { counts_[name] += times; }
  void Add(const Coverage& other) {
    for (const auto& [name, times] : other.counts_) counts_[name] += times;
  }
  const std::map<std::string, int64_t>& counts() const { return counts_; }
  int64_t TimesOf(const std::string& name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }

  // An execute request ended so: the rows of the adapter's answer table (server/vchasno/answer_table.h) that
  // it takes.
  void CountAnswer(bool connected, bool whole, int http_status, absl::string_view body);

  // A line of the gateway's log: the rows of the tables of looks and of waits, and what is parked.
  void CountLogLine(absl::string_view line);

  // Expected names that were never counted, in order.
  std::vector<std::string> Holes(const std::vector<std::string>& expected) const;

  // A line a name, for the way between processes.
  std::string Write() const;
  static Coverage Read(absl::string_view text);

 private:
  std::map<std::string, int64_t> counts_;
};

// Everything that a long run should have tried: each value of each switch, each fault, action and kind of
// crash, each row of the answer table, of the ruling table, of the table of looks and of that of waits.
std::vector<std::string> ExpectedNames();

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_COVERAGE_H_
