#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "tests/store/receipts_fixture.h"

// Receipts by pages, what they add up to, and the tax service's page of each.
namespace kasa::store {
namespace {

using domain::DocumentKind;
using testing::ElementsAre;

constexpr absl::Duration kSlack = absl::Minutes(10);

// --- lists

TEST_F(ReceiptsTest, AreListedByTimeThenNumber) {
  Make({.document_id = "a", .fiscal_number = "F3", .second = 20});
  Make({.document_id = "b", .fiscal_number = "F2", .second = 10});
  Make({.document_id = "c", .fiscal_number = "F1", .second = 20});
  AcceptSale("without a receipt");
  for (const int limit : {1, 2, 3, 50}) EXPECT_THAT(Pages({}, limit), ElementsAre("F2", "F1", "F3"));
}

TEST_F(ReceiptsTest, OfTwoRegistersWithOneNumberAndTimeAreBothListed) {
  Make({.document_id = "a", .fiscal_number = "F1", .second = 20});
  Make({.document_id = "b", .fiscal_number = "F1", .second = 20}, /*second_register=*/true);
  EXPECT_THAT(Pages({}, 1), ElementsAre("F1", "F1"));
}

TEST_F(ReceiptsTest, APageOfBigDocumentsEndsEarlyAndTheNextOneGoesOn) {
  std::vector<std::string> all;
  for (int i = 1; i <= 7; ++i) {
    all.push_back(absl::StrCat("F", i));
    Make({.document_id = all.back(), .fiscal_number = all.back(), .second = i, .comment_bytes = 1'000'000});
  }
  const auto page = store().receipts().List({}, std::nullopt, 1000);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->receipts.size(), 5u);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(Pages({}, 1000), all);
}

TEST_F(ReceiptsTest, PagesSurviveInserts) {
  for (int i = 0; i < 6; ++i) {
    Make({.document_id = absl::StrCat(i), .fiscal_number = absl::StrCat("F", i), .second = int64_t{10} * i});
  }
  int inserted = 0;
  const auto numbers = Pages({}, 2, [&] {
    // One before the place that was reached, one after everything.
    Make({.document_id = absl::StrCat("early", inserted),
          .fiscal_number = absl::StrCat("E", inserted),
          .second = -1});
    Make({.document_id = absl::StrCat("late", inserted),
          .fiscal_number = absl::StrCat("L", inserted),
          .second = 100});
    ++inserted;
  });
  std::vector<std::string> begun_with = numbers;
  std::erase_if(begun_with, [](const std::string& number) { return number[0] != 'F'; });
  EXPECT_THAT(begun_with, ElementsAre("F0", "F1", "F2", "F3", "F4", "F5"));
  EXPECT_EQ(std::count(numbers.begin(), numbers.end(), "L0"), 1);
}

TEST_F(ReceiptsTest, EachFilterFilters) {
  Make({.document_id = "a", .fiscal_number = "F1", .second = 10});
  Make({.document_id = "b", .fiscal_number = "F2", .second = 20, .kind = DocumentKind::kReturn});
  Make({.document_id = "c", .fiscal_number = "F3", .second = 30, .kind = DocumentKind::kPayment});
  Make({.document_id = "d", .fiscal_number = "F4", .second = 40}, /*second_register=*/true);
  EXPECT_THAT(Pages({.integration_id = kOne}), ElementsAre("F1", "F2", "F3"));
  EXPECT_THAT(Pages({.integration_id = "none"}), ElementsAre());
  EXPECT_THAT(Pages({.register_fiscal_number = kRegisterTwo}), ElementsAre("F4"));
  EXPECT_THAT(Pages({.kind = DocumentKind::kReturn}), ElementsAre("F2"));
  EXPECT_THAT(Pages({.order_id = "order-of-c"}), ElementsAre("F3"));
  EXPECT_THAT(Pages({.time_from = At(20)}), ElementsAre("F2", "F3", "F4"));
  EXPECT_THAT(Pages({.time_before = At(20)}), ElementsAre("F1"));
  EXPECT_THAT(
      Pages({.integration_id = kOne, .kind = DocumentKind::kSale, .time_from = At(0), .time_before = At(99)}),
      ElementsAre("F1"));
}

TEST_F(ReceiptsTest, WithoutATimeCountsByWhenItWasLearntOf) {
  clock_.Advance(absl::Seconds(15));
  Make({.document_id = "a", .fiscal_number = "F1", .untimed = true});
  Make({.document_id = "b", .fiscal_number = "F2", .second = 10});
  Make({.document_id = "c", .fiscal_number = "F3", .second = 20});
  EXPECT_THAT(Pages({}), ElementsAre("F2", "F1", "F3"));
  EXPECT_FALSE(store().FindByFiscalNumber("F1", "")->receipt->fiscal_time.has_value());
}

// --- totals

TEST_F(ReceiptsTest, AddUpByKindWhateverThePartsAre) {
  Make({.document_id = "a", .fiscal_number = "F1", .second = 10, .kopiykas = 10024, .rounding = -24});
  Make({.document_id = "b",
        .fiscal_number = "F2",
        .second = 20,
        .kind = DocumentKind::kReturn,
        .kopiykas = 1000});
  Make({.document_id = "c",
        .fiscal_number = "F3",
        .second = 30,
        .kind = DocumentKind::kPayment,
        .kopiykas = 500});
  Make({.document_id = "d", .fiscal_number = "F4", .second = 40}, /*second_register=*/true);
  SaleInDoubt("e");
  TotalsFilter filter;
  filter.integration_id = kOne;
  filter.time_before = At(99);
  for (const int limit : {1, 2, 3, 1000}) {
    const domain::Totals totals = AddUpAll(filter, limit);
    EXPECT_EQ(totals.sale_count, 2);
    EXPECT_EQ(totals.return_count, 1);
    EXPECT_EQ(totals.sales.kopiykas(), 10500);
    EXPECT_EQ(totals.returns.kopiykas(), 1000);
    EXPECT_EQ(totals.sales_rounding.kopiykas(), -24);
    EXPECT_EQ(totals.tax_groups.at(1).sales.kopiykas(), 10524);
    EXPECT_EQ(totals.payment_types.at(2).returned.kopiykas(), 1000);
  }
  filter.time_from = At(20);
  filter.time_before = At(30);
  EXPECT_EQ(AddUpAll(filter).sale_count, 0);
  EXPECT_EQ(AddUpAll(filter).return_count, 1);
  TotalsFilter of_register;
  of_register.register_fiscal_number = kRegisterTwo;
  EXPECT_EQ(AddUpAll(of_register).sale_count, 1);
}

TEST_F(ReceiptsTest, AShiftLeavesOutWhatIsKnownToBeOfAnother) {
  Make({.document_id = "a", .fiscal_number = "F1", .second = 10, .shift_number = "36"});
  Make({.document_id = "b", .fiscal_number = "F2", .second = 20, .shift_number = "37"});
  Make({.document_id = "c", .fiscal_number = "F3", .second = 30});
  TotalsFilter filter;
  filter.register_fiscal_number = kRegisterOne;
  filter.shift_number = "37";
  const auto part = store().receipts().AddUp(filter, std::nullopt, 1000);
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->totals.sale_count, 2);
  EXPECT_EQ(part->without_shift, 1);
}

