#include <algorithm>
#include <string>

#include "gtest/gtest.h"
#include "server/engine/attention_desk.h"
#include "tests/engine/engine_by_hand.h"

// A register that has nothing to do is asked for its shift once that would be too old (product.md, point 15).
namespace kasa::engine {
namespace {

using domain::State;

class IdleRegister : public testing::Test {
 protected:
  // A sale at nine in the morning in Kyiv opens the shift; then nothing is sent any more.
  IdleRegister() {
    EXPECT_EQ(engine_.Fiscalize(engine_.Sale("first"))->state, State::kFiscalized);
    statuses_ = engine_.cash_register.statuses;
  }

  void Pass(absl::Duration time) { engine_.Pass(time, absl::Minutes(10)); }
  int Asked() const { return engine_.cash_register.statuses - statuses_; }
  bool ShiftIsTooLong() {
    const auto matters = CollectAttention(engine_.store(), engine_.engine(), engine_.kyiv(),
                                          engine_.clock.Now(), domain::AttentionRules());
    EXPECT_TRUE(matters.ok()) << matters.status();
    return std::any_of(matters->begin(), matters->end(), [](const domain::Attention& one) {
      return one.code == domain::AttentionCode::kShiftTooLong;
    });
  }

  EngineByHand engine_{
      {.now = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 7, 0, 0), absl::UTCTimeZone())}};
  int statuses_ = 0;
};

TEST_F(IdleRegister, IsAskedAt23HoursAndThenEachHourWhileItsShiftStaysOpen) {
  Pass(absl::Hours(22) + absl::Minutes(50));
  EXPECT_EQ(Asked(), 0);
  EXPECT_FALSE(ShiftIsTooLong());
  Pass(absl::Minutes(30));
  EXPECT_EQ(Asked(), 1);
  EXPECT_TRUE(ShiftIsTooLong());
  Pass(absl::Hours(3));
  EXPECT_GE(Asked(), 3);
  EXPECT_LE(Asked(), 4);
  // Somebody closes it: the next question shows that, and is the last.
  engine_.cash_register.CloseShift();
  Pass(absl::Hours(2));
  EXPECT_FALSE(ShiftIsTooLong());
  const int asked = Asked();
  Pass(absl::Hours(24));
  EXPECT_EQ(Asked(), asked);
}

TEST_F(IdleRegister, WhoseShiftWasClosedByItselfIsNoMatter) {
  Pass(absl::Hours(15));
  engine_.cash_register.CloseShift();
  Pass(absl::Hours(9));
  EXPECT_EQ(Asked(), 1);
  EXPECT_FALSE(ShiftIsTooLong());
}

TEST_F(IdleRegister, IsAskedAfterARestartToo) {
  Pass(absl::Hours(20));
  engine_.CrashAndStart();
  Pass(absl::Hours(2));
  EXPECT_EQ(Asked(), 0);
  Pass(absl::Hours(1) + absl::Minutes(20));
  EXPECT_EQ(Asked(), 1);
}

TEST_F(IdleRegister, IsNotAskedForAnInactiveIntegration) {
  engine_.Change([](store::IntegrationRecord& record) { record.integration.active = false; });
  Pass(absl::Hours(26));
  EXPECT_EQ(Asked(), 0);
}

TEST_F(IdleRegister, IsNotAskedInItsQuietWindow) {
  // From 23 hours of age on: eight in the morning.
  engine_.Change([](store::IntegrationRecord& record) {
    record.integration.quiet_window = domain::QuietWindow{7 * 60, 11 * 60};
  });
  Pass(absl::Hours(25) + absl::Minutes(50));
  EXPECT_EQ(Asked(), 0);
  Pass(absl::Minutes(30));
  EXPECT_EQ(Asked(), 1);
}

TEST_F(IdleRegister, ThatCanNotBeReachedIsAskedOnceAnHour) {
  Pass(absl::Hours(22));
  engine_.cash_register.instead_of_status = [] { return vchasno::StatusAnswer(); };
  Pass(absl::Hours(4));
  EXPECT_GE(Asked(), 3);
  EXPECT_LE(Asked(), 4);
}

}  // namespace
}  // namespace kasa::engine
