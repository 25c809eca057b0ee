#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/simulation/register_model.h"
#include "tests/simulation/shrink.h"
#include "tests/simulation/timeline.h"

// The model of a register by itself, the timeline, and shrinking.
namespace kasa::simulation {
namespace {

class ModelTest : public testing::Test {
 protected:
  RegisterModel Model(const Switches& switches) const {
    return {"4000000001", "12345678", switches, kyiv_, start_, Random(1)};
  }
  static std::string Body(const std::string& tag, const std::string& sum = "45.00") {
    return absl::StrCat(R"({"tag":")", tag, R"(","fiscal":{"task":1,"receipt":{"sum":)", sum,
                        R"(,"rows":[{"code":"c","name":"n","cnt":1.000,"price":)", sum,
                        R"(,"taxgrp":1}],"pays":[{"type":2,"sum":)", sum, "}]}}}");
  }
  TaskOutcome Ask(RegisterModel& model, const std::string& body,
                  absl::Duration later = absl::ZeroDuration()) const {
    return model.Execute(*ReadTaskRequest(body), body, start_ + later);
  }

  KyivTime kyiv_ = *KyivTime::Load();
  absl::Time start_ = kyiv_.AtMinuteOf(absl::CivilDay(2025, 11, 24), 12 * 60);
};

TEST_F(ModelTest, ATagIsRememberedAsTheSwitchSays) {
  for (const TagMemory memory : {TagMemory::kNever, TagMemory::kShift, TagMemory::kForever}) {
    RegisterModel model = Model({.tag_memory = memory, .closes_at_midnight = true});
    Ask(model, Body("t"));
    const bool again = Ask(model, Body("t"), absl::Hours(1)).repeated;
    const bool next_day = Ask(model, Body("t"), absl::Hours(13)).repeated;
    EXPECT_EQ(again, memory != TagMemory::kNever);
    EXPECT_EQ(next_day, memory == TagMemory::kForever);
  }
}

TEST_F(ModelTest, OtherBytesUnderATagAreRefusedOrGetTheFirstReceipt) {
  RegisterModel strict = Model({.other_body = OtherBody::kRefused});
  Ask(strict, Body("t"));
  EXPECT_NE(Ask(strict, Body("t", "46.00")).res, 0);
  RegisterModel lenient = Model({.other_body = OtherBody::kFirstReceipt});
  const TaskOutcome first = Ask(lenient, Body("t"));
  EXPECT_EQ(Ask(lenient, Body("t", "46.00")).receipt, first.receipt);
}

TEST_F(ModelTest, AClosedShiftIsOpenedOrRefused) {
  RegisterModel opens = Model({.closed_shift = ClosedShift::kOpensByReceipt, .open_at_start = false});
  EXPECT_EQ(Ask(opens, Body("t")).res, 0);
  RegisterModel refuses = Model({.closed_shift = ClosedShift::kCode1092, .open_at_start = false});
  EXPECT_EQ(Ask(refuses, Body("t")).res, 1092);
  EXPECT_EQ(Ask(refuses, R"({"tag":"o","fiscal":{"task":0}})").res, 0);
  EXPECT_EQ(Ask(refuses, Body("t")).res, 0);
}

TEST_F(ModelTest, AWrongSumIsRefusedAndNoted) {
  RegisterModel model = Model({});
  std::string body = Body("t");
  body.replace(body.find("\"sum\":45.00"), 11, "\"sum\":45.01");
  EXPECT_EQ(Ask(model, body).res, 1101);
  EXPECT_EQ(model.wrong_sums().size(), 1U);
}

TEST(Timeline, EventsOfAProcessThatIsGoneDoNotHappen) {
  Timeline timeline(absl::UnixEpoch());
  std::string happened;
  timeline.After(absl::Seconds(1), [&] { happened += "w"; });
  timeline.After(
      absl::Seconds(1), [&] { happened += "p"; }, 1);
  timeline.Disown(1);
  timeline.After(
      absl::Seconds(1), [&] { happened += "p"; }, 1);
  timeline.After(
      absl::Seconds(1), [&] { happened += "q"; }, 2);
  while (timeline.RunNext(absl::Seconds(5))) {
  }
  EXPECT_EQ(happened, "wq");
  EXPECT_EQ(timeline.Monotonic(), absl::Seconds(5));
}

TEST(Shrink, KeepsWhatTheFailureNeeds) {
  const std::vector<std::string> parts = {"d0", "d1", "d2", "f0", "f1", "c0"};
  const auto dropped = Shrink(
      parts,
      [](const std::set<std::string>& without) { return !without.contains("d1") && !without.contains("c0"); },
      100);
  EXPECT_EQ(dropped, (std::set<std::string>{"d0", "d2", "f0", "f1"}));
}

}  // namespace
}  // namespace kasa::simulation
