#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// Doubt, in every way that the simulator can make it, against both assumptions about the register's memory of
// tags and against registers that keep to them or do not (architecture.md, rule 3).
namespace kasa::engine {
namespace {

using domain::State;
using domain::TagMemory;
using simulator::Fault;
using simulator::FaultKind;

struct DoubtCase {
  std::string name;
  Fault fault;
};

Fault Struck(FaultKind kind, std::optional<bool> committed = std::nullopt) {
  Fault fault{.kind = kind, .committed = committed};
  fault.task = 1;
  return fault;
}

Fault Refusal(int res, int res_action, bool committed) {
  Fault fault = Struck(FaultKind::kRefusal, committed);
  fault.res = res;
  fault.res_action = res_action;
  return fault;
}

Fault HttpStatus(int status, bool committed) {
  Fault fault = Struck(FaultKind::kHttpStatus, committed);
  fault.status = status;
  return fault;
}

Fault Hold(simulator::AfterHold then, bool commit_first) {
  Fault fault = Struck(FaultKind::kHold);
  fault.duration = absl::Milliseconds(600);  // longer than the time-out, shorter than the hold time
  fault.commit_first = commit_first;
  fault.then = then;
  return fault;
}

std::vector<DoubtCase> DoubtCases() {
  Fault drip = Struck(FaultKind::kSlowDrip);
  drip.bytes_per_interval = 1;
  Fault huge = Struck(FaultKind::kHuge);
  huge.size_bytes = 1 << 20;
  return {
      {"no answer, nothing made", Struck(FaultKind::kNoAnswerBeforeCommit)},
      {"no answer, made", Struck(FaultKind::kNoAnswerAfterCommit)},
      {"cut after the body, nothing made", Struck(FaultKind::kCutAfterBody, false)},
      {"cut after the body, made", Struck(FaultKind::kCutAfterBody, true)},
      {"cut amid the answer", Struck(FaultKind::kCutMidAnswer)},
      {"503, nothing made", HttpStatus(503, false)},
      {"503, made", HttpStatus(503, true)},
      {"500, made", HttpStatus(500, true)},
      {"302, nothing made", HttpStatus(302, false)},
      {"malformed", Struck(FaultKind::kMalformed)},
      {"huge", huge},
      {"slow drip", drip},
      {"res_action 1, nothing made", Refusal(1034, 1, false)},
      {"res_action 1, made", Refusal(1034, 1, true)},
      {"res_action 2, nothing made", Refusal(1105, 2, false)},
      {"res_action 2, made", Refusal(1105, 2, true)},
      {"res_action 0 with an error", Refusal(1101, 0, false)},
      {"wrong tag", Struck(FaultKind::kWrongTag)},
      {"wrong task", Struck(FaultKind::kWrongTask)},
      {"another register", Struck(FaultKind::kOtherFisid)},
      {"another mode", Struck(FaultKind::kOtherMode)},
      {"no fiscal number", Struck(FaultKind::kMissingDoccode)},
      {"slow hold, then the answer", Hold(simulator::AfterHold::kAnswer, false)},
      {"slow hold, then cut", Hold(simulator::AfterHold::kCut, true)},
  };
}

// One register a case, so that all cases run side by side.
struct DoubtRun {
  DoubtRun(TagMemory assumed, simulator::Switches switches) : cases(DoubtCases()) {
    gateway = std::make_unique<EngineOnSimulator>(EngineOnSimulator::Options{
        .switches = switches, .tag_memory = assumed, .registers = static_cast<int>(cases.size())});
    for (size_t i = 0; i < cases.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      // A first sale opens the shift, so that the fault strikes a register at work.
      EXPECT_TRUE(gateway->Fiscalize(gateway->Sale(absl::StrCat("first-", at), 1000, at)).ok());
      Fault fault = cases[i].fault;
      fault.fisid = std::to_string(4000000000 + at);
      EXPECT_TRUE(gateway->cloud().AddFault(fault).ok()) << cases[i].name;
    }
    for (size_t i = 0; i < cases.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      auto accepted =
          gateway->Fiscalize(gateway->Sale(absl::StrCat("doubted-", at), 4500, at), absl::ZeroDuration());
      EXPECT_TRUE(accepted.ok()) << cases[i].name << ": " << accepted.status();
      ids.push_back(accepted.ok() ? accepted->fiscalization->id : "");
    }
  }

