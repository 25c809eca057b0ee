// Returning all parts gives back exactly what was paid: any sale, any split, any order, with returns that
// fail in between.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "tests/domain/random.h"
#include "tests/domain/random_document.h"
#include "tests/domain/return_builder.h"

namespace kasa::domain {
namespace {

constexpr uint64_t kSeeds = 3'000;

// Of one sale: everything that was accepted and has not failed.
class Returning {
 public:
  Returning(const fuzz::SaleCase& made, fuzz::Random& random)
      : made_(made), random_(random), sold_(Sold(made.document, made.integration, made.mapping)) {}

  Original Now() const {
    Original original = OriginalOf(sold_);
    for (const PricedReceipt& back : back_) TakeOff(back, original);
    return original;
  }

  // Some of what is left; of the amounts that validate_only would have told.
  void TryAPart() {
    const Original original = Now();
    Document back = Skeleton();
    for (size_t i = 0; i < original.rows.size(); ++i) {
      const int64_t left = original.rows[i].Left().thousandths();
      if (left == 0 || random_.OneIn(2)) continue;
      AddLine(back, original, i, random_.OneIn(3) ? left : random_.Between(1, left));
    }
    if (!back.lines.empty()) Send(std::move(back), original);
  }

  // All that is left, one row a document and one in all for the rest.
  void TryTheRest() {
    const Original original = Now();
    Document back = Skeleton();
    for (size_t i = 0; i < original.rows.size(); ++i) {
      if (const int64_t left = original.rows[i].Left().thousandths(); left > 0) {
        AddLine(back, original, i, left);
      }
    }
    if (!back.lines.empty()) Send(std::move(back), original);
  }

  void FailOne() {
    if (back_.empty()) return;
    const auto place = static_cast<size_t>(random_.Between(0, static_cast<int64_t>(back_.size()) - 1));
    back_.erase(back_.begin() + static_cast<std::ptrdiff_t>(place));
  }

  void ExpectNeverTooMuch() const {
    const Original original = Now();
    for (const OriginalRow& row : original.rows) {
      ASSERT_LE(row.returned, row.sold.quantity);
      ASSERT_LE(row.returned_amount, row.sold.amount);
      if (row.Left().thousandths() == 0) {
        ASSERT_EQ(row.returned_amount, row.sold.amount);
      }
    }
    for (const auto& [type, left] : *original.paid_left) ASSERT_FALSE(left.IsNegative()) << type;
  }

  bool AllIsBack() const {
    const Original original = Now();
    return std::all_of(original.rows.begin(), original.rows.end(),
                       [](const OriginalRow& row) { return row.Left().thousandths() == 0; });
  }

  void ExpectExactlyWhatWasPaid() const {
    const Original original = Now();
    EXPECT_EQ(original.returned_sum, sold_.draft.sum);
    for (const auto& [type, left] : *original.paid_left) EXPECT_TRUE(left.IsZero()) << type;
  }

 private:
  Document Skeleton() const {
    Document back = made_.document;
    back.lines.clear();
    back.payments.clear();
    back.discount = Money();
    return back;
  }

  void AddLine(Document& back, const Original& original, size_t row, int64_t thousandths) const {
    Line line = made_.document.lines[row];
    line.discount = Money();
    line.amount.reset();
    line.line_id.clear();
    line.original_line_id = absl::StrCat(row + 1);
    line.quantity = Quantity::FromThousandths(thousandths);
    line.excise_stamps.clear();
    const OriginalRow& from = original.rows[row];
    // The first part names all stamps, the rest brings what is left.
    if (line.quantity < from.Left()) line.excise_stamps = from.stamps_left;
    back.lines.push_back(std::move(line));
  }

  // Pays back by the ways the money came, in the order of their numbers.
  void Pay(Document& back, const Original& original, int64_t total) const {
    for (const auto& [type, left] : *original.paid_left) {
      const int64_t part = std::min(total, left.kopiykas());
      if (part > 0) back.payments.push_back(PaymentBy(absl::StrCat("pay-", type), part));
      total -= part;
    }
  }

  PricedReturn Price(const Document& back, const Original& original) const {
    return PriceReturn(back, original, made_.integration, made_.mapping, fuzz::kSaleDay, "sales_return");
  }

