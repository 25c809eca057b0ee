// Every precondition of a sale (product.md, point 8): what breaks it, at which field, for which reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "server/domain/document_checks.h"
#include "server/domain/limits.h"
#include "server/domain/pricing.h"
#include "tests/domain/sale_builder.h"

namespace kasa::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct Spoilt {
  std::function<void(Document&)> spoil;
  std::string field;
  Reason reason;
};

// Each alone spoils a good sale in one place.
void ExpectEachRefused(const std::vector<Spoilt>& table) {
  for (const Spoilt& spoilt : table) {
    Document sale = CoffeeSale();
    spoilt.spoil(sale);
    const PricedDocument priced = PriceInShop(sale);
    EXPECT_THAT(priced.violations, ElementsAre(Violates("sale." + spoilt.field, spoilt.reason)));
    EXPECT_EQ(priced.receipt, std::nullopt);
    for (const Violation& violation : priced.violations) EXPECT_THAT(violation.message, Not(IsEmpty()));
  }
}

std::string Long(size_t length) {
  std::string text;
  for (size_t i = 0; i < length; ++i) text += "ї";
  return text;
}

TEST(SaleCheck, OfTheDocumentItself) {
  ExpectEachRefused({
      {[](Document& d) { d.activated = false; }, "activated", Reason::kNotActivated},
      {[](Document& d) { d.document_date = ""; }, "document_date", Reason::kFieldRequired},
      {[](Document& d) { d.document_date = "23.11.2026"; }, "document_date", Reason::kDateInvalid},
      {[](Document& d) { d.document_date = "2026-02-29"; }, "document_date", Reason::kDateInvalid},
      {[](Document& d) { d.document_date = "2026-11-22"; }, "document_date", Reason::kDateNotToday},
      {[](Document& d) { d.document_date = "2026-11-24"; }, "document_date", Reason::kDateNotToday},
      {[](Document& d) { d.currency_code = ""; }, "currency_code", Reason::kCurrencyNotUah},
      {[](Document& d) { d.currency_code = "USD"; }, "currency_code", Reason::kCurrencyNotUah},
      {[](Document& d) { d.currency_code = "uah"; }, "currency_code", Reason::kCurrencyNotUah},
      {[](Document& d) { d.branch_id = Long(kMaxIdLength + 1); }, "branch_id", Reason::kFieldTooLong},
      {[](Document& d) { d.legal_entity_id = "a\tb"; }, "legal_entity_id", Reason::kFieldInvalid},
      {[](Document& d) { d.integration_id = Long(kMaxIntegrationIdLength + 1); }, "integration_id",
       Reason::kFieldTooLong},
      {[](Document& d) { d.order_id = Long(kMaxIdLength + 1); }, "order_id", Reason::kFieldTooLong},
      {[](Document& d) { d.comment = Long(kMaxTextLength + 1); }, "comment", Reason::kFieldTooLong},
      {[](Document& d) { d.order_total = K(0); }, "order_total_kopiykas", Reason::kAmountOutOfRange},
      {[](Document& d) { d.order_total = K(kMaxAmountKopiykas + 1); }, "order_total_kopiykas",
       Reason::kAmountOutOfRange},
      {[](Document& d) {
         d.order_total = K(4500);
         d.order_id = "";
       },
       "order_total_kopiykas", Reason::kFieldNotAllowed},
      {[](Document& d) { d.buyer.phone = "0501234567"; }, "buyer.phone", Reason::kPhoneInvalid},
      {[](Document& d) { d.buyer.email = "olena"; }, "buyer.email", Reason::kEmailInvalid},
      {[](Document& d) { d.discount = K(4500); }, "discount_kopiykas", Reason::kDiscountExceedsAmount},
      {[](Document& d) { d.discount = K(4501); }, "discount_kopiykas", Reason::kDiscountExceedsAmount},
  });
}

