#include "server/vchasno/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "server/vchasno/answer.h"

namespace kasa::vchasno {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTag[] = "ea1a404fcc8f48f3e1dea03fe1ad3cbd";

Money Uah(int64_t kopiykas) {
  return Money::FromKopiykas(kopiykas);
}

domain::PricedRow Row(std::string name, int64_t thousandths, int64_t price, int64_t discount, int tax_group) {
  domain::PricedRow row;
  row.name = std::move(name);
  row.quantity = Quantity::FromThousandths(thousandths);
  row.price = Uah(price);
  row.discount = Uah(discount);
  row.amount = *Subtract(*Multiply(row.quantity, row.price), row.discount);
  row.tax_group = tax_group;
  return row;
}

domain::PricedPayment Paid(int type, int64_t sum, int64_t change = 0) {
  domain::PricedPayment payment;
  payment.payment_type = type;
  payment.sum = Uah(sum);
  payment.change = Uah(change);
  return payment;
}

// The published sample's figures: rows 100.00 and 99.99 = 199.99, less 10.00 (here a row's), rounded by 0.01,
// paid by 150.00 and 40.00.
domain::PricedReceipt PublishedSale() {
  domain::PricedReceipt receipt;
  receipt.kind = domain::DocumentKind::kSale;
  receipt.cashier = "Олена";
  receipt.rows = {Row("Кава", 1000, 10000, 0, 1), Row("Вода", 3000, 3333, 1000, 2)};
  receipt.payments = {Paid(0, 15000, 5000), Paid(2, 4000)};
  receipt.sum = Uah(18999);
  receipt.rounding = Uah(1);
  receipt.due = Uah(19000);
  receipt.change = Uah(5000);
  return receipt;
}

TEST(EncodeReceipt, WritesTheSaleByteForByte) {
  EXPECT_EQ(EncodeReceipt(PublishedSale(), kTag, {}),
            R"({"source":"kasa-gateway","tag":"ea1a404fcc8f48f3e1dea03fe1ad3cbd","fiscal":{"task":1,)"
            R"("cashier":"Олена","receipt":{"sum":189.99,"round":0.01,"rows":[)"
            R"({"name":"Кава","cnt":1.000,"price":100.00,"cost":100.00,"taxgrp":1},)"
            R"({"name":"Вода","cnt":3.000,"price":33.33,"disc":10.00,"cost":99.99,"taxgrp":2}],)"
            R"("pays":[{"type":0,"sum":150.00,"change":50.00},{"type":2,"sum":40.00}]}}})");
}

TEST(EncodeReceipt, GivesTheSameBytesForTheSameReceipt) {
  const std::string first = EncodeReceipt(PublishedSale(), kTag, {"+380671234567", "o@example.com"});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(EncodeReceipt(PublishedSale(), kTag, {"+380671234567", "o@example.com"}), first);
  }
}

TEST(EncodeReceipt, WritesTheReturnOfThePublishedSample) {
  domain::PricedReceipt receipt;
  receipt.kind = domain::DocumentKind::kReturn;
  receipt.rows = {Row("Сир", 1000, 70010, 0, 1), Row("Хліб", 1000, 2984, 0, 1)};
  receipt.payments = {Paid(0, 72900), Paid(2, 90)};
  receipt.sum = Uah(72994);
  receipt.rounding = Uah(-4);
  receipt.comment_down = "zuusZ8O35Wc";
  EXPECT_EQ(EncodeReceipt(receipt, "t", {}),
            R"({"source":"kasa-gateway","tag":"t","fiscal":{"task":2,"receipt":{"sum":729.94,"round":-0.04,)"
            R"("comment_down":"zuusZ8O35Wc","rows":[)"
            R"({"name":"Сир","cnt":1.000,"price":700.10,"cost":700.10,"taxgrp":1},)"
            R"({"name":"Хліб","cnt":1.000,"price":29.84,"cost":29.84,"taxgrp":1}],)"
            R"("pays":[{"type":0,"sum":729.00},{"type":2,"sum":0.90}]}}})");
}

