#include "tests/simulation/switch_pairs.h"

#include <algorithm>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "tests/simulation/switches.h"

namespace kasa::simulation {
namespace {

const std::vector<std::string>& Names() {
  static const std::vector<std::string> kSwitchValues = AllSwitchValues();
  return kSwitchValues;
}

size_t PlaceOf(const std::string& name) {
  static const std::unordered_map<std::string, size_t> kPlaceOf = [] {
    std::unordered_map<std::string, size_t> all;
    for (size_t place = 0; place < Names().size(); ++place) all[Names()[place]] = place;
    return all;
  }();
  return kPlaceOf.at(name);
}

// Calls `see` with the places of each two values that one register can have.
template <typename See>
void ForEachPair(const See& see) {
  for (size_t first = 0; first < Names().size(); ++first) {
    for (size_t second = first + 1; second < Names().size(); ++second) {
      if (CanBeTogether(Names()[first], Names()[second])) see(first, second);
    }
  }
}

}  // namespace

void SwitchPairs::Take(const std::vector<std::string>& values) {
  taken_.resize(Names().size() * Names().size());
  std::vector<size_t> places;
  for (const std::string& value : values) places.push_back(PlaceOf(value));
  std::sort(places.begin(), places.end());
  for (size_t i = 0; i < places.size(); ++i) {
    for (size_t j = i + 1; j < places.size(); ++j) taken_[places[i] * Names().size() + places[j]] = 1;
  }
}

void SwitchPairs::Add(const SwitchPairs& other) {
  if (taken_.size() < other.taken_.size()) taken_.resize(other.taken_.size());
  for (size_t i = 0; i < other.taken_.size(); ++i) taken_[i] = static_cast<char>(taken_[i] | other.taken_[i]);
}

size_t SwitchPairs::taken() const {
  return static_cast<size_t>(std::count(taken_.begin(), taken_.end(), 1));
}

size_t SwitchPairs::possible() {
  size_t all = 0;
  ForEachPair([&](size_t, size_t) { ++all; });
  return all;
}

std::vector<std::string> SwitchPairs::Missing(size_t most) const {
  std::vector<std::string> missing;
  ForEachPair([&](size_t first, size_t second) {
    const bool is_taken = !taken_.empty() && taken_[first * Names().size() + second] != 0;
    if (is_taken || missing.size() == most) return;
    missing.push_back(absl::StrCat(Names()[first], " with ", Names()[second]));
  });
  return missing;
}

std::string SwitchPairs::Write() const {
  std::string line;
  for (const char one : taken_) line.push_back(one != 0 ? '1' : '0');
  return line;
}

SwitchPairs SwitchPairs::Read(absl::string_view line) {
  SwitchPairs read;
  for (const char one : line) read.taken_.push_back(one == '1' ? 1 : 0);
  return read;
}

}  // namespace kasa::simulation
