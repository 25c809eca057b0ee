#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// A sale becomes a receipt, whatever its shift, its day and its place in the queue are.
namespace kasa::engine {
namespace {

using domain::State;
using simulator::Fault;
using simulator::FaultKind;

TEST(Sale, BecomesTheReceiptThatTheRegisterMade) {
  EngineOnSimulator gateway({});
  const auto outcome = gateway.Fiscalize(gateway.Sale("so-1", 12345));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  ASSERT_TRUE(outcome->fiscalization);
  EXPECT_EQ(outcome->fiscalization->state, State::kFiscalized);
  const auto receipts = gateway.Receipts();
  ASSERT_EQ(receipts.size(), 1);
  EXPECT_EQ(outcome->fiscalization->receipt->fiscal_number, receipts[0].fiscal_number);
  EXPECT_EQ(outcome->fiscalization->receipt->total.kopiykas(), 12345);
  EXPECT_EQ(receipts[0].receipt.sum, 12345);
}

TEST(Sale, SentAgainGetsTheSameReceipt) {
  EngineOnSimulator gateway({});
  const auto first = gateway.Fiscalize(gateway.Sale("so-1"));
  const auto again = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_FALSE(first->replayed);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(first->fiscalization->receipt->fiscal_number, again->fiscalization->receipt->fiscal_number);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

TEST(Sale, SentAgainWithOtherContentIsRefusedWithWhatDiffers) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1", 4500)).ok());
  const auto other = gateway.Fiscalize(gateway.Sale("so-1", 4600));
  EXPECT_EQ(ReasonOf(other.status()), Reason::kDocumentContentDiffers);
  EXPECT_NE(FactsOf(other.status())["differs"].find("price"), std::string::npos);
}

TEST(ValidateOnly, TellsTheExactReceiptAndStoresNothing) {
  EngineOnSimulator gateway({});
  DocumentRequest request = gateway.Sale("so-1");
  request.validate_only = true;
  const auto checked = gateway.Fiscalize(request);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_FALSE(checked->fiscalization);
  ASSERT_TRUE(checked->draft);
  EXPECT_EQ(checked->register_fiscal_number, EngineOnSimulator::kFisid);
  EXPECT_TRUE(gateway.Receipts().empty());
  const auto sent = gateway.Fiscalize(gateway.Sale("so-1"));
  ASSERT_TRUE(sent.ok());
  EXPECT_FALSE(sent->replayed);
  EXPECT_EQ(*gateway.Receipts()[0].body, checked->request_json);
}

struct ShiftCase {
  int code;
  bool opens_by_itself;
};
class ClosedShift : public testing::TestWithParam<ShiftCase> {};

TEST_P(ClosedShift, IsOpenedByAMarkedStep) {
  simulator::Switches switches;
  switches.shift_closed_code = GetParam().code;
  switches.auto_open_shift = GetParam().opens_by_itself;
  EngineOnSimulator gateway({.switches = switches});
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  // And once more when it closes under way.
  OnRegister(gateway, [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); });
  const auto second = gateway.Fiscalize(gateway.Sale("so-2"));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
  EXPECT_TRUE(gateway.cloud().Violations().empty());
}

INSTANTIATE_TEST_SUITE_P(WhateverTheRegisterSays, ClosedShift,
                         testing::Values(ShiftCase{2007, false}, ShiftCase{1092, false},
                                         ShiftCase{2011, false}, ShiftCase{4711, false},
                                         ShiftCase{2007, true}));

TEST(ClosedShift, OfAWordlessRegisterIsOpenedOnceAndThenTrusted) {
  simulator::Switches switches;
  switches.auto_open_shift = false;
  switches.status_omits_shift = true;
  EngineOnSimulator gateway({.switches = switches});
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state, State::kFiscalized);
  EXPECT_LE(gateway.cloud().Counts("").executes, 5);  // status, opening, status, two sales
}

// A document that was cancelled and sent anew for another register, while the lane of the first one waited
// for a status, is that other one's.
TEST(Rerouted, ADocumentIsSentByTheLaneThatItIsInNow) {
  EngineOnSimulator gateway({.registers = 2});
  // Their shifts are open, so that after the status the document itself is next.
  for (const int at : {1, 2}) {
    const auto sold = gateway.Fiscalize(gateway.Sale(absl::StrCat("first-", at), 4500, at));
    ASSERT_EQ(sold->fiscalization->state, State::kFiscalized);
  }
  gateway.CrashAndStart();
  const size_t before = gateway.cloud().Log().size();
  Fault hold{.kind = FaultKind::kHold};
  hold.fisid = "4000000001";
  hold.task = 18;
  hold.until_released = true;
  ASSERT_TRUE(gateway.cloud().AddFault(hold).ok());
  hold.fisid = "4000000002";
  hold.until_released = false;
  hold.duration = absl::Milliseconds(300);
  ASSERT_TRUE(gateway.cloud().AddFault(hold).ok());
  const auto first = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.cloud().Log().size() == before + 1; }));
  ASSERT_TRUE(gateway.Cancel(first->fiscalization->id).ok());
  const auto anew = gateway.Fiscalize(gateway.Sale("so-1", 4500, 2), absl::ZeroDuration());
  ASSERT_TRUE(anew.ok()) << anew.status();
  ASSERT_EQ(anew->fiscalization->register_fiscal_number, "4000000002");
  gateway.cloud().ReleaseHolds();
  EXPECT_TRUE(
      gateway.AwaitThat([&] { return gateway.Get(first->fiscalization->id)->state == State::kFiscalized; }));
  ASSERT_EQ(gateway.Receipts().size(), 3);
  EXPECT_EQ(gateway.Receipts()[2].fisid, "4000000002");
}

