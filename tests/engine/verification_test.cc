#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/secret.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// What is verified before it is relied on: a register before the first send under a token (architecture.md,
// rule 4), and a re-send's answer by check-task, since its tag is only an echo (rule 3).
namespace kasa::engine {
namespace {

using domain::State;

constexpr int kOpenShiftTask = 0;
constexpr int kSaleTask = 1;
constexpr int kStatusTask = 18;

// The tasks that the register was asked to do, in order.
std::vector<int> TasksOf(EngineOnSimulator& gateway) {
  std::vector<int> tasks;
  for (const auto& record : gateway.cloud().Log()) tasks.push_back(record.task.value_or(-1));
  return tasks;
}

void UseToken(EngineOnSimulator& gateway, const std::string& token) {
  gateway.Change(1, [token](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.token = Secret(token);
    return absl::OkStatus();
  });
}

// As it is set while the lane is at work, so that the register can't be asked about it.
void SetTokenUnverified(EngineOnSimulator& gateway, const std::string& token) {
  gateway.Change(1, [token](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.token = Secret(token);
    record.integration.token_set_time = absl::Now();
    record.integration.token_state = domain::TokenState::kUnverified;
    return absl::OkStatus();
  });
}

// A sale is done, and the next one, `id`, is asked for again and again.
void SellOneThatIsAskedForAgain(EngineOnSimulator& gateway, std::string& id) {
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  gateway.AskAgainForEvery(kSaleTask);
  const auto doubted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(doubted.ok()) << doubted.status();
  id = doubted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->state == State::kInDoubt; }));
}

TEST(AfterAChangeOfTheToken, TheRegisterIsAskedBeforeAnythingIsSent) {
  EngineOnSimulator gateway({});
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-2"))->fiscalization->state, State::kFiscalized);
  const size_t before = TasksOf(gateway).size();
  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "the-new-token").ok());
  UseToken(gateway, "the-new-token");
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-3"))->fiscalization->state, State::kFiscalized);
  ASSERT_GT(TasksOf(gateway).size(), before);
  EXPECT_EQ(TasksOf(gateway)[before], kStatusTask);
}

// With the token of another register in its place, that one gets nothing.
TEST(AfterAChangeOfTheToken, AnotherRegisterGetsNothing) {
  EngineOnSimulator gateway({.registers = 2});
  ASSERT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  UseToken(gateway, "simulator-token-2");
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration()).ok());
  ASSERT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kRegisterMismatch));
  EXPECT_EQ(gateway.Receipts().size(), 1);
  EXPECT_EQ(gateway.Receipts()[0].fisid, EngineOnSimulator::kFisid);
}

// The register has told its name under it when it was set, whatever the clock said then.
TEST(AfterAChangeOfTheToken, NothingComesBetweenWhatTheRegisterAskedForAgainWhereTheTokenIsItsOwn) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kForever});
  std::string id;
  ASSERT_NO_FATAL_FAILURE(SellOneThatIsAskedForAgain(gateway, id));
  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "the-new-token").ok());
  const size_t before = TasksOf(gateway).size();
  gateway.Change(1, [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
    record.token = Secret("the-new-token");
    record.integration.token_set_time = absl::Now() + absl::Hours(9);
    record.integration.token_state = domain::TokenState::kAccepted;
    return absl::OkStatus();
  });
  gateway.CrashAndStart();
  ASSERT_TRUE(gateway.AwaitThat([&] { return TasksOf(gateway).size() >= before + 3; }));
  const std::vector<int> tasks = TasksOf(gateway);
  EXPECT_EQ(std::count(tasks.begin() + static_cast<std::ptrdiff_t>(before), tasks.end(), kStatusTask), 0);
  gateway.cloud().ClearFaults();
  EXPECT_TRUE(gateway.AwaitThat([&] { return gateway.Get(id)->state == State::kFiscalized; }));
}