TEST(EncodeReceipt, WritesEveryFieldOfARowAndAPayment) {
  domain::PricedReceipt receipt;
  domain::PricedRow row = Row("Коньяк", 1500, 33333, -100, 3);
  row.code = "SKU-1";
  row.barcode = "4820000000001";
  row.uktzed = "2208201200";
  row.dkpp = "11.01.10";
  row.excise_stamps = {"AABB123456"};
  row.comment = "подарунок";
  receipt.rows = {row};
  row.excise_stamps = {"AABB1", "AABB2"};
  receipt.rows.push_back(row);
  domain::PricedPayment payment = Paid(2, 100200);
  payment.card = domain::CardDetails{.rrn = "123456789012",
                                     .auth_code = "654321",
                                     .terminal_id = "S1234567",
                                     .card_mask = "444433******1111",
                                     .payment_system = "VISA",
                                     .bank_id = "305299",
                                     .bank_name = "ПриватБанк",
                                     .commission = Uah(150)};
  receipt.payments = {payment};
  receipt.sum = Uah(100200);
  receipt.comment_up = "Вітаємо";
  receipt.comment_down = "Дякуємо";
  EXPECT_EQ(EncodeReceipt(receipt, "t", {"+380671234567", "olena@example.com"}),
            R"({"source":"kasa-gateway","tag":"t",)"
            R"("userinfo":{"email":"olena@example.com","phone":"+380671234567"},)"
            R"("fiscal":{"task":1,"receipt":{"sum":1002.00,"comment_up":"Вітаємо","comment_down":"Дякуємо",)"
            R"("rows":[{"code":"SKU-1","code1":"4820000000001","code2":"2208201200","code3":"11.01.10",)"
            R"("code_a":"AABB123456","name":"Коньяк","cnt":1.500,"price":333.33,"disc":-1.00,"cost":500.00,)"
            R"("taxgrp":3,"comment":"подарунок"},)"
            R"({"code":"SKU-1","code1":"4820000000001","code2":"2208201200","code3":"11.01.10",)"
            R"("code_aa":["AABB1","AABB2"],"name":"Коньяк","cnt":1.500,"price":333.33,"disc":-1.00,)"
            R"("cost":500.00,"taxgrp":3,"comment":"подарунок"}],)"
            R"("pays":[{"type":2,"sum":1002.00,"commission":1.50,"paysys":"VISA","rrn":"123456789012",)"
            R"("cardmask":"444433******1111","term_id":"S1234567","bank_name":"ПриватБанк",)"
            R"("bank_id":"305299","auth_code":"654321"}]}}})");
}

TEST(EncodeReceipt, NamesABuyerOnlyWhoHasContacts) {
  EXPECT_THAT(EncodeReceipt(PublishedSale(), kTag, {}), Not(HasSubstr("userinfo")));
  EXPECT_THAT(EncodeReceipt(PublishedSale(), kTag, {"+380671234567", ""}),
              HasSubstr(R"("userinfo":{"phone":"+380671234567"})"));
  EXPECT_THAT(EncodeReceipt(PublishedSale(), kTag, {"", "o@example.com"}),
              HasSubstr(R"("userinfo":{"email":"o@example.com"})"));
}

