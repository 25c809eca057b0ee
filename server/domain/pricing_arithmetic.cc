// RoundCash and SpreadDiscount of pricing.h: integers only.
#include <algorithm>
#include <cstdint>
#include <numeric>

#include "common/wide.h"
#include "server/domain/pricing.h"

namespace kasa::domain {
namespace {

int64_t KopiykasOf(CashRounding step) {
  switch (step) {
    case CashRounding::kTenKopiykas:
      return 10;
    case CashRounding::kFiftyKopiykas:
      return 50;
    case CashRounding::kNone:
      break;
  }
  return 1;
}

// Places of `remainders`, the largest remainder first, ties to the earlier line.
std::vector<size_t> ByRemainder(const std::vector<Wide>& remainders) {
  std::vector<size_t> order(remainders.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&remainders](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  return order;
}

// Non-negative `whole` spread over `amounts`, whose total is `total`. With `keep_one`, no share takes the
// last kopiyka of its amount; then `whole` is at most `total` less one kopiyka a line.
std::vector<Wide> SpreadMagnitude(Wide whole, const std::vector<Money>& amounts, Wide total, bool keep_one) {
  std::vector<Wide> shares;
  std::vector<Wide> remainders;
  Wide left = whole;
  for (const Money amount : amounts) {
    const Wide proportional = whole * amount.kopiykas();
    shares.push_back(proportional / total);
    remainders.push_back(proportional % total);
    left -= shares.back();
  }
  // Rounding down left less than a kopiyka a line to hand out. As whole < total, no share is over its line's
  // limit so far; a line that is at it is passed over, and the round goes on from the first.
  const std::vector<size_t> order = ByRemainder(remainders);
  for (size_t next = 0; left > 0; next = (next + 1) % order.size()) {
    const size_t line = order[next];
    if (keep_one && shares[line] >= amounts[line].kopiykas() - 1) continue;
    ++shares[line];
    --left;
  }
  return shares;
}

}  // namespace

Money RoundCash(Money cash, CashRounding step) {
  const int64_t size = KopiykasOf(step);
  const int64_t over = cash.kopiykas() % size;
  const int64_t down = cash.kopiykas() - over;
  return Money::FromKopiykas(2 * over >= size ? down + size : down);
}

std::optional<std::vector<Money>> SpreadDiscount(const std::vector<Money>& amounts, Money discount) {
  if (amounts.empty()) return std::nullopt;
  Wide total = 0;
  for (const Money amount : amounts) {
    if (!amount.IsPositive()) return std::nullopt;
    total += amount.kopiykas();
  }
  const bool is_markup = discount.IsNegative();
  const Wide whole = is_markup ? -Wide{discount.kopiykas()} : Wide{discount.kopiykas()};
  if (!is_markup && whole > total - static_cast<Wide>(amounts.size())) return std::nullopt;

  std::vector<Money> shares;
  for (const Wide share : SpreadMagnitude(whole, amounts, total, !is_markup)) {
    shares.push_back(Money::FromKopiykas(static_cast<int64_t>(is_markup ? -share : share)));
  }
  return shares;
}

}  // namespace kasa::domain
