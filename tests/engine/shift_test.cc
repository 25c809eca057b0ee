#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/kyiv_time.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// Shifts: the quiet window around automatic closing, and a shift that is open for too long (product.md, point
// 15).
namespace kasa::engine {
namespace {

using domain::State;
using simulator::Register;

// How many requests of this kind the audit has for a fiscalization.
int Exchanges(EngineOnSimulator& gateway, const std::string& id, store::ExchangeKind kind) {
  int count = 0;
  const auto page = gateway.store().sends().ListExchanges(id, 0, 1000);
  for (const store::Exchange& one : page->exchanges) {
    count += one.kind == kind ? 1 : 0;
  }
  return count;
}

std::set<std::string> TagsOfOpenings(EngineOnSimulator& gateway, const std::string& id) {
  std::set<std::string> tags;
  const auto page = gateway.store().sends().ListExchanges(id, 0, 1000);
  for (const store::Exchange& one : page->exchanges) {
    if (one.kind == store::ExchangeKind::kOpenShift) tags.insert(one.tag);
  }
  return tags;
}

constexpr int kWindowStart = 23 * 60;
constexpr int kWindowEnd = 23 * 60 + 30;

class QuietWindow : public testing::Test {
 protected:
  QuietWindow() {
    gateway_.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
      record.integration.quiet_window = domain::QuietWindow{kWindowStart, kWindowEnd};
      return absl::OkStatus();
    });
  }

  // Sets the wall clock to tomorrow in Kyiv.
  void SetWallClock(int minute, int second = 0) {
    const absl::Time wanted = kyiv_.AtMinuteOf(tomorrow_, minute) + absl::Seconds(second);
    const absl::Duration ahead = wanted - absl::Now();
    gateway_.SetForward(ahead - ahead_);
    ahead_ = ahead;
  }

  domain::Fiscalization Accept(const std::string& document_id, int at = 1) {
    const auto accepted = gateway_.Fiscalize(gateway_.Sale(document_id, 4500, at), absl::ZeroDuration());
    EXPECT_TRUE(accepted.ok()) << accepted.status();
    return *accepted->fiscalization;
  }

  State StateLater(const std::string& id) { return gateway_.Get(id, absl::Seconds(30))->state; }

  EngineOnSimulator gateway_{{.registers = 2}};
  const KyivTime kyiv_ = *KyivTime::Load();
  const absl::CivilDay tomorrow_ = kyiv_.DayOf(absl::Now()) + 1;
  absl::Duration ahead_;  // what the wall clock is ahead of the machine's
};

TEST_F(QuietWindow, NothingIsSentToARegisterWhoseShiftIsClosedUntilItIsOver) {
  SetWallClock(kWindowEnd - 1, 57);
  const domain::Fiscalization waiting = Accept("so-1");
  ASSERT_TRUE(gateway_.AwaitLane(LaneState::kPaused, Reason::kQuietWindow));
  // The lane shows its pause before the store has taken the note of it.
  ASSERT_TRUE(gateway_.AwaitThat([&] { return gateway_.Get(waiting.id)->failure.has_value(); }));
  const domain::Fiscalization told = *gateway_.Get(waiting.id);
  EXPECT_EQ(told.state, State::kAccepted);
  EXPECT_EQ(told.failure->reason, Reason::kQuietWindow);
  EXPECT_TRUE(told.next_attempt_time.has_value());
  EXPECT_EQ(Exchanges(gateway_, waiting.id, store::ExchangeKind::kOpenShift), 0);
  EXPECT_EQ(told.attempts, 0);
  // Another register's lane has no such window.
  EXPECT_EQ(StateLater(Accept("so-2", 2).id), State::kFiscalized);
  // Over after three seconds, by itself.
  EXPECT_EQ(StateLater(waiting.id), State::kFiscalized);
}

TEST_F(QuietWindow, DoesNotHoldUpARegisterWhoseShiftIsOpen) {
  SetWallClock(kWindowStart + 5);
  // After the clock was set, or the shift would be older than a day in the evening.
  OnRegister(gateway_, [](Register& one) { EXPECT_TRUE(one.OpenShift().ok()); });
  EXPECT_EQ(StateLater(Accept("so-1").id), State::kFiscalized);
  EXPECT_EQ(StateLater(Accept("so-2").id), State::kFiscalized);
}

