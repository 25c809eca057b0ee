#include <optional>
#include <string>
#include <vector>

#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// What the end of a pause waits for, and what is refused until then (architecture.md, rule 11).
namespace kasa::engine {
namespace {

using testing::ElementsAre;

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 10, 0, 0), absl::UTCTimeZone());
constexpr char kRegister[] = "4000000001";

class PausedStore : public testing::Test {
 protected:
  PausedStore() {
    engine_.store().Pause([](const absl::StatusOr<bool>& paused) { EXPECT_TRUE(paused.ok()); });
    engine_.Settle();
    engine_.CrashAndStart();
  }

  void Adopt(std::vector<std::string> registers = {}) {
    outcome_.reset();
    engine_.engine().AdoptStore(
        {.registers = std::move(registers), .principal = "olena", .note = "the original"},
        [this] { return caller_is_gone_; },
        [this](absl::StatusOr<AdoptionOutcome> outcome) { outcome_ = std::move(outcome); });
    engine_.Settle();
  }

  EngineByHand engine_{{.now = kNoon}};
  bool caller_is_gone_ = false;
  std::optional<absl::StatusOr<AdoptionOutcome>> outcome_;
};

// Nobody would read what it could not see (the gap) before documents go out again.
TEST_F(PausedStore, IsNotAdoptedWhereReadingTheListingsOutlastsTheCaller) {
  engine_.client.HoldAnswers();
  Adopt();
  ASSERT_FALSE(outcome_) << "the listings are being read";
  caller_is_gone_ = true;
  engine_.client.Release();
  engine_.Settle();
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status().code(), absl::StatusCode::kCancelled) << outcome_->status();
  EXPECT_TRUE(engine_.store().ReadPause()->paused);

  caller_is_gone_ = false;
  Adopt();
  ASSERT_TRUE(outcome_ && outcome_->ok());
  EXPECT_THAT((*outcome_)->go_on, ElementsAre(kRegister));
  EXPECT_FALSE(engine_.store().ReadPause()->paused);
  EXPECT_EQ(engine_.Fiscalize(engine_.Sale("goes out"))->state, domain::State::kFiscalized);
}

TEST_F(PausedStore, ReadsNoListingsForARegisterThatItDoesNotHave) {
  const size_t requests = engine_.client.requests().size();
  Adopt({kRegister, "4000000099"});
  ASSERT_TRUE(outcome_);
  EXPECT_EQ(outcome_->status().code(), absl::StatusCode::kNotFound) << outcome_->status();
  EXPECT_EQ(engine_.client.requests().size(), requests);
  EXPECT_TRUE(engine_.store().ReadPause()->paused);
}

// An X-report and its status are requests like any others.
TEST_F(PausedStore, ComparesNoTotalsWithTheRegister) {
  const size_t requests = engine_.client.requests().size();
  std::optional<absl::Status> refused;
  engine_.engine().receipts().GetTotals(
      {.integration_id = "shop-1", .compare_with_register = true},
      [&refused](const absl::StatusOr<TotalsOutcome>& outcome) { refused = outcome.status(); });
  engine_.Settle();
  ASSERT_TRUE(refused);
  EXPECT_EQ(ReasonOf(*refused), Reason::kStoreCopied) << *refused;
  EXPECT_EQ(engine_.client.requests().size(), requests);
}

}  // namespace
}  // namespace kasa::engine
