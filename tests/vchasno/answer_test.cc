#include "server/vchasno/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace kasa::vchasno {
namespace {

// The published answer to a sale.
constexpr char kSaleAnswer[] =
    R"({"task":1,"type":1,"ver":6,"source":"POSTMAN","device":"99997955555555",)"
    R"("tag":"ea1a404fcc8f48f3e1dea03fe1ad3cbd","dt":"20241114121430","res":0,"res_action":0,"errortxt":"",)"
    R"("warnings":[],"info":{"task":1,"fisid":"99997955555555","dataid":152,"doccode":"TEST_7B_WSDzzmo9H7w",)"
    R"("dt":"20241114121430","cashier":"...","dtype":0,"isprint":0,"isoffline":false,"safe":150,)"
    R"("shift_link":37,"docno":1,"cancelid":"TEST_7B_WSDzzmo9H7w","qr":"https://kasa.vchasno.ua/c/)"
    R"(TEST_7B_WSDzzmo9H7w?id=TEST_7B_WSDzzmo9H7w&date=20241114&time=12:14:30&fn=99997955555555&sm=189.99)"
    R"(&mac=e8ac...","mac":"e8ac..."},"error_extra":null})";

const KyivTime& Kyiv() {
  static const KyivTime kKyiv = *KyivTime::Load();
  return kKyiv;
}

absl::Time Received() {
  return absl::FromCivil(absl::CivilSecond(2024, 11, 14, 10, 14, 31), absl::UTCTimeZone());
}

ReceiptAnswer Read(absl::string_view body) {
  return ReadReceiptAnswer(body, Kyiv(), Received());
}

// The published answer with one piece replaced, which must be there.
std::string SaleWith(const std::string& piece, const std::string& replacement) {
  std::string changed = absl::StrReplaceAll(kSaleAnswer, {{piece, replacement}});
  EXPECT_NE(changed, kSaleAnswer) << piece;
  return changed;
}

TEST(ReadReceiptAnswer, ReadsThePublishedSale) {
  const ReceiptAnswer answer = Read(kSaleAnswer);
  EXPECT_TRUE(answer.envelope.readable);
  EXPECT_EQ(answer.envelope.res, 0);
  EXPECT_EQ(answer.envelope.res_action, 0);
  EXPECT_FALSE(answer.envelope.action_unreadable);
  EXPECT_EQ(answer.envelope.errortxt, "");
  EXPECT_EQ(answer.envelope.error_extra_json, "");
  EXPECT_EQ(answer.facts.fiscal_number, "TEST_7B_WSDzzmo9H7w");
  EXPECT_EQ(answer.facts.register_fiscal_number, "99997955555555");
  EXPECT_EQ(answer.facts.tag, "ea1a404fcc8f48f3e1dea03fe1ad3cbd");
  EXPECT_EQ(answer.facts.task, 1);
  EXPECT_EQ(answer.facts.mode, domain::RegisterMode::kTest);
  EXPECT_EQ(answer.facts.sum, std::nullopt);
  EXPECT_EQ(answer.facts.sum_in_link, Money::FromKopiykas(18999));
  EXPECT_EQ(answer.facts.local_number, 1);
  EXPECT_EQ(answer.facts.time_raw, "20241114121430");
  EXPECT_EQ(answer.facts.time,
            absl::FromCivil(absl::CivilSecond(2024, 11, 14, 10, 14, 30), absl::UTCTimeZone()));
  EXPECT_EQ(answer.facts.offline, false);
  EXPECT_THAT(answer.facts.qr, ::testing::StartsWith("https://kasa.vchasno.ua/c/"));
  EXPECT_EQ(answer.facts.shift_number, "37");
}

TEST(ReadReceiptAnswer, ReadsARefusalVerbatim) {
  const ReceiptAnswer answer =
      Read(R"({"res":1001,"res_action":3,"errortxt":"Сума \"відрізняється\"",)"
           R"("error_extra" : {"sum":10050,"rows_sum": 100.50, "why":["\u0456"]} })");
  EXPECT_TRUE(answer.envelope.readable);
  EXPECT_EQ(answer.envelope.res, 1001);
  EXPECT_EQ(answer.envelope.res_action, 3);
  EXPECT_EQ(answer.envelope.errortxt, "Сума \"відрізняється\"");
  EXPECT_EQ(answer.envelope.error_extra_json, R"({"sum":10050,"rows_sum": 100.50, "why":["\u0456"]})");
}

