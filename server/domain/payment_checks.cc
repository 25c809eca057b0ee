#include "server/domain/payment_checks.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/card_checks.h"
#include "server/domain/catalogue.h"
#include "server/domain/limits.h"

namespace kasa::domain {
namespace {

struct MappedType {
  int payment_type = 0;
  absl::string_view field;  // what decided: to be named when the type can't be used
};

std::optional<MappedType> MapMethod(const Payment& payment, const Mapping& mapping, const FieldScope& scope) {
  constexpr absl::string_view kField = "payment_method_id";
  if (!scope.IsIdOrEmpty(kField, payment.payment_method_id, kMaxIdLength)) return std::nullopt;
  const auto mapped = mapping.payment_types.find(payment.payment_method_id);
  if (mapped == mapping.payment_types.end()) {
    scope.Violate(kField, Reason::kPaymentMethodNotMapped,
                  absl::StrCat(payment.payment_method_id, " is not mapped to a payment type"));
    return std::nullopt;
  }
  if (mapped->second < 0 || mapped->second > kMaxPaymentType) {
    scope.Violate(kField, Reason::kPaymentTypeInvalid,
                  absl::StrCat("is mapped to payment type ", mapped->second, ", which can't be"));
    return std::nullopt;
  }
  if (mapped->second == kCashPaymentType && payment.kind == PaymentKind::kCashless) {
    // The other way round is no contradiction: cash that a courier took comes by NovaPay.
    scope.Violate("kind", Reason::kFieldInvalid,
                  absl::StrCat("is cashless, but ", payment.payment_method_id, " is mapped to cash"));
    return std::nullopt;
  }
  return MappedType{mapped->second, kField};
}

std::optional<MappedType> MapKind(const Payment& payment, const Integration& integration,
                                  const FieldScope& scope) {
  constexpr absl::string_view kField = "kind";
  switch (payment.kind) {
    case PaymentKind::kCash:
      return MappedType{kCashPaymentType, kField};
    case PaymentKind::kCashless:
      if (integration.default_cashless_payment_type) {
        return MappedType{*integration.default_cashless_payment_type, kField};
      }
      scope.Violate(kField, Reason::kDefaultCashlessTypeMissing,
                    "is cashless and names no method, and the integration has no default for that");
      return std::nullopt;
    case PaymentKind::kUnspecified:
      break;
  }
  scope.Violate("payment_method_id", Reason::kPaymentMethodMissing, "there is neither a method nor a kind");
  return std::nullopt;
}

std::optional<int> MapType(const Payment& payment, const Integration& integration, const Mapping& mapping,
                           const FieldScope& scope) {
  const auto mapped = payment.payment_method_id.empty() ? MapKind(payment, integration, scope)
                                                        : MapMethod(payment, mapping, scope);
  if (!mapped) return std::nullopt;
  if (mapped->payment_type == kPrepaymentType) {
    scope.Violate(mapped->field, Reason::kFiscalChainPrepayment, "means payment type 3, prepayment");
    return std::nullopt;
  }
  if (mapped->payment_type == kPostpaymentType) {
    scope.Violate(mapped->field, Reason::kFiscalChainPostpayment, "means payment type 4, postpayment");
    return std::nullopt;
  }
  return mapped->payment_type;
}

bool IsAmount(Money amount, const FieldScope& scope) {
  if (amount.IsPositive()) return scope.IsInRange("amount_kopiykas", amount);
  scope.Violate("amount_kopiykas", Reason::kPaymentNotPositive, "is not more than zero");
  return false;
}

bool IsTendered(Money tendered, const FieldScope& scope) {
  if (!tendered.IsNegative()) return scope.IsInRange("tendered_kopiykas", tendered);
  scope.Violate("tendered_kopiykas", Reason::kAmountOutOfRange, "is negative");
  return false;
}

// In the order of the contract's fields. Of use when nothing was violated.
CheckedPayment CheckPayment(const Payment& payment, const Integration& integration, const Mapping& mapping,
                            const FieldScope& scope) {
  CheckedPayment checked;
  const auto type = MapType(payment, integration, mapping, scope);
  checked.payment_type = type.value_or(0);
  if (IsAmount(payment.amount, scope)) checked.amount = payment.amount;
  if (payment.tendered) {
    if (type && !checked.IsCash()) {
      scope.Violate("tendered_kopiykas", Reason::kTenderedNotCash, "is for cash only");
    } else if (IsTendered(*payment.tendered, scope)) {
      checked.tendered = payment.tendered;
    }
  }
  if (payment.card) {
    if (type && checked.IsCash()) {
      scope.Violate("card", Reason::kCardDetailsNotAllowed, "is not for cash");
    } else {
      checked.card = CheckCard(*payment.card, scope.Member("card"));
    }
  }
  return checked;
}

}  // namespace

bool CheckedPayment::IsCash() const {
  return payment_type == kCashPaymentType;
}

std::optional<std::vector<CheckedPayment>> CheckPayments(const std::vector<Payment>& payments,
                                                         const Integration& integration,
                                                         const Mapping& mapping, const FieldScope& document) {
  if (payments.empty()) {
    document.Violate("payments", Reason::kPaymentsMissing, "there are none");
    return std::nullopt;
  }
  if (payments.size() > kMaxPayments) {
    document.Violate("payments", Reason::kTooManyItems,
                     absl::StrCat("there are more than the ", kMaxPayments, " that are taken"));
    return std::nullopt;
  }
  const size_t violations_before = document.violation_count();
  std::vector<CheckedPayment> checked;
  checked.reserve(payments.size());
  for (size_t i = 0; i < payments.size(); ++i) {
    checked.push_back(CheckPayment(payments[i], integration, mapping, document.Item("payments", i)));
  }
  if (document.violation_count() != violations_before) return std::nullopt;
  return checked;
}

bool PaymentsCover(const std::vector<Payment>& payments, Money total, const FieldScope& document) {
  Money paid;
  for (const Payment& payment : payments) {
    const auto sum = Add(paid, payment.amount);
    // Amounts that are out of range or not positive have their own violation.
    if (!sum || !payment.amount.IsPositive() || payment.amount.kopiykas() > kMaxAmountKopiykas) return false;
    paid = *sum;
  }
  if (paid == total) return true;
  document.Violate("payments", Reason::kPaymentsDoNotCover,
                   absl::StrCat("add up to ", paid.ToDecimal(), ", expected ", total.ToDecimal(), " (",
                                total.kopiykas(), " kopiykas), before cash rounding"));
  return false;
}

}  // namespace kasa::domain
