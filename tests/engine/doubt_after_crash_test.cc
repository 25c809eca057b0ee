#include <string>

#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// What can be done about a doubt that outlived the process that met it.
namespace kasa::engine {
namespace {

using domain::State;

// The register's res_action 1 or 2 waives the hold time for sending again, and nothing else: after a start it
// has to be counted all the same, or an operator would be told to wait for ever.
TEST(OperatorsWordAfterACrash, IsTakenAboutWhatTheRegisterAskedForAgain) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kUnproven});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  simulator::Fault fault{.kind = simulator::FaultKind::kRefusal, .committed = false};
  fault.task = 1;
  fault.res = 1034;
  fault.res_action = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(fault).ok());
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

}  // namespace
}  // namespace kasa::engine
