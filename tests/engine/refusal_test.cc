#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// What becomes of a document that its register refuses, and of a lane whose register can't work.
namespace kasa::engine {
namespace {

using domain::State;
using simulator::Fault;
using simulator::FaultKind;

Fault RefusalWith(int res, int res_action = 3) {
  return RefusalOf(1, res, res_action);
}

TEST(Sale, RefusedForItsContentFailsAndTheLaneGoesOn) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalWith(1110)).ok());
  const auto refused = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->fiscalization->state, State::kFailed);
  EXPECT_EQ(refused->fiscalization->failure->reason, Reason::kPaymentTypeNotEnabled);
  EXPECT_EQ(refused->fiscalization->failure->upstream->res, 1110);
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state, State::kFiscalized);
  // The same content again returns the failure; only a retry sends it again.
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFailed);
  const auto retried = gateway.Retry(refused->fiscalization->id);
  ASSERT_TRUE(retried.ok()) << retried.status();
  EXPECT_EQ(retried->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

TEST(Retry, OfARegisterThatRepeatsItsRefusalGoesOutUnderTheNextTag) {
  simulator::Switches switches;
  switches.refused_tag = simulator::RefusedTag::kRepeated;
  EngineOnSimulator gateway({.switches = switches});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalWith(1110)).ok());
  const auto refused = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(refused.ok());
  const auto retried = gateway.Retry(refused->fiscalization->id);
  ASSERT_TRUE(retried.ok()) << retried.status();
  EXPECT_EQ(retried->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(retried->fiscalization->tag_number, 1);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

// By the time it is sent again the token was taken: the register told its status under it.
TEST(Retry, OfARegisterThatRepeatsItsRefusalOfTheTokenGoesOutUnderTheNextTag) {
  for (const int res : {1083, 2001}) {
    SCOPED_TRACE(res);
    simulator::Switches switches;
    switches.refused_tag = simulator::RefusedTag::kRepeated;
    EngineOnSimulator gateway({.switches = switches});
    ASSERT_TRUE(gateway.cloud().AddFault(RefusalWith(res)).ok());
    const auto sold = gateway.Fiscalize(gateway.Sale("so-1"));
    ASSERT_TRUE(sold.ok());
    EXPECT_EQ(sold->fiscalization->state, State::kFiscalized);
    EXPECT_EQ(sold->fiscalization->tag_number, 1);
    EXPECT_EQ(gateway.Receipts().size(), 1);
  }
}

simulator::Switches KnownOnceRefused() {
  simulator::Switches switches;
  switches.refused_tag = simulator::RefusedTag::kKnownCode;
  switches.auto_open_shift = false;
  switches.shift_closed_code = 1092;
  return switches;
}

// The tag was answered "shift closed"; the shift is open by the time it comes again, and the register refuses
// it for being known, with a code that nobody knows.
TEST(KnownTag, OfWhatWasRefusedForAClosedShiftGoesOutUnderTheNext) {
  EngineOnSimulator gateway({.switches = KnownOnceRefused()});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
  // Several in a row, so that they can't be taken for documents that are refused alike.
  for (int i = 1; i <= 4; ++i) {
    OnRegister(gateway, [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); });
    const auto sold = gateway.Fiscalize(gateway.Sale(absl::StrCat("so-", i)));
    ASSERT_TRUE(sold.ok()) << sold.status();
    EXPECT_EQ(sold->fiscalization->state, State::kFiscalized);
    EXPECT_EQ(sold->fiscalization->tag_number, 1);
    // "Closed", "known", "known" again, and made under the next tag.
    EXPECT_EQ(sold->fiscalization->attempts, 4);
  }
  EXPECT_EQ(gateway.Receipts().size(), 5);
  EXPECT_TRUE(gateway.cloud().Violations().empty());
}

TEST(KnownTag, OfWhatIsWrongIndeedFailsAllTheSame) {
  for (const bool in_the_same_words : {true, false}) {
    EngineOnSimulator gateway({});
    ASSERT_TRUE(gateway.cloud().AddFault(RefusalWith(1092)).ok());
    for (const int res : in_the_same_words ? std::vector{7777, 7777, 7777} : std::vector{7777, 7778}) {
      ASSERT_TRUE(gateway.cloud().AddFault(RefusalWith(res)).ok());
    }
    const auto refused = gateway.Fiscalize(gateway.Sale("so-1"));
    ASSERT_TRUE(refused.ok()) << refused.status();
    EXPECT_EQ(refused->fiscalization->state, State::kFailed);
    EXPECT_EQ(refused->fiscalization->failure->reason, Reason::kRegisterRefused);
    // Once more under the same tag; what is refused alike twice goes out once more under the next.
    EXPECT_EQ(refused->fiscalization->attempts, in_the_same_words ? 4 : 3);
    EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state, State::kFiscalized);
    EXPECT_EQ(gateway.Receipts().size(), 1);
  }
}

class Correction : public testing::TestWithParam<simulator::RefusedTag> {};

TEST_P(Correction, OfWhatWasRefusedTakesItsPlace) {
  simulator::Switches switches;
  switches.refused_tag = GetParam();
  EngineOnSimulator gateway({.switches = switches});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalWith(1110)).ok());
  const auto refused = gateway.Fiscalize(gateway.Sale("so-1", 4500));
  ASSERT_TRUE(refused.ok());
  ASSERT_EQ(refused->fiscalization->state, State::kFailed);
  EXPECT_TRUE(refused->fiscalization->failure->correction_allowed);
  const auto corrected = gateway.Fiscalize(gateway.Sale("so-1", 4600));
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(corrected->fiscalization->id, refused->fiscalization->id);
  ASSERT_EQ(gateway.Receipts().size(), 1);
  EXPECT_EQ(gateway.Receipts()[0].receipt.sum, 4600);
}

