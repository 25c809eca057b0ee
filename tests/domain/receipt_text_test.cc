#include "server/domain/receipt_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/register_text.h"
#include "tests/domain/random.h"

namespace kasa::domain {
namespace {

using testing::HasSubstr;
using testing::Not;

PricedRow Row(const std::string& name, int64_t thousandths, int64_t price, int64_t amount, int group = 1) {
  PricedRow row;
  row.name = name;
  row.quantity = Quantity::FromThousandths(thousandths);
  row.price = Money::FromKopiykas(price);
  row.amount = Money::FromKopiykas(amount);
  row.tax_group = group;
  return row;
}

PricedPayment Paid(int type, int64_t sum, int64_t change = 0) {
  PricedPayment payment;
  payment.payment_type = type;
  payment.sum = Money::FromKopiykas(sum);
  payment.change = Money::FromKopiykas(change);
  return payment;
}

Fiscalization ASale() {
  Fiscalization f;
  f.key.kind = DocumentKind::kSale;
  f.key.mode = RegisterMode::kReal;
  f.draft.cashier = "Олена Коваль";
  PricedRow coffee = Row("Кава зернова «Ранкова» темного обсмаження, пакет 1000 г", 1500, 33333, 48500);
  coffee.discount = Money::FromKopiykas(1500);
  coffee.code = "KV-1000";
  coffee.uktzed = "0901210000";
  f.draft.rows = {coffee, Row("Пакет", 1000, 224, 224, 2)};
  f.draft.sum = Money::FromKopiykas(48724);
  f.draft.rounding = Money::FromKopiykas(-24);
  f.draft.due = Money::FromKopiykas(48700);
  f.draft.change = Money::FromKopiykas(1300);
  f.draft.payments = {Paid(2, 40000), Paid(0, 8700, 1300)};
  CardDetails card;
  card.card_mask = "444433******1111";
  card.auth_code = "123456";
  card.rrn = "012345678901";
  f.draft.payments[0].card = card;
  f.draft.comment_down = "Дякуємо за покупку!";
  Receipt receipt;
  receipt.fiscal_number = "zuusZ8O35Wc";
  receipt.register_fiscal_number = "4000000001";
  receipt.local_number = 17;
  receipt.fiscal_time_raw = "20251124180001";
  receipt.total = f.draft.due;
  receipt.mode = RegisterMode::kReal;
  receipt.shift_number = "37";
  f.receipt = receipt;
  return f;
}

TEST(RenderReceipt, ASale) {
  EXPECT_EQ(RenderReceipt(ASale(), {.view_url = "https://kasa.vchasno.ua/check-viewer/zuusZ8O35Wc"}),
            R"(                  ЧЕК (ПРОДАЖ)
Касир: Олена Коваль
------------------------------------------------
Кава зернова «Ранкова» темного обсмаження, пакет
1000 г
  Код KV-1000
  УКТ ЗЕД 0901210000
  1.500 x 333.33                     500.00 гр.1
  Знижка                                  -15.00
  Разом за рядком                         485.00
Пакет
  1.000 x 2.24                         2.24 гр.2
------------------------------------------------
СУМА                                      487.24
Заокруглення                               -0.24
ДО СПЛАТИ, ГРН                            487.00
Картка                                    400.00
  Картка 444433******1111
  Код авторизації 123456
  RRN 012345678901
Готівка                                    87.00
  Отримано                                100.00
  Решта                                    13.00
------------------------------------------------
Обіг ПДВ 20 % (гр. 1)                     485.00
Обіг Без ПДВ (гр. 2)                        2.24
------------------------------------------------
Дякуємо за покупку!
Каса (ФН ПРРО)                        4000000001
Чек (ФН)                             zuusZ8O35Wc
Номер чека                                    17
Зміна                                         37
Дата і час                   24.11.2025 18:00:01
Перегляд:
https://kasa.vchasno.ua/check-viewer/zuusZ8O35Wc
                 ФІСКАЛЬНИЙ ЧЕК
)");
}

TEST(RenderReceipt, AReturnOnATestRegister) {
  Fiscalization f;
  f.key.kind = DocumentKind::kReturn;
  f.draft.kind = DocumentKind::kReturn;
  f.draft.rows = {Row("Кава", 1000, 4500, 4500)};
  f.draft.sum = f.draft.due = Money::FromKopiykas(4500);
  f.draft.payments = {Paid(77, 4500)};
  f.draft.comment_down = "Повернення за чеком TEST_1\\nдякуємо";
  Receipt receipt;
  receipt.fiscal_number = "TEST_2";
  receipt.register_fiscal_number = "4000000001";
  receipt.offline = true;
  f.receipt = receipt;
  EXPECT_EQ(RenderReceipt(f, {}),
            R"(************************************************
          ТЕСТОВИЙ ЧЕК, НЕ ФІСКАЛЬНИЙ
                  ТЕСТОВА КАСА
************************************************
          ВИДАТКОВИЙ ЧЕК (ПОВЕРНЕННЯ)
------------------------------------------------
Кава
  1.000 x 45.00                       45.00 гр.1
------------------------------------------------
СУМА                                       45.00
ДО ПОВЕРНЕННЯ, ГРН                         45.00
Тип оплати 77                              45.00
------------------------------------------------
Обіг ПДВ 20 % (гр. 1)                      45.00
------------------------------------------------
Повернення за чеком TEST_1
дякуємо
Каса (ФН ПРРО)                        4000000001
Чек (ФН)                                  TEST_2
                     ОФЛАЙН
************************************************
          ТЕСТОВИЙ ЧЕК, НЕ ФІСКАЛЬНИЙ
                  ТЕСТОВА КАСА
************************************************
)");
}

TEST(RenderReceipt, APaymentSaysThatItIsOne) {
  Fiscalization f = ASale();
  f.key.kind = DocumentKind::kPayment;
  EXPECT_THAT(RenderReceipt(f, {}), HasSubstr("ЧЕК (ОПЛАТА)\n"));
}

TEST(RenderReceipt, AMarkupIsNoDiscount) {
  Fiscalization f = ASale();
  f.draft.rows[0].discount = Money::FromKopiykas(-1500);
  const std::string text = RenderReceipt(f, {});
  EXPECT_THAT(text, HasSubstr("  Націнка                                  15.00\n"));
  EXPECT_THAT(text, Not(HasSubstr("Знижка")));
}

TEST(RenderReceipt, ATimeInAnotherFormIsShownAsItCame) {
  Fiscalization f = ASale();
  f.receipt->fiscal_time_raw = "24.11.2025 18.00";
  EXPECT_THAT(RenderReceipt(f, {}), HasSubstr("Дата і час                      24.11.2025 18.00\n"));
  f.receipt->fiscal_time_raw = "";
  EXPECT_THAT(RenderReceipt(f, {}), Not(HasSubstr("Дата")));
}

TEST(RenderReceipt, WhatNoPrinterTakesDoesNotBreakALine) {
  Fiscalization f = ASale();
  f.draft.rows[0].name = "Ка\tва\r \x1b[31m\xff";
  EXPECT_THAT(RenderReceipt(f, {}), HasSubstr("\nКа ва [31m?\n"));
}

// Whatever the texts are, no line is wider than the roll, and none of the characters is lost.
TEST(RenderReceipt, NoLineIsWiderThanTheRoll) {
  fuzz::Random random(7);
  const std::vector<std::string> words = {
      "Кава", "їжак",
      "a",    absl::StrCat("дуже-довге-слово-без-жодного-пробілу-і-без-", "кінця-та-краю-аж-за-край"),
      "—",    "€",
      "№5",   "https://x.ua/0123456789"};
  for (int round = 0; round < 300; ++round) {
    Fiscalization f = ASale();
    std::string name;
    const int64_t count = random.Between(1, 20);
    for (int64_t i = 0; i < count; ++i) {
      name += words[static_cast<size_t>(random.Between(0, static_cast<int64_t>(words.size()) - 1))] + " ";
    }
    f.draft.rows[0].name = name;
    f.draft.comment_up = name;
    f.draft.rows[0].price = Money::FromKopiykas(random.Between(0, 99'999'999'999));
    f.receipt->fiscal_number = name;
    const std::string text = RenderReceipt(f, {.view_url = name, .sts_url = name});
    ASSERT_EQ(text.back(), '\n');
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      ASSERT_LE(LengthInCharacters(line), kReceiptTextWidth) << line;
    }
  }
}

}  // namespace
}  // namespace kasa::domain
