#include "server/api/request_check.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "common/status_reason.h"
#include "server/api/errors.h"

namespace kasa::api {
namespace {

google::protobuf::Duration Seconds(int64_t seconds) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  return duration;
}

TEST(RequestCheckTest, TellsAllThatItFound) {
  RequestCheck check;
  check.Required("a", "");
  check.Required("b", "x");
  check.Required("c", std::string(129, 'x'));
  check.AtMost("d", "");
  check.UnknownEnum("e", 42);
  const domain::Violations found = ViolationsOf(check.ToStatus());
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].field, "a");
  EXPECT_EQ(found[0].reason, Reason::kFieldRequired);
  EXPECT_EQ(found[1].field, "c");
  EXPECT_EQ(found[1].reason, Reason::kFieldTooLong);
  EXPECT_EQ(found[2].field, "e");
  EXPECT_EQ(found[2].reason, Reason::kFieldUnknown);
  EXPECT_EQ(ReasonOf(check.ToStatus()), Reason::kRequestInvalid);
}

// 4 MiB of unknown states would otherwise take gigabytes to tell.
TEST(RequestCheckTest, OfVeryMuchThatIsWrongItKeepsAHundredAndCountsTheRest) {
  RequestCheck check;
  for (int i = 0; i < 1000; ++i) check.UnknownEnum(ItemPath("states", i), 42);
  check.AddAll(domain::Violations(5));
  const absl::Status status = check.ToStatus();
  EXPECT_EQ(ViolationsOf(status).size(), 100u);
  EXPECT_EQ(ViolationsOf(status).back().field, "states[99]");
  EXPECT_TRUE(absl::EndsWith(status.message(), "(and 1004 more)")) << status;
  EXPECT_EQ(FactsOf(status)["violations_total"], "1005");
}

TEST(RequestCheckTest, WhatTheDomainFoundFillsItUp) {
  RequestCheck check;
  for (int i = 0; i < 99; ++i) check.Required("a", "");
  check.AddAll(domain::Violations(3, {.field = "b"}));
  EXPECT_EQ(ViolationsOf(check.ToStatus()).size(), 100u);
  EXPECT_EQ(ViolationsOf(check.ToStatus()).back().field, "b");
}

TEST(RequestCheckTest, AListHasSoManyItemsAtMost) {
  RequestCheck check;
  EXPECT_FALSE(check.TooMany("a", 3, 3));
  EXPECT_TRUE(check.ok());
  EXPECT_TRUE(check.TooMany("a", 4, 3));
  EXPECT_EQ(ViolationsOf(check.ToStatus()).front().reason, Reason::kTooManyItems);
}

TEST(RequestCheckTest, LengthsAreInCharacters) {
  RequestCheck check;
  std::string cyrillic;
  for (int i = 0; i < 128; ++i) cyrillic += "ї";
  check.Required("a", cyrillic);
  EXPECT_TRUE(check.ok());
  check.Required("a", cyrillic + "ї");
  EXPECT_FALSE(check.ok());
}

TEST(RequestCheckTest, PageSizes) {
  RequestCheck check;
  EXPECT_EQ(check.PageSize("page_size", 0), 50);
  EXPECT_EQ(check.PageSize("page_size", 1), 1);
  EXPECT_EQ(check.PageSize("page_size", 1000), 1000);
  EXPECT_EQ(check.PageSize("page_size", 1'000'000), 1000);
  EXPECT_TRUE(check.ok());
  check.PageSize("page_size", -1);
  EXPECT_FALSE(check.ok());
}

TEST(RequestCheckTest, WaitsAreCutToAMinuteAndNeverNegative) {
  RequestCheck check;
  EXPECT_EQ(check.MaxWait("max_wait", false, Seconds(5)), std::nullopt);
  EXPECT_EQ(check.MaxWait("max_wait", true, Seconds(0)), absl::ZeroDuration());
  EXPECT_EQ(check.MaxWait("max_wait", true, Seconds(5)), absl::Seconds(5));
  EXPECT_EQ(check.MaxWait("max_wait", true, Seconds(600)), absl::Seconds(60));
  EXPECT_TRUE(check.ok());
  check.MaxWait("max_wait", true, Seconds(-1));
  check.MaxWait("max_wait", true, Seconds(int64_t{1} << 62));
  EXPECT_EQ(ViolationsOf(check.ToStatus()).size(), 2u);
}

TEST(RequestCheckTest, EtagsAreThoseThatWeGive) {
  RequestCheck check;
  EXPECT_EQ(check.Etag("etag", ""), std::nullopt);
  EXPECT_EQ(check.Etag("etag", "17"), 17);
  EXPECT_TRUE(check.ok());
  for (const char* text : {"x", "1.0", "-1", "+1", " 1", "99999999999999999999", "0x1"}) {
    RequestCheck wrong;
    EXPECT_EQ(wrong.Etag("etag", text), std::nullopt) << text;
    EXPECT_FALSE(wrong.ok()) << text;
  }
}

}  // namespace
}  // namespace kasa::api