TEST(SaleCheck, OfItsLines) {
  ExpectEachRefused({
      {[](Document& d) { d.lines.clear(); }, "lines", Reason::kLinesMissing},
      {[](Document& d) { d.lines.assign(kMaxLines + 1, d.lines[0]); }, "lines", Reason::kTooManyItems},
      {[](Document& d) { d.lines[0].line_id = Long(kMaxIdLength + 1); }, "lines[0].line_id",
       Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].name = ""; }, "lines[0].name", Reason::kNameMissing},
      {[](Document& d) { d.lines[0].name = " \t🙂"; }, "lines[0].name", Reason::kNameMissing},
      {[](Document& d) { d.lines[0].name = Long(kMaxTextLength + 1); }, "lines[0].name",
       Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].quantity = Q(0); }, "lines[0].quantity_thousandths",
       Reason::kQuantityNotPositive},
      {[](Document& d) { d.lines[0].quantity = Q(-1); }, "lines[0].quantity_thousandths",
       Reason::kQuantityNotPositive},
      {[](Document& d) { d.lines[0].quantity = Q(kMaxQuantityThousandths + 1); },
       "lines[0].quantity_thousandths", Reason::kAmountOutOfRange},
      {[](Document& d) { d.lines[0].price = K(-1); }, "lines[0].price_kopiykas", Reason::kPriceNegative},
      {[](Document& d) { d.lines[0].price = K(kMaxAmountKopiykas + 1); }, "lines[0].price_kopiykas",
       Reason::kAmountOutOfRange},
      {[](Document& d) { d.lines[0].price = K(0); }, "lines[0].price_kopiykas", Reason::kLineAmountZero},
      {[](Document& d) {
         d.lines[0].price = K(0);
         d.lines[0].discount = K(-4500);
       },
       "lines[0].price_kopiykas", Reason::kLineAmountZero},
      {[](Document& d) { d.lines[0].quantity = Q(kMaxQuantityThousandths); }, "lines[0].price_kopiykas",
       Reason::kAmountOutOfRange},
      {[](Document& d) { d.lines[0].discount = K(4501); }, "lines[0].discount_kopiykas",
       Reason::kDiscountExceedsAmount},
      {[](Document& d) { d.lines[0].discount = K(4500); }, "lines[0].discount_kopiykas",
       Reason::kLineAmountZero},
      {[](Document& d) { d.lines[0].discount = K(-kMaxAmountKopiykas); }, "lines[0].discount_kopiykas",
       Reason::kAmountOutOfRange},
      {[](Document& d) { d.lines[0].tax_id = ""; }, "lines[0].tax_id", Reason::kTaxMissing},
      {[](Document& d) { d.lines[0].tax_id = "vat21"; }, "lines[0].tax_id", Reason::kTaxNotMapped},
      {[](Document& d) { d.lines[0].tax_id = "broken"; }, "lines[0].tax_id", Reason::kTaxGroupUnknown},
      {[](Document& d) { d.lines[0].tax_id = Long(kMaxIdLength + 1); }, "lines[0].tax_id",
       Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].amount = K(4499); }, "lines[0].amount_kopiykas",
       Reason::kLineAmountMismatch},
      {[](Document& d) { d.lines[0].amount = K(0); }, "lines[0].amount_kopiykas",
       Reason::kLineAmountMismatch},
      {[](Document& d) { d.lines[0].code = Long(kRegisterCodeLength + 1); }, "lines[0].code",
       Reason::kFieldTooLong},
      {[](Document& d) {
         for (size_t i = 0; i < kRegisterCodeLength; ++i) d.lines[0].code += "½";
       },
       "lines[0].code", Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].barcode = Long(kRegisterBarcodeLength + 1); }, "lines[0].barcode",
       Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].uktzed = "2203 00"; }, "lines[0].uktzed", Reason::kFieldInvalid},
      {[](Document& d) { d.lines[0].uktzed = "12345678901"; }, "lines[0].uktzed", Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].dkpp = Long(kRegisterDkppLength + 1); }, "lines[0].dkpp",
       Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].excise_stamps = {""}; }, "lines[0].excise_stamps[0]",
       Reason::kFieldRequired},
      {[](Document& d) {
         d.lines[0].excise_stamps = {"AAAA123456", "AAAA12345é"};
       },
       "lines[0].excise_stamps[1]", Reason::kFieldInvalid},
      {[](Document& d) { d.lines[0].excise_stamps = {Long(kRegisterExciseStampLength + 1)}; },
       "lines[0].excise_stamps[0]", Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].excise_stamps.assign(kMaxExciseStampsPerLine + 1, "AAAA123456"); },
       "lines[0].excise_stamps", Reason::kTooManyItems},
      {[](Document& d) {
         d.lines[0].tax_id = "excise";
         d.lines[0].excise_stamps = {"AAAA123456"};
       },
       "lines[0].uktzed", Reason::kExciseCodeMissing},
      {[](Document& d) {
         d.lines[0].tax_id = "excise-none";
         d.lines[0].uktzed = "2203000100";
       },
       "lines[0].excise_stamps", Reason::kExciseStampsMissing},
      {[](Document& d) { d.lines[0].unit_code = Long(kMaxUnitCodeLength + 1); }, "lines[0].unit_code",
       Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].comment = Long(kMaxTextLength + 1); }, "lines[0].comment",
       Reason::kFieldTooLong},
      {[](Document& d) { d.lines[0].original_line_id = "1"; }, "lines[0].original_line_id",
       Reason::kFieldNotAllowed},
      {[](Document& d) {
         d.lines.assign(2, LineOf("a", 1000, 2250));
         d.lines[0].line_id = d.lines[1].line_id = "same";
       },
       "lines[1].line_id", Reason::kDuplicateLineId},
      {[](Document& d) {
         d.lines.assign(2, LineOf("a", 1000, 1));
         d.discount = K(1);
       },
       "discount_kopiykas", Reason::kDiscountExceedsAmount},
      {[](Document& d) { d.lines.assign(2, LineOf("a", 1000, kMaxAmountKopiykas)); }, "lines",
       Reason::kAmountOutOfRange},
  });
}

