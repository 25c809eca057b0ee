#include "server/domain/return_lines.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/limits.h"
#include "server/domain/line_fields.h"
#include "server/domain/return_matching.h"

namespace kasa::domain {
namespace {

// The fields of a line that are right or wrong by themselves. `row` gets what the caller decides.
struct OwnFields {
  PricedRow row;
  bool quantity_is_right = false;
  bool price_is_right = false;
  bool discount_is_right = false;
};

OwnFields CheckOwnFields(const Line& line, const FieldScope& scope) {
  OwnFields own;
  if (scope.IsIdOrEmpty("line_id", line.line_id, kMaxIdLength)) own.row.line_id = line.line_id;
  own.row.name = CheckLineName(line, scope);
  own.quantity_is_right = IsLineQuantity(line.quantity, scope);
  own.price_is_right = IsLinePrice(line.price, scope);
  own.discount_is_right = scope.IsInRange("discount_kopiykas", line.discount);
  if (line.tax_id.empty()) {
    scope.Violate("tax_id", Reason::kTaxMissing, "is empty");
  } else {
    scope.IsIdOrEmpty("tax_id", line.tax_id, kMaxIdLength);
  }
  own.row.code = CheckLineCode("code", line.code, kRegisterCodeLength, scope);
  own.row.barcode = CheckLineCode("barcode", line.barcode, kRegisterBarcodeLength, scope);
  own.row.uktzed = CheckLineUktzed(line, scope);
  own.row.dkpp = CheckLineCode("dkpp", line.dkpp, kRegisterDkppLength, scope);
  own.row.excise_stamps = CheckLineStamps(line, scope);
  CheckLineUnit(line, scope);
  own.row.comment = CheckLineComment(line, scope);
  return own;
}

void CompareCode(absl::string_view field, const std::string& given, const std::string& sold,
                 const FieldScope& scope) {
  if (given.empty() || given == sold) return;
  scope.Violate(field, Reason::kDiffersFromSale,
                sold.empty() ? "the sale's line has none" : absl::StrCat("expected ", sold, ", as sold"));
}

void CompareWithSold(const Line& line, const OwnFields& own, const OriginalRow& row,
                     const FieldScope& scope) {
  const PricedRow& sold = row.sold;
  if (!own.row.name.empty() && own.row.name != sold.name) {
    scope.Warn(Reason::kDiffersFromSale, "differs from the sale's line, whose name the receipt has", "name");
  }
  if (own.price_is_right && line.price != sold.price) {
    scope.Violate("price_kopiykas", Reason::kDiffersFromSale,
                  absl::StrCat("is ", line.price.ToDecimal(), ", expected ", sold.price.ToDecimal(), " (",
                               sold.price.kopiykas(), " kopiykas), as sold"));
  }
  if (row.tax_id && !line.tax_id.empty() && line.tax_id != *row.tax_id) {
    scope.Violate("tax_id", Reason::kDiffersFromSale, absl::StrCat("expected ", *row.tax_id, ", as sold"));
  }
  CompareCode("code", own.row.code, sold.code, scope);
  CompareCode("barcode", own.row.barcode, sold.barcode, scope);
  CompareCode("uktzed", own.row.uktzed, sold.uktzed, scope);
  CompareCode("dkpp", own.row.dkpp, sold.dkpp, scope);
}

// The stamps that come back, of those that are left.
std::vector<std::string> ChooseStamps(const Line& line, const OriginalRow& row, const FieldScope& scope) {
  if (line.excise_stamps.empty()) {
    if (line.quantity == row.Left()) return row.stamps_left;
    if (!row.stamps_left.empty()) {
      scope.Violate("excise_stamps", Reason::kExciseStampsMissing,
                    "a part of the sale's line comes back: name the stamps of what does");
    }
    return {};
  }
  std::vector<std::string> left = row.stamps_left;
  for (size_t i = 0; i < line.excise_stamps.size(); ++i) {
    const auto found = std::find(left.begin(), left.end(), line.excise_stamps[i]);
    if (found != left.end()) {
      left.erase(found);
    } else {
      scope.Violate(absl::StrCat("excise_stamps[", i, "]"), Reason::kDiffersFromSale,
                    "is none of the sale's line, or came back already");
    }
  }
  return line.excise_stamps;
}

// What the buyer gets back for the line, when a row can have it.
std::optional<Money> PriceLine(const Line& line, const OriginalRow& row, const FieldScope& scope) {
  constexpr absl::string_view kQuantity = "quantity_thousandths";
  const auto gross = Multiply(line.quantity, row.sold.price);
  if (!gross || gross->IsZero()) {
    scope.Violate(kQuantity, Reason::kLineAmountZero,
                  "times the price is 0.00, which the register does not take: return more of it at once");
    return std::nullopt;
  }
  const Money amount = ShareOf(row, line.quantity);
  if (!amount.IsPositive()) {
    scope.Violate(kQuantity, Reason::kLineAmountZero,
                  "after the sale's discounts this part comes to 0.00: return more of it at once");
    return std::nullopt;
  }
  return amount;
}

void CompareMoney(absl::string_view field, Money given, Money expected, absl::string_view what,
                  const FieldScope& scope) {
  if (given == expected) return;
  scope.Violate(field, Reason::kLineAmountMismatch,
                absl::StrCat("is ", given.ToDecimal(), ", expected ", expected.ToDecimal(), " (",
                             expected.kopiykas(), " kopiykas): ", what));
}

// What the line states about its amount, which is `amount`.
void CheckStated(const Line& line, bool document_has_discount, Money amount, Money gross,
                 const FieldScope& scope) {
  constexpr absl::string_view kAmount = "amount_kopiykas";
  const bool amount_is_stated = line.amount && scope.IsInRange(kAmount, *line.amount);
  if (document_has_discount) {
    const Money net = Money::FromKopiykas(gross.kopiykas() - line.discount.kopiykas());
    if (amount_is_stated) CompareMoney(kAmount, *line.amount, net, "quantity x price less discount", scope);
    return;
  }
  if (!line.discount.IsZero()) {
    CompareMoney("discount_kopiykas", line.discount,
                 Money::FromKopiykas(gross.kopiykas() - amount.kopiykas()),
                 "it has to leave what was paid for what comes back", scope);
  }
  if (amount_is_stated) {
    CompareMoney(kAmount, *line.amount, amount, "what was paid for what comes back", scope);
  }
}

// A return's row of the receipt: sold as it was, for the part that comes back.
PricedRow RowOf(const OwnFields& own, const OriginalRow& row, size_t place, const Line& line, Money amount,
                Money gross) {
  PricedRow result = row.sold;
  result.line_id = own.row.line_id;
  result.comment = own.row.comment;
  result.quantity = line.quantity;
  result.amount = amount;
  result.discount = Money::FromKopiykas(gross.kopiykas() - amount.kopiykas());
  result.original_row = static_cast<int>(place) + 1;
  return result;
}

void TakeOffLine(const PricedRow& returned, Original& original) {
  PricedReceipt one;
  one.rows = {returned};
  TakeOff(one, original);
}

}  // namespace

ReturnLines CheckReturnLines(const Document& sales_return, Original original, const FieldScope& document) {
  ReturnLines checked;
  const std::vector<Line>& lines = sales_return.lines;
  if (lines.empty() || lines.size() > kMaxLines) {
    if (lines.empty()) document.Violate("lines", Reason::kLinesMissing, "there are none");
    if (!lines.empty()) {
      document.Violate("lines", Reason::kTooManyItems,
                       absl::StrCat("there are more than the ", kMaxLines, " that are taken"));
    }
    checked.amounts_known = false;
    return checked;
  }
  std::set<absl::string_view> line_ids;
  for (size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    const FieldScope scope = document.Item("lines", i);
    const OwnFields own = CheckOwnFields(line, scope);
    if (!line.line_id.empty() && !line_ids.insert(line.line_id).second) {
      scope.Violate("line_id", Reason::kDuplicateLineId,
                    absl::StrCat(line.line_id, " is the id of an earlier line"));
    }
    const auto place = MatchToOriginal(sales_return, i, original, scope);
    if (place) CompareWithSold(line, own, original.rows[*place], scope);
    if (!place || !own.quantity_is_right || !own.discount_is_right) {
      checked.amounts_known = false;
      continue;
    }
    const OriginalRow& row = original.rows[*place];
    if (line.quantity > row.Left()) {
      checked.excesses.push_back({i, line.quantity, row.Left(), row.sold.quantity});
      checked.amounts_known = false;
      continue;
    }
    const auto amount = PriceLine(line, row, scope);
    if (!amount) {
      checked.amounts_known = false;
      continue;
    }
    const Money gross = *Multiply(line.quantity, row.sold.price);
    CheckStated(line, !sales_return.discount.IsZero(), *amount, gross, scope);
    PricedRow returned = RowOf(own, row, *place, line, *amount, gross);
    returned.excise_stamps = ChooseStamps(line, row, scope);
    TakeOffLine(returned, original);
    checked.rows.push_back(std::move(returned));
  }
  return checked;
}

}  // namespace kasa::domain
