#include "tools/demo_client/sale.h"

#include "absl/strings/str_cat.h"
#include "common/kyiv_time.h"

namespace kasa::demo {
namespace {

void AddLine(v1::Document& sale, const char* name, int64_t quantity_thousandths, int64_t price_kopiykas) {
  v1::Line& line = *sale.add_lines();
  line.set_name(name);
  line.set_quantity_thousandths(quantity_thousandths);
  line.set_price_kopiykas(price_kopiykas);
  line.set_tax_id(std::string(kTaxId));
}

}  // namespace

v1::FiscalizeSaleRequest DemoSale(const std::string& document_id, absl::CivilDay today) {
  v1::FiscalizeSaleRequest request;
  request.set_document_id(document_id);
  request.set_source_system(std::string(kSourceSystem));
  v1::Document& sale = *request.mutable_sale();
  sale.set_activated(true);
  sale.set_document_date(FormatCivilDay(today));
  sale.set_currency_code("UAH");
  sale.set_integration_id(std::string(kIntegrationId));
  sale.set_legal_entity_id(std::string(kLegalEntityId));
  sale.set_order_id(absl::StrCat("order-of-", document_id));
  AddLine(sale, "Кава мелена, 250 г", 2000, 125'50);
  AddLine(sale, "Цукерки, кг", 1250, 71'92);
  v1::Payment& card = *sale.add_payments();
  card.set_payment_method_id(std::string(kCardId));
  card.set_amount_kopiykas(200'00);
  v1::Payment& cash = *sale.add_payments();
  cash.set_payment_method_id(std::string(kCashId));
  cash.set_amount_kopiykas(140'90);
  cash.set_tendered_kopiykas(200'00);
  return request;
}

v1::FiscalizeSaleRequest FaultySale(absl::CivilDay today) {
  v1::FiscalizeSaleRequest request = DemoSale("demo-faulty", today);
  request.set_validate_only(true);
  v1::Document& sale = *request.mutable_sale();
  sale.set_document_date(FormatCivilDay(today - 1));
  sale.set_currency_code("EUR");
  sale.mutable_lines(1)->set_tax_id("vat-of-nobody");
  return request;
}

}  // namespace kasa::demo
