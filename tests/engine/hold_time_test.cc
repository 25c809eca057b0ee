#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// From when on an operator's word on a doubt is taken: the hold time after its last send, wherever it stands
// in its lane (architecture.md, rule 3).
namespace kasa::engine {
namespace {

using domain::SendEnding;
using domain::State;

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 10, 0, 0), absl::UTCTimeZone());
constexpr absl::Duration kJustOverTheHoldTime = absl::Seconds(121);

ResolveRequest GivenUp(const std::string& id) {
  return {.fiscalization_id = id,
          .outcome = domain::ResolutionOutcome::kAbsentGiveUp,
          .principal = "olena",
          .note = "not in the account",
          .accept_unverified = true};
}

class HoldTime : public testing::Test {
 protected:
  // What waits when the store is put back is in doubt all at once, and none of it was sent by this process.
  std::vector<std::string> ThreeDoubtsOfAStoreThatWasPutBack() {
    engine_.cash_register.instead = [](const std::string&, const std::function<void()>&) {
      return Refused(SendEnding::kRefusedRegister, Reason::kNoBalance, 1123);
    };
    std::vector<std::string> ids;
    for (const char* name : {"a", "b", "c"}) ids.push_back(engine_.Fiscalize(engine_.Sale(name))->id);
    engine_.store().Pause([](const absl::StatusOr<bool>& paused) { EXPECT_TRUE(paused.ok()); });
    engine_.Settle();
    engine_.cash_register.instead = nullptr;
    engine_.CrashAndStart();
    for (const std::string& id : ids) EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
    return ids;
  }

  void Adopt() {
    engine_.engine().AdoptStore(
        {.principal = "olena", .note = "the original"}, [] { return false; },
        [](const absl::StatusOr<AdoptionOutcome>& adopted) {
          EXPECT_TRUE(adopted.ok()) << adopted.status();
        });
    engine_.Settle();
  }

  EngineByHand engine_{{.now = kNoon, .tag_memory = domain::TagMemory::kUnproven}};
};

TEST_F(HoldTime, IsOverAtOnceForAllThatThisProcessDidNotSend) {
  const std::vector<std::string> ids = ThreeDoubtsOfAStoreThatWasPutBack();
  Adopt();
  EXPECT_EQ(ReasonOf(engine_.Resolve(GivenUp(ids[2])).status()), Reason::kHoldTimeNotOver);
  engine_.Pass(kJustOverTheHoldTime);
  ASSERT_EQ(engine_.Get(ids[0]).state, State::kInDoubt) << "it holds the lane";
  // The last before the others: it need not be the head for that.
  for (const std::string& id : {ids[2], ids[1], ids[0]}) {
    const auto resolved = engine_.Resolve(GivenUp(id));
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    EXPECT_EQ(resolved->state, State::kFailed);
  }
}

// The original of a copy may have sent until the copy was adopted.
TEST_F(HoldTime, BeginsWithTheAdoptionOfACopy) {
  const std::vector<std::string> ids = ThreeDoubtsOfAStoreThatWasPutBack();
  engine_.Pass(absl::Hours(1));
  Adopt();
  EXPECT_EQ(ReasonOf(engine_.Resolve(GivenUp(ids[0])).status()), Reason::kHoldTimeNotOver);
  EXPECT_EQ(ReasonOf(engine_.Resolve(GivenUp(ids[2])).status()), Reason::kHoldTimeNotOver);
  engine_.Pass(kJustOverTheHoldTime);
  EXPECT_TRUE(engine_.Resolve(GivenUp(ids[2])).ok());
  EXPECT_TRUE(engine_.Resolve(GivenUp(ids[0])).ok());
}

TEST_F(HoldTime, IsCountedFromItsLastSendForWhatThisProcessSent) {
  ASSERT_EQ(engine_.Fiscalize(engine_.Sale("first"))->state, State::kFiscalized);
  engine_.Pass(absl::Minutes(30));
  engine_.cash_register.instead = MadeAndUnheard;
  const std::string id = engine_.Fiscalize(engine_.Sale("doubted"))->id;
  ASSERT_EQ(engine_.Get(id).state, State::kInDoubt);
  engine_.Pass(absl::Seconds(119), absl::Seconds(1));
  const auto refused = engine_.Resolve(GivenUp(id));
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kHoldTimeNotOver) << refused.status();
  engine_.Pass(absl::Seconds(2), absl::Seconds(1));
  const auto resolved = engine_.Resolve(GivenUp(id));
  EXPECT_TRUE(resolved.ok()) << resolved.status();
}

}  // namespace
}  // namespace kasa::engine