  std::vector<simulator::LedgerEntry> ReceiptsOf(size_t i) const {
    std::vector<simulator::LedgerEntry> receipts;
    for (auto& entry : gateway->Receipts()) {
      if (entry.fisid == std::to_string(4000000001 + i) && entry.docno >= 1 && entry.receipt.sum == 4500) {
        receipts.push_back(entry);
      }
    }
    return receipts;
  }

  std::vector<DoubtCase> cases;
  std::vector<std::string> ids;
  std::unique_ptr<EngineOnSimulator> gateway;
};

simulator::Switches Remembering(simulator::TagMemory memory) {
  simulator::Switches switches;
  switches.tag_memory = memory;
  return switches;
}

// A register whose listings tell nothing.
simulator::Switches Unlisted(simulator::TagMemory memory) {
  simulator::Switches switches = Remembering(memory);
  switches.listing_state = simulator::ListingState::kNotFound;
  return switches;
}

class DoubtSettledBySendingAgain : public testing::TestWithParam<simulator::Switches> {};

TEST_P(DoubtSettledBySendingAgain, EndsWithOneReceiptThatIsOurs) {
  DoubtRun run(TagMemory::kSameShift, GetParam());
  for (size_t i = 0; i < run.cases.size(); ++i) {
    SCOPED_TRACE(run.cases[i].name);
    const auto settled = run.gateway->Get(run.ids[i], absl::Seconds(30));
    ASSERT_TRUE(settled.ok()) << settled.status();
    EXPECT_EQ(settled->state, State::kFiscalized)
        << (settled->failure ? settled->failure->message : "no failure told");
    const auto receipts = run.ReceiptsOf(i);
    ASSERT_EQ(receipts.size(), 1);
    ASSERT_TRUE(settled->receipt);
    EXPECT_EQ(settled->receipt->fiscal_number, receipts[0].fiscal_number);
    EXPECT_EQ(receipts[0].tag, settled->tag);
  }
  for (const auto& violation : run.gateway->cloud().Violations()) {
    ADD_FAILURE() << violation.kind << " on " << violation.fisid;
  }
}

INSTANTIATE_TEST_SUITE_P(RegistersThatRemember, DoubtSettledBySendingAgain, [] {
  std::vector<simulator::Switches> all;
  for (const auto memory : {simulator::TagMemory::kForever, simulator::TagMemory::kShift}) {
    all.push_back(Unlisted(memory));
  }
  simulator::Switches other = Unlisted(simulator::TagMemory::kShift);
  other.busy_same_tag = simulator::BusySameTag::kCollide;
  other.busy_other_tag = simulator::BusyOtherTag::kBusy;
  other.other_bytes = simulator::OtherBytes::kSecondReceipt;
  other.refused_tag = simulator::RefusedTag::kRepeated;
  other.check_task = simulator::CheckTask::kNotFound;
  other.status_omits_fisid = false;
  other.auto_open_shift = false;
  other.qr = simulator::Qr::kEmpty;
  all.push_back(other);
  other.busy_same_tag = simulator::BusySameTag::kSecondReceipt;
  other.look_up = simulator::LookUp::kIgnored;
  other.online_value = 0;
  all.push_back(other);
  return testing::ValuesIn(all);
}());

class DoubtSettledByLooking : public testing::TestWithParam<simulator::Switches> {};

TEST_P(DoubtSettledByLooking, EndsWithOneReceiptWhateverTheRegisterRemembers) {
  DoubtRun run(TagMemory::kUnproven, GetParam());
  for (size_t i = 0; i < run.cases.size(); ++i) {
    SCOPED_TRACE(run.cases[i].name);
    const auto settled = run.gateway->Get(run.ids[i], absl::Seconds(60));
    ASSERT_TRUE(settled.ok()) << settled.status();
    EXPECT_EQ(settled->state, State::kFiscalized)
        << (settled->failure ? settled->failure->message : "no failure told");
    const auto receipts = run.ReceiptsOf(i);
    ASSERT_EQ(receipts.size(), 1);
    ASSERT_TRUE(settled->receipt);
    EXPECT_EQ(settled->receipt->fiscal_number, receipts[0].fiscal_number);
  }
  for (const auto& violation : run.gateway->cloud().Violations()) {
    ADD_FAILURE() << violation.kind << " on " << violation.fisid;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryRegister, DoubtSettledByLooking,
                         testing::Values(Remembering(simulator::TagMemory::kForever),
                                         Remembering(simulator::TagMemory::kShift),
                                         Remembering(simulator::TagMemory::kNone)));

class DoubtWithoutProof : public testing::TestWithParam<simulator::Switches> {};

TEST_P(DoubtWithoutProof, StaysInDoubtAndNothingIsSentTwice) {
  DoubtRun run(TagMemory::kUnproven, GetParam());
  for (size_t i = 0; i < run.cases.size(); ++i) {
    SCOPED_TRACE(run.cases[i].name);
    EXPECT_TRUE(
        run.gateway->AwaitLane(LaneState::kReconciling, Reason::kTagMemoryUnproven, static_cast<int>(i) + 1));
    const auto doubted = run.gateway->Get(run.ids[i]);
    ASSERT_TRUE(doubted.ok()) << doubted.status();
    EXPECT_EQ(doubted->state, State::kInDoubt);
    EXPECT_EQ(doubted->attempts, 1);
    EXPECT_LE(run.ReceiptsOf(i).size(), 1);
  }
  EXPECT_TRUE(run.gateway->cloud().Violations().empty());
}

INSTANTIATE_TEST_SUITE_P(EveryRegister, DoubtWithoutProof,
                         testing::Values(Unlisted(simulator::TagMemory::kForever),
                                         Unlisted(simulator::TagMemory::kShift),
                                         Unlisted(simulator::TagMemory::kNone)));

TEST(DoubtAcrossAShift, IsNotSettledBySendingAgainUnderSameShift) {
  EngineOnSimulator gateway({.switches = Unlisted(simulator::TagMemory::kShift)});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(Struck(FaultKind::kNoAnswerAfterCommit)).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  // The receipt is made, and its shift is closed before the doubt can be settled.
  ASSERT_TRUE(gateway.cloud().AwaitExecutes(5, absl::Seconds(30)));
  ASSERT_TRUE(gateway.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); })
                  .ok());
  EXPECT_TRUE(gateway.AwaitLane(LaneState::kReconciling, Reason::kTagMemoryUnproven));
  EXPECT_EQ(gateway.Get(accepted->fiscalization->id)->state, State::kInDoubt);
  EXPECT_EQ(gateway.Receipts().size(), 2);  // the first one, and the doubted one: once
}