TEST(ReadReceiptAnswer, TakesTheExtraOfTheRootWhateverItsType) {
  EXPECT_EQ(Read(R"({"res":1,"error_extra":"text"})").envelope.error_extra_json, "\"text\"");
  EXPECT_EQ(Read(R"({"res":1,"error_extra":-1.50})").envelope.error_extra_json, "-1.50");
  EXPECT_EQ(Read(R"({"res":1,"error_extra":[1,2],"x":0})").envelope.error_extra_json, "[1,2]");
  EXPECT_EQ(Read(R"({"res":1,"error_extra":true})").envelope.error_extra_json, "true");
  EXPECT_EQ(Read(R"({"res":1,"error_extra":null})").envelope.error_extra_json, "");
  EXPECT_EQ(Read(R"({"info":{"error_extra":1},"res":1})").envelope.error_extra_json, "");
}

TEST(ReadReceiptAnswer, BoundsWhatIsKeptVerbatim) {
  const std::string text(10'000, 'x');
  const ReceiptAnswer answer =
      Read(absl::StrCat(R"({"res":1,"errortxt":"я)", text, R"(","error_extra":")", text, "\"}"));
  EXPECT_EQ(answer.envelope.errortxt.size(), 4096u);
  EXPECT_EQ(answer.envelope.error_extra_json, "");
  std::string cyrillic;
  for (int i = 0; i < 5000; ++i) cyrillic += "я";
  EXPECT_EQ(Read(absl::StrCat(R"({"res":1,"errortxt":"x)", cyrillic, "\"}")).envelope.errortxt.size(), 4095u);
}

TEST(ReadReceiptAnswer, TakesNumbersAsNumbersOrText) {
  const ReceiptAnswer answer =
      Read(R"({"task":"1","tag":"t","res":"0","res_action":"0","info":{"fisid":4000000001,)"
           R"("doccode":"zuusZ8O35Wc","dtype":"1","docno":"12","isoffline":1,"shift_link":"37"}})");
  EXPECT_TRUE(answer.envelope.readable);
  EXPECT_EQ(answer.envelope.res, 0);
  EXPECT_EQ(answer.envelope.res_action, 0);
  EXPECT_EQ(answer.facts.task, 1);
  EXPECT_EQ(answer.facts.register_fiscal_number, "4000000001");
  EXPECT_EQ(answer.facts.mode, domain::RegisterMode::kReal);
  EXPECT_EQ(answer.facts.local_number, 12);
  EXPECT_EQ(answer.facts.offline, true);
  EXPECT_EQ(answer.facts.shift_number, "37");
}

// Python's json writes a float that is whole with ".0".
std::string WithFloats(absl::string_view json) {
  std::string floats;
  for (size_t at = 0; at < json.size(); ++at) {
    floats += json[at];
    const bool after_colon = floats.find_last_not_of("-0123456789") == floats.rfind(':');
    const bool ends = at + 1 < json.size() && (json[at + 1] == ',' || json[at + 1] == '}');
    if (json[at] >= '0' && json[at] <= '9' && after_colon && ends) floats += ".0";
  }
  EXPECT_NE(floats, json);
  return floats;
}

void ExpectSame(const domain::ReceiptFacts& facts, const domain::ReceiptFacts& expected) {
  EXPECT_EQ(facts.fiscal_number, expected.fiscal_number);
  EXPECT_EQ(facts.register_fiscal_number, expected.register_fiscal_number);
  EXPECT_EQ(facts.tag, expected.tag);
  EXPECT_EQ(facts.task, expected.task);
  EXPECT_EQ(facts.mode, expected.mode);
  EXPECT_EQ(facts.local_number, expected.local_number);
  EXPECT_EQ(facts.time, expected.time);
  EXPECT_EQ(facts.offline, expected.offline);
  EXPECT_EQ(facts.shift_number, expected.shift_number);
}

