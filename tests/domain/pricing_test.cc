#include "server/domain/pricing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/domain/limits.h"
#include "server/domain/register_text.h"
#include "tests/domain/sale_builder.h"

namespace kasa::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PricedReceipt Priced(const Document& sale, const Integration& integration = ShopIntegration()) {
  const PricedDocument priced = PriceSale(sale, integration, ShopMapping(), kToday, "sale");
  EXPECT_THAT(priced.violations, IsEmpty());
  return priced.receipt.value_or(PricedReceipt());
}

Document CashSale(int64_t price, std::vector<Payment> payments) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("Кава", 1000, price)};
  sale.payments = std::move(payments);
  return sale;
}

Payment Tendering(Payment payment, int64_t tendered) {
  payment.tendered = K(tendered);
  return payment;
}

TEST(PriceSale, MakesTheReceiptOfAPlainSale) {
  const PricedDocument priced = PriceInShop(CoffeeSale());
  EXPECT_THAT(priced.violations, IsEmpty());
  EXPECT_THAT(priced.warnings, IsEmpty());
  PricedReceipt expected;
  expected.kind = DocumentKind::kSale;
  expected.cashier = "Олена";
  PricedRow row;
  row.name = "Кава";
  row.quantity = Q(1000);
  row.price = K(4500);
  row.amount = K(4500);
  row.tax_group = 1;
  expected.rows = {row};
  expected.payments = {{2, K(4500), K(0), std::nullopt}};
  expected.sum = expected.due = K(4500);
  EXPECT_EQ(priced.receipt, expected);
}

TEST(PriceSale, CarriesWhatIsKnownOfALine) {
  Document sale = CoffeeSale();
  Line& line = sale.lines[0];
  line.line_id = "line-1";
  line.code = " A-1 ";
  line.barcode = "4820000000017";
  line.uktzed = "2203000100";
  line.dkpp = "56.10.11";
  line.excise_stamps = {" AAAA123456"};
  line.tax_id = "excise";
  line.comment = "тепла";
  sale.comment = "Дякуємо";
  const PricedReceipt receipt = Priced(sale);
  const PricedRow& row = receipt.rows.at(0);
  EXPECT_EQ(row.line_id, "line-1");
  EXPECT_EQ(row.code, "A-1");
  EXPECT_EQ(row.barcode, "4820000000017");
  EXPECT_EQ(row.uktzed, "2203000100");
  EXPECT_EQ(row.dkpp, "56.10.11");
  EXPECT_THAT(row.excise_stamps, ElementsAre("AAAA123456"));
  EXPECT_EQ(row.tax_group, 3);
  EXPECT_EQ(row.comment, "тепла");
  EXPECT_EQ(receipt.comment_down, "Дякуємо");
  EXPECT_EQ(receipt.comment_up, "");
}

TEST(PriceSale, RoundsEachRowHalfUpOnceAndTakesItsDiscount) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("a", 1500, 333), LineOf("b", 2500, 1), LineOf("c", 1000, 100), LineOf("d", 1000, 100)};
  sale.lines[2].discount = K(99);
  sale.lines[3].discount = K(-50);
  sale.lines[3].amount = K(150);
  sale.payments = {PaymentBy("card", 500 + 3 + 1 + 150)};
  const PricedReceipt receipt = Priced(sale);
  EXPECT_EQ(receipt.rows[0].amount, K(500));
  EXPECT_EQ(receipt.rows[1].amount, K(3));
  EXPECT_EQ(receipt.rows[2].amount, K(1));
  EXPECT_EQ(receipt.rows[3].amount, K(150));
  EXPECT_EQ(receipt.rows[3].discount, K(-50));
  EXPECT_EQ(receipt.sum, K(654));
}

