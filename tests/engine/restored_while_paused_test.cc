#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// A store that was backed up while it was paused, and put in a store's place later: what was adopted then was
// adopted for the original, which has gone on since (architecture.md, rule 11).
namespace kasa::engine {
namespace {

using domain::State;
using domain::TagMemory;
using testing::ElementsAre;
using testing::IsEmpty;

// Registers that remember nothing, so that whatever is sent twice is made twice.
EngineOnSimulator::Options TwoForgetfulRegisters() {
  simulator::Switches forgetful;
  forgetful.tag_memory = simulator::TagMemory::kNone;
  return {.switches = forgetful, .tag_memory = TagMemory::kUnproven, .registers = 2};
}

TEST(RestoredWhilePaused, TheRegistersThatWereAdoptedThenArePausedAnew) {
  EngineOnSimulator gateway(TwoForgetfulRegisters());
  gateway.LoseStore(/*noticed=*/true);
  gateway.Adopt({EngineOnSimulator::Fisid(1)});
  ASSERT_TRUE(gateway.store().ReadPause()->paused);
  gateway.KeepStore();
  // A mere restart of the same store goes on as it was.
  ASSERT_THAT(gateway.store().ReadPause()->adopted, ElementsAre(EngineOnSimulator::Fisid(1)));
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);

  gateway.PutStoreBack(/*noticed=*/true);
  EXPECT_TRUE(gateway.store().ReadPause()->paused);
  EXPECT_THAT(gateway.store().ReadPause()->adopted, IsEmpty());
  const auto again = gateway.Fiscalize(gateway.Sale("so-1"), absl::Milliseconds(300));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(again->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

TEST(RestoredWhilePaused, WhatWaitedThenMayHaveBeenSentSince) {
  EngineOnSimulator gateway(TwoForgetfulRegisters());
  gateway.LoseStore(/*noticed=*/true);
  const auto waits = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(waits.ok()) << waits.status();
  const std::string id = waits->fiscalization->id;
  gateway.KeepStore();
  ASSERT_EQ(gateway.Get(id)->state, State::kAccepted) << "a mere restart";
  gateway.Adopt();
  const auto made = gateway.Get(id, absl::Seconds(30));
  ASSERT_EQ(made->state, State::kFiscalized);

  gateway.PutStoreBack(/*noticed=*/true);
  EXPECT_EQ(gateway.Get(id)->state, State::kInDoubt);
  gateway.Adopt();
  const auto settled = gateway.Get(id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(settled->receipt->fiscal_number, made->receipt->fiscal_number);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

}  // namespace
}  // namespace kasa::engine
