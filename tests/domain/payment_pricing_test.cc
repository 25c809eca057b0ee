#include "server/domain/payment_pricing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/status_reason.h"
#include "server/domain/document_history.h"
#include "server/domain/document_pricing.h"
#include "tests/domain/sale_builder.h"

// A single payment received: what is taken, what is told, and what its receipt says (product.md, point 10).
namespace kasa::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// 250.00 online for the whole of an order, without lines and without a date.
Document OnlinePayment() {
  Document payment;
  payment.activated = true;
  payment.currency_code = "UAH";
  payment.legal_entity_id = "tov-1";
  payment.order_id = "order-1";
  payment.order_total = K(25000);
  payment.payments = {PaymentBy("online", 25000)};
  payment.direction = PaymentDirection::kIncoming;
  return payment;
}

Integration PayingIntegration() {
  Integration integration = ShopIntegration();
  integration.default_payment_line = DefaultPaymentLine{"Оплата замовлення", "vat20"};
  integration.pinned_register = PinnedRegister{.fiscal_number = "4000000001", .mode = RegisterMode::kReal};
  return integration;
}

PricedDocument Price(const Document& payment) {
  return PricePayment(payment, PayingIntegration(), ShopMapping(), kToday, "payment");
}

TEST(PaymentTest, WithoutLinesHasTheDefaultLineForItsAmount) {
  const PricedDocument priced = Price(OnlinePayment());
  ASSERT_THAT(priced.violations, IsEmpty());
  EXPECT_EQ(priced.receipt->kind, DocumentKind::kPayment);
  ASSERT_THAT(priced.receipt->rows, SizeIs(1));
  const PricedRow& row = priced.receipt->rows.front();
  EXPECT_EQ(row.name, "Оплата замовлення");
  EXPECT_EQ(row.quantity, Q(1000));
  EXPECT_EQ(row.price, K(25000));
  EXPECT_EQ(row.amount, K(25000));
  EXPECT_EQ(row.tax_group, 1);
  EXPECT_THAT(priced.receipt->payments, ElementsAre(PricedPayment{.payment_type = 16, .sum = K(25000)}));
  EXPECT_EQ(priced.receipt->due, K(25000));
  EXPECT_THAT(priced.warnings, IsEmpty());
}

TEST(PaymentTest, WithLinesHasThem) {
  Document payment = OnlinePayment();
  payment.lines = {LineOf("Кава", 2000, 10000), LineOf("Чай", 1000, 6000)};
  payment.discount = K(1000);
  const PricedDocument priced = Price(payment);
  ASSERT_THAT(priced.violations, IsEmpty());
  EXPECT_THAT(priced.receipt->rows, SizeIs(2));
  EXPECT_EQ(priced.receipt->sum, K(25000));
}

TEST(PaymentTest, TheMappedTypeCountsWhereverTheMoneyIs) {
  Document payment = OnlinePayment();
  payment.money_place = MoneyPlace{.cash_desk_id = "desk-1"};
  payment.payments.front().kind = PaymentKind::kCash;
  EXPECT_EQ(Price(payment).receipt->payments.front().payment_type, 16);
}

TEST(PaymentTest, CashIsRounded) {
  Document payment = OnlinePayment();
  payment.payments = {CashOf(25030)};
  payment.payments.front().tendered = K(30000);
  payment.order_total = K(25030);
  const PricedDocument priced = Price(payment);
  ASSERT_THAT(priced.violations, IsEmpty());
  EXPECT_EQ(priced.receipt->sum, K(25030));
  EXPECT_EQ(priced.receipt->due, K(25050));
  EXPECT_EQ(priced.receipt->rounding, K(20));
  EXPECT_EQ(priced.receipt->change, K(4950));
}

TEST(PaymentTest, WithoutAnOrderIsAnsweredWithAWarning) {
  Document payment = OnlinePayment();
  payment.order_id.clear();
  payment.order_total.reset();
  const PricedDocument priced = Price(payment);
  EXPECT_THAT(priced.violations, IsEmpty());
  EXPECT_THAT(priced.warnings,
              ElementsAre(Warns(Reason::kOrderIdMissing, "",
                                "no order id: other receipts for the same goods can't be noticed")));
}

struct BadPayment {
  const char* what;
  std::function<void(Document&)> spoil;
  const char* field;
  Reason reason;
};

class BadPaymentTest : public testing::TestWithParam<BadPayment> {};

