#ifndef KASA_TESTS_SIMULATION_RANDOM_H_
#define KASA_TESTS_SIMULATION_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "absl/time/time.h"

namespace kasa::simulation {

// Numbers from a seed (SplitMix64): the same ones on every machine, unlike <random>'s distributions. A part
// of a history that draws from a fork of its own keeps its numbers when another part is dropped.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // A generator of its own, by a number that names what it is for.
  Random Fork(uint64_t purpose) const {
    Random fork(state_ ^ (purpose * 0x9E3779B97F4A7C15U + 0xD1B54A32D192ED03U));
    fork.Next();
    return fork;
  }

  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }

  // In [0, bound).
  int Below(int bound) { return static_cast<int>(Next() % static_cast<uint64_t>(bound)); }
  // In [from, to].
  int Between(int from, int to) { return from + Below(to - from + 1); }
  absl::Duration Between(absl::Duration from, absl::Duration to) {
    const int64_t span = absl::ToInt64Microseconds(to - from);
    if (span <= 0) return from;
    return from + absl::Microseconds(static_cast<int64_t>(Next() % static_cast<uint64_t>(span)));
  }
  bool Percent(int chance) { return Below(100) < chance; }
  // In [0, 1).
  double Fraction() { return static_cast<double>(Next() >> 11U) / 9007199254740992.0; }

  template <typename T>
  T Pick(std::initializer_list<T> choices) {
    return choices.begin()[Below(static_cast<int>(choices.size()))];
  }
  template <typename Container>
  const auto& PickFrom(const Container& choices) {
    return choices[static_cast<size_t>(Below(static_cast<int>(choices.size())))];
  }

 private:
  uint64_t state_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_RANDOM_H_
