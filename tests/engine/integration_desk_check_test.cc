#include <optional>
#include <string>
#include <vector>

#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "tests/engine/desk_fixture.h"

// Check connection: what an operator is told, and what the gateway learns from it (product.md, point 4).
namespace kasa::engine {
namespace {

using domain::RegisterMode;
using domain::RegisterStatus;
using domain::ShiftStatus;
using domain::SignStatus;
using domain::TokenState;
using testing::ElementsAre;
using testing::HasSubstr;
using vchasno::StatusAnswer;
using vchasno::StatusOutcome;

constexpr char kOtherNumber[] = "4000000002";

RegisterStatus With(RegisterStatus status, const std::function<void(RegisterStatus&)>& change) {
  change(status);
  return status;
}

RegisterStatus NamedStatus(const std::string& fiscal_number = kFiscalNumber) {
  return {.fiscal_number = fiscal_number,
          .edrpou = kEdrpou,
          .mode = RegisterMode::kTest,
          .shift = ShiftStatus::kOpen,
          .sign = SignStatus::kFine};
}

struct OutcomeCase {
  const char* name;
  // What is answered: a status, or a trouble.
  std::optional<RegisterStatus> status;
  StatusOutcome trouble = StatusOutcome::kAnswered;
  Reason trouble_reason = Reason::kInternal;
  int http_status = 200;
  std::optional<int64_t> res;
  // What the operator is told.
  ConnectionOutcome outcome;
  std::optional<Reason> reason;
  bool reachable;
  bool token_accepted;
  // What is known of the token afterwards.
  TokenState token_state = TokenState::kAccepted;
};

class OutcomeTest : public DeskTest, public testing::WithParamInterface<OutcomeCase> {};

TEST_P(OutcomeTest, IsToldAsWhatItIs) {
  const OutcomeCase& c = GetParam();
  RegisterAnswers(Named());
  Existing("shop", kToken);
  const absl::Time seen_first = clock_.Now();
  clock_.Advance(absl::Hours(1));
  client_.OnStatus([&](const FakeClient::Request&) {
    StatusAnswer answer{.wire = {.start_time = clock_.Now(),
                                 .end_time = clock_.Now() + absl::Milliseconds(40),
                                 .http_status = c.http_status},
                        .outcome = c.trouble,
                        .status = c.status,
                        .reason = c.trouble_reason,
                        .message = "as scripted"};
    if (c.http_status != 0) answer.upstream = domain::Upstream{.http_status = c.http_status, .res = c.res};
    return answer;
  });

  const auto report = CheckConnection("shop");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, c.outcome);
  EXPECT_EQ(report->reason, c.reason);
  EXPECT_FALSE(report->message.empty());
  EXPECT_EQ(report->reachable, c.reachable);
  EXPECT_EQ(report->token_accepted, c.token_accepted);
  if (c.reachable) {
    EXPECT_EQ(report->latency, absl::Milliseconds(40));
  } else {
    EXPECT_FALSE(report->latency);
  }
  if (c.status) {
    EXPECT_EQ(report->status, c.status);
    EXPECT_EQ(report->status_time, clock_.Now() + absl::Milliseconds(40));
  } else {
    EXPECT_EQ(report->status, Named()) << "without an answer, what was seen last";
    EXPECT_EQ(report->status_time, seen_first);
  }
  EXPECT_EQ(Stored("shop").token_state, c.token_state);
  EXPECT_EQ(Stored("shop").pinned_register->fiscal_number, kFiscalNumber);

  const auto kept = store_->sends().ListExchanges("", 0, 10);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->exchanges.size(), 2u) << "every question is kept for the audit";
}