TEST_F(QuietWindow, WhatWasKnownOfTheShiftBeforeIsNotReliedOn) {
  SetWallClock(kWindowStart - 5);
  ASSERT_EQ(StateLater(Accept("so-1").id), State::kFiscalized);
  SetWallClock(kWindowStart + 5);
  OnRegister(gateway_, [](Register& one) { EXPECT_TRUE(one.CloseShift().ok()); });
  const domain::Fiscalization waiting = Accept("so-2");
  ASSERT_TRUE(gateway_.AwaitLane(LaneState::kPaused, Reason::kQuietWindow));
  EXPECT_EQ(gateway_.Get(waiting.id)->attempts, 0);
  EXPECT_EQ(gateway_.Receipts().size(), 1);
}

// A register that repeats its answer to a tag says the same of that opening for ever.
TEST(ShiftOpening, InDoubtForLongIsAskedUnderAnotherTag) {
  simulator::Switches switches;
  switches.refused_tag = simulator::RefusedTag::kRepeated;
  EngineOnSimulator gateway({.switches = switches});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(0, 1016)).ok());
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
}

// It asked for the opening again, refused that for the token, which was good again at once, and repeats the
// refusal whenever it sees the tag: the status shows that the token is not the matter.
TEST(ShiftOpening, ThatIsRefusedByItsTagForEverIsAskedUnderAnother) {
  simulator::Switches switches;
  switches.refused_tag = simulator::RefusedTag::kRepeated;
  EngineOnSimulator gateway({.switches = switches});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(0, 1034, 1)).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(0, 1083)).ok());
  const auto sold = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(sold.ok()) << sold.status();
  EXPECT_EQ(sold->fiscalization->state, State::kFiscalized);
}

// As above, in words that may mean anything: believed when it says the same again and again.
TEST(ShiftOpening, ThatIsAnsweredAlikeForEverIsAskedUnderAnother) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(0, 1034, 1)).ok());
  simulator::Fault alike = RefusalOf(0, 1016);
  alike.times = 8;
  ASSERT_TRUE(gateway.cloud().AddFault(alike).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  const std::string id = accepted->fiscalization->id;
  EXPECT_EQ(gateway.Get(id, absl::Seconds(60))->state, State::kFiscalized);
  EXPECT_EQ(Exchanges(gateway, id, store::ExchangeKind::kOpenShift), 10);
  EXPECT_EQ(TagsOfOpenings(gateway, id).size(), 2);
}

// A proxy says 503 and passes on what it has: that is no word of the register.
TEST(ShiftOpening, ThatAProxyFailsAlikeForEverIsAskedAgain) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(0, 1034, 1)).ok());
  simulator::Fault failing{.kind = simulator::FaultKind::kHttpStatus};
  failing.task = 0;
  failing.status = 503;
  failing.body = R"({"res":1016,"res_action":3,"task":0})";
  failing.times = 9;
  ASSERT_TRUE(gateway.cloud().AddFault(failing).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  const std::string id = accepted->fiscalization->id;
  EXPECT_EQ(gateway.Get(id, absl::Seconds(60))->state, State::kFiscalized);
  EXPECT_EQ(TagsOfOpenings(gateway, id).size(), 1);
}