TEST(SaleCheck, OfItsPayments) {
  const auto card = [](Document& d) -> CardDetails& { return d.payments[0].card.emplace(); };
  ExpectEachRefused({
      {[](Document& d) { d.payments.clear(); }, "payments", Reason::kPaymentsMissing},
      {[](Document& d) { d.payments.assign(kMaxPayments + 1, PaymentBy("card", 1)); }, "payments",
       Reason::kTooManyItems},
      {[](Document& d) { d.payments[0].payment_method_id = ""; }, "payments[0].payment_method_id",
       Reason::kPaymentMethodMissing},
      {[](Document& d) { d.payments[0].payment_method_id = "crypto"; }, "payments[0].payment_method_id",
       Reason::kPaymentMethodNotMapped},
      {[](Document& d) { d.payments[0].payment_method_id = Long(kMaxIdLength + 1); },
       "payments[0].payment_method_id", Reason::kFieldTooLong},
      {[](Document& d) { d.payments[0].payment_method_id = "broken"; }, "payments[0].payment_method_id",
       Reason::kPaymentTypeInvalid},
      {[](Document& d) { d.payments[0].payment_method_id = "pre"; }, "payments[0].payment_method_id",
       Reason::kFiscalChainPrepayment},
      {[](Document& d) { d.payments[0].payment_method_id = "post"; }, "payments[0].payment_method_id",
       Reason::kFiscalChainPostpayment},
      {[](Document& d) {
         d.payments[0] = CashOf(4500);
         d.payments[0].kind = PaymentKind::kCashless;
       },
       "payments[0].kind", Reason::kDefaultCashlessTypeMissing},
      {[](Document& d) {
         d.payments[0] = PaymentBy("cash", 4500);
         d.payments[0].kind = PaymentKind::kCashless;
       },
       "payments[0].kind", Reason::kFieldInvalid},
      {[](Document& d) { d.payments.push_back(PaymentBy("card", 0)); }, "payments[1].amount_kopiykas",
       Reason::kPaymentNotPositive},
      {[](Document& d) { d.payments.push_back(PaymentBy("card", -1)); }, "payments[1].amount_kopiykas",
       Reason::kPaymentNotPositive},
      {[](Document& d) { d.payments[0].amount = K(kMaxAmountKopiykas + 1); }, "payments[0].amount_kopiykas",
       Reason::kAmountOutOfRange},
      {[](Document& d) { d.payments[0].amount = K(4499); }, "payments", Reason::kPaymentsDoNotCover},
      {[](Document& d) { d.payments[0].amount = K(4501); }, "payments", Reason::kPaymentsDoNotCover},
      {[](Document& d) { d.payments[0].tendered = K(5000); }, "payments[0].tendered_kopiykas",
       Reason::kTenderedNotCash},
      {[](Document& d) {
         d.payments[0] = CashOf(4500);
         d.payments[0].tendered = K(4499);
       },
       "payments[0].tendered_kopiykas", Reason::kTenderedTooSmall},
      {[](Document& d) {
         d.payments[0] = CashOf(4500);
         d.payments[0].tendered = K(-1);
       },
       "payments[0].tendered_kopiykas", Reason::kAmountOutOfRange},
      {[](Document& d) {
         d.lines[0].price = K(24);
         d.payments = {CashOf(14), CashOf(10)};
       },
       "payments[0].amount_kopiykas", Reason::kPaymentNotPositive},
      // Beside a card too: a receipt without cash has nothing to be rounded.
      {[](Document& d) {
         d.lines[0].price = K(1024);
         d.payments = {PaymentBy("card", 1000), CashOf(24)};
       },
       "payments[1].amount_kopiykas", Reason::kPaymentNotPositive},
      {[](Document& d) {
         d.payments[0] = CashOf(4500);
         d.payments[0].card.emplace();
       },
       "payments[0].card", Reason::kCardDetailsNotAllowed},
      {[card](Document& d) { card(d).rrn = Long(65); }, "payments[0].card.rrn", Reason::kFieldTooLong},
      {[card](Document& d) { card(d).auth_code = Long(65); }, "payments[0].card.auth_code",
       Reason::kFieldTooLong},
      {[card](Document& d) { card(d).terminal_id = Long(65); }, "payments[0].card.terminal_id",
       Reason::kFieldTooLong},
      {[card](Document& d) { card(d).card_mask = "5375411234567890"; }, "payments[0].card.card_mask",
       Reason::kCardNumberNotMasked},
      {[card](Document& d) { card(d).card_mask = "５３７５４１１２３４５６７８９０"; },
       "payments[0].card.card_mask", Reason::kCardNumberNotMasked},
      {[card](Document& d) { card(d).payment_system = Long(65); }, "payments[0].card.payment_system",
       Reason::kFieldTooLong},
      {[card](Document& d) { card(d).bank_id = Long(65); }, "payments[0].card.bank_id",
       Reason::kFieldTooLong},
      {[card](Document& d) { card(d).bank_name = Long(129); }, "payments[0].card.bank_name",
       Reason::kFieldTooLong},
      {[card](Document& d) { card(d).commission = K(-1); }, "payments[0].card.commission_kopiykas",
       Reason::kAmountOutOfRange},
      {[card](Document& d) { card(d).commission = K(kMaxAmountKopiykas + 1); },
       "payments[0].card.commission_kopiykas", Reason::kAmountOutOfRange},
  });
}

