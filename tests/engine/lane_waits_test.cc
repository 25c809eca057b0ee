#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_by_hand.h"

// How long a lane rests after each kind of trouble (domain/waiting.h), and what is concluded from answers
// that need a second look.
namespace kasa::engine {
namespace {

using domain::SendEnding;
using domain::State;

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 11, 24, 10, 0, 0), absl::UTCTimeZone());

class LaneWaits : public testing::Test {
 protected:
  LaneWaits() { EXPECT_EQ(engine_.Fiscalize(engine_.Sale("first"))->state, State::kFiscalized); }

  // From now on every receipt is answered so; the times of the requests are kept.
  void Answer(std::function<vchasno::ExecuteAnswer()> answer) {
    engine_.cash_register.instead = [this, answer](const std::string&, const std::function<void()>&) {
      asked_.push_back(engine_.clock.Monotonic());
      return answer();
    };
  }
  void AnswerAsUsual() { engine_.cash_register.instead = nullptr; }

  std::vector<int64_t> GapsInSeconds() const {
    std::vector<int64_t> gaps;
    for (size_t i = 1; i < asked_.size(); ++i) {
      gaps.push_back(absl::ToInt64Seconds(asked_[i] - asked_[i - 1]));
    }
    return gaps;
  }

  EngineByHand engine_{{.now = kNoon}};
  std::vector<absl::Duration> asked_;
};

struct GrowingCase {
  const char* name;
  SendEnding ending;
  Reason reason;
  std::optional<int64_t> res;
};
class GrowingWait : public LaneWaits, public testing::WithParamInterface<GrowingCase> {};

TEST_P(GrowingWait, DoublesUpToFiveMinutesAndEndsWithTheTrouble) {
  const GrowingCase& given = GetParam();
  Answer([&] {
    vchasno::ExecuteAnswer answer = Refused(given.ending, given.reason, given.res.value_or(0));
    if (!given.res) answer.res.reset();
    return answer;
  });
  const std::string id = engine_.Fiscalize(engine_.Sale("waits"))->id;
  engine_.Pass(absl::Seconds(64), absl::Seconds(1));
  EXPECT_EQ(GapsInSeconds(), (std::vector<int64_t>{1, 2, 4, 8, 16, 32}));
  engine_.Pass(absl::Minutes(40), absl::Seconds(4));
  EXPECT_EQ(GapsInSeconds().back(), 300);
  EXPECT_EQ(engine_.Get(id).state, State::kAccepted);
  EXPECT_EQ(engine_.Lane().state, LaneState::kPaused);
  EXPECT_EQ(engine_.Lane().reason, given.reason);
  EXPECT_GT(*engine_.Lane().next_step, engine_.clock.Now());
  // Held ever since the first trouble, however often it was tried in between.
  EXPECT_EQ(engine_.clock.Now() - *engine_.Lane().since, absl::Minutes(40) + absl::Seconds(64));
  AnswerAsUsual();
  EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine_.Lane().state, LaneState::kRunning);
  EXPECT_EQ(engine_.cash_register.receipts.size(), 2);
}

INSTANTIATE_TEST_SUITE_P(
    SurelyNotIssued, GrowingWait,
    testing::Values(
        GrowingCase{"RegisterRefused", SendEnding::kRefusedRegister, Reason::kNoBalance, 1123},
        GrowingCase{"TokenRefused", SendEnding::kTokenRefused, Reason::kTokenRefused, std::nullopt},
        GrowingCase{"Throttled", SendEnding::kThrottled, Reason::kRateLimited, std::nullopt},
        GrowingCase{"NeverSent", SendEnding::kNeverSent, Reason::kRegisterUnreachable, std::nullopt}),
    [](const auto& of) { return of.param.name; });

vchasno::ExecuteAnswer AsksToWait20Minutes() {
  vchasno::ExecuteAnswer answer = Refused(SendEnding::kThrottled, Reason::kRateLimited, 0);
  answer.retry_after = absl::Minutes(20);
  return answer;
}