TEST(ReadReceiptAnswer, ReadsThePublishedSaleWithItsNumbersAsFloats) {
  const std::string floats = WithFloats(kSaleAnswer);
  EXPECT_THAT(floats, ::testing::HasSubstr(R"("res":0.0,"res_action":0.0,)"));
  EXPECT_THAT(floats, ::testing::HasSubstr(R"("dtype":0.0,)"));
  const ReceiptAnswer answer = Read(floats);
  EXPECT_TRUE(answer.envelope.readable);
  EXPECT_EQ(answer.envelope.res, 0);
  EXPECT_EQ(answer.envelope.res_action, 0);
  ExpectSame(answer.facts, Read(kSaleAnswer).facts);
  // One place may write it so, and another not.
  EXPECT_TRUE(Read(SaleWith(R"("info":{"task":1)", R"("info":{"task":1.00)")).envelope.readable);
  EXPECT_EQ(Read(SaleWith(R"("fisid":"99997955555555")", R"("fisid":99997955555555.0)"))
                .facts.register_fiscal_number,
            "99997955555555");
}

TEST(ReadReceiptAnswer, ReadsTheModeAsABoolean) {
  const ReceiptAnswer test = Read(SaleWith(R"("dtype":0)", R"("dtype":false)"));
  EXPECT_TRUE(test.envelope.readable);
  ExpectSame(test.facts, Read(kSaleAnswer).facts);
  const ReceiptAnswer real = Read(R"({"res":0,"info":{"doccode":"zuusZ8O35Wc","dtype":true}})");
  EXPECT_TRUE(real.envelope.readable);
  EXPECT_EQ(real.facts.mode, domain::RegisterMode::kReal);
}

TEST(ReadReceiptAnswer, ReadsARefusalWithItsNumbersAsFloats) {
  const ReceiptAnswer answer = Read(R"({"res":1001.0,"res_action":3.00,"error_extra":{"sum":10050.0}})");
  EXPECT_TRUE(answer.envelope.readable);
  EXPECT_EQ(answer.envelope.res, 1001);
  EXPECT_EQ(answer.envelope.res_action, 3);
  EXPECT_FALSE(answer.envelope.action_unreadable);
  EXPECT_EQ(answer.envelope.error_extra_json, R"({"sum":10050.0})");
}

TEST(ReadReceiptAnswer, LeavesAbsentFactsEmpty) {
  const ReceiptAnswer answer = Read(R"({"res":0,"tag":null,"info":null})");
  EXPECT_TRUE(answer.envelope.readable);
  EXPECT_EQ(answer.envelope.res_action, std::nullopt);
  EXPECT_EQ(answer.facts.fiscal_number, "");
  EXPECT_EQ(answer.facts.tag, "");
  EXPECT_EQ(answer.facts.task, std::nullopt);
  EXPECT_EQ(answer.facts.mode, std::nullopt);
  // A test register's number says so itself.
  EXPECT_EQ(Read(SaleWith(R"("dtype":0,)", "")).facts.mode, domain::RegisterMode::kTest);
}

TEST(ReadReceiptAnswer, AnActionThatIsNoNumberIsNotAbsent) {
  for (const char* action : {"\"x\"", "\"\"", "1.5", "1e2", "true", "{}", "[3]", "99999999999999999999"}) {
    const ReceiptAnswer answer = Read(absl::StrCat(R"({"res":1101,"res_action":)", action, "}"));
    EXPECT_TRUE(answer.envelope.readable);
    EXPECT_TRUE(answer.envelope.action_unreadable) << action;
  }
}

