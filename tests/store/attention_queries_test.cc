#include "server/store/attention_queries.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
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
  EXPECT_FALSE(found["f-SO-3"].parked);
  EXPECT_EQ(found["f-SO-3"].since, since);
  // Sent again it is still in doubt, since the first time.
  absl::StatusOr<MarkedSend> again = Mark(doubted.id);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(Unsettled()["f-SO-3"].since, since);
  ASSERT_TRUE(Settle(Ended(*again, domain::SendEnding::kDoubt)).ok());
  ASSERT_TRUE(Await<domain::Fiscalization>([&](Callback<domain::Fiscalization> done) {
                store().Park(doubted.id, AFailure(Reason::kTagMemoryUnproven), DoubtPlan(), std::move(done));
              }).ok());
  EXPECT_TRUE(Unsettled()["f-SO-3"].parked);
  EXPECT_EQ(Unsettled()["f-SO-3"].since, since);
  // Retried, it did not fail.
  ASSERT_TRUE(RetryIt(failed.id).ok());
  EXPECT_THAT(Unsettled(), ElementsAre(Key("f-SO-3")));
}

TEST_F(AttentionQueriesTest, WhatContradictsIsToldWhileTheDoubtLasts) {
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::StatusOr<MarkedSend> first = Mark(sale.id);
  ASSERT_TRUE(first.ok());
  Settlement contradicted = Ended(*first, domain::SendEnding::kDoubt);
  contradicted.failure =
      domain::Failure{.reason = Reason::kAnswerContradicts, .message = "another register answered"};
  ASSERT_TRUE(Settle(contradicted).ok());
  const absl::Time since = clock_.Now();
  EXPECT_EQ(Unsettled()["f-SO-1"].contradiction, "another register answered");
  EXPECT_EQ(Unsettled()["f-SO-1"].contradiction_since, since);

  // Sent again, and the answer is lost: what contradicted before still does.
  clock_.Advance(absl::Minutes(5));
  const absl::StatusOr<MarkedSend> second = Mark(sale.id);
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(Settle(Ended(*second, domain::SendEnding::kDoubt)).ok());
  EXPECT_EQ(Unsettled()["f-SO-1"].contradiction_since, since);

  const absl::StatusOr<MarkedSend> third = Mark(sale.id);
  ASSERT_TRUE(third.ok());
  Settlement done = Ended(*third, domain::SendEnding::kDone);
  done.receipt = AReceipt(kRegisterOne, "TEST_SO-1");
  ASSERT_TRUE(Settle(done).ok());
  EXPECT_TRUE(Unsettled().empty());
}

TEST_F(AttentionQueriesTest, WhatAReportShowedIsRememberedUntilAnotherShowsOtherwise) {
  const auto record = [this](ReportFinding finding) {
    finding.time = clock_.Now();
    const auto recorded = Await<bool>(
        [&](Callback<bool> done) { store().RecordReport(kRegisterOne, finding, std::move(done)); });
    EXPECT_TRUE(recorded.ok()) << recorded.status();
    clock_.Advance(absl::Minutes(10));
    return *store().GetRegisterMemory(kRegisterOne);
  };
  const domain::Billing billing{.paid_until = absl::CivilDay(2026, 12, 1), .enough_to_renew = false};
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->billing.has_value());
  const absl::Time first = clock_.Now();
  RegisterMemory known = record({.billing = billing, .differing_figures = 0});
  EXPECT_EQ(known.billing, billing);
  EXPECT_EQ(known.report_time, first);
  EXPECT_FALSE(known.disagreement.has_value());

  const absl::Time differed = clock_.Now();
  known = record({.differing_figures = 2, .differences = "sale_count"});
  EXPECT_EQ(known.billing, billing) << "a report that tells nothing of it changes nothing";
  EXPECT_EQ(known.report_time, first);
  EXPECT_EQ(known.disagreement, (domain::Disagreement{differed, 2, "sale_count"}));
  known = record({.differing_figures = 3, .differences = "sales_kopiykas"});
  EXPECT_EQ(known.disagreement, (domain::Disagreement{differed, 3, "sales_kopiykas"})) << "no younger for it";
  known = record({});
  EXPECT_EQ(known.disagreement, (domain::Disagreement{differed, 3, "sales_kopiykas"}))
      << "a comparison that says nothing settles nothing";
  known = record({.billing = domain::Billing{.enough_to_renew = true}, .differing_figures = 0});
  EXPECT_EQ(known.billing, domain::Billing{.enough_to_renew = true});
  EXPECT_FALSE(known.disagreement.has_value());
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterTwo)->billing.has_value());
}

TEST_F(AttentionQueriesTest, CodesThatWereRefusedAreToldWithTheirTime) {
  EXPECT_TRUE(store().RefusedCodes(kOne)->empty());
  const domain::Fiscalization sale = AcceptSale("SO-1");
  const absl::StatusOr<MarkedSend> mark = Mark(sale.id);
  ASSERT_TRUE(mark.ok());
  Settlement refused = Ended(*mark, domain::SendEnding::kRefusedDocument);
  refused.lessons = {{domain::LessonSubject::kPaymentType, 77, true},
                     {domain::LessonSubject::kTaxGroup, 1, false}};
  ASSERT_TRUE(Settle(refused).ok());
  const auto codes = store().RefusedCodes(kOne);
  ASSERT_EQ(codes->size(), 1u);
  EXPECT_EQ(codes->front().subject, domain::LessonSubject::kPaymentType);
  EXPECT_EQ(codes->front().code, 77);
  EXPECT_EQ(codes->front().time, clock_.Now());
  EXPECT_TRUE(store().RefusedCodes(kTwo)->empty());
}

// Whatever has its receipt is not read: the list stays quick however many there are.
TEST_F(AttentionQueriesTest, WhatIsUnsettledIsFoundByAnIndex) {
  SQLite::Database database(path(), SQLite::OPEN_READONLY);
  SQLite::Statement plan(database, absl::StrCat("EXPLAIN QUERY PLAN ", kSelectUnsettled));
  std::vector<std::string> steps;
  while (plan.executeStep()) steps.push_back(plan.getColumn(3).getString());
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_THAT(steps[0], testing::HasSubstr("fiscalizations_unsettled"));
  EXPECT_THAT(steps[1], testing::HasSubstr("USING INTEGER PRIMARY KEY"));
}

TEST_F(AttentionQueriesTest, AShiftThatWeOpenedIsRememberedByItsTime) {
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->shift_opened.has_value());
  ASSERT_TRUE(SettleOpening(Ended(*MarkOpening(), domain::SendEnding::kRefusedRegister)).ok());
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->shift_opened.has_value());
  clock_.Advance(absl::Minutes(1));
  // It was open already: since when, is not told.
  Settlement open_already = Ended(*MarkOpening(), domain::SendEnding::kDone);
  open_already.shift_was_open = true;
  ASSERT_TRUE(SettleOpening(open_already).ok());
  EXPECT_FALSE(store().GetRegisterMemory(kRegisterOne)->shift_opened.has_value());
  ASSERT_TRUE(SettleOpening(Ended(*MarkOpening(), domain::SendEnding::kDone)).ok());
  EXPECT_EQ(store().GetRegisterMemory(kRegisterOne)->shift_opened, clock_.Now());
}

}  // namespace
}  // namespace kasa::store