  void Send(Document back, const Original& original) {
    int64_t total = 0;
    Original so_far = original;
    for (const Line& line : back.lines) {
      const auto row = static_cast<size_t>(std::stoll(line.original_line_id)) - 1;
      total += ShareOf(so_far.rows[row], line.quantity).kopiykas();
    }
    Pay(back, original, total);
    PricedReturn priced = Price(back, original);
    if (!priced.receipt) {
      // Too small to be a receipt: that alone stops a return of what is left.
      ASSERT_TRUE(priced.refusal.ok()) << priced.refusal;
      for (const Violation& violation : priced.violations) {
        const bool too_small =
            violation.reason == Reason::kLineAmountZero || violation.reason == Reason::kPaymentNotPositive ||
            violation.reason == Reason::kPaymentsDoNotCover || violation.reason == Reason::kPaymentsMissing ||
            violation.reason == Reason::kExciseStampsMissing;
        ASSERT_TRUE(too_small) << violation.field << " " << NameOf(violation.reason) << violation.message;
      }
      return;
    }
    ExpectRowsAddUp(*priced.receipt);
    back_.push_back(*std::move(priced.receipt));
  }

  static void ExpectRowsAddUp(const PricedReceipt& receipt) {
    int64_t sum = 0;
    for (const PricedRow& row : receipt.rows) {
      ASSERT_TRUE(row.amount.IsPositive());
      ASSERT_EQ(Multiply(row.quantity, row.price)->kopiykas() - row.discount.kopiykas(),
                row.amount.kopiykas());
      sum += row.amount.kopiykas();
    }
    ASSERT_EQ(sum, receipt.sum.kopiykas());
    int64_t paid = 0;
    for (const PricedPayment& payment : receipt.payments) paid += payment.sum.kopiykas();
    ASSERT_EQ(paid, receipt.due.kopiykas());
    ASSERT_EQ(sum + receipt.rounding.kopiykas(), receipt.due.kopiykas());
  }

  const fuzz::SaleCase& made_;
  fuzz::Random& random_;
  Fiscalization sold_;
  std::vector<PricedReceipt> back_;
};

// A sale that prices, else the next one of the same source.
fuzz::SaleCase ASale(fuzz::Random& random) {
  for (;;) {
    fuzz::SaleCase made = fuzz::RandomSale(random);
    if (PriceSale(made.document, made.integration, made.mapping, fuzz::kSaleDay, "sale").receipt) return made;
  }
}

TEST(ReturnProperty, AllPartsTogetherAreExactlyWhatWasPaid) {
  uint64_t all_back = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    fuzz::Random random(seed);
    const fuzz::SaleCase made = ASale(random);
    if (made.document.lines.size() > 50) continue;  // for time's sake; there are a few
    Returning returning(made, random);
    for (int64_t parts = random.Between(0, 6); parts > 0; --parts) {
      returning.TryAPart();
      if (random.OneIn(4)) returning.FailOne();
      returning.ExpectNeverTooMuch();
      if (::testing::Test::HasFatalFailure()) return;
    }
    returning.TryTheRest();
    returning.ExpectNeverTooMuch();
    if (::testing::Test::HasFatalFailure()) return;
    if (!returning.AllIsBack()) continue;
    ++all_back;
    returning.ExpectExactlyWhatWasPaid();
    if (::testing::Test::HasFailure()) return;
  }
  // The rest of the seeds leave a rest too small for a receipt.
  EXPECT_GT(all_back, kSeeds * 8 / 10);
}

TEST(ReturnProperty, TheSameDocumentAgainReturnsTheWhole) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    fuzz::Random random(seed);
    const fuzz::SaleCase made = ASale(random);
    const Fiscalization sold = Sold(made.document, made.integration, made.mapping);
    const PricedReturn back = PriceReturn(made.document, OriginalOf(sold), made.integration, made.mapping,
                                          fuzz::kSaleDay, "sales_return");
    ASSERT_TRUE(back.receipt) << back.refusal
                              << (back.violations.empty()
                                      ? ""
                                      : back.violations[0].field + " " + back.violations[0].message);
    ASSERT_EQ(back.receipt->sum, sold.draft.sum);
    ASSERT_EQ(back.receipt->due, sold.draft.due);
    ASSERT_EQ(back.receipt->rounding, sold.draft.rounding);
  }
}

}  // namespace
}  // namespace kasa::domain