// vchasno-kasa-api.md's sample, with the discount on the rows instead of the receipt.
TEST(PriceSale, SpreadsTheDocumentsDiscountIntoTheRows) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("a", 1000, 10'000), LineOf("b", 1000, 9'999)};
  sale.lines[0].discount = K(100);
  sale.discount = K(1'000);
  sale.payments = {CashOf(15'000), PaymentBy("card", 3'899)};
  const PricedReceipt receipt = Priced(sale);
  // 497.51 and 502.49.
  EXPECT_EQ(receipt.rows[0].discount, K(100 + 498));
  EXPECT_EQ(receipt.rows[0].amount, K(9'900 - 498));
  EXPECT_EQ(receipt.rows[1].discount, K(502));
  EXPECT_EQ(receipt.rows[1].amount, K(9'999 - 502));
  EXPECT_EQ(receipt.sum, K(18'899));
}

TEST(PriceSale, SpreadsAMarkupToo) {
  Document sale = CoffeeSale();
  sale.discount = K(-100);
  sale.payments = {PaymentBy("card", 4'600)};
  EXPECT_EQ(Priced(sale).rows.at(0).discount, K(-100));
}

struct CashCase {
  const char* what;
  int64_t price;
  std::vector<Payment> payments;
  CashRounding step;
  std::vector<PricedPayment> priced;
  int64_t rounding;
  int64_t change;
};

TEST(PriceSale, RoundsAndMergesTheCashPartOnly) {
  const std::vector<CashCase> cases = {
      {"cash down", 1024, {CashOf(1024)}, CashRounding::kFiftyKopiykas, {{0, K(1000), K(0), {}}}, -24, 0},
      {"cash up", 1025, {CashOf(1025)}, CashRounding::kFiftyKopiykas, {{0, K(1050), K(0), {}}}, 25, 0},
      {"tens", 1025, {CashOf(1025)}, CashRounding::kTenKopiykas, {{0, K(1030), K(0), {}}}, 5, 0},
      {"no rounding", 1025, {CashOf(1025)}, CashRounding::kNone, {{0, K(1025), K(0), {}}}, 0, 0},
      {"card is not rounded",
       1025,
       {PaymentBy("card", 1025)},
       CashRounding::kFiftyKopiykas,
       {{2, K(1025), K(0), {}}},
       0,
       0},
      {"cash among others, in its place",
       5000,
       {PaymentBy("card", 1001), CashOf(1010), PaymentBy("card", 1002), PaymentBy("cash", 1020),
        PaymentBy("novapay", 967)},
       CashRounding::kFiftyKopiykas,
       {{2, K(1001), K(0), {}}, {0, K(2050), K(0), {}}, {2, K(1002), K(0), {}}, {20, K(967), K(0), {}}},
       20,
       0},
      {"change",
       1024,
       {Tendering(CashOf(1024), 2000)},
       CashRounding::kFiftyKopiykas,
       {{0, K(1000), K(1000), {}}},
       -24,
       1000},
      {"tendered exactly the rounded cash",
       1024,
       {Tendering(CashOf(1024), 1000)},
       CashRounding::kFiftyKopiykas,
       {{0, K(1000), K(0), {}}},
       -24,
       0},
      {"a cash payment that tells nothing was tendered exactly",
       2000,
       {Tendering(CashOf(990), 1000), CashOf(1010)},
       CashRounding::kFiftyKopiykas,
       {{0, K(2000), K(10), {}}},
       0,
       10},
      {"the least cash that does not round to nothing",
       1025,
       {PaymentBy("card", 1000), Tendering(CashOf(25), 100)},
       CashRounding::kFiftyKopiykas,
       {{2, K(1000), K(0), {}}, {0, K(50), K(50), {}}},
       25,
       50},
  };
  for (const CashCase& c : cases) {
    SCOPED_TRACE(c.what);
    Integration integration = ShopIntegration();
    integration.cash_rounding = c.step;
    const PricedReceipt receipt = Priced(CashSale(c.price, c.payments), integration);
    EXPECT_EQ(receipt.payments, c.priced);
    EXPECT_EQ(receipt.rounding, K(c.rounding));
    EXPECT_EQ(receipt.due, K(c.price + c.rounding));
    EXPECT_EQ(receipt.sum, K(c.price));
    EXPECT_EQ(receipt.change, K(c.change));
  }
}

TEST(PriceSale, TakesThePaymentTypeFromTheMethodElseFromTheKind) {
  Integration integration = ShopIntegration();
  integration.default_cashless_payment_type = 16;
  struct Case {
    const char* method;
    PaymentKind kind;
    int type;
  };
  for (const Case& c : {Case{"card", PaymentKind::kUnspecified, 2}, Case{"card", PaymentKind::kCashless, 2},
                        Case{"novapay", PaymentKind::kCash, 20}, Case{"cash", PaymentKind::kCash, 0},
                        Case{"", PaymentKind::kCash, 0}, Case{"", PaymentKind::kCashless, 16}}) {
    Payment payment = PaymentBy(c.method, 1000);
    payment.kind = c.kind;
    EXPECT_EQ(Priced(CashSale(1000, {payment}), integration).payments.at(0).payment_type, c.type) << c.method;
  }
}

TEST(PriceSale, KeepsCardDetailsOnTheirPayment) {
  Payment payment = PaymentBy("card", 4500);
  payment.card = CardDetails{"012345678901", "A1", "S1", "537541******1234", "Visa", "b-1", "Банк", K(45)};
  const PricedReceipt receipt = Priced(CashSale(4500, {payment}));
  EXPECT_EQ(receipt.payments.at(0).card, payment.card);
  EXPECT_EQ(receipt.due, K(4500)) << "a commission is told, not added";
}

TEST(PriceSale, CleansAndCutsTextsWithOneWarningASubject) {
  Document sale = CoffeeSale();
  sale.order_id.clear();
  sale.lines.clear();
  for (int i = 0; i < 8; ++i) sale.lines.push_back(LineOf("Кава → 🙂", 1000, 100));
  sale.lines.push_back(LineOf(std::string(200, 'x'), 1000, 100));
  sale.lines[0].unit_code = "шт";
  sale.comment = std::string(150, 'y');
  sale.payments = {PaymentBy("card", 900)};
  const PricedDocument priced = PriceInShop(sale);
  ASSERT_TRUE(priced.receipt.has_value());
  EXPECT_EQ(priced.receipt->rows[0].name, "Кава ->");
  EXPECT_EQ(LengthInCharacters(priced.receipt->rows[8].name), kRegisterNameLength);
  EXPECT_EQ(LengthInCharacters(priced.receipt->comment_down), kRegisterCommentLength);
  EXPECT_THAT(priced.warnings,
              ElementsAre(Warns(Reason::kOrderIdMissing, "", "no order id"),
                          AllOf(Warns(Reason::kTextCleaned, "sale.lines[0].name",
                                      "does not take were replaced or dropped: sale.lines[0].name, "
                                      "sale.lines[1].name"),
                                HasSubstr("sale.lines[4].name and 3 more")),
                          Warns(Reason::kFieldIgnored, "sale.lines[0].unit_code", "has no field for it"),
                          Warns(Reason::kTextCut, "sale.lines[8].name",
                                "the register takes: sale.lines[8].name, sale.comment")));
}

TEST(PriceSale, WarnsOfOneCodeUnderTwoTaxGroups) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("a", 1000, 500), LineOf("b", 1000, 500), LineOf("c", 1000, 20)};
  sale.lines[0].code = sale.lines[1].code = "A-1";
  sale.lines[1].tax_id = "none";
  sale.payments = {PaymentBy("card", 1020)};
  EXPECT_THAT(PriceInShop(sale).warnings,
              ElementsAre(Warns(Reason::kTaxGroupChangedInShift, "sale.lines[1].code", "two tax groups")));
}

TEST(PriceSale, ReadsNothingOfTheChainRole) {
  Document sale = CoffeeSale();
  sale.chain_role = ChainRole::kPrepayment;
  EXPECT_TRUE(PriceInShop(sale).receipt.has_value()) << "ChainReason() refuses it as a whole";
}

TEST(PriceSale, TakesTheLargestSale) {
  Document sale = CoffeeSale();
  sale.lines.assign(kMaxLines, LineOf("Кава", 1000, 99'999'999));
  sale.payments.assign(kMaxPayments, PaymentBy("card", 99'999'999'000 / static_cast<int64_t>(kMaxPayments)));
  EXPECT_EQ(Priced(sale).sum, K(99'999'999'000));
}

}  // namespace
}  // namespace kasa::domain
