#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "common/status_reason.h"
#include "tests/store/fixture.h"

// Doubts that leave their lane (architecture.md, rule 4): what is counted, what is refused, what lasts.
namespace kasa::store {
namespace {

using domain::ResolutionOutcome;
using domain::SendEnding;
using domain::State;

class ParkingTest : public StoreTest {
 protected:
  absl::StatusOr<domain::Fiscalization> Park(const std::string& id) {
    const DoubtPlan plan{.next_step = domain::DoubtStep::kWaitForOperator, .resolvable_time = clock_.Now()};
    return Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
      store().Park(id, AFailure(Reason::kTagMemoryUnproven), plan, std::move(done));
    });
  }

  std::string Head() {
    const auto head = store().HeadOfLane(kRegisterOne);
    EXPECT_TRUE(head.ok()) << head.status();
    return head->has_value() ? (*head)->fiscalization.id : "";
  }

  void Recover() {
    Reopen();
    ASSERT_TRUE(RecoverAfterStart().ok());
  }
};

TEST_F(ParkingTest, LetsTheNextOnePassAndStaysInDoubt) {
  const domain::Fiscalization doubted = SaleInDoubt("SO-1");
  const domain::Fiscalization next = AcceptSale("SO-2");
  EXPECT_EQ(Head(), doubted.id);
  const domain::Fiscalization parked = *Park(doubted.id);
  EXPECT_EQ(parked.state, State::kInDoubt);
  EXPECT_TRUE(parked.doubt->parked);
  EXPECT_EQ(parked.doubt->since, doubted.doubt->since);
  EXPECT_EQ(parked.revision, doubted.revision + 1);
  EXPECT_EQ(Head(), next.id);
  Recover();
  EXPECT_EQ(Head(), next.id);
  EXPECT_TRUE(store().GetFiscalization(doubted.id)->doubt->parked);
}

TEST_F(ParkingTest, IsCountedInTheLaneAsInDoubtAndAsParked) {
  const domain::Fiscalization parked = SaleInDoubt("SO-1");
  ASSERT_TRUE(Park(parked.id).ok());
  SaleInDoubt("SO-2");
  AcceptSale("SO-3");
  const LaneSummary lane = *store().SummaryOfLane(kRegisterOne);
  EXPECT_EQ(lane.queued, 1);
  EXPECT_EQ(lane.in_doubt, 2);
  EXPECT_EQ(lane.parked, 1);
  EXPECT_EQ(lane.oldest_time, parked.create_time);
  EXPECT_EQ(store().OpenLanes()->at(0).parked, 1);
}

TEST_F(ParkingTest, KeepsALaneOpenForThoseThatAreParkedAlone) {
  ASSERT_TRUE(Park(SaleInDoubt("SO-1").id).ok());
  Recover();
  ASSERT_EQ(store().OpenLanes()->size(), 1);
  EXPECT_EQ(Head(), "");
}

TEST_F(ParkingTest, IsListedInTheOrderOfTheLane) {
  const domain::Fiscalization first = SaleInDoubt("SO-1");
  ASSERT_TRUE(Park(first.id).ok());
  const domain::Fiscalization second = SaleInDoubt("SO-2");
  ASSERT_TRUE(Park(second.id).ok());
  SaleInDoubt("SO-3");
  const std::optional<LaneHead> one = *store().NextParked(kRegisterOne, -1);
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(one->fiscalization.id, first.id);
  EXPECT_TRUE(one->first_unexplained_send.has_value());
  const std::optional<LaneHead> two = *store().NextParked(kRegisterOne, one->fiscalization.lane_position);
  ASSERT_TRUE(two.has_value());
  EXPECT_EQ(two->fiscalization.id, second.id);
  EXPECT_FALSE((*store().NextParked(kRegisterOne, two->fiscalization.lane_position)).has_value());
  EXPECT_FALSE((*store().NextParked(kRegisterTwo, -1)).has_value());
}

