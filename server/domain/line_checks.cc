#include "server/domain/line_checks.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/domain/catalogue.h"
#include "server/domain/limits.h"
#include "server/domain/line_fields.h"

namespace kasa::domain {
namespace {

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
      scope.Warn(Reason::kTaxGroupChangedInShift,
                 "the register may refuse one item code under two tax groups in a shift", "code");
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
  row.name = CheckLineName(line, scope);
  row.quantity = line.quantity;
  row.price = line.price;
  row.discount = line.discount;
  const auto amount = CheckLineAmount(line, scope);
  row.amount = amount.value_or(Money());
  row.tax_group = CheckTax(line, mapping, scope);
  CheckStatedAmount(line, amount, scope);
  row.code = CheckLineCode("code", line.code, kRegisterCodeLength, scope);
  row.barcode = CheckLineCode("barcode", line.barcode, kRegisterBarcodeLength, scope);
  row.uktzed = CheckLineUktzed(line, scope);
  row.dkpp = CheckLineCode("dkpp", line.dkpp, kRegisterDkppLength, scope);
  row.excise_stamps = CheckLineStamps(line, scope);
  CheckExcise(line, row.tax_group, scope);
  CheckLineUnit(line, scope);
  row.comment = CheckLineComment(line, scope);
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
                     absl::StrCat("there are more than the ", kMaxLines, " that are taken"));
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