TEST(SaleCheck, RefusesAChainTypeAsTheDefaultCashlessTypeToo) {
  Integration integration = ShopIntegration();
  integration.default_cashless_payment_type = 3;
  Document sale = CoffeeSale();
  sale.payments[0] = CashOf(4500);
  sale.payments[0].kind = PaymentKind::kCashless;
  EXPECT_THAT(PriceSale(sale, integration, ShopMapping(), kToday, "sale").violations,
              ElementsAre(Violates("sale.payments[0].kind", Reason::kFiscalChainPrepayment)));
}

TEST(SaleCheck, TellsEverythingAtOnceInTheContractsOrder) {
  Document sale;
  sale.document_date = "2026-11-22";
  sale.lines = {LineOf("", 0, -1), LineOf("b", 1000, 100)};
  sale.lines[1].tax_id = "unknown";
  sale.lines[1].amount = K(99);
  sale.payments = {PaymentBy("crypto", 0)};
  sale.buyer.phone = "1";
  sale.order_total = K(-1);
  EXPECT_THAT(PriceInShop(sale).violations,
              ElementsAre(Violates("sale.activated", Reason::kNotActivated),
                          Violates("sale.document_date", Reason::kDateNotToday),
                          Violates("sale.currency_code", Reason::kCurrencyNotUah),
                          Violates("sale.lines[0].name", Reason::kNameMissing),
                          Violates("sale.lines[0].quantity_thousandths", Reason::kQuantityNotPositive),
                          Violates("sale.lines[0].price_kopiykas", Reason::kPriceNegative),
                          Violates("sale.lines[1].tax_id", Reason::kTaxNotMapped),
                          Violates("sale.lines[1].amount_kopiykas", Reason::kLineAmountMismatch),
                          Violates("sale.payments[0].payment_method_id", Reason::kPaymentMethodNotMapped),
                          Violates("sale.payments[0].amount_kopiykas", Reason::kPaymentNotPositive),
                          Violates("sale.buyer.phone", Reason::kPhoneInvalid),
                          Violates("sale.order_total_kopiykas", Reason::kFieldNotAllowed),
                          Violates("sale.order_total_kopiykas", Reason::kAmountOutOfRange)));
}

