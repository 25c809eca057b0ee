#include "server/vchasno/not_enabled.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

// Which code a refusal with 1110 means: all that is known of its words is that they are Ukrainian, and that
// error_extra may explain.
namespace kasa::vchasno {
namespace {

struct Case {
  const char* what;
  std::string text;
  std::string extra;
  std::optional<int> tax_group;
  std::optional<int> payment_type;
  bool may_be_tax_group = true;
  bool may_be_payment_type = true;
};

constexpr bool kNo = false;

const Case kCases[] = {
    {"nothing told leaves both open", "", "", {}, {}},
    {"the table's own words name both", "Тип оплати або податкова група не дозволені", "", {}, {}},
    {"words of neither", "Заборонено налаштуваннями", "", {}, {}},
    {"words of a payment", "Тип оплати 20 не дозволений", "", {}, {}, kNo, true},
    {"a payment at the head of the sentence", "Платіжний засіб не дозволений", "", {}, {}, kNo, true},
    {"a payment in capitals", "ТИП ОПЛАТИ НЕ ДОЗВОЛЕНО", "", {}, {}, kNo, true},
    {"words of a tax", "Податкова група 5 не дозволена", "", {}, {}, true, kNo},
    {"a tax in capitals", "ПОДАТКОВУ ГРУПУ НЕ УВІМКНЕНО", "", {}, {}, true, kNo},
    {"the tax by its name", "Ставку ПДВ 7 % не увімкнено", "", {}, {}, true, kNo},
    {"a code of a payment", "", R"({"type":20})", {}, 20},
    {"a code of a payment under a longer name", "", R"({"pay_type":"20"})", {}, 20},
    {"names in capitals", "", R"({"PayType":20})", {}, 20},
    {"a code of a tax, as in the request", "", R"({"taxgrp":5})", 5, {}},
    {"a code of a tax as text, as the register takes it", "", R"({"taxgrp":"5"})", 5, {}},
    {"codes of both", "", R"({"taxgrp":5,"type":20})", 5, 20},
    {"cash is a code like others", "", R"({"type":0})", {}, 0},
    {"a code with the words that it belongs to",
     "Тип оплати не дозволений",
     R"({"type":20})",
     {},
     20,
     kNo,
     true},
    {"names that say nothing", "", R"({"code":20,"row":1})", {}, {}},
    {"a code below zero", "", R"({"type":-1})", {}, {}},
    {"a code that no code can be", "", R"({"type":99999999999999999999})", {}, {}},
    {"a broken number", "", R"({"type":20.5})", {}, {}},
    {"an object instead of a code", "", R"({"type":{"type":20}})", {}, {}},
    {"a list instead of a code", "", R"({"pay_types":[20]})", {}, {}},
    {"null", "", R"({"type":null,"taxgrp":null})", {}, {}},
    {"no object", "", R"([20])", {}, {}},
    {"no JSON", "", R"({"type":)", {}, {}},
    {"bytes that are no text", "\xff\xfe", "\xff{\"type\":20}", {}, {}},
};

TEST(NotEnabledTest, WhatIsConcludedFromTheAnswer) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    domain::Upstream refusal;
    refusal.http_status = 200;
    refusal.res = 1110;
    refusal.res_action = 3;
    refusal.errortxt = one.text;
    refusal.error_extra_json = one.extra;
    const domain::NotEnabledHint hint = ReadNotEnabled(refusal);
    EXPECT_EQ(hint.tax_group, one.tax_group);
    EXPECT_EQ(hint.payment_type, one.payment_type);
    EXPECT_EQ(hint.may_be_tax_group, one.may_be_tax_group);
    EXPECT_EQ(hint.may_be_payment_type, one.may_be_payment_type);
  }
}

}  // namespace
}  // namespace kasa::vchasno