TEST_F(LaneWaits, ARetryAfterIsObeyedWhateverAnOperatorDoes) {
  Answer(AsksToWait20Minutes);
  const std::string id = engine_.Fiscalize(engine_.Sale("waits"))->id;
  const size_t requests = engine_.client.requests().size();
  engine_.Pass(absl::Minutes(10));
  engine_.OperatorTouchesTheIntegration();
  ASSERT_TRUE(engine_.Fiscalize(engine_.Sale("behind")).ok());
  engine_.Pass(absl::Minutes(9));
  EXPECT_EQ(engine_.client.requests().size(), requests);
  AnswerAsUsual();
  engine_.Pass(absl::Minutes(2));
  EXPECT_EQ(engine_.Get(id).state, State::kFiscalized);
}

TEST_F(LaneWaits, ARetryAfterOutlivesARestart) {
  Answer(AsksToWait20Minutes);
  const std::string id = engine_.Fiscalize(engine_.Sale("waits"))->id;
  engine_.Pass(absl::Minutes(5));
  engine_.CrashAndStart();
  AnswerAsUsual();
  const size_t requests = engine_.client.requests().size();
  const int statuses = engine_.cash_register.statuses;
  engine_.Pass(absl::Minutes(14));
  EXPECT_EQ(engine_.client.requests().size(), requests);
  EXPECT_EQ(engine_.cash_register.statuses, statuses);
  engine_.Pass(absl::Minutes(2));
  EXPECT_EQ(engine_.Get(id).state, State::kFiscalized);
}

// A register that asked for the same request again gets no status before it, by nobody.
TEST_F(LaneWaits, WhatWaitsOutARetryAfterSinceBeforeARestartIsADoubtAllTheSame) {
  Answer([first = true]() mutable {
    if (!std::exchange(first, false)) return AsksToWait20Minutes();
    return Refused(SendEnding::kDoubtSameTagNext, Reason::kRegisterBusy, 1105, 2);
  });
  const std::string id = engine_.Fiscalize(engine_.Sale("doubted"))->id;
  engine_.Pass(absl::Minutes(5));
  ASSERT_EQ(engine_.Get(id).failure->reason, Reason::kRateLimited);
  ASSERT_EQ(engine_.Get(id).state, State::kInDoubt);
  engine_.CrashAndStart();
  const int statuses = engine_.cash_register.statuses;
  std::optional<ConnectionReport> report;
  engine_.engine().integrations().CheckConnection(
      "shop-1", [&](const absl::StatusOr<ConnectionReport>& checked) { report = *checked; });
  engine_.Settle();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, ConnectionOutcome::kBusy);
  EXPECT_EQ(engine_.cash_register.statuses, statuses);
}

TEST_F(LaneWaits, ARetryAfterOfAStatusIsObeyedToo) {
  engine_.CrashAndStart();  // so that the register is asked for its status first
  engine_.cash_register.instead_of_status = [] {
    vchasno::StatusAnswer answer;
    answer.outcome = vchasno::StatusOutcome::kRefused;
    answer.reason = Reason::kRateLimited;
    answer.retry_after = absl::Minutes(20);
    return answer;
  };
  const std::string id = engine_.Fiscalize(engine_.Sale("waits"))->id;
  const int statuses = engine_.cash_register.statuses;
  engine_.Pass(absl::Minutes(19));
  EXPECT_EQ(engine_.cash_register.statuses, statuses);
  engine_.cash_register.instead_of_status = nullptr;
  engine_.Pass(absl::Minutes(2));
  EXPECT_EQ(engine_.Get(id).state, State::kFiscalized);
}