TEST(SaleCheck, StillComparesThePaymentsWhenOnlyAMappingIsMissing) {
  Document sale = CoffeeSale();
  sale.lines[0].tax_id = "unknown";
  sale.payments = {PaymentBy("crypto", 4400)};
  EXPECT_THAT(PriceInShop(sale).violations,
              ElementsAre(Violates("sale.lines[0].tax_id", Reason::kTaxNotMapped),
                          Violates("sale.payments[0].payment_method_id", Reason::kPaymentMethodNotMapped),
                          Violates("sale.payments", Reason::kPaymentsDoNotCover)));
}

TEST(SaleCheck, TellsTheExpectedFigures) {
  Document sale = CoffeeSale();
  sale.lines[0].amount = K(4499);
  sale.payments[0].amount = K(4400);
  sale.document_date = "2026-11-22";
  const Violations violations = PriceInShop(sale).violations;
  ASSERT_THAT(violations, SizeIs(3));
  EXPECT_THAT(violations[0].message, HasSubstr("today in Kyiv is 2026-11-23"));
  EXPECT_THAT(violations[1].message, HasSubstr("expected 45.00 (4500 kopiykas)"));
  EXPECT_THAT(violations[2].message, HasSubstr("add up to 44.00, expected 45.00 (4500 kopiykas)"));
}

TEST(SaleCheck, NeverRepeatsContactsOrCardNumbers) {
  Document sale = CoffeeSale();
  sale.buyer = {"+38050123456", "olena.secret@example"};
  sale.payments[0].card.emplace().card_mask = "5375411234567890";
  for (const Violation& violation : PriceInShop(sale).violations) {
    for (const char* secret : {"38050123456", "olena", "5375411234567890", "7890"}) {
      EXPECT_THAT(violation.message, Not(HasSubstr(secret)));
    }
  }
}

TEST(SaleCheck, ReportsAThousandBadLines) {
  Document sale = CoffeeSale();
  sale.lines.assign(kMaxLines, LineOf("", 0, -1));
  EXPECT_THAT(PriceInShop(sale).violations, SizeIs(3 * kMaxLines));
}

TEST(DocumentNameCheck, RequiresBothPartsWithinTheirLimits) {
  EXPECT_THAT(CheckDocumentName("erp", "SO-1", "document_id"), IsEmpty());
  EXPECT_THAT(CheckDocumentName(Long(kMaxSourceSystemLength), Long(kMaxIdLength), "document_id"), IsEmpty());
  EXPECT_THAT(CheckDocumentName("", "", "document_id"),
              ElementsAre(Violates("document_id", Reason::kFieldRequired),
                          Violates("source_system", Reason::kFieldRequired)));
  EXPECT_THAT(CheckDocumentName(Long(kMaxSourceSystemLength + 1), Long(kMaxIdLength + 1), "payment_id"),
              ElementsAre(Violates("payment_id", Reason::kFieldTooLong),
                          Violates("source_system", Reason::kFieldTooLong)));
  EXPECT_THAT(CheckDocumentName("e\nrp", absl::string_view("a\0b", 3), "document_id"),
              ElementsAre(Violates("document_id", Reason::kFieldInvalid),
                          Violates("source_system", Reason::kFieldInvalid)));
}

}  // namespace
}  // namespace kasa::domain
