#include "server/domain/shift_age.h"

#include <gtest/gtest.h>

#include <string>

namespace kasa::domain {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

// A register whose shift was opened, and which was seen last, that long ago.
RegisterFacts Seen(absl::Duration shift_age, absl::Duration seen_ago) {
  RegisterFacts facts;
  facts.status = RegisterStatus{.shift = ShiftStatus::kOpen, .shift_opened = kNow - shift_age};
  facts.status_time = kNow - seen_ago;
  return facts;
}

TEST(ShiftAge, IsAskedForOnceItIsKnownToBeTooOldAndThenEachHour) {
  const absl::Duration minute = absl::Minutes(1);
  const struct {
    std::string name;
    RegisterFacts facts;
    std::optional<absl::Duration> tried_ago;
    bool ask;
  } cases[] = {
      {"a young shift", Seen(absl::Hours(23) - minute, absl::Hours(20)), std::nullopt, false},
      {"23 hours old", Seen(absl::Hours(23), absl::Hours(20)), std::nullopt, true},
      {"seen just before it became so", Seen(absl::Hours(23), minute), std::nullopt, true},
      {"seen since", Seen(absl::Hours(23) + 30 * minute, 10 * minute), std::nullopt, false},
      {"seen an hour ago", Seen(absl::Hours(25), absl::Hours(1)), std::nullopt, true},
      {"asked in vain just now", Seen(absl::Hours(25), absl::Hours(20)), 59 * minute, false},
      {"asked in vain an hour ago", Seen(absl::Hours(25), absl::Hours(20)), 60 * minute, true},
      {"seen in the future: the clock was set back", Seen(absl::Hours(25), -absl::Hours(2)), std::nullopt,
       true},
      {"nothing known", RegisterFacts(), std::nullopt, false},
  };
  for (const auto& given : cases) {
    const std::optional<absl::Time> tried =
        given.tried_ago ? std::make_optional(kNow - *given.tried_ago) : std::nullopt;
    EXPECT_EQ(IsShiftToBeAsked(given.facts, tried, kNow, ShiftAgeRules()), given.ask) << given.name;
  }
  RegisterFacts closed = Seen(absl::Hours(25), absl::Hours(20));
  closed.status->shift = ShiftStatus::kClosed;
  EXPECT_FALSE(IsShiftToBeAsked(closed, std::nullopt, kNow, ShiftAgeRules()));
  RegisterFacts ours = Seen(absl::Hours(25), absl::Hours(20));
  ours.status->shift_opened.reset();
  EXPECT_FALSE(IsShiftToBeAsked(ours, std::nullopt, kNow, ShiftAgeRules())) << "its age is not known";
  ours.own_opening = kNow - absl::Hours(24);
  EXPECT_TRUE(IsShiftToBeAsked(ours, std::nullopt, kNow, ShiftAgeRules()));
}

}  // namespace
}  // namespace kasa::domain
