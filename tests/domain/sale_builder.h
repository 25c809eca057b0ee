#ifndef KASA_TESTS_DOMAIN_SALE_BUILDER_H_
#define KASA_TESTS_DOMAIN_SALE_BUILDER_H_

#include <gmock/gmock.h>

#include <ostream>
#include <string>

#include "absl/time/civil_time.h"
#include "server/domain/document.h"
#include "server/domain/integration.h"
#include "server/domain/pricing.h"
#include "server/domain/violation.h"

// A sale that is right, to be spoilt by tests, and how to say what was found.
namespace kasa::domain {

inline const absl::CivilDay kToday(2026, 11, 23);

inline Money K(int64_t kopiykas) {
  return Money::FromKopiykas(kopiykas);
}

inline Quantity Q(int64_t thousandths) {
  return Quantity::FromThousandths(thousandths);
}

inline Line LineOf(std::string name, int64_t thousandths, int64_t price_kopiykas) {
  Line line;
  line.name = std::move(name);
  line.quantity = Q(thousandths);
  line.price = K(price_kopiykas);
  line.tax_id = "vat20";
  return line;
}

inline Payment PaymentBy(std::string method, int64_t kopiykas) {
  Payment payment;
  payment.payment_method_id = std::move(method);
  payment.amount = K(kopiykas);
  return payment;
}

inline Payment CashOf(int64_t kopiykas) {
  Payment payment;
  payment.kind = PaymentKind::kCash;
  payment.amount = K(kopiykas);
  return payment;
}

// One coffee for 45.00, paid by card.
inline Document CoffeeSale() {
  Document sale;
  sale.activated = true;
  sale.document_date = "2026-11-23";
  sale.currency_code = "UAH";
  sale.legal_entity_id = "tov-1";
  sale.order_id = "order-1";
  sale.lines = {LineOf("Кава", 1000, 4500)};
  sale.payments = {PaymentBy("card", 4500)};
  return sale;
}

inline Integration ShopIntegration() {
  Integration integration;
  integration.id = "shop-1";
  integration.active = true;
  integration.legal_entity_id = "tov-1";
  integration.cashier_name = "Олена";
  return integration;
}

inline Mapping ShopMapping() {
  Mapping mapping;
  mapping.tax_groups = {{"vat20", 1}, {"none", 2}, {"excise", 3}, {"excise-none", 6}, {"broken", 77}};
  mapping.payment_types = {{"cash", 0},    {"card", 2},     {"pre", 3},        {"post", 4},
                           {"online", 16}, {"novapay", 20}, {"broken", 10'000}};
  return mapping;
}

inline PricedDocument PriceInShop(const Document& sale) {
  return PriceSale(sale, ShopIntegration(), ShopMapping(), kToday, "sale");
}

inline void PrintTo(const Violation& violation, std::ostream* out) {
  *out << violation.field << " " << kasa::NameOf(violation.reason) << ": " << violation.message;
}

MATCHER_P3(Warns, reason, field, words,
           std::string(kasa::NameOf(reason)) + " of \"" + std::string(field) + "\": " + std::string(words)) {
  return arg.reason == reason && arg.field == field &&
         arg.message.find(std::string(words)) != std::string::npos;
}

MATCHER_P2(Violates, field, reason, std::string(field) + " " + std::string(kasa::NameOf(reason))) {
  return arg.field == field && arg.reason == reason;
}

}  // namespace kasa::domain

namespace kasa {

inline void PrintTo(Money money, std::ostream* out) {
  *out << money.ToDecimal();
}

}  // namespace kasa

#endif  // KASA_TESTS_DOMAIN_SALE_BUILDER_H_
