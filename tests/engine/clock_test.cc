#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// A wall clock that is set forward and back, and the two nights of a year in which Kyiv's clocks change: no
// receipt is made twice, and no lane is stuck (architecture.md, rule 10).
namespace kasa::engine {
namespace {

using domain::State;

absl::Time Utc(int year, int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, 0), absl::UTCTimeZone());
}

const absl::Time kAfternoon = Utc(2026, 11, 24, 13, 0);

// The next receipt is made, and nothing is heard of it.
void LoseOneAnswer(EngineByHand& engine) {
  engine.cash_register.instead =
      [lost = false](const std::string&,
                     const std::function<void()>& make) mutable -> std::optional<vchasno::ExecuteAnswer> {
    if (std::exchange(lost, true)) return std::nullopt;
    make();
    return Unheard();
  };
}

class ClockSet : public testing::TestWithParam<absl::Duration> {};

TEST_P(ClockSet, FarOffPausesTheLaneUntilItIsRightAndNothingIsMadeTwice) {
  EngineByHand engine({.now = kAfternoon});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  LoseOneAnswer(engine);
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.SetWallClock(GetParam());
  engine.Pass(absl::Minutes(20));
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine.Lane().reason, Reason::kClockSkew);
  engine.SetWallClock(-GetParam());
  EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
  EXPECT_EQ(engine.Fiscalize(engine.Sale("next"))->state, State::kFiscalized);
}

INSTANTIATE_TEST_SUITE_P(BothWays, ClockSet,
                         testing::Values(absl::Hours(3), absl::Hours(-3), absl::Minutes(40),
                                         absl::Minutes(-40)),
                         [](const auto& of) {
                           return absl::StrCat(of.param > absl::ZeroDuration() ? "Forward" : "Back",
                                               absl::ToInt64Minutes(absl::AbsDuration(of.param)));
                         });

class ClockSetALittle : public testing::TestWithParam<absl::Duration> {};

TEST_P(ClockSetALittle, DoesNotMakeAShiftLookLikeThatOfTheSend) {
  EngineByHand engine({.now = kAfternoon});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.Pass(absl::Minutes(10));
  LoseOneAnswer(engine);
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  // The shift is closed and another one opened within the minutes by which the clock is set: the register has
  // forgotten the tag, and sending it again would make a second receipt.
  engine.Pass(absl::Seconds(60));
  engine.cash_register.CloseShift();
  engine.cash_register.OpenShift();
  engine.SetWallClock(GetParam());
  engine.Pass(absl::Minutes(20));
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine.Get(id).failure->reason, Reason::kTagMemoryUnproven);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

