// What the register takes and refuses for the request's own sake: the published samples, then one change
// each.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/simulator/testing.h"

namespace kasa::simulator {
namespace {

using testing::At;
using testing::Fill;
using testing::kReturn;
using testing::kSale;
using testing::World;

TEST(ReceiptTest, ThePublishedSaleIsAnsweredAsPublished) {
  World world;
  const Json answer = world.Execute(Fill(kSale, "ea1a404fcc8f48f3e1dea03fe1ad3cbd"));
  EXPECT_EQ(At(answer, "res"), "0");
  EXPECT_EQ(At(answer, "res_action"), "0");
  EXPECT_EQ(At(answer, "tag"), "ea1a404fcc8f48f3e1dea03fe1ad3cbd");
  EXPECT_EQ(At(answer, "source"), "POSTMAN");
  EXPECT_EQ(At(answer, "dt"), "20241114121430");
  EXPECT_EQ(At(answer, "info.dt"), "20241114121430");
  EXPECT_EQ(At(answer, "info.fisid"), "99997955555555");
  EXPECT_EQ(At(answer, "info.safe"), "150");
  EXPECT_EQ(At(answer, "info.docno"), "1");
  EXPECT_EQ(At(answer, "info.dtype"), "0");
  EXPECT_EQ(At(answer, "info.cancelid"), At(answer, "info.doccode"));
  EXPECT_EQ(At(answer, "info.doccode").substr(0, 5), "TEST_");
  EXPECT_NE(At(answer, "info.qr").find("&date=20241114&time=12:14:30&fn=99997955555555&sm=189.99&mac="),
            std::string::npos);
  std::vector<std::string> names;
  for (const Json::Member& member : answer.members()) names.push_back(member.name);
  EXPECT_EQ(names, (std::vector<std::string>{"task", "type", "ver", "source", "device", "tag", "dt", "res",
                                             "res_action", "errortxt", "warnings", "info", "error_extra"}));

  const LedgerEntry entry = world.cloud.Ledger().back();
  EXPECT_EQ(entry.receipt.sum, 19999);
  EXPECT_EQ(entry.receipt.total, 19000);
  EXPECT_EQ(*entry.body, Fill(kSale, "ea1a404fcc8f48f3e1dea03fe1ad3cbd"));
}

TEST(ReceiptTest, ThePublishedReturnFiguresAreTaken) {
  World world;
  world.Register([](Register& reg) { reg.SetCash(100); });
  EXPECT_EQ(At(world.Execute(Fill(kReturn, "r")), "res"), "0");
  EXPECT_EQ(world.cloud.Ledger().back().receipt.total, 72990);
  EXPECT_EQ(world.cloud.Ledger().back().safe, 10);
}

struct Change {
  const char* what;
  const char* from;
  const char* to;
  const char* res;
  const char* extra;  // a part of error_extra
};

class RefusalTest : public ::testing::TestWithParam<Change> {};

TEST_P(RefusalTest, IsRefusedAndMakesNothing) {
  const Change& change = GetParam();
  World world;
  const std::string sale = Fill(kSale, "t");
  const std::string body = absl::StrReplaceAll(sale, {{change.from, change.to}});
  ASSERT_NE(body, sale) << "the case changes nothing";
  const Json answer = world.Execute(body);
  EXPECT_EQ(At(answer, "res"), change.res) << answer.Dump();
  EXPECT_EQ(At(answer, "res_action"), change.res == std::string_view("0") ? "0" : "3");
  EXPECT_NE(answer.Find("error_extra")->Dump().find(change.extra), std::string::npos) << answer.Dump();
  EXPECT_EQ(world.Receipts(), change.res == std::string_view("0") ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Arithmetic, RefusalTest,
    ::testing::Values(
        Change{"sum one kopiyka off", R"("sum":199.99)", R"("sum":200.00)", "1101",
               R"({"sum":200,"rows_sum":199.99})"},
        Change{"payments one kopiyka off", R"("sum":40.00)", R"("sum":40.01)", "1102",
               R"("expected":190,"pays_sum":190.01)"},
        Change{"change counted as paid", R"("sum":150.00,"change":50.00)", R"("sum":200.00,"change":50.00)",
               "1102", ""},
        Change{"rounding forgotten", R"("round":0.01,)", "", "1102", R"("expected":189.99)"},
        Change{"half a kopiyka rounds up", R"("cnt":1.000,"price":99.99)", R"("cnt":0.500,"price":199.97)",
               "0", ""},
        Change{"no more than that", R"("cnt":1.000,"price":99.99)", R"("cnt":0.500,"price":199.96)", "1101",
               R"("rows_sum":199.98)"},
        Change{"a row's discount counts", R"("price":99.99)", R"("price":109.99,"disc":10.00)", "0", ""},
        Change{"a row's markup counts", R"("price":99.99)", R"("price":89.99,"disc":-10.00)", "0", ""},
        Change{"cost agrees", R"("price":99.99)", R"("price":99.99,"cost":99.99)", "0", ""},
        Change{"cost differs", R"("price":99.99)", R"("price":99.99,"cost":99.98)", "1040", "cost"},
        Change{"a per cent discount", R"("disc":10.00,"disc_type":0)", R"("disc":5,"disc_type":1)", "0", ""},
        Change{"another per cent", R"("disc":10.00,"disc_type":0)", R"("disc":6,"disc_type":1)", "1102", ""},
        Change{"price of zero", R"("price":99.99)", R"("price":0)", "1107", "Чай"},
        Change{"rounds to zero", R"("cnt":1.000,"price":99.99)", R"("cnt":0.001,"price":0.01)", "1107",
               "Чай"},
        Change{"discount takes all", R"("price":99.99)", R"("price":99.99,"disc":99.99)", "1108",
               R"("disc":99.99)"},
        Change{"receipt discount takes all", R"("disc":10.00)", R"("disc":199.99)", "1108", ""},
        Change{"a payment of zero", R"({"type":2,"sum":40.00})", R"({"type":2,"sum":0})", "1109", "pays[1]"},
        Change{"a negative payment", R"({"type":2,"sum":40.00})", R"({"type":2,"sum":-40.00})", "1064",
               "-40"},
        Change{"negative change", R"("change":50.00)", R"("change":-1)", "1065", "-1"},
        Change{"rounding too far", R"("round":0.01)", R"("round":1.00)", "1112", R"("round":1)"},
        Change{"change for a card", R"({"type":2,"sum":40.00})", R"({"type":2,"sum":40.00,"change":1})",
               "1040", "pays[1].change"},
        Change{"change of zero is left out", R"("change":50.00)", R"("change":0)", "1040", "pays[0].change"},
        Change{"rounding without cash", R"("type":0,"sum":150.00,"change":50.00)", R"("type":1,"sum":150.00)",
               "1040", "receipt.round"},
        Change{"no rows",
               R"("rows":[{"code":"1","name":"Кава","cnt":1,"price":100.00,"taxgrp":1},)"
               R"({"code":"2","name":"Чай","cnt":1.000,"price":99.99,"taxgrp":"2"}])",
               R"("rows":[])", "1097", ""}));

INSTANTIATE_TEST_SUITE_P(
    Form, RefusalTest,
    ::testing::Values(
        Change{"money as a string", R"("sum":199.99)", R"("sum":"199.99")", "1040", "fiscal.receipt.sum"},
        Change{"three decimals of money", R"("price":99.99)", R"("price":99.990)", "1040", "rows[1].price"},
        Change{"an exponent", R"("price":100.00)", R"("price":1e2)", "1040", "rows[0].price"},
        Change{"four decimals of a quantity", R"("cnt":1.000)", R"("cnt":1.0000)", "1040", "rows[1].cnt"},
        Change{"a negative quantity", R"("cnt":1.000)", R"("cnt":-1)", "1040", "rows[1].cnt"},
        Change{"a huge price", R"("price":99.99)", R"("price":99999999999999999999)", "1040",
               "rows[1].price"},
        Change{"an unknown field", R"("price":99.99)", R"("price":99.99,"letters":"A")", "1040",
               "rows[1].letters"},
        Change{"an unknown field at the root", R"("source")", R"("sauce")", "1040", "sauce"},
        Change{"no name", R"("name":"Чай",)", "", "1040", "rows[1].name"},
        Change{"an empty name", R"("name":"Чай")", R"("name":"")", "1040", "rows[1].name"},
        Change{"no tax group", R"(,"taxgrp":1)", "", "1040", "rows[0].taxgrp"},
        Change{"a tax group in letters", R"("taxgrp":"2")", R"("taxgrp":"Б")", "1040", "rows[1].taxgrp"},
        Change{"a payment type as a string", R"("type":2)", R"("type":"2")", "1040", "pays[1].type"},
        Change{"UKTZED too long", R"("code":"2")", R"("code2":"12345678901")", "1040", "code2"},
        Change{"UKTZED of ten", R"("code":"2")", R"("code2":"1234567890")", "0", ""},
        Change{"excise stamps", R"("code":"2")", R"("code_aa":["AAAA123456","AAAA123457"])", "0", ""},
        Change{"card details", R"("type":2,)",
               R"("type":2,"rrn":"1","auth_code":"2","cardmask":"4***1","paysys":"VISA","commission":0.5,)",
               "0", ""},
        Change{"a buyer's phone", R"("source")",
               R"("userinfo":{"phone":"+380501234567","email":"a@b.ua"},"source")", "0", ""},
        Change{"another phone", R"("source")", R"("userinfo":{"phone":"0501234567"},"source")", "1040",
               "userinfo.phone"},
        Change{"another version", R"("source")", R"("ver":5,"source")", "1040", "ver"},
        Change{"a task that is not known", R"("task":1)", R"("task":14)", "1040", "fiscal.task"},
        Change{"a chain", R"("task":1)", R"("task":1,"subtask":1)", "1040", "fiscal.subtask"},
        Change{"not JSON", R"("task":1)", R"("task":)", "2000", "not JSON"},
        Change{"a member twice", R"("task":1)", R"("task":1,"task":1)", "2000", "twice"},
        Change{"text outside the alphabet", R"("name":"Чай")", R"("name":"Чай ☕")", "0", ""}));

TEST(ReceiptTest, LengthsAreCountedInCharacters) {
  for (const auto& [field, limit] :
       std::vector<std::pair<std::string, size_t>>{{"\"name\":\"Чай", 128},
                                                   {"\"code\":\"2", 64},
                                                   {"\"comment_down\":\"", 120},
                                                   {"\"cashier\":\"Іван", 100}}) {
    for (const bool too_long : {false, true}) {
      World world;
      const size_t there = CharacterCount(field.substr(field.find(":\"") + 2));
      std::string filler;
      for (size_t i = there; i < limit + (too_long ? 1 : 0); ++i) filler += "ї";
      const Json answer = world.Execute(absl::StrReplaceAll(Fill(kSale, "t"), {{field, field + filler}}));
      EXPECT_EQ(At(answer, "res"), too_long ? "1040" : "0") << field << answer.Dump();
    }
  }
}

TEST(ReceiptTest, UnknownCharactersAreReplacedOrTheReceiptIsRefused) {
  const std::string body = absl::StrReplaceAll(Fill(kSale, "t"), {{"Чай", "Чай→"}});
  World replacing;
  EXPECT_EQ(At(replacing.Execute(body), "res"), "0");
  EXPECT_EQ(replacing.cloud.Ledger().back().receipt.rows[1].name, "Чай?");
  Switches switches;
  switches.bad_text = BadText::kRefuse;
  World refusing(switches);
  EXPECT_EQ(At(refusing.Execute(body), "error_extra.field"), "fiscal.receipt.rows[1].name");
}

TEST(ReceiptTest, AZeroReceiptIsASwitch) {
  const std::string body = R"({"tag":"t","fiscal":{"task":1,"receipt":{"sum":0,"rows":[],"pays":[]}}})";
  World world;
  EXPECT_EQ(At(world.Execute(body), "res"), "0");
  Switches switches;
  switches.zero_receipt = false;
  World strict(switches);
  EXPECT_EQ(At(strict.Execute(body), "res"), "1097");
}

}  // namespace
}  // namespace kasa::simulator