TEST_F(LaneWaits, ARefusalForItsContentIsNotSentAgain) {
  Answer([] { return Refused(SendEnding::kRefusedDocument, Reason::kReceiptArithmeticRefused, 1101); });
  const std::string id = engine_.Fiscalize(engine_.Sale("wrong"))->id;
  engine_.Pass(absl::Hours(1), absl::Minutes(1));
  EXPECT_EQ(engine_.Get(id).state, State::kFailed);
  EXPECT_EQ(asked_.size(), 1);
}

// --- a token that was moved to another register in Vchasno.Kasa's cabinet, the same characters as before

TEST_F(LaneWaits, ATokenThatAnswersForAnotherRegisterIsNotItsOwnAnyMore) {
  const auto token_state = [this] {
    return engine_.store().integrations().OfRegister("4000000001")->integration.token_state;
  };
  ASSERT_EQ(token_state(), domain::TokenState::kAccepted);
  engine_.cash_register.fiscal_number = "4000000002";
  engine_.CrashAndStart();  // so that the register is asked for its status first
  const std::string id = engine_.Fiscalize(engine_.Sale("waits"))->id;
  ASSERT_TRUE(engine_.Get(id).failure);
  EXPECT_EQ(engine_.Get(id).failure->reason, Reason::kRegisterMismatch);
  // What it says, to a look too, is another register's until a status says otherwise.
  EXPECT_EQ(token_state(), domain::TokenState::kUnverified);
  // That it goes on doing so is no news, and in no operator's way.
  const auto revision = [this] {
    return engine_.store().integrations().OfRegister("4000000001")->integration.revision;
  };
  const int64_t seen = revision();
  const int statuses = engine_.cash_register.statuses;
  engine_.Pass(absl::Minutes(10));
  engine_.engine().integrations().CheckConnection("shop-1", [](const absl::StatusOr<ConnectionReport>&) {});
  engine_.Settle();
  EXPECT_GT(engine_.cash_register.statuses, statuses);
  EXPECT_EQ(revision(), seen);
  engine_.cash_register.fiscal_number = "4000000001";
  EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(token_state(), domain::TokenState::kAccepted);
}

// A person saw it first: the lane verifies its register before it sends, so that a restart finds the token
// known.
TEST_F(LaneWaits, ATokenThatAnsweredForAnotherRegisterIsVerifiedBeforeTheNextDocument) {
  engine_.cash_register.fiscal_number = "4000000002";
  engine_.engine().integrations().CheckConnection("shop-1", [](const absl::StatusOr<ConnectionReport>&) {});
  engine_.Settle();
  engine_.cash_register.fiscal_number = "4000000001";
  Answer([] { return Refused(SendEnding::kDoubtSameTagNext, Reason::kRegisterBusy, 1105, 2); });
  const std::string id = engine_.Fiscalize(engine_.Sale("asked for again"))->id;
  ASSERT_EQ(engine_.Get(id).state, State::kInDoubt);
  const int statuses = engine_.cash_register.statuses;
  engine_.CrashAndStart();
  AnswerAsUsual();
  EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine_.cash_register.statuses, statuses) << "the register waited for that very request";
}

// --- a code for a closed shift that is one client's word

vchasno::ExecuteAnswer SaysShiftIsClosed(std::optional<int64_t> res_action) {
  vchasno::ExecuteAnswer answer = Refused(SendEnding::kShiftClosed, Reason::kShiftClosed, 2007);
  answer.res_action = res_action;
  answer.confirm_by_status = true;
  return answer;
}

TEST_F(LaneWaits, AnUnsureWordForAClosedShiftIsTakenWhereTheStatusAgrees) {
  engine_.cash_register.instead =
      [this](const std::string&, const std::function<void()>&) -> std::optional<vchasno::ExecuteAnswer> {
    if (engine_.cash_register.shift_open) return std::nullopt;
    return SaysShiftIsClosed(3);
  };
  engine_.cash_register.CloseShift();
  const std::string id = engine_.Fiscalize(engine_.Sale("late"))->id;
  EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine_.cash_register.openings, 2);
}