// Nor what its own register asked for again, for which nothing else may come between under the same token.
TEST(AfterAChangeOfTheToken, AnotherRegisterDoesNotGetWhatItsOwnAskedForAgain) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kForever, .registers = 2});
  std::string id;
  ASSERT_NO_FATAL_FAILURE(SellOneThatIsAskedForAgain(gateway, id));
  SetTokenUnverified(gateway, "simulator-token-2");
  EXPECT_TRUE(gateway.AwaitLane(LaneState::kReconciling, Reason::kRegisterMismatch));
  EXPECT_EQ(gateway.Receipts().size(), 1);
  EXPECT_EQ(gateway.Get(id)->state, State::kInDoubt);
}

// It waits for a request of its own, and says so instead of its name.
TEST(AfterAChangeOfTheToken, AnotherRegisterThatWantsARequestAgainDoesNotGetThisOne) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kForever, .registers = 2});
  std::string id;
  ASSERT_NO_FATAL_FAILURE(SellOneThatIsAskedForAgain(gateway, id));
  simulator::Fault wants_its_own = RefusalOf(kStatusTask, 1034, 1);
  wants_its_own.fisid = "4000000002";
  wants_its_own.times = 0;
  ASSERT_TRUE(gateway.cloud().AddFault(wants_its_own).ok());
  SetTokenUnverified(gateway, "simulator-token-2");
  const auto asked = [&](int task) {
    const auto log = gateway.cloud().Log();
    return std::count_if(log.begin(), log.end(), [&](const auto& one) {
      return one.fisid == wants_its_own.fisid && one.task == task;
    });
  };
  EXPECT_TRUE(gateway.AwaitThat([&] { return asked(kStatusTask) >= 3; }));
  EXPECT_EQ(asked(kSaleTask), 0);
  EXPECT_EQ(gateway.Get(id)->state, State::kInDoubt);
}

// Its own register gets it after the status, and no opening before it.
TEST(AfterAChangeOfTheToken, WhatTheRegisterAskedForAgainComesBeforeAnOpening) {
  EngineOnSimulator gateway({.tag_memory = domain::TagMemory::kForever});
  std::string id;
  ASSERT_NO_FATAL_FAILURE(SellOneThatIsAskedForAgain(gateway, id));
  ASSERT_TRUE(gateway.cloud().ReplaceToken(EngineOnSimulator::kFisid, "the-new-token").ok());
  ASSERT_TRUE(gateway.cloud()
                  .WithRegister(EngineOnSimulator::kFisid,
                                [](simulator::Register& one) { EXPECT_TRUE(one.CloseShift().ok()); })
                  .ok());
  const size_t before = TasksOf(gateway).size();
  SetTokenUnverified(gateway, "the-new-token");
  ASSERT_TRUE(gateway.AwaitThat([&] { return TasksOf(gateway).size() >= before + 3; }));
  const std::vector<int> tasks = TasksOf(gateway);
  const auto status =
      std::find(tasks.begin() + static_cast<std::ptrdiff_t>(before), tasks.end(), kStatusTask);
  ASSERT_NE(status, tasks.end());
  ASSERT_NE(status + 1, tasks.end());
  EXPECT_EQ(*(status + 1), kSaleTask);
}

// Nor when it refused its token at first.
TEST(AfterAChangeOfTheToken, AnotherRegisterThatRefusedItsTokenOnceDoesNotGetTheOpening) {
  EngineOnSimulator gateway({.registers = 2});
  gateway.AskAgainForEvery(kOpenShiftTask);
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration()).ok());
  ASSERT_TRUE(gateway.AwaitOpeningAskedForAgain());
  simulator::Fault refused{.kind = simulator::FaultKind::kHttpStatus};
  refused.fisid = "4000000002";
  refused.status = 401;
  ASSERT_TRUE(gateway.cloud().AddFault(refused).ok());
  SetTokenUnverified(gateway, "simulator-token-2");
  EXPECT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kRegisterMismatch));
  for (const auto& record : gateway.cloud().Log()) {
    if (record.fisid == EngineOnSimulator::kFisid) continue;
    EXPECT_EQ(record.task, kStatusTask);
  }
}

