#include "server/store/store_pause.h"

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/store/fixture.h"

namespace kasa::store {
namespace {

using domain::State;
using testing::ElementsAre;
using testing::IsEmpty;

class StorePauseTest : public StoreTest {
 protected:
  void PauseIt() {
    ASSERT_TRUE(Await<bool>([&](Callback<bool> done) { store().Pause(std::move(done)); }).ok());
  }
  absl::StatusOr<Adopted> TryToAdopt(std::vector<std::string> registers) {
    return Await<Adopted>([&](Callback<Adopted> done) {
      store().Adopt({.registers = std::move(registers), .principal = "Olena", .note = "looked"},
                    std::move(done));
    });
  }
  std::vector<std::string> Adopt(std::vector<std::string> registers) {
    return TryToAdopt(std::move(registers)).value().go_on;
  }
};

TEST_F(StorePauseTest, AStoreIsNotPausedByItself) {
  EXPECT_FALSE(store().ReadPause()->paused);
  EXPECT_THAT(Adopt({}), IsEmpty());
  EXPECT_EQ(store().Identity()->epoch, 1);
}

TEST_F(StorePauseTest, IdentityTellsWhichStoreItIsAndHowFarItHasCome) {
  const StoreIdentity before = *store().Identity();
  EXPECT_FALSE(before.is_empty);
  AcceptSale("SO-1");
  Reopen();
  const StoreIdentity after = *store().Identity();
  EXPECT_EQ(after.instance_id, before.instance_id);
  EXPECT_GT(after.last_change, before.last_change);
}

TEST_F(StorePauseTest, WhatWaitedMayHaveBeenSentSoItIsInDoubt) {
  const std::string waiting = AcceptSale("SO-1").id;
  const std::string done = FiscalizedSale("SO-2", "F-2").id;
  PauseIt();
  const auto now = store().GetFiscalization(waiting);
  EXPECT_EQ(now->state, State::kInDoubt);
  EXPECT_EQ(now->failure->reason, Reason::kStoreCopied);
  EXPECT_EQ(store().GetFiscalization(done)->state, State::kFiscalized);
  // Sent again, if at all, with the bytes and the tag that it had, and as a repeated send.
  const auto mark = Mark(waiting);
  ASSERT_TRUE(mark.ok()) << mark.status();
  EXPECT_EQ(mark->order, domain::SendOrder::kRepeated);
  EXPECT_EQ(mark->first_unexplained_send, now->create_time);
}

// The register has gone on without this store, so that it has to be asked its status before anything is sent.
TEST_F(StorePauseTest, WhatRegistersAskedForAgainIsForgotten) {
  ASSERT_TRUE(SettleOpening(Ended(*MarkOpening(), domain::SendEnding::kDoubtSameTagNext)).ok());
  ASSERT_TRUE(store().sends().LastShiftOpening(kRegisterOne)->bound);
  const std::string asked_for = AcceptSale("SO-1").id;
  ASSERT_TRUE(Settle(Ended(*Mark(asked_for), domain::SendEnding::kDoubtSameTagNext)).ok());
  ASSERT_TRUE((*store().HeadOfLane(kRegisterOne))->bound_to_tag);
  PauseIt();
  const LaneHead head = **store().HeadOfLane(kRegisterOne);
  EXPECT_EQ(head.fiscalization.state, State::kInDoubt);
  EXPECT_FALSE(head.bound_to_tag);
  EXPECT_EQ(head.last_ending, std::nullopt);
  EXPECT_FALSE(store().sends().LastShiftOpening(kRegisterOne)->bound);
}

TEST_F(StorePauseTest, ThePauseOutlivesARestart) {
  PauseIt();
  Reopen();
  EXPECT_TRUE(store().ReadPause()->paused);
}

TEST_F(StorePauseTest, RegistersAreAdoptedOneByOneAndTheLastEndsThePause) {
  PauseIt();
  EXPECT_THAT(Adopt({kRegisterOne}), ElementsAre(kRegisterOne));
  EXPECT_TRUE(store().ReadPause()->paused);
  EXPECT_THAT(store().ReadPause()->adopted, ElementsAre(kRegisterOne));
  EXPECT_THAT(Adopt({kRegisterOne}), IsEmpty());
  EXPECT_TRUE(store().Identity()->paused);
  EXPECT_THAT(Adopt({kRegisterTwo}), ElementsAre(kRegisterTwo));
  EXPECT_FALSE(store().ReadPause()->paused);
  EXPECT_FALSE(store().Identity()->paused);
}

// A number that is mistyped, which an integration may come to have later.
TEST_F(StorePauseTest, ARegisterThatTheStoreDoesNotHaveIsNotAdopted) {
  PauseIt();
  const std::string mistyped = "4000000099";
  const absl::Status refused = TryToAdopt({kRegisterOne, mistyped}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kNotFound) << refused;
  EXPECT_EQ(ReasonOf(refused), Reason::kIntegrationNotFound);
  EXPECT_THAT(refused.message(), testing::HasSubstr(mistyped));
  EXPECT_THAT(refused.message(), testing::HasSubstr(absl::StrCat(kRegisterOne, ", ", kRegisterTwo)));
  EXPECT_EQ(store().CheckAdoption({.registers = {mistyped}}).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(store().ReadPause()->adopted, IsEmpty()) << "not the other one either";
  EXPECT_THAT(Adopt({kRegisterOne}), ElementsAre(kRegisterOne));
  EXPECT_THAT(Adopt({kRegisterOne}), IsEmpty()) << "adopted already, which is no mistake";
}

TEST_F(StorePauseTest, AnAdoptionTellsThePauseThatItLeaves) {
  PauseIt();
  const StorePause partly = TryToAdopt({kRegisterOne})->pause;
  EXPECT_TRUE(partly.paused);
  EXPECT_THAT(partly.adopted, ElementsAre(kRegisterOne));
  const StorePause over = TryToAdopt({})->pause;
  EXPECT_FALSE(over.paused);
  EXPECT_THAT(over.adopted, IsEmpty());
}

// Copies of one store that are paused apart, as at two restores of one backup, must not take each other's
// marks and cursors for their own.
TEST_F(StorePauseTest, EachPauseBeginsAnEpochOfItsOwn) {
  PauseIt();
  const int64_t first = store().Identity()->epoch;
  EXPECT_EQ(first, absl::ToUnixMicros(clock_.Now())) << "the time, which no other copy was paused at";
  PauseIt();
  const int64_t second = store().Identity()->epoch;
  EXPECT_GT(second, first) << "even while the clock stands still";
  clock_.Advance(absl::Hours(-1));
  PauseIt();
  EXPECT_GT(store().Identity()->epoch, second) << "even where the clock was set back";
  clock_.Advance(absl::Hours(2));
  PauseIt();
  const int64_t last = store().Identity()->epoch;
  EXPECT_EQ(last, absl::ToUnixMicros(clock_.Now()));
  Adopt({});
  EXPECT_EQ(store().Identity()->epoch, last) << "the history goes on that the pause began";
}

TEST_F(StorePauseTest, AStoreThatWasPausedAndPartlyAdoptedIsPausedAnew) {
  PauseIt();
  ASSERT_THAT(Adopt({kRegisterOne}), ElementsAre(kRegisterOne));
  const std::string waiting = AcceptSale("SO-1").id;
  PauseIt();
  EXPECT_TRUE(store().ReadPause()->paused);
  EXPECT_THAT(store().ReadPause()->adopted, IsEmpty());
  EXPECT_EQ(store().GetFiscalization(waiting)->state, State::kInDoubt);
}

TEST_F(StorePauseTest, AllAtOnce) {
  PauseIt();
  EXPECT_THAT(Adopt({}), ElementsAre(kRegisterOne, kRegisterTwo));
  EXPECT_FALSE(store().ReadPause()->paused);
}

}  // namespace
}  // namespace kasa::store
