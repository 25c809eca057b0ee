#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// A doubt at the head of a lane under the policy PARK: it holds the lane for the doubt window, then leaves it
// (architecture.md, rule 4).
namespace kasa::engine {
namespace {

using domain::DocumentKind;
using domain::ResolutionOutcome;
using domain::State;
using domain::TagMemory;
using simulator::Fault;
using simulator::FaultKind;

Fault Lost(bool made) {
  Fault fault{.kind = made ? FaultKind::kNoAnswerAfterCommit : FaultKind::kNoAnswerBeforeCommit};
  fault.task = 1;
  return fault;
}

Fault Refusal(int res, int res_action, bool committed) {
  Fault fault{.kind = FaultKind::kRefusal, .committed = committed};
  fault.task = 1;
  fault.res = res;
  fault.res_action = res_action;
  return fault;
}

class Parking : public testing::Test {
 protected:
  // A register whose listings tell nothing, so that only a person can settle its doubts.
  static EngineOnSimulator::Options OptionsFor(TagMemory memory) {
    simulator::Switches switches;
    switches.listing_state = simulator::ListingState::kNotFound;
    return {.switches = switches, .tag_memory = memory, .settings = [](Settings& settings) {
              settings.doubt_window = absl::Seconds(2);  // the hold time is 800 ms
            }};
  }

  void SetUp() override {
    SetPolicy(domain::DoubtPolicy::kPark);
    ASSERT_TRUE(gateway_.Fiscalize(gateway_.Sale("first")).ok());  // opens the shift
  }

  void SetPolicy(domain::DoubtPolicy policy) {
    gateway_.Change(1, [policy](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
      record.integration.doubt_policy = policy;
      return absl::OkStatus();
    });
  }

  // A sale of 45.00 of which nothing is heard.
  std::string Doubt(const Fault& fault, const std::string& document = "doubted") {
    EXPECT_TRUE(gateway_.cloud().AddFault(fault).ok());
    const auto accepted = gateway_.Fiscalize(gateway_.Sale(document), absl::ZeroDuration());
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    return accepted->fiscalization->id;
  }

  bool IsParked(const std::string& id) {
    const auto now = gateway_.Get(id);
    return now.ok() && now->doubt && now->doubt->parked;
  }
  bool AwaitParked(const std::string& id) {
    return gateway_.AwaitThat([&] { return IsParked(id); });
  }

  absl::StatusOr<domain::Fiscalization> Say(const std::string& id, ResolutionOutcome outcome,
                                            const std::string& fiscal_number = "") {
    return gateway_.Resolve({.fiscalization_id = id,
                             .outcome = outcome,
                             .fiscal_number = fiscal_number,
                             .principal = "olena",
                             .note = "looked in the cabinet",
                             .accept_unverified = true});
  }

  LaneView Lane() { return *gateway_.engine().LaneOf(EngineOnSimulator::kFisid); }

