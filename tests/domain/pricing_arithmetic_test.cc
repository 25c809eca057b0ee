#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "server/domain/pricing.h"
#include "tests/domain/random.h"
#include "tests/domain/sale_builder.h"

namespace kasa::domain {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

std::vector<Money> Amounts(const std::vector<int64_t>& kopiykas) {
  std::vector<Money> amounts;
  for (const int64_t amount : kopiykas) amounts.push_back(K(amount));
  return amounts;
}

TEST(RoundCash, FollowsTheResolutionInStepsOf50) {
  struct Case {
    int64_t cash;
    int64_t rounded;
  };
  for (const Case& c :
       {Case{0, 0}, Case{1, 0}, Case{24, 0}, Case{25, 50}, Case{49, 50}, Case{50, 50}, Case{51, 50},
        Case{74, 50}, Case{75, 100}, Case{99, 100}, Case{100, 100}, Case{12'324, 12'300},
        Case{12'325, 12'350}, Case{12'374, 12'350}, Case{12'375, 12'400}}) {
    EXPECT_EQ(RoundCash(K(c.cash), CashRounding::kFiftyKopiykas), K(c.rounded)) << c.cash;
  }
}

TEST(RoundCash, RoundsHalfUpInStepsOf10AndNotAtAllWithout) {
  struct Case {
    int64_t cash;
    int64_t rounded;
  };
  for (const Case& c : {Case{0, 0}, Case{4, 0}, Case{5, 10}, Case{14, 10}, Case{15, 20}, Case{95, 100}}) {
    EXPECT_EQ(RoundCash(K(c.cash), CashRounding::kTenKopiykas), K(c.rounded)) << c.cash;
    EXPECT_EQ(RoundCash(K(c.cash), CashRounding::kNone), K(c.cash));
  }
}

struct SpreadCase {
  std::vector<int64_t> amounts;
  int64_t discount;
  std::vector<int64_t> shares;
};

TEST(SpreadDiscount, SpreadsByLargestRemainder) {
  const std::vector<SpreadCase> cases = {
      {{100}, 30, {30}},
      {{100, 100}, 0, {0, 0}},
      {{100, 100}, 50, {25, 25}},
      // 33.33 each: the kopiyka left goes to the earliest.
      {{100, 100, 100}, 100, {34, 33, 33}},
      {{100, 100, 100}, 101, {34, 34, 33}},
      // 6.67, 3.33.
      {{200, 100}, 10, {7, 3}},
      // 3.33, 6.67.
      {{100, 200}, 10, {3, 7}},
      // The samples' document: 10.00 off 100.00 + 99.99.
      {{10000, 9999}, 1000, {500, 500}},
      // Everything but a kopiyka a line.
      {{100, 50, 1}, 148, {99, 49, 0}},
      {{1, 1, 1}, 0, {0, 0, 0}},
      // 0.75 of each 1: they are full, so the two big ones take it.
      {{1, 1, 4}, 3, {0, 0, 3}},
      // Rounded off: 0.8, 0.8, 0.8, 0.6. The first three are full, the last takes all.
      {{1, 1, 1, 12}, 11, {0, 0, 0, 11}},
      // Markups: the same proportions, no limit.
      {{100, 100, 100}, -100, {-34, -33, -33}},
      {{200, 100}, -10, {-7, -3}},
      {{1, 1}, -5, {-3, -2}},
  };
  for (const SpreadCase& c : cases) {
    EXPECT_EQ(SpreadDiscount(Amounts(c.amounts), K(c.discount)), Amounts(c.shares)) << c.discount;
  }
}

TEST(SpreadDiscount, GivesNothingWhenALineWouldKeepNothing) {
  for (const SpreadCase& c : std::vector<SpreadCase>{{{}, 0, {}},
                                                     {{}, -5, {}},
                                                     {{100}, 100, {}},
                                                     {{100, 50, 1}, 149, {}},
                                                     {{1, 1, 1}, 1, {}},
                                                     {{100, 0}, 1, {}},
                                                     {{100, 0}, -1, {}},
                                                     {{100, -1}, 1, {}},
                                                     {{100}, kMax, {}}}) {
    EXPECT_EQ(SpreadDiscount(Amounts(c.amounts), K(c.discount)), std::nullopt) << c.discount;
  }
}

TEST(SpreadDiscount, IsExactAtTheEndsOfInt64) {
  EXPECT_EQ(SpreadDiscount(Amounts({kMax}), K(kMax - 1)), Amounts({kMax - 1}));
  EXPECT_EQ(SpreadDiscount(Amounts({kMax, kMax}), K(kMax)), Amounts({kMax / 2 + 1, kMax / 2}));
  EXPECT_EQ(SpreadDiscount(Amounts({1}), K(kMin)), Amounts({kMin}));
  EXPECT_EQ(SpreadDiscount(Amounts({1, 1}), K(kMin)), Amounts({kMin / 2, kMin / 2}));
}

// Small amounts and discounts near the limit: that is where lines are full and the round starts again.
TEST(SpreadDiscount, AddsUpAndLeavesAKopiykaOnEveryLine) {
  for (uint64_t seed = 0; seed < 10'000; ++seed) {
    SCOPED_TRACE(seed);
    fuzz::Random random(seed);
    std::vector<Money> amounts;
    int64_t total = 0;
    for (int64_t left = random.Between(1, 9); left > 0; --left) {
      amounts.push_back(K(random.OneIn(2) ? random.Between(1, 3) : random.Between(1, 400)));
      total += amounts.back().kopiykas();
    }
    const auto lines = static_cast<int64_t>(amounts.size());
    const int64_t discount = random.OneIn(3) ? total - lines : random.Between(-total, total - lines);
    const auto shares = SpreadDiscount(amounts, K(discount));
    ASSERT_TRUE(shares.has_value());
    ASSERT_EQ(shares->size(), amounts.size());
    int64_t spread = 0;
    int wrong = 0;
    for (size_t i = 0; i < amounts.size(); ++i) {
      const int64_t share = (*shares)[i].kopiykas();
      spread += share;
      if (amounts[i].kopiykas() - share < 1) ++wrong;
      if (share != 0 && (share > 0) != (discount > 0)) ++wrong;
    }
    ASSERT_EQ(spread, discount);
    ASSERT_EQ(wrong, 0);
    ASSERT_EQ(SpreadDiscount(amounts, K(total - lines + 1)), std::nullopt);
  }
}

TEST(ChainReason, IsOneForEachRoleButNone) {
  EXPECT_EQ(ChainReason(ChainRole::kNone), std::nullopt);
  EXPECT_EQ(ChainReason(ChainRole::kPrepayment), Reason::kFiscalChainPrepayment);
  EXPECT_EQ(ChainReason(ChainRole::kPostpayment), Reason::kFiscalChainPostpayment);
  EXPECT_EQ(ChainReason(ChainRole::kChainReturn), Reason::kFiscalChainReturn);
}

}  // namespace
}  // namespace kasa::domain
