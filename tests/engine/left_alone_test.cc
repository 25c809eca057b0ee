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

// It asked for it again, and goes on asking: nothing stores that, so the lane is not given back for an hour.
TEST(ProofAskedForAgain, IsLetGoAfterAnHourAndSaysSo) {
  EngineByHand engine({.now = kNoon});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  std::string proof_tag;
  int asked = 0;
  engine.cash_register.instead = [&](const std::string& tag,
                                     const std::function<void()>&) -> std::optional<vchasno::ExecuteAnswer> {
    if (proof_tag.empty()) proof_tag = tag;
    if (tag != proof_tag) return std::nullopt;
    ++asked;
    // Every other answer is not heard.
    if (asked % 2 == 0) return Unheard();
    return Refused(SendEnding::kDoubtSameTagNext, Reason::kRegisterBusy, 1105, 2);
  };
  std::optional<absl::StatusOr<domain::TagMemoryProof>> proof;
  engine.engine().integrations().ProveTagMemory(
      {.integration_id = "shop-1"},
      [&](absl::StatusOr<domain::TagMemoryProof> found) { proof = std::move(found); });
  engine.Settle();
  const std::string id = engine.Fiscalize(engine.Sale("waits"))->id;
  engine.Pass(absl::Minutes(50));
  EXPECT_GT(asked, 5);
  EXPECT_EQ(engine.Get(id).attempts, 0);
  ASSERT_FALSE(proof);
  engine.Pass(absl::Minutes(15));
  ASSERT_TRUE(proof && proof->ok());
  EXPECT_EQ((*proof)->tag_memory, domain::TagMemory::kUnproven);
  ASSERT_FALSE((*proof)->findings.empty());
  EXPECT_NE((*proof)->findings.back().find("may wait for it still"), std::string::npos)
      << (*proof)->findings.back();
  EXPECT_EQ(engine.Get(id).state, State::kFiscalized);
}

}  // namespace
}  // namespace kasa::engine