TEST_F(ReceiptsTest, DoubtsOfThePeriodAreCounted) {
  const absl::Time sent = clock_.Now();
  SaleInDoubt("a");
  TotalsFilter filter;
  filter.integration_id = kOne;
  const auto count = [&](absl::Time from, absl::Time before) {
    filter.time_from = from;
    filter.time_before = before;
    return *store().receipts().CountInDoubt(filter, kSlack);
  };
  EXPECT_EQ(count(sent - absl::Hours(1), sent + absl::Hours(1)), 1);
  EXPECT_EQ(count(sent - absl::Hours(1), sent), 0);
  EXPECT_EQ(count(sent + kSlack, sent + absl::Hours(1)), 1);
  EXPECT_EQ(count(sent + kSlack + absl::Seconds(1), sent + absl::Hours(1)), 0);
  filter.integration_id = kTwo;
  EXPECT_EQ(count(sent - absl::Hours(1), sent + absl::Hours(1)), 0);
  filter.integration_id = "";
  filter.register_fiscal_number = kRegisterOne;
  EXPECT_EQ(count(sent - absl::Hours(1), absl::InfiniteFuture()), 1);
}

// --- the tax service's page

TEST_F(ReceiptsTest, TheTaxServicesPageIsRememberedOnce) {
  Make({.document_id = "a", .fiscal_number = "F1"});
  const auto remember = [&](const std::string& id, const std::string& url) {
    return *Await<bool>(
        [&](Callback<bool> done) { store().receipts().RememberStsUrl(id, url, std::move(done)); });
  };
  EXPECT_FALSE(remember("f-none", "https://cabinet.tax.gov.ua/1"));
  EXPECT_TRUE(remember("f-a", "https://cabinet.tax.gov.ua/1"));
  EXPECT_FALSE(remember("f-a", "https://cabinet.tax.gov.ua/2"));
  Reopen();
  EXPECT_EQ(store().FindByFiscalNumber("F1", "")->receipt->sts_url, "https://cabinet.tax.gov.ua/1");
}

}  // namespace
}  // namespace kasa::store
