#include <gtest/gtest.h>

#include "common/status_reason.h"
#include "tests/store/fixture.h"

// The requests that open a shift, which no document stands behind: marked and settled as those of documents.
namespace kasa::store {
namespace {

using domain::SendEnding;
using domain::SendOrder;

using ShiftOpeningsTest = StoreTest;

TEST_F(ShiftOpeningsTest, AnOpeningInDoubtIsAskedAgainUnderItsTag) {
  const absl::StatusOr<MarkedSend> first = MarkOpening();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->permit.body(), "open:" + domain::ShiftOpeningTagFor(TestInstallation(), kRegisterOne, 0));
  const absl::Time opened = clock_.Now();
  ASSERT_TRUE(SettleOpening(Ended(*first, SendEnding::kDoubt)).ok());
  EXPECT_EQ(store().sends().LastShiftOpening(kRegisterOne)->first_unexplained_send, opened);
  EXPECT_EQ(store().sends().LastShiftOpening(kRegisterTwo)->first_unexplained_send, std::nullopt);

  clock_.Advance(absl::Minutes(3));
  const absl::StatusOr<MarkedSend> again = MarkOpening("other bytes:");
  EXPECT_EQ(again->permit.body(), first->permit.body());
  EXPECT_EQ(again->order, SendOrder::kRepeated);
  ASSERT_TRUE(SettleOpening(Ended(*again, SendEnding::kRefusedRegister)).ok());
  EXPECT_EQ(store().sends().LastShiftOpening(kRegisterOne)->first_unexplained_send, opened)
      << "a refused re-send explains nothing";

  const absl::StatusOr<MarkedSend> third = MarkOpening();
  EXPECT_EQ(third->permit.body(), first->permit.body());
  ASSERT_TRUE(SettleOpening(Ended(*third, SendEnding::kDone)).ok());
  EXPECT_EQ(store().sends().LastShiftOpening(kRegisterOne)->first_unexplained_send, std::nullopt);
  EXPECT_EQ(MarkOpening()->permit.body(),
            "open:" + domain::ShiftOpeningTagFor(TestInstallation(), kRegisterOne, 1));
}

TEST_F(ShiftOpeningsTest, AnOpeningThatIsInDoubtForLongIsFollowedByAnother) {
  for (const bool bound : {false, true}) {
    const absl::StatusOr<MarkedSend> first = MarkOpening();
    ASSERT_TRUE(SettleOpening(Ended(*first, SendEnding::kDoubt)).ok());
    if (bound) {
      ASSERT_TRUE(SettleOpening(Ended(*MarkOpening(), SendEnding::kDoubtSameTagNext)).ok());
    }
    clock_.Advance(absl::Minutes(6));
    const absl::StatusOr<MarkedSend> next = MarkOpening();
    EXPECT_EQ(next->permit.body() == first->permit.body(), bound)
        << "what the register waits for stays the same";
    ASSERT_TRUE(SettleOpening(Ended(*next, SendEnding::kDone)).ok());
  }
}

TEST_F(ShiftOpeningsTest, AnOpeningThatWasNotJudgedKeepsItsNumber) {
  for (const SendEnding ending :
       {SendEnding::kNeverSent, SendEnding::kThrottled, SendEnding::kTokenRefused}) {
    const absl::StatusOr<MarkedSend> mark = MarkOpening();
    EXPECT_EQ(mark->permit.body(), "open:" + domain::ShiftOpeningTagFor(TestInstallation(), kRegisterOne, 0));
    EXPECT_EQ(mark->order, SendOrder::kFirst);
    ASSERT_TRUE(SettleOpening(Ended(*mark, ending)).ok());
  }
}

TEST_F(ShiftOpeningsTest, ARegisterWaitsForTheOpeningUntilItHasJudgedIt) {
  EXPECT_FALSE(store().sends().LastShiftOpening(kRegisterOne)->bound);
  const struct {
    SendEnding ending;
    bool bound;
  } sends[] = {{SendEnding::kDoubt, false},          {SendEnding::kDoubtSameTagNext, true},
               {SendEnding::kDoubt, true},           {SendEnding::kNeverSent, true},
               {SendEnding::kTokenRefused, true},    {SendEnding::kRefusedRegister, false},
               {SendEnding::kDoubtSameTagNext, true}};
  for (const auto& given : sends) {
    SCOPED_TRACE(std::string(domain::NameOf(given.ending)));
    const Settlement settlement = Ended(*MarkOpening(), given.ending);
    EXPECT_EQ(*SettleOpening(settlement), given.bound);
    EXPECT_EQ(*SettleOpening(settlement), given.bound) << "settled alike once more";
    EXPECT_EQ(store().sends().LastShiftOpening(kRegisterOne)->bound, given.bound);
  }
  Reopen();
  EXPECT_TRUE(store().sends().LastShiftOpening(kRegisterOne)->bound);
  EXPECT_FALSE(store().sends().LastShiftOpening(kRegisterTwo)->bound);
  EXPECT_FALSE(*SettleOpening(Ended(*MarkOpening(), SendEnding::kDone)));
}

TEST_F(ShiftOpeningsTest, AReceiptProvesThatTheShiftIsOpen) {
  ASSERT_TRUE(SettleOpening(Ended(*MarkOpening(), SendEnding::kDoubt)).ok());
  FiscalizedSale("SO-1", "TEST_1");
  EXPECT_EQ(store().sends().LastShiftOpening(kRegisterOne)->first_unexplained_send, std::nullopt);
  EXPECT_EQ(MarkOpening()->permit.body(),
            "open:" + domain::ShiftOpeningTagFor(TestInstallation(), kRegisterOne, 1));
}

TEST_F(ShiftOpeningsTest, ASettledOpeningIsNoDocumentsMark) {
  const absl::StatusOr<MarkedSend> opening = MarkOpening();
  EXPECT_EQ(ReasonOf(Settle(Ended(*opening, SendEnding::kRefusedRegister)).status()),
            Reason::kStateNotAllowed);
  const Settlement settlement = Ended(*opening, SendEnding::kDone);
  EXPECT_TRUE(SettleOpening(settlement).ok());
  EXPECT_TRUE(SettleOpening(settlement).ok()) << "again, because the answer got lost";
}

}  // namespace
}  // namespace kasa::store
