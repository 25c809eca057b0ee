// What a return may not disagree with its sale about, each with its exact field and reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/status_reason.h"
#include "tests/domain/return_builder.h"

namespace kasa::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two coffees at 45.00 less 5.00, and a tea at 30.00: 115.00 by card.
Document TeaSale() {
  Document sale = CoffeeSale();
  sale.branch_id = "kyiv-1";
  sale.lines = {LineOf("Кава", 2000, 4500), LineOf("Чай", 1000, 3000)};
  sale.lines[0].line_id = "a";
  sale.lines[0].code = "C-1";
  sale.lines[0].discount = K(500);
  sale.payments = {PaymentBy("card", 11500)};
  return sale;
}

// One of the coffees: 42.50.
Document OneBack() {
  Document back = TeaSale();
  back.lines = {LineOf("Кава", 1000, 4500)};
  back.payments = {PaymentBy("card", 4250)};
  return back;
}

struct Case {
  const char* what;
  std::function<void(Document&)> spoil;
  const char* field;
  Reason reason;
  const char* message;  // a part of it
};

TEST(ReturnChecks, NameFieldReasonAndExpectedFigure) {
  ASSERT_TRUE(ReturnInShop(OneBack(), OriginalOf(Sold(TeaSale()))).receipt);
  const Case cases[] = {
      {"not activated", [](Document& d) { d.activated = false; }, "activated", Reason::kNotActivated, ""},
      {"yesterday's", [](Document& d) { d.document_date = "2026-11-22"; }, "document_date",
       Reason::kDateNotToday, "2026-11-23"},
      {"no date", [](Document& d) { d.document_date = ""; }, "document_date", Reason::kFieldRequired, ""},
      {"in euros", [](Document& d) { d.currency_code = "EUR"; }, "currency_code", Reason::kCurrencyNotUah,
       ""},
      {"another branch", [](Document& d) { d.branch_id = "lviv-1"; }, "branch_id", Reason::kDiffersFromSale,
       "kyiv-1"},
      {"another legal entity", [](Document& d) { d.legal_entity_id = "tov-2"; }, "legal_entity_id",
       Reason::kDiffersFromSale, "tov-1"},
      {"another order", [](Document& d) { d.order_id = "order-2"; }, "order_id", Reason::kDiffersFromSale,
       "order-1"},
      {"a row that is not there", [](Document& d) { d.lines[0].original_line_id = "3"; },
       "lines[0].original_line_id", Reason::kOriginalLineNotFound, ""},
      {"the place of a row that has an id", [](Document& d) { d.lines[0].original_line_id = "1"; },
       "lines[0].original_line_id", Reason::kOriginalLineNotFound, ""},
      {"the place with a zero before", [](Document& d) { d.lines[0].original_line_id = "02"; },
       "lines[0].original_line_id", Reason::kOriginalLineNotFound, ""},
      {"no row and nothing alike", [](Document& d) { d.lines[0].name = "Пиво"; }, "lines[0].original_line_id",
       Reason::kOriginalLineNotFound, ""},
      {"a row with a control character", [](Document& d) { d.lines[0].original_line_id = "a\n"; },
       "lines[0].original_line_id", Reason::kFieldInvalid, ""},
      {"no name",
       [](Document& d) {
         d.lines[0].original_line_id = "a";
         d.lines[0].name = "";
       },
       "lines[0].name", Reason::kNameMissing, ""},
      {"another price",
       [](Document& d) {
         d.lines[0].original_line_id = "a";
         d.lines[0].price = K(4400);
       },
       "lines[0].price_kopiykas", Reason::kDiffersFromSale, "4500 kopiykas"},
      {"a negative price",
       [](Document& d) {
         d.lines[0].original_line_id = "a";
         d.lines[0].price = K(-4500);
       },
       "lines[0].price_kopiykas", Reason::kPriceNegative, ""},
      {"another tax",
       [](Document& d) {
         d.lines[0].original_line_id = "a";
         d.lines[0].tax_id = "none";
       },
       "lines[0].tax_id", Reason::kDiffersFromSale, "vat20"},
      {"no tax",
       [](Document& d) {
         d.lines[0].original_line_id = "a";
         d.lines[0].tax_id = "";
       },
       "lines[0].tax_id", Reason::kTaxMissing, ""},
      {"another code",
       [](Document& d) {
         d.lines[0].original_line_id = "a";
         d.lines[0].code = "C-2";
       },
       "lines[0].code", Reason::kDiffersFromSale, "C-1"},
      {"a barcode that was not sold", [](Document& d) { d.lines[0].barcode = "4820000000001"; },
       "lines[0].barcode", Reason::kDiffersFromSale, "has none"},
      {"a UKTZED that was not sold", [](Document& d) { d.lines[0].uktzed = "2203"; }, "lines[0].uktzed",
       Reason::kDiffersFromSale, "has none"},
      {"a DKPP that was not sold", [](Document& d) { d.lines[0].dkpp = "56.10"; }, "lines[0].dkpp",
       Reason::kDiffersFromSale, "has none"},
      {"a stamp that was not sold", [](Document& d) { d.lines[0].excise_stamps = {"AAAA000001"}; },
       "lines[0].excise_stamps[0]", Reason::kDiffersFromSale, ""},
      {"no quantity", [](Document& d) { d.lines[0].quantity = Q(0); }, "lines[0].quantity_thousandths",
       Reason::kQuantityNotPositive, ""},
      {"a negative quantity", [](Document& d) { d.lines[0].quantity = Q(-1000); },
       "lines[0].quantity_thousandths", Reason::kQuantityNotPositive, ""},
      {"the undiscounted amount", [](Document& d) { d.lines[0].amount = K(4500); },
       "lines[0].amount_kopiykas", Reason::kLineAmountMismatch, "4250 kopiykas"},
      {"the whole line's discount", [](Document& d) { d.lines[0].discount = K(500); },
       "lines[0].discount_kopiykas", Reason::kLineAmountMismatch, "250 kopiykas"},
      {"a discount on the whole that leaves less", [](Document& d) { d.discount = K(251); },
       "discount_kopiykas", Reason::kDiffersFromSale, "250 kopiykas"},
      {"one payment too little", [](Document& d) { d.payments[0].amount = K(4249); }, "payments",
       Reason::kPaymentsDoNotCover, "4250 kopiykas"},
      {"the undiscounted payment", [](Document& d) { d.payments[0].amount = K(4500); }, "payments",
       Reason::kPaymentsDoNotCover, "4250 kopiykas"},
      {"no payments", [](Document& d) { d.payments.clear(); }, "payments", Reason::kPaymentsMissing, ""},
      {"no lines", [](Document& d) { d.lines.clear(); }, "lines", Reason::kLinesMissing, ""},
      {"a payment method that is not mapped", [](Document& d) { d.payments[0].payment_method_id = "stones"; },
       "payments[0].payment_method_id", Reason::kPaymentMethodNotMapped, ""},
      {"a prepayment", [](Document& d) { d.payments[0].payment_method_id = "pre"; },
       "payments[0].payment_method_id", Reason::kFiscalChainPrepayment, ""},
      {"tendered by card", [](Document& d) { d.payments[0].tendered = K(5000); },
       "payments[0].tendered_kopiykas", Reason::kTenderedNotCash, ""},
      {"a line id twice",
       [](Document& d) {
         d.lines[0].quantity = Q(1000);
         d.lines[0].line_id = "x";
         d.lines.push_back(d.lines[0]);
         d.payments[0].amount = K(8500);
       },
       "lines[1].line_id", Reason::kDuplicateLineId, ""},
  };
  for (const Case& tried : cases) {
    SCOPED_TRACE(tried.what);
    Document back = OneBack();
    tried.spoil(back);
    const PricedReturn priced = ReturnInShop(back, OriginalOf(Sold(TeaSale())));
    EXPECT_FALSE(priced.receipt);
    ASSERT_THAT(priced.violations,
                ElementsAre(Violates(std::string("sales_return.") + tried.field, tried.reason)));
    EXPECT_THAT(priced.violations[0].message, HasSubstr(tried.message));
  }
}

