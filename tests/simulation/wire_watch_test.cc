#include "tests/simulation/wire_watch.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/secret.h"

// A gateway that breaks a rule on the wire, by hand: each check of the wire must say so, and only then.
namespace kasa::simulation {
namespace {

using Judged = Cloud::Judged;

constexpr absl::Duration kHoldTime = absl::Seconds(120);

class WireWatchTest : public testing::Test {
 protected:
  WireWatchTest() {
    watch_.SetClaim(0, domain::TagMemory::kForever);
    watch_.told = [this](const std::string&) { return told_; };
    watch_.asked_again_is_stored = [this](const std::string&) { return asked_again_is_stored_; };
  }

  Cloud& WithARegister() {
    const Switches switches{.tag_memory = TagMemory::kShift, .closes_at_midnight = true};
    cloud_.AddRegister(std::make_unique<RegisterModel>("4000000001", "12345678", switches, kyiv_,
                                                       timeline_.TrueNow(), Random(1)),
                       "token-1");
    return cloud_;
  }

  static std::string Body(int task, const std::string& tag, const std::string& sum = "45.00") {
    return absl::StrCat(R"({"tag":")", tag, R"(","fiscal":{"task":)", task, R"(,"receipt":{"sum":)", sum,
                        R"(,"rows":[{"code":"c","name":"n","cnt":1.000,"price":)", sum,
                        R"(,"taxgrp":1}],"pays":[{"type":2,"sum":)", sum, "}]}}}");
  }

  int64_t Leaves(const std::string& body, const std::string& token = "token-1") {
    vchasno::HttpRequest request;
    request.method = vchasno::HttpMethod::kPost;
    request.url = "https://kasa.example/api/v3/fiscal/execute";
    request.token = Secret(token);
    request.body = body;
    return watch_.Left(request);
  }
  void Sends(const std::string& body, Judged judged, const std::string& token = "token-1") {
    watch_.Returned(Leaves(body, token), {.judged = judged});
  }
  void AsksStatus(const std::string& token = "token-1") { Sends(Body(kStatus, ""), Judged::kNothing, token); }
  void TellsItsNameUnder(const std::string& token) {
    Cloud::Reply reply{.judged = Judged::kNothing};
    reply.outcome = vchasno::HttpOutcome::kAnswered;
    reply.status = 200;
    reply.body = absl::StrCat("{\"fisid\":\"", cloud_.at(0).number(), "\"}");
    watch_.Returned(Leaves(Body(kStatus, ""), token), reply);
  }
  void GetsNoAnswerTo(const std::string& body) {
    watch_.Returned(Leaves(body), {.outcome = vchasno::HttpOutcome::kRequestLeft, .status = 0});
  }
  void TellsAClock(absl::Duration ahead) {
    const std::string clock = kyiv_.FormatRegisterTime(timeline_.Now() + ahead);
    watch_.Returned(Leaves(Body(kStatus, "")), {.body = absl::StrCat(R"({"res":0,"task":18,"dt":")", clock,
                                                                     R"(","info":{"fisid":"4000000001"}})")});
  }
  void Sells(const std::string& tag, Judged judged, const std::string& token = "token-1") {
    Sends(Body(kSale, tag), judged, token);
  }
  void AnswersAnOpeningAlike(int times) {
    AsksStatus();
    Sends(Body(kOpenShift, "o"), Judged::kAskedAgain);
    for (int time = 0; time < times; ++time) Sends(Body(kOpenShift, "o"), Judged::kNothing);
  }
  void IsMade(const std::string& tag) {
    const std::string body = Body(kSale, tag);
    cloud_.at(0).Execute(*ReadTaskRequest(body), body, timeline_.TrueNow());
  }
  void Passes(absl::Duration time) {
    while (timeline_.RunNext(timeline_.Monotonic() + time)) {
    }
  }
  std::string Broken() const { return trace_.violation() ? trace_.violation()->rule : ""; }

  KyivTime kyiv_ = *KyivTime::Load();
  Timeline timeline_{kyiv_.AtMinuteOf(absl::CivilDay(2025, 11, 24), 12 * 60)};
  Trace trace_{timeline_, false};
  Cloud cloud_{timeline_, kyiv_, Random(1)};
  WireWatch watch_{timeline_, WithARegister(), trace_, kHoldTime};
  WireWatch::Told told_;
  bool asked_again_is_stored_ = false;
};

TEST_F(WireWatchTest, SalesAfterAStatusBreakNothing) {
  AsksStatus();
  Sells("a", Judged::kDone);
  Sells("b", Judged::kRefused);
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, TwoRequestsAtOnce) {
  AsksStatus();
  Leaves(Body(kSale, "a"));
  Leaves(Body(kStatus, ""));
  EXPECT_EQ(Broken(), "one_in_flight");
}

TEST_F(WireWatchTest, ASaleBeforeAnyStatus) {
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "verified_first");
}

TEST_F(WireWatchTest, ASaleAfterAStartAndNoStatus) {
  AsksStatus();
  watch_.ProcessGone();
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "verified_first");
}

