#include "server/domain/waiting.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kasa::domain {
namespace {

constexpr BackOff kBackOff{absl::Seconds(1), absl::Minutes(5)};
constexpr double kNoJitter = 1;

// architecture.md, rule 4, written a second time: every row.
struct Row {
  WaitCause cause;
  WaitLength length;
  bool counts;
  bool retry_after;
  FirstRequest first;
};

constexpr Row kRows[] = {
    {WaitCause::kRegisterRefused, WaitLength::kGrows, true, true, FirstRequest::kStatus},
    {WaitCause::kTokenRefused, WaitLength::kGrows, true, true, FirstRequest::kStatus},
    {WaitCause::kThrottled, WaitLength::kGrows, true, true, FirstRequest::kDocument},
    {WaitCause::kNeverSent, WaitLength::kGrows, true, false, FirstRequest::kDocument},
    {WaitCause::kShiftStillClosed, WaitLength::kGrows, true, true, FirstRequest::kStatus},
    {WaitCause::kDoubt, WaitLength::kGrows, true, true, FirstRequest::kStatus},
    {WaitCause::kSameTagNext, WaitLength::kGrows, true, true, FirstRequest::kSameTag},
    {WaitCause::kNotReady, WaitLength::kGrows, true, true, FirstRequest::kStatus},
    {WaitCause::kShiftNotOpened, WaitLength::kGrows, true, true, FirstRequest::kStatus},
    {WaitCause::kSettings, WaitLength::kLongest, true, false, FirstRequest::kNone},
    {WaitCause::kQuietWindow, WaitLength::kGiven, false, false, FirstRequest::kStatus},
    {WaitCause::kStore, WaitLength::kGrows, true, false, FirstRequest::kNone},
};

TEST(WaitTable, HasEveryRowAsTheRulesSay) {
  ASSERT_EQ(WaitTable().size(), std::size(kRows));
  std::set<std::string> names;
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(NameOf(row.cause)));
    const WaitRow& found = WaitRowFor(row.cause);
    EXPECT_EQ(found.cause, row.cause);
    EXPECT_EQ(found.length, row.length);
    EXPECT_EQ(found.counts, row.counts);
    EXPECT_EQ(found.retry_after, row.retry_after);
    EXPECT_EQ(found.first, row.first);
    EXPECT_TRUE(found.ends_with_a_change);
    EXPECT_FALSE(found.why.empty());
    EXPECT_TRUE(names.insert(std::string(NameOf(row.cause))).second);
  }
}

TEST(LengthOfWait, OfEveryRow) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(NameOf(row.cause)));
    const auto wait = [&](int troubles, std::optional<absl::Duration> asked) {
      return LengthOfWait(row.cause, troubles, kBackOff, kNoJitter, asked);
    };
    switch (row.length) {
      case WaitLength::kGrows:
        EXPECT_EQ(wait(0, std::nullopt), absl::Seconds(1));
        EXPECT_EQ(wait(1, std::nullopt), absl::Seconds(2));
        EXPECT_EQ(wait(8, std::nullopt), absl::Seconds(256));
        EXPECT_EQ(wait(9, std::nullopt), absl::Minutes(5));
        EXPECT_EQ(wait(1'000'000, std::nullopt), absl::Minutes(5));
        break;
      case WaitLength::kLongest:
        EXPECT_EQ(wait(0, std::nullopt), absl::Minutes(5));
        EXPECT_EQ(wait(9, std::nullopt), absl::Minutes(5));
        break;
      case WaitLength::kGiven:
        EXPECT_EQ(wait(9, absl::Minutes(20)), absl::Minutes(20));
        continue;
    }
    // A Retry-After is the earliest time, not the latest.
    EXPECT_EQ(wait(0, absl::Hours(1)), row.retry_after ? absl::Hours(1) : wait(0, std::nullopt));
    EXPECT_EQ(wait(9, absl::Seconds(1)), wait(9, std::nullopt));
  }
}

TEST(LengthOfWait, JitterTakesUpToAQuarterOffAndNothingOffARetryAfter) {
  const auto wait = [](double random, std::optional<absl::Duration> asked = std::nullopt) {
    return LengthOfWait(WaitCause::kThrottled, 3, kBackOff, random, asked);
  };
  EXPECT_EQ(wait(0), absl::Seconds(6));
  EXPECT_EQ(wait(0.5), absl::Seconds(7));
  EXPECT_EQ(wait(1), absl::Seconds(8));
  EXPECT_EQ(wait(0, absl::Seconds(30)), absl::Seconds(30));
}

TEST(WaitCause, OfEachEndingThatStopsALane) {
  const struct {
    SendEnding ending;
    WaitCause cause;
  } cases[] = {
      {SendEnding::kRefusedRegister, WaitCause::kRegisterRefused},
      {SendEnding::kTokenRefused, WaitCause::kTokenRefused},
      {SendEnding::kThrottled, WaitCause::kThrottled},
      {SendEnding::kNeverSent, WaitCause::kNeverSent},
      {SendEnding::kShiftClosed, WaitCause::kShiftStillClosed},
      {SendEnding::kDoubt, WaitCause::kDoubt},
      {SendEnding::kDoubtSameTagNext, WaitCause::kSameTagNext},
      {SendEnding::kRefusedDocument, WaitCause::kDoubt},
      {SendEnding::kUnknownRefusal, WaitCause::kDoubt},
  };
  for (const auto& given : cases) {
    EXPECT_EQ(WaitCauseOf(given.ending), given.cause) << NameOf(given.ending);
  }
}

}  // namespace
}  // namespace kasa::domain
