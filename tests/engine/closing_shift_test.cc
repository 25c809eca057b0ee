#include <functional>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// A shift that is closed while a sale is in doubt: under SAME_SHIFT, what remembers its tag is gone then.
namespace kasa::engine {
namespace {

using domain::State;

// The receipt is made, once, and the register asks for the same request again, each time.
auto MadeAndAskedForAgain() {
  return [made = false](const std::string&, const std::function<void()>& make) mutable {
    if (!std::exchange(made, true)) make();
    return Refused(domain::SendEnding::kDoubtSameTagNext, Reason::kRegisterBusy, 1105, 2);
  };
}

TEST(ClosingShift, BehindASaleInDoubtIsNotFollowedByASecondReceipt) {
  EngineByHand engine({.now = Kyiv(24, 21, 0)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  // Made, unheard of, and then the shift is closed: what remembers the tag is gone.
  engine.cash_register.instead = MadeAndUnheard;
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.cash_register.instead = nullptr;
  engine.Pass(absl::Seconds(30));
  engine.cash_register.CloseShift();
  engine.cash_register.OpenShift();
  engine.Pass(absl::Minutes(30));
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine.Get(id).failure->reason, Reason::kTagMemoryUnproven);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

// The register may get to it late, in the next shift, which does not remember its tag.
TEST(ClosingShift, IsNotMetByASaleThatIsSentAgainJustBefore) {
  EngineByHand engine({.now = Kyiv(24, 23, 40)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.cash_register.instead = MadeAndUnheard;
  engine.Pass(absl::Minutes(9));
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  EXPECT_EQ(engine.Get(id).attempts, 1);
  engine.Pass(absl::Minutes(10));
  EXPECT_EQ(engine.Get(id).attempts, 1);
  EXPECT_EQ(engine.Get(id).failure->reason, Reason::kTagMemoryUnproven);
  // Nobody closed it.
  engine.cash_register.instead = nullptr;
  EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

// Somebody sets the gateway's clock, and the register does not tell its own.
TEST(ClosingShift, IsNotMetByASaleThatIsSentAgainByAClockThatWasSet) {
  EngineByHand engine({.now = Kyiv(24, 23, 30)});
  engine.cash_register.tells_clock = false;
  ASSERT_EQ(engine.Fiscalize(engine.AutomationSale("first"))->state, State::kFiscalized);
  engine.cash_register.instead = MadeAndUnheard;
  engine.SetWallClock(absl::Hours(3));
  engine.Pass(absl::Minutes(19));
  const std::string id = engine.Fiscalize(engine.AutomationSale("doubted"))->id;
  EXPECT_EQ(engine.Get(id).attempts, 1);
  engine.Pass(absl::Minutes(9));
  EXPECT_EQ(engine.Get(id).attempts, 1);
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
}

// It was set back by then, so that the evening seems early: the status that was read before is of no age.
TEST(ClosingShift, IsNotMetByWhatTheRegisterAskedForAgainBeforeAClockWasSet) {
  EngineByHand engine({.now = Kyiv(24, 23, 30)});
  engine.cash_register.tells_clock = engine.cash_register.tells_opening = false;
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.cash_register.instead = [](const std::string&, const std::function<void()>&) {
    return Refused(domain::SendEnding::kDoubtSameTagNext, Reason::kRegisterBusy, 1105, 2);
  };
  engine.Pass(absl::Minutes(19));
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.Pass(absl::Minutes(3));
  const int attempts = engine.Get(id).attempts;
  EXPECT_GE(attempts, 2);
  engine.SetWallClock(-absl::Hours(2));
  engine.CrashAndStart();
  engine.Pass(absl::Minutes(6));
  EXPECT_EQ(engine.Get(id).attempts, attempts);
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
}

// It was set ahead before the status that is known was read. The process that saw it set is gone, and the
// register does not tell its own clock: that its quiet window has come since, nobody knows any more.
TEST(ClosingShift, IsNotMetByWhatTheRegisterAskedForAgainByAClockThatWasSetBeforeAStart) {
  EngineByHand engine({.now = Kyiv(24, 21, 30)});
  engine.cash_register.tells_clock = false;
  engine.Change([](store::IntegrationRecord& record) {
    record.integration.quiet_window = domain::QuietWindow{22 * 60, 22 * 60 + 20};
  });
  engine.SetWallClock(absl::Hours(10));
  ASSERT_EQ(engine.Fiscalize(engine.AutomationSale("first"))->state, State::kFiscalized);
  engine.cash_register.instead = MadeAndAskedForAgain();
  const std::string id = engine.Fiscalize(engine.AutomationSale("doubted"))->id;
  engine.Pass(absl::Minutes(35));
  engine.cash_register.CloseShift();
  engine.cash_register.OpenShift();
  engine.Pass(absl::Minutes(25));
  const int attempts = engine.Get(id).attempts;
  engine.cash_register.instead = nullptr;
  engine.CrashAndStart();
  engine.Pass(absl::Minutes(6));
  EXPECT_EQ(engine.Get(id).attempts, attempts);
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

// Looking took so long that the shift, which was open before it, has been closed meanwhile.
TEST(ClosingShift, IsNotMetByASaleThatIsSentAgainAfterALongLook) {
  EngineByHand engine({.now = Kyiv(24, 21, 50)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.Change([](store::IntegrationRecord& record) {
    record.integration.quiet_window = domain::QuietWindow{22 * 60, 22 * 60 + 20};
  });
  engine.Pass(absl::Minutes(5));
  engine.cash_register.instead = MadeAndUnheard;
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.cash_register.instead = nullptr;
  bool looked = false;
  engine.client.OnShifts([&](const FakeClient::Request&) {
    if (!std::exchange(looked, true)) {
      engine.clock.Advance(absl::Minutes(4));
      engine.cash_register.CloseShift();
      engine.cash_register.OpenShift();
    }
    vchasno::ShiftsAnswer unlisted;
    unlisted.page.gap = "no whole answer came";
    return unlisted;
  });
  engine.Pass(absl::Minutes(30));
  EXPECT_TRUE(looked);
  EXPECT_EQ(engine.Get(id).attempts, 1);
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

TEST(ClosingShift, IsNotMetByASaleThatIsSentAgainJustBeforeTheQuietWindow) {
  EngineByHand engine({.now = Kyiv(24, 20, 0)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.Change([](store::IntegrationRecord& record) {
    record.integration.quiet_window = domain::QuietWindow{20 * 60 + 3, 20 * 60 + 20};
  });
  engine.cash_register.instead = MadeAndUnheard;
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.Pass(absl::Minutes(19));
  EXPECT_EQ(engine.Get(id).attempts, 1);
  engine.cash_register.instead = nullptr;
  EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

// The same for what the register asked for again, which no status may come before.
TEST(ClosingShift, InTheQuietWindowIsNotFollowedByWhatTheRegisterAskedForAgainBefore) {
  for (const bool crash : {false, true}) {
    EngineByHand engine({.now = Kyiv(24, 20, 54)});
    ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
    engine.Change([](store::IntegrationRecord& record) {
      record.integration.quiet_window = domain::QuietWindow{21 * 60, 21 * 60 + 30};
    });
    engine.cash_register.instead = MadeAndAskedForAgain();
    engine.Pass(absl::Minutes(2));
    const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
    engine.Pass(Kyiv(24, 20, 59) - engine.clock.Now());
    ASSERT_EQ(engine.Get(id).state, State::kInDoubt);
    if (crash) engine.CrashAndStart();
    engine.Pass(Kyiv(24, 21, 10) - engine.clock.Now());
    engine.cash_register.CloseShift();
    engine.cash_register.OpenShift();
    engine.cash_register.instead = nullptr;
    engine.Pass(absl::Minutes(60));
    EXPECT_EQ(engine.cash_register.receipts.size(), 2) << "a receipt was made twice";
    EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
  }
}

// Somebody had set the gateway's clock back: by it, the window is still to come when it is over.
TEST(ClosingShift, InTheQuietWindowIsSeenByAClockThatWasSetBackToo) {
  EngineByHand engine({.now = Kyiv(24, 20, 50)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.Change([](store::IntegrationRecord& record) {
    record.integration.quiet_window = domain::QuietWindow{21 * 60, 21 * 60 + 10};
  });
  engine.SetWallClock(-absl::Minutes(25));
  engine.engine().integrations().CheckConnection("shop-1", [](const absl::StatusOr<ConnectionReport>&) {});
  engine.Settle();
  engine.cash_register.instead = MadeAndAskedForAgain();
  engine.Pass(absl::Minutes(1));
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.Pass(absl::Minutes(14));
  engine.cash_register.CloseShift();
  engine.cash_register.OpenShift();
  engine.Pass(absl::Minutes(7));
  engine.cash_register.instead = nullptr;
  engine.Pass(absl::Minutes(8));
  EXPECT_EQ(engine.cash_register.receipts.size(), 2) << "a receipt was made twice";
  EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
}

// A status may take a minute to be answered, and tells of the shift at some moment of it.
TEST(ClosingShift, IsNotMetByASaleThatIsSentAgainOnASlowStatus) {
  EngineByHand engine({.now = Kyiv(24, 12, 0)});
  ASSERT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
  engine.cash_register.instead = MadeAndUnheard;
  const std::string id = engine.Fiscalize(engine.Sale("doubted"))->id;
  engine.cash_register.instead = nullptr;
  engine.client.OnShifts([](const FakeClient::Request&) {
    vchasno::ShiftsAnswer unlisted;
    unlisted.page.gap = "no whole answer came";
    return unlisted;
  });
  bool closed = false;
  engine.cash_register.instead_of_status = [&]() -> std::optional<vchasno::StatusAnswer> {
    if (std::exchange(closed, true)) return std::nullopt;
    vchasno::StatusAnswer before = engine.cash_register.Status();
    engine.clock.Advance(absl::Seconds(40));
    engine.cash_register.CloseShift();
    engine.cash_register.OpenShift();
    return before;
  };
  engine.Pass(absl::Minutes(30));
  EXPECT_TRUE(closed);
  EXPECT_EQ(engine.Get(id).attempts, 1);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

}  // namespace
}  // namespace kasa::engine
