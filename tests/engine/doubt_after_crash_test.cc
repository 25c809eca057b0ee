#include <string>

#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// What can be done about a doubt that outlived the process that met it.
namespace kasa::engine {
namespace {

using domain::State;

constexpr int kOpenShiftTask = 0;

// The register's res_action 1 or 2 waives the hold time for sending again, and nothing else: after a start it
// has to be counted all the same, or an operator would be told to wait for ever.
TEST(OperatorsWordAfterACrash, IsTakenAboutWhatTheRegisterAskedForAgain) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kUnproven});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(1, 1034, 1)).ok());
  const auto doubted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(doubted.ok()) << doubted.status();
  const std::string id = doubted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->state == State::kInDoubt; }));
  gateway.CrashAndStart();

  absl::Status refused;
  const auto resolved = [&] {
    ResolveRequest request;
    request.fiscalization_id = id;
    request.outcome = domain::ResolutionOutcome::kAbsentGiveUp;
    request.note = "looked into the account";
    request.principal = "olena";
    request.accept_unverified = true;
    const auto outcome = gateway.Resolve(request);
    refused = outcome.status();
    return outcome.ok();
  };
  EXPECT_TRUE(gateway.AwaitThat(resolved)) << refused;
  EXPECT_EQ(gateway.Get(id)->state, State::kFailed);
}

TEST(ShiftOpeningAfterACrash, IsTheNextRequestWhereTheRegisterAskedForItAgain) {
  EngineOnSimulator gateway({});
  gateway.AskAgainForEvery(kOpenShiftTask);
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  ASSERT_TRUE(gateway.AwaitOpeningAskedForAgain());
  gateway.CrashAndStart();
  gateway.cloud().ClearFaults();
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  EXPECT_TRUE(gateway.cloud().Violations().empty()) << gateway.cloud().Violations().front().kind;
}

// The same where what waits is in doubt, and its shift was closed meanwhile.
TEST(ShiftOpeningAfterACrash, IsTheNextRequestAlsoWhereADoubtHoldsTheLane) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kForever});
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  simulator::Fault lost{.kind = simulator::FaultKind::kNoAnswerBeforeCommit};
  lost.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(lost).ok());
  gateway.AskAgainForEvery(kOpenShiftTask);
  const auto accepted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  const std::string id = accepted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->state == State::kInDoubt; }));
  ASSERT_TRUE(gateway.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); })
                  .ok());
  ASSERT_TRUE(gateway.AwaitOpeningAskedForAgain());
  gateway.CrashAndStart();
  gateway.cloud().ClearFaults();
  EXPECT_EQ(gateway.Get(id, absl::Seconds(30))->state, State::kFiscalized);
  EXPECT_TRUE(gateway.cloud().Violations().empty()) << gateway.cloud().Violations().front().kind;
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

}  // namespace
}  // namespace kasa::engine