TEST(AfterAChangeOfTheToken, AnotherRegisterDoesNotGetTheOpeningThatItsOwnAskedForAgain) {
  EngineOnSimulator gateway({.registers = 2});
  gateway.AskAgainForEvery(kOpenShiftTask);
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration()).ok());
  ASSERT_TRUE(gateway.AwaitOpeningAskedForAgain());
  SetTokenUnverified(gateway, "simulator-token-2");
  EXPECT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kRegisterMismatch));
  for (const auto& record : gateway.cloud().Log()) {
    if (record.fisid == EngineOnSimulator::kFisid) continue;
    EXPECT_EQ(record.task, kStatusTask);
  }
}

TEST(AnswerToAReSend, IsNotBelievedWhenCheckTaskSaysOtherwise) {
  simulator::Switches switches;
  switches.check_task = simulator::CheckTask::kWrong;
  switches.listing_state = simulator::ListingState::kNotFound;  // else it is found, and not sent again
  EngineOnSimulator gateway({.switches = switches});
  simulator::Fault fault{.kind = simulator::FaultKind::kCutAfterBody, .committed = true};
  fault.task = 1;
  ASSERT_TRUE(gateway.cloud().AddFault(fault).ok());
  const auto doubted = gateway.Fiscalize(gateway.Sale("so-1"), absl::ZeroDuration());
  ASSERT_TRUE(doubted.ok()) << doubted.status();
  const std::string id = doubted->fiscalization->id;
  ASSERT_TRUE(gateway.AwaitThat([&] {
    const auto now = gateway.Get(id);
    return now.ok() && (now->state == State::kFiscalized ||
                        (now->failure && now->failure->reason == Reason::kAnswerContradicts));
  }));
  EXPECT_EQ(gateway.Get(id)->state, State::kInDoubt);
  EXPECT_EQ(gateway.Receipts().size(), 1);
}

