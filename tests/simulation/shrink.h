#ifndef KASA_TESTS_SIMULATION_SHRINK_H_
#define KASA_TESTS_SIMULATION_SHRINK_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace kasa::simulation {

// Finds what a failing history does without: the names of parts ("d3", "f1") that can all be dropped while
// `still_fails` (asked with what is dropped) holds. Asks at most `most` times.
std::set<std::string> Shrink(const std::vector<std::string>& parts,
                             const std::function<bool(const std::set<std::string>& dropped)>& still_fails,
                             int most);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_SHRINK_H_
