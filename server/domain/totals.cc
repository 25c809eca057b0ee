#include "server/domain/totals.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace kasa::domain {
namespace {

using Figure = RegisterReport::Figure;
using Pair = RegisterReport::Pair;

bool Increase(Money& sum, Money by) {
  const std::optional<Money> more = Add(sum, by);
  if (more) sum = *more;
  return more.has_value();
}

template <typename Key>
std::set<int> KeysOf(const std::map<int, Key>& ours, const std::map<int, Pair>& theirs) {
  std::set<int> keys;
  for (const auto& [key, value] : ours) keys.insert(key);
  for (const auto& [key, value] : theirs) keys.insert(key);
  return keys;
}

// Builds the comparison figure by figure.
class Comparer {
 public:
  void Count(const char* figure, int64_t ours, const std::optional<int64_t>& theirs, int64_t& told) {
    if (!theirs) return Skip(figure);
    told = *theirs;
    if (ours != *theirs) result_.differences.push_back({figure, ours, *theirs});
  }

  // What is told in a list that names everything that was used: what it leaves out is zero.
  void Amount(std::string figure, Money ours, const std::optional<Figure>& theirs, Money& told) {
    const std::vector<Money> readings = theirs ? theirs->readings : std::vector<Money>{Money()};
    const bool agrees = std::find(readings.begin(), readings.end(), ours) != readings.end();
    told = agrees ? ours : readings.front();
    if (!agrees) result_.differences.push_back({std::move(figure), ours.kopiykas(), told.kopiykas()});
  }

  void Skip(std::string figure) { result_.not_compared.push_back(std::move(figure)); }

  Totals& told() { return result_.register_totals; }
  TotalsComparison Take() && { return std::move(result_); }

 private:
  TotalsComparison result_;
};

// The sum over all payment types; nothing when the report has no list of them, or a part is missing.
std::optional<Money> SumOfPayments(const RegisterReport& report, std::optional<Figure> Pair::*side) {
  if (!report.payment_types || report.payment_types->empty()) return std::nullopt;
  Money sum;
  for (const auto& [type, pair] : *report.payment_types) {
    if (!(pair.*side) || !Increase(sum, (pair.*side)->readings.front())) return std::nullopt;
  }
  return sum;
}

// What the register may mean by the sum of its receipts: what was paid; else its own summary, which may be
// before cash rounding.
std::optional<Figure> SumFigure(const RegisterReport& report, std::optional<Figure> Pair::*side,
                                Money rounding) {
  Figure figure;
  if (const auto paid = SumOfPayments(report, side)) figure.readings.push_back(*paid);
  if (const std::optional<Figure>& summary = report.sums.*side) {
    for (const Money reading : summary->readings) {
      figure.readings.push_back(reading);
      if (const auto rounded = Add(reading, rounding)) figure.readings.push_back(*rounded);
    }
  }
  if (figure.readings.empty()) return std::nullopt;
  return figure;
}

void CompareSum(const char* name, Money ours, const std::optional<Figure>& theirs, Money& told,
                Comparer& comparer) {
  if (!theirs) return comparer.Skip(name);
  comparer.Amount(name, ours, theirs, told);
}

void CompareTaxGroups(const Totals& ours, const RegisterReport& report, Comparer& comparer) {
  if (!report.tax_groups) return comparer.Skip("tax_groups");
  for (const int group : KeysOf(ours.tax_groups, *report.tax_groups)) {
    const auto mine = ours.tax_groups.find(group);
    const TaxGroupTotal total = mine == ours.tax_groups.end() ? TaxGroupTotal() : mine->second;
    const auto found = report.tax_groups->find(group);
    const bool listed = found != report.tax_groups->end();
    const Pair pair = listed ? found->second : Pair();
    TaxGroupTotal& told = comparer.told().tax_groups[group];
    const std::string sales = absl::StrCat("tax_groups[", group, "].sales_kopiykas");
    const std::string returns = absl::StrCat("tax_groups[", group, "].returns_kopiykas");
    listed && !pair.plus ? comparer.Skip(sales) : comparer.Amount(sales, total.sales, pair.plus, told.sales);
    listed && !pair.minus ? comparer.Skip(returns)
                          : comparer.Amount(returns, total.returns, pair.minus, told.returns);
  }
}

void ComparePaymentTypes(const Totals& ours, const RegisterReport& report, Comparer& comparer) {
  if (!report.payment_types) return comparer.Skip("payment_types");
  for (const int type : KeysOf(ours.payment_types, *report.payment_types)) {
    const auto mine = ours.payment_types.find(type);
    const PaymentTypeTotal total = mine == ours.payment_types.end() ? PaymentTypeTotal() : mine->second;
    const auto found = report.payment_types->find(type);
    const bool listed = found != report.payment_types->end();
    const Pair pair = listed ? found->second : Pair();
    PaymentTypeTotal& told = comparer.told().payment_types[type];
    const std::string received = absl::StrCat("payment_types[", type, "].received_kopiykas");
    const std::string returned = absl::StrCat("payment_types[", type, "].returned_kopiykas");
    listed && !pair.plus ? comparer.Skip(received)
                         : comparer.Amount(received, total.received, pair.plus, told.received);
    listed && !pair.minus ? comparer.Skip(returned)
                          : comparer.Amount(returned, total.returned, pair.minus, told.returned);
  }
}

}  // namespace