// A cloud that tells its own id for a tag tells it of every receipt, also of one that is known.
TEST(AnswerToAReSend, IsBelievedWhereCheckTaskTellsIdsOfItsOwn) {
  simulator::Switches switches;
  switches.check_task = simulator::CheckTask::kWrong;
  switches.listing_state = simulator::ListingState::kNotFound;
  EngineOnSimulator gateway({.switches = switches});
  ASSERT_TRUE(gateway.Fiscalize(gateway.Sale("so-1")).ok());
  ASSERT_TRUE(gateway.cloud().AddFault(LostSaleOn(EngineOnSimulator::kFisid, /*made=*/true)).ok());
  const auto doubted = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  ASSERT_TRUE(doubted.ok()) << doubted.status();
  const auto settled = gateway.Get(doubted->fiscalization->id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(gateway.Receipts().size(), 2);
}

// The next sale is answered with a link that tells a sum that it can't have.
void AnswerTheNextSaleWithAStrangeSum(EngineOnSimulator& gateway) {
  simulator::Fault fault{.kind = simulator::FaultKind::kWrongSum};
  fault.task = kSaleTask;
  ASSERT_TRUE(gateway.cloud().AddFault(fault).ok());
}

int CheckTasksOf(EngineOnSimulator& gateway, const std::string& id) {
  const auto page = gateway.store().sends().ListExchanges(id, 0, 100);
  int asked = 0;
  for (const auto& one : page->exchanges) {
    asked += one.kind == store::ExchangeKind::kCheckTask ? 1 : 0;
  }
  return asked;
}

// It may mean anything: only what check-task tells of the receipt counts, and only where it is sure.
TEST(StrangeSumInALink, StopsNothingUnlessCheckTaskContradicts) {
  for (const auto check_task :
       {simulator::CheckTask::kAnswers, simulator::CheckTask::kNotFound, simulator::CheckTask::kWrong}) {
    SCOPED_TRACE(static_cast<int>(check_task));
    simulator::Switches switches;
    switches.check_task = check_task;
    EngineOnSimulator gateway({.switches = switches});
    for (const char* document : {"so-1", "so-2"}) {
      AnswerTheNextSaleWithAStrangeSum(gateway);
      const auto sold = gateway.Fiscalize(gateway.Sale(document));
      ASSERT_TRUE(sold.ok()) << sold.status();
      EXPECT_EQ(sold->fiscalization->state, State::kFiscalized);
      EXPECT_EQ(sold->fiscalization->attempts, 1);
      EXPECT_GE(CheckTasksOf(gateway, sold->fiscalization->id), 1);
    }
    const auto usual = gateway.Fiscalize(gateway.Sale("so-3"));
    EXPECT_EQ(CheckTasksOf(gateway, usual->fiscalization->id), 0);
    EXPECT_EQ(gateway.Receipts().size(), 3);
  }
}

// What check-task tells of the receipt of "so-2", whose link tells a strange sum, is made of its tag.
domain::Fiscalization SoldWithAStrangeSum(const std::function<std::string(const std::string& tag)>& told) {
  simulator::Switches switches;
  switches.listing_state = simulator::ListingState::kNotFound;
  EngineOnSimulator gateway({.switches = switches, .tag_memory = domain::TagMemory::kUnproven});
  EXPECT_EQ(gateway.Fiscalize(gateway.Sale("so-1"))->fiscalization->state, State::kFiscalized);
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(true); });
  const auto waits = gateway.Fiscalize(gateway.Sale("so-2"), absl::ZeroDuration());
  const std::string id = waits->fiscalization->id;
  EXPECT_TRUE(gateway.AwaitLane(LaneState::kPaused, Reason::kRegisterBlocked));
  AnswerTheNextSaleWithAStrangeSum(gateway);
  simulator::Fault fault{.kind = simulator::FaultKind::kHttpStatus};
  fault.call = simulator::Call::kCheckTask;
  fault.status = 200;
  fault.body = told(gateway.Get(id)->tag);
  EXPECT_TRUE(gateway.cloud().AddFault(fault).ok());
  OnRegister(gateway, [](simulator::Register& one) { one.SetBlocked(false); });
  EXPECT_TRUE(gateway.AwaitThat([&] {
    const State state = gateway.Get(id)->state;
    return state == State::kFiscalized || state == State::kInDoubt;
  }));
  EXPECT_EQ(gateway.Receipts().size(), 2);
  return *gateway.Get(id);
}

std::string TaskWith(const std::string& tag, const std::string& sum) {
  return absl::StrCat(R"({"task":{"tag":")", tag, R"(","fiscal":{"task":1,"receipt":{"sum":)", sum, "}}}}");
}

TEST(StrangeSumInALink, IsInDoubtWhereCheckTaskTellsAnotherSumUnderItsTag) {
  const auto sold = SoldWithAStrangeSum([](const std::string& tag) { return TaskWith(tag, "987654.32"); });
  EXPECT_EQ(sold.state, State::kInDoubt);
  ASSERT_TRUE(sold.failure);
  EXPECT_EQ(sold.failure->reason, Reason::kAnswerContradicts);
}

// The control of so-1's receipt tells its tag rightly, so the other one is a tag indeed.
TEST(StrangeSumInALink, IsInDoubtWhereCheckTaskTellsAnothersTagThatCanBeReliedOn) {
  const auto sold = SoldWithAStrangeSum(
      [](const std::string&) { return TaskWith("0123456789abcdef0123456789abcdef", "45.00"); });
  EXPECT_EQ(sold.state, State::kInDoubt);
}

TEST(StrangeSumInALink, IsNoMatterWhereCheckTaskTellsASumOfNobodysReceipt) {
  const auto sold = SoldWithAStrangeSum([](const std::string&) { return TaskWith("", "987654.32"); });
  EXPECT_EQ(sold.state, State::kFiscalized);
}

}  // namespace
}  // namespace kasa::engine
