// A register that still works on something: who waits, who collides; and the watch over what must never
// happen.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/simulator/testing.h"

namespace kasa::simulator {
namespace {

using testing::At;
using testing::Fill;
using testing::kSmallSale;
using testing::Task;
using testing::World;

Fault Hold(absl::Duration duration = absl::Seconds(40)) {
  Fault fault;
  fault.kind = FaultKind::kHold;
  fault.duration = duration;
  return fault;
}

Json BodyOf(const std::shared_ptr<std::optional<HttpReply>>& answer) {
  return answer->has_value() ? *Json::Parse((*answer)->body) : Json();
}

TEST(HoldTest, AnswersWhenItsTimeIsOverAndMakesTheReceiptThen) {
  World world;
  ASSERT_TRUE(world.cloud.AddFault(Hold()).ok());
  const auto held = world.SendExecute(Fill(kSmallSale, "a"));
  world.scheduler.Advance(absl::Seconds(39));
  EXPECT_FALSE(held->has_value());
  EXPECT_EQ(world.Receipts(), 0u);
  world.scheduler.Advance(absl::Seconds(1));
  EXPECT_EQ(At(BodyOf(held), "res"), "0");
  EXPECT_EQ(world.Receipts(), 1u);
}

TEST(HoldTest, MayMakeTheReceiptFirstAndEndInACutOrInSilence) {
  for (const AfterHold then : {AfterHold::kCut, AfterHold::kSilence}) {
    World world;
    Fault fault = Hold();
    fault.commit_first = true;
    fault.then = then;
    ASSERT_TRUE(world.cloud.AddFault(fault).ok());
    const auto held = world.SendExecute(Fill(kSmallSale, "a"));
    EXPECT_EQ(world.Receipts(), 1u);
    world.scheduler.Advance(absl::Seconds(40));
    EXPECT_EQ(held->value().delivery, then == AfterHold::kCut ? Delivery::kCut : Delivery::kSilence);
    EXPECT_EQ(world.Receipts(), 1u);
  }
}

TEST(HoldTest, MayMakeNothing) {
  World world;
  Fault fault = Hold();
  fault.committed = false;
  EXPECT_FALSE(world.cloud.AddFault(fault).ok()) << "there would be nothing to answer";
  fault.then = AfterHold::kCut;
  ASSERT_TRUE(world.cloud.AddFault(fault).ok());
  world.SendExecute(Fill(kSmallSale, "a"));
  world.scheduler.Advance(absl::Seconds(40));
  EXPECT_EQ(world.Receipts(), 0u);
}

TEST(HoldTest, CanLastUntilItIsReleased) {
  World world;
  Fault fault = Hold();
  fault.until_released = true;
  ASSERT_TRUE(world.cloud.AddFault(fault).ok());
  const auto held = world.SendExecute(Fill(kSmallSale, "a"));
  world.scheduler.Advance(absl::Hours(9));
  EXPECT_FALSE(held->has_value());
  world.cloud.ReleaseHolds();
  world.scheduler.Advance(absl::ZeroDuration());
  EXPECT_EQ(At(BodyOf(held), "res"), "0");
}

TEST(BusyTest, TheSameTagWaitsAndGetsTheFirstReceipt) {
  World world;
  ASSERT_TRUE(world.cloud.AddFault(Hold()).ok());
  const auto first = world.SendExecute(Fill(kSmallSale, "a"));
  const auto second = world.SendExecute(Fill(kSmallSale, "a"));
  EXPECT_FALSE(second->has_value());
  world.scheduler.Advance(absl::Seconds(40));
  EXPECT_EQ(At(BodyOf(first), "info.doccode"), At(BodyOf(second), "info.doccode"));
  EXPECT_EQ(world.Receipts(), 1u);
}

TEST(BusyTest, TheSameTagCollides) {
  Switches switches;
  switches.busy_same_tag = BusySameTag::kCollide;
  World world(switches);
  ASSERT_TRUE(world.cloud.AddFault(Hold()).ok());
  world.SendExecute(Fill(kSmallSale, "a"));
  const auto second = world.SendExecute(Fill(kSmallSale, "a"));
  EXPECT_EQ(At(BodyOf(second), "res"), "1105");
  EXPECT_EQ(At(BodyOf(second), "res_action"), "2");
  world.scheduler.Advance(absl::Seconds(40));
  EXPECT_EQ(world.Receipts(), 1u);
}

TEST(BusyTest, TheSameTagMakesASecondReceipt) {
  Switches switches;
  switches.busy_same_tag = BusySameTag::kSecondReceipt;
  World world(switches);
  ASSERT_TRUE(world.cloud.AddFault(Hold()).ok());
  const auto first = world.SendExecute(Fill(kSmallSale, "a"));
  const auto second = world.SendExecute(Fill(kSmallSale, "a"));
  EXPECT_EQ(At(BodyOf(second), "res"), "0");
  EXPECT_EQ(world.Receipts(), 1u);
  world.scheduler.Advance(absl::Seconds(40));
  EXPECT_EQ(At(BodyOf(first), "res"), "0");
  EXPECT_EQ(world.Receipts(), 2u);
}

TEST(BusyTest, AnotherTagWaitsOrIsToldToComeAgainAndAStatusIsAnsweredAtOnce) {
  for (const bool busy : {false, true}) {
    Switches switches;
    switches.busy_other_tag = busy ? BusyOtherTag::kBusy : BusyOtherTag::kWait;
    World world(switches);
    ASSERT_TRUE(world.cloud.AddFault(Hold()).ok());
    world.SendExecute(Fill(kSmallSale, "a"));
    EXPECT_EQ(At(world.Execute(Task(18, "s")), "res"), "0");
    const auto other = world.SendExecute(Fill(kSmallSale, "b"));
    EXPECT_EQ(other->has_value(), busy);
    world.scheduler.Advance(absl::Seconds(40));
    EXPECT_EQ(At(BodyOf(other), "res"), busy ? "1105" : "0");
    EXPECT_EQ(world.Receipts(), busy ? 1u : 2u);
  }
}

TEST(BusyTest, LatencyIsServedInTurn) {
  Switches switches;
  switches.latency_ms = 1000;
  World world(switches);
  const auto first = world.SendExecute(Fill(kSmallSale, "a"));
  const auto second = world.SendExecute(Fill(kSmallSale, "b"));
  world.scheduler.Advance(absl::Seconds(1));
  EXPECT_TRUE(first->has_value());
  EXPECT_FALSE(second->has_value());
  world.scheduler.Advance(absl::Seconds(1));
  EXPECT_TRUE(second->has_value());
}

TEST(WatchTest, TwoInFlightAreNoticed) {
  World world;
  world.Execute(Fill(kSmallSale, "a"));
  world.Execute(Fill(kSmallSale, "b"));
  EXPECT_EQ(world.cloud.Counts("").max_in_flight, 1);
  EXPECT_TRUE(world.cloud.Violations().empty());

  world.SendExecute(Fill(kSmallSale, "c"));
  world.SendExecute(Fill(kSmallSale, "d"));  // the answer to the first has not left yet
  EXPECT_EQ(world.cloud.Counts(World::kFisid).max_in_flight, 2);
  ASSERT_EQ(world.cloud.Violations().size(), 1u);
  EXPECT_EQ(world.cloud.Violations()[0].kind, "two_in_flight");
  EXPECT_EQ(world.cloud.Violations()[0].tag, "d");
  EXPECT_EQ(world.cloud.Violations()[0].other_tag, "c");
}

TEST(WatchTest, AfterResAction1Or2TheSameTagComesNext) {
  for (const int res_action : {1, 2, 3}) {
    World world;
    Fault refusal;
    refusal.kind = FaultKind::kRefusal;
    refusal.res_action = res_action;
    ASSERT_TRUE(world.cloud.AddFault(refusal).ok());
    EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res_action"), std::to_string(res_action));
    world.Execute(Task(18, "s"));
    EXPECT_EQ(world.cloud.Violations().size(), res_action == 3 ? 0u : 1u) << res_action;
    world.Execute(Fill(kSmallSale, "a"));
    const size_t before = world.cloud.Violations().size();
    world.Execute(Fill(kSmallSale, "b"));
    EXPECT_EQ(world.cloud.Violations().size(), before) << "the tag was settled";
  }
}

TEST(WatchTest, TheShiftMayBeOpenedWhenThatTagWasAnsweredShiftClosed) {
  Switches switches;
  switches.auto_open_shift = false;
  World world(switches);
  Fault refusal;
  refusal.kind = FaultKind::kRefusal;
  refusal.res_action = 2;
  ASSERT_TRUE(world.cloud.AddFault(refusal).ok());
  world.Execute(Fill(kSmallSale, "a"));
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res"), "2007");
  world.Execute(Task(0, "open"));
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res"), "0");
  EXPECT_TRUE(world.cloud.Violations().empty());
}

// It is refused with that, and judged: nothing has to come again.
TEST(WatchTest, AnOpeningThatWasAnsweredShiftClosedNeedNotComeAgain) {
  World world;
  Fault again;
  again.kind = FaultKind::kRefusal;
  again.res_action = 2;
  ASSERT_TRUE(world.cloud.AddFault(again).ok());
  world.Execute(Task(0, "open"));
  Fault closed;
  closed.kind = FaultKind::kShiftClosed;
  ASSERT_TRUE(world.cloud.AddFault(closed).ok());
  EXPECT_EQ(At(world.Execute(Task(0, "open")), "res"), "2007");
  EXPECT_EQ(At(world.Execute(Task(0, "open later")), "res"), "0");
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res"), "0");
  EXPECT_TRUE(world.cloud.Violations().empty());
}

TEST(ResetTest, StartsAnewButNoFiscalNumberComesAgain) {
  World world;
  const std::string number = At(world.Execute(Fill(kSmallSale, "a")), "info.doccode");
  ASSERT_TRUE(world.cloud.AddFault(Hold()).ok());
  const auto held = world.SendExecute(Fill(kSmallSale, "b"));
  world.cloud.Reset();
  world.scheduler.Advance(absl::Hours(1));
  EXPECT_EQ(held->value().delivery, Delivery::kCut);
  EXPECT_EQ(world.Receipts(), 0u);
  EXPECT_EQ(world.cloud.Counts("").executes, 0);
  EXPECT_NE(At(world.Execute(Fill(kSmallSale, "a")), "info.doccode"), number);
}

TEST(FaultsTest, AreSkippedCountedAndDrawnTheSameForOneSeed) {
  Fault fault;
  fault.kind = FaultKind::kMalformed;
  fault.skip = 2;
  fault.times = 3;
  std::string first;
  for (int run = 0; run < 2; ++run) {
    World world;
    ASSERT_TRUE(world.cloud.AddFault(fault).ok());
    std::string seen;
    for (int i = 0; i < 7; ++i)
      seen += world.Execute(Fill(kSmallSale, std::to_string(i))).IsNull() ? 'x' : '.';
    EXPECT_EQ(seen, "..xxx..");
    EXPECT_EQ(world.cloud.TakenFaults()["malformed"], 3);
    EXPECT_TRUE(world.cloud.RemainingFaults().empty());

    Fault rare = fault;
    rare.skip = 0;
    rare.times = 0;
    rare.probability_percent = 30;
    ASSERT_TRUE(world.cloud.AddFault(rare).ok());
    std::string drawn;
    for (int i = 0; i < 200; ++i)
      drawn += world.Execute(Fill(kSmallSale, absl::StrCat("r", i))).IsNull() ? 'x' : '.';
    const auto count = std::count(drawn.begin(), drawn.end(), 'x');
    EXPECT_GT(count, 30);
    EXPECT_LT(count, 90);
    if (run == 0) first = drawn;
    EXPECT_EQ(drawn, first);
  }
}

TEST(FaultsTest, StrikeOnlyWhatTheyName) {
  World world;
  Fault fault;
  fault.kind = FaultKind::kMalformed;
  fault.tag = "b";
  fault.task = 1;
  fault.fisid = World::kFisid;
  ASSERT_TRUE(world.cloud.AddFault(fault).ok());
  EXPECT_FALSE(world.Execute(Fill(kSmallSale, "a")).IsNull());
  EXPECT_FALSE(world.Execute(Task(18, "b")).IsNull());
  EXPECT_TRUE(world.Execute(Fill(kSmallSale, "b")).IsNull());
}

}  // namespace
}  // namespace kasa::simulator
