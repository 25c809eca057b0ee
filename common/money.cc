#include "common/money.h"

#include <cmath>
#include <limits>

#include "absl/strings/string_view.h"
#include "common/mutant.h"
#include "common/wide.h"

namespace kasa {
namespace {

std::optional<int64_t> Narrow(Wide value) {
  if (value > std::numeric_limits<int64_t>::max() || value < std::numeric_limits<int64_t>::min())
    return std::nullopt;
  return static_cast<int64_t>(value);
}

std::string Decimal(int64_t units, int decimals) {
  // Through unsigned, so that the smallest int64 has a magnitude too.
  uint64_t magnitude = units < 0 ? uint64_t{0} - static_cast<uint64_t>(units) : static_cast<uint64_t>(units);
  std::string digits;
  for (int place = 0; magnitude > 0 || place <= decimals; ++place) {
    if (place == decimals) digits.insert(digits.begin(), '.');
    digits.insert(digits.begin(), static_cast<char>('0' + magnitude % 10));
    magnitude /= 10;
  }
  return units < 0 ? "-" + digits : digits;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<int64_t> ParseDecimal(absl::string_view text, int decimals) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const absl::string_view whole = text.substr(0, point);
  const absl::string_view fraction = point == absl::string_view::npos ? "" : text.substr(point + 1);
  if (whole.empty() || (point != absl::string_view::npos && fraction.empty())) return std::nullopt;
  Wide value = 0;
  const auto append = [&value](char digit) {
    if (!IsDigit(digit)) return false;
    value = value * 10 + (digit - '0');
    return value <= Wide{std::numeric_limits<int64_t>::max()} + 1;
  };
  for (const char digit : whole) {
    if (!append(digit)) return std::nullopt;
  }
  for (size_t i = 0; i < static_cast<size_t>(decimals); ++i) {
    if (!append(i < fraction.size() ? fraction[i] : '0')) return std::nullopt;
  }
  for (size_t i = static_cast<size_t>(decimals); i < fraction.size(); ++i) {
    if (fraction[i] != '0') return std::nullopt;
  }
  return Narrow(negative ? -value : value);
}

}  // namespace

std::string Money::ToDecimal() const {
  return Decimal(kopiykas_, 2);
}

std::optional<Money> Money::FromDecimal(absl::string_view text) {
  const auto units = ParseDecimal(text, 2);
  if (!units) return std::nullopt;
  return Money(*units);
}

std::optional<Money> Add(Money a, Money b) {
  const auto sum = Narrow(Wide{a.kopiykas()} + b.kopiykas());
  if (!sum) return std::nullopt;
  return Money::FromKopiykas(*sum);
}

std::optional<Money> Subtract(Money a, Money b) {
  const auto difference = Narrow(Wide{a.kopiykas()} - b.kopiykas());
  if (!difference) return std::nullopt;
  return Money::FromKopiykas(*difference);
}

std::string Quantity::ToDecimal() const {
  return Decimal(thousandths_, 3);
}

std::optional<Quantity> Quantity::FromDecimal(absl::string_view text) {
  const auto units = ParseDecimal(text, 3);
  if (!units) return std::nullopt;
  return Quantity(*units);
}

std::optional<Money> Multiply(Quantity quantity, Money price) {
  if (KASA_MUTANT("float-money")) {
    return Money::FromKopiykas(std::llround(static_cast<double>(quantity.thousandths()) / 1000 *
                                            static_cast<double>(price.kopiykas())));
  }
  const Wide product = Wide{quantity.thousandths()} * price.kopiykas();
  const Wide half = product < 0 ? -500 : 500;
  const auto rounded = Narrow((product + half) / 1000);
  if (!rounded) return std::nullopt;
  return Money::FromKopiykas(*rounded);
}

}  // namespace kasa