TEST(ReadReceiptAnswer, ProofsThatCantBeReadOrDisagreeSpoilTheAnswer) {
  EXPECT_TRUE(Read(kSaleAnswer).envelope.readable);
  const std::vector<std::string> spoilt = {
      SaleWith(R"("tag":"ea1a404fcc8f48f3e1dea03fe1ad3cbd")",
               R"("tag":["ea1a404fcc8f48f3e1dea03fe1ad3cbd"])"),
      SaleWith(R"("tag":"ea1a404fcc8f48f3e1dea03fe1ad3cbd")", R"("tag":true)"),
      SaleWith(R"("doccode":"TEST_7B_WSDzzmo9H7w")", R"("doccode":{})"),
      SaleWith(R"("fisid":"99997955555555")", R"("fisid":[])"),
      SaleWith(R"("info":{"task":1)", R"("info":{"task":2)"),
      SaleWith(R"({"task":1,"type")", R"({"task":"sale","type")"),
      SaleWith(R"({"task":1,"type")", R"({"task":1.5,"type")"),
      SaleWith(R"("dtype":0)", R"("dtype":7)"),
      SaleWith(R"("dtype":0)", R"("dtype":1)"),
      SaleWith(R"("dtype":0)", R"("dtype":true)"),
      SaleWith(R"("dtype":0)", R"("dtype":0.5)"),
      SaleWith(R"("dtype":0)", R"("dtype":"0.0")"),
      SaleWith(R"({"task":1,"type")", R"({"task":true,"type")"),
      SaleWith(R"("info":{"task":1)", R"("info":{"task":2.0)"),
      SaleWith(R"("tag":)", R"("tag":"other","tag":)"),
      SaleWith(R"("res":0)", R"("res":0,"res":1101)"),
      SaleWith(R"("doccode")", R"("doccode":"x","doccode")"),
  };
  for (const std::string& body : spoilt) EXPECT_FALSE(Read(body).envelope.readable) << body;
}

TEST(ReadReceiptAnswer, WhatIsNoAnswerIsUnreadable) {
  std::string deep_arrays = R"({"res":0,"x":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  std::string deep_objects = R"({"res":0)";
  for (int i = 0; i < 100'000; ++i) deep_objects += R"(,"a":{"b":0)";
  deep_objects += std::string(100'001, '}');
  const std::vector<std::string> bodies = {
      "",
      " ",
      "null",
      "0",
      "[]",
      "\"res\"",
      "401: Unauthorized",
      "<html></html>",
      "{",
      "{}",
      R"({"res":0)",
      R"({"res":0}x)",
      R"({"res":0}{"res":0})",
      std::string("{\"res\":0}\0x", 11),
      R"({"res":0,})",
      R"({'res':0})",
      R"({"res":})",
      R"({"res":null})",
      R"({"res":true})",
      R"({"res":{}})",
      R"({"res":[0]})",
      R"({"res":0.5})",
      R"({"res":0.01})",
      R"({"res":"0.0"})",
      R"({"res":0e0})",
      R"({"res":"zero"})",
      R"({"res":" 0"})",
      R"({"res":"+0"})",
      R"({"res":99999999999999999999})",
      R"({"res":NaN})",
      R"({"res":-Infinity})",
      R"({"res":01})",
      R"({"res":0,"x":1e})",
      R"({"res":0,"errortxt":")"
      "\xFF"
      R"("})",
      R"({"res":0,"errortxt":"\uD800"})",
      R"({"res":0,"errortxt":"a)"
      "\n"
      R"("})",
      R"({"res":0 /* comment */})",
      deep_arrays,
      deep_objects,
      std::string(1'000'000, '['),
      std::string(1'000'000, '{'),
  };
  for (const std::string& body : bodies) {
    EXPECT_FALSE(Read(body).envelope.readable) << body.substr(0, 80);
    EXPECT_FALSE(ReadStatusAnswer(body, Kyiv(), Received()).envelope.readable && body != "{}")
        << body.substr(0, 80);
    EXPECT_FALSE(ReadTaskAnswer(body).answered);
  }
}

TEST(ReadReceiptAnswer, SurvivesHugeNumbers) {
  for (const std::string& number :
       {std::string("1e99999999999999999999"), std::string("1e-99999999999999999999"),
        std::string(10'000, '9'), "0." + std::string(10'000, '0') + "1",
        "-" + std::string(400, '1') + "e-400", std::string("1E400")}) {
    const ReceiptAnswer answer = Read(absl::StrCat(R"({"res":0,"info":{"docno":)", number, "}}"));
    EXPECT_EQ(answer.facts.local_number, std::nullopt) << number.substr(0, 40);
  }
}

TEST(ReadReceiptAnswer, TellsNotBeingOfflineFromSayingNothingOfIt) {
  const struct {
    const char* written;
    std::optional<bool> offline;
  } cases[] = {{R"("isoffline":false)", false},       {R"("isoffline":"0")", false},
               {R"("isoffline":true)", true},         {R"("isoffline":1)", true},
               {R"("docno":1)", std::nullopt},        {R"("isoffline":null)", std::nullopt},
               {R"("isoffline":"no")", std::nullopt}, {R"("isoffline":7)", std::nullopt}};
  for (const auto& given : cases) {
    EXPECT_EQ(Read(absl::StrCat(R"({"res":0,"info":{)", given.written, "}}")).facts.offline, given.offline)
        << given.written;
  }
}

