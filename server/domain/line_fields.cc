#include "server/domain/line_fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/domain/limits.h"
#include "server/domain/register_text.h"

namespace kasa::domain {
namespace {

bool IsAllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

// quantity x price.
std::optional<Money> CheckGross(const Line& line, const FieldScope& scope) {
  const bool quantity_is_right = IsLineQuantity(line.quantity, scope);
  const bool price_is_right = IsLinePrice(line.price, scope);
  if (!quantity_is_right || !price_is_right) return std::nullopt;
  const auto gross = Multiply(line.quantity, line.price);
  if (!gross || gross->kopiykas() > kMaxAmountKopiykas) {
    scope.Violate("price_kopiykas", Reason::kAmountOutOfRange,
                  absl::StrCat("times the quantity is beyond the limit of ",
                               Money::FromKopiykas(kMaxAmountKopiykas).ToDecimal()));
    return std::nullopt;
  }
  if (gross->IsZero()) {
    // The register refuses such a row (code 1107) even if a markup makes it more.
    scope.Violate("price_kopiykas", Reason::kLineAmountZero, "times the quantity is 0.00");
    return std::nullopt;
  }
  return gross;
}

}  // namespace

std::string CheckLineName(const Line& line, const FieldScope& scope) {
  if (!scope.IsShortEnough("name", line.name, kMaxTextLength)) return "";
  std::string name = scope.Clean("name", line.name, kRegisterNameLength);
  if (name.empty()) {
    scope.Violate("name", Reason::kNameMissing,
                  line.name.empty() ? "is empty" : "has no character that the register can print");
  }
  return name;
}

bool IsLineQuantity(Quantity quantity, const FieldScope& scope) {
  constexpr absl::string_view kField = "quantity_thousandths";
  if (quantity.thousandths() <= 0) {
    scope.Violate(kField, Reason::kQuantityNotPositive, "is not more than zero");
    return false;
  }
  if (quantity.thousandths() > kMaxQuantityThousandths) {
    scope.Violate(kField, Reason::kAmountOutOfRange,
                  absl::StrCat("is beyond the limit of ",
                               Quantity::FromThousandths(kMaxQuantityThousandths).ToDecimal()));
    return false;
  }
  return true;
}

bool IsLinePrice(Money price, const FieldScope& scope) {
  constexpr absl::string_view kField = "price_kopiykas";
  if (!price.IsNegative()) return scope.IsInRange(kField, price);
  scope.Violate(kField, Reason::kPriceNegative, "is negative");
  return false;
}

std::optional<Money> CheckLineAmount(const Line& line, const FieldScope& scope) {
  const auto gross = CheckGross(line, scope);
  if (!scope.IsInRange("discount_kopiykas", line.discount) || !gross) return std::nullopt;
  const auto amount = Subtract(*gross, line.discount);
  if (!amount || amount->kopiykas() > kMaxAmountKopiykas) {
    scope.Violate("discount_kopiykas", Reason::kAmountOutOfRange,
                  absl::StrCat("takes the line beyond the limit of ",
                               Money::FromKopiykas(kMaxAmountKopiykas).ToDecimal()));
    return std::nullopt;
  }
  if (amount->IsNegative()) {
    scope.Violate(
        "discount_kopiykas", Reason::kDiscountExceedsAmount,
        absl::StrCat("is ", line.discount.ToDecimal(), ", quantity x price is ", gross->ToDecimal()));
    return std::nullopt;
  }
  if (amount->IsZero()) {
    scope.Violate("discount_kopiykas", Reason::kLineAmountZero, "leaves 0.00, at least 0.01 has to stay");
    return std::nullopt;
  }
  return amount;
}

std::string CheckLineCode(absl::string_view field, absl::string_view value, size_t max_length,
                          const FieldScope& scope) {
  if (!scope.IsShortEnough(field, value, max_length)) return "";
  // A plain form may be longer than what it stands for, so the limit is checked on both.
  std::string code = scope.Clean(field, value, kMaxTextLength);
  scope.IsShortEnough(field, code, max_length);
  return code;
}

std::string CheckLineUktzed(const Line& line, const FieldScope& scope) {
  constexpr absl::string_view kField = "uktzed";
  if (!scope.IsShortEnough(kField, line.uktzed, kRegisterUktzedLength)) return "";
  if (!IsAllDigits(line.uktzed)) scope.Violate(kField, Reason::kFieldInvalid, "is not of digits only");
  return line.uktzed;
}

std::vector<std::string> CheckLineStamps(const Line& line, const FieldScope& scope) {
  if (line.excise_stamps.size() > kMaxExciseStampsPerLine) {
    scope.Violate("excise_stamps", Reason::kTooManyItems,
                  absl::StrCat("has more than the ", kMaxExciseStampsPerLine, " stamps that are taken"));
    return {};
  }
  std::vector<std::string> stamps;
  for (size_t i = 0; i < line.excise_stamps.size(); ++i) {
    const std::string field = absl::StrCat("excise_stamps[", i, "]");
    CleanedText cleaned = CleanText(line.excise_stamps[i], kMaxTextLength);
    if (cleaned.changed || cleaned.cut) {
      scope.Violate(field, Reason::kFieldInvalid, "has characters that the register does not take");
    } else if (scope.IsId(field, cleaned.text, kRegisterExciseStampLength)) {
      stamps.push_back(std::move(cleaned.text));
    }
  }
  return stamps;
}

std::string CheckLineComment(const Line& line, const FieldScope& scope) {
  if (!scope.IsShortEnough("comment", line.comment, kMaxTextLength)) return "";
  return scope.Clean("comment", line.comment, kRegisterCommentLength);
}

void CheckLineUnit(const Line& line, const FieldScope& scope) {
  if (scope.IsIdOrEmpty("unit_code", line.unit_code, kMaxUnitCodeLength) && !line.unit_code.empty()) {
    scope.Warn(Reason::kFieldIgnored, "kept but not sent, the register has no field for it", "unit_code");
  }
}

}  // namespace kasa::domain
