#include "common/clock.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace kasa {
namespace {

TEST(SystemClock, TellsTheMachinesTime) {
  const absl::Time before = absl::Now();
  const absl::Time told = SystemClock().Now();
  EXPECT_LE(before, told);
  EXPECT_LE(told, absl::Now());
}

TEST(SystemClock, MonotonicNeverGoesBack) {
  const SystemClock clock;
  absl::Duration last = clock.Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration next = clock.Monotonic();
    ASSERT_LE(last, next);
    last = next;
  }
}

}  // namespace
}  // namespace kasa