TEST_P(ClockSetALittle, DoesNotHoldUpWhatIsOfTheSameShift) {
  EngineByHand engine({.now = kAfternoon});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  LoseOneAnswer(engine);
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.Pass(absl::Seconds(30));
  engine.SetWallClock(GetParam());
  EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

INSTANTIATE_TEST_SUITE_P(BothWays, ClockSetALittle, testing::Values(absl::Minutes(4), absl::Minutes(-4)),
                         [](const auto& of) { return of.param > absl::ZeroDuration() ? "Forward" : "Back"; });

TEST(ClockSetByADay, ForwardFailsWhatIsDatedAndItsSenderGetsOneReceipt) {
  EngineByHand engine({.now = kAfternoon});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.cash_register.instead = [](const std::string&, const std::function<void()>&) {
    return Refused(domain::SendEnding::kRefusedRegister, Reason::kNoBalance, 1123);
  };
  const std::string id = engine.Fiscalize(engine.Sale("dated"))->id;
  engine.SetWallClock(absl::Hours(24));
  EXPECT_TRUE(engine.AwaitState(id, State::kFailed));
  EXPECT_EQ(engine.Get(id).failure->reason, Reason::kDocumentDatePassed);
  engine.cash_register.instead = nullptr;
  engine.SetWallClock(absl::Hours(-24));
  ASSERT_TRUE(engine.Retry(id).ok());
  EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

struct Night {
  const char* name;
  absl::Time opened;    // the shift
  absl::Duration sale;  // after that: its answer is lost
};

class ClocksChange : public testing::TestWithParam<Night> {};

TEST_P(ClocksChange, NeitherPausesTheLaneNorMakesAnythingTwice) {
  EngineByHand engine({.now = GetParam().opened});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.Pass(GetParam().sale, absl::Minutes(1));
  LoseOneAnswer(engine);
  const auto doubted = engine.Fiscalize(engine.Sale("doubted"));
  ASSERT_TRUE(doubted.ok()) << doubted.status();
  bool skewed = false;
  engine.Pass(absl::Minutes(10), absl::Seconds(10), [&] {
    skewed = skewed || engine.Lane().reason == Reason::kClockSkew;
    return engine.Get(doubted->id).state == State::kFiscalized;
  });
  EXPECT_FALSE(skewed);
  EXPECT_EQ(engine.Get(doubted->id).state, State::kFiscalized);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
  // And so do the sales of the next two hours.
  for (int i = 0; i < 8; ++i) {
    engine.Pass(absl::Minutes(15), absl::Minutes(5));
    const auto sale = engine.Fiscalize(engine.Sale(absl::StrCat("later-", i)));
    ASSERT_TRUE(sale.ok()) << sale.status();
    EXPECT_EQ(sale->state, State::kFiscalized) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    InSpringAndInAutumn, ClocksChange,
    testing::Values(
        // 03:00 becomes 04:00 at 01:00 UTC.
        Night{"SpringOverTheChange", Utc(2026, 3, 29, 0, 30), absl::Minutes(29)},
        Night{"SpringAfterTheChange", Utc(2026, 3, 29, 0, 58), absl::Minutes(5)},
        // 04:00 becomes 03:00 at 01:00 UTC.
        Night{"AutumnInTheFirstHour", Utc(2026, 10, 24, 23, 0), absl::Minutes(90)},
        Night{"AutumnOverTheChange", Utc(2026, 10, 24, 23, 30), absl::Minutes(89)},
        Night{"AutumnInTheSecondHour", Utc(2026, 10, 24, 23, 30), absl::Minutes(110)},
        Night{"AutumnWithAShiftOfTheFirstHour", Utc(2026, 10, 25, 0, 10), absl::Minutes(10)},
        Night{"AutumnWithAShiftOfTheSecondHour", Utc(2026, 10, 25, 1, 10), absl::Minutes(10)}),
    [](const auto& of) { return of.param.name; });

TEST(ClocksChange, AShiftOfEitherHourIsLeftToAPersonWhereItCanNotBeTold) {
  // Opened at 03:10 for the first time, asked about at 05:00: it may have been 03:10 for the second time,
  // after the send. It waits, and nothing is made twice.
  EngineByHand engine({.now = Utc(2026, 10, 25, 0, 10)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.Pass(absl::Minutes(10), absl::Minutes(1));
  engine.cash_register.instead = MadeAndUnheard;
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.Pass(absl::Hours(3), absl::Minutes(1));
  engine.cash_register.instead = nullptr;
  engine.Pass(absl::Minutes(20));
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine.Get(id).failure->reason, Reason::kTagMemoryUnproven);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

// It was sent while the gateway's clock was hours ahead, which a register that does not tell its own can't
// show. Its shift, which was closed since, must not be taken for one from before the send.
TEST(ClockSetBack, LeavesNothingOutWhereWhatIsParkedIsLookedFor) {
  EngineByHand engine({.now = kAfternoon, .tag_memory = domain::TagMemory::kUnproven});
  HandRegister& made_by = engine.cash_register;
  made_by.tells_clock = false;
  engine.Change(
      [](store::IntegrationRecord& record) { record.integration.doubt_policy = domain::DoubtPolicy::kPark; });
  std::vector<domain::ListedShift> shifts;
  engine.client.OnShifts([&](const FakeClient::Request& request) {
    vchasno::ShiftsAnswer answer;
    if (shifts.empty()) return answer;
    answer.outcome = vchasno::ListingOutcome::kRead;
    answer.page.total = static_cast<int64_t>(shifts.size());
    if (request.body == "1") answer.page.rows = shifts;
    return answer;
  });
  engine.client.OnChecks([&](const FakeClient::Request& request) {
    vchasno::ChecksAnswer answer;
    answer.outcome = vchasno::ListingOutcome::kRead;
    const bool in_first = request.body.starts_with("1/");
    for (const HandRegister::Made& one : made_by.receipts) {
      if ((one.time < *shifts.back().closed) != in_first) continue;
      answer.page.rows.push_back({.fiscal_number = one.fiscal_number, .tag = one.tag, .time = one.time});
    }
    answer.page.total = static_cast<int64_t>(answer.page.rows.size());
    if (!request.body.ends_with("/1")) answer.page.rows.clear();
    return answer;
  });
  engine.SetWallClock(absl::Hours(7));
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  made_by.instead = MadeAndUnheard;
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  made_by.instead = nullptr;
  engine.Pass(absl::Minutes(30), absl::Seconds(30), [&] { return engine.Get(id).doubt->parked; });
  ASSERT_TRUE(engine.Get(id).doubt->parked);

  engine.SetWallClock(-absl::Hours(7));
  const absl::Time opened = made_by.shift_opened;
  made_by.CloseShift();
  const absl::Time closed = made_by.right_time();
  engine.Pass(absl::Minutes(1));
  made_by.OpenShift();
  ASSERT_EQ(engine.Fiscalize(engine.Sale("later"))->state, State::kFiscalized);
  shifts = {{.id = "2", .opened = made_by.shift_opened}, {.id = "1", .opened = opened, .closed = closed}};
  engine.Pass(absl::Hours(10));
  EXPECT_EQ(engine.Get(id).state, State::kFiscalized);
  EXPECT_EQ(made_by.receipts.size(), 3);
}

}  // namespace
}  // namespace kasa::engine
