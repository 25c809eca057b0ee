#ifndef KASA_SERVER_DOMAIN_PAYMENT_PRICING_H_
#define KASA_SERVER_DOMAIN_PAYMENT_PRICING_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "server/domain/document.h"
#include "server/domain/integration.h"
#include "server/domain/pricing.h"

// From a single payment received to its receipt (product.md, point 10). Pure functions of their arguments.
namespace kasa::domain {

// FAILED_PRECONDITION, OUTGOING_PAYMENT: money that was paid out goes back by a return.
absl::Status RefuseOutgoing(const Document& payment);

// Checks every precondition of an incoming payment and prices it, as PriceSale() does for a sale, and:
//
// - There is exactly one entry in `payments`; its mapped payment type is what counts, wherever the money is.
// - Without lines the receipt has one: the integration's default_payment_line, for the amount. Then there is
//   no discount to spread. LINES_MISSING where the integration has none; what else is wrong with it
//   (TAX_NOT_MAPPED, ...) is told of the field "lines" too.
// - A date may be left out, and is today's when given.
// - The order's total is required with an order (FIELD_REQUIRED).
// - What the payment pays, when named, is a sale, of the register's own mode.
PricedDocument PricePayment(const Document& payment, const Integration& integration, const Mapping& mapping,
                            absl::CivilDay today_in_kyiv, absl::string_view root);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_PAYMENT_PRICING_H_
