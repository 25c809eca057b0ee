// A register's state: shift, drawer, account, memory of tags; and every switch of it.
#include <string>

#include "gtest/gtest.h"
#include "tests/simulator/testing.h"

namespace kasa::simulator {
namespace {

using testing::At;
using testing::Cash;
using testing::Fill;
using testing::kReturn;
using testing::kSale;
using testing::kSmallSale;
using testing::Task;
using testing::World;

Switches With(std::string_view name, std::string_view value) {
  Switches switches;
  EXPECT_TRUE(SetSwitch(switches, name, value).ok()) << name;
  return switches;
}

TEST(RegisterTest, TheFirstReceiptOpensTheShiftOrIsRefusedByTheSwitch) {
  World opening;
  EXPECT_EQ(At(opening.Execute(Fill(kSmallSale, "a")), "info.shift_link"), "1");
  EXPECT_EQ(opening.cloud.Ledger().front().task, 0);

  World refusing(With("auto_open_shift", "false"));
  EXPECT_EQ(At(refusing.Execute(Fill(kSmallSale, "a")), "res"), "2007");
  refusing.Register([](Register& reg) { reg.switches().shift_closed_code = 1092; });
  EXPECT_EQ(At(refusing.Execute(Fill(kSmallSale, "a")), "res"), "1092");
  EXPECT_EQ(At(refusing.Execute(Task(0, "o")), "res"), "0");
  EXPECT_EQ(At(refusing.Execute(Task(0, "o2")), "res"), "1096");
  EXPECT_EQ(At(refusing.Execute(Fill(kSmallSale, "a")), "res"), "0");
}

TEST(RegisterTest, AZReportClosesTheShiftAndCounts) {
  World world;
  world.Execute(Cash(3, "in", "800.00"));
  world.Execute(Fill(kSale, "s"));
  world.Execute(Fill(kReturn, "r"));
  const Json x = world.Execute(Task(10, "x"));
  EXPECT_EQ(At(x, "info.receipt.count_p"), "1");
  EXPECT_EQ(At(x, "info.doccode"), "");
  const Json z = world.Execute(Task(11, "z"));
  EXPECT_EQ(At(z, "info.receipt.count_m"), "1");
  EXPECT_EQ(At(z, "info.summary.calc_p"), "190");
  EXPECT_EQ(At(z, "info.summary.calc_m"), "729.9");
  EXPECT_EQ(At(z, "info.safe"), "949.1");
  EXPECT_EQ(At(world.Execute(Task(11, "z2")), "res"), "1006");
  EXPECT_EQ(At(world.Execute(Task(10, "x2")), "res"), "2007");
}

TEST(RegisterTest, CashIsNeverPaidOutThatIsNotThere) {
  World world;
  EXPECT_EQ(At(world.Execute(Cash(4, "o", "0.01")), "res"), "1077");
  EXPECT_EQ(At(world.Execute(Cash(3, "i", "0.90")), "res"), "0");
  EXPECT_EQ(At(world.Execute(Cash(4, "o", "0.91")), "error_extra.safe"), "0.9");
  EXPECT_EQ(At(world.Execute(Fill(kReturn, "r")), "info.safe"), "0");
  EXPECT_EQ(At(world.Execute(Fill(kReturn, "r2")), "res"), "1077");
  EXPECT_EQ(At(world.Execute(Cash(3, "z", "0")), "res"), "1109");
}

TEST(RegisterTest, AShiftOver24HoursTakesAZReportOnly) {
  World world;
  world.Execute(Fill(kSmallSale, "a"));
  world.clock.Advance(absl::Hours(24));
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "b")), "res"), "0");
  world.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "c")), "res"), "1037");
  EXPECT_EQ(At(world.Execute(Task(11, "z")), "res"), "0");
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "c")), "res"), "0");
}

TEST(RegisterTest, ABlockedRegisterAndOneWithoutKeyRefuseButTellTheirStatus) {
  World world;
  world.Register([](Register& reg) { reg.SetBlocked(true); });
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res"), "1044");
  EXPECT_EQ(At(world.Execute(Task(18, "s")), "info.shift_status"), "2");
  world.Register([](Register& reg) {
    reg.SetBlocked(false);
    reg.SetSignStatus(3);
  });
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res"), "1095");
  EXPECT_EQ(At(world.Execute(Task(18, "s")), "info.sign_status"), "3");
}

