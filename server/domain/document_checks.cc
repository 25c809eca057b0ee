#include "server/domain/document_checks.h"

#include "absl/strings/str_cat.h"
#include "common/kyiv_time.h"
#include "server/domain/limits.h"
#include "server/domain/pricing.h"

namespace kasa::domain {
namespace {

enum class DateIs { kRequired, kOptional };

void CheckDate(absl::string_view date, absl::CivilDay today, DateIs date_is, const FieldScope& scope) {
  constexpr absl::string_view kField = "document_date";
  const std::string today_text = FormatCivilDay(today);
  if (date.empty()) {
    if (date_is == DateIs::kOptional) return;
    scope.Violate(kField, Reason::kFieldRequired, absl::StrCat("is empty; today in Kyiv is ", today_text));
    return;
  }
  const auto day = ParseCivilDay(date);
  if (!day) {
    scope.Violate(kField, Reason::kDateInvalid, "is not a day that exists, written as YYYY-MM-DD");
  } else if (*day != today) {
    scope.Violate(kField, Reason::kDateNotToday,
                  absl::StrCat("is ", FormatCivilDay(*day), ", today in Kyiv is ", today_text));
  }
}

void CheckHeaderDated(const Document& document, absl::CivilDay today, DateIs date_is,
                      const FieldScope& scope) {
  if (!document.activated) {
    scope.Violate("activated", Reason::kNotActivated, "the document is not activated in its source system");
  }
  CheckDate(document.document_date, today, date_is, scope);
  if (document.currency_code != "UAH") {
    scope.Violate("currency_code", Reason::kCurrencyNotUah, "is not UAH");
  }
  scope.IsIdOrEmpty("branch_id", document.branch_id, kMaxIdLength);
  scope.IsIdOrEmpty("legal_entity_id", document.legal_entity_id, kMaxIdLength);
  scope.IsIdOrEmpty("integration_id", document.integration_id, kMaxIntegrationIdLength);
  scope.IsIdOrEmpty("order_id", document.order_id, kMaxIdLength);
}

}  // namespace

std::optional<Reason> ChainReason(ChainRole role) {
  switch (role) {
    case ChainRole::kNone:
      return std::nullopt;
    case ChainRole::kPrepayment:
      return Reason::kFiscalChainPrepayment;
    case ChainRole::kPostpayment:
      return Reason::kFiscalChainPostpayment;
    case ChainRole::kChainReturn:
      return Reason::kFiscalChainReturn;
  }
  return Reason::kFiscalChainReturn;
}

Violations CheckDocumentName(absl::string_view source_system, absl::string_view id,
                             absl::string_view id_field) {
  Findings findings;
  const FieldScope request(findings, "");
  request.IsId(id_field, id, kMaxIdLength);
  request.IsId("source_system", source_system, kMaxSourceSystemLength);
  return std::move(findings.violations);
}

void CheckHeader(const Document& document, absl::CivilDay today_in_kyiv, const FieldScope& scope) {
  CheckHeaderDated(document, today_in_kyiv, DateIs::kRequired, scope);
}

void CheckPaymentHeader(const Document& payment, absl::CivilDay today_in_kyiv, const FieldScope& scope) {
  CheckHeaderDated(payment, today_in_kyiv, DateIs::kOptional, scope);
}

void WarnOfNoOrder(const Document& document, const FieldScope& scope) {
  if (document.order_id.empty()) {
    scope.warnings().Add(Reason::kOrderIdMissing,
                         "no order id: other receipts for the same goods can't be noticed");
  }
}

void CheckOrderTotal(const Document& document, const FieldScope& scope) {
  constexpr absl::string_view kField = "order_total_kopiykas";
  if (!document.order_total) return;
  if (document.order_id.empty()) {
    scope.Violate(kField, Reason::kFieldNotAllowed, "there is no order_id that it could be the total of");
  }
  if (!document.order_total->IsPositive()) {
    scope.Violate(kField, Reason::kAmountOutOfRange, "is not more than zero");
    return;
  }
  scope.IsInRange(kField, *document.order_total);
}

}  // namespace kasa::domain