INSTANTIATE_TEST_SUITE_P(
    All, OutcomeTest,
    testing::Values(
        OutcomeCase{.name = "Works",
                    .status = NamedStatus(),
                    .outcome = ConnectionOutcome::kOk,
                    .reachable = true,
                    .token_accepted = true},
        OutcomeCase{.name = "WorksWithAClosedShift",
                    .status = With(NamedStatus(), [](auto& s) { s.shift = ShiftStatus::kClosed; }),
                    .outcome = ConnectionOutcome::kOk,
                    .reachable = true,
                    .token_accepted = true},
        OutcomeCase{.name = "Blocked",
                    .status = With(NamedStatus(), [](auto& s) { s.shift = ShiftStatus::kBlocked; }),
                    .outcome = ConnectionOutcome::kRegisterBlocked,
                    .reason = Reason::kRegisterBlocked,
                    .reachable = true,
                    .token_accepted = true},
        OutcomeCase{.name = "NoSignature",
                    .status = With(NamedStatus(), [](auto& s) { s.sign = SignStatus::kMissing; }),
                    .outcome = ConnectionOutcome::kRegisterRefused,
                    .reason = Reason::kSignatureMissing,
                    .reachable = true,
                    .token_accepted = true},
        OutcomeCase{.name = "AnotherRegister",
                    .status = NamedStatus(kOtherNumber),
                    .outcome = ConnectionOutcome::kAnotherRegister,
                    .reason = Reason::kRegisterMismatch,
                    .reachable = true,
                    .token_accepted = true,
                    .token_state = TokenState::kUnverified},
        OutcomeCase{
            .name = "AnotherRegisterThatIsBlocked",
            .status = With(NamedStatus(kOtherNumber), [](auto& s) { s.shift = ShiftStatus::kBlocked; }),
            .outcome = ConnectionOutcome::kAnotherRegister,
            .reason = Reason::kRegisterMismatch,
            .reachable = true,
            .token_accepted = true,
            .token_state = TokenState::kUnverified},
        OutcomeCase{.name = "AnotherOwner",
                    .status = With(NamedStatus(), [](auto& s) { s.edrpou = "87654321"; }),
                    .outcome = ConnectionOutcome::kAnotherRegister,
                    .reason = Reason::kRegisterMismatch,
                    .reachable = true,
                    .token_accepted = true,
                    .token_state = TokenState::kUnverified},
        OutcomeCase{.name = "TokenRefused",
                    .trouble = StatusOutcome::kTokenRefused,
                    .trouble_reason = Reason::kTokenRefused,
                    .http_status = 401,
                    .outcome = ConnectionOutcome::kTokenRefused,
                    .reason = Reason::kTokenRefused,
                    .reachable = true,
                    .token_accepted = false,
                    .token_state = TokenState::kRefused},
        OutcomeCase{.name = "Unreachable",
                    .trouble = StatusOutcome::kUnreachable,
                    .trouble_reason = Reason::kRegisterUnreachable,
                    .http_status = 0,
                    .outcome = ConnectionOutcome::kUnreachable,
                    .reason = Reason::kRegisterUnreachable,
                    .reachable = false,
                    .token_accepted = false},
        OutcomeCase{.name = "RefusedAsBlocked",
                    .trouble = StatusOutcome::kRefused,
                    .trouble_reason = Reason::kRegisterBlocked,
                    .res = 1124,
                    .outcome = ConnectionOutcome::kRegisterBlocked,
                    .reason = Reason::kRegisterBlocked,
                    .reachable = true,
                    .token_accepted = true},
        OutcomeCase{.name = "RefusedByTheRegister",
                    .trouble = StatusOutcome::kRefused,
                    .trouble_reason = Reason::kNoBalance,
                    .res = 1123,
                    .outcome = ConnectionOutcome::kRegisterRefused,
                    .reason = Reason::kNoBalance,
                    .reachable = true,
                    .token_accepted = true},
        OutcomeCase{.name = "RefusedByTheCloud",
                    .trouble = StatusOutcome::kRefused,
                    .trouble_reason = Reason::kRateLimited,
                    .http_status = 429,
                    .outcome = ConnectionOutcome::kRegisterRefused,
                    .reason = Reason::kRateLimited,
                    .reachable = true,
                    .token_accepted = false},
        OutcomeCase{.name = "Unreadable",
                    .trouble = StatusOutcome::kUnreadable,
                    .trouble_reason = Reason::kAnswerUnreadable,
                    .outcome = ConnectionOutcome::kUnreadable,
                    .reason = Reason::kAnswerUnreadable,
                    .reachable = true,
                    .token_accepted = false}),
    [](const auto& param) { return std::string(param.param.name); });

class CheckTest : public DeskTest {};

TEST_F(CheckTest, WithoutATokenNothingIsAsked) {
  Existing("shop");
  const auto report = CheckConnection("shop");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, ConnectionOutcome::kTokenMissing);
  EXPECT_EQ(report->reason, Reason::kTokenMissing);
  EXPECT_EQ(questions(), 0);
}

TEST_F(CheckTest, ABusyLaneIsNotDisturbedAndWhatWasSeenLastIsTold) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  const absl::Time seen = clock_.Now();
  clock_.Advance(absl::Minutes(3));
  const int asked = questions();
  const auto at_work = lanes_->TryHold(kFiscalNumber);
  const auto report = CheckConnection("shop");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, ConnectionOutcome::kBusy);
  EXPECT_EQ(report->reason, Reason::kRegisterBusy);
  EXPECT_EQ(report->status, Named());
  EXPECT_EQ(report->status_time, seen);
  EXPECT_FALSE(report->reachable);
  EXPECT_EQ(questions(), asked);
}

