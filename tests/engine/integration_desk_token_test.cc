#include <optional>
#include <string>
#include <vector>

#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "tests/engine/desk_fixture.h"

// Tokens and the registers behind them (product.md, point 3).
namespace kasa::engine {
namespace {

using domain::PinnedRegister;
using domain::RegisterMode;
using domain::RegisterStatus;
using domain::TokenState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using vchasno::StatusOutcome;

constexpr char kOtherNumber[] = "4000000002";

class TokenTest : public DeskTest {
 protected:
  void Activate(const std::string& id, bool acknowledge = false) {
    const auto updated = Update(
        id, [](domain::Integration& i) { i.active = true; }, acknowledge);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }

  // Waits until the lane has nothing on the wire and nothing to store.
  void AwaitRestingLane() {
    ASSERT_TRUE(executor_.RunUntil([&] { return lanes_->TryHold(kFiscalNumber) != nullptr; }));
  }

  // The integration with the token of a test register that answers, active, with a document that waits.
  void ExistingWithWork(const std::string& id) {
    RegisterAnswers(Named());
    Existing(id, kToken);
    Activate(id);
    AcceptSale(id);
  }
};

TEST_F(TokenTest, TheRegisterThatAnswersIsPinned) {
  Existing("shop");
  RegisterAnswers(Named());
  const auto set = SetToken("shop", kToken);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->warnings, IsEmpty());

  const store::IntegrationRecord record = Record("shop");
  EXPECT_EQ(record.token, Secret(kToken));
  EXPECT_EQ(record.integration.token_state, TokenState::kAccepted);
  EXPECT_EQ(record.integration.token_last_four, "1111");
  EXPECT_EQ(record.integration.token_set_time, clock_.Now());
  EXPECT_EQ(record.integration.pinned_register,
            (PinnedRegister{kFiscalNumber, kEdrpou, RegisterMode::kTest, false}));
  EXPECT_EQ(record.last_status, Named());
  EXPECT_EQ(record.last_status_time, clock_.Now());
}

TEST_F(TokenTest, EveryQuestionIsKeptForTheAudit) {
  Existing("shop");
  RegisterAnswers(Named());
  ASSERT_TRUE(SetToken("shop", kToken).ok());
  RegisterIs(StatusOutcome::kTokenRefused, Reason::kTokenRefused, 401);
  ASSERT_FALSE(SetToken("shop", kOtherToken).ok());

  const auto kept = store_->sends().ListExchanges("", 0, 10);
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_THAT(kept->exchanges, SizeIs(2));
  const store::Exchange& first = kept->exchanges[0];
  EXPECT_EQ(first.kind, store::ExchangeKind::kStatus);
  EXPECT_EQ(first.integration_id, "shop");
  EXPECT_EQ(first.register_fiscal_number, kFiscalNumber);
  EXPECT_EQ(first.http_status, 200);
  EXPECT_EQ(first.request, R"({"fiscal":{"task":18}})");
  EXPECT_EQ(first.answer, R"({"res":0})");
  EXPECT_EQ(first.outcome, "answered");
  EXPECT_EQ(kept->exchanges[1].http_status, 401);
  EXPECT_EQ(kept->exchanges[1].outcome, "as scripted");
}

TEST_F(TokenTest, ARefusedTokenChangesNothing) {
  RegisterAnswers(Named());
  const domain::Integration before = Existing("shop", kToken);
  RegisterIs(StatusOutcome::kTokenRefused, Reason::kTokenRefused, 401);
  const auto set = SetToken("shop", kOtherToken);
  EXPECT_EQ(set.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(set.status()), Reason::kTokenRefused);
  EXPECT_EQ(Record("shop").token, Secret(kToken));
  EXPECT_EQ(Stored("shop").revision, before.revision);
  EXPECT_EQ(Stored("shop").token_state, TokenState::kAccepted);
}

struct NoStatusCase {
  const char* name;
  StatusOutcome outcome;
  Reason reason;
  int http_status;
};

class NoStatusTest : public TokenTest, public testing::WithParamInterface<NoStatusCase> {};

TEST_P(NoStatusTest, TheTokenIsStoredUnverifiedAndCheckConnectionPinsLater) {
  const NoStatusCase& c = GetParam();
  RegisterIs(c.outcome, c.reason, c.http_status);
  Existing("shop");
  const auto set = SetToken("shop", kToken);
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_THAT(set->warnings, SizeIs(1));
  EXPECT_THAT(set->warnings[0], HasSubstr(std::string(NameOf(c.reason))));
  EXPECT_EQ(Stored("shop").token_state, TokenState::kUnverified);
  EXPECT_FALSE(Stored("shop").pinned_register);

  RegisterAnswers(Named());
  const auto report = CheckConnection("shop");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, ConnectionOutcome::kOk);
  EXPECT_EQ(Stored("shop").token_state, TokenState::kAccepted);
  EXPECT_EQ(Stored("shop").pinned_register->fiscal_number, kFiscalNumber);
}

