#include "server/engine/hold_timer.h"

#include <gtest/gtest.h>

namespace kasa::engine {
namespace {

constexpr absl::Duration kHold = absl::Minutes(2);
constexpr absl::Duration kStart = absl::Hours(5);

TEST(HoldTimer, LeavesTheWholeHoldTimeToADoubtThatWasNotMet) {
  const HoldTimer timer(kHold);
  EXPECT_EQ(timer.Left("a", kStart), kHold);
}

TEST(HoldTimer, RunsFromTheEndOfTheLastSend) {
  HoldTimer timer(kHold);
  timer.Start("a", kStart);
  EXPECT_EQ(timer.Left("a", kStart + absl::Seconds(30)), absl::Seconds(90));
  EXPECT_EQ(timer.Left("a", kStart + absl::Minutes(3)), absl::ZeroDuration());
  EXPECT_EQ(timer.Left("b", kStart + absl::Minutes(3)), kHold) << "another doubt";
  timer.Start("a", kStart + absl::Minutes(3));
  EXPECT_EQ(timer.Left("a", kStart + absl::Minutes(3)), kHold) << "sent once more";
}

TEST(HoldTimer, IsNotStartedAnewByMeetingTheSameDoubt) {
  HoldTimer timer(kHold);
  timer.StartUnlessRunning("a", kStart);
  timer.StartUnlessRunning("a", kStart + absl::Minutes(1));
  EXPECT_EQ(timer.Left("a", kStart + absl::Minutes(1)), absl::Minutes(1));
  timer.StartUnlessRunning("b", kStart + absl::Minutes(1));
  EXPECT_EQ(timer.Left("b", kStart + absl::Minutes(1)), kHold);
  EXPECT_EQ(timer.Left("a", kStart + absl::Minutes(1)), kHold);
}

TEST(HoldTimer, ForgetsADoubtThatIsSettled) {
  HoldTimer timer(kHold);
  timer.Start("a", kStart);
  timer.Stop();
  EXPECT_EQ(timer.Left("a", kStart + absl::Minutes(3)), kHold);
}

}  // namespace
}  // namespace kasa::engine