TEST_F(CheckTest, TheLaneIsGivenBackAfterwards) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  client_.HoldAnswers();
  std::optional<absl::StatusOr<ConnectionReport>> report;
  desk_->CheckConnection("shop", [&](auto value) { report = std::move(value); });
  executor_.RunUntilIdle();
  EXPECT_FALSE(lanes_->TryHold(kFiscalNumber)) << "while the register is asked, its wire is taken";
  client_.Release();
  ASSERT_TRUE(executor_.RunUntil([&] { return report.has_value(); }));
  EXPECT_TRUE(lanes_->TryHold(kFiscalNumber));
}

TEST_F(CheckTest, ASecondQuestionMeanwhileIsToldBusy) {
  RegisterIs(StatusOutcome::kUnreachable, Reason::kRegisterUnreachable);
  Existing("shop", kToken);
  client_.HoldAnswers();
  std::optional<absl::StatusOr<ConnectionReport>> first;
  desk_->CheckConnection("shop", [&](auto value) { first = std::move(value); });
  executor_.RunUntilIdle();
  const auto second = CheckConnection("shop");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->outcome, ConnectionOutcome::kBusy);
  client_.Release();
  ASSERT_TRUE(executor_.RunUntil([&] { return first.has_value(); }));
  EXPECT_EQ((*first)->outcome, ConnectionOutcome::kUnreachable);
}

TEST_F(CheckTest, ATokenThatWasRefusedAndIsAcceptedNowCountsAgain) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  RegisterIs(StatusOutcome::kTokenRefused, Reason::kTokenRefused, 401);
  ASSERT_TRUE(CheckConnection("shop").ok());
  ASSERT_EQ(Stored("shop").token_state, TokenState::kRefused);
  const int64_t revision = Stored("shop").revision;
  ASSERT_TRUE(CheckConnection("shop").ok());
  EXPECT_EQ(Stored("shop").revision, revision) << "what is known already changes nothing";
  RegisterAnswers(Named());
  ASSERT_TRUE(CheckConnection("shop").ok());
  EXPECT_EQ(Stored("shop").token_state, TokenState::kAccepted);
}

TEST_F(CheckTest, AnAnswerAboutAReplacedTokenSaysNothingOfTheNewOne) {
  RegisterAnswers(Named());
  Existing("shop", kToken);
  RegisterIs(StatusOutcome::kTokenRefused, Reason::kTokenRefused, 401);
  client_.HoldAnswers();
  std::optional<absl::StatusOr<ConnectionReport>> report;
  desk_->CheckConnection("shop", [&](auto value) { report = std::move(value); });
  executor_.RunUntilIdle();
  // Somebody replaces the token while the wire is out; the desk itself would wait for it.
  std::optional<absl::StatusOr<domain::Integration>> replaced;
  store_->integrations().Change(
      "shop", std::nullopt,
      [](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
        record.token = Secret(kOtherToken);
        return absl::OkStatus();
      },
      [&](auto value) { executor_.Post([&, value = std::move(value)] { replaced = value; }); });
  ASSERT_TRUE(executor_.RunUntil([&] { return replaced.has_value(); }));
  client_.Release();
  ASSERT_TRUE(executor_.RunUntil([&] { return report.has_value(); }));
  EXPECT_EQ((*report)->outcome, ConnectionOutcome::kTokenRefused);
  EXPECT_THAT((*report)->warnings, ElementsAre(HasSubstr("replaced")));
  EXPECT_EQ(Stored("shop").token_state, TokenState::kAccepted);
}

struct UnpinnableCase {
  const char* name;
  RegisterStatus status;
  bool active;
  Reason reason;
};

class UnpinnableTest : public DeskTest, public testing::WithParamInterface<UnpinnableCase> {};

TEST_P(UnpinnableTest, ARegisterThatAnswersAndCanNotBePinnedIsNotOk) {
  const UnpinnableCase& c = GetParam();
  RegisterAnswers(Named());
  Existing("holder", kToken);
  RegisterIs(StatusOutcome::kUnreachable, Reason::kRegisterUnreachable);
  Existing("shop", kOtherToken);
  if (c.active) {
    ASSERT_TRUE(Update("shop", [](domain::Integration& i) { i.active = true; }).ok());
  }
  RegisterAnswers(c.status);
  const auto report = CheckConnection("shop");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, ConnectionOutcome::kRegisterRefused);
  EXPECT_EQ(report->reason, c.reason);
  EXPECT_EQ(report->status, c.status);
  EXPECT_FALSE(Stored("shop").pinned_register);
  EXPECT_EQ(Stored("shop").token_state, TokenState::kUnverified);
}

