#include "server/engine/hold_timer.h"

#include <gtest/gtest.h>

namespace kasa::engine {
namespace {

constexpr absl::Duration kHold = absl::Minutes(2);
constexpr absl::Duration kStart = absl::Hours(5);  // of the process

TEST(HoldTimer, HoldsWhatThisProcessDidNotSendFromTheStartOnAllAtOnce) {
  const HoldTimer timer(kHold, kStart);
  EXPECT_EQ(timer.Left("a", kStart), kHold);
  EXPECT_EQ(timer.Left("a", kStart + absl::Seconds(30)), absl::Seconds(90));
  EXPECT_EQ(timer.Left("b", kStart + absl::Seconds(30)), absl::Seconds(90));
  EXPECT_EQ(timer.Left("c", kStart + absl::Minutes(3)), absl::ZeroDuration());
}

TEST(HoldTimer, RunsFromTheEndOfTheLastSend) {
  HoldTimer timer(kHold, kStart);
  const absl::Duration sent = kStart + absl::Hours(1);
  timer.Sent("a", sent);
  EXPECT_EQ(timer.Left("a", sent + absl::Seconds(30)), absl::Seconds(90));
  EXPECT_EQ(timer.Left("b", sent + absl::Seconds(30)), absl::ZeroDuration()) << "another doubt";
  EXPECT_EQ(timer.Left("a", sent + absl::Minutes(3)), absl::ZeroDuration());
  timer.Sent("a", sent + absl::Minutes(3));
  EXPECT_EQ(timer.Left("a", sent + absl::Minutes(3)), kHold) << "sent once more";
}

TEST(HoldTimer, DoesNotRunWhileASendIsUnderWay) {
  HoldTimer timer(kHold, kStart);
  timer.Sending("a");
  EXPECT_EQ(timer.Left("a", kStart + absl::Hours(1)), kHold);
  timer.Sent("a", kStart + absl::Hours(1));
  EXPECT_EQ(timer.Left("a", kStart + absl::Hours(1)), kHold);
}

TEST(HoldTimer, RunsForEachDoubtByItself) {
  HoldTimer timer(kHold, kStart);
  timer.Sent("a", kStart + absl::Hours(1));
  timer.Sent("b", kStart + absl::Hours(1) + absl::Minutes(1));
  EXPECT_EQ(timer.Left("a", kStart + absl::Hours(1) + absl::Minutes(1)), absl::Minutes(1));
  EXPECT_EQ(timer.Left("b", kStart + absl::Hours(1) + absl::Minutes(1)), kHold);
}

TEST(HoldTimer, HoldsWhatAPauseMayHavePutInDoubtFromThatOn) {
  HoldTimer timer(kHold, kStart);
  const absl::Duration paused = kStart + absl::Hours(1);
  timer.Sent("a", paused - absl::Seconds(30));
  timer.OthersMayHaveSent(paused);
  EXPECT_EQ(timer.Left("b", paused), kHold);
  EXPECT_EQ(timer.Left("a", paused), kHold) << "another process may have sent it since";
}

TEST(HoldTimer, ForgetsADoubtThatIsSettled) {
  HoldTimer timer(kHold, kStart);
  timer.Sent("a", kStart + absl::Hours(1));
  timer.Settled("a");
  EXPECT_EQ(timer.Left("a", kStart + absl::Hours(1)), absl::ZeroDuration());
}

}  // namespace
}  // namespace kasa::engine