TEST_P(Correction, AfterTheTagNumberHasRisenGoesOutUnderTheRisenTag) {
  simulator::Switches switches;
  switches.refused_tag = GetParam();
  EngineOnSimulator gateway({.switches = switches});
  Fault refusal = RefusalWith(1110);
  refusal.times = 3;
  ASSERT_TRUE(gateway.cloud().AddFault(refusal).ok());
  const auto refused = gateway.Fiscalize(gateway.Sale("so-1", 4500));
  ASSERT_TRUE(refused.ok());
  ASSERT_EQ(gateway.Retry(refused->fiscalization->id)->fiscalization->state, State::kFailed);
  ASSERT_GT(gateway.Get(refused->fiscalization->id)->tag_number, 0);
  const auto corrected = gateway.Fiscalize(gateway.Sale("so-1", 4600));
  ASSERT_TRUE(corrected.ok()) << corrected.status();
  EXPECT_EQ(corrected->fiscalization->state, State::kFiscalized);
  ASSERT_EQ(gateway.Receipts().size(), 1);
  EXPECT_EQ(gateway.Receipts()[0].tag, corrected->fiscalization->tag);
}

INSTANTIATE_TEST_SUITE_P(WhateverTheRegisterRemembers, Correction,
                         testing::Values(simulator::RefusedTag::kJudgedAnew, simulator::RefusedTag::kRepeated,
                                         simulator::RefusedTag::kKnownCode));

TEST(UnknownRefusal, WithAHealthyRegisterIsTheDocuments) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalWith(7777)).ok());
  const auto refused = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->fiscalization->state, State::kFailed);
  EXPECT_EQ(refused->fiscalization->failure->reason, Reason::kRegisterRefused);
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state, State::kFiscalized);
}

TEST(UnknownRefusal, OfThreeDocumentsAlikePausesTheLane) {
  EngineOnSimulator gateway({});
  Fault alike = RefusalWith(7777);
  alike.times = 3;
  ASSERT_TRUE(gateway.cloud().AddFault(alike).ok());
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFailed);
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state, State::kFailed);
  // The third is not failed: it waits, and goes out when the register has recovered.
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-3"))->fiscalization->state, State::kFiscalized);
}

TEST(RegisterTrouble, PausesTheLaneSaysWhyAndEndsByItself) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  Fault no_money = RefusalWith(1123);
  no_money.times = 2;
  ASSERT_TRUE(gateway.cloud().AddFault(no_money).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

TEST(RegisterTrouble, BlockedIsSeenByTheStatusAndNothingIsSentMeanwhile) {
  EngineOnSimulator gateway({});
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(true); });
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kRegisterBlocked));
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id)->state, State::kAccepted);
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(false); });
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
}

TEST(RegisterTrouble, ATokenThatIsRefusedStopsTheLaneUntilItWorks) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "another-token-0001").ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kTokenRefused));
  EXPECT_EQ(gateway.store().integrations().Get("shop-1")->integration.token_state,
            domain::TokenState::kRefused);
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.token = Secret("another-token-0001");
    return absl::OkStatus();
  });
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  EXPECT_EQ(gateway.store().integrations().Get("shop-1")->integration.token_state,
            domain::TokenState::kAccepted);
}

TEST(RegisterTrouble, TooManyRequestsIsWaitedOutAndNothingIsInDoubt) {
  EngineOnSimulator gateway({});
  Fault throttled{.kind = FaultKind::kHttpStatus};
  throttled.task = 1;
  throttled.status = 429;
  throttled.committed = false;
  throttled.times = 3;
  ASSERT_TRUE(gateway.cloud().AddFault(throttled).ok());
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
}

TEST(RegisterTrouble, AnUnreachableServiceKeepsDocumentsAccepted) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  gateway.simulator().Stop();
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-2"), absl::Milliseconds(300));
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_NE(accepted->fiscalization->state, State::kFiscalized);
  ASSERT_TRUE(gateway.simulator().Restart().ok());
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

// Its shift may be closed: an opening tells.
TEST(UnknownRefusal, OfAWordlessRegisterIsTheDocumentsOnceAnOpeningDidNotHelp) {
  for (const bool helps : {false, true}) {
    simulator::Switches switches;
    switches.status_omits_shift = true;
    EngineOnSimulator gateway({.switches = switches});
    ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
    Fault refused = RefusalWith(7777);
    refused.times = helps ? 1 : 0;
    ASSERT_TRUE(gateway.cloud().AddFault(refused).ok());
    EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state,
              helps ? State::kFiscalized : State::kFailed);
    std::vector<int> openings_and_sales;
    for (const auto& record : gateway.cloud().Log()) {
      if (record.task == 0 || record.task == 1) openings_and_sales.push_back(*record.task);
    }
    // Refused twice alike it goes out once more, under the next tag.
    EXPECT_EQ(openings_and_sales,
              helps ? (std::vector<int>{0, 1, 1, 0, 1}) : (std::vector<int>{0, 1, 1, 0, 1, 0, 1}));
  }
}

}  // namespace
}  // namespace kasa::engine