TEST(ReturnChecks, AgreementIsStatedOrLeftOut) {
  Document back = OneBack();
  back.refund_method_change = RefundMethodChange{false, "?"};
  EXPECT_THAT(ReturnInShop(back, OriginalOf(Sold(TeaSale()))).violations,
              ElementsAre(Violates("refund_method_change.buyer_agreed", Reason::kFieldRequired)));
  back.refund_method_change = RefundMethodChange{true, std::string(1001, 'x')};
  EXPECT_THAT(ReturnInShop(back, OriginalOf(Sold(TeaSale()))).violations,
              ElementsAre(Violates("refund_method_change.note", Reason::kFieldTooLong)));
}

TEST(ReturnChecks, WhatIsStatedRightlyIsTaken) {
  const std::function<void(Document&)> ways[] = {
      [](Document& d) { d.lines[0].amount = K(4250); },
      [](Document& d) { d.lines[0].discount = K(250); },
      [](Document& d) { d.discount = K(250); },
      [](Document& d) {
        d.discount = K(250);
        d.lines[0].amount = K(4500);
      },
      [](Document& d) {
        d.discount = K(150);
        d.lines[0].discount = K(100);
        d.lines[0].amount = K(4400);
      },
      [](Document& d) { d.lines[0].original_line_id = "a"; },
      [](Document& d) { d.lines[0].code = "C-1"; },
      [](Document& d) { d.branch_id = d.legal_entity_id = d.order_id = ""; },
  };
  for (const auto& state : ways) {
    Document back = OneBack();
    state(back);
    const PricedReturn priced = ReturnInShop(back, OriginalOf(Sold(TeaSale())));
    EXPECT_THAT(priced.violations, IsEmpty());
    ASSERT_TRUE(priced.receipt) << priced.refusal;
    EXPECT_EQ(priced.receipt->rows[0].amount, K(4250));
  }
}

