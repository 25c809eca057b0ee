#ifndef KASA_COMMON_MONEY_H_
#define KASA_COMMON_MONEY_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace kasa {

// An amount of money: a whole number of kopiykas (1/100 of a hryvnia), possibly negative. A plain value.
//
// Sums and differences are checked: Add() and Subtract() give nothing on overflow, and there are no operators
// that could overflow silently. No floating point anywhere (architecture.md, rule 7).
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money FromKopiykas(int64_t kopiykas) { return Money(kopiykas); }

  constexpr int64_t kopiykas() const { return kopiykas_; }
  constexpr bool IsZero() const { return kopiykas_ == 0; }
  constexpr bool IsNegative() const { return kopiykas_ < 0; }
  constexpr bool IsPositive() const { return kopiykas_ > 0; }

  friend constexpr auto operator<=>(Money, Money) = default;

  // Hryvnias with exactly two decimals and a point, as the register's JSON has them: "-12.05".
  std::string ToDecimal() const;

  // Reads what ToDecimal() writes, also with fewer decimals ("12", "12.5") and with more if the rest is
  // zeros. Nothing for anything else: exponents, signs without digits, amounts that are not whole kopiykas,
  // overflow.
  static std::optional<Money> FromDecimal(absl::string_view text);

 private:
  explicit constexpr Money(int64_t kopiykas) : kopiykas_(kopiykas) {}

  int64_t kopiykas_ = 0;
};

// Nothing on overflow of int64.
std::optional<Money> Add(Money a, Money b);
std::optional<Money> Subtract(Money a, Money b);

// A quantity: a whole number of thousandths (1.5 kg is 1500). A plain value.
class Quantity {
 public:
  constexpr Quantity() = default;
  static constexpr Quantity FromThousandths(int64_t thousandths) { return Quantity(thousandths); }

  constexpr int64_t thousandths() const { return thousandths_; }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;

  // Exactly three decimals, as the register's JSON has them: "1.500".
  std::string ToDecimal() const;
  static std::optional<Quantity> FromDecimal(absl::string_view text);

 private:
  explicit constexpr Quantity(int64_t thousandths) : thousandths_(thousandths) {}

  int64_t thousandths_ = 0;
};

// quantity x price, rounded half up (away from zero) to a kopiyka once. Nothing on overflow.
std::optional<Money> Multiply(Quantity quantity, Money price);

}  // namespace kasa

#endif  // KASA_COMMON_MONEY_H_
