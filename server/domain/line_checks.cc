#include "server/domain/line_checks.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/domain/catalogue.h"
#include "server/domain/limits.h"
#include "server/domain/register_text.h"

namespace kasa::domain {
namespace {

bool IsAllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

std::string CheckName(const Line& line, const FieldScope& scope) {
  if (!scope.IsShortEnough("name", line.name, kMaxTextLength)) return "";
  std::string name = scope.Clean("name", line.name, kRegisterNameLength);
  if (name.empty()) {
    scope.Violate("name", Reason::kNameMissing,
                  line.name.empty() ? "is empty" : "has no character that the register can print");
  }
  return name;
}

bool IsQuantity(Quantity quantity, const FieldScope& scope) {
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

bool IsPrice(Money price, const FieldScope& scope) {
  constexpr absl::string_view kField = "price_kopiykas";
  if (!price.IsNegative()) return scope.IsInRange(kField, price);
  scope.Violate(kField, Reason::kPriceNegative, "is negative");
  return false;
}

// quantity x price.
std::optional<Money> CheckGross(const Line& line, const FieldScope& scope) {
  const bool quantity_is_right = IsQuantity(line.quantity, scope);
  const bool price_is_right = IsPrice(line.price, scope);
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

// quantity x price - discount, when that is an amount that a row can have.
std::optional<Money> CheckAmount(const Line& line, const FieldScope& scope) {
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

void CheckStatedAmount(const Line& line, const std::optional<Money>& expected, const FieldScope& scope) {
  constexpr absl::string_view kField = "amount_kopiykas";
  if (!line.amount || !scope.IsInRange(kField, *line.amount) || !expected) return;
  if (*line.amount == *expected) return;
  scope.Violate(kField, Reason::kLineAmountMismatch,
                absl::StrCat("is ", line.amount->ToDecimal(), ", expected ", expected->ToDecimal(), " (",
                             expected->kopiykas(), " kopiykas): quantity x price less discount"));
}

// The tax group; 0 when there is none.
int CheckTax(const Line& line, const Mapping& mapping, const FieldScope& scope) {
  constexpr absl::string_view kField = "tax_id";
  if (line.tax_id.empty()) {
    scope.Violate(kField, Reason::kTaxMissing, "is empty");
    return 0;
  }
  if (!scope.IsIdOrEmpty(kField, line.tax_id, kMaxIdLength)) return 0;
  const auto mapped = mapping.tax_groups.find(line.tax_id);
  if (mapped == mapping.tax_groups.end()) {
    scope.Violate(kField, Reason::kTaxNotMapped, absl::StrCat(line.tax_id, " is not mapped to a tax group"));
    return 0;
  }
  if (!IsKnownTaxGroup(mapped->second)) {
    scope.Violate(
        kField, Reason::kTaxGroupUnknown,
        absl::StrCat(line.tax_id, " is mapped to tax group ", mapped->second, ", which is not known"));
    return 0;
  }
  return mapped->second;
}

// Codes name things: a code that is too long is refused and never cut, or two could become one.
std::string CheckCode(absl::string_view field, absl::string_view value, size_t max_length,
                      const FieldScope& scope) {
  if (!scope.IsShortEnough(field, value, max_length)) return "";
  // A plain form may be longer than what it stands for, so the limit is checked on both.
  std::string code = scope.Clean(field, value, kMaxTextLength);
  scope.IsShortEnough(field, code, max_length);
  return code;
}

std::string CheckUktzed(const Line& line, const FieldScope& scope) {
  constexpr absl::string_view kField = "uktzed";
  if (!scope.IsShortEnough(kField, line.uktzed, kRegisterUktzedLength)) return "";
  if (!IsAllDigits(line.uktzed)) scope.Violate(kField, Reason::kFieldInvalid, "is not of digits only");
  return line.uktzed;
}

// Stamps are sent as they are or not at all: one with a character changed would be another stamp.
std::vector<std::string> CheckStamps(const Line& line, const FieldScope& scope) {
  if (line.excise_stamps.size() > kMaxExciseStampsPerLine) {
    scope.Violate("excise_stamps", Reason::kTooManyItems,
                  absl::StrCat("has ", line.excise_stamps.size(), " stamps, at most ",
                               kMaxExciseStampsPerLine, " are taken"));
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

void CheckExcise(const Line& line, int tax_group, const FieldScope& scope) {
  if (!IsExciseTaxGroup(tax_group)) return;
  if (line.uktzed.empty()) {
    scope.Violate("uktzed", Reason::kExciseCodeMissing,
                  absl::StrCat("tax group ", tax_group, " is an excise group and needs it"));
  }
  if (line.excise_stamps.empty()) {
    scope.Violate("excise_stamps", Reason::kExciseStampsMissing,
                  absl::StrCat("tax group ", tax_group, " is an excise group and needs them"));
  }
}

std::string CheckComment(const Line& line, const FieldScope& scope) {
  if (!scope.IsShortEnough("comment", line.comment, kMaxTextLength)) return "";
  return scope.Clean("comment", line.comment, kRegisterCommentLength);
}

// What only a look at the other lines tells.
class AcrossLines {
 public:
  void Check(const Line& line, const PricedRow& row, const FieldScope& scope) {
    if (!line.line_id.empty() && !line_ids_.insert(line.line_id).second) {
      scope.Violate("line_id", Reason::kDuplicateLineId,
                    absl::StrCat(line.line_id, " is the id of an earlier line"));
    }
    if (row.code.empty() || row.tax_group == 0) return;
    const auto [known, is_new] = group_of_code_.emplace(row.code, row.tax_group);
    if (!is_new && known->second != row.tax_group) {
      scope.Warn("the register may refuse one item code under two tax groups in a shift", "code");
    }
  }

 private:
  std::set<absl::string_view> line_ids_;
  std::map<std::string, int> group_of_code_;
};

// In the order of the contract's fields. The amount is zero when it can't be told.
PricedRow CheckLine(const Line& line, const Mapping& mapping, const FieldScope& scope) {
  PricedRow row;
  if (scope.IsIdOrEmpty("line_id", line.line_id, kMaxIdLength)) row.line_id = line.line_id;
  row.name = CheckName(line, scope);
  row.quantity = line.quantity;
  row.price = line.price;
  row.discount = line.discount;
  const auto amount = CheckAmount(line, scope);
  row.amount = amount.value_or(Money());
  row.tax_group = CheckTax(line, mapping, scope);
  CheckStatedAmount(line, amount, scope);
  row.code = CheckCode("code", line.code, kRegisterCodeLength, scope);
  row.barcode = CheckCode("barcode", line.barcode, kRegisterBarcodeLength, scope);
  row.uktzed = CheckUktzed(line, scope);
  row.dkpp = CheckCode("dkpp", line.dkpp, kRegisterDkppLength, scope);
  row.excise_stamps = CheckStamps(line, scope);
  CheckExcise(line, row.tax_group, scope);
  if (scope.IsIdOrEmpty("unit_code", line.unit_code, kMaxUnitCodeLength) && !line.unit_code.empty()) {
    scope.Warn("kept but not sent, the register has no field for it", "unit_code");
  }
  row.comment = CheckComment(line, scope);
  if (!line.original_line_id.empty()) {
    scope.Violate("original_line_id", Reason::kFieldNotAllowed, "is for returns only");
  }
  return row;
}

}  // namespace

CheckedLines CheckLines(const std::vector<Line>& lines, const Mapping& mapping, const FieldScope& document) {
  CheckedLines checked;
  if (lines.empty()) {
    document.Violate("lines", Reason::kLinesMissing, "there are none");
    checked.amounts_known = false;
    return checked;
  }
  if (lines.size() > kMaxLines) {
    document.Violate("lines", Reason::kTooManyItems,
                     absl::StrCat("there are ", lines.size(), ", at most ", kMaxLines, " are taken"));
    checked.amounts_known = false;
    return checked;
  }
  AcrossLines across;
  for (size_t i = 0; i < lines.size(); ++i) {
    const FieldScope scope = document.Item("lines", i);
    checked.rows.push_back(CheckLine(lines[i], mapping, scope));
    across.Check(lines[i], checked.rows.back(), scope);
    if (!checked.rows.back().amount.IsPositive()) checked.amounts_known = false;
  }
  return checked;
}

}  // namespace kasa::domain
