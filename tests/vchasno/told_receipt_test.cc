#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/vchasno/answer.h"

// What check-task tells of a receipt that somebody else made.
namespace kasa::vchasno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

domain::ToldReceipt Told(const std::string& receipt, const std::string& fiscal = R"("task":1)") {
  return ReadTaskAnswer(absl::StrCat(R"({"fiscal_number":"abc","task":{"tag":"t","fiscal":{)", fiscal,
                                     R"(,"receipt":)", receipt, "}}}"))
      .receipt;
}

constexpr char kRow[] = R"({"code":"1","name":"Кава","cnt":2,"price":45.5,"disc":1,"taxgrp":"1",)"
                        R"("code2":"0901","code_aa":["A1","A2"]})";

TEST(ToldReceipt, HasRowsSumAndPayments) {
  const domain::ToldReceipt told =
      Told(absl::StrCat(R"({"sum":90,"round":0.5,"rows":[)", kRow,
                        R"(],"pays":[{"type":0,"sum":50.5},{"type":2,"sum":"40.00"}]})"));
  ASSERT_EQ(told.rows.size(), 1U);
  EXPECT_EQ(told.rows[0].name, "Кава");
  EXPECT_EQ(told.rows[0].quantity.thousandths(), 2000);
  EXPECT_EQ(told.rows[0].amount.kopiykas(), 9000);
  EXPECT_EQ(told.rows[0].tax_group, 1);
  EXPECT_EQ(told.rows[0].uktzed, "0901");
  EXPECT_THAT(told.rows[0].excise_stamps, ElementsAre("A1", "A2"));
  EXPECT_EQ(told.sum->kopiykas(), 9000);
  EXPECT_THAT(told.paid, ElementsAre(Pair(0, Money::FromKopiykas(5000)), Pair(2, Money::FromKopiykas(4000))));
  EXPECT_FALSE(told.part_of_chain);
  EXPECT_FALSE(told.is_return);
}

TEST(ToldReceipt, SpreadsADiscountOnTheWhole) {
  // The published sample: 100.00 + 99.99, 10.00 off, rounded by 0.01, paid 190.00.
  const domain::ToldReceipt told = Told(
      R"({"sum":199.99,"disc":10,"disc_type":0,"round":0.01,"rows":[
          {"name":"a","cnt":1,"price":100,"taxgrp":1},{"name":"b","cnt":1,"price":99.99,"taxgrp":2}],
          "pays":[{"type":0,"sum":150},{"type":2,"sum":40}]})");
  ASSERT_EQ(told.rows.size(), 2U);
  EXPECT_EQ(told.sum->kopiykas(), 18999);
  EXPECT_EQ(told.rows[0].amount.kopiykas() + told.rows[1].amount.kopiykas(), 18999);
  EXPECT_EQ(told.rows[0].amount.kopiykas(), 9500);
}

TEST(ToldReceipt, RowsAreAllUnderstoodOrNoneAre) {
  for (const char* row :
       {R"({"cnt":1,"price":1,"taxgrp":1})", R"({"name":"a","price":1,"taxgrp":1})",
        R"({"name":"a","cnt":1,"taxgrp":1})", R"({"name":"a","cnt":1,"price":1})",
        R"({"name":"a","cnt":0,"price":1,"taxgrp":1})", R"({"name":"a","cnt":1,"price":1,"taxgrp":"А"})",
        R"({"name":"a","cnt":1,"price":1,"disc":1,"taxgrp":1})",
        R"({"name":"a","cnt":1,"price":1.005,"taxgrp":1})", R"({"name":"a","cnt":1e3,"price":1,"taxgrp":1})",
        R"({"name":"a","cnt":1,"price":1,"disc":"?","taxgrp":1})", "7", "null"}) {
    SCOPED_TRACE(row);
    EXPECT_THAT(Told(absl::StrCat(R"({"rows":[)", kRow, ",", row, "]}")).rows, IsEmpty());
  }
}

TEST(ToldReceipt, APerCentWithoutPaymentsIsNotGuessed) {
  const std::string rows = absl::StrCat(R"("rows":[)", kRow, "]");
  EXPECT_THAT(Told(absl::StrCat(R"({"disc":10,"disc_type":1,)", rows, "}")).rows, IsEmpty());
  EXPECT_EQ(Told(absl::StrCat(R"({"disc":10,"disc_type":0,)", rows, "}")).sum->kopiykas(), 8000);
}

TEST(ToldReceipt, ChainsAndReturnsAreSeen) {
  EXPECT_TRUE(Told("{}", R"("task":1,"subtask":1)").part_of_chain);
  EXPECT_TRUE(Told(R"({"pays":[{"type":3,"sum":1}]})").part_of_chain);
  EXPECT_TRUE(Told("{}", R"("task":2)").is_return);
  EXPECT_FALSE(Told("{}").is_return);
}

TEST(ToldReceipt, OfAnythingElseIsNothing) {
  for (const char* receipt :
       {"{}", "[]", "null", "7", R"({"rows":7,"pays":"x"})", R"({"rows":[],"pays":[]})"}) {
    SCOPED_TRACE(receipt);
    const domain::ToldReceipt told = Told(receipt);
    EXPECT_THAT(told.rows, IsEmpty());
    EXPECT_FALSE(told.sum);
    EXPECT_THAT(told.paid, IsEmpty());
  }
}

}  // namespace
}  // namespace kasa::vchasno