INSTANTIATE_TEST_SUITE_P(
    All, NoStatusTest,
    testing::Values(NoStatusCase{"Unreachable", StatusOutcome::kUnreachable, Reason::kRegisterUnreachable, 0},
                    NoStatusCase{"Unreadable", StatusOutcome::kUnreadable, Reason::kAnswerUnreadable, 200},
                    NoStatusCase{"Refused", StatusOutcome::kRefused, Reason::kRegisterServiceTrouble, 200}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(TokenTest, WhatWasStatedOfAnUnreachableRegisterIsSaidNotToBeKept) {
  Existing("shop");
  const auto set = SetToken("shop", kToken, {.fiscal_number = kFiscalNumber});
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(set->warnings, ElementsAre(HasSubstr("what was stated of the register is not kept")));
  EXPECT_FALSE(Stored("shop").pinned_register);
}

TEST_F(TokenTest, ASilentStatusNeedsTheOperatorsWord) {
  Existing("shop");
  RegisterAnswers(RegisterStatus{.shift = domain::ShiftStatus::kOpen});
  const auto silent = SetToken("shop", kToken);
  EXPECT_EQ(ReasonOf(silent.status()), Reason::kRegisterFactsMissing);
  EXPECT_EQ(FactsOf(silent.status())["missing"],
            "stated_register_fiscal_number,stated_edrpou,stated_register_mode");
  EXPECT_EQ(Stored("shop").token_state, TokenState::kNone);

  const auto stated = SetToken("shop", kToken, {kFiscalNumber, kEdrpou, RegisterMode::kTest});
  ASSERT_TRUE(stated.ok()) << stated.status();
  EXPECT_EQ(Stored("shop").pinned_register,
            (PinnedRegister{kFiscalNumber, kEdrpou, RegisterMode::kTest, true}));
}

TEST_F(TokenTest, AnotherRegisterThanTheStatedOneIsRefused) {
  Existing("shop");
  RegisterAnswers(Named(kOtherNumber));
  const auto set = SetToken("shop", kToken, {.fiscal_number = kFiscalNumber});
  EXPECT_EQ(ReasonOf(set.status()), Reason::kRegisterMismatch);
  EXPECT_TRUE(Record("shop").token.empty());
}

TEST_F(TokenTest, WithoutAcceptedWorkATokenOfAnotherRegisterPinsThatOne) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  RegisterAnswers(Named(kOtherNumber));
  const auto set = SetToken("shop", kOtherToken);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(Stored("shop").pinned_register->fiscal_number, kOtherNumber);
}

TEST_F(TokenTest, WithoutAcceptedWorkATokenThatCanNotBeVerifiedForgetsTheRegister) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  RegisterIs(StatusOutcome::kUnreachable, Reason::kRegisterUnreachable);
  ASSERT_TRUE(SetToken("shop", kToken).ok());
  EXPECT_TRUE(Stored("shop").pinned_register) << "the same token is of the same register";
  ASSERT_TRUE(SetToken("shop", kOtherToken).ok());
  EXPECT_FALSE(Stored("shop").pinned_register);
}

TEST_F(TokenTest, OnceWorkWasAcceptedTheRegisterStays) {
  struct Case {
    const char* what;
    RegisterStatus status;
  };
  RegisterStatus other_owner = Named();
  other_owner.edrpou = "87654321";
  const std::vector<Case> cases = {{"number", Named(kOtherNumber)},
                                   {"EDRPOU", other_owner},
                                   {"mode", Named(kFiscalNumber, RegisterMode::kReal)}};
  ExistingWithWork("shop");
  for (const Case& c : cases) {
    RegisterAnswers(c.status);
    const auto set = SetToken("shop", kOtherToken);
    EXPECT_EQ(ReasonOf(set.status()), Reason::kTokenOfAnotherRegister) << c.what;
    EXPECT_EQ(Record("shop").token, Secret(kToken)) << c.what;
    AwaitRestingLane();
  }
  RegisterIs(StatusOutcome::kUnreachable, Reason::kRegisterUnreachable);
  ASSERT_TRUE(SetToken("shop", kOtherToken).ok());
  EXPECT_EQ(Stored("shop").pinned_register->fiscal_number, kFiscalNumber);
  EXPECT_EQ(Stored("shop").token_state, TokenState::kUnverified);
}