TEST(DoubtAcrossAShift, IsSettledByLookingIntoTheShiftThatWasClosed) {
  EngineOnSimulator gateway({.switches = Remembering(simulator::TagMemory::kShift)});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(Struck(FaultKind::kNoAnswerAfterCommit)).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  // The receipt is made, and its shift is closed before the doubt can be settled.
  ASSERT_TRUE(gateway.cloud().AwaitExecutes(5, absl::Seconds(30)));
  ASSERT_TRUE(gateway.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); })
                  .ok());
  const auto settled = gateway.Get(accepted->fiscalization->id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);  // the first one, and the doubted one: once
}

TEST(DoubtAfterACrash, OfARequestOnTheWireIsSettledWithOneReceipt) {
  EngineOnSimulator gateway({});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(Struck(FaultKind::kNoAnswerAfterCommit)).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  ASSERT_TRUE(gateway.cloud().AwaitExecutes(5, absl::Seconds(30)));
  gateway.CrashAndStart();
  const auto settled = gateway.Get(accepted->fiscalization->id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

TEST(DoubtAfterACollision, BindsTheNextRequestToTheSameTagEvenAfterACrash) {
  EngineOnSimulator gateway({.switches = Unlisted(simulator::TagMemory::kForever)});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
  Fault collision = Refusal(1105, 2, true);
  collision.times = 0;  // until it is cleared
  ASSERT_TRUE(gateway.cloud().AddFault(collision).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  // By the sixth attempt the back-off is long: the crash finds it known to be in doubt, not on the wire.
  const std::string id = accepted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] {
    const auto now = gateway.Get(id);
    return now.ok() && now->state == State::kInDoubt && now->attempts >= 6;
  }));
  gateway.CrashAndStart();
  gateway.cloud().ClearFaults();
  EXPECT_EQ(gateway.Get(id, absl::Seconds(30))->state, State::kFiscalized);
  for (const auto& violation : gateway.cloud().Violations()) ADD_FAILURE() << violation.kind;
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

ResolveRequest Word(const std::string& id, domain::ResolutionOutcome outcome, bool accept_unverified) {
  return {.fiscalization_id = id,
          .outcome = outcome,
          .principal = "olena",
          .note = "looked in the cabinet",
          .accept_unverified = accept_unverified};
}

// A register that gives each tag the answer that it gave before, and that one tells nothing.
TEST(DoubtThatSendingDoesNotEnd, IsLookedForToTheEndAndOpenToAnOperatorsWord) {
  simulator::Switches switches = Remembering(simulator::TagMemory::kForever);
  switches.refused_tag = simulator::RefusedTag::kRepeated;
  EngineOnSimulator gateway({.switches = switches, .tag_memory = TagMemory::kForever});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(Refusal(1016, 3, false)).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  const std::string id = accepted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->attempts >= 2; }));
  // Proven absent by then, its next send is a first one again.
  EXPECT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->attempts >= 3; }));
  const auto exchanges = gateway.store().sends().ListExchanges(id, 0, 1000);
  int looks = 0;
  for (const auto& one : exchanges->exchanges) looks += one.kind == store::ExchangeKind::kListing ? 1 : 0;
  EXPECT_GE(looks, 2);
  EXPECT_EQ(gateway.ResolveWhenTaken(Word(id, domain::ResolutionOutcome::kAbsentGiveUp, true)),
            absl::OkStatus());
  EXPECT_EQ(gateway.Get(id)->state, State::kFailed);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

