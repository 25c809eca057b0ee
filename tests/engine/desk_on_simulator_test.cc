#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// The operator's desk beside lanes at work: proofs of tag memory, codes that a register does not take, tokens
// and defaults that change under load.
namespace kasa::engine {
namespace {

using domain::CodeState;
using domain::State;
using domain::TagMemory;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::SizeIs;

template <typename T, typename Call>
absl::StatusOr<T> Await(Call call) {
  std::promise<absl::StatusOr<T>> answered;
  auto answer = answered.get_future();
  call([&answered](absl::StatusOr<T> value) { answered.set_value(std::move(value)); });
  return answer.get();
}

absl::StatusOr<domain::TagMemoryProof> Prove(EngineOnSimulator& gateway, TagMemory memory,
                                             bool close_shift = true) {
  return Await<domain::TagMemoryProof>([&](auto done) {
    gateway.engine().integrations().ProveTagMemory({.integration_id = EngineOnSimulator::IntegrationId(1),
                                                    .tag_memory = memory,
                                                    .close_shift = close_shift},
                                                   std::move(done));
  });
}

int ZReports(EngineOnSimulator& gateway) {
  int reports = 0;
  for (const auto& entry : gateway.cloud().Ledger()) reports += entry.task == 11;
  return reports;
}

struct ProofCase {
  const char* name;
  simulator::TagMemory remembers;
  TagMemory asked;
  TagMemory proven;
  size_t receipts;
  int z_reports;
};

class ProofTest : public testing::TestWithParam<ProofCase> {};

TEST_P(ProofTest, ProvesWhatTheRegisterDoes) {
  const ProofCase& c = GetParam();
  EngineOnSimulator::Options options;
  options.switches.tag_memory = c.remembers;
  EngineOnSimulator gateway(options);
  const auto proof = Prove(gateway, c.asked);
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_EQ(proof->tag_memory, c.proven) << testing::PrintToString(proof->findings);
  EXPECT_EQ(proof->register_fiscal_number, EngineOnSimulator::kFisid);
  EXPECT_FALSE(proof->findings.empty());
  EXPECT_THAT(gateway.Receipts(), SizeIs(c.receipts));
  EXPECT_EQ(ZReports(gateway), c.z_reports);

  // Kept with the integration, whose settings and etag stay.
  const auto record = gateway.store().integrations().Get(EngineOnSimulator::IntegrationId(1));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->integration.tag_memory_proof, *proof);
  EXPECT_EQ(record->integration.tag_memory, TagMemory::kSameShift);
  EXPECT_EQ(record->integration.revision, 1);

  // What the register made is known to be ours: each receipt's tag is that of a request that was kept.
  std::set<std::string> kept;
  const auto page = gateway.store().sends().ListExchanges("", 0, 100);
  ASSERT_TRUE(page.ok()) << page.status();
  for (const store::Exchange& exchange : page->exchanges) {
    kept.insert(exchange.tag);
    EXPECT_FALSE(exchange.unexplained) << exchange.outcome;
    EXPECT_TRUE(exchange.end_time);
  }
  for (const auto& receipt : gateway.Receipts()) EXPECT_EQ(kept.count(receipt.tag), 1u) << receipt.tag;

