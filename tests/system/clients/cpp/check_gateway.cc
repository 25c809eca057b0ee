// Checks a running gateway as a C++ caller sees it, through kasa::client and nothing else of ours:
//
//   check_gateway HOST:PORT INTEGRATION DATE
//
// INTEGRATION is active, of a test register, and maps tax "vat20" and payment method "card". DATE is today in
// Kyiv. Status 0 when everything is as the contract says; else 1, after everything that is not.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kasa/client/client.h"

namespace {

constexpr int kBadLines = 1000;

bool as_promised = true;

void Expect(bool condition, const std::string& what) {
  if (condition) return;
  as_promised = false;
  std::cerr << "check_gateway: " << what << '\n';
}

kasa::v1::FiscalizeSaleRequest SaleOf(const std::string& name, const std::string& integration,
                                      const std::string& date) {
  kasa::v1::FiscalizeSaleRequest request;
  request.set_document_id(absl::StrCat(name, "-", absl::GetCurrentTimeNanos()));
  request.set_source_system("cpp-check");
  kasa::v1::Document& sale = *request.mutable_sale();
  sale.set_activated(true);
  sale.set_document_date(date);
  sale.set_currency_code("UAH");
  sale.set_integration_id(integration);
  sale.set_order_id(request.document_id());
  kasa::v1::Line& line = *sale.add_lines();
  line.set_name("Кава");
  line.set_quantity_thousandths(1500);
  line.set_price_kopiykas(2300);
  line.set_tax_id("vat20");
  kasa::v1::Payment& payment = *sale.add_payments();
  payment.set_payment_method_id("card");
  payment.set_amount_kopiykas(3450);
  return request;
}

// 1,000 bad lines: the error arrives whole, with as many violations as fit, and says how many more there are.
void CheckBadLines(const kasa::client::Client& client, kasa::v1::FiscalizeSaleRequest request) {
  request.mutable_sale()->clear_lines();
  for (int number = 0; number < kBadLines; ++number) {
    kasa::v1::Line& line = *request.mutable_sale()->add_lines();
    line.set_name(absl::StrCat("Рядок ", number));
    line.set_price_kopiykas(100);
    line.set_tax_id(absl::StrCat("невідомий-", number));
  }
  const auto refused = client.FiscalizeSale(request);
  const auto error = kasa::client::ErrorFrom(refused.status());
  if (!error) return Expect(false, "1,000 bad lines were accepted");
  Expect(error->stored_nothing(),
         absl::StrCat("no ErrorInfo of the gateway's in: ", refused.status().ToString()));
  Expect(error->code == absl::StatusCode::kInvalidArgument && error->reason == "DOCUMENT_INVALID",
         absl::StrCat("1,000 bad lines were refused with ", error->reason));
  Expect(!error->violations.empty() && error->violations[0].field == "sale.lines[0].quantity_thousandths" &&
             error->violations[0].reason == "QUANTITY_NOT_POSITIVE",
         "the first violation is not that of the first line's quantity");
  int64_t total = 0;
  const auto told = error->metadata.find("violations_total");
  Expect(told != error->metadata.end() && absl::SimpleAtoi(told->second, &total), "no total is told");
  const auto arrived = static_cast<int64_t>(error->violations.size());
  Expect(total >= int64_t{2} * kBadLines && error->violations_left_out > 0 &&
             arrived + error->violations_left_out == total,
         absl::StrCat(arrived, " violations arrived, ", error->violations_left_out, " left out, of ", total));

  request.set_validate_only(true);
  const auto checked = client.FiscalizeSale(request);
  Expect(checked.ok() && checked->violations_size() == total, "validate_only does not tell all violations");
  std::cout << "bad lines: " << arrived << " of " << total << " violations in the error\n";
}

void CheckSale(const kasa::client::Client& client, const kasa::v1::FiscalizeSaleRequest& request) {
  const auto first = client.FiscalizeSaleUntilKnown(request, absl::Seconds(60));
  const auto again = client.FiscalizeSale(request);
  if (!first.ok() || !again.ok()) {
    return Expect(false,
                  absl::StrCat("a sale ended with ", (first.ok() ? again : first).status().ToString()));
  }
  Expect(first->fiscalization().state() == kasa::v1::FISCALIZATION_STATE_FISCALIZED,
         absl::StrCat("the sale is ", first->fiscalization().ShortDebugString()));
  const std::string& number = first->fiscalization().receipt().fiscal_number();
  Expect(!number.empty() && again->replayed() && again->fiscalization().receipt().fiscal_number() == number,
         "the same sale again is not the same receipt");
  std::cout << "sale: receipt " << number << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "check_gateway HOST:PORT INTEGRATION DATE\n";
    return EXIT_FAILURE;
  }
  const auto client = kasa::client::Client::Connect(argv[1]);
  if (!client.ok()) {
    std::cerr << "check_gateway: " << client.status() << '\n';
    return EXIT_FAILURE;
  }
  CheckBadLines(*client, SaleOf("bad", argv[2], argv[3]));
  CheckSale(*client, SaleOf("good", argv[2], argv[3]));
  return as_promised ? EXIT_SUCCESS : EXIT_FAILURE;
}
