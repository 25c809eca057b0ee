#ifndef KASA_SERVER_DOMAIN_TOTALS_H_
#define KASA_SERVER_DOMAIN_TOTALS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/money.h"
#include "server/domain/billing.h"
#include "server/domain/receipt.h"

// What receipts add up to, and how that compares with what a register says of itself (product.md, point 19).
// Plain values and pure functions.
namespace kasa::domain {

struct TaxGroupTotal {
  Money sales;  // sales and payments
  Money returns;

  friend bool operator==(const TaxGroupTotal&, const TaxGroupTotal&) = default;
};

struct PaymentTypeTotal {
  Money received;
  Money returned;

  friend bool operator==(const PaymentTypeTotal&, const PaymentTypeTotal&) = default;
};

// Sales and payments on one side, returns on the other. All amounts are positive but the rounding, which is
// what cash rounding added (negative: took away).
struct Totals {
  int64_t sale_count = 0;
  int64_t return_count = 0;
  Money sales;  // after cash rounding
  Money returns;
  Money sales_rounding;
  Money returns_rounding;
  std::map<int, TaxGroupTotal> tax_groups;        // before cash rounding
  std::map<int, PaymentTypeTotal> payment_types;  // after cash rounding

  friend bool operator==(const Totals&, const Totals&) = default;
};

// Adds one receipt as it was priced, which is what the register made. False when a sum goes over int64
// (92,000 million million hryvnias): then `totals` is of no use any more.
bool AddReceipt(const PricedReceipt& receipt, Totals& totals);

// Adds what other receipts add up to. False as above.
bool AddTotals(const Totals& more, Totals& totals);

// A register's X- or Z-report as far as it told anything. Its fields are one client's word
// (vchasno-kasa-api.md), so that everything may be missing, and for some amounts two meanings are possible.
struct RegisterReport {
  // One figure and what it may mean: the first is what the register wrote.
  struct Figure {
    std::vector<Money> readings;  // never empty

    friend bool operator==(const Figure&, const Figure&) = default;
  };
  struct Pair {
    std::optional<Figure> plus;   // sales
    std::optional<Figure> minus;  // returns

    friend bool operator==(const Pair&, const Pair&) = default;
  };

  std::string shift_number;  // empty: not told
  std::optional<int64_t> sale_count;
  std::optional<int64_t> return_count;
  Pair sums;  // of the receipts, by the report's summary
  // Nothing: the report has no such list. A list that is there names every group and type that was used.
  std::optional<std::map<int, Pair>> tax_groups;
  std::optional<std::map<int, Pair>> payment_types;
  std::optional<Billing> billing;

  friend bool operator==(const RegisterReport&, const RegisterReport&) = default;
};

// One figure in which gateway and register differ. Counts are plain numbers, amounts kopiykas.
struct TotalsDifference {
  std::string figure;  // its path in the contract's Totals: "tax_groups[1].sales_kopiykas", [1] the tax group
  int64_t gateway_value = 0;
  int64_t register_value = 0;

  friend bool operator==(const TotalsDifference&, const TotalsDifference&) = default;
};

struct TotalsComparison {
  Totals register_totals;  // zero in what the report did not tell
  std::vector<TotalsDifference> differences;
  // Paths of figures that the report did not tell, so that they are in no difference. Always has the two
  // rounding figures: no report tells them.
  std::vector<std::string> not_compared;
};

// Compares figure by figure. Where a figure may mean two things, it agrees when one of them does: a total may
// stand before or after cash rounding, a group's turnover with or without the tax.
TotalsComparison CompareTotals(const Totals& gateway, const RegisterReport& report);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_TOTALS_H_