TEST_F(LaneWaits, AnUnsureWordForAClosedShiftIsARefusalWhereTheStatusSaysOpen) {
  Answer([] { return SaysShiftIsClosed(3); });
  const std::string id = engine_.Fiscalize(engine_.Sale("refused"))->id;
  EXPECT_EQ(engine_.Get(id).state, State::kFailed);
  EXPECT_EQ(engine_.Get(id).failure->reason, Reason::kRegisterRefused);
  EXPECT_FALSE(engine_.Get(id).failure->correction_allowed);
  EXPECT_EQ(engine_.cash_register.openings, 1);
  EXPECT_EQ(engine_.Lane().state, LaneState::kRunning);
}

TEST_F(LaneWaits, AnUnsureWordWithoutAnActionIsDoubtWhereTheStatusSaysOpen) {
  Answer([] { return SaysShiftIsClosed(std::nullopt); });
  const std::string id = engine_.Fiscalize(engine_.Sale("doubted"))->id;
  EXPECT_EQ(engine_.Get(id).state, State::kInDoubt);
  EXPECT_EQ(engine_.Get(id).failure->reason, Reason::kRegisterServiceTrouble);
  AnswerAsUsual();
  EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine_.cash_register.receipts.size(), 2);
}

TEST_F(LaneWaits, AnUnsureWordThatCanNotBeConfirmedMakesDoubtOnlyWithoutAnAction) {
  for (const std::optional<int64_t> action : {std::optional<int64_t>(3), std::optional<int64_t>()}) {
    SCOPED_TRACE(action.value_or(-1));
    Answer([action] { return SaysShiftIsClosed(action); });
    engine_.cash_register.instead_of_status = [] { return vchasno::StatusAnswer(); };  // unreachable
    const std::string id = engine_.Fiscalize(engine_.Sale(absl::StrCat("sale-", action.value_or(0))))->id;
    EXPECT_EQ(engine_.Get(id).state, action ? State::kAccepted : State::kInDoubt);
    AnswerAsUsual();
    engine_.cash_register.instead_of_status = nullptr;
    EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
  }
  EXPECT_EQ(engine_.cash_register.receipts.size(), 3);
}

TEST_F(LaneWaits, RefusalsAlikeWithAnotherInBetweenAreNotInARow) {
  const auto unknown = [] { return Refused(SendEnding::kUnknownRefusal, Reason::kRegisterRefused, 7777); };
  const auto content = [] { return Refused(SendEnding::kRefusedDocument, Reason::kStsRefused, 1040); };
  int sale = 0;
  for (const auto& answer :
       std::vector<std::function<vchasno::ExecuteAnswer()>>{unknown, unknown, content, unknown, unknown}) {
    Answer(answer);
    const std::string id = engine_.Fiscalize(engine_.Sale(absl::StrCat("sale-", ++sale)))->id;
    EXPECT_EQ(engine_.Get(id).state, State::kFailed) << sale;
  }
  Answer(unknown);
  const std::string third = engine_.Fiscalize(engine_.Sale("third in a row"))->id;
  EXPECT_EQ(engine_.Get(third).state, State::kAccepted);
  EXPECT_EQ(engine_.Lane().state, LaneState::kPaused);
}

// --- what the register asked for again, near the end of the day

// Registers close their shifts by themselves shortly before midnight. What was read of the shift before the
// send tells nothing of it then, and the register must not be asked: it waits for the same request.
TEST(AskedForAgain, IsNotSentOnAnEarlierStatusInTheLastMinutesOfTheDay) {
  for (const bool late : {false, true}) {
    const absl::Time evening = kNoon + absl::Hours(11);  // 23:00 in Kyiv
    EngineByHand engine({.now = late ? evening + absl::Minutes(52) : evening});
    EXPECT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
    int asked = 0;
    engine.cash_register.instead = [&asked](const std::string&, const std::function<void()>&) {
      ++asked;
      return Refused(SendEnding::kDoubtSameTagNext, Reason::kRegisterBusy, 1105, 2);
    };
    const std::string id = engine.Fiscalize(engine.Sale("asked for again"))->id;
    engine.Pass(absl::Minutes(1), absl::Seconds(1));
    EXPECT_EQ(engine.Get(id).state, State::kInDoubt);
    EXPECT_EQ(asked == 1, late) << asked;
  }
}

