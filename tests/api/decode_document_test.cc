#include "server/api/decode_document.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "server/api/errors.h"

namespace kasa::api {
namespace {

v1::Document Read(const std::string& text) {
  v1::Document document;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &document));
  return document;
}

constexpr char kWhole[] = R"(
  activated: true document_date: "2026-11-23" currency_code: "UAH" branch_id: "b" legal_entity_id: "le"
  integration_id: "i" order_id: "o" discount_kopiykas: -5 comment: "c" chain_role: CHAIN_ROLE_POSTPAYMENT
  order_total_kopiykas: 0 buyer { phone: "+380501234567" email: "a@b.ua" }
  lines { line_id: "1" name: "Кава" quantity_thousandths: 1500 price_kopiykas: 9223372036854775807
          discount_kopiykas: -9223372036854775808 tax_id: "vat20" amount_kopiykas: 0 code: "c1" barcode: "482"
          uktzed: "0901" dkpp: "10.83" excise_stamps: "S1" excise_stamps: "S2" unit_code: "kg" comment: "lc"
          original_line_id: "ol" }
  payments { payment_method_id: "card" kind: PAYMENT_KIND_CASHLESS amount_kopiykas: 4500
             card { rrn: "r" auth_code: "a" terminal_id: "t" card_mask: "5375****1234" payment_system: "Visa"
                    bank_id: "bi" bank_name: "bn" commission_kopiykas: 12 } }
  payments { kind: PAYMENT_KIND_CASH amount_kopiykas: 1 tendered_kopiykas: 2 })";

TEST(DecodeDocumentTest, EveryFieldArrivesWhereItBelongs) {
  RequestCheck check;
  const domain::Document document = DecodeDocument(Read(kWhole), "sale", check);
  EXPECT_TRUE(check.ok());

  domain::Document expected;
  expected.activated = true;
  expected.document_date = "2026-11-23";
  expected.currency_code = "UAH";
  expected.branch_id = "b";
  expected.legal_entity_id = "le";
  expected.integration_id = "i";
  expected.order_id = "o";
  expected.discount = Money::FromKopiykas(-5);
  expected.comment = "c";
  expected.chain_role = domain::ChainRole::kPostpayment;
  expected.order_total = Money();  // given, though zero
  expected.buyer = {.phone = "+380501234567", .email = "a@b.ua"};
  domain::Line line;
  line.line_id = "1";
  line.name = "Кава";
  line.quantity = Quantity::FromThousandths(1500);
  line.price = Money::FromKopiykas(INT64_MAX);
  line.discount = Money::FromKopiykas(INT64_MIN);
  line.amount = Money();
  line.tax_id = "vat20";
  line.code = "c1";
  line.barcode = "482";
  line.uktzed = "0901";
  line.dkpp = "10.83";
  line.excise_stamps = {"S1", "S2"};
  line.unit_code = "kg";
  line.comment = "lc";
  line.original_line_id = "ol";
  expected.lines = {line};
  domain::Payment card;
  card.payment_method_id = "card";
  card.kind = domain::PaymentKind::kCashless;
  card.amount = Money::FromKopiykas(4500);
  card.card = domain::CardDetails{.rrn = "r",
                                  .auth_code = "a",
                                  .terminal_id = "t",
                                  .card_mask = "5375****1234",
                                  .payment_system = "Visa",
                                  .bank_id = "bi",
                                  .bank_name = "bn",
                                  .commission = Money::FromKopiykas(12)};
  domain::Payment cash;
  cash.kind = domain::PaymentKind::kCash;
  cash.amount = Money::FromKopiykas(1);
  cash.tendered = Money::FromKopiykas(2);
  expected.payments = {card, cash};
  EXPECT_EQ(document, expected);
}

// A field that is added to the contract must not get lost on the way: clearing any field of the whole
// document above has to change what is decoded.
template <typename Part>
void ExpectNoFieldGetsLost(Part part_of) {
  RequestCheck check;
  const v1::Document whole = Read(kWhole);
  const domain::Document decoded = DecodeDocument(whole, "sale", check);
  v1::Document without = whole;
  const google::protobuf::Descriptor& type = *part_of(without).GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    without = whole;
    google::protobuf::Message& part = part_of(without);
    part.GetReflection()->ClearField(&part, type.field(i));
    EXPECT_FALSE(DecodeDocument(without, "sale", check) == decoded)
        << type.field(i)->full_name() << " gets lost, or has no value in this test";
  }
}

