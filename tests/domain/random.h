#ifndef KASA_TESTS_DOMAIN_RANDOM_H_
#define KASA_TESTS_DOMAIN_RANDOM_H_

#include <cstdint>

namespace kasa::fuzz {

// A small generator (SplitMix64) that costs nothing to seed, so that every random document has a seed of its
// own and any failure is replayed from that number alone. The same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  // Both ends can come; first <= last. The tiny bias of the remainder does not matter here.
  int64_t Between(int64_t first, int64_t last) {
    const uint64_t width = static_cast<uint64_t>(last) - static_cast<uint64_t>(first) + 1;
    const uint64_t offset = width == 0 ? Next() : Next() % width;
    return static_cast<int64_t>(static_cast<uint64_t>(first) + offset);
  }

  bool OneIn(int64_t n) { return Between(1, n) == 1; }

 private:
  uint64_t state_;
};

}  // namespace kasa::fuzz

#endif  // KASA_TESTS_DOMAIN_RANDOM_H_