// Its status does not tell since when the shift is open. It was open before the send, which is as good.
TEST(DoubtAfterACollision, BindsTheNextRequestAlsoWhereTheStatusTellsNoTimeOfOpening) {
  for (const bool made : {false, true}) {
    simulator::Switches switches = Remembering(simulator::TagMemory::kShift);
    switches.status_omits_shift_dt = true;
    EngineOnSimulator gateway({.switches = switches});
    ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("first")).ok());
    ASSERT_TRUE(gateway.cloud().AddFault(Refusal(1105, 2, made)).ok());
    EXPECT_EQ(gateway.Fiscalize(gateway.Sale("doubted"))->fiscalization->state, State::kFiscalized);
    EXPECT_EQ(gateway.Fiscalize(gateway.Sale("next"))->fiscalization->state, State::kFiscalized);
    for (const auto& violation : gateway.cloud().Violations()) ADD_FAILURE() << violation.kind;
    EXPECT_EQ(gateway.Receipts().size(), 3);
  }
}

class OperatorsWord : public testing::Test {
 protected:
  // A sale whose receipt was made, of which nothing is known, and that may not be sent again.
  void SetUp() override {
    ASSERT_TRUE(gateway_.Fiscalize(gateway_.Sale("first")).ok());
    ASSERT_TRUE(gateway_.cloud().AddFault(Struck(FaultKind::kNoAnswerAfterCommit)).ok());
    const auto accepted = gateway_.Fiscalize(gateway_.Sale("doubted"), absl::ZeroDuration());
    ASSERT_TRUE(accepted.ok());
    id_ = accepted->fiscalization->id;
  }
  void AwaitEndOfHold() {
    ASSERT_TRUE(gateway_.AwaitLane(LaneState::kReconciling, Reason::kTagMemoryUnproven));
  }

  EngineOnSimulator gateway_{
      {.switches = Unlisted(simulator::TagMemory::kNone), .tag_memory = TagMemory::kUnproven}};
  std::string id_;
};

TEST_F(OperatorsWord, IsRefusedBeforeTheHoldTimeIsOver) {
  ASSERT_TRUE(gateway_.AwaitLane(LaneState::kReconciling, Reason::kAnswerLost));
  const auto refused = gateway_.Resolve(Word(id_, domain::ResolutionOutcome::kAbsentGiveUp, true));
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kHoldTimeNotOver) << refused.status();
  EXPECT_TRUE(RetryDelayOf(refused.status()));
}