TEST(RegisterTest, OneItemCodeHasOneTaxGroupAShift) {
  const std::string pattern =
      R"({"tag":"$TAG","fiscal":{"task":1,"receipt":{"sum":1,"rows":[{"code":"c","name":"Чай","cnt":1,"price":1,)"
      R"("taxgrp":$SUM}],"pays":[{"type":2,"sum":1}]}}})";
  World world;
  EXPECT_EQ(At(world.Execute(Fill(pattern, "a", "1")), "res"), "0");
  const Json refused = world.Execute(Fill(pattern, "b", "2"));
  EXPECT_EQ(At(refused, "res"), "1111");
  EXPECT_EQ(At(refused, "error_extra.sold_taxgrp"), "1");
  world.Execute(Task(11, "z"));
  EXPECT_EQ(At(world.Execute(Fill(pattern, "b", "2")), "res"), "0");
}

TEST(RegisterTest, WhatTheAccountDoesNotHaveIsRefused) {
  EXPECT_EQ(At(World(With("payment_types", "0+1")).Execute(Fill(kSmallSale, "a")), "error_extra.pay_type"),
            "2");
  EXPECT_EQ(At(World(With("tax_groups", "2")).Execute(Fill(kSmallSale, "a")), "error_extra.taxgrp"), "1");
  EXPECT_EQ(At(World(With("rounding", "false")).Execute(Fill(kSale, "a")), "res"), "1115");
  EXPECT_EQ(
      At(World(With("sum_differs_code", "1001"))
             .Execute(
                 R"({"fiscal":{"task":1,"receipt":{"sum":2,"rows":[{"name":"a","cnt":1,"price":1,"taxgrp":1}],)"
                 R"("pays":[]}}})"),
         "res"),
      "1001");
}

TEST(TagTest, ForeverTheFirstReceiptComesBack) {
  World world;
  const Json first = world.Execute(Fill(kSmallSale, "a"));
  world.Execute(Task(11, "z"));
  world.clock.Advance(absl::Hours(1000));
  const Json again = world.Execute(Fill(kSmallSale, "a"));
  EXPECT_EQ(At(again, "info.doccode"), At(first, "info.doccode"));
  EXPECT_EQ(world.Receipts(), 1u);
}

TEST(TagTest, WithinTheShiftOnly) {
  World world(With("tag_memory", "shift"));
  world.Execute(Fill(kSmallSale, "a"));
  world.Execute(Fill(kSmallSale, "a"));
  EXPECT_EQ(world.Receipts(), 1u);
  world.Execute(Task(11, "z"));
  world.Execute(Fill(kSmallSale, "a"));
  EXPECT_EQ(world.Receipts(), 2u);
}

TEST(TagTest, WithoutMemoryEachRequestIsAReceipt) {
  World world(With("tag_memory", "none"));
  world.Execute(Fill(kSmallSale, "a"));
  world.Execute(Fill(kSmallSale, "a"));
  EXPECT_EQ(world.Receipts(), 2u);
}

TEST(TagTest, OtherBytesUnderAKnownTag) {
  for (const auto& [value, res, receipts] :
       {std::tuple{"first_receipt", "0", 1u}, std::tuple{"refuse", "1059", 1u},
        std::tuple{"second_receipt", "0", 2u}}) {
    World world(With("other_bytes", value));
    world.Execute(Fill(kSmallSale, "a", "10.00"));
    EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a", "20.00")), "res"), res) << value;
    EXPECT_EQ(world.Receipts(), receipts) << value;
  }
}

TEST(TagTest, ARefusedTagIsJudgedAnewOrItsRefusalRepeated) {
  for (const bool repeated : {false, true}) {
    World world(With("refused_tag", repeated ? "repeated" : "judged_anew"));
    world.Register([](Register& reg) { reg.SetBlocked(true); });
    world.Execute(Fill(kSmallSale, "a"));
    world.Register([](Register& reg) { reg.SetBlocked(false); });
    EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res"), repeated ? "1044" : "0");
    EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "b")), "res"), "0");
  }
}

TEST(TagTest, ARefusedTagIsRefusedForBeingKnown) {
  World world(With("refused_tag", "known_code"));
  world.Register([](Register& reg) { reg.SetBlocked(true); });
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "a")), "res"), "1044");
  world.Register([](Register& reg) { reg.SetBlocked(false); });
  for (int again = 0; again < 2; ++again) {
    const Json known = world.Execute(Fill(kSmallSale, "a"));
    EXPECT_EQ(At(known, "res"), "1059");
    EXPECT_EQ(At(known, "res_action"), "3");
  }
  EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "b")), "res"), "0");
  EXPECT_EQ(world.Receipts(), 1u);
}

