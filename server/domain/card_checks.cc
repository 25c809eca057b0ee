#include "server/domain/card_checks.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "server/domain/limits.h"
#include "server/domain/register_text.h"

namespace kasa::domain {
namespace {

constexpr size_t kFirstShown = 6;
constexpr size_t kLastShown = 4;

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

bool IsForTheEye(char c) {
  return c == ' ' || c == '-' || c == '.';
}

std::string CheckText(absl::string_view field, absl::string_view value, size_t max_length,
                      const FieldScope& scope) {
  if (!scope.IsShortEnough(field, value, max_length)) return "";
  return scope.Clean(field, value, max_length);
}

std::string CheckMask(absl::string_view card_mask, const FieldScope& scope) {
  constexpr absl::string_view kField = "card_mask";
  // As it would be printed: digits of another script become plain ones there.
  std::string mask = CheckText(kField, card_mask, kMaxCardTextLength, scope);
  if (IsMasked(mask)) return mask;
  scope.Violate(kField, Reason::kCardNumberNotMasked,
                "shows more of the card number than the first six and the last four digits");
  return "";
}

}  // namespace

bool IsMasked(absl::string_view card_mask) {
  std::string number;
  std::copy_if(card_mask.begin(), card_mask.end(), std::back_inserter(number),
               [](char c) { return !IsForTheEye(c); });
  const auto shown = static_cast<size_t>(std::count_if(number.begin(), number.end(), IsDigit));
  const auto first_mask = std::find_if_not(number.begin(), number.end(), IsDigit);
  if (first_mask == number.end()) return shown <= kFirstShown + kLastShown;
  const auto last_mask = std::find_if_not(number.rbegin(), number.rend(), IsDigit);
  const auto first = static_cast<size_t>(first_mask - number.begin());
  const auto last = static_cast<size_t>(last_mask - number.rbegin());
  const bool hidden_between = first + last == shown;
  return hidden_between && first <= kFirstShown && last <= kLastShown;
}

CardDetails CheckCard(const CardDetails& card, const FieldScope& scope) {
  CardDetails checked;
  checked.rrn = CheckText("rrn", card.rrn, kMaxCardTextLength, scope);
  checked.auth_code = CheckText("auth_code", card.auth_code, kMaxCardTextLength, scope);
  checked.terminal_id = CheckText("terminal_id", card.terminal_id, kMaxCardTextLength, scope);
  checked.card_mask = CheckMask(card.card_mask, scope);
  checked.payment_system = CheckText("payment_system", card.payment_system, kMaxCardTextLength, scope);
  checked.bank_id = CheckText("bank_id", card.bank_id, kMaxCardTextLength, scope);
  checked.bank_name = CheckText("bank_name", card.bank_name, kMaxBankNameLength, scope);
  if (card.commission.IsNegative()) {
    scope.Violate("commission_kopiykas", Reason::kAmountOutOfRange, "is negative");
  } else if (scope.IsInRange("commission_kopiykas", card.commission)) {
    checked.commission = card.commission;
  }
  return checked;
}

}  // namespace kasa::domain
