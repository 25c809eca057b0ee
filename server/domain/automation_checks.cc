#include "server/domain/automation_checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "server/domain/contact_checks.h"
#include "server/domain/findings.h"
#include "server/domain/fingerprint.h"
#include "server/domain/limits.h"

namespace kasa::domain {
namespace {

bool IsRuleIdCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

void CheckRuleId(absl::string_view id, const FieldScope& scope) {
  constexpr absl::string_view kField = "rule_id";
  if (!scope.IsIdOrEmpty(kField, id, kMaxIntegrationIdLength)) return;
  if (std::all_of(id.begin(), id.end(), IsRuleIdCharacter)) return;
  scope.Violate(kField, Reason::kFieldInvalid, "has other characters than a-z, 0-9 and -");
}

void CheckRevision(int64_t revision, const FieldScope& scope) {
  if (revision == 0) {
    scope.Violate("revision", Reason::kFieldRequired, "is not stated");
  } else if (revision < 0) {
    scope.Violate("revision", Reason::kFieldInvalid, "is negative");
  }
}

// An amount that has to be there.
void CheckAmount(absl::string_view field, Money amount, const FieldScope& scope) {
  if (amount.IsZero()) {
    scope.Violate(field, Reason::kFieldRequired, "is not stated");
  } else if (amount.IsNegative()) {
    scope.Violate(field, Reason::kAmountOutOfRange, "is negative");
  } else {
    scope.IsInRange(field, amount);
  }
}

// An amount that may be zero.
bool CheckAmountOrZero(absl::string_view field, Money amount, const FieldScope& scope) {
  if (!amount.IsNegative()) return scope.IsInRange(field, amount);
  scope.Violate(field, Reason::kAmountOutOfRange, "is negative");
  return false;
}

void CheckLineCount(const std::vector<Line>& lines, const FieldScope& scope) {
  if (lines.size() <= kMaxLines) return;
  scope.Violate("lines", Reason::kTooManyItems,
                absl::StrCat("there are more than the ", kMaxLines, " that are taken"));
}

void CheckReceived(const OrderReport& order, const FieldScope& scope) {
  const bool received_is_right = CheckAmountOrZero("received_kopiykas", order.received, scope);
  if (order.payments.size() > kMaxPayments) {
    scope.Violate("payments", Reason::kTooManyItems,
                  absl::StrCat("there are more than the ", kMaxPayments, " that are taken"));
    return;
  }
  if (order.payments.empty()) return;
  int64_t paid = 0;  // at most kMaxPayments amounts that are each in range
  for (size_t i = 0; i < order.payments.size(); ++i) {
    const FieldScope payment = scope.Item("payments", i);
    const Money amount = order.payments[i].amount;
    if (!amount.IsPositive()) {
      payment.Violate("amount_kopiykas", Reason::kPaymentNotPositive, "is not more than zero");
      return;
    }
    if (!payment.IsInRange("amount_kopiykas", amount)) return;
    paid += amount.kopiykas();
  }
  if (received_is_right && paid != order.received.kopiykas()) {
    scope.Violate("payments", Reason::kPaymentsDoNotCover,
                  absl::StrCat("add up to ", Money::FromKopiykas(paid).ToDecimal(), ", and ",
                               order.received.ToDecimal(), " was received"));
  }
}

// What both kinds of report end with.
template <typename Tail>
void CheckTail(const Tail& report, const FieldScope& scope) {
  if (report.currency_code != "UAH") {
    scope.Violate("currency_code", Reason::kCurrencyNotUah, "is not UAH");
  }
  scope.IsIdOrEmpty("branch_id", report.branch_id, kMaxIdLength);
  scope.IsIdOrEmpty("legal_entity_id", report.legal_entity_id, kMaxIdLength);
  CheckBuyer(report.buyer, scope);
}

void Check(const OrderReport& order, const FieldScope& scope) {
  scope.IsId("order_id", order.order_id, kMaxIdLength);
  scope.IsId("store_id", order.store_id, kMaxIdLength);
  CheckRevision(order.revision, scope);
  if (order.state == OrderState::kUnspecified) {
    scope.Violate("state", Reason::kFieldRequired, "is not stated");
  }
  CheckAmount("total_kopiykas", order.total, scope);
  CheckReceived(order, scope);
  CheckLineCount(order.lines, scope);
  CheckAmountOrZero("discount_kopiykas", order.discount, scope);
  CheckTail(order, scope);
}

void CheckDelivered(const DocumentName& delivered, const FieldScope& scope) {
  if (delivered.kind != DocumentKind::kSale) {
    scope.Violate("kind", Reason::kFieldInvalid,
                  "is not DOCUMENT_KIND_SALE: a parcel carries a delivery note");
  }
  scope.IsId("document_id", delivered.document_id, kMaxIdLength);
  scope.IsId("source_system", delivered.source_system, kMaxSourceSystemLength);
}

void Check(const DeliveryReport& delivery, const FieldScope& scope) {
  scope.IsId("waybill_number", delivery.waybill_number, kMaxWaybillLength);
  scope.IsId("order_id", delivery.order_id, kMaxIdLength);
  scope.IsIdOrEmpty("store_id", delivery.store_id, kMaxIdLength);
  CheckRevision(delivery.revision, scope);
  CheckAmount("cash_on_delivery_kopiykas", delivery.cash_on_delivery, scope);
  if (delivery.order_total) CheckAmount("order_total_kopiykas", *delivery.order_total, scope);
  if (delivery.delivered_document) {
    CheckDelivered(*delivery.delivered_document, scope.Member("delivered_document"));
  }
  CheckLineCount(delivery.lines, scope);
  CheckTail(delivery, scope);
}

// Text that can't be taken for a part of its neighbours.
std::string Framed(absl::string_view text) {
  return absl::StrCat(text.size(), ":", text);
}

std::string ContentOf(const OrderReport& order) {
  Document document;
  document.lines = order.lines;
  document.payments = order.payments;
  document.discount = order.discount;
  document.currency_code = order.currency_code;
  document.branch_id = order.branch_id;
  document.legal_entity_id = order.legal_entity_id;
  return absl::StrCat("order", Framed(FingerprintOf(document)), Framed(order.store_id), " ",
                      static_cast<int>(order.state), " ", order.total.kopiykas(), " ",
                      order.received.kopiykas(), " ", order.payment_confirmed ? 1 : 0);
}

std::string ContentOf(const DeliveryReport& delivery) {
  Document document;
  document.lines = delivery.lines;
  document.currency_code = delivery.currency_code;
  document.branch_id = delivery.branch_id;
  document.legal_entity_id = delivery.legal_entity_id;
  document.order_id = delivery.order_id;
  document.order_total = delivery.order_total;
  document.paid_document = delivery.delivered_document;
  return absl::StrCat("delivery", Framed(FingerprintOf(document)), Framed(delivery.store_id), " ",
                      delivery.handed_over ? 1 : 0, " ", delivery.paid ? 1 : 0, " ",
                      delivery.payment_confirmed ? 1 : 0, " ", delivery.cash_on_delivery.kopiykas());
}

}  // namespace

Violations CheckRule(const AutomationRule& rule, absl::string_view root) {
  Findings findings;
  const FieldScope scope(findings, std::string(root));
  CheckRuleId(rule.id, scope);
  scope.IsIdOrEmpty("display_name", rule.display_name, kMaxRuleNameLength);
  scope.IsId("source_system", rule.source_system, kMaxSourceSystemLength);
  scope.IsId("integration_id", rule.integration_id, kMaxIntegrationIdLength);
  const bool is_order = rule.kind() == ReportKind::kOrder;
  const FieldScope what = scope.Member(is_order ? "online_order" : "cash_on_delivery");
  if (is_order) {
    what.IsId("store_id", rule.store_id(), kMaxIdLength);
  } else {
    what.IsIdOrEmpty("store_id", rule.store_id(), kMaxIdLength);
  }
  what.IsIdOrEmpty("payment_method_id", rule.payment_method_id(), kMaxIdLength);
  return std::move(findings.violations);
}

Violations CheckReport(const Report& report) {
  Findings findings;
  const FieldScope request(findings, "");
  request.IsId("source_system", SubjectOf(report).source_system, kMaxSourceSystemLength);
  if (const auto* order = std::get_if<OrderReport>(&report)) {
    Check(*order, request.Member("order"));
  } else {
    Check(std::get<DeliveryReport>(report), request.Member("delivery"));
  }
  return std::move(findings.violations);
}

std::string FingerprintOf(const Report& report) {
  const std::string content = std::visit([](const auto& told) { return ContentOf(told); }, report);
  return absl::StrCat("v1:", Sha256Hex(content));
}

ReportSubject SubjectOf(const Report& report) {
  if (const auto* order = std::get_if<OrderReport>(&report)) {
    return {.kind = ReportKind::kOrder, .source_system = order->source_system, .id = order->order_id};
  }
  const auto& delivery = std::get<DeliveryReport>(report);
  return {
      .kind = ReportKind::kDelivery, .source_system = delivery.source_system, .id = delivery.waybill_number};
}

}  // namespace kasa::domain