TEST(DecodeDocumentTest, NoFieldOfTheContractGetsLost) {
  using google::protobuf::Message;
  ExpectNoFieldGetsLost([](v1::Document& document) -> Message& { return document; });
  ExpectNoFieldGetsLost([](v1::Document& document) -> Message& { return *document.mutable_lines(0); });
  ExpectNoFieldGetsLost(
      [](v1::Document& document) -> Message& { return *document.mutable_payments(0)->mutable_card(); });
  ExpectNoFieldGetsLost([](v1::Document& document) -> Message& { return *document.mutable_buyer(); });
}

TEST(DecodeDocumentTest, ValuesOfEnumsThatAreNotThereAreTold) {
  v1::Document document = Read(kWhole);
  document.set_chain_role(static_cast<v1::ChainRole>(77));
  document.mutable_payments(1)->set_kind(static_cast<v1::PaymentKind>(9));
  RequestCheck check;
  DecodeDocument(document, "sale", check);
  const domain::Violations found = ViolationsOf(check.ToStatus());
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].field, "sale.payments[1].kind");
  EXPECT_EQ(found[1].field, "sale.chain_role");
  EXPECT_EQ(found[0].reason, Reason::kFieldUnknown);
}

TEST(DecodeOriginalTest, BothWaysToNameIt) {
  RequestCheck check;
  v1::OriginalSale by_document;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(document { kind: DOCUMENT_KIND_PAYMENT document_id: "P-1" source_system: "shop"
                    register_mode: REGISTER_MODE_REAL })",
      &by_document));
  const domain::OriginalSale document = DecodeOriginal(by_document, "original_sale", check);
  const domain::DocumentName expected{"shop", domain::DocumentKind::kPayment, "P-1",
                                      domain::RegisterMode::kReal};
  EXPECT_EQ(document.document, expected);
  v1::OriginalSale by_number;
  by_number.set_fiscal_number("zuusZ8O35Wc");
  const domain::OriginalSale number = DecodeOriginal(by_number, "original_sale", check);
  EXPECT_FALSE(number.document);
  EXPECT_EQ(number.fiscal_number, "zuusZ8O35Wc");
  EXPECT_TRUE(check.ok());
}

TEST(DecodeOriginalTest, WhatNamesNothingIsToldByItsField) {
  struct Case {
    std::string text;
    const char* field;
    Reason reason;
  };
  const std::string key = R"(document_id: "1" source_system: "erp")";
  const Case cases[] = {
      {"", "original_sale", Reason::kFieldRequired},
      {"document { " + key + " }", "original_sale.document.kind", Reason::kFieldRequired},
      {"document { kind: DOCUMENT_KIND_RETURN " + key + " }", "original_sale.document.kind",
       Reason::kFieldInvalid},
      {"document { kind: 77 " + key + " }", "original_sale.document.kind", Reason::kFieldUnknown},
      {"document { kind: DOCUMENT_KIND_SALE source_system: 'erp' }", "original_sale.document.document_id",
       Reason::kFieldRequired},
      {"document { kind: DOCUMENT_KIND_SALE document_id: '1' }", "original_sale.document.source_system",
       Reason::kFieldRequired},
      {"document { kind: DOCUMENT_KIND_SALE register_mode: 9 " + key + " }",
       "original_sale.document.register_mode", Reason::kFieldUnknown},
      {"fiscal_number: ''", "original_sale.fiscal_number", Reason::kFieldRequired},
      {"fiscal_number: '" + std::string(65, '1') + "'", "original_sale.fiscal_number", Reason::kFieldTooLong},
      {"fiscal_number: 'a\\nb'", "original_sale.fiscal_number", Reason::kFieldInvalid},
      {"fiscal_number: 'чек →'", "original_sale.fiscal_number", Reason::kFieldInvalid},
  };
  for (const Case& tried : cases) {
    SCOPED_TRACE(tried.text);
    v1::OriginalSale original;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(tried.text, &original));
    RequestCheck check;
    DecodeOriginal(original, "original_sale", check);
    const domain::Violations violations = ViolationsOf(check.ToStatus());
    ASSERT_EQ(violations.size(), 1U);
    EXPECT_EQ(violations[0].field, tried.field);
    EXPECT_EQ(violations[0].reason, tried.reason) << violations[0].message;
  }
}

}  // namespace
}  // namespace kasa::api