TEST_P(BadPaymentTest, IsToldWithItsField) {
  Document payment = OnlinePayment();
  GetParam().spoil(payment);
  EXPECT_THAT(Price(payment).violations, ElementsAre(Violates(GetParam().field, GetParam().reason)));
}

DocumentName Note(const char* id) {
  return {.source_system = "erp", .document_id = id};
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPaymentTest,
    testing::Values(
        BadPayment{"not activated", [](Document& p) { p.activated = false; }, "payment.activated",
                   Reason::kNotActivated},
        BadPayment{"yesterday", [](Document& p) { p.document_date = "2026-11-22"; }, "payment.document_date",
                   Reason::kDateNotToday},
        BadPayment{"tomorrow", [](Document& p) { p.document_date = "2026-11-24"; }, "payment.document_date",
                   Reason::kDateNotToday},
        BadPayment{"no day", [](Document& p) { p.document_date = "2026-02-30"; }, "payment.document_date",
                   Reason::kDateInvalid},
        BadPayment{"no currency", [](Document& p) { p.currency_code = ""; }, "payment.currency_code",
                   Reason::kCurrencyNotUah},
        BadPayment{"dollars", [](Document& p) { p.currency_code = "USD"; }, "payment.currency_code",
                   Reason::kCurrencyNotUah},
        BadPayment{"long branch", [](Document& p) { p.branch_id = std::string(129, 'b'); },
                   "payment.branch_id", Reason::kFieldTooLong},
        BadPayment{"long order", [](Document& p) { p.order_id = std::string(129, 'o'); }, "payment.order_id",
                   Reason::kFieldTooLong},
        BadPayment{"no payment", [](Document& p) { p.payments.clear(); }, "payment.payments",
                   Reason::kPaymentsMissing},
        BadPayment{"two payments", [](Document& p) { p.payments.push_back(p.payments.front()); },
                   "payment.payments", Reason::kTooManyItems},
        BadPayment{"of zero", [](Document& p) { p.payments.front().amount = K(0); },
                   "payment.payments[0].amount_kopiykas", Reason::kPaymentNotPositive},
        BadPayment{"below zero", [](Document& p) { p.payments.front().amount = K(-1); },
                   "payment.payments[0].amount_kopiykas", Reason::kPaymentNotPositive},
        BadPayment{"beyond all", [](Document& p) { p.payments.front().amount = K(100'000'000'000); },
                   "payment.payments[0].amount_kopiykas", Reason::kAmountOutOfRange},
        BadPayment{"a method that is not mapped",
                   [](Document& p) { p.payments.front().payment_method_id = "barter"; },
                   "payment.payments[0].payment_method_id", Reason::kPaymentMethodNotMapped},
        BadPayment{"neither method nor kind", [](Document& p) { p.payments.front().payment_method_id = ""; },
                   "payment.payments[0].payment_method_id", Reason::kPaymentMethodMissing},
        BadPayment{"type 3", [](Document& p) { p.payments.front().payment_method_id = "pre"; },
                   "payment.payments[0].payment_method_id", Reason::kFiscalChainPrepayment},
        BadPayment{"type 4", [](Document& p) { p.payments.front().payment_method_id = "post"; },
                   "payment.payments[0].payment_method_id", Reason::kFiscalChainPostpayment},
        BadPayment{"tendered, not cash", [](Document& p) { p.payments.front().tendered = K(30000); },
                   "payment.payments[0].tendered_kopiykas", Reason::kTenderedNotCash},
        BadPayment{"discount without lines", [](Document& p) { p.discount = K(1); },
                   "payment.discount_kopiykas", Reason::kFieldNotAllowed},
        BadPayment{"lines that come to more", [](Document& p) { p.lines = {LineOf("Кава", 1000, 25001)}; },
                   "payment.payments", Reason::kPaymentsDoNotCover},
        BadPayment{"lines that come to less", [](Document& p) { p.lines = {LineOf("Кава", 1000, 24999)}; },
                   "payment.payments", Reason::kPaymentsDoNotCover},
        BadPayment{"line without a name", [](Document& p) { p.lines = {LineOf("", 1000, 25000)}; },
                   "payment.lines[0].name", Reason::kNameMissing},
        BadPayment{"no order total", [](Document& p) { p.order_total.reset(); },
                   "payment.order_total_kopiykas", Reason::kFieldRequired},
        BadPayment{"order total without an order", [](Document& p) { p.order_id.clear(); },
                   "payment.order_total_kopiykas", Reason::kFieldNotAllowed},
        BadPayment{"order total of zero", [](Document& p) { p.order_total = K(0); },
                   "payment.order_total_kopiykas", Reason::kAmountOutOfRange},
        BadPayment{"bad phone", [](Document& p) { p.buyer.phone = "12"; }, "payment.buyer.phone",
                   Reason::kPhoneInvalid},
        BadPayment{"no direction", [](Document& p) { p.direction = PaymentDirection::kUnspecified; },
                   "direction", Reason::kFieldRequired},
        BadPayment{"long cash desk",
                   [](Document& p) { p.money_place = MoneyPlace{.cash_desk_id = std::string(129, 'd')}; },
                   "money_place.cash_desk_id", Reason::kFieldTooLong},
        BadPayment{"long bank account",
                   [](Document& p) { p.money_place = MoneyPlace{.bank_account_id = std::string(129, 'd')}; },
                   "money_place.bank_account_id", Reason::kFieldTooLong},
        BadPayment{"pays a return",
                   [](Document& p) {
                     p.paid_document = Note("SO-1");
                     p.paid_document->kind = DocumentKind::kReturn;
                   },
                   "paid_document.kind", Reason::kFieldInvalid},
        BadPayment{"pays nothing that has a name", [](Document& p) { p.paid_document = Note(""); },
                   "paid_document.document_id", Reason::kFieldRequired},
        BadPayment{"pays a document of no system",
                   [](Document& p) {
                     p.paid_document = Note("SO-1");
                     p.paid_document->source_system.clear();
                   },
                   "paid_document.source_system", Reason::kFieldRequired},
        BadPayment{"pays a test sale by a real payment",
                   [](Document& p) {
                     p.paid_document = Note("SO-1");
                     p.paid_document->mode = RegisterMode::kTest;
                   },
                   "paid_document.register_mode", Reason::kFieldInvalid}),
    [](const testing::TestParamInfo<BadPayment>& bad) { return "Case" + std::to_string(bad.index); });

TEST(PaymentTest, WithoutLinesNeedsADefaultLine) {
  EXPECT_THAT(PricePayment(OnlinePayment(), ShopIntegration(), ShopMapping(), kToday, "payment").violations,
              ElementsAre(Violates("payment.lines", Reason::kLinesMissing)));
}

TEST(PaymentTest, TheDefaultLinesTaxIsMapped) {
  Integration integration = PayingIntegration();
  integration.default_payment_line->tax_id = "vat7";
  EXPECT_THAT(PricePayment(OnlinePayment(), integration, ShopMapping(), kToday, "payment").violations,
              ElementsAre(Violates("payment.lines", Reason::kTaxNotMapped)));
}

TEST(PaymentTest, AllThatIsWrongIsToldAtOnceInTheOrderOfTheFields) {
  Document payment = OnlinePayment();
  payment.activated = false;
  payment.payments.front().payment_method_id = "barter";
  payment.order_total.reset();
  payment.direction = PaymentDirection::kUnspecified;
  EXPECT_THAT(Price(payment).violations,
              ElementsAre(Violates("payment.activated", Reason::kNotActivated),
                          Violates("payment.payments[0].payment_method_id", Reason::kPaymentMethodNotMapped),
                          Violates("payment.order_total_kopiykas", Reason::kFieldRequired),
                          Violates("direction", Reason::kFieldRequired)));
}

absl::StatusOr<PricedDocument> PriceWhole(const Document& payment) {
  const Integration integration = PayingIntegration();
  const Mapping mapping = ShopMapping();
  return PriceDocument(DocumentKind::kPayment, payment, DocumentHistory(),
                       {.integration = integration, .mapping = mapping, .today_in_kyiv = kToday});
}

TEST(PaymentTest, MoneyPaidOutIsRefusedAsAWhole) {
  Document payment = OnlinePayment();
  payment.direction = PaymentDirection::kOutgoing;
  const auto priced = PriceWhole(payment);
  EXPECT_EQ(priced.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(priced.status()), Reason::kOutgoingPayment);
}

TEST(PaymentTest, AChainIsRefusedAsAWhole) {
  Document payment = OnlinePayment();
  payment.chain_role = ChainRole::kPrepayment;
  EXPECT_EQ(ReasonOf(PriceWhole(payment).status()), Reason::kFiscalChainPrepayment);
}

}  // namespace
}  // namespace kasa::domain