// It opens its shift with the first receipt, and knows nothing of openings.
TEST(ShiftOpening, ThatIsAlwaysRefusedIsNoObjectionToARegisterThatSells) {
  simulator::Switches switches;
  switches.auto_open_shift = true;
  switches.status_omits_shift = true;
  EngineOnSimulator gateway({.switches = switches});
  simulator::Fault refused = RefusalOf(0, 1999);
  refused.times = 1000;
  ASSERT_TRUE(gateway.cloud().AddFault(refused).ok());
  const auto first = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(gateway.Get(first->fiscalization->id, absl::Seconds(60))->state, State::kFiscalized);
  const auto second = gateway.Fiscalize(gateway.Sale("so-2"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(Exchanges(gateway, second->fiscalization->id, store::ExchangeKind::kOpenShift), 0)
      << "a receipt shows that the shift is open";
}

// A receipt that it made is not listed, so the same request again has to bring it.
TEST(ShiftOpening, ThatIsAlwaysRefusedDoesNotHoldUpADoubtThatIsCoveredForEver) {
  simulator::Switches switches;
  switches.auto_open_shift = true;
  switches.status_omits_shift = true;
  switches.tag_memory = simulator::TagMemory::kForever;
  switches.listing_state = simulator::ListingState::kNotFound;
  EngineOnSimulator gateway({.switches = switches, .tag_memory = domain::TagMemory::kForever});
  simulator::Fault refused = RefusalOf(0, 1999);
  refused.times = 1000;
  ASSERT_TRUE(gateway.cloud().AddFault(refused).ok());
  simulator::Fault lost{.kind = simulator::FaultKind::kNoAnswerAfterCommit};
  lost.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(lost).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(60))->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

// Refused alike because the shift is closed still, not because the register repeats itself.
TEST(ShiftOpening, ThatIsAlwaysRefusedRaisesNoTagNumber) {
  EngineOnSimulator gateway({});
  simulator::Fault refused = RefusalOf(0, 1999);
  refused.times = 12;
  ASSERT_TRUE(gateway.cloud().AddFault(refused).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  const domain::Fiscalization sold = *gateway.Get(accepted->fiscalization->id, absl::Seconds(60));
  EXPECT_EQ(sold.state, State::kFiscalized);
  EXPECT_EQ(sold.tag_number, 0);
}

TEST(LongShift, PausesItsLaneAloneSaysSoAndEndsWithTheZReport) {
  EngineOnSimulator gateway({.registers = 2});
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  OnRegister(gateway, [](Register& one) { EXPECT_TRUE(one.AgeShift(absl::Hours(25)).ok()); });
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  const std::string id = accepted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kShiftTooLong));
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-3", 4500, 2))->fiscalization->state, State::kFiscalized);
  // Probed by its status, not by the document, for as long as that shows the cause.
  const int statuses = Exchanges(gateway, id, store::ExchangeKind::kStatus);
  EXPECT_TRUE(
      gateway.AwaitThat([&] { return Exchanges(gateway, id, store::ExchangeKind::kStatus) > statuses + 2; }));
  const domain::Fiscalization waiting = *gateway.Get(id);
  EXPECT_EQ(waiting.state, State::kAccepted);
  EXPECT_EQ(waiting.failure->reason, Reason::kShiftTooLong);
  EXPECT_LE(Exchanges(gateway, id, store::ExchangeKind::kReceipt), 1);
  OnRegister(gateway, [](Register& one) { EXPECT_TRUE(one.CloseShift().ok()); });
  EXPECT_EQ(gateway.Get(id, absl::Seconds(30))->state, State::kFiscalized);
}

TEST(Doubt, TellsHowItGoesOn) {
  simulator::Switches unlisted;
  unlisted.listing_state = simulator::ListingState::kNotFound;
  EngineOnSimulator gateway({.switches = unlisted, .tag_memory = domain::TagMemory::kUnproven});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  simulator::Fault lost{.kind = simulator::FaultKind::kNoAnswerBeforeCommit};
  lost.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(lost).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  const std::string id = accepted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kReconciling, Reason::kAnswerLost));
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->doubt->next_step.has_value(); }));
  const domain::Fiscalization held = *gateway.Get(id);
  EXPECT_TRUE(held.doubt->resolvable_time.has_value());
  EXPECT_GT(*held.doubt->resolvable_time, held.doubt->since);
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kReconciling, Reason::kTagMemoryUnproven));
  ASSERT_TRUE(gateway.AwaitThat(
      [&] { return gateway.Get(id)->doubt->next_step == domain::DoubtStep::kWaitForOperator; }));
  const domain::Fiscalization stays = *gateway.Get(id);
  EXPECT_EQ(stays.doubt->since, held.doubt->since);
  EXPECT_TRUE(stays.next_attempt_time.has_value());  // it looks on, whatever a person does
  EXPECT_GE(stays.doubt->looks, 1);
  EXPECT_NE(stays.doubt->last_finding, "");
}

}  // namespace
}  // namespace kasa::engine
