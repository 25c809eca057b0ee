#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/receipts_fixture.h"

// The sums of hours and single receipts together come to what all receipts of a period do, wherever it begins
// and ends.
namespace kasa::store {
namespace {

using domain::DocumentKind;

constexpr int64_t kHour = 3600;
// At(kFirstHour) begins an hour.
constexpr int64_t kFirstHour = (kHour - 1764000000 % kHour) % kHour;

class ReceiptSumsTest : public ReceiptsTest {
 protected:
  int64_t Random(int64_t from, int64_t to) {
    return std::uniform_int_distribution<int64_t>(from, to)(random_);
  }

  // Somewhere in three days, often where an hour begins or just beside.
  int64_t SomeSecond() {
    if (Random(0, 2) != 0) return Random(-30 * kHour, 42 * kHour);
    return kFirstHour + Random(-30, 42) * kHour + Random(-1, 1);
  }

  void MakeSome(int count) {
    for (int i = 0; i < count; ++i) {
      Made made{.document_id = absl::StrCat("D-", i),
                .fiscal_number = absl::StrCat("F-", i),
                .second = SomeSecond(),
                .kind = static_cast<DocumentKind>(Random(1, 3)),
                .kopiykas = Random(1, 100000),
                .rounding = Random(-24, 25),
                .tax_group = static_cast<int>(Random(1, 3)),
                .payment_type = static_cast<int>(Random(0, 2))};
      const bool second_register = Random(0, 3) == 0;
      Make(made, second_register);
      if (!second_register) made_.push_back(std::move(made));
    }
  }

  domain::Totals ByHand(int64_t from, int64_t before) const {
    domain::Totals totals;
    for (const Made& made : made_) {
      if (made.second < from || made.second >= before) continue;
      domain::PricedReceipt receipt;
      receipt.kind = made.kind;
      receipt.rows.resize(1);
      receipt.rows[0].amount = Money::FromKopiykas(made.kopiykas);
      receipt.rows[0].tax_group = made.tax_group;
      receipt.payments.resize(1);
      receipt.payments[0].payment_type = made.payment_type;
      receipt.payments[0].sum = Money::FromKopiykas(made.kopiykas + made.rounding);
      receipt.rounding = Money::FromKopiykas(made.rounding);
      receipt.due = receipt.payments[0].sum;
      EXPECT_TRUE(domain::AddReceipt(receipt, totals));
    }
    return totals;
  }

  // NOLINTNEXTLINE(bugprone-random-generator-seed,cert-msc*): alike each time
  std::mt19937 random_{20261130};
  std::vector<Made> made_;  // of integration "one"
};

TEST_F(ReceiptSumsTest, ComeToWhatTheReceiptsOfAnyPeriodDo) {
  MakeSome(300);
  for (int i = 0; i < 300; ++i) {
    TotalsFilter filter;
    filter.integration_id = kOne;
    const int64_t from = SomeSecond();
    const int64_t before = i % 10 == 0 ? from + Random(0, 2 * kHour) : SomeSecond();
    filter.time_from = At(from);
    filter.time_before = At(before);
    const int limit = static_cast<int>(Random(1, 40));
    EXPECT_EQ(AddUpAll(filter, limit), ByHand(from, before)) << from << " " << before << " " << limit;
  }
  TotalsFilter ever;
  ever.integration_id = kOne;
  ever.time_from = absl::InfinitePast();
  EXPECT_EQ(AddUpAll(ever), ByHand(-1000 * kHour, 1000 * kHour));
}

TEST_F(ReceiptSumsTest, ReadAMonthInAFewParts) {
  MakeSome(100);
  TotalsFilter filter;
  filter.integration_id = kOne;
  filter.time_from = At(kFirstHour - 40 * kHour - 1);
  filter.time_before = At(kFirstHour + 60 * kHour + 1);
  int parts = 0;
  std::optional<ReceiptPosition> after;
  do {
    const auto part = store().receipts().AddUp(filter, after, 100);
    ASSERT_TRUE(part.ok()) << part.status();
    after = part->next;
    ++parts;
  } while (after);
  EXPECT_EQ(parts, 3) << "the end of the hour that it begins in, the hours, and the beginning of the last";
}

TEST_F(ReceiptSumsTest, AReceiptWithoutATimeCountsInTheHourInWhichItWasLearntOf) {
  clock_.Advance(absl::Minutes(90));
  Make({.document_id = "a", .fiscal_number = "F1", .untimed = true});
  TotalsFilter filter;
  filter.integration_id = kOne;
  filter.time_from = At(kFirstHour + kHour);
  filter.time_before = At(kFirstHour + 2 * kHour);
  EXPECT_EQ(AddUpAll(filter).sale_count, 1);
}

// It is stored all the same: it exists.
TEST_F(ReceiptSumsTest, ThatDoNotFitAreRefusedAndTheReceiptsAreThere) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  for (const int i : {0, 1, 2}) {
    Make({.document_id = absl::StrCat("D-", i),
          .fiscal_number = absl::StrCat("F-", i),
          .second = kFirstHour + i,
          .kopiykas = i == 1 ? most : 1});
  }
  Make({.document_id = "later", .fiscal_number = "later", .second = kFirstHour + kHour});
  EXPECT_EQ(Pages({}).size(), 4u);
  TotalsFilter filter;
  filter.integration_id = kOne;
  filter.time_from = At(kFirstHour);
  filter.time_before = At(kFirstHour + 2 * kHour);
  EXPECT_EQ(store().receipts().AddUp(filter, std::nullopt, 100).status().code(),
            absl::StatusCode::kOutOfRange);
  filter.time_from = At(kFirstHour + kHour);
  EXPECT_EQ(AddUpAll(filter).sale_count, 1);
}

}  // namespace
}  // namespace kasa::store
