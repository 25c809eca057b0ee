#include <future>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// What was priced is what is sent (architecture.md, rule 9), whatever becomes of the mapping.
namespace kasa::engine {
namespace {

using domain::State;

void MapVatTo(EngineOnSimulator& gateway, int tax_group) {
  UpdateMappingCall call;
  call.integration_id = EngineOnSimulator::IntegrationId(1);
  call.change = [tax_group](domain::Mapping& mapping) { mapping.tax_groups = {{"vat20", tax_group}}; };
  std::promise<absl::Status> changed;
  gateway.engine().integrations().UpdateMapping(
      std::move(call),
      [&changed](absl::StatusOr<MappingOutcome> outcome) { changed.set_value(outcome.status()); });
  const absl::Status status = changed.get_future().get();
  ASSERT_TRUE(status.ok()) << status;
}

TEST(Replay, OfWhatWaitsSendsWhatWasPricedFirst) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "another-token").ok());
  const auto waiting = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(waiting.ok()) << waiting.status();
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kTokenRefused));
  MapVatTo(gateway, 4);
  const auto again = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->fiscalization->draft, waiting->fiscalization->draft);

  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "simulator-token-1").ok());
  const auto issued = gateway.Get(waiting->fiscalization->id, absl::Seconds(30));
  ASSERT_TRUE(issued.ok()) << issued.status();
  ASSERT_EQ(issued->state, State::kFiscalized);
  const auto receipts = gateway.Receipts();
  ASSERT_EQ(receipts.size(), 1);
  EXPECT_NE(receipts[0].body->find(R"("taxgrp":1)"), std::string::npos) << *receipts[0].body;
}

// The mapping of today is for what is new.
TEST(Replay, OfAnotherDocumentTakesTheMappingOfToday) {
  EngineOnSimulator gateway({});
  MapVatTo(gateway, 4);
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  EXPECT_NE(gateway.Receipts()[0].body->find(R"("taxgrp":4)"), std::string::npos);
}

}  // namespace
}  // namespace kasa::engine