TEST(EncodeReceipt, EscapesWhatJsonMustEscape) {
  domain::PricedReceipt receipt = PublishedSale();
  receipt.rows[0].name = "a\"b\\c\n\x01</script>";
  EXPECT_THAT(EncodeReceipt(receipt, kTag, {}), HasSubstr(R"("name":"a\"b\\c\n\u0001</script>")"));
}

TEST(EncodeReceipt, WritesTheLargestAmountsWithoutLosingADigit) {
  domain::PricedReceipt receipt = PublishedSale();
  receipt.sum = Uah(9'007'199'254'740'993);  // 2^53 + 1, which no double holds
  EXPECT_THAT(EncodeReceipt(receipt, kTag, {}), HasSubstr(R"("sum":90071992547409.93,)"));
}

TEST(EncodeOthers, AreAsTheApiNamesThem) {
  EXPECT_EQ(EncodeShiftOpening("t", "Олена"),
            R"({"source":"kasa-gateway","tag":"t","fiscal":{"task":0,"cashier":"Олена"}})");
  EXPECT_EQ(EncodeShiftOpening("t", ""), R"({"source":"kasa-gateway","tag":"t","fiscal":{"task":0}})");
  EXPECT_EQ(EncodeStatusRequest(), R"({"source":"kasa-gateway","fiscal":{"task":18}})");
}

TEST(ReadRequestIdentity, FindsWhatWasEncoded) {
  EXPECT_EQ(ReadRequestIdentity(EncodeReceipt(PublishedSale(), kTag, {})).task, kTaskSale);
  EXPECT_EQ(ReadRequestIdentity(EncodeReceipt(PublishedSale(), kTag, {})).tag, kTag);
  EXPECT_EQ(ReadRequestIdentity(EncodeShiftOpening("t", "")).task, kTaskOpenShift);
  EXPECT_EQ(ReadRequestIdentity(EncodeStatusRequest()).tag, "");
  EXPECT_EQ(ReadRequestIdentity("garbage").task, std::nullopt);
}

TEST(MaskContacts, MasksPhoneAndEmailAndNothingElse) {
  const std::string open = EncodeReceipt(PublishedSale(), kTag, {"+380671234567", "olena@example.com"});
  EXPECT_EQ(MaskContacts(open), absl::StrReplaceAll(open, {{"+380671234567", "+380*******67"},
                                                           {"olena@example.com", "o***@example.com"}}));
}

TEST(MaskContacts, LeavesARequestWithoutContactsByteForByte) {
  const std::string open = EncodeReceipt(PublishedSale(), kTag, {});
  EXPECT_EQ(MaskContacts(open), open);
  EXPECT_EQ(MaskContacts(EncodeStatusRequest()), EncodeStatusRequest());
}

TEST(MaskContacts, FindsContactsWhereverAUserinfoStands) {
  const struct {
    const char* open;
    const char* masked;
  } kCases[] = {
      {R"({"task":{"userinfo":{"phone":"+380671234567"}}})",
       R"({"task":{"userinfo":{"phone":"+380*******67"}}})"},
      {R"({"userinfo":{"phone":380671234567,"x":1}})", R"({"userinfo":{"phone":"3806******67","x":1}})"},
      {R"({"userinfo":{"phone":["+380671234567","12"]}})",
       R"({"userinfo":{"phone":["+380*******67","***"]}})"},
      {R"({"userinfo":{"email":{"to":"olena@example.com"}}})",
       R"({"userinfo":{"email":{"to":"o***@example.com"}}})"},
      {R"({"userinfo":[{"email":"olena@example.com"}]})", R"({"userinfo":[{"email":"o***@example.com"}]})"},
      {R"({"userinfo":"+380671234567"})", R"({"userinfo":"***"})"},
      {R"({"userinfo":{"email":"olena"}})", R"({"userinfo":{"email":"***"}})"},
      {R"({"userinfo":{"email":"@example.com"}})", R"({"userinfo":{"email":"***"}})"},
      {R"({"userinfo":{"email":null,"phone":""}})", R"({"userinfo":{"email":null,"phone":"***"}})"},
      {R"({"userinfo":{"email":"a@b.ua"},"userinfo":{"email":"c@d.ua"}})",
       R"({"userinfo":{"email":"a***@b.ua"},"userinfo":{"email":"c***@d.ua"}})"},
      {R"({"\u0075serinfo":{"ph\u006fne":"+380671234567"}})", R"({"userinfo":{"phone":"+380*******67"}})"},
      {R"({"phone":"+380671234567"})", R"({"phone":"+380671234567"})"},
      {R"({"sum":189.90,"n":1e5})", R"({"sum":189.90,"n":1e5})"},
  };
  for (const auto& test : kCases) EXPECT_EQ(MaskContacts(test.open), test.masked);
}

TEST(MaskContacts, ShowsNothingThatMightHoldContactsAndCantBeRead) {
  EXPECT_EQ(MaskContacts("401: Unauthorized"), "401: Unauthorized");
  EXPECT_EQ(MaskContacts(""), "");
  EXPECT_EQ(MaskContacts(R"({"userinfo":{"phone":"+380671234567"})"), "");
  EXPECT_EQ(MaskContacts(R"(["+380671234567"])"), "");
  EXPECT_EQ(MaskContacts("write to olena@example.com"), "");
  EXPECT_EQ(MaskContacts("olena%40example.com"), "");
  EXPECT_EQ(MaskContacts("067 12 34 567"), "");
  EXPECT_EQ(MaskContacts("\xFF\xFE"), "");
  EXPECT_EQ(MaskContacts(std::string(100'000, '[')), std::string(100'000, '['));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"a":)";
  EXPECT_EQ(MaskContacts(deep + R"({"userinfo":{"phone":"+380671234567"}})"), "");
}

TEST(ContactsIn, AreThoseOfUserinfo) {
  const domain::Buyer both{.phone = "+380501234567", .email = "o@example.com"};
  EXPECT_EQ(ContactsIn(EncodeReceipt(domain::PricedReceipt(), "T", both)), both);
  const domain::Buyer phone{.phone = "+380501234567"};
  EXPECT_EQ(ContactsIn(EncodeReceipt(domain::PricedReceipt(), "T", phone)), phone);
  for (const std::string& text :
       {EncodeReceipt(domain::PricedReceipt(), "T", domain::Buyer()), std::string(),
        std::string(R"("userinfo")"), std::string(R"({"fiscal":{"userinfo":{"phone":"+380501234567"}}})")}) {
    EXPECT_EQ(ContactsIn(text), domain::Buyer()) << text;
  }
}

}  // namespace
}  // namespace kasa::vchasno
