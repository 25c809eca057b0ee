// No number that int64 can hold makes pricing overflow: it is a violation at its own field. Run under UBSan
// too, where an overflow ends the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "server/domain/limits.h"
#include "server/domain/pricing.h"
#include "tests/domain/random.h"
#include "tests/domain/sale_builder.h"

namespace kasa::domain {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

struct NumericField {
  const char* path;
  std::function<void(Document&, int64_t)> set;
};

std::vector<NumericField> NumericFields() {
  return {
      {"sale.lines[0].quantity_thousandths", [](Document& d, int64_t v) { d.lines[0].quantity = Q(v); }},
      {"sale.lines[0].price_kopiykas", [](Document& d, int64_t v) { d.lines[0].price = K(v); }},
      {"sale.lines[0].discount_kopiykas", [](Document& d, int64_t v) { d.lines[0].discount = K(v); }},
      {"sale.lines[0].amount_kopiykas", [](Document& d, int64_t v) { d.lines[0].amount = K(v); }},
      {"sale.discount_kopiykas", [](Document& d, int64_t v) { d.discount = K(v); }},
      {"sale.payments[0].amount_kopiykas", [](Document& d, int64_t v) { d.payments[0].amount = K(v); }},
      {"sale.payments[0].tendered_kopiykas", [](Document& d, int64_t v) { d.payments[0].tendered = K(v); }},
      {"sale.payments[1].card.commission_kopiykas",
       [](Document& d, int64_t v) { d.payments[1].card->commission = K(v); }},
      {"sale.order_total_kopiykas", [](Document& d, int64_t v) { d.order_total = K(v); }},
  };
}

// Cash and card, so that every numeric field may have a value.
Document MixedSale() {
  Document sale = CoffeeSale();
  sale.payments = {CashOf(2000), PaymentBy("card", 2500)};
  sale.payments[1].card.emplace();
  return sale;
}

TEST(Extremes, EachNumericFieldAloneIsAViolationThere) {
  ASSERT_THAT(PriceInShop(MixedSale()).violations, IsEmpty());
  for (const NumericField& field : NumericFields()) {
    for (const int64_t value :
         {kMax, kMax - 1, kMin, kMin + 1, kMaxAmountKopiykas + 1, -kMaxAmountKopiykas - 1}) {
      Document sale = MixedSale();
      field.set(sale, value);
      const PricedDocument priced = PriceInShop(sale);
      EXPECT_THAT(priced.violations, Contains(Field(&Violation::field, field.path))) << value;
      EXPECT_EQ(priced.receipt, std::nullopt);
    }
  }
}

TEST(Extremes, AllFieldsAtOnceAreViolations) {
  for (const int64_t value : {kMax, kMin}) {
    Document sale = MixedSale();
    for (const NumericField& field : NumericFields()) field.set(sale, value);
    for (const NumericField& field : NumericFields()) {
      EXPECT_THAT(PriceInShop(sale).violations, Contains(Field(&Violation::field, field.path))) << value;
    }
  }
}

TEST(Extremes, AnyMixOfThemOverflowsNowhere) {
  const std::vector<int64_t> values = {kMax,
                                       kMin,
                                       kMax - 1,
                                       kMin + 1,
                                       0,
                                       1,
                                       -1,
                                       500,
                                       1000,
                                       kMaxAmountKopiykas,
                                       -kMaxAmountKopiykas,
                                       kMaxAmountKopiykas + 1,
                                       kMax / 1000,
                                       kMax / 2};
  for (uint64_t seed = 0; seed < 5'000; ++seed) {
    fuzz::Random random(seed);
    Document sale = MixedSale();
    sale.lines.assign(static_cast<size_t>(random.Between(1, 5)), sale.lines[0]);
    for (const NumericField& field : NumericFields()) {
      if (random.OneIn(2)) {
        field.set(sale,
                  values[static_cast<size_t>(random.Between(0, static_cast<int64_t>(values.size()) - 1))]);
      }
    }
    const PricedDocument priced = PriceInShop(sale);
    ASSERT_EQ(priced.receipt.has_value(), priced.violations.empty()) << seed;
  }
}

TEST(Extremes, ManyLinesAtTheLimitAreTooMuchTogether) {
  Document sale = CoffeeSale();
  sale.lines.assign(kMaxLines, LineOf("Кава", 1000, kMaxAmountKopiykas));
  sale.payments.assign(kMaxPayments, PaymentBy("card", kMaxAmountKopiykas));
  EXPECT_THAT(PriceInShop(sale).violations, Contains(Violates("sale.lines", Reason::kAmountOutOfRange)));
}

TEST(Extremes, TheLimitItselfIsTaken) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("Кава", 1000, kMaxAmountKopiykas)};
  sale.payments = {PaymentBy("card", kMaxAmountKopiykas)};
  EXPECT_THAT(PriceInShop(sale).violations, IsEmpty());
  sale.payments = {CashOf(kMaxAmountKopiykas)};
  sale.payments[0].tendered = K(kMaxAmountKopiykas);
  EXPECT_THAT(PriceInShop(sale).violations, Not(IsEmpty())) << "999,999,999.99 in cash is 1,000,000,000.00";
}

}  // namespace
}  // namespace kasa::domain