TEST(TagTest, ALookUpIsHonouredOrIssuesAReceipt) {
  const std::string look_up = [] {
    std::string body = Fill(kSmallSale, "a");
    return body.insert(1, R"("type":0,)");
  }();
  World honoured;
  EXPECT_EQ(At(honoured.Execute(look_up), "res"), "1058");
  EXPECT_EQ(honoured.Receipts(), 0u);
  const Json made = honoured.Execute(Fill(kSmallSale, "a"));
  EXPECT_EQ(At(honoured.Execute(look_up), "info.doccode"), At(made, "info.doccode"));
  EXPECT_EQ(At(honoured.Execute(R"({"tag":"a","type":0})"), "info.doccode"), At(made, "info.doccode"));

  World ignored(With("look_up", "ignored"));
  EXPECT_EQ(At(ignored.Execute(look_up), "res"), "0");
  EXPECT_EQ(ignored.Receipts(), 1u);
}

TEST(TagTest, ATagLeftOutIsMadeUp) {
  World world;
  const std::string body =
      R"({"fiscal":{"task":1,"receipt":{"sum":1,"rows":[{"name":"a","cnt":1,"price":1,"taxgrp":1}],)"
      R"("pays":[{"type":1,"sum":1}]}}})";
  EXPECT_EQ(At(world.Execute(body), "tag").size(), 32u);
  world.Execute(body);
  EXPECT_EQ(world.Receipts(), 2u);
}

TEST(StatusTest, TellsTheRegisterAndLeavesOutWhatItIsToldTo) {
  World world;
  Json status = world.Execute(Task(18, "s"));
  EXPECT_EQ(At(status, "info.fisid"), World::kFisid);
  EXPECT_EQ(At(status, "info.isFis"), "0");
  EXPECT_EQ(At(status, "info.shift_status"), "-1");
  EXPECT_EQ(At(status, "info.online_status"), "1");
  EXPECT_EQ(At(status, "info.edrpou"), "12345678");
  world.Execute(Task(0, "o"));
  EXPECT_EQ(At(world.Execute(Task(18, "s")), "info.shift_dt"), "20241114121430");
  world.Register([](Register& reg) {
    for (const char* name :
         {"status_omits_fisid", "status_omits_edrpou", "status_omits_mode", "status_omits_shift_dt"})
      EXPECT_TRUE(SetSwitch(reg.switches(), name, "true").ok());
    reg.switches().online_value = 0;
    reg.SetClockOffset(absl::Hours(1));
  });
  status = world.Execute(Task(18, "s"));
  for (const char* name : {"fisid", "edrpou", "isFis", "shift_dt"})
    EXPECT_EQ(status.Find("info")->Find(name), nullptr) << name;
  EXPECT_EQ(At(status, "info.online_status"), "0");
  EXPECT_EQ(At(status, "dt"), "20241114131430");
}

TEST(RegisterTest, OfflineReceiptsSaySo) {
  World world;
  world.Register([](Register& reg) { reg.SetOffline(true); });
  EXPECT_TRUE(world.Execute(Fill(kSmallSale, "a")).Find("info")->Find("isoffline")->boolean());
  EXPECT_EQ(At(world.Execute(Task(18, "s")), "info.online_status"), "0");
}

TEST(RegisterTest, QrIsALinkATextOrNothing) {
  EXPECT_EQ(At(World(With("qr", "empty")).Execute(Fill(kSmallSale, "a")), "info.qr"), "");
  EXPECT_NE(At(World(With("qr", "text")).Execute(Fill(kSmallSale, "a")), "info.qr").find('\n'),
            std::string::npos);
}

TEST(RegisterTest, LocalNumbersStartAgainWithTheShiftOrGoOn) {
  for (const bool goes_on : {false, true}) {
    World world(With("docno_scope", goes_on ? "register" : "shift"));
    world.Execute(Fill(kSmallSale, "a"));
    EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "b")), "info.docno"), "2");
    world.Execute(Task(11, "z"));
    EXPECT_EQ(At(world.Execute(Fill(kSmallSale, "c")), "info.docno"), goes_on ? "3" : "1");
  }
}

TEST(SwitchesTest, EveryDescribedSwitchReadsBackWhatItSays) {
  Switches switches;
  for (const SwitchWord& word : DescribeSwitches(switches)) {
    EXPECT_TRUE(SetSwitch(switches, word.name, word.value).ok()) << word.name << "=" << word.value;
    EXPECT_FALSE(SetSwitch(switches, word.name, "nonsense").ok()) << word.name;
  }
  EXPECT_FALSE(SetSwitch(switches, "no_such_switch", "true").ok());
}

}  // namespace
}  // namespace kasa::simulator
