#ifndef KASA_TESTS_SIMULATION_SWITCH_PAIRS_H_
#define KASA_TESTS_SIMULATION_SWITCH_PAIRS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace kasa::simulation {

// Which values of two switches one register had together, in all histories.
class SwitchPairs {
 public:
  // A register has these values, one of each switch.
  void Take(const std::vector<std::string>& values);
  void Add(const SwitchPairs& other);

  size_t taken() const;
  // How many there are.
  static size_t possible();
  // Up to `most` of those that were never taken.
  std::vector<std::string> Missing(size_t most) const;

  // A line, for the way between processes.
  std::string Write() const;
  static SwitchPairs Read(absl::string_view line);

 private:
  std::vector<char> taken_;  // by the places of both values among all, the earlier one first; empty: none
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_SWITCH_PAIRS_H_
