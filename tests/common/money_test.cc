#include "common/money.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace kasa {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

Money K(int64_t kopiykas) {
  return Money::FromKopiykas(kopiykas);
}

TEST(Money, IsWrittenWithTwoDecimals) {
  struct Case {
    int64_t kopiykas;
    const char* text;
  };
  for (const Case& c : {Case{0, "0.00"}, Case{1, "0.01"}, Case{-1, "-0.01"}, Case{10, "0.10"},
                        Case{100, "1.00"}, Case{-1205, "-12.05"}, Case{99'999'999'999, "999999999.99"},
                        Case{kMax, "92233720368547758.07"}, Case{kMin, "-92233720368547758.08"}}) {
    EXPECT_EQ(K(c.kopiykas).ToDecimal(), c.text);
    EXPECT_EQ(Money::FromDecimal(c.text), K(c.kopiykas)) << c.text;
  }
}

TEST(Money, IsReadWithFewerDecimalsAndWithZerosAfterThem) {
  struct Case {
    const char* text;
    int64_t kopiykas;
  };
  for (const Case& c : {Case{"12", 1200}, Case{"12.5", 1250}, Case{"12.500", 1250}, Case{"-0.00", 0},
                        Case{"007", 700}, Case{"0.010000000000000000000", 1}}) {
    EXPECT_EQ(Money::FromDecimal(c.text), K(c.kopiykas)) << c.text;
  }
}

TEST(Money, IsNotReadFromAnythingElse) {
  for (const char* text : {"",
                           "-",
                           ".",
                           ".5",
                           "5.",
                           "-.5",
                           "+1",
                           "1e2",
                           "1,5",
                           " 1",
                           "1 ",
                           "0x1",
                           "1.005",
                           "0.001",
                           "1.2.3",
                           "--1",
                           "NaN",
                           "92233720368547758.08",
                           "-92233720368547758.09",
                           "99999999999999999999999999999999999999999"}) {
    EXPECT_EQ(Money::FromDecimal(text), std::nullopt) << text;
  }
}

TEST(Money, AddsAndSubtractsWithinInt64Only) {
  EXPECT_EQ(Add(K(2), K(-5)), K(-3));
  EXPECT_EQ(Add(K(kMax), K(0)), K(kMax));
  EXPECT_EQ(Add(K(kMax), K(1)), std::nullopt);
  EXPECT_EQ(Add(K(kMin), K(-1)), std::nullopt);
  EXPECT_EQ(Add(K(kMin), K(kMax)), K(-1));
  EXPECT_EQ(Subtract(K(2), K(5)), K(-3));
  EXPECT_EQ(Subtract(K(kMin), K(1)), std::nullopt);
  EXPECT_EQ(Subtract(K(0), K(kMin)), std::nullopt);
  EXPECT_EQ(Subtract(K(kMin), K(kMin)), K(0));
}

TEST(Quantity, IsWrittenWithThreeDecimals) {
  struct Case {
    int64_t thousandths;
    const char* text;
  };
  for (const Case& c : {Case{0, "0.000"}, Case{1, "0.001"}, Case{1500, "1.500"}, Case{-250, "-0.250"},
                        Case{kMax, "9223372036854775.807"}, Case{kMin, "-9223372036854775.808"}}) {
    EXPECT_EQ(Quantity::FromThousandths(c.thousandths).ToDecimal(), c.text);
    EXPECT_EQ(Quantity::FromDecimal(c.text), Quantity::FromThousandths(c.thousandths)) << c.text;
  }
  EXPECT_EQ(Quantity::FromDecimal("1.5"), Quantity::FromThousandths(1500));
  EXPECT_EQ(Quantity::FromDecimal("1.0005"), std::nullopt);
}

TEST(Multiply, RoundsHalfUpAwayFromZeroOnce) {
  struct Case {
    int64_t thousandths;
    int64_t kopiykas;
    int64_t product;
  };
  for (const Case& c :
       {Case{1000, 4500, 4500}, Case{1500, 333, 500}, Case{1, 499, 0}, Case{1, 500, 1}, Case{333, 1000, 333},
        Case{2500, 1, 3}, Case{2499, 1, 2}, Case{2500, -1, -3}, Case{-2500, 1, -3}, Case{2499, -1, -2},
        Case{0, kMin, 0}, Case{1000, kMax, kMax}, Case{1000, kMin, kMin}}) {
    EXPECT_EQ(Multiply(Quantity::FromThousandths(c.thousandths), K(c.kopiykas)), K(c.product))
        << c.thousandths << " x " << c.kopiykas;
  }
}

TEST(Multiply, GivesNothingBeyondInt64) {
  for (const int64_t a : {kMax, kMin}) {
    for (const int64_t b : {kMax, kMin}) {
      EXPECT_EQ(Multiply(Quantity::FromThousandths(a), K(b)), std::nullopt);
    }
  }
  EXPECT_EQ(Multiply(Quantity::FromThousandths(1001), K(kMax)), std::nullopt);
  EXPECT_EQ(Multiply(Quantity::FromThousandths(-1000), K(kMin)), std::nullopt);
}

}  // namespace
}  // namespace kasa
