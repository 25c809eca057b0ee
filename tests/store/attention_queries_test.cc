#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/store/fixture.h"

// What the attention list is made from.
namespace kasa::store {
namespace {

using testing::ElementsAre;
using testing::Key;

class AttentionQueriesTest : public StoreTest {
 protected:
  std::map<std::string, domain::FiscalizationFacts> Unsettled() {
    std::map<std::string, domain::FiscalizationFacts> found;
    const auto facts = store().Unsettled();
    EXPECT_TRUE(facts.ok()) << facts.status();
    for (const domain::FiscalizationFacts& one : *facts) found[one.id] = one;
    return found;
  }

  void Fiscalize(const std::string& document_id, bool offline, std::optional<absl::Time> time) {
    const domain::Fiscalization sale = AcceptSale(document_id);
    const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
    ASSERT_TRUE(mark.ok());
    Settlement settlement = Ended(*mark, domain::SendEnding::kDone);
    settlement.receipt = AReceipt(kRegisterOne, "TEST_" + document_id);
    settlement.receipt->offline = offline;
    settlement.receipt->fiscal_time = time;
    ASSERT_TRUE(Settle(settlement).ok());
  }
};

TEST_F(AttentionQueriesTest, WhatFailedOrIsInDoubtIsUnsettledUntilItIsNot) {
  FiscalizedSale("SO-1", "TEST_1");
  const domain::Fiscalization failed = FailedSale("SO-2", false);
  const domain::Fiscalization doubted = SaleInDoubt("SO-3");
  ASSERT_TRUE(Cancel(AcceptSale("SO-4").id).ok());
  AcceptSale("SO-5");
  const absl::Time since = clock_.Now();
  clock_.Advance(absl::Hours(1));
  auto found = Unsettled();
  EXPECT_THAT(found, ElementsAre(Key("f-SO-2"), Key("f-SO-3")));
  EXPECT_FALSE(found["f-SO-2"].in_doubt);
  EXPECT_EQ(found["f-SO-2"].reason, Reason::kRegisterRefused);
  EXPECT_EQ(found["f-SO-2"].since, since);
  EXPECT_EQ(found["f-SO-2"].integration_id, kOne);
  EXPECT_EQ(found["f-SO-2"].register_fiscal_number, kRegisterOne);
  EXPECT_TRUE(found["f-SO-3"].in_doubt);
  EXPECT_EQ(found["f-SO-3"].since, since);
  // Sent again it is still in doubt, since the first time.
  ASSERT_TRUE(Mark(doubted.id).ok());
  EXPECT_EQ(Unsettled()["f-SO-3"].since, since);
  // Retried, it did not fail.
  ASSERT_TRUE(RetryIt(failed.id).ok());
  EXPECT_THAT(Unsettled(), ElementsAre(Key("f-SO-3")));
}

TEST_F(AttentionQueriesTest, ReceiptsMadeOfflineAreCountedUntilOneIsMadeOnline) {
  const absl::Time first = clock_.Now() - absl::Hours(3);
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->offline.has_value());
  Fiscalize("SO-1", true, first);
  Fiscalize("SO-2", true, first + absl::Hours(1));
  const auto run = store().GetRegisterMemory(kRegisterOne)->offline;
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->since, first);
  EXPECT_EQ(run->receipts, 2);
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterTwo)->offline.has_value());
  Fiscalize("SO-3", false, clock_.Now());
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->offline.has_value());
  // Where the register does not tell its time, ours serves.
  Fiscalize("SO-4", true, std::nullopt);
  EXPECT_EQ(store().GetRegisterMemory(kRegisterOne)->offline->since, clock_.Now());
}

TEST_F(AttentionQueriesTest, AShiftThatWeOpenedIsRememberedByItsTime) {
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->shift_opened.has_value());
  ASSERT_TRUE(SettleOpening(Ended(*MarkOpening(), domain::SendEnding::kRefusedRegister)).ok());
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->shift_opened.has_value());
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(SettleOpening(Ended(*MarkOpening(), domain::SendEnding::kDone)).ok());
  EXPECT_EQ(store().GetRegisterMemory(kRegisterOne)->shift_opened, clock_.Now());
}

}  // namespace
}  // namespace kasa::store