// --- an answer that a crash cut off

class CutOff : public testing::Test {
 protected:
  static EngineByHand::Options With(domain::TagMemory memory) { return {.now = kNoon, .tag_memory = memory}; }

  // The first request to execute anything, a status included; looks into listings may come before it.
  static std::optional<FakeClient::Kind> FirstPostSince(const EngineByHand& engine, size_t before) {
    const std::vector<FakeClient::Request> requests = engine.client.requests();
    for (size_t i = before; i < requests.size(); ++i) {
      const FakeClient::Kind kind = requests[i].kind;
      if (kind == FakeClient::Kind::kExecute || kind == FakeClient::Kind::kStatus) return kind;
    }
    return std::nullopt;
  }

  // A sale whose answer is on its way when the gateway dies.
  static std::string Crash(EngineByHand& engine) {
    EXPECT_EQ(engine.Fiscalize(engine.Sale("first"))->state, State::kFiscalized);
    engine.client.HoldAnswers();
    const std::string id = engine.Fiscalize(engine.Sale("cut off"))->id;
    EXPECT_EQ(engine.Get(id).state, State::kSending);
    engine.CrashAndStart();
    return id;
  }
};

TEST_F(CutOff, IsSentAgainAfterAStatusThatVerifiesTheRegister) {
  for (const auto memory : {domain::TagMemory::kSameShift, domain::TagMemory::kForever}) {
    EngineByHand engine(With(memory));
    const std::string id = Crash(engine);
    const size_t before = engine.client.requests().size();
    EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
    EXPECT_EQ(FirstPostSince(engine, before), FakeClient::Kind::kStatus);
    EXPECT_EQ(engine.cash_register.receipts.size(), 2);
  }
}

TEST_F(CutOff, IsSentAgainAtOnceWhereTheRegisterAnswersTheStatusThatItWaitsForIt) {
  EngineByHand engine(With(domain::TagMemory::kSameShift));
  const std::string id = Crash(engine);
  engine.cash_register.instead_of_status = []() -> std::optional<vchasno::StatusAnswer> {
    vchasno::StatusAnswer waits;
    waits.outcome = vchasno::StatusOutcome::kRefused;
    waits.reason = Reason::kRegisterBusy;
    waits.same_tag_next = true;
    waits.never_park = true;
    return waits;
  };
  const int before = engine.cash_register.statuses;
  EXPECT_TRUE(engine.AwaitState(id, State::kFiscalized));
  EXPECT_EQ(engine.cash_register.statuses, before + 1);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);
}

// Beyond the last of its tags, a history that was lost would not be found again (ADR 0014).
TEST_F(LaneWaits, APaymentThatIsRefusedForDaysKeepsToTheTagsThatAreLookedFor) {
  Answer([] { return Refused(SendEnding::kRefusedRegister, Reason::kNoBalance, 1123); });
  const std::string id = engine_.Fiscalize(engine_.Payment("waits"))->id;
  engine_.Pass(absl::Hours(50), absl::Minutes(5));
  EXPECT_EQ(engine_.Get(id).state, State::kAccepted);
  EXPECT_EQ(engine_.Get(id).tag_number, 255);
  const size_t asked = asked_.size();
  engine_.Pass(absl::Hours(2), absl::Minutes(5));
  EXPECT_GT(asked_.size(), asked);
  EXPECT_EQ(engine_.Get(id).tag_number, 255);
  AnswerAsUsual();
  EXPECT_TRUE(engine_.AwaitState(id, State::kFiscalized));
}

}  // namespace
}  // namespace kasa::engine
