#include "server/vchasno/report_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace kasa::vchasno {
namespace {

using domain::RegisterReport;
using testing::ElementsAre;

std::vector<int64_t> Readings(const std::optional<RegisterReport::Figure>& figure) {
  std::vector<int64_t> readings;
  if (!figure) return readings;
  for (const Money reading : figure->readings) readings.push_back(reading.kopiykas());
  return readings;
}

RegisterReport ReportOf(const std::string& info) {
  const ReportReading reading = ReadReportAnswer(absl::StrCat(R"({"res":0,"task":10,"info":)", info, "}"));
  EXPECT_TRUE(reading.envelope.readable);
  EXPECT_TRUE(reading.report.has_value()) << info;
  return reading.report.value_or(RegisterReport());
}

TEST(ReadReportAnswer, TellsHowTheAccountStandsAsFarAsItCanBeRead) {
  struct Case {
    const char* billing;
    std::optional<absl::CivilDay> paid_until;
    std::optional<bool> enough_to_renew;
  };
  const absl::CivilDay day(2026, 12, 31);
  const Case cases[] = {
      {R"({"paid_date_to":"20261231","enough_to_renew_subscription":true})", day, true},
      {R"({"paid_date_to":"20261231235959"})", day, std::nullopt},
      {R"({"paid_date_to":"2026-12-31 23:59","enough_to_renew_subscription":0})", day, false},
      {R"({"paid_date_to":"31.12.2026","enough_to_renew_subscription":"1"})", day, true},
      {R"({"paid_date_to":20261231})", day, std::nullopt},
      {R"({"enough_to_renew_subscription":false})", std::nullopt, false},
      {R"({"paid_date_to":"20261331","enough_to_renew_subscription":2})", std::nullopt, std::nullopt},
      {R"({"paid_date_to":"31/12/26","enough_to_renew_subscription":"yes"})", std::nullopt, std::nullopt},
      {R"({"paid_date_to":null})", std::nullopt, std::nullopt},
      {R"([1])", std::nullopt, std::nullopt},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.billing);
    const auto billing =
        ReportOf(absl::StrCat(R"({"receipt":{"count_p":1},"billing":)", one.billing, "}")).billing;
    ASSERT_EQ(billing.has_value(), one.paid_until || one.enough_to_renew);
    if (!billing) continue;
    EXPECT_EQ(billing->paid_until, one.paid_until);
    EXPECT_EQ(billing->enough_to_renew, one.enough_to_renew);
  }
}

TEST(ReadReportAnswer, TellsEveryFigure) {
  const RegisterReport report = ReportOf(R"({"shift_link":37,
      "receipt":{"count_p":3,"count_m":1,"count_14":0},
      "summary":{"base_p":150.24,"calc_p":150.00,"calc_m":10.50},
      "taxes":[{"gr_code":1,"base_sum_p":100.24,"base_sum_m":10.26,"tax_sum_p":16.71,"tax_sum_m":0},
               {"gr_code":"2","base_sum_p":"50","base_sum_m":0}],
      "pays":[{"type":0,"sum_p":100.00,"sum_m":10.50},{"type":2,"sum_p":50,"sum_m":0}]})");
  EXPECT_EQ(report.shift_number, "37");
  EXPECT_EQ(report.sale_count, 3);
  EXPECT_EQ(report.return_count, 1);
  EXPECT_THAT(Readings(report.sums.plus), ElementsAre(15000));
  EXPECT_THAT(Readings(report.sums.minus), ElementsAre(1050));
  EXPECT_THAT(Readings(report.tax_groups->at(1).plus), ElementsAre(10024, 11695));
  EXPECT_THAT(Readings(report.tax_groups->at(1).minus), ElementsAre(1026));
  EXPECT_THAT(Readings(report.tax_groups->at(2).plus), ElementsAre(5000));
  EXPECT_THAT(Readings(report.payment_types->at(0).minus), ElementsAre(1050));
  EXPECT_THAT(Readings(report.payment_types->at(2).plus), ElementsAre(5000));
}

TEST(ReadReportAnswer, AGroupThatIsListedTwiceRepeatsOrShares) {
  const RegisterReport report = ReportOf(R"({"taxes":[
      {"gr_code":3,"base_sum_p":100,"tax_sum_p":20},{"gr_code":3,"base_sum_p":100,"tax_sum_p":5}]})");
  EXPECT_THAT(Readings(report.tax_groups->at(3).plus), ElementsAre(20000, 22500, 10000, 12500));
  EXPECT_FALSE(report.tax_groups->at(3).minus.has_value());
}

TEST(ReadReportAnswer, ReturnsArePositiveWhateverTheirSign) {
  const RegisterReport report =
      ReportOf(R"({"summary":{"calc_m":-10.50},"pays":[{"type":0,"sum_p":0,"sum_m":"-10.50"}]})");
  EXPECT_THAT(Readings(report.sums.minus), ElementsAre(1050));
  EXPECT_THAT(Readings(report.payment_types->at(0).minus), ElementsAre(1050));
}

TEST(ReadReportAnswer, MoneyStandsInForMissingPays) {
  EXPECT_EQ(ReportOf(R"({"money":[{"type":2,"sum_p":1}]})").payment_types->size(), 1u);
  EXPECT_EQ(ReportOf(R"({"pays":[],"money":[{"type":2,"sum_p":1}]})").payment_types->size(), 0u);
}

TEST(ReadReportAnswer, WhatCanNotBeReadIsNotThere) {
  const char counts[] = R"("receipt":{"count_p":1})";
  for (const char* list : {R"("taxes":[{"base_sum_p":1}])", R"("taxes":{"1":2})", R"("taxes":"none")",
                           R"("taxes":[1])", R"("taxes":[{"gr_code":-1,"base_sum_p":1}])"}) {
    EXPECT_FALSE(ReportOf(absl::StrCat("{", counts, ",", list, "}")).tax_groups.has_value()) << list;
  }
  const RegisterReport report = ReportOf(
      R"({"receipt":{"count_p":"many","count_m":-1},"summary":{"calc_p":1e3,"calc_m":1.005},
          "pays":[{"type":0,"sum_p":"a lot","sum_m":1},{"type":2}]})");
  EXPECT_FALSE(report.sale_count.has_value());
  EXPECT_FALSE(report.return_count.has_value());
  EXPECT_FALSE(report.sums.plus.has_value());
  EXPECT_FALSE(report.sums.minus.has_value());
  EXPECT_FALSE(report.payment_types->at(0).plus.has_value());
  EXPECT_THAT(Readings(report.payment_types->at(0).minus), ElementsAre(100));
  EXPECT_FALSE(report.payment_types->at(2).plus.has_value());
}

TEST(ReadReportAnswer, NoFigureIsNoReport) {
  for (const char* body : {R"({"res":0})", R"({"res":0,"info":null})", R"({"res":0,"info":{"shift_link":3}})",
                           R"({"res":0,"info":[]})", "not JSON", ""}) {
    EXPECT_FALSE(ReadReportAnswer(body).report.has_value()) << body;
  }
}

TEST(ReadReportAnswer, SaysWhenItAnswersAnotherTask) {
  EXPECT_FALSE(ReadReportAnswer(R"({"res":0})").other_task);
  EXPECT_FALSE(ReadReportAnswer(R"({"res":0,"task":"10"})").other_task);
  EXPECT_TRUE(ReadReportAnswer(R"({"res":0,"task":11})").other_task);
}

}  // namespace
}  // namespace kasa::vchasno