TEST(ReadReceiptAnswer, SkipsAByteOrderMark) {
  EXPECT_TRUE(Read(absl::StrCat("\xEF\xBB\xBF", kSaleAnswer)).envelope.readable);
}

// Whatever single piece of damage the published answer takes, reading returns; and no damage to the fiscal
// number's place gives another number than what then stands there.
TEST(ReadReceiptAnswer, SurvivesEveryCutAndRandomDamage) {
  const std::string whole = kSaleAnswer;
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Read(whole.substr(0, size)).envelope.readable) << size;
  }
  // NOLINTNEXTLINE(bugprone-random-generator-seed,cert-msc*): alike each time
  std::mt19937 random(20241114);
  int readable = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::string damaged = whole;
    for (int hits = 1 + static_cast<int>(random() % 4); hits > 0; --hits) {
      const size_t at = random() % damaged.size();
      switch (random() % 3) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged.erase(at, 1 + random() % 8);
          break;
        default:
          damaged.insert(at, 1, "{}[]\",:0\\"[random() % 9]);
          break;
      }
    }
    const ReceiptAnswer answer = Read(damaged);
    ReadStatusAnswer(damaged, Kyiv(), Received());
    ReadTaskAnswer(damaged);
    if (answer.envelope.readable) {
      ++readable;
      EXPECT_TRUE(answer.envelope.res.has_value());
    }
  }
  EXPECT_GT(readable, 100);
}

TEST(ReadStatusAnswer, ReadsAWholeStatus) {
  const StatusReading reading = ReadStatusAnswer(
      R"({"res":0,"dt":"20241114121430","info":{"fisid":"4000000001","isFis":1,"shift_status":1,)"
      R"("shift_dt":"20241114080000","online_status":1,"sign_status":2,"safe":150.55,"edrpou":"12345678",)"
      R"("vacant_off_nums":1990}})",
      Kyiv(), Received());
  ASSERT_TRUE(reading.status.has_value());
  const domain::RegisterStatus& status = *reading.status;
  EXPECT_EQ(status.fiscal_number, "4000000001");
  EXPECT_EQ(status.edrpou, "12345678");
  EXPECT_EQ(status.mode, domain::RegisterMode::kReal);
  EXPECT_EQ(status.shift, domain::ShiftStatus::kOpen);
  EXPECT_EQ(status.shift_opened,
            absl::FromCivil(absl::CivilSecond(2024, 11, 14, 6, 0, 0), absl::UTCTimeZone()));
  EXPECT_EQ(status.online_raw, 1);
  EXPECT_EQ(status.sign, domain::SignStatus::kWarning);
  EXPECT_EQ(status.cash_in_drawer, Money::FromKopiykas(15055));
  EXPECT_EQ(status.vacant_offline_numbers, 1990);
  EXPECT_EQ(status.register_clock,
            absl::FromCivil(absl::CivilSecond(2024, 11, 14, 10, 14, 30), absl::UTCTimeZone()));
}

// The default tag memory is worth nothing without the time of opening, whichever way it is told.
TEST(ReadStatusAnswer, ReadsTimesHoweverTheyAreTold) {
  for (const char* told :
       {R"("20241114080000")", R"("2024-11-14T08:00:00")", R"("2024-11-14T08:00:00+02:00")",
        R"("2024-11-14T06:00:00Z")", R"("2024-11-14T06:00:00.750Z")", R"("2024-11-14T08:00:00.750123+02:00")",
        R"("2024-11-14 08:00:00 +0200")", "1731564000", R"("1731564000")", "1731564000.75",
        "1731564000750"}) {
    SCOPED_TRACE(told);
    const absl::Time expected =
        absl::FromCivil(absl::CivilSecond(2024, 11, 14, 6, 0, 0), absl::UTCTimeZone());
    const StatusReading reading = ReadStatusAnswer(
        absl::StrCat(R"({"res":0,"dt":)", told, R"(,"info":{"shift_status":1,"shift_dt":)", told, "}}"),
        Kyiv(), expected + absl::Seconds(1));
    ASSERT_TRUE(reading.status.has_value());
    EXPECT_EQ(reading.status->shift_opened, expected);
    EXPECT_EQ(reading.status->register_clock, expected);
    const ReceiptAnswer sale = ReadReceiptAnswer(absl::StrCat(R"({"res":0,"info":{"dt":)", told, "}}"),
                                                 Kyiv(), expected + absl::Seconds(1));
    EXPECT_EQ(sale.facts.time, expected);
  }
}