TEST_F(TokenTest, ARegisterServesOneLiveIntegration) {
  RegisterAnswers(Named());
  Existing("first", kToken);
  Existing("second");
  const int asked = questions();

  const auto same_token = SetToken("second", kToken);
  EXPECT_EQ(ReasonOf(same_token.status()), Reason::kRegisterInUse);
  EXPECT_EQ(FactsOf(same_token.status())["integration_id"], "first");
  const auto stated = SetToken("second", kOtherToken, {.fiscal_number = kFiscalNumber});
  EXPECT_EQ(ReasonOf(stated.status()), Reason::kRegisterInUse);
  EXPECT_EQ(questions(), asked) << "the register of another integration is not disturbed";

  const auto other_token = SetToken("second", kOtherToken);
  EXPECT_EQ(ReasonOf(other_token.status()), Reason::kRegisterInUse);
  EXPECT_TRUE(Record("second").token.empty());

  ASSERT_TRUE(Delete("first").ok());
  EXPECT_TRUE(SetToken("second", kOtherToken).ok());
}

TEST_F(TokenTest, ARealRegisterUnderAnActiveIntegrationNeedsAnAcknowledgement) {
  Existing("shop");
  Activate("shop");
  RegisterAnswers(Named(kFiscalNumber, RegisterMode::kReal));
  EXPECT_EQ(ReasonOf(SetToken("shop", kToken).status()), Reason::kNotReady);
  EXPECT_TRUE(Record("shop").token.empty());

  Activate("shop", /*acknowledge=*/true);
  EXPECT_TRUE(SetToken("shop", kToken).ok());
  EXPECT_EQ(Stored("shop").unready_acknowledgement->principal, "olena");

  RegisterAnswers(Named(kOtherNumber, RegisterMode::kReal));
  EXPECT_EQ(ReasonOf(SetToken("shop", kOtherToken).status()), Reason::kNotReady)
      << "what was acknowledged for one register says nothing about the next";
}

TEST_F(TokenTest, ABusyLaneIsWaitedForAndThenAsked) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  auto at_work = lanes_->TryHold(kFiscalNumber);
  ASSERT_TRUE(at_work);
  const int asked = questions();

  std::optional<absl::StatusOr<IntegrationOutcome>> outcome;
  desk_->SetToken({.integration_id = "shop", .token = Secret(kOtherToken)},
                  [&](auto value) { outcome = std::move(value); });
  executor_.Advance(absl::Seconds(5));
  EXPECT_FALSE(outcome);
  EXPECT_EQ(questions(), asked);
  at_work.reset();
  executor_.Advance(absl::Seconds(1));
  ASSERT_TRUE(executor_.RunUntil([&] { return outcome.has_value(); }));
  ASSERT_TRUE(outcome->ok()) << outcome->status();
  EXPECT_EQ((*outcome)->integration.token_state, TokenState::kAccepted);
}

TEST_F(TokenTest, ALaneThatStaysBusyGetsTheTokenUnverified) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  const auto at_work = lanes_->TryHold(kFiscalNumber);
  const int asked = questions();
  std::optional<absl::StatusOr<IntegrationOutcome>> outcome;
  desk_->SetToken({.integration_id = "shop", .token = Secret(kOtherToken)},
                  [&](auto value) { outcome = std::move(value); });
  executor_.Advance(settings_.default_max_wait + absl::Seconds(1));
  ASSERT_TRUE(executor_.RunUntil([&] { return outcome.has_value(); }));
  ASSERT_TRUE(outcome->ok()) << outcome->status();
  EXPECT_THAT((*outcome)->warnings, ElementsAre(HasSubstr("was not disturbed")));
  EXPECT_EQ(Stored("shop").token_state, TokenState::kUnverified);
  EXPECT_EQ(questions(), asked);
}

// Else a lane would ask for the status where the register waits for the same request again.
TEST_F(TokenTest, TheAcceptedTokenOnceMoreStaysAcceptedWhenTheRegisterCanNotBeAsked) {
  RegisterAnswers(Named());
  ExistingWithWork("shop");
  const domain::Integration before = Stored("shop");
  ASSERT_EQ(before.token_state, TokenState::kAccepted);
  executor_.Advance(absl::Hours(1));
  RegisterIs(StatusOutcome::kUnreachable, Reason::kRegisterUnreachable);
  const auto set = SetToken("shop", kToken);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(Stored("shop").token_state, TokenState::kAccepted);
  EXPECT_EQ(Stored("shop").token_set_time, before.token_set_time);
  EXPECT_THAT(set->warnings, ElementsAre(HasSubstr("had accepted before")));
}

