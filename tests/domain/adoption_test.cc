#include "server/domain/adoption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/domain/sale_builder.h"

namespace kasa::domain {
namespace {

using testing::HasSubstr;

constexpr char kTag[] = "3fa90c17000000000000000000000001";

ExpectedReceipt Expected() {
  return {kTag, 1, "4000000001", RegisterMode::kReal, K(18999)};
}

ReceiptFacts AllAgrees() {
  ReceiptFacts facts;
  facts.fiscal_number = "zuusZ8O35Wc";
  facts.register_fiscal_number = "4000000001";
  facts.tag = kTag;
  facts.task = 1;
  facts.mode = RegisterMode::kReal;
  facts.sum = K(18999);
  return facts;
}

struct FactCase {
  const char* field;
  std::function<void(ReceiptFacts&)> remove;
  std::function<void(ReceiptFacts&)> contradict;
  const char* objection;
};

std::vector<FactCase> OptionalFacts() {
  return {
      {"register", [](ReceiptFacts& f) { f.register_fiscal_number.clear(); },
       [](ReceiptFacts& f) { f.register_fiscal_number = "4000000002"; }, "register is 4000000002"},
      {"task", [](ReceiptFacts& f) { f.task.reset(); }, [](ReceiptFacts& f) { f.task = 2; }, "task is 2"},
      {"mode", [](ReceiptFacts& f) { f.mode.reset(); }, [](ReceiptFacts& f) { f.mode = RegisterMode::kTest; },
       "register mode is test"},
      {"tag", [](ReceiptFacts& f) { f.tag.clear(); },
       [](ReceiptFacts& f) { f.tag = "3fa90c17000000000000000000000002"; }, "tag is 3fa90c17"},
      {"sum", [](ReceiptFacts& f) { f.sum.reset(); }, [](ReceiptFacts& f) { f.sum = K(18998); },
       "sum is 189.98"},
  };
}

TEST(AdoptionOfAnAnswer, TakesOneThatAgreesInAll) {
  EXPECT_EQ(ObjectionTo(AllAgrees(), Expected()), std::nullopt);
}

TEST(AdoptionOfAnAnswer, AbsentFieldsAreNoObjectionButTheFiscalNumber) {
  for (const FactCase& c : OptionalFacts()) {
    ReceiptFacts facts = AllAgrees();
    c.remove(facts);
    EXPECT_EQ(ObjectionTo(facts, Expected()), std::nullopt) << c.field;
  }
  ReceiptFacts only_the_number;
  only_the_number.fiscal_number = "zuusZ8O35Wc";
  EXPECT_EQ(ObjectionTo(only_the_number, Expected()), std::nullopt);

  ReceiptFacts all_but_the_number = AllAgrees();
  all_but_the_number.fiscal_number.clear();
  EXPECT_THAT(ObjectionTo(all_but_the_number, Expected()).value_or(""), HasSubstr("fiscal number"));
  EXPECT_TRUE(ObjectionTo(ReceiptFacts(), Expected()).has_value());
}

TEST(AdoptionOfAnAnswer, EveryFieldThatDisagreesIsAnObjection) {
  for (const FactCase& c : OptionalFacts()) {
    ReceiptFacts facts = AllAgrees();
    c.contradict(facts);
    EXPECT_THAT(ObjectionTo(facts, Expected()).value_or(""), HasSubstr(c.objection)) << c.field;
  }
}

TEST(AdoptionOfAnAnswer, ATestNumberIsNoReceiptOfARealRegister) {
  ReceiptFacts facts = AllAgrees();
  facts.fiscal_number = "TEST_7B_WSDzzmo9H7w";
  EXPECT_EQ(ObjectionTo(facts, Expected()), std::nullopt)
      << "the mode's own field outweighs the number's look";
  facts.mode.reset();
  EXPECT_THAT(ObjectionTo(facts, Expected()).value_or(""), HasSubstr("register mode is test"));

  ExpectedReceipt test_receipt = Expected();
  test_receipt.mode = RegisterMode::kTest;
  EXPECT_EQ(ObjectionTo(facts, test_receipt), std::nullopt);
  facts.fiscal_number = "zuusZ8O35Wc";
  EXPECT_EQ(ObjectionTo(facts, test_receipt), std::nullopt) << "a number without TEST_ tells nothing";
}

TEST(AdoptionByCheckTask, SaysNothingWhenItWasNotAnswered) {
  TaskFacts facts;
  facts.answered = false;
  facts.tag = "another";
  facts.task = 2;
  EXPECT_EQ(ObjectionTo(facts, Expected(), "zuusZ8O35Wc", K(19999)), std::nullopt);
}

// Where receipts are listed, which sum that is and in what is not documented.
TEST(AdoptionByCheckTask, TakesEitherSumInEitherUnit) {
  for (const int64_t told : {18999, 18949, 1899900, 1894900, -18999, -1894900}) {
    EXPECT_TRUE(IsSumOfReceipt(K(told), K(18999), K(18949))) << told;
  }
  for (const int64_t told : {0, 18998, 18950, 189, 189990}) {
    EXPECT_FALSE(IsSumOfReceipt(K(told), K(18999), K(18949))) << told;
  }
}

TEST(AdoptionByCheckTask, ContradictsByAnyFieldThatDisagrees) {
  TaskFacts agrees;
  agrees.answered = true;
  agrees.fiscal_number = "zuusZ8O35Wc";
  agrees.tag = kTag;
  agrees.task = 1;
  agrees.sum = K(19999);
  const auto objection_to = [](const TaskFacts& facts) {
    return ObjectionTo(facts, Expected(), "zuusZ8O35Wc", K(19999));
  };
  EXPECT_EQ(objection_to(agrees), std::nullopt);

  struct Case {
    const char* field;
    std::function<void(TaskFacts&)> remove;
    std::function<void(TaskFacts&)> contradict;
  };
  for (const Case& c : std::vector<Case>{
           {"fiscal number", [](TaskFacts& f) { f.fiscal_number.clear(); },
            [](TaskFacts& f) { f.fiscal_number = "other"; }},
           {"tag", [](TaskFacts& f) { f.tag.clear(); }, [](TaskFacts& f) { f.tag = "other"; }},
           {"task", [](TaskFacts& f) { f.task.reset(); }, [](TaskFacts& f) { f.task = 2; }},
           {"sum of rows", [](TaskFacts& f) { f.sum.reset(); }, [](TaskFacts& f) { f.sum = K(18998); }},
       }) {
    TaskFacts absent = agrees;
    c.remove(absent);
    EXPECT_EQ(objection_to(absent), std::nullopt) << c.field;
    TaskFacts contradicts = agrees;
    c.contradict(contradicts);
    EXPECT_THAT(objection_to(contradicts).value_or(""), HasSubstr(c.field));
  }
}

TEST(Adoption, StoresWhatWasToldAndWhatWasExpected) {
  ReceiptFacts facts;
  facts.fiscal_number = "zuusZ8O35Wc";
  facts.local_number = 17;
  facts.time = absl::FromUnixSeconds(1'700'000'000);
  facts.time_raw = "20231114221320";
  facts.offline = true;
  facts.qr = "https://kasa.vchasno.ua/c/zuusZ8O35Wc";
  facts.shift_number = "37";

  const Receipt receipt = Adopt(facts, Expected());
  EXPECT_EQ(receipt.fiscal_number, "zuusZ8O35Wc");
  EXPECT_EQ(receipt.register_fiscal_number, "4000000001");
  EXPECT_EQ(receipt.total, K(18999));
  EXPECT_EQ(receipt.mode, RegisterMode::kReal);
  EXPECT_EQ(receipt.local_number, 17);
  EXPECT_EQ(receipt.fiscal_time, facts.time);
  EXPECT_EQ(receipt.fiscal_time_raw, "20231114221320");
  EXPECT_TRUE(receipt.offline);
  EXPECT_EQ(receipt.qr, facts.qr);
  EXPECT_EQ(receipt.shift_number, "37");
}

}  // namespace
}  // namespace kasa::domain
