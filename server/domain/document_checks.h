#ifndef KASA_SERVER_DOMAIN_DOCUMENT_CHECKS_H_
#define KASA_SERVER_DOMAIN_DOCUMENT_CHECKS_H_

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "server/domain/document.h"
#include "server/domain/findings.h"

// Checks of what names a document and of its own fields; its lines and payments have files of their own.
// Pure functions of their arguments.
namespace kasa::domain {

// The source system and the caller's id of the document: required, within limits.h, without control
// characters. `id_field` is "document_id" or "payment_id"; both fields are at the request's root.
Violations CheckDocumentName(absl::string_view source_system, absl::string_view id,
                             absl::string_view id_field);

// What stands before the lines: activated, today's date, UAH, the ids.
void CheckHeader(const Document& document, absl::CivilDay today_in_kyiv, const FieldScope& scope);

// The same for a payment, which is dated when it is sent: a date may be left out.
void CheckPaymentHeader(const Document& payment, absl::CivilDay today_in_kyiv, const FieldScope& scope);

// For a sale or a payment: warns when there is no order id.
void WarnOfNoOrder(const Document& document, const FieldScope& scope);

// The order's total, when it is given: with an order id only, and more than zero.
void CheckOrderTotal(const Document& document, const FieldScope& scope);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_DOCUMENT_CHECKS_H_