TEST_F(ParkingTest, IsNotSentCancelledRetriedOrReplaced) {
  const domain::Fiscalization doubted = SaleInDoubt("SO-1");
  ASSERT_TRUE(Park(doubted.id).ok());
  EXPECT_EQ(ReasonOf(Mark(doubted.id).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(ReasonOf(Cancel(doubted.id).status()), Reason::kInDoubtReconciling);
  EXPECT_EQ(ReasonOf(RetryIt(doubted.id).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(ReasonOf(Accept(ASale("SO-1", kOne, kRegisterOne, 1)).status()), Reason::kDocumentContentDiffers);
  EXPECT_EQ(Accept(ASale("SO-1", kOne, kRegisterOne))->kind, AcceptanceKind::kReplayed);
  // Nor does the same document go through another integration: it is the same fiscalization.
  EXPECT_EQ(Accept(ASale("SO-1", kTwo, kRegisterTwo))->fiscalization.id, doubted.id);
}

TEST_F(ParkingTest, IsOpenWorkOfItsIntegration) {
  ASSERT_TRUE(Park(SaleInDoubt("SO-1").id).ok());
  EXPECT_EQ(store().integrations().GetSurroundings(kOne)->open_fiscalizations, 1);
}

TEST_F(ParkingTest, EndsWithAnOperatorsWord) {
  const domain::Fiscalization other = AcceptSale("SO-0");
  const struct {
    ResolutionOutcome outcome;
    State state;
  } words[] = {{ResolutionOutcome::kReceiptExists, State::kFiscalized},
               {ResolutionOutcome::kAbsentGiveUp, State::kFailed},
               {ResolutionOutcome::kAbsentSend, State::kAccepted}};
  ASSERT_TRUE(Cancel(other.id).ok());
  for (const auto& word : words) {
    const std::string name = std::to_string(static_cast<int>(word.outcome));
    SCOPED_TRACE(name);
    const domain::Fiscalization doubted = SaleInDoubt("SO-" + name);
    ASSERT_TRUE(Park(doubted.id).ok());
    std::optional<domain::Receipt> receipt;
    if (word.outcome == ResolutionOutcome::kReceiptExists) receipt = AReceipt(kRegisterOne, "TEST_" + name);
    const auto resolved = ResolveIt(doubted.id, word.outcome, receipt);
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    EXPECT_EQ(resolved->state, word.state);
    EXPECT_FALSE(resolved->doubt.has_value());
    EXPECT_EQ(store().SummaryOfLane(kRegisterOne)->parked, 0);
  }
  // Said to be absent, it is in its lane again, is sent, and may be in doubt anew, in its lane.
  EXPECT_EQ(Head(), "f-SO-2");
  absl::StatusOr<MarkedSend> again = Mark("f-SO-2");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->order, domain::SendOrder::kFirst);
  EXPECT_FALSE(Settle(Ended(*again, SendEnding::kDoubt))->doubt->parked);
  EXPECT_EQ(Head(), "f-SO-2");
}

// The one that holds the lane by then may be what the register waits for, and nothing may come before it.
TEST_F(ParkingTest, GoesToTheEndOfItsLaneOnAnOperatorsWord) {
  const domain::Fiscalization parked = SaleInDoubt("SO-1");
  ASSERT_TRUE(Park(parked.id).ok());
  const domain::Fiscalization next = AcceptSale("SO-2");
  ASSERT_TRUE(ResolveIt(parked.id, ResolutionOutcome::kAbsentSend, std::nullopt).ok());
  EXPECT_EQ(Head(), next.id);
  ASSERT_TRUE(Cancel(next.id).ok());
  EXPECT_EQ(Head(), parked.id);
}

TEST_F(ParkingTest, IsRefusedUnlessInDoubt) {
  EXPECT_EQ(ReasonOf(Park(AcceptSale("SO-1").id).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(ReasonOf(Park(FiscalizedSale("SO-2", "TEST_1").id).status()), Reason::kStateNotAllowed);
  EXPECT_EQ(ReasonOf(Park("nobody").status()), Reason::kFiscalizationNotFound);
}

TEST_F(ParkingTest, IsRefusedForWhatTheRegisterWaitsForAlsoAfterARestart) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  absl::StatusOr<MarkedSend> first = Mark(sale.id);
  ASSERT_TRUE(first.ok());
  Settlement settlement = Ended(*first, SendEnding::kDoubt);
  settlement.never_park = true;
  ASSERT_TRUE(Settle(settlement)->doubt->never_park);
  Recover();
  EXPECT_TRUE((*store().HeadOfLane(kRegisterOne))->fiscalization.doubt->never_park);
  EXPECT_EQ(ReasonOf(Park(sale.id).status()), Reason::kStateNotAllowed);
  // Another answer takes nothing back.
  absl::StatusOr<MarkedSend> second = Mark(sale.id);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(Settle(Ended(*second, SendEnding::kRefusedDocument))->doubt->never_park);
  EXPECT_EQ(ReasonOf(Park(sale.id).status()), Reason::kStateNotAllowed);
}

TEST_F(ParkingTest, IsRefusedAfterSuchAWordToTheOpeningOfItsShift) {
  const domain::Fiscalization doubted = SaleInDoubt("SO-1");
  absl::StatusOr<MarkedSend> opening = Await<MarkedSend>([&](Callback<MarkedSend> done) {
    store().sends().MarkShiftOpening({.register_fiscal_number = kRegisterOne,
                                      .integration_id = kOne,
                                      .for_fiscalization_id = doubted.id,
                                      .doubts_until = clock_.Now() - absl::Minutes(5),
                                      .make_body = [](const std::string& tag) { return "open:" + tag; }},
                                     std::move(done));
  });
  ASSERT_TRUE(opening.ok()) << opening.status();
  Settlement settlement = Ended(*opening, SendEnding::kRefusedRegister);
  settlement.never_park = true;
  ASSERT_TRUE(SettleOpening(settlement).ok());
  EXPECT_EQ(ReasonOf(Park(doubted.id).status()), Reason::kStateNotAllowed);
}

TEST_F(ParkingTest, IsRefusedOnceALookAtTheRegisterToldSo) {
  const domain::Fiscalization doubted = SaleInDoubt("SO-1");
  const DoubtPlan plan{.next_step = domain::DoubtStep::kSendAgain, .never_park = true};
  const DoubtPlan later{.next_step = domain::DoubtStep::kSendAgain};
  for (const DoubtPlan& one : {plan, later}) {
    ASSERT_TRUE(Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
                  store().NoteDoubt(doubted.id, *doubted.failure, one, std::move(done));
                }).ok());
  }
  EXPECT_EQ(ReasonOf(Park(doubted.id).status()), Reason::kStateNotAllowed);
}

}  // namespace
}  // namespace kasa::store