// Likewise: the register has named itself under it once.
TEST_F(TokenTest, TheRefusedTokenOnceMoreStaysRefusedWhenTheRegisterCanNotBeAsked) {
  ExistingWithWork("shop");
  RegisterIs(StatusOutcome::kTokenRefused, Reason::kTokenRefused, 401);
  lanes_->WorkQueued(kFiscalNumber);
  AwaitRestingLane();
  ASSERT_EQ(Stored("shop").token_state, TokenState::kRefused);
  RegisterIs(StatusOutcome::kUnreachable, Reason::kRegisterUnreachable);
  const auto set = SetToken("shop", kToken);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(Stored("shop").token_state, TokenState::kRefused);
  EXPECT_THAT(set->warnings, ElementsAre(HasSubstr("refused when it was last asked")));
}

TEST_F(TokenTest, WorkThatWaitedUnderARefusedTokenGoesOnWithTheNewOne) {
  ExistingWithWork("shop");
  RegisterIs(StatusOutcome::kTokenRefused, Reason::kTokenRefused, 401);
  lanes_->WorkQueued(kFiscalNumber);
  AwaitRestingLane();
  ASSERT_EQ(lanes_->View(kFiscalNumber).reason, Reason::kTokenRefused);
  ASSERT_EQ(Stored("shop").token_state, TokenState::kRefused);

  client_.OnExecute([](const FakeClient::Request&) {
    return vchasno::ExecuteAnswer{.ending = domain::SendEnding::kRefusedRegister,
                                  .reason = Reason::kNoBalance};
  });
  RegisterAnswers(Named());
  ASSERT_TRUE(SetToken("shop", kOtherToken).ok());
  ASSERT_TRUE(executor_.RunUntil([&] { return lanes_->View(kFiscalNumber).reason == Reason::kNoBalance; }));
  EXPECT_EQ(client_.requests().back().token, kOtherToken);
  EXPECT_EQ(client_.most_in_flight(), 1);
}

TEST_F(TokenTest, TwoQuestionsWithOneTokenNeverMeet) {
  RegisterAnswers(Named());
  client_.HoldAnswers();
  std::optional<absl::StatusOr<IntegrationOutcome>> first;
  std::optional<absl::StatusOr<IntegrationOutcome>> second;
  desk_->Create(NewIntegration("first", kToken), [&](auto value) { first = std::move(value); });
  desk_->Create(NewIntegration("second", kToken), [&](auto value) { second = std::move(value); });
  executor_.Advance(absl::Seconds(1));
  EXPECT_EQ(questions(), 1);
  client_.Release();
  ASSERT_TRUE(executor_.RunUntil([&] { return first.has_value(); }));
  executor_.Advance(absl::Seconds(1));
  ASSERT_TRUE(executor_.RunUntil([&] { return second.has_value(); }));
  EXPECT_TRUE(first->ok());
  EXPECT_EQ(ReasonOf(second->status()), Reason::kRegisterInUse);
  EXPECT_EQ(client_.most_in_flight(), 1);
}

TEST_F(TokenTest, WhatIsNoTokenIsAViolationAndNeverSent) {
  struct Case {
    std::string token;
    Reason reason;
  };
  const std::vector<Case> cases = {{"", Reason::kFieldRequired},
                                   {"Bearer abcdefgh", Reason::kFieldInvalid},
                                   {"abcdefgh\r\nX-Evil: 1", Reason::kFieldInvalid},
                                   {"токен", Reason::kFieldInvalid},
                                   {std::string(513, 'a'), Reason::kFieldTooLong}};
  Existing("shop");
  for (const Case& c : cases) {
    const auto set = SetToken("shop", c.token);
    ASSERT_TRUE(set.ok()) << set.status();
    ASSERT_THAT(set->violations, SizeIs(1)) << c.token;
    EXPECT_EQ(set->violations[0].field, "token");
    EXPECT_EQ(set->violations[0].reason, c.reason) << c.token;
    EXPECT_THAT(set->violations[0].message, testing::Not(HasSubstr("abcdefgh"))) << "a token is never told";
  }
  EXPECT_EQ(questions(), 0);
}

TEST_F(TokenTest, AnOldEtagOrAnUnknownOrDeletedIntegrationIsToldBeforeAnythingIsAsked) {
  ExistingWithWork("shop");
  const auto set = [&](const std::string& id, int64_t revision) {
    return Await<IntegrationOutcome>([&](auto done) {
      desk_->SetToken({.integration_id = id, .revision = revision, .token = Secret(kOtherToken)},
                      std::move(done));
    });
  };
  const int asked = questions();
  EXPECT_EQ(ReasonOf(set("shop", 999).status()), Reason::kEtagMismatch);
  EXPECT_EQ(ReasonOf(set("nobody", 1).status()), Reason::kIntegrationNotFound);
  EXPECT_EQ(questions(), asked);
}

}  // namespace
}  // namespace kasa::engine