  // The lane goes on, in the shift as it is now.
  const auto sold = gateway.Fiscalize(gateway.Sale("after the proof"));
  ASSERT_TRUE(sold.ok()) << sold.status();
  EXPECT_EQ(sold->fiscalization->state, State::kFiscalized);
}

INSTANTIATE_TEST_SUITE_P(
    Registers, ProofTest,
    testing::Values(
        ProofCase{"SameShift", simulator::TagMemory::kShift, TagMemory::kSameShift, TagMemory::kSameShift, 1,
                  0},
        ProofCase{"ForeverAskedForLess", simulator::TagMemory::kForever, TagMemory::kSameShift,
                  TagMemory::kSameShift, 1, 0},
        ProofCase{"Forever", simulator::TagMemory::kForever, TagMemory::kForever, TagMemory::kForever, 1, 1},
        // The second receipt shows that it forgets with its shift, and what was proven before stands.
        ProofCase{"ForgetsWithItsShift", simulator::TagMemory::kShift, TagMemory::kForever,
                  TagMemory::kSameShift, 2, 1},
        ProofCase{"Forgets", simulator::TagMemory::kNone, TagMemory::kSameShift, TagMemory::kUnproven, 2, 0},
        // No shift is closed for what can't be proven any more.
        ProofCase{"ForgetsAtOnce", simulator::TagMemory::kNone, TagMemory::kForever, TagMemory::kUnproven, 2,
                  0}),
    [](const testing::TestParamInfo<ProofCase>& tested) { return tested.param.name; });

// The register asked for the proof's request again, and what followed was not heard: no document goes before
// it.
TEST(ProofAskedForAgain, KeepsTheRegisterUntilItHasAnswered) {
  EngineOnSimulator gateway({});
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("first"))->fiscalization->state, State::kFiscalized);
  ASSERT_TRUE(gateway.cloud().AddFault(RefusalOf(1, 1105, 2)).ok());
  simulator::Fault lost{.kind = simulator::FaultKind::kNoAnswerBeforeCommit};
  lost.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(lost).ok());
  std::promise<absl::StatusOr<domain::TagMemoryProof>> answered;
  gateway.engine().integrations().ProveTagMemory(
      {.integration_id = EngineOnSimulator::IntegrationId(1), .tag_memory = TagMemory::kSameShift},
      [&answered](absl::StatusOr<domain::TagMemoryProof> proof) { answered.set_value(std::move(proof)); });
  ASSERT_TRUE(gateway.AwaitThat([&] {
    const auto sent = gateway.store().sends().ListExchanges("", 0, 100);
    return sent.ok() && std::ranges::any_of(sent->exchanges, [](const store::Exchange& one) {
             return one.kind == store::ExchangeKind::kReceipt;
           });
  }));
  const auto queued = gateway.Fiscalize(gateway.Sale("queued"), absl::ZeroDuration());
  ASSERT_TRUE(queued.ok()) << queued.status();

  const auto proof = answered.get_future().get();
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_EQ(proof->tag_memory, TagMemory::kSameShift);
  EXPECT_EQ(gateway.Get(queued->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  for (const auto& violation : gateway.cloud().Violations()) ADD_FAILURE() << violation.kind;
  EXPECT_THAT(gateway.Receipts(), SizeIs(3));
}

TEST(ProofRefusedTest, OnlyByTheRegistersOwnWordIsItATestOne) {
  EngineOnSimulator::Options options;
  options.switches.status_omits_mode = true;
  EngineOnSimulator gateway(options);
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.pinned_register->stated_by_operator = true;
    return absl::OkStatus();
  });
  const auto proof = Prove(gateway, TagMemory::kSameShift);
  EXPECT_EQ(proof.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(proof.status()), Reason::kNotATestRegister);
  EXPECT_THAT(gateway.Receipts(), SizeIs(0));
}

TEST(ProofRefusedTest, ARealRegisterIsNotEvenAsked) {
  EngineOnSimulator gateway({});
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.pinned_register->mode = domain::RegisterMode::kReal;
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(Prove(gateway, TagMemory::kSameShift).status()), Reason::kNotATestRegister);
  EXPECT_TRUE(gateway.cloud().Log().empty());
}

TEST(ProofRefusedTest, WithoutARegisterOrATokenThereIsNothingToProve) {
  EngineOnSimulator gateway({});
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.pinned_register.reset();
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(Prove(gateway, TagMemory::kSameShift).status()), Reason::kRegisterUnknown);
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.token = Secret();
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(Prove(gateway, TagMemory::kSameShift).status()), Reason::kTokenMissing);
}

TEST(ProofRefusedTest, ALaneAtWorkIsNotDisturbed) {
  EngineOnSimulator gateway({});
  simulator::Fault lost{.kind = simulator::FaultKind::kNoAnswerAfterCommit};
  lost.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(lost).ok());
  const auto sale = gateway.Fiscalize(gateway.Sale("in doubt"), absl::ZeroDuration());
  ASSERT_TRUE(sale.ok()) << sale.status();
  ASSERT_TRUE(gateway.AwaitThat([&] {
    return gateway.Get(sale->fiscalization->id)->state == State::kInDoubt ||
           gateway.Get(sale->fiscalization->id)->state == State::kSending;
  }));
  const auto proof = Prove(gateway, TagMemory::kSameShift);
  EXPECT_EQ(proof.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(proof.status()), Reason::kRegisterBusy);
}

// --- codes that the register does not take