TEST(ReadStatusAnswer, TellsHowLateAnOpeningMayBeThatMayBeToldInUtc) {
  const auto at = [](const char* told) {
    return *ReadStatusAnswer(absl::StrCat(R"({"res":0,"dt":"20241114180000","info":{"shift_status":1,)",
                                          R"("shift_dt":")", told, R"("}})"),
                             Kyiv(), Received())
                .status;
  };
  const absl::Time kyivs = absl::FromCivil(absl::CivilSecond(2024, 11, 14, 6, 0, 0), absl::UTCTimeZone());
  const domain::RegisterStatus spelled = at("2024-11-14 08:00:00");
  EXPECT_EQ(spelled.shift_opened, kyivs);
  EXPECT_EQ(spelled.shift_opened_at_latest, kyivs + absl::Hours(2));
  EXPECT_EQ(at("20241114080000").shift_opened_at_latest, std::nullopt);
  EXPECT_EQ(at("2024-11-14T08:00:00+02:00").shift_opened_at_latest, std::nullopt);
}

// A time of opening that may be too early, be it by a minute, by hours or by a day, would cover a send that
// it must not.
TEST(ReadStatusAnswer, LeavesOutATimeOfOpeningThatMayBeTooEarly) {
  for (const char* told : {R"("2024-11-14")", R"("2024-11-14 08:00")", R"("2024-11-14T08:00+02:00")",
                           R"("2024-11-14T08:00:00.75")", "0", "null", "true", R"("")",
                           R"("0001-01-01T00:00:00Z")", R"("infinite-past")"}) {
    SCOPED_TRACE(told);
    const StatusReading reading = ReadStatusAnswer(
        absl::StrCat(R"({"res":0,"info":{"shift_status":1,"shift_dt":)", told, "}}"), Kyiv(), Received());
    ASSERT_TRUE(reading.status.has_value());
    EXPECT_EQ(reading.status->shift, domain::ShiftStatus::kOpen);
    EXPECT_EQ(reading.status->shift_opened, std::nullopt);
  }
}

TEST(ReadStatusAnswer, TakesTextForNumbers) {
  const StatusReading reading = ReadStatusAnswer(
      R"({"res":"0","info":{"fisid":4000000001,"isFis":"0","shift_status":"-1","online_status":"0",)"
      R"("sign_status":"0","safe":"0.5","edrpou":12345678,"vacant_off_nums":"0"}})",
      Kyiv(), Received());
  ASSERT_TRUE(reading.status.has_value());
  EXPECT_EQ(reading.status->fiscal_number, "4000000001");
  EXPECT_EQ(reading.status->mode, domain::RegisterMode::kTest);
  EXPECT_EQ(reading.status->shift, domain::ShiftStatus::kUnknown);
  EXPECT_EQ(reading.status->online_raw, 0);
  EXPECT_EQ(reading.status->sign, domain::SignStatus::kNotUsed);
  EXPECT_EQ(reading.status->cash_in_drawer, Money::FromKopiykas(50));
  EXPECT_EQ(reading.status->edrpou, "12345678");
  EXPECT_EQ(reading.status->vacant_offline_numbers, 0);
}

