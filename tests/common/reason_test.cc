#include "common/reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kasa {
namespace {

TEST(Reasons, HaveNamesThatErrorInfoAllows) {
  for (const ReasonInfo& info : AllReasons()) {
    // google.rpc.ErrorInfo: UPPER_SNAKE_CASE, at most 63 characters.
    EXPECT_THAT(std::string(info.name), testing::MatchesRegex("[A-Z][A-Z0-9_]+[A-Z0-9]"));
    EXPECT_LE(info.name.size(), 63U);
  }
}

TEST(Reasons, HaveNamesOfTheirOwnThatReadBack) {
  std::set<std::string> names;
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_TRUE(names.insert(std::string(info.name)).second) << info.name;
    EXPECT_EQ(ReasonFromName(info.name), info.reason);
    EXPECT_EQ(NameOf(info.reason), info.name);
    EXPECT_EQ(InfoOf(info.reason).reason, info.reason);
  }
}

TEST(Reasons, SayWhatToDo) {
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_FALSE(info.remedy.empty()) << info.name;
    EXPECT_EQ(info.remedy.back(), '.') << info.name;
  }
}

TEST(Reasons, ThatPassByThemselvesAreRetryable) {
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_TRUE(info.retryable || info.failure_class != FailureClass::kTransient) << info.name;
  }
}

TEST(Reasons, UnknownNamesAreNone) {
  for (const char* name : {"", "date_not_today", "DATE_NOT_TODAY ", "NO_SUCH_REASON"}) {
    EXPECT_EQ(ReasonFromName(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace kasa