bool AddReceipt(const PricedReceipt& receipt, Totals& totals) {
  const bool is_return = receipt.kind == DocumentKind::kReturn;
  ++(is_return ? totals.return_count : totals.sale_count);
  bool fits = Increase(is_return ? totals.returns : totals.sales, receipt.due) &&
              Increase(is_return ? totals.returns_rounding : totals.sales_rounding, receipt.rounding);
  for (const PricedRow& row : receipt.rows) {
    TaxGroupTotal& group = totals.tax_groups[row.tax_group];
    fits = fits && Increase(is_return ? group.returns : group.sales, row.amount);
  }
  for (const PricedPayment& payment : receipt.payments) {
    PaymentTypeTotal& type = totals.payment_types[payment.payment_type];
    fits = fits && Increase(is_return ? type.returned : type.received, payment.sum);
  }
  return fits;
}

bool AddTotals(const Totals& more, Totals& totals) {
  totals.sale_count += more.sale_count;
  totals.return_count += more.return_count;
  bool fits = Increase(totals.sales, more.sales) && Increase(totals.returns, more.returns) &&
              Increase(totals.sales_rounding, more.sales_rounding) &&
              Increase(totals.returns_rounding, more.returns_rounding);
  for (const auto& [number, total] : more.tax_groups) {
    TaxGroupTotal& group = totals.tax_groups[number];
    fits = fits && Increase(group.sales, total.sales) && Increase(group.returns, total.returns);
  }
  for (const auto& [code, total] : more.payment_types) {
    PaymentTypeTotal& type = totals.payment_types[code];
    fits = fits && Increase(type.received, total.received) && Increase(type.returned, total.returned);
  }
  return fits;
}

TotalsComparison CompareTotals(const Totals& gateway, const RegisterReport& report) {
  Comparer comparer;
  Totals& told = comparer.told();
  comparer.Count("sale_count", gateway.sale_count, report.sale_count, told.sale_count);
  comparer.Count("return_count", gateway.return_count, report.return_count, told.return_count);
  CompareSum("sales_kopiykas", gateway.sales, SumFigure(report, &Pair::plus, gateway.sales_rounding),
             told.sales, comparer);
  CompareSum("returns_kopiykas", gateway.returns, SumFigure(report, &Pair::minus, gateway.returns_rounding),
             told.returns, comparer);
  comparer.Skip("sales_rounding_kopiykas");
  comparer.Skip("returns_rounding_kopiykas");
  CompareTaxGroups(gateway, report, comparer);
  ComparePaymentTypes(gateway, report, comparer);
  return std::move(comparer).Take();
}

}  // namespace kasa::domain