TEST(ReadStatusAnswer, ReadsAWholeStatusWithItsNumbersAsFloatsAndItsModeAsABoolean) {
  constexpr char kStatus[] =
      R"({"res":0,"task":18,"dt":"20241114121430","info":{"fisid":"4000000001","isFis":1,"shift_status":1,)"
      R"("shift_dt":1731564000,"online_status":1,"sign_status":2,"safe":150,"edrpou":"12345678",)"
      R"("vacant_off_nums":1990,"last_receipt_no":7,"last_back_no":0,"last_z_no":3}})";
  const auto plain = ReadStatusAnswer(kStatus, Kyiv(), Received()).status;
  ASSERT_TRUE(plain.has_value());
  ASSERT_EQ(plain->shift, domain::ShiftStatus::kOpen);
  const StatusReading floats = ReadStatusAnswer(WithFloats(kStatus), Kyiv(), Received());
  EXPECT_EQ(floats.envelope.res, 0);
  EXPECT_EQ(floats.status, plain);
  const std::string with_boolean = absl::StrReplaceAll(kStatus, {{R"("isFis":1)", R"("isFis":true)"}});
  EXPECT_EQ(ReadStatusAnswer(with_boolean, Kyiv(), Received()).status, plain);
  const StatusReading test = ReadStatusAnswer(R"({"res":0,"info":{"isFis":false}})", Kyiv(), Received());
  ASSERT_TRUE(test.status.has_value());
  EXPECT_EQ(test.status->mode, domain::RegisterMode::kTest);
}

TEST(ReadStatusAnswer, LeavesUnknownValuesEmpty) {
  const StatusReading reading = ReadStatusAnswer(
      R"({"res":0,"dt":"soon","info":{"fisid":"1","isFis":2,"shift_status":3,"shift_dt":"20241332000000",)"
      R"("online_status":"on","sign_status":-1,"safe":1.005,"edrpou":{},"vacant_off_nums":[1,2]}})",
      Kyiv(), Received());
  ASSERT_TRUE(reading.status.has_value());
  domain::RegisterStatus expected;
  expected.fiscal_number = "1";
  EXPECT_EQ(*reading.status, expected);
}

TEST(ReadStatusAnswer, TellsTheTwoHoursOfTheNightInAutumnApart) {
  const absl::Time first = absl::FromCivil(absl::CivilSecond(2026, 10, 25, 0, 30, 0), absl::UTCTimeZone());
  const auto at = [](absl::string_view clock, absl::string_view shift, absl::Time received) {
    return *ReadStatusAnswer(
                absl::StrCat(R"({"res":0,"dt":")", clock,
                             R"(","info":{"fisid":"1","shift_status":1,"shift_dt":")", shift, R"("}})"),
                Kyiv(), received)
                .status;
  };
  for (const absl::Time received : {first, first + absl::Hours(1)}) {
    const domain::RegisterStatus status = at("20261025033000", "20261025032000", received);
    EXPECT_EQ(status.register_clock, received);
    EXPECT_EQ(status.shift_opened, received - absl::Minutes(10));
  }
  // What may be of either hour is taken as the later one, which is not relied on when it matters.
  EXPECT_EQ(at("20261025050000", "20261025032000", first + absl::Minutes(150)).shift_opened,
            first + absl::Minutes(50));
  EXPECT_EQ(at("20261025031000", "20261025032000", first + absl::Minutes(40)).shift_opened,
            first - absl::Minutes(10));
  // A clock that is off by an hour is told so in every other hour.
  EXPECT_EQ(at("20261025053000", "", first + absl::Hours(2)).register_clock, first + absl::Hours(3));
}

TEST(ReadReceiptAnswer, TellsTheTwoHoursOfTheNightInAutumnApart) {
  const absl::Time first = absl::FromCivil(absl::CivilSecond(2026, 10, 25, 0, 30, 0), absl::UTCTimeZone());
  for (const absl::Time received : {first, first + absl::Hours(1)}) {
    EXPECT_EQ(ReadReceiptAnswer(R"({"res":0,"info":{"dt":"20261025033000"}})", Kyiv(), received).facts.time,
              received);
  }
}

TEST(ReadStatusAnswer, AnAnswerWithoutASingleFactIsNoStatus) {
  for (const char* body : {R"({"res":0})", R"({"res":0,"dt":"20241114121430","info":{}})",
                           R"({"res":0,"info":[]})", R"({"res":0,"info":"open"})"}) {
    EXPECT_TRUE(ReadStatusAnswer(body, Kyiv(), Received()).envelope.readable);
    EXPECT_FALSE(ReadStatusAnswer(body, Kyiv(), Received()).status.has_value()) << body;
  }
}