TEST_F(WireWatchTest, ASaleUnderAnotherTokenAndNoStatus) {
  AsksStatus();
  Sells("a", Judged::kDone, "token-1-next");
  EXPECT_EQ(Broken(), "verified_first");
}

TEST_F(WireWatchTest, AStatusWhileOneWithoutAnAnswerMayBeAtWork) {
  GetsNoAnswerTo(Body(kStatus, ""));
  Passes(kHoldTime - absl::Seconds(1));
  AsksStatus();
  EXPECT_EQ(Broken(), "at_work");
}

TEST_F(WireWatchTest, ASaleWhileAnOpeningWithoutAnAnswerMayBeAtWork) {
  AsksStatus();
  GetsNoAnswerTo(Body(kOpenShift, "o"));
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "at_work");
}

TEST_F(WireWatchTest, AStatusAfterTheHoldTimeOfOneWithoutAnAnswer) {
  GetsNoAnswerTo(Body(kStatus, ""));
  Passes(kHoldTime);
  AsksStatus();
  EXPECT_EQ(Broken(), "");
}

// --- the register's clock
TEST_F(WireWatchTest, ASaleWhileTheClockIsOff) {
  TellsAClock(absl::Minutes(10));
  TellsAClock(absl::Minutes(10));
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "clock_off");
}

TEST_F(WireWatchTest, ASaleAfterTheClockWasOffOnce) {
  TellsAClock(-absl::Minutes(10));
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, ASaleAfterTheClockAgreesAgain) {
  TellsAClock(absl::Minutes(10));
  TellsAClock(absl::Minutes(10));
  TellsAClock(absl::Minutes(4));
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, ASaleAfterOthersWereToldThatTheClockIsOff) {
  AsksStatus();
  watch_.OthersAsk(0, true);
  TellsAClock(absl::Minutes(10));
  TellsAClock(absl::Minutes(10));
  watch_.OthersAsk(0, false);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, ASaleAfterTheGatewaysClockWasSetRight) {
  TellsAClock(absl::Minutes(10));
  TellsAClock(absl::Minutes(10));
  timeline_.JumpWall(absl::Minutes(10));
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

// --- what is marked, and whether anything may be sent
TEST_F(WireWatchTest, ASaleWithoutItsMark) {
  watch_.is_marked = [](const std::string&, const std::string&) { return false; };
  AsksStatus();
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "marked_before_sent");
}

TEST_F(WireWatchTest, ASaleFromAStoreThatIsPaused) {
  AsksStatus();
  watch_.SetPaused(true);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "paused_store");
}

TEST_F(WireWatchTest, ASaleThroughAnIntegrationThatIsLongInactive) {
  AsksStatus();
  watch_.SetActive(0, false);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
  Passes(absl::Minutes(5));
  Sells("b", Judged::kDone);
  EXPECT_EQ(Broken(), "inactive");
}

// --- what a register asks for again
TEST_F(WireWatchTest, AnotherSaleThanWasAskedFor) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  Sells("b", Judged::kDone);
  EXPECT_EQ(Broken(), "same_tag_next");
}

TEST_F(WireWatchTest, AStatusBeforeWhatWasAskedFor) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  AsksStatus();
  EXPECT_EQ(Broken(), "same_tag_next");
}

TEST_F(WireWatchTest, WhatWasAskedForAfterAStartAndNoStatus) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  watch_.ProcessGone();
  asked_again_is_stored_ = true;
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

// The gateway acts upon an operator's word before he hears that it was taken.
TEST_F(WireWatchTest, AStatusAfterAWordThatIsStored) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  watch_.WordUnderWay("a");
  told_.not_in_doubt = true;
  AsksStatus();
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, AStatusAfterAWordThatIsNotStored) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  watch_.WordUnderWay("a");
  AsksStatus();
  EXPECT_EQ(Broken(), "same_tag_next");
}

TEST_F(WireWatchTest, WhatWasAskedForUnderAnotherTokenAndNoStatus) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  Sells("a", Judged::kDone, "token-1-next");
  EXPECT_EQ(Broken(), "verified_first");
}

TEST_F(WireWatchTest, WhatWasAskedForUnderAnotherTokenThatIsKnownAfterAStart) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  TellsItsNameUnder("token-1-next");
  watch_.ProcessGone();
  asked_again_is_stored_ = true;
  Sells("a", Judged::kDone, "token-1-next");
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, AStatusUnderAnotherTokenBeforeWhatWasAskedFor) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  AsksStatus("token-1-next");
  Sells("a", Judged::kDone, "token-1-next");
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, AStatusAndAnOpeningAfterWhatWasAskedForMetAClosedShift) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  Sells("a", Judged::kShiftClosed);
  AsksStatus();
  Sends(Body(kOpenShift, "opening"), Judged::kDone);
  EXPECT_EQ(Broken(), "");
  Sells("b", Judged::kDone);
  EXPECT_EQ(Broken(), "same_tag_next");
}