TEST_F(OperatorsWord, OnAReceiptIsCheckedWithTheRegister) {
  AwaitEndOfHold();
  const auto receipts = gateway_.Receipts();
  ASSERT_EQ(receipts.size(), 2);
  ResolveRequest wrong = Word(id_, domain::ResolutionOutcome::kReceiptExists, true);
  wrong.fiscal_number = receipts[0].fiscal_number;  // the other sale's
  EXPECT_EQ(ReasonOf(gateway_.Resolve(wrong).status()), Reason::kResolutionContradicted);
  ResolveRequest right = Word(id_, domain::ResolutionOutcome::kReceiptExists, false);
  right.fiscal_number = receipts[1].fiscal_number;
  const auto resolved = gateway_.Resolve(right);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->state, State::kFiscalized);
  ASSERT_TRUE(resolved->resolution);
  EXPECT_TRUE(resolved->resolution->verified);
  EXPECT_EQ(resolved->resolution->principal, "olena");
  EXPECT_EQ(gateway_.Resolve(right).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(OperatorsWord, OnAReceiptIsNotContradictedByAnIdOfTheCloudsOwn) {
  AwaitEndOfHold();
  OnRegister(gateway_,
             [](simulator::Register& one) { one.switches().check_task = simulator::CheckTask::kWrong; });
  ResolveRequest right = Word(id_, domain::ResolutionOutcome::kReceiptExists, false);
  right.fiscal_number = gateway_.Receipts().at(1).fiscal_number;
  EXPECT_EQ(ReasonOf(gateway_.Resolve(right).status()), Reason::kResolutionUnverified);
  right.accept_unverified = true;
  const auto resolved = gateway_.Resolve(right);
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->state, State::kFiscalized);
  EXPECT_FALSE(resolved->resolution->verified);
  EXPECT_EQ(gateway_.Receipts().size(), 2);
}

TEST_F(OperatorsWord, ThatNothingExistsIsTakenOnlyWhenSaidToBeUnverified) {
  AwaitEndOfHold();
  const auto refused = gateway_.Resolve(Word(id_, domain::ResolutionOutcome::kAbsentGiveUp, false));
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kResolutionUnverified);
  const auto given_up = gateway_.Resolve(Word(id_, domain::ResolutionOutcome::kAbsentGiveUp, true));
  ASSERT_TRUE(given_up.ok()) << given_up.status();
  EXPECT_EQ(given_up->state, State::kFailed);
  // The lane goes on with the next one.
  EXPECT_EQ(gateway_.Fiscalize(gateway_.Sale("next"))->fiscalization->state, State::kFiscalized);
}

TEST_F(OperatorsWord, ThatNothingExistsIsRefusedWhenTheRegistersListingsShowIt) {
  AwaitEndOfHold();
  ASSERT_TRUE(gateway_.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& one) {
                                  one.switches().listing_state = simulator::ListingState::kOk;
                                })
                  .ok());
  // The lane may have looked just before, and then it is not in doubt any more.
  const auto refused = gateway_.Resolve(Word(id_, domain::ResolutionOutcome::kAbsentSend, true));
  const auto reason = ReasonOf(refused.status());
  EXPECT_TRUE(reason == Reason::kResolutionContradicted || reason == Reason::kStateNotAllowed)
      << refused.status();
  const auto settled = gateway_.Get(id_, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(gateway_.Receipts().size(), 2);
}

// The register asked for the same request again, and check-task tells no tag that could confirm what it made.
TEST(OperatorsWordOnWhatIsAskedForAgain, IsTakenBeforeItIsSentOnceMore) {
  simulator::Switches switches = Remembering(simulator::TagMemory::kForever);
  switches.check_task = simulator::CheckTask::kWrong;
  EngineOnSimulator gateway({.switches = switches, .tag_memory = TagMemory::kForever});
  ASSERT_TRUE(gateway.cloud().AddFault(Refusal(1054, 1, /*committed=*/true)).ok());
  const auto accepted = gateway.Fiscalize(gateway.Sale("doubted"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok());
  ResolveRequest word = Word(accepted->fiscalization->id, domain::ResolutionOutcome::kReceiptExists, false);
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Receipts().size() == 1; }));
  word.fiscal_number = gateway.Receipts()[0].fiscal_number;
  EXPECT_EQ(gateway.ResolveWhenTaken(word), absl::OkStatus());
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

}  // namespace
}  // namespace kasa::engine
