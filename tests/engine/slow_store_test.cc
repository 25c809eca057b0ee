#include <functional>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// What may become untrue while the store is asked: the hour, and who has the register's wire.
namespace kasa::engine {
namespace {

using domain::State;

class SlowStore : public testing::Test {
 protected:
  // Calls it after each commit, on the writer's thread, before anybody hears of it, while something is in
  // that state.
  void AfterCommits(State state, std::function<void()> then) {
    engine_.store().changes().SetListener([this, state, then = std::move(then)] {
      const auto page = engine_.store().ListFiscalizations({.states = {state}}, std::nullopt, 1);
      if (page.ok() && !page->fiscalizations.empty()) then();
    });
  }

  EngineByHand engine_{{.now = Kyiv(24, 23, 40)}};
};

TEST_F(SlowStore, ThatMarksASaleAfterMidnightDoesNotSendIt) {
  ASSERT_EQ(engine_.Fiscalize(engine_.Sale("first"))->state, State::kFiscalized);
  engine_.Pass(absl::Minutes(19));
  AfterCommits(State::kSending, [this] { engine_.clock.Advance(absl::Minutes(5)); });
  const auto late = engine_.Fiscalize(engine_.Sale("late"));
  ASSERT_TRUE(late.ok()) << late.status();
  engine_.store().changes().SetListener({});
  EXPECT_EQ(engine_.Get(late->id).state, State::kFailed);
  EXPECT_EQ(engine_.Get(late->id).failure->reason, Reason::kDocumentDatePassed);
  EXPECT_EQ(engine_.cash_register.receipts.size(), 1u);
}

TEST_F(SlowStore, ThatIsOnTimeAgainSendsWhatItMarkedTooLate) {
  AfterCommits(State::kSending, [this] { engine_.clock.Advance(absl::Seconds(30)); });
  const auto late = engine_.Fiscalize(engine_.AutomationSale("late"));
  ASSERT_TRUE(late.ok()) << late.status();
  engine_.store().changes().SetListener({});
  EXPECT_EQ(engine_.Get(late->id).failure->reason, Reason::kStoreUnavailable);
  EXPECT_TRUE(engine_.AwaitState(late->id, State::kFiscalized));
  EXPECT_EQ(engine_.cash_register.receipts.size(), 1u);
}

// Somebody asks the register while the lane fails what is of yesterday, and has its wire then.
TEST_F(SlowStore, AtMidnightLetsNobodyOnTheWireBesideTheLane) {
  engine_.cash_register.instead = [](const std::string&, const std::function<void()>&) {
    vchasno::ExecuteAnswer wait = Refused(domain::SendEnding::kThrottled, Reason::kRateLimited, 0);
    wait.retry_after = absl::Minutes(20);
    return wait;
  };
  ASSERT_TRUE(engine_.Fiscalize(engine_.Sale("of-yesterday")).ok());
  ASSERT_TRUE(engine_.Fiscalize(engine_.AutomationSale("of-any-day")).ok());
  engine_.cash_register.instead = nullptr;
  bool asked = false;
  AfterCommits(State::kFailed, [&] {
    if (std::exchange(asked, true)) return;
    engine_.client.HoldAnswers();
    engine_.engine().integrations().CheckConnection("shop-1", [](const absl::StatusOr<ConnectionReport>&) {});
  });
  engine_.Pass(absl::Minutes(21), absl::Minutes(1));
  EXPECT_TRUE(asked);
  engine_.store().changes().SetListener({});
  engine_.client.Release();
  engine_.Pass(absl::Minutes(10));
  EXPECT_EQ(engine_.client.most_in_flight(), 1);
}

}  // namespace
}  // namespace kasa::engine
