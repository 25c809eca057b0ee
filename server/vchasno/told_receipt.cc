#include "server/vchasno/told_receipt.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/domain/catalogue.h"
#include "server/domain/limits.h"
#include "server/domain/pricing.h"

namespace kasa::vchasno {
namespace {

using domain::PricedRow;
using rapidjson::Value;

constexpr size_t kMaxRows = domain::kMaxLines;

std::optional<Money> AmountOf(const Value* value) {
  const auto text = TextOf(value);
  const auto money = text ? Money::FromDecimal(*text) : std::nullopt;
  const bool in_range = money && money->kopiykas() <= domain::kMaxAmountKopiykas &&
                        money->kopiykas() >= -domain::kMaxAmountKopiykas;
  return in_range ? money : std::nullopt;
}

// Zero when it is not there; nothing when it can't be read.
std::optional<Money> AmountOrZero(const Value* value) {
  return value == nullptr ? std::make_optional(Money()) : AmountOf(value);
}

std::string StringOf(const Value* value) {
  return std::string(TextOf(value).value_or(""));
}

std::vector<std::string> StampsOf(const Value& row) {
  std::vector<std::string> stamps;
  const Value* const several = Find(&row, "code_aa");
  if (several != nullptr && several->IsArray()) {
    for (const Value& stamp : several->GetArray()) {
      if (const auto text = TextOf(&stamp)) stamps.emplace_back(*text);
    }
  }
  const std::string one = StringOf(Find(&row, "code_a"));
  if (stamps.empty() && !one.empty()) stamps.push_back(one);
  return stamps;
}

std::optional<PricedRow> ReadRow(const Value& json) {
  const auto count_text = TextOf(Find(&json, "cnt"));
  if (!count_text) return std::nullopt;
  const auto count = Quantity::FromDecimal(*count_text);
  const auto price = AmountOf(Find(&json, "price"));
  const auto discount = AmountOrZero(Find(&json, "disc"));
  const auto tax_group = IntOf(Find(&json, "taxgrp"));
  if (!count || !price || !discount || !tax_group) return std::nullopt;
  const bool in_range = count->thousandths() > 0 && count->thousandths() <= domain::kMaxQuantityThousandths &&
                        *tax_group > 0 && *tax_group <= std::numeric_limits<int>::max();
  if (!in_range) return std::nullopt;
  const auto gross = Multiply(*count, *price);
  const auto amount = gross ? Subtract(*gross, *discount) : std::nullopt;
  if (!amount || !amount->IsPositive() || amount->kopiykas() > domain::kMaxAmountKopiykas) {
    return std::nullopt;
  }
  PricedRow row;
  row.name = StringOf(Find(&json, "name"));
  if (row.name.empty()) return std::nullopt;
  row.code = StringOf(Find(&json, "code"));
  row.barcode = StringOf(Find(&json, "code1"));
  row.uktzed = StringOf(Find(&json, "code2"));
  row.dkpp = StringOf(Find(&json, "code3"));
  row.excise_stamps = StampsOf(json);
  row.quantity = *count;
  row.price = *price;
  row.discount = *discount;
  row.amount = *amount;
  row.tax_group = static_cast<int>(*tax_group);
  return row;
}

std::vector<PricedRow> ReadRows(const Value* rows) {
  std::vector<PricedRow> read;
  if (rows == nullptr || !rows->IsArray() || rows->Size() > kMaxRows) return read;
  for (const Value& json : rows->GetArray()) {
    auto row = ReadRow(json);
    if (!row) return {};
    read.push_back(*std::move(row));
  }
  return read;
}

// By payment type, before cash rounding; empty when not all of it can be read.
std::map<int, Money> ReadPayments(const Value& receipt) {
  const Value* const pays = Find(&receipt, "pays");
  const auto rounding = AmountOrZero(Find(&receipt, "round"));
  if (pays == nullptr || !pays->IsArray() || pays->Size() > domain::kMaxPayments || !rounding) return {};
  domain::PricedReceipt paid;
  paid.rounding = *rounding;
  for (const Value& json : pays->GetArray()) {
    const auto type = IntOf(Find(&json, "type"));
    const auto sum = AmountOf(Find(&json, "sum"));
    if (!type || *type < 0 || *type > domain::kMaxPaymentType || !sum || sum->IsNegative()) return {};
    paid.payments.push_back({static_cast<int>(*type), *sum, Money(), std::nullopt});
  }
  if (paid.payments.empty()) return {};
  return domain::PaidByType(paid);
}

Money TotalOf(const std::map<int, Money>& paid) {
  int64_t total = 0;
  for (const auto& [type, sum] : paid) total += sum.kopiykas();
  return Money::FromKopiykas(total);
}

Money TotalOf(const std::vector<PricedRow>& rows) {
  int64_t total = 0;
  for (const PricedRow& row : rows) total += row.amount.kopiykas();
  return Money::FromKopiykas(total);
}

// What the rows come to after the discount on the whole; nothing when that can't be told.
std::optional<Money> WholeOf(const Value& receipt, Money rows, const std::map<int, Money>& paid) {
  if (!paid.empty()) return TotalOf(paid);
  const auto kind = IntOf(Find(&receipt, "disc_type"));
  const auto discount = AmountOrZero(Find(&receipt, "disc"));
  if (!discount || (!discount->IsZero() && kind.value_or(0) != 0)) return std::nullopt;
  return Subtract(rows, *discount);
}

bool SpreadOver(std::vector<PricedRow>& rows, Money discount) {
  std::vector<Money> amounts;
  amounts.reserve(rows.size());
  for (const PricedRow& row : rows) amounts.push_back(row.amount);
  const auto shares = domain::SpreadDiscount(amounts, discount);
  if (!shares) return false;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t share = (*shares)[i].kopiykas();
    rows[i].discount = Money::FromKopiykas(rows[i].discount.kopiykas() + share);
    rows[i].amount = Money::FromKopiykas(rows[i].amount.kopiykas() - share);
  }
  return true;
}

bool UsesChainPayment(const std::map<int, Money>& paid) {
  return paid.contains(domain::kPrepaymentType) || paid.contains(domain::kPostpaymentType);
}

}  // namespace

domain::ToldReceipt ReadToldReceipt(const Value* receipt, const Value* fiscal) {
  domain::ToldReceipt told;
  const auto subtask = IntOf(Find(fiscal, "subtask"));
  told.part_of_chain = subtask.value_or(0) != 0;
  told.is_return = IntOf(Find(fiscal, "task")) == 2;
  if (receipt == nullptr || !receipt->IsObject()) return told;
  told.paid = ReadPayments(*receipt);
  told.part_of_chain = told.part_of_chain || UsesChainPayment(told.paid);
  std::vector<PricedRow> rows = ReadRows(Find(receipt, "rows"));
  if (rows.empty()) {
    if (!told.paid.empty()) told.sum = TotalOf(told.paid);
    return told;
  }
  const Money of_rows = TotalOf(rows);
  const auto whole = WholeOf(*receipt, of_rows, told.paid);
  if (!whole || whole->kopiykas() > domain::kMaxAmountKopiykas) return told;
  told.sum = whole;
  const auto discount = Subtract(of_rows, *whole);
  if (discount && (discount->IsZero() || SpreadOver(rows, *discount))) told.rows = std::move(rows);
  return told;
}

}  // namespace kasa::vchasno
