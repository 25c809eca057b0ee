#include "server/api/encode_totals.h"

#include <algorithm>
#include <limits>

namespace kasa::api {
namespace {

void EncodeTotals(const domain::Totals& totals, v1::Totals* out) {
  out->set_sale_count(totals.sale_count);
  out->set_return_count(totals.return_count);
  out->set_sales_kopiykas(totals.sales.kopiykas());
  out->set_returns_kopiykas(totals.returns.kopiykas());
  out->set_sales_rounding_kopiykas(totals.sales_rounding.kopiykas());
  out->set_returns_rounding_kopiykas(totals.returns_rounding.kopiykas());
  for (const auto& [number, total] : totals.tax_groups) {
    v1::TaxGroupTotal& group = *out->add_tax_groups();
    group.set_tax_group(number);
    group.set_sales_kopiykas(total.sales.kopiykas());
    group.set_returns_kopiykas(total.returns.kopiykas());
  }
  for (const auto& [code, total] : totals.payment_types) {
    v1::PaymentTypeTotal& type = *out->add_payment_types();
    type.set_payment_type(code);
    type.set_received_kopiykas(total.received.kopiykas());
    type.set_returned_kopiykas(total.returned.kopiykas());
  }
}

}  // namespace

void EncodeTotalsOutcome(const engine::TotalsOutcome& outcome, v1::GetTotalsResponse* out) {
  EncodeTotals(outcome.totals, out->mutable_totals());
  out->set_in_doubt(
      static_cast<int32_t>(std::min<int64_t>(outcome.in_doubt, std::numeric_limits<int32_t>::max())));
  if (!outcome.comparison) return;
  EncodeTotals(outcome.comparison->register_totals, out->mutable_register_totals());
  for (const domain::TotalsDifference& difference : outcome.comparison->differences) {
    v1::TotalsDifference& encoded = *out->add_differences();
    encoded.set_figure(difference.figure);
    encoded.set_gateway_value(difference.gateway_value);
    encoded.set_register_value(difference.register_value);
  }
  for (const std::string& figure : outcome.comparison->not_compared) out->add_not_compared(figure);
}

}  // namespace kasa::api