INSTANTIATE_TEST_SUITE_P(
    All, UnpinnableTest,
    testing::Values(
        UnpinnableCase{"InUse", NamedStatus(), false, Reason::kRegisterInUse},
        UnpinnableCase{"FactsMissing", With(NamedStatus(kOtherNumber), [](auto& s) { s.edrpou.clear(); }),
                       false, Reason::kRegisterFactsMissing},
        UnpinnableCase{"RealAndActive",
                       With(NamedStatus(kOtherNumber), [](auto& s) { s.mode = RegisterMode::kReal; }), true,
                       Reason::kNotReady}),
    [](const auto& param) { return std::string(param.param.name); });

struct WarningCase {
  const char* name;
  std::function<void(RegisterStatus&, absl::Time now)> change;
  std::vector<std::string> warnings;
};

class WarningTest : public DeskTest, public testing::WithParamInterface<WarningCase> {};

TEST_P(WarningTest, WhatIsWorthALookIsSaid) {
  RegisterStatus status = Named();
  GetParam().change(status, clock_.Now());
  RegisterAnswers(status);
  const auto created = Create(NewIntegration("shop", kToken));
  ASSERT_TRUE(created.ok()) << created.status();
  const auto report = CheckConnection("shop");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->outcome, ConnectionOutcome::kOk);
  EXPECT_EQ(report->warnings, created->warnings) << "a new token is told the same";
  ASSERT_EQ(report->warnings.size(), GetParam().warnings.size());
  for (size_t i = 0; i < report->warnings.size(); ++i) {
    EXPECT_THAT(report->warnings[i], HasSubstr(GetParam().warnings[i]));
  }
  if (status.register_clock) {
    EXPECT_EQ(report->clock_difference, *status.register_clock - clock_.Now());
  } else {
    EXPECT_FALSE(report->clock_difference);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, WarningTest,
    testing::Values(
        WarningCase{"Nothing", [](RegisterStatus&, absl::Time) {}, {}},
        WarningCase{"AShiftOf23Hours",
                    [](RegisterStatus& s, absl::Time now) { s.shift_opened = now - absl::Hours(23); },
                    {}},
        WarningCase{"AShiftOfMore",
                    [](RegisterStatus& s, absl::Time now) {
                      s.shift_opened = now - absl::Hours(23) - absl::Seconds(1);
                    },
                    {"the shift is open for 23h1s"}},
        WarningCase{"AnOldShiftThatIsClosed",
                    [](RegisterStatus& s, absl::Time now) {
                      s.shift = ShiftStatus::kClosed;
                      s.shift_opened = now - absl::Hours(30);
                    },
                    {}},
        WarningCase{"AClockWithinFiveMinutes",
                    [](RegisterStatus& s, absl::Time now) { s.register_clock = now + absl::Minutes(5); },
                    {}},
        WarningCase{"AClockAhead",
                    [](RegisterStatus& s, absl::Time now) { s.register_clock = now + absl::Seconds(301); },
                    {"5m1s ahead of the gateway's"}},
        WarningCase{"AClockBehind",
                    [](RegisterStatus& s, absl::Time now) { s.register_clock = now - absl::Seconds(301); },
                    {"5m1s behind the gateway's"}},
        WarningCase{"ASignatureThatWarns",
                    [](RegisterStatus& s, absl::Time) { s.sign = SignStatus::kWarning; },
                    {"signing key"}}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(CheckTest, AnUnknownIntegrationIsNotFoundAndADeletedOneIsNotAsked) {
  EXPECT_EQ(ReasonOf(CheckConnection("nobody").status()), Reason::kIntegrationNotFound);
  RegisterAnswers(Named());
  Existing("shop", kToken);
  ASSERT_TRUE(Update("shop", [](domain::Integration& i) { i.active = true; }).ok());
  AcceptSale("shop");
  const auto cancelled = Await<domain::Fiscalization>([&](auto done) {
    store_->Cancel("fiscalization-of-shop", std::nullopt, [&, done = std::move(done)](auto value) mutable {
      executor_.Post([done = std::move(done), value = std::move(value)]() mutable {
        std::move(done)(std::move(value));
      });
    });
  });
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  ASSERT_TRUE(Delete("shop").ok());
  const int asked = questions();
  EXPECT_EQ(ReasonOf(CheckConnection("shop").status()), Reason::kIntegrationArchived);
  EXPECT_EQ(questions(), asked);
}

}  // namespace
}  // namespace kasa::engine