// ADR 0015: the last word on it.
TEST_F(WireWatchTest, AStatusBeforeAnOpeningThatWasAnsweredAlikeSevenTimes) {
  AnswersAnOpeningAlike(7);
  AsksStatus();
  EXPECT_EQ(Broken(), "same_tag_next");
}

TEST_F(WireWatchTest, AStatusBeforeAnOpeningThatWasAnsweredAlikeEightTimes) {
  AnswersAnOpeningAlike(8);
  AsksStatus();
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, AnotherSaleOnceWhatWasAskedForWasRefusedAndIsProvenAbsent) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  Sells("a", Judged::kShiftClosed);
  told_.not_in_doubt = true;
  Sells("b", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

// An answer that a crash cut off excuses a status, and nothing else.
TEST_F(WireWatchTest, AStatusBeforeWhatNobodyKnowsWasAskedFor) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  watch_.ProcessGone();
  asked_again_is_stored_ = false;
  Passes(kHoldTime);
  AsksStatus();
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, NoStatusBeforeWhatNobodyKnowsWasAskedFor) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  watch_.ProcessGone();
  asked_again_is_stored_ = false;
  Passes(kHoldTime);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "verified_first");
}

TEST_F(WireWatchTest, AnotherSaleThanNobodyKnowsWasAskedFor) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  watch_.ProcessGone();
  asked_again_is_stored_ = false;
  AsksStatus();
  told_.in_doubt = true;
  Sells("b", Judged::kDone);
  EXPECT_EQ(Broken(), "same_tag_next");
}

TEST_F(WireWatchTest, AStatusBeforeWhatAnAnswerThatIsLostHadFreed) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  Sells("a", Judged::kDone);
  watch_.ProcessGone();
  asked_again_is_stored_ = true;
  AsksStatus();
  EXPECT_EQ(Broken(), "same_tag_next");
}

// --- sending again
TEST_F(WireWatchTest, AgainWithinTheHoldTime) {
  AsksStatus();
  Sells("a", Judged::kNothing);
  Passes(kHoldTime - absl::Seconds(1));
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "hold_time");
}

TEST_F(WireWatchTest, AgainAfterTheHoldTime) {
  AsksStatus();
  Sells("a", Judged::kNothing);
  Passes(kHoldTime);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, AgainWithOtherBytes) {
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  Sends(Body(kSale, "a", "46.00"), Judged::kDone);
  EXPECT_EQ(Broken(), "same_bytes");
}

TEST_F(WireWatchTest, AgainWhatIsParked) {
  AsksStatus();
  Sells("a", Judged::kNothing);
  Passes(kHoldTime);
  told_ = {.in_doubt = true, .parked = true};
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "parked");
}

TEST_F(WireWatchTest, AgainThoughNothingIsProvenOfTagMemory) {
  watch_.SetClaim(0, domain::TagMemory::kUnproven);
  AsksStatus();
  Sells("a", Judged::kNothing);
  Passes(kHoldTime);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "tag_memory");
}

TEST_F(WireWatchTest, AgainInTheNextShift) {
  watch_.SetClaim(0, domain::TagMemory::kSameShift);
  AsksStatus();
  Sells("a", Judged::kNothing);
  Passes(absl::Hours(13));
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "tag_memory");
}

// Nothing was made, as it happens; but the gateway could not know.
TEST_F(WireWatchTest, WithLuckAndWithoutProof) {
  watch_.SetClaim(0, domain::TagMemory::kUnproven);
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  told_ = {.in_doubt = true, .looks = 2, .last_look_proved_absence = false};
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "tag_memory");
}

TEST_F(WireWatchTest, WithAProofFromBeforeTheLastSend) {
  watch_.SetClaim(0, domain::TagMemory::kUnproven);
  told_ = {.in_doubt = true, .looks = 2, .last_look_proved_absence = true};
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "tag_memory");
}

TEST_F(WireWatchTest, WithProof) {
  watch_.SetClaim(0, domain::TagMemory::kUnproven);
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  told_ = {.in_doubt = true, .looks = 2, .last_look_proved_absence = true};
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "");
}

TEST_F(WireWatchTest, WithAProofThatIsFalse) {
  watch_.SetClaim(0, domain::TagMemory::kUnproven);
  AsksStatus();
  Sells("a", Judged::kAskedAgain);
  IsMade("a");
  told_ = {.in_doubt = true, .looks = 2, .last_look_proved_absence = true};
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "false_absence");
}

TEST_F(WireWatchTest, TakenForAbsentThoughItIsThere) {
  AsksStatus();
  Sells("a", Judged::kNothing);
  IsMade("a");
  told_.not_in_doubt = true;
  Passes(kHoldTime);
  Sells("a", Judged::kDone);
  EXPECT_EQ(Broken(), "false_absence");
}

}  // namespace
}  // namespace kasa::simulation
