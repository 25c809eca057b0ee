#include "server/engine/lane_display.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/manual_executor.h"

namespace kasa::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);
const domain::Failure kRefused{.reason = Reason::kRegisterRefused, .message = "refused with 777"};
const domain::Failure kLost{.reason = Reason::kAnswerLost, .message = "the answer was lost"};

struct Shown {
  ManualClock clock{kNow};
  std::vector<std::string> lines;
  Logger logger{clock, [this](absl::string_view line) { lines.emplace_back(line); }};
  LaneDisplay display{"4000000001", clock, logger};
};

TEST(LaneDisplay, RunsAtFirst) {
  const Shown shown;
  const LaneView view = shown.display.View();
  EXPECT_EQ(view.register_fiscal_number, "4000000001");
  EXPECT_EQ(view.state, LaneState::kRunning);
  EXPECT_EQ(view.reason, std::nullopt);
}

TEST(LaneDisplay, TellsWhyItRestsAndUntilWhen) {
  Shown shown;
  shown.display.Show(LaneState::kPaused, kRefused, "f-1", kNow + absl::Seconds(30));
  const LaneView view = shown.display.View();
  EXPECT_EQ(view.state, LaneState::kPaused);
  EXPECT_EQ(view.reason, Reason::kRegisterRefused);
  EXPECT_EQ(view.message, "refused with 777");
  EXPECT_EQ(view.head_fiscalization_id, "f-1");
  EXPECT_EQ(view.since, kNow);
  EXPECT_EQ(view.next_step, kNow + absl::Seconds(30));
}

TEST(LaneDisplay, KeepsSinceWhenItIsHeldUntilItGoesOn) {
  Shown shown;
  shown.display.Show(LaneState::kPaused, kRefused, "f-1", std::nullopt);
  shown.clock.Advance(absl::Minutes(1));
  shown.display.Show(LaneState::kPaused, kRefused, "f-1", std::nullopt);
  EXPECT_EQ(shown.display.View().since, kNow);
  shown.display.ShowSending("f-1");
  EXPECT_EQ(shown.display.View().state, LaneState::kPaused) << "whether it works now is not known yet";
  EXPECT_EQ(shown.display.View().next_step, std::nullopt);
  shown.clock.Advance(absl::Minutes(1));
  shown.display.Show(LaneState::kReconciling, kLost, "f-1", std::nullopt);
  EXPECT_EQ(shown.display.View().since, kNow) << "held ever since, for another reason";
  shown.display.ShowRunning("f-1");
  const LaneView running = shown.display.View();
  EXPECT_EQ(running.since, kNow + absl::Minutes(2));
  EXPECT_EQ(running.reason, std::nullopt);
  EXPECT_EQ(running.message, "");
  EXPECT_EQ(running.next_step, std::nullopt);
}

TEST(LaneDisplay, IsNotHeldByADoubtThatSomebodyElseSettled) {
  Shown shown;
  shown.display.Show(LaneState::kReconciling, kLost, "f-1", std::nullopt);
  shown.display.ShowSending("f-1");
  EXPECT_EQ(shown.display.View().state, LaneState::kReconciling) << "it is sent once more";
  shown.display.ShowSending("f-2");
  EXPECT_EQ(shown.display.View().state, LaneState::kRunning);
  EXPECT_EQ(shown.display.View().head_fiscalization_id, "f-2");
}

TEST(LaneDisplay, LogsWhatChangesAndNothingTwice) {
  Shown shown;
  shown.display.ShowRunning("f-1");
  shown.display.Show(LaneState::kPaused, kRefused, "f-1", std::nullopt);
  shown.display.Show(LaneState::kPaused, kRefused, "f-1", std::nullopt);
  shown.display.ShowSending("f-1");
  shown.display.Show(LaneState::kReconciling, kLost, "f-1", std::nullopt);
  shown.display.ShowRunning("");
  shown.display.ShowSending("f-2");
  EXPECT_THAT(shown.lines, ElementsAre(HasSubstr("lane.paused"), HasSubstr("lane.reconciling"),
                                       HasSubstr("lane.resumed")));
}

}  // namespace
}  // namespace kasa::engine