TEST(NotEnabledTest, TheRefusedTypeIsMarkedAndAReceiptClearsIt) {
  EngineOnSimulator::Options options;
  options.switches.payment_types = {0};
  EngineOnSimulator gateway(options);
  const auto refused = gateway.Fiscalize(gateway.Sale("by card"));
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->fiscalization->state, State::kFailed);
  EXPECT_EQ(refused->fiscalization->failure->reason, Reason::kPaymentTypeNotEnabled);
  const auto known = gateway.store().integrations().GetExperience(EngineOnSimulator::IntegrationId(1));
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_EQ(known->payment_types, (std::map<int, CodeState>{{2, CodeState::kNotEnabled}}));
  EXPECT_TRUE(known->tax_groups.empty()) << "the answer names the payment type";

  ASSERT_TRUE(gateway.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& reg) { reg.switches().payment_types.insert(2); })
                  .ok());
  const auto sold = gateway.Fiscalize(gateway.Sale("by card again"));
  ASSERT_TRUE(sold.ok()) << sold.status();
  EXPECT_EQ(sold->fiscalization->state, State::kFiscalized);
  const auto now = gateway.store().integrations().GetExperience(EngineOnSimulator::IntegrationId(1));
  ASSERT_TRUE(now.ok()) << now.status();
  EXPECT_EQ(now->payment_types, (std::map<int, CodeState>{{2, CodeState::kConfirmed}}));
  EXPECT_EQ(now->tax_groups, (std::map<int, CodeState>{{1, CodeState::kConfirmed}}));
  EXPECT_EQ(now->test_receipts, std::set{domain::DocumentKind::kSale});
}

TEST(NotEnabledTest, WhatWorkedOnceAndIsSwitchedOffIsMarkedAgain) {
  EngineOnSimulator gateway({});
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("1"))->fiscalization->state, State::kFiscalized);
  ASSERT_TRUE(gateway.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& reg) { reg.switches().tax_groups.erase(1); })
                  .ok());
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("2"))->fiscalization->state, State::kFailed);
  EXPECT_EQ(
      gateway.store().integrations().GetExperience(EngineOnSimulator::IntegrationId(1))->tax_groups.at(1),
      CodeState::kNotEnabled);
  ASSERT_TRUE(gateway.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& reg) { reg.switches().tax_groups.insert(1); })
                  .ok());
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("3"))->fiscalization->state, State::kFiscalized);
  EXPECT_EQ(
      gateway.store().integrations().GetExperience(EngineOnSimulator::IntegrationId(1))->tax_groups.at(1),
      CodeState::kConfirmed);
}

// --- tokens

absl::StatusOr<IntegrationOutcome> SetToken(EngineOnSimulator& gateway, const std::string& token) {
  return Await<IntegrationOutcome>([&](auto done) {
    gateway.engine().integrations().SetToken(
        {.integration_id = EngineOnSimulator::IntegrationId(1), .token = Secret(token)}, std::move(done));
  });
}

// Sales that are accepted and not waited for.
std::vector<std::string> Queue(EngineOnSimulator& gateway, int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    const auto sale = gateway.Fiscalize(gateway.Sale(absl::StrCat("so-", i)), absl::ZeroDuration());
    EXPECT_TRUE(sale.ok()) << sale.status();
    if (sale.ok()) ids.push_back(sale->fiscalization->id);
  }
  return ids;
}

TEST(TokenTest, ReplacedWhileAHundredWaitTheyGoOutWithTheNewOne) {
  EngineOnSimulator gateway({});
  // The register takes the new token from the start and refuses the old one: all that wait, wait for it.
  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "the-new-token").ok());
  const std::vector<std::string> ids = Queue(gateway, 100);
  ASSERT_THAT(ids, SizeIs(100));
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kTokenRefused));
  EXPECT_THAT(gateway.Receipts(), SizeIs(0));
  const auto set = SetToken(gateway, "the-new-token");
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->integration.token_state, domain::TokenState::kAccepted);
  for (const std::string& id : ids) {
    const auto outcome = gateway.Get(id, absl::Seconds(30));
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->state, State::kFiscalized);
  }
  EXPECT_THAT(gateway.Receipts(), SizeIs(100));
}

TEST(TokenTest, TheRequestInFlightFinishesWithTheOldOne) {
  EngineOnSimulator::Options options;
  options.switches.latency_ms = 2;
  EngineOnSimulator gateway(options);
  const std::vector<std::string> ids = Queue(gateway, 100);
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Receipts().size() >= 10; }));
  // Both tokens are of the same register for a while, as after a renewal in Vchasno.Kasa; then the old one is
  // refused. Nobody may be left behind, and nobody sold twice.
  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "the-new-token").ok());
  const auto set = SetToken(gateway, "the-new-token");
  ASSERT_TRUE(set.ok()) << set.status();
  for (const std::string& id : ids) {
    const auto outcome = gateway.Get(id, absl::Seconds(30));
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->state, State::kFiscalized) << id;
    EXPECT_EQ(outcome->tag_number, 0);
  }
  EXPECT_THAT(gateway.Receipts(), SizeIs(100));
}

