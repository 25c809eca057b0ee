#include "server/domain/pricing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/contact_checks.h"
#include "server/domain/document_checks.h"
#include "server/domain/findings.h"
#include "server/domain/limits.h"
#include "server/domain/line_checks.h"
#include "server/domain/payment_checks.h"
#include "server/domain/pricing_steps.h"
#include "server/domain/register_text.h"

namespace kasa::domain {
namespace {

// Spreads the document's discount over the rows. Whether that was possible.
bool SpreadOver(std::vector<PricedRow>& rows, Money discount, const FieldScope& scope) {
  std::vector<Money> amounts;
  amounts.reserve(rows.size());
  for (const PricedRow& row : rows) amounts.push_back(row.amount);
  const auto shares = SpreadDiscount(amounts, discount);
  if (!shares) {
    scope.Violate("discount_kopiykas", Reason::kDiscountExceedsAmount,
                  absl::StrCat("is ", discount.ToDecimal(), ", the lines come to ", TotalOf(rows).ToDecimal(),
                               " and 0.01 of each has to stay"));
    return false;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t share = (*shares)[i].kopiykas();
    rows[i].discount = Money::FromKopiykas(rows[i].discount.kopiykas() + share);
    rows[i].amount = Money::FromKopiykas(rows[i].amount.kopiykas() - share);
  }
  return true;
}

std::optional<SettledPayments> PricePayments(const Document& sale, const Integration& integration,
                                             const Mapping& mapping, std::optional<Money> total,
                                             const FieldScope& scope) {
  const auto checked = CheckPayments(sale.payments, integration, mapping, scope);
  // No payments, or too many, were told already.
  const bool countable = !sale.payments.empty() && sale.payments.size() <= kMaxPayments;
  const bool covered = total && countable && PaymentsCover(sale.payments, *total, scope);
  if (!checked || !covered) return std::nullopt;
  return SettlePayments(*checked, integration.cash_rounding, scope);
}

}  // namespace

Money TotalOf(const std::vector<PricedRow>& rows) {
  int64_t total = 0;
  for (const PricedRow& row : rows) total += row.amount.kopiykas();
  return Money::FromKopiykas(total);
}

std::optional<Money> PriceRows(const Document& sale, CheckedLines& lines, const FieldScope& scope) {
  const bool discount_is_right = scope.IsInRange("discount_kopiykas", sale.discount);
  if (!lines.amounts_known || !discount_is_right) return std::nullopt;
  if (!sale.discount.IsZero() && !SpreadOver(lines.rows, sale.discount, scope)) return std::nullopt;
  const Money total = TotalOf(lines.rows);
  if (total.kopiykas() > kMaxAmountKopiykas) {
    scope.Violate("lines", Reason::kAmountOutOfRange,
                  absl::StrCat("come to ", total.ToDecimal(), ", beyond the limit of ",
                               Money::FromKopiykas(kMaxAmountKopiykas).ToDecimal()));
    return std::nullopt;
  }
  return total;
}

std::string CheckDocumentComment(const Document& document, size_t max_length, const FieldScope& scope) {
  if (!scope.IsShortEnough("comment", document.comment, kMaxTextLength)) return "";
  return scope.Clean("comment", document.comment, max_length);
}

PricedDocument PriceSale(const Document& sale, const Integration& integration, const Mapping& mapping,
                         absl::CivilDay today_in_kyiv, absl::string_view root) {
  Findings findings;
  const FieldScope scope(findings, std::string(root));

  // In the order of the contract's fields, so that the violations come in it too.
  CheckHeader(sale, today_in_kyiv, scope);
  WarnOfNoOrder(sale, scope);
  CheckedLines lines = CheckLines(sale.lines, mapping, scope);
  const auto total = PriceRows(sale, lines, scope);
  auto settled = PricePayments(sale, integration, mapping, total, scope);
  CheckBuyer(sale.buyer, scope);
  std::string comment = CheckDocumentComment(sale, kRegisterCommentLength, scope);
  CheckOrderTotal(sale, scope);

  PricedDocument priced;
  priced.warnings = std::move(findings.warnings).Take();
  priced.violations = std::move(findings.violations);
  if (!priced.violations.empty() || !total || !settled) return priced;

  PricedReceipt receipt;
  receipt.kind = DocumentKind::kSale;
  // Checked when it was set; what is cleaned of it here is no fault of the document's.
  receipt.cashier = CleanText(integration.cashier_name, kRegisterCashierLength).text;
  receipt.rows = std::move(lines.rows);
  receipt.payments = std::move(settled->payments);
  receipt.sum = *total;
  receipt.rounding = settled->rounding;
  receipt.due = Money::FromKopiykas(total->kopiykas() + settled->rounding.kopiykas());
  receipt.change = settled->change;
  receipt.comment_down = std::move(comment);
  priced.receipt = std::move(receipt);
  return priced;
}

}  // namespace kasa::domain