TEST(ReturnChecks, AnotherNameIsAWarningAndTheSalesIsPrinted) {
  Document back = OneBack();
  back.lines[0].original_line_id = "a";
  back.lines[0].name = "Кава (повернення)";
  const PricedReturn priced = ReturnInShop(back, OriginalOf(Sold(TeaSale())));
  ASSERT_TRUE(priced.receipt);
  EXPECT_EQ(priced.receipt->rows[0].name, "Кава");
  EXPECT_THAT(priced.warnings, ElementsAre(Warns(Reason::kDiffersFromSale, "sales_return.lines[0].name",
                                                 "whose name the receipt has")));
}

TEST(ReturnChecks, AllViolationsAreToldAtOnceInDocumentOrder) {
  Document back = OneBack();
  back.activated = false;
  back.branch_id = "lviv-1";
  back.lines[0].tax_id = "none";
  back.lines[0].original_line_id = "a";
  back.payments[0].amount = K(1);
  EXPECT_THAT(ReturnInShop(back, OriginalOf(Sold(TeaSale()))).violations,
              ElementsAre(Violates("sales_return.activated", Reason::kNotActivated),
                          Violates("sales_return.branch_id", Reason::kDiffersFromSale),
                          Violates("sales_return.lines[0].tax_id", Reason::kDiffersFromSale),
                          Violates("sales_return.payments", Reason::kPaymentsDoNotCover)));
}

// --- which row is meant

TEST(ReturnMatching, TwoAlikeHaveToBeTold) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("Кава", 1000, 4500), LineOf("Кава", 1000, 4500), LineOf("Чай", 1000, 3000)};
  sale.lines[1].discount = K(1000);
  sale.payments = {PaymentBy("card", 11000)};
  const Original original = OriginalOf(Sold(sale));
  Document back = CoffeeSale();
  const PricedReturn ambiguous = ReturnInShop(back, original);
  EXPECT_THAT(ambiguous.violations, ElementsAre(Violates("sales_return.lines[0].original_line_id",
                                                         Reason::kOriginalLineAmbiguous)));
  EXPECT_THAT(ambiguous.violations[0].message, HasSubstr("1, 2"));
  back.lines[0].original_line_id = "2";
  back.payments = {PaymentBy("card", 3500)};
  EXPECT_TRUE(ReturnInShop(back, original).receipt);
  // The same document again means each by itself.
  EXPECT_TRUE(ReturnInShop(SameAgain(sale), original).receipt);
}

TEST(ReturnMatching, TheOnlyLineOfASaleIsMeantWhateverItIsCalled) {
  Document back = CoffeeSale();
  back.lines[0].name = "Espresso";
  EXPECT_TRUE(ReturnInShop(back, OriginalOf(Sold(CoffeeSale()))).receipt);
}

TEST(ReturnMatching, ACleanedNameIsTheSame) {
  Document sale = TeaSale();
  sale.lines[1].name = "Чай 🙂";
  Document back = TeaSale();
  back.lines = {sale.lines[1]};
  back.payments = {PaymentBy("card", 3000)};
  EXPECT_TRUE(ReturnInShop(back, OriginalOf(Sold(sale))).receipt);
}

// --- parts that are too small

TEST(ReturnChecks, APartThatComesToNothingHasToWaitForMore) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("Цукор", 4000, 1)};
  sale.lines[0].discount = K(3);
  sale.payments = {PaymentBy("card", 1)};
  const Original original = OriginalOf(Sold(sale));
  Document back = sale;
  back.lines[0].discount = K(0);
  back.lines[0].quantity = Q(1000);  // a quarter of a kopiyka
  EXPECT_THAT(ReturnInShop(back, original).violations,
              ElementsAre(Violates("sales_return.lines[0].quantity_thousandths", Reason::kLineAmountZero)));
  back.lines[0].quantity = Q(2000);
  EXPECT_TRUE(ReturnInShop(back, original).receipt);
  back.lines[0].quantity = Q(400);  // quantity x price is 0.00
  EXPECT_THAT(ReturnInShop(back, original).violations,
              ElementsAre(Violates("sales_return.lines[0].quantity_thousandths", Reason::kLineAmountZero)));
}

TEST(ReturnChecks, CashThatRoundsToNothingIsRefused) {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("Пакет", 1000, 20), LineOf("Кава", 1000, 4500)};
  sale.payments = {CashOf(4520)};
  Document back = CoffeeSale();
  back.lines = {LineOf("Пакет", 1000, 20)};
  back.payments = {CashOf(20)};
  EXPECT_THAT(ReturnInShop(back, OriginalOf(Sold(sale))).violations,
              ElementsAre(Violates("sales_return.payments[0].amount_kopiykas", Reason::kPaymentNotPositive)));
}

}  // namespace
}  // namespace kasa::domain