TEST(TokenTest, OfAnotherRegisterItIsRefusedOnceAnythingWasAccepted) {
  EngineOnSimulator::Options options;
  options.registers = 2;
  EngineOnSimulator gateway(options);
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  ASSERT_TRUE(Await<domain::Integration>([&](auto done) {
                gateway.engine().integrations().Delete(EngineOnSimulator::IntegrationId(2), std::nullopt,
                                                       std::move(done));
              }).ok());
  const auto set = SetToken(gateway, "simulator-token-2");
  EXPECT_EQ(ReasonOf(set.status()), Reason::kTokenOfAnotherRegister);
}

// --- defaults

TEST(DefaultTest, MovesWhileDocumentsWithoutAnIntegrationArrive) {
  EngineOnSimulator::Options options;
  options.registers = 2;
  EngineOnSimulator gateway(options);
  const auto make_default = [&](int at) {
    const auto updated = Await<IntegrationOutcome>([&](auto done) {
      gateway.engine().integrations().Update({.integration_id = EngineOnSimulator::IntegrationId(at),
                                              .change = [](domain::Integration& i) { i.is_default = true; }},
                                             std::move(done));
    });
    EXPECT_TRUE(updated.ok()) << updated.status();
  };
  make_default(1);
  std::atomic<bool> over = false;
  std::thread mover([&] {
    for (int at = 2; !over; at = 3 - at) make_default(at);
  });
  std::set<std::string> served_by;
  for (int i = 0; i < 100; ++i) {
    DocumentRequest sale = gateway.Sale(absl::StrCat("so-", i));
    sale.document.integration_id.clear();
    const auto outcome = gateway.Fiscalize(std::move(sale), absl::ZeroDuration());
    ASSERT_TRUE(outcome.ok()) << outcome.status() << " at document " << i;
    served_by.insert(outcome->fiscalization->integration_id);
    int defaults = 0;
    const auto page = gateway.store().integrations().List("", 10, false);
    for (const auto& one : page->integrations) {
      defaults += one.is_default;
    }
    EXPECT_EQ(defaults, 1);
  }
  over = true;
  mover.join();
  EXPECT_THAT((std::vector<std::string>{"shop-1", "shop-2"}), IsSupersetOf(served_by));
}

TEST(DefaultTest, AnInactiveDefaultIsAnErrorAndIsNeverSkipped) {
  EngineOnSimulator::Options options;
  options.registers = 2;
  EngineOnSimulator gateway(options);
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.branch_id = "kyiv";
    record.integration.is_default = true;
    record.integration.active = false;
    return absl::OkStatus();
  });
  gateway.Change(2, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.integration.is_default = true;
    return absl::OkStatus();
  });
  DocumentRequest sale = gateway.Sale("so-1");
  sale.document.integration_id.clear();
  sale.document.branch_id = "kyiv";
  const auto refused = gateway.Fiscalize(sale);
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kIntegrationInactive);
  EXPECT_EQ(FactsOf(refused.status())["integration_id"], "shop-1");
  sale.document.branch_id = "lviv";
  const auto sold = gateway.Fiscalize(sale);
  ASSERT_TRUE(sold.ok()) << sold.status();
  EXPECT_EQ(sold->fiscalization->integration_id, "shop-2") << "the default of its legal entity";
}

TEST(DefaultTest, WhatWasLookedForIsTold) {
  EngineOnSimulator gateway({});
  DocumentRequest sale = gateway.Sale("so-1");
  sale.document.integration_id.clear();
  sale.document.branch_id = "kyiv";
  const auto refused = gateway.Fiscalize(sale);
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kDefaultIntegrationNotFound);
  const std::string looked_for = FactsOf(refused.status())["looked_for"];
  EXPECT_THAT(looked_for, HasSubstr("branch kyiv and legal entity tov-1"));
  EXPECT_THAT(looked_for, HasSubstr("no branch and legal entity tov-1"));
  EXPECT_THAT(looked_for, HasSubstr("branch kyiv and no legal entity"));
}

}  // namespace
}  // namespace kasa::engine