// Not documented, so either way.
TEST(ReadReceiptAnswer, ATagIsTheSameInCapitalsAndWithDashes) {
  const std::string sent = "ea1a404fcc8f48f3e1dea03fe1ad3cbd";
  for (const char* told : {"EA1A404FCC8F48F3E1DEA03FE1AD3CBD", "ea1a404f-cc8f-48f3-e1de-a03fe1ad3cbd",
                           "EA1A404F-CC8F-48F3-E1DE-A03FE1AD3CBD"}) {
    EXPECT_EQ(Read(SaleWith(sent, told)).facts.tag, sent);
    EXPECT_EQ(ReadTaskAnswer(absl::StrCat(R"({"tag":")", told, R"(","task":1})")).tag, sent);
  }
  for (const char* other : {"EA1A404FCC8F48F3E1DEA03FE1AD3CB", "EA1A404FCC8F48F3E1DEA03FE1AD3CBG"}) {
    EXPECT_EQ(Read(SaleWith(sent, other)).facts.tag, other);
  }
}

// What was done and rejected at once was perhaps not done.
TEST(ReadReceiptAnswer, WhatWasRejectedIsNotDone) {
  EXPECT_FALSE(Read(SaleWith(R"("res":0)", R"("res":0,"task_status":3)")).envelope.readable);
  EXPECT_TRUE(Read(SaleWith(R"("res":0)", R"("res":0,"task_status":2)")).envelope.readable);
  EXPECT_EQ(Read(SaleWith(R"("res":0)", R"("res":1101,"task_status":3)")).envelope.res, 1101)
      << "a refusal is one";
  EXPECT_FALSE(ReadTaskAnswer(R"({"fiscal_number":"F1","tag":"T","task_status":3})").answered);
  EXPECT_TRUE(ReadTaskAnswer(R"({"fiscal_number":"F1","tag":"T","task_status":2})").answered);
}

TEST(ReadTaskAnswer, FindsTheFactsInSeveralNestings) {
  for (
      const char* body : {
          R"({"fiscal_number":"F1","task":{"device":"d","tag":"T","fiscal":{"task":1,"receipt":{"sum":189.99}}}})",
          R"({"data":{"fiscal_number":"F1","task":{"tag":"T","fiscal":{"task":"1","receipt":{"sum":"189.99"}}}}})",
          R"({"res":0,"info":{"doccode":"F1","tag":"T","task":1,"receipt":{"sum":189.990}}})",
          R"({"fiscal_number":"F1","tag":"T","fiscal":{"task":1,"receipt":{"sum":189.99}}})",
          R"({"result":{"fiscal_number":"F1","tag":"T","task":{"fiscal":{"task":1,"receipt":{"sum":189.99}}}},)"
          R"("tag":"T"})",
      }) {
    const domain::TaskFacts facts = ReadTaskAnswer(body);
    EXPECT_TRUE(facts.answered) << body;
    EXPECT_EQ(facts.fiscal_number, "F1") << body;
    EXPECT_EQ(facts.tag, "T") << body;
    EXPECT_EQ(facts.task, 1) << body;
    EXPECT_EQ(facts.sum, Money::FromKopiykas(18999)) << body;
  }
}

TEST(ReadTaskAnswer, ReadsNumbersAsFloats) {
  const domain::TaskFacts facts = ReadTaskAnswer(
      R"({"task":{"tag":"T","fiscal":{"task":1.0,"receipt":{"sum":189.0}}},"task_status":2.0})");
  EXPECT_EQ(facts.task, 1);
  EXPECT_EQ(facts.sum, Money::FromKopiykas(18900));
}

TEST(ReadTaskAnswer, ConcludesNothingFromWhatSaysNothingOrDisagrees) {
  for (const char* body : {
           R"({})",
           R"({"fiscal_number":"F1"})",
           R"({"res":1058,"tag":"T"})",
           R"({"tag":"T","task":{"tag":"U"}})",
           R"({"task":{"fiscal":{"task":1}},"fiscal":{"task":2}})",
           R"({"task":[],"fiscal":"x"})",
           R"({"tag":"T","tag":"T"})",
       }) {
    EXPECT_FALSE(ReadTaskAnswer(body).answered) << body;
  }
}

}  // namespace
}  // namespace kasa::vchasno
