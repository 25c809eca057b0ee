#include "server/domain/payment_pricing.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
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

// The rows of a payment, and what they come to when that can be told.
struct Rows {
  std::vector<PricedRow> rows;
  std::optional<Money> total;
};

Rows PriceOwnLines(const Document& payment, const Mapping& mapping, const FieldScope& scope) {
  CheckedLines lines = CheckLines(payment.lines, mapping, scope);
  Rows priced;
  priced.total = PriceRows(payment, lines, scope);
  priced.rows = std::move(lines.rows);
  return priced;
}

// The integration's line, made for `amount`. The caller sees no such line, so that all that is wrong with it
// is told of its list.
Rows PriceDefaultLine(const DefaultPaymentLine& setting, Money amount, const Mapping& mapping,
                      const FieldScope& scope) {
  Line line;
  line.name = setting.name;
  line.quantity = Quantity::FromThousandths(1000);
  line.price = amount;
  line.tax_id = setting.tax_id;
  Findings findings;
  CheckedLines lines = CheckLines({line}, mapping, FieldScope(findings, ""));
  for (const Violation& violation : findings.violations) {
    scope.Violate("lines", violation.reason,
                  absl::StrCat("there are none, and of the integration's default_payment_line, ",
                               violation.field, ": ", violation.message));
  }
  Rows priced;
  priced.rows = std::move(lines.rows);
  priced.total = amount;
  return priced;
}

bool IsOneAmount(const Document& payment) {
  return payment.payments.size() == 1 && payment.payments.front().amount.IsPositive() &&
         payment.payments.front().amount.kopiykas() <= kMaxAmountKopiykas;
}

Rows PriceLines(const Document& payment, const Integration& integration, const Mapping& mapping,
                const FieldScope& scope) {
  if (!payment.lines.empty()) return PriceOwnLines(payment, mapping, scope);
  if (!payment.discount.IsZero()) {
    scope.Violate("discount_kopiykas", Reason::kFieldNotAllowed, "there are no lines to discount");
  }
  if (!integration.default_payment_line) {
    scope.Violate("lines", Reason::kLinesMissing,
                  "there are none, and the integration has no default_payment_line");
    return {};
  }
  // What is wrong with the amount is told of the payment itself.
  if (!IsOneAmount(payment)) return {};
  return PriceDefaultLine(*integration.default_payment_line, payment.payments.front().amount, mapping, scope);
}

std::optional<SettledPayments> PriceTheOne(const Document& payment, const Integration& integration,
                                           const Mapping& mapping, std::optional<Money> total,
                                           const FieldScope& scope) {
  if (payment.payments.size() > 1) {
    scope.Violate("payments", Reason::kTooManyItems, "there are several, and a payment has exactly one");
    return std::nullopt;
  }
  const auto checked = CheckPayments(payment.payments, integration, mapping, scope);
  const bool covered = total && !payment.payments.empty() && PaymentsCover(payment.payments, *total, scope);
  if (!checked || !covered) return std::nullopt;
  return SettlePayments(*checked, integration.cash_rounding, scope);
}

void CheckPlace(const MoneyPlace& place, const FieldScope& scope) {
  scope.IsIdOrEmpty("cash_desk_id", place.cash_desk_id, kMaxIdLength);
  scope.IsIdOrEmpty("bank_account_id", place.bank_account_id, kMaxIdLength);
}

void CheckPaidDocument(const DocumentName& paid, const Integration& integration, const FieldScope& scope) {
  if (paid.kind != DocumentKind::kSale) {
    scope.Violate("kind", Reason::kFieldInvalid,
                  "is not DOCUMENT_KIND_SALE: a delivery note is what is paid");
  }
  scope.IsId("document_id", paid.document_id, kMaxIdLength);
  scope.IsId("source_system", paid.source_system, kMaxSourceSystemLength);
  if (paid.mode && integration.pinned_register && *paid.mode != integration.pinned_register->mode) {
    scope.Violate("register_mode", Reason::kFieldInvalid,
                  absl::StrCat("is ", NameOf(*paid.mode), ", and the register is a ",
                               NameOf(integration.pinned_register->mode), " one"));
  }
}

// What the request tells beside its document.
void CheckRequestFields(const Document& payment, const Integration& integration, const FieldScope& request) {
  if (payment.direction == PaymentDirection::kUnspecified) {
    request.Violate("direction", Reason::kFieldRequired, "is not stated");
  }
  if (payment.money_place) CheckPlace(*payment.money_place, request.Member("money_place"));
  if (payment.paid_document) {
    CheckPaidDocument(*payment.paid_document, integration, request.Member("paid_document"));
  }
}

}  // namespace

absl::Status RefuseOutgoing(const Document& payment) {
  if (payment.direction != PaymentDirection::kOutgoing) return absl::OkStatus();
  return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kOutgoingPayment,
                       "direction: money that was paid out is no payment received; a return gives it back");
}

PricedDocument PricePayment(const Document& payment, const Integration& integration, const Mapping& mapping,
                            absl::CivilDay today_in_kyiv, absl::string_view root) {
  Findings findings;
  const FieldScope scope(findings, std::string(root));

  // In the order of the contract's fields, so that the violations come in it too.
  CheckPaymentHeader(payment, today_in_kyiv, scope);
  WarnOfNoOrder(payment, scope);
  Rows rows = PriceLines(payment, integration, mapping, scope);
  auto settled = PriceTheOne(payment, integration, mapping, rows.total, scope);
  CheckBuyer(payment.buyer, scope);
  std::string comment = CheckDocumentComment(payment, kRegisterCommentLength, scope);
  if (!payment.order_id.empty() && !payment.order_total) {
    scope.Violate("order_total_kopiykas", Reason::kFieldRequired,
                  "is required of a payment in an order: it tells a payment of all from a part payment");
  }
  CheckOrderTotal(payment, scope);
  CheckRequestFields(payment, integration, FieldScope(findings, ""));

  PricedDocument priced;
  priced.warnings = std::move(findings.warnings).Take();
  priced.violations = std::move(findings.violations);
  if (!priced.violations.empty() || !rows.total || !settled) return priced;

  PricedReceipt receipt;
  receipt.kind = DocumentKind::kPayment;
  // Checked when it was set; what is cleaned of it here is no fault of the document's.
  receipt.cashier = CleanText(integration.cashier_name, kRegisterCashierLength).text;
  receipt.rows = std::move(rows.rows);
  receipt.payments = std::move(settled->payments);
  receipt.sum = *rows.total;
  receipt.rounding = settled->rounding;
  receipt.due = Money::FromKopiykas(rows.total->kopiykas() + settled->rounding.kopiykas());
  receipt.change = settled->change;
  receipt.comment_down = std::move(comment);
  priced.receipt = std::move(receipt);
  return priced;
}

}  // namespace kasa::domain
