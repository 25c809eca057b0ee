#ifndef KASA_TESTS_DOMAIN_RETURN_BUILDER_H_
#define KASA_TESTS_DOMAIN_RETURN_BUILDER_H_

#include <string>
#include <utility>

#include "server/domain/fiscalization.h"
#include "server/domain/original.h"
#include "server/domain/returns.h"
#include "tests/domain/sale_builder.h"

// Sales with their receipts, and returns of them that are right, to be spoilt by tests.
namespace kasa::domain {

// `sale` as the gateway has it after the register made its receipt. Violations of it are thrown as
// std::bad_optional_access.
inline Fiscalization Sold(const Document& sale, const Integration& integration, const Mapping& mapping) {
  Fiscalization sold;
  sold.id = "fz-1";
  sold.key = {"erp", DocumentKind::kSale, "DN-1", RegisterMode::kTest};
  sold.integration_id = integration.id;
  sold.register_fiscal_number = "4000000001";
  sold.state = State::kFiscalized;
  sold.order_id = sale.order_id;
  sold.document = sale;
  sold.draft = PriceSale(sale, integration, mapping, kToday, "sale").receipt.value();
  sold.receipt = Receipt{.fiscal_number = "TEST_sale-1",
                         .register_fiscal_number = sold.register_fiscal_number,
                         .total = sold.draft.due};
  return sold;
}

inline Fiscalization Sold(const Document& sale) {
  return Sold(sale, ShopIntegration(), ShopMapping());
}

// Everything of the sale, by the same lines, discount and payments.
inline Document SameAgain(const Document& sale) {
  return sale;
}

inline PricedReturn ReturnInShop(const Document& sales_return, const Original& original) {
  return PriceReturn(sales_return, original, ShopIntegration(), ShopMapping(), kToday, "sales_return");
}

}  // namespace kasa::domain

#endif  // KASA_TESTS_DOMAIN_RETURN_BUILDER_H_
