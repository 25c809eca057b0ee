#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// A question outside of any document that left and was not answered: the register may be at work on it still,
// and has one request in flight at a time (architecture.md, rule 4).
namespace kasa::engine {
namespace {

using domain::SendEnding;
using domain::State;

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 10, 0, 0), absl::UTCTimeZone());

std::optional<vchasno::StatusAnswer> Silence(bool left) {
  vchasno::StatusAnswer silence;
  silence.wire.may_be_at_work = left;
  return silence;
}

// The register may be at work on it still, and has one request in flight at a time.
TEST(StatusWithoutAnAnswer, IsFollowedByNothingBeforeTheHoldTimeIsOver) {
  for (const bool left : {false, true}) {
    EngineByHand engine({.now = kNoon});
    engine.cash_register.instead_of_status = [left] { return Silence(left); };
    const std::string id = engine.Fiscalize(engine.Sale("waits"))->id;
    EXPECT_EQ(engine.cash_register.statuses, 1);
    engine.cash_register.instead_of_status = nullptr;
    engine.Pass(absl::Seconds(110), absl::Seconds(1));
    EXPECT_EQ(engine.Get(id).state, left ? State::kAccepted : State::kFiscalized);
    EXPECT_EQ(engine.cash_register.statuses == 1, left);
    engine.Pass(absl::Seconds(20), absl::Seconds(1));
    EXPECT_EQ(engine.Get(id).state, State::kFiscalized);
  }
}

// Nor where somebody else asked for it.
TEST(StatusWithoutAnAnswer, ForWhichAnOperatorAskedIsFollowedByNothingEither) {
  for (const bool left : {false, true}) {
    EngineByHand engine({.now = kNoon});
    ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
    engine.cash_register.instead_of_status = [left] { return Silence(left); };
    engine.engine().integrations().CheckConnection("shop-1", [](const absl::StatusOr<ConnectionReport>&) {});
    engine.Settle();
    engine.cash_register.instead_of_status = nullptr;
    const std::string id = engine.Fiscalize(engine.Sale("waits"))->id;
    engine.Pass(absl::Seconds(110), absl::Seconds(1));
    EXPECT_EQ(engine.Get(id).state, left ? State::kAccepted : State::kFiscalized);
    engine.Pass(absl::Seconds(20), absl::Seconds(1));
    EXPECT_EQ(engine.Get(id).state, State::kFiscalized);
  }
}

// The first of two readings told a clock that is off.
TEST(StatusWithoutAnAnswer, ThatWasToConfirmAClockIsFollowedByNothingEither) {
  EngineByHand engine({.now = kNoon});
  engine.cash_register.clock_ahead = absl::Hours(1);
  engine.cash_register.instead_of_status = [&engine]() -> std::optional<vchasno::StatusAnswer> {
    if (engine.cash_register.statuses < 2) return std::nullopt;
    return Silence(/*left=*/true);
  };
  const std::string id = engine.Fiscalize(engine.Sale("waits"))->id;
  EXPECT_EQ(engine.cash_register.statuses, 2);
  engine.cash_register.instead_of_status = nullptr;
  engine.cash_register.clock_ahead = absl::ZeroDuration();
  engine.Pass(absl::Seconds(110), absl::Seconds(1));
  EXPECT_EQ(engine.Get(id).state, State::kAccepted);
  EXPECT_EQ(engine.cash_register.statuses, 2);
  EXPECT_TRUE(engine.cash_register.receipts.empty());
  engine.Pass(absl::Seconds(20), absl::Seconds(1));
  EXPECT_EQ(engine.Get(id).state, State::kFiscalized);
}

// A word for a closed shift that one client alone gives.
TEST(StatusWithoutAnAnswer, ThatWasToConfirmAClosedShiftIsFollowedByNothingEither) {
  EngineByHand engine({.now = kNoon});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.cash_register.instead = [](const std::string&, const std::function<void()>&) {
    vchasno::ExecuteAnswer answer = Refused(SendEnding::kShiftClosed, Reason::kShiftClosed, 2007, 3);
    answer.confirm_by_status = true;
    return answer;
  };
  engine.cash_register.instead_of_status = [] { return Silence(/*left=*/true); };
  const std::string id = engine.Fiscalize(engine.Sale("waits"))->id;
  const int statuses = engine.cash_register.statuses;
  engine.cash_register.instead = nullptr;
  engine.cash_register.instead_of_status = nullptr;
  engine.Pass(absl::Seconds(110), absl::Seconds(1));
  EXPECT_EQ(engine.cash_register.statuses, statuses);
  EXPECT_EQ(engine.Get(id).state, State::kAccepted);
  engine.Pass(absl::Seconds(20), absl::Seconds(1));
  EXPECT_EQ(engine.Get(id).state, State::kFiscalized);
}

TEST(StatusWithoutAnAnswer, KeepsOthersOffTheWireToo) {
  EngineByHand engine({.now = kNoon});
  engine.cash_register.instead_of_status = [] { return Silence(/*left=*/true); };
  ASSERT_TRUE(engine.Fiscalize(engine.Sale("waits")).ok());
  engine.Pass(absl::Seconds(60), absl::Seconds(1));
  std::optional<ConnectionReport> report;
  const auto check = [&] {
    engine.engine().integrations().CheckConnection(
        "shop-1", [&](const absl::StatusOr<ConnectionReport>& checked) { report = *checked; });
    engine.Settle();
    return report->outcome;
  };
  EXPECT_EQ(check(), ConnectionOutcome::kBusy);
  EXPECT_EQ(engine.cash_register.statuses, 1);
  engine.cash_register.instead_of_status = nullptr;
  engine.Pass(absl::Seconds(70), absl::Seconds(1));
  EXPECT_EQ(check(), ConnectionOutcome::kOk);
}

TEST(StatusWithoutAnAnswer, ToANewTokenKeepsOthersOffTheWireToo) {
  EngineByHand engine({.now = kNoon});
  engine.cash_register.instead_of_status = [] { return Silence(/*left=*/true); };
  bool set = false;
  engine.engine().integrations().SetToken(
      {.integration_id = "shop-1", .token = Secret("token-2")},
      [&](const absl::StatusOr<IntegrationOutcome>& outcome) { set = outcome.ok(); });
  engine.Settle();
  ASSERT_TRUE(set);
  ASSERT_EQ(engine.cash_register.statuses, 1);
  std::optional<ConnectionReport> report;
  engine.Pass(absl::Seconds(60), absl::Seconds(1));
  engine.engine().integrations().CheckConnection(
      "shop-1", [&](const absl::StatusOr<ConnectionReport>& checked) { report = *checked; });
  engine.Settle();
  EXPECT_EQ(report->outcome, ConnectionOutcome::kBusy);
  EXPECT_EQ(engine.cash_register.statuses, 1);
}

}  // namespace
}  // namespace kasa::engine