  EngineOnSimulator gateway_{OptionsFor(TagMemory::kUnproven)};
};

TEST_F(Parking, LetsTheLaneGoOnAfterTheWindowAndSendsTheDoubtNoMore) {
  const std::string doubted = Doubt(Lost(true));
  const auto next = gateway_.Fiscalize(gateway_.Sale("next"), absl::ZeroDuration());
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(Lane().in_doubt + Lane().queued, 2);
  // Its own hold time, and the window, before that.
  ASSERT_TRUE(gateway_.AwaitLane(LaneState::kReconciling, Reason::kTagMemoryUnproven));
  EXPECT_EQ(gateway_.Get(next->fiscalization->id)->state, State::kAccepted);
  EXPECT_EQ(gateway_.Get(next->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  const domain::Fiscalization parked = *gateway_.Get(doubted);
  EXPECT_EQ(parked.state, State::kInDoubt);
  EXPECT_TRUE(parked.doubt->parked);
  EXPECT_EQ(parked.doubt->next_step, domain::DoubtStep::kWaitForOperator);
  EXPECT_EQ(parked.attempts, 1);
  EXPECT_EQ(Lane().state, LaneState::kRunning);
  EXPECT_EQ(Lane().in_doubt, 1);
  EXPECT_EQ(Lane().parked, 1);
  EXPECT_EQ(Lane().queued, 0);
  EXPECT_EQ(gateway_.Receipts().size(), 3);
}

TEST_F(Parking, EndsWithTheReceiptThatAnOperatorNames) {
  const std::string doubted = Doubt(Lost(true));
  ASSERT_TRUE(AwaitParked(doubted));
  const auto receipts = gateway_.Receipts();
  ASSERT_EQ(receipts.size(), 2);
  const auto settled = Say(doubted, ResolutionOutcome::kReceiptExists, receipts[1].fiscal_number);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_TRUE(settled->resolution->verified);
  EXPECT_EQ(Lane().in_doubt, 0);
}

TEST_F(Parking, PutsBackWhatAnOperatorSaysIsAbsent) {
  const std::string doubted = Doubt(Lost(false));
  ASSERT_TRUE(AwaitParked(doubted));
  ASSERT_TRUE(gateway_.Fiscalize(gateway_.Sale("next")).ok());
  ASSERT_TRUE(Say(doubted, ResolutionOutcome::kAbsentSend).ok());
  const auto sent = gateway_.Get(doubted, absl::Seconds(30));
  EXPECT_EQ(sent->state, State::kFiscalized);
  EXPECT_EQ(sent->attempts, 2);
  EXPECT_EQ(gateway_.Receipts().size(), 3);
}

TEST_F(Parking, SurvivesARestartAndIsTakenAtAnOperatorsWordAtOnce) {
  const std::string doubted = Doubt(Lost(false));
  ASSERT_TRUE(AwaitParked(doubted));
  gateway_.CrashAndStart();
  EXPECT_EQ(gateway_.Fiscalize(gateway_.Sale("next"))->fiscalization->state, State::kFiscalized);
  EXPECT_TRUE(IsParked(doubted));
  EXPECT_EQ(Lane().parked, 1);
  EXPECT_EQ(Say(doubted, ResolutionOutcome::kAbsentGiveUp)->state, State::kFailed);
}

TEST_F(Parking, IsNotUndoneByAnotherPolicy) {
  const std::string doubted = Doubt(Lost(false));
  ASSERT_TRUE(AwaitParked(doubted));
  SetPolicy(domain::DoubtPolicy::kHold);
  gateway_.CrashAndStart();
  EXPECT_EQ(gateway_.Fiscalize(gateway_.Sale("next"))->fiscalization->state, State::kFiscalized);
  EXPECT_TRUE(IsParked(doubted));
  // The next doubt holds its lane again.
  const std::string held = Doubt(Lost(false), "held");
  const auto behind = gateway_.Fiscalize(gateway_.Sale("behind"), absl::Seconds(3));
  ASSERT_TRUE(behind.ok());
  EXPECT_EQ(behind->fiscalization->state, State::kAccepted);
  EXPECT_FALSE(IsParked(held));
  EXPECT_EQ(Lane().head_fiscalization_id, held);
  EXPECT_EQ(Lane().in_doubt, 2);
}

TEST_F(Parking, CountsAsInDoubtForTheOrderAndForReturns) {
  DocumentRequest sale = gateway_.Sale("sale", 4500);
  ASSERT_EQ(gateway_.Fiscalize(sale)->fiscalization->state, State::kFiscalized);
  DocumentRequest back = gateway_.Sale("back", 4500);
  back.kind = DocumentKind::kReturn;
  back.document.order_id = "";
  back.document.original_sale = domain::OriginalSale{
      .document = domain::DocumentName{"test", DocumentKind::kSale, "sale", std::nullopt},
      .fiscal_number = ""};
  Fault lost = Lost(true);
  lost.task = 2;
  ASSERT_TRUE(gateway_.cloud().AddFault(lost).ok());
  const auto returning = gateway_.Fiscalize(back, absl::ZeroDuration());
  ASSERT_TRUE(returning.ok()) << returning.status();
  ASSERT_TRUE(AwaitParked(returning->fiscalization->id));
  DocumentRequest again = back;
  again.document_id = "back-again";
  const auto refused = gateway_.Fiscalize(again, absl::ZeroDuration());
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition) << refused.status();
  // What is parked can't be returned either: whether there is a receipt is not known.
  const std::string doubted = Doubt(Lost(true), "doubted-sale");
  ASSERT_TRUE(AwaitParked(doubted));
  DocumentRequest of_doubted = back;
  of_doubted.document_id = "back-of-doubted";
  of_doubted.document.original_sale->document->document_id = "doubted-sale";
  EXPECT_EQ(gateway_.Fiscalize(of_doubted, absl::ZeroDuration()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

struct NeverCase {
  std::string name;
  int res;
  int res_action;
};
class NeverParked : public Parking, public testing::WithParamInterface<NeverCase> {};

TEST_P(NeverParked, WhatTheRegisterWaitsForHoldsItsLaneAlsoAfterARestart) {
  Fault asked = Refusal(GetParam().res, GetParam().res_action, true);
  ASSERT_TRUE(gateway_.cloud().AddFault(asked).ok());
  Fault unheard = Lost(true);
  unheard.times = 0;  // from then on nothing is heard of it
  const std::string doubted = Doubt(unheard);
  for (const bool restart : {false, true}) {
    if (restart) gateway_.CrashAndStart();
    const auto behind = gateway_.Fiscalize(gateway_.Sale(absl::StrCat("behind-", restart)), absl::Seconds(3));
    ASSERT_TRUE(behind.ok()) << behind.status();
    EXPECT_EQ(behind->fiscalization->state, State::kAccepted);
    EXPECT_FALSE(IsParked(doubted));
    EXPECT_EQ(gateway_.Get(doubted)->doubt->never_park, true);
  }
}

INSTANTIATE_TEST_SUITE_P(RegistersThatWait, NeverParked,
                         testing::Values(NeverCase{"may repeat", 1034, 1}, NeverCase{"collision", 1105, 2},
                                         NeverCase{"collision not solved yet", 1075, 3}),
                         [](const auto& of) { return absl::StrCat("res", of.param.res); });

TEST(ParkingUnderTagMemory, ComesOnlyAfterTheRequestWasSentAgainInVain) {
  simulator::Switches switches;
  switches.listing_state = simulator::ListingState::kNotFound;
  EngineOnSimulator gateway(
      {.switches = switches, .tag_memory = TagMemory::kForever, .settings = [](Settings& settings) {
         settings.doubt_window = absl::Seconds(2);
       }});
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.doubt_policy = domain::DoubtPolicy::kPark;
    return absl::OkStatus();
  });
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
  Fault unheard = Lost(true);
  unheard.times = 0;
  ASSERT_TRUE(gateway.cloud().AddFault(unheard).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  const std::string id = accepted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->doubt && gateway.Get(id)->doubt->parked; }));
  const int attempts = gateway.Get(id)->attempts;
  EXPECT_GT(attempts, 1);
  gateway.cloud().ClearFaults();
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("next"))->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(gateway.Get(id)->attempts, attempts);
  EXPECT_EQ(gateway.Receipts().size(), 3);
}

}  // namespace
}  // namespace kasa::engine