TEST(Midnight, FailsWhatTheCallerDatedAndWasNotSent) {
  EngineOnSimulator gateway({});
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(true); });
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  const auto behind = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok() && behind.ok());
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kRegisterBlocked));
  gateway.SetForward(absl::Hours(24));
  for (const std::string& id : {accepted->fiscalization->id, behind->fiscalization->id}) {
    const auto failed = gateway.Get(id, absl::Seconds(30));
    ASSERT_EQ(failed->state, State::kFailed);
    EXPECT_EQ(failed->failure->reason, Reason::kDocumentDatePassed);
  }
  EXPECT_TRUE(gateway.Receipts().empty());
  // The same document dated anew takes its place.
  const auto anew = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(anew.ok()) << anew.status();
  EXPECT_EQ(anew->fiscalization->state, State::kAccepted);
  EXPECT_FALSE(anew->replayed);
  EXPECT_EQ(ReasonOf(gateway.Retry(behind->fiscalization->id).status()), Reason::kDocumentDatePassed);
}

TEST(Midnight, DoesNotStopWhatIsInDoubtFromBeingSettled) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kForever});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  Fault lost{.kind = FaultKind::kNoAnswerBeforeCommit};
  lost.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(lost).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kReconciling, Reason::kAnswerLost));
  OnRegister(gateway, [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); });
  gateway.SetForward(absl::Hours(24));
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

TEST(RegistersClock, ThatIsFarOffPausesTheLaneUntilAGoodReading) {
  EngineOnSimulator gateway({});
  OnRegister(gateway, [](simulator::Register& one) { one.SetClockOffset(absl::Minutes(7)); });
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kClockSkew));
  EXPECT_TRUE(gateway.Receipts().empty());
  OnRegister(gateway, [](simulator::Register& one) { one.SetClockOffset(absl::ZeroDuration()); });
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
}

TEST(ClosedShift, WhoseRefusalIsRepeatedIsLeftBehindByTheNextTag) {
  simulator::Switches switches;
  switches.auto_open_shift = false;
  switches.refused_tag = simulator::RefusedTag::kRepeated;
  EngineOnSimulator gateway({.switches = switches});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  OnRegister(gateway, [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); });
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

TEST(Lane, OfASlowRegisterHoldsUpNobodyElse) {
  EngineOnSimulator gateway({.registers = 2});
  Fault slow{.kind = FaultKind::kNoAnswerBeforeCommit};
  slow.fisid = EngineOnSimulator::kFisid;
  slow.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(slow).ok());
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("stuck", 100, 1), absl::ZeroDuration()).ok());
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(gateway.Fiscalize(gateway.Sale(absl::StrCat("so-", i), 100, 2))->fiscalization->state,
              State::kFiscalized);
  }
}

TEST(Lane, IsFirstInFirstOutWithOneRequestInFlight) {
  EngineOnSimulator gateway({});
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) {
    const auto accepted =
        gateway.Fiscalize(gateway.Sale(absl::StrCat("so-", i), 100 + i), absl::ZeroDuration());
    ASSERT_TRUE(accepted.ok());
    ids.push_back(accepted->fiscalization->id);
  }
  for (const std::string& id : ids) EXPECT_EQ(gateway.Get(id, absl::Seconds(30))->state, State::kFiscalized);
  const auto receipts = gateway.Receipts();
  ASSERT_EQ(receipts.size(), 30);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(receipts[static_cast<size_t>(i)].receipt.sum, 100 + i);
  EXPECT_EQ(gateway.cloud().Counts("").max_in_flight, 1);
}

TEST(Cancel, GivesUpWhatWasNotSentAndNothingElse) {
  EngineOnSimulator gateway({});
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(true); });
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kRegisterBlocked));
  EXPECT_EQ(gateway.Cancel(accepted->fiscalization->id)->state, State::kCancelled);
  EXPECT_EQ(gateway.Cancel(accepted->fiscalization->id)->state, State::kCancelled);
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(false); });
  const auto sent = gateway.Fiscalize(gateway.Sale("so-2"));
  ASSERT_EQ(sent->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(ReasonOf(gateway.Cancel(sent->fiscalization->id).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

TEST(InactiveIntegration, QueuedDocumentsWaitAndSaySo) {
  EngineOnSimulator gateway({});
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(true); });
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.active = false;
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(gateway.Fiscalize(gateway.Sale("so-2")).status()), Reason::kIntegrationInactive);
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kIntegrationInactive));
  EXPECT_TRUE(gateway.AwaitThat([&] {
    const auto waiting = gateway.Get(accepted->fiscalization->id);
    return waiting.ok() && waiting->state == State::kAccepted && waiting->failure &&
           waiting->failure->reason == Reason::kIntegrationInactive;
  }));
}

}  // namespace
}  // namespace kasa::engine
