#include "server/vchasno/rest_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "server/vchasno/request.h"
#include "tests/vchasno/fake_transport.h"

namespace kasa::vchasno {
namespace {

using domain::SendEnding;
using testing::Answered;
using testing::FakeTransport;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Unanswered;

constexpr char kBody[] = R"({"source":"kasa-gateway","tag":"T1","fiscal":{"task":1}})";
constexpr char kToken[] = "token-never-to-be-shown";

class RestClientTest : public ::testing::Test {
 protected:
  ExecuteAnswer Execute(HttpResult result, std::string body = kBody, const std::string& token = kToken) {
    record_.result = std::move(result);
    std::optional<ExecuteAnswer> got;
    client_.Execute(domain::SendPermitIssuer::IssueAfterDurableMark(7, std::move(body)), Secret(token),
                    [&](ExecuteAnswer answer) { got = std::move(answer); });
    EXPECT_TRUE(got.has_value());
    return *std::move(got);
  }
  StatusAnswer AskStatus(HttpResult result, const std::string& token = kToken) {
    record_.result = std::move(result);
    std::optional<StatusAnswer> got;
    client_.AskStatus(Secret(token), [&](StatusAnswer answer) { got = std::move(answer); });
    EXPECT_TRUE(got.has_value());
    return *std::move(got);
  }
  CheckTaskAnswer CheckTask(HttpResult result, const std::string& number = "F1") {
    record_.result = std::move(result);
    std::optional<CheckTaskAnswer> got;
    client_.CheckTask(Secret(kToken), number, std::nullopt,
                      [&](CheckTaskAnswer answer) { got = std::move(answer); });
    EXPECT_TRUE(got.has_value());
    return *std::move(got);
  }

  testing::SetClock clock_;
  FakeTransport::Record record_;
  RestClient client_{std::make_unique<FakeTransport>(record_), "https://kasa.test/base", *KyivTime::Load(),
                     clock_};
};

TEST_F(RestClientTest, PostsThePermitsBytesToExecute) {
  Execute(Answered(200, R"({"res":0})"));
  ASSERT_EQ(record_.requests.size(), 1u);
  EXPECT_EQ(record_.requests[0].method, HttpMethod::kPost);
  EXPECT_EQ(record_.requests[0].url, "https://kasa.test/base/api/v3/fiscal/execute");
  EXPECT_EQ(record_.requests[0].body, kBody);
  EXPECT_EQ(record_.requests[0].token, Secret(kToken));
}

TEST_F(RestClientTest, TellsADoneReceiptWithItsFactsAndItsWire) {
  const std::string body =
      R"({"res":0,"res_action":0,"tag":"T1","task":1,"info":{"doccode":"F1","fisid":"4000000001","dtype":1}})";
  const ExecuteAnswer answer = Execute(Answered(200, body));
  EXPECT_EQ(answer.ending, SendEnding::kDone);
  EXPECT_EQ(answer.message, "");
  EXPECT_EQ(answer.facts.fiscal_number, "F1");
  EXPECT_EQ(answer.facts.mode, domain::RegisterMode::kReal);
  EXPECT_EQ(answer.wire.http_status, 200);
  EXPECT_EQ(answer.wire.request, kBody);
  EXPECT_EQ(answer.wire.answer, body);
  EXPECT_EQ(answer.wire.trouble, "");
  EXPECT_EQ(answer.wire.end_time - answer.wire.start_time, absl::Seconds(1));
  EXPECT_EQ(answer.res, 0);
  EXPECT_EQ(answer.res_action, 0);
}

TEST_F(RestClientTest, TellsARefusalWithTheRegistersOwnWords) {
  const ExecuteAnswer answer = Execute(Answered(
      200, R"({"res":1101,"res_action":3,"tag":"T1","errortxt":"Сума","error_extra":{"sum":1.50}})"));
  EXPECT_EQ(answer.ending, SendEnding::kRefusedDocument);
  EXPECT_EQ(answer.reason, Reason::kReceiptArithmeticRefused);
  EXPECT_EQ(answer.message, "the sum differs from the rows (Vchasno.Kasa's code 1101)");
  EXPECT_TRUE(answer.alarm);
  ASSERT_TRUE(answer.upstream.has_value());
  EXPECT_EQ(answer.upstream->http_status, 200);
  EXPECT_EQ(answer.upstream->res, 1101);
  EXPECT_EQ(answer.upstream->res_action, 3);
  EXPECT_EQ(answer.upstream->errortxt, "Сума");
  EXPECT_EQ(answer.upstream->error_extra_json, R"({"sum":1.50})");
}

TEST_F(RestClientTest, KnowsTheTaskFromTheBytes) {
  const char open_already[] = R"({"res":1096,"res_action":3})";
  EXPECT_EQ(Execute(Answered(200, open_already), EncodeShiftOpening("T", "")).ending, SendEnding::kDone);
  EXPECT_EQ(Execute(Answered(200, open_already)).ending, SendEnding::kDoubt);
  EXPECT_EQ(Execute(Answered(200, open_already), "not JSON").ending, SendEnding::kDoubt);
  const ExecuteAnswer unsure = Execute(Answered(200, R"({"res":2008})"), EncodeShiftOpening("T", ""));
  EXPECT_EQ(unsure.ending, SendEnding::kDone);
  EXPECT_TRUE(unsure.confirm_by_status);
}

TEST_F(RestClientTest, AnAnswerThatNamesAnotherTagOrTaskIsDoubt) {
  for (const char* body :
       {R"({"res":1101,"res_action":3,"tag":"T2"})", R"({"res":1101,"res_action":3,"task":2})",
        R"({"res":0,"tag":"T2","info":{"doccode":"F1"}})"}) {
    const ExecuteAnswer answer = Execute(Answered(200, body));
    EXPECT_EQ(answer.ending, SendEnding::kDoubt) << body;
    EXPECT_EQ(answer.reason, Reason::kAnswerContradicts);
  }
}

// What failed may have been a step after the receipt was made.
TEST_F(RestClientTest, ARefusalThatNamesAReceiptIsDoubt) {
  for (const char* refused : {R"({"res":1101,"res_action":3,"info":{"doccode":"F1"}})",
                              R"({"res":7777,"res_action":3,"info":{"doccode":"F1"}})",
                              R"({"res":1092,"res_action":3,"info":{"doccode":"F1"}})",
                              R"({"res":1123,"res_action":3,"info":{"doccode":"F1"}})"}) {
    const ExecuteAnswer answer = Execute(Answered(200, refused));
    EXPECT_EQ(answer.ending, SendEnding::kDoubt) << refused;
    EXPECT_EQ(answer.reason, Reason::kAnswerContradicts);
  }
  const char empty[] = R"({"res":1101,"res_action":3,"info":{"doccode":""}})";
  EXPECT_EQ(Execute(Answered(200, empty)).ending, SendEnding::kRefusedDocument);
  // What the register asks for again, it asks for again.
  const char again[] = R"({"res":1105,"res_action":2,"info":{"doccode":"F1"}})";
  EXPECT_EQ(Execute(Answered(200, again)).ending, SendEnding::kDoubtSameTagNext);
}

TEST_F(RestClientTest, TheServiceMayBeAtWorkBehindAProxyThatWaitsNoLonger) {
  for (const int status : {502, 504}) {
    EXPECT_TRUE(Execute(Answered(status, "")).wire.may_be_at_work) << status;
    EXPECT_TRUE(AskStatus(Answered(status, "")).wire.may_be_at_work) << status;
  }
  for (const int status : {200, 401, 429, 500, 503}) {
    EXPECT_FALSE(AskStatus(Answered(status, "")).wire.may_be_at_work) << status;
  }
  EXPECT_TRUE(AskStatus(Unanswered(HttpOutcome::kRequestLeft, "timed out")).wire.may_be_at_work);
  EXPECT_FALSE(AskStatus(Unanswered(HttpOutcome::kNeverConnected, "refused")).wire.may_be_at_work);
}

TEST_F(RestClientTest, WithoutAnAnswerThereIsNoUpstream) {
  const ExecuteAnswer never =
      Execute(Unanswered(HttpOutcome::kNeverConnected, "the host takes no connection there"));
  EXPECT_EQ(never.ending, SendEnding::kNeverSent);
  EXPECT_EQ(never.message, "no connection was made (the host takes no connection there)");
  EXPECT_EQ(never.wire.trouble, "Recv failure") << "the library's words are for the log";
  EXPECT_FALSE(never.upstream.has_value());
  HttpResult cut = Unanswered(HttpOutcome::kRequestLeft, "the connection was cut amid the answer");
  cut.status = 200;
  cut.body = R"({"res":0,"info":{"doccode":"F1"}})";  // whole by chance, and still not to be trusted
  const ExecuteAnswer lost = Execute(cut);
  EXPECT_EQ(lost.ending, SendEnding::kDoubt);
  EXPECT_EQ(lost.reason, Reason::kAnswerLost);
  EXPECT_EQ(lost.message,
            "the request left, and no whole answer came (the connection was cut amid the answer)");
  EXPECT_FALSE(lost.upstream.has_value());
  EXPECT_FALSE(lost.res.has_value());
  EXPECT_EQ(lost.wire.http_status, 200);
}

TEST_F(RestClientTest, TellsRetryAfterOfAnyStatus) {
  EXPECT_EQ(Execute(Answered(429, "", "5")).retry_after, absl::Seconds(5));
  EXPECT_EQ(Execute(Answered(429, "", "5")).ending, SendEnding::kThrottled);
  EXPECT_EQ(Execute(Answered(503, "", "Mon, 23 Nov 2026 12:00:31 GMT")).retry_after, absl::Seconds(30));
  EXPECT_EQ(Execute(Answered(503, "")).retry_after, std::nullopt);
  EXPECT_EQ(Execute(Answered(503, "", "5")).ending, SendEnding::kDoubt);
}

TEST_F(RestClientTest, ReadsAPlainTextRefusalOfTheToken) {
  const ExecuteAnswer answer = Execute(Answered(401, "401: Unauthorized"));
  EXPECT_EQ(answer.ending, SendEnding::kTokenRefused);
  EXPECT_EQ(answer.message, "the token was refused (HTTP status 401)");
  EXPECT_EQ(answer.upstream->http_status, 401);
}

TEST_F(RestClientTest, SendsNothingWithATokenThatNoHeaderCanCarry) {
  for (const std::string& token : {std::string(""), std::string("a\r\nX-Evil: 1"), std::string("a b"),
                                   std::string("токен"), std::string("a\0b", 3)}) {
    EXPECT_EQ(Execute(Answered(200, R"({"res":0})"), kBody, token).ending, SendEnding::kTokenRefused);
    EXPECT_EQ(AskStatus(Answered(200, R"({"res":0})"), token).outcome, StatusOutcome::kTokenRefused);
  }
  EXPECT_EQ(record_.requests.size(), 0u);
  EXPECT_EQ(record_.calls, 10) << "an answer came from inside the call";
}

TEST_F(RestClientTest, SendsNothingForASpentPermit) {
  domain::SendPermit permit = domain::SendPermitIssuer::IssueAfterDurableMark(7, kBody);
  const domain::SendPermit taken(std::move(permit));
  std::optional<ExecuteAnswer> answer;
  // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): this is what is tested
  client_.Execute(std::move(permit), Secret(kToken), [&](ExecuteAnswer got) { answer = std::move(got); });
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->ending, SendEnding::kDoubt);
  EXPECT_TRUE(answer->alarm);
  EXPECT_EQ(record_.requests.size(), 0u);
}

TEST_F(RestClientTest, NoTextOfAnAnswerHoldsTheToken) {
  for (const HttpResult& result :
       {Answered(200, R"({"res":1,"res_action":3})"), Answered(401, "no"), Answered(500, ""),
        Unanswered(HttpOutcome::kRequestLeft, "cut"), Unanswered(HttpOutcome::kNeverConnected, "refused")}) {
    const ExecuteAnswer answer = Execute(result);
    for (const std::string& text :
         {answer.message, answer.wire.request, answer.wire.answer, answer.wire.trouble}) {
      EXPECT_THAT(text, Not(HasSubstr(kToken)));
    }
  }
}

TEST_F(RestClientTest, AsksForTheStatus) {
  const StatusAnswer answer =
      AskStatus(Answered(200, R"({"res":0,"info":{"fisid":"4000000001","shift_status":1}})"));
  EXPECT_EQ(answer.outcome, StatusOutcome::kAnswered);
  ASSERT_TRUE(answer.status.has_value());
  EXPECT_EQ(answer.status->fiscal_number, "4000000001");
  EXPECT_EQ(answer.wire.request, EncodeStatusRequest());
  EXPECT_EQ(record_.requests[0].url, "https://kasa.test/base/api/v3/fiscal/execute");
}

TEST_F(RestClientTest, ABadTokenAnUnreachableHostAndARefusingRegisterAreDifferentAnswers) {
  const struct {
    HttpResult result;
    StatusOutcome outcome;
    Reason reason;
  } kCases[] = {
      {Answered(401, "401: Unauthorized"), StatusOutcome::kTokenRefused, Reason::kTokenRefused},
      {Answered(403, ""), StatusOutcome::kTokenRefused, Reason::kTokenRefused},
      {Answered(200, R"({"res":1083,"res_action":3})"), StatusOutcome::kTokenRefused, Reason::kTokenRefused},
      {Unanswered(HttpOutcome::kNeverConnected, "refused"), StatusOutcome::kUnreachable,
       Reason::kRegisterUnreachable},
      {Unanswered(HttpOutcome::kRequestLeft, "cut"), StatusOutcome::kUnreachable,
       Reason::kRegisterUnreachable},
      {Answered(502, "<html>"), StatusOutcome::kUnreachable, Reason::kRegisterServiceTrouble},
      {Answered(503, ""), StatusOutcome::kUnreachable, Reason::kRegisterServiceTrouble},
      {Answered(200, R"({"res":1123,"res_action":3})"), StatusOutcome::kRefused, Reason::kNoBalance},
      {Answered(200, R"({"res":1016,"res_action":1})"), StatusOutcome::kRefused,
       Reason::kRegisterServiceTrouble},
      {Answered(200, R"({"res":1001,"res_action":3})"), StatusOutcome::kRefused, Reason::kRegisterRefused},
      {Answered(429, ""), StatusOutcome::kRefused, Reason::kRateLimited},
      {Answered(200, "<html>"), StatusOutcome::kUnreadable, Reason::kAnswerUnreadable},
      {Answered(200, R"({"res":0})"), StatusOutcome::kUnreadable, Reason::kAnswerUnreadable},
      {Answered(200, R"({"res":0,"res_action":2,"info":{"fisid":"1"}})"), StatusOutcome::kUnreadable,
       Reason::kAnswerUnreadable},
      {Answered(404, "not here"), StatusOutcome::kUnreadable, Reason::kAnswerUnreadable},
  };
  for (const auto& test : kCases) {
    const StatusAnswer answer = AskStatus(test.result);
    EXPECT_EQ(answer.outcome, test.outcome) << test.result.status << " " << test.result.body;
    EXPECT_EQ(answer.reason, test.reason) << test.result.status << " " << test.result.body;
    EXPECT_FALSE(answer.status.has_value());
    EXPECT_NE(answer.message, "");
  }
}

TEST_F(RestClientTest, AStatusTellsWhenToAskAgainAndWhetherTheRequestBeforeItIsWanted) {
  const struct {
    HttpResult result;
    std::optional<absl::Duration> retry_after;
    bool same_tag_next;
    bool never_park;
  } kCases[] = {
      {Answered(429, "", "20"), absl::Seconds(20), false, false},
      {Answered(503, "", "7"), absl::Seconds(7), false, false},
      {Answered(200, R"({"res":1105,"res_action":2})"), std::nullopt, true, true},
      {Answered(200, R"({"res":1034,"res_action":1})"), std::nullopt, true, true},
      {Answered(200, R"({"res":1073,"res_action":3})"), std::nullopt, false, true},
      {Answered(200, R"({"res":1123,"res_action":3})"), std::nullopt, false, false},
  };
  for (const auto& test : kCases) {
    const StatusAnswer answer = AskStatus(test.result);
    EXPECT_EQ(answer.retry_after, test.retry_after) << test.result.status << " " << test.result.body;
    EXPECT_EQ(answer.same_tag_next, test.same_tag_next) << test.result.body;
    EXPECT_EQ(answer.never_park, test.never_park) << test.result.body;
  }
}

TEST_F(RestClientTest, ChecksATaskByItsEscapedNumber) {
  const CheckTaskAnswer answer =
      CheckTask(Answered(200, R"({"fiscal_number":"a/b","task":{"tag":"T","fiscal":{"task":1}}})"), "a/b");
  EXPECT_TRUE(answer.facts.answered);
  EXPECT_EQ(answer.facts.tag, "T");
  EXPECT_EQ(record_.requests[0].method, HttpMethod::kGet);
  EXPECT_EQ(record_.requests[0].url, "https://kasa.test/base/api/v3/check-task/a%2Fb");
  EXPECT_EQ(answer.wire.request, "GET /api/v3/check-task/a%2Fb");
  EXPECT_EQ(record_.requests[0].timeout, std::nullopt);
  client_.CheckTask(Secret(kToken), "F1", absl::Seconds(2), [](const CheckTaskAnswer&) {});
  EXPECT_EQ(record_.requests[1].timeout, absl::Seconds(2));
}

TEST_F(RestClientTest, ATaskThatIsNotToldSaysNothing) {
  EXPECT_FALSE(CheckTask(Answered(404, R"({"task":{"tag":"T"}})")).facts.answered);
  EXPECT_FALSE(CheckTask(Answered(200, "<html>")).facts.answered);
  EXPECT_FALSE(CheckTask(Unanswered(HttpOutcome::kRequestLeft, "cut")).facts.answered);
  record_.requests.clear();
  for (const char* number : {"", ".", ".."}) {
    EXPECT_FALSE(CheckTask(Answered(200, R"({"task":{"tag":"T"}})"), number).facts.answered);
  }
  EXPECT_EQ(record_.requests.size(), 0u);
}

// --- reports, commands to send, public pages

TEST_F(RestClientTest, AsksForAReportWithoutATag) {
  record_.result = Answered(200, R"({"res":0,"task":10,"info":{"receipt":{"count_p":2}}})");
  std::optional<ReportAnswer> got;
  client_.AskReport(Secret(kToken), [&](ReportAnswer answer) { got = std::move(answer); });
  ASSERT_EQ(record_.requests.size(), 1u);
  EXPECT_EQ(record_.requests[0].url, "https://kasa.test/base/api/v3/fiscal/execute");
  EXPECT_EQ(record_.requests[0].body, R"({"source":"kasa-gateway","fiscal":{"task":10}})");
  EXPECT_EQ(got->outcome, StatusOutcome::kAnswered);
  EXPECT_EQ(got->report->sale_count, 2);
  EXPECT_EQ(got->wire.request, record_.requests[0].body);
}

TEST_F(RestClientTest, AReportIsRefusedUnreadableOrUnreachableAsAStatusIs) {
  struct Case {
    HttpResult result;
    StatusOutcome outcome;
    Reason reason;
  };
  const Case cases[] = {
      {Answered(200, R"({"res":2007,"res_action":3})"), StatusOutcome::kRefused, Reason::kShiftClosed},
      {Answered(200, R"({"res":0})"), StatusOutcome::kUnreadable, Reason::kAnswerUnreadable},
      {Answered(200, R"({"res":0,"task":11,"info":{"receipt":{"count_p":2}}})"), StatusOutcome::kUnreadable,
       Reason::kAnswerUnreadable},
      {Answered(401, "401: Unauthorized"), StatusOutcome::kTokenRefused, Reason::kTokenRefused},
      {Answered(503, ""), StatusOutcome::kUnreachable, Reason::kRegisterServiceTrouble},
      {Unanswered(HttpOutcome::kNeverConnected, "x"), StatusOutcome::kUnreachable,
       Reason::kRegisterUnreachable},
  };
  for (const Case& c : cases) {
    record_.result = c.result;
    std::optional<ReportAnswer> got;
    client_.AskReport(Secret(kToken), [&](ReportAnswer answer) { got = std::move(answer); });
    EXPECT_EQ(got->outcome, c.outcome) << c.result.body;
    EXPECT_EQ(got->reason, c.reason) << c.result.body;
    EXPECT_FALSE(got->report.has_value());
    EXPECT_NE(got->message, "");
  }
}

TEST_F(RestClientTest, AReportTellsWhenToAskAgainAndWhetherTheRequestBeforeItIsWanted) {
  const struct {
    HttpResult result;
    std::optional<absl::Duration> retry_after;
    bool same_tag_next;
  } kCases[] = {
      {Answered(429, "", "60"), absl::Seconds(60), false},
      {Answered(503, "", "7"), absl::Seconds(7), false},
      {Answered(200, R"({"res":0,"task":10,"info":{"receipt":{"count_p":2}}})", "3"), absl::Seconds(3),
       false},
      {Answered(200, R"({"res":1105,"res_action":2})"), std::nullopt, true},
      {Answered(200, R"({"res":1034,"res_action":1})"), std::nullopt, true},
      {Answered(200, R"({"res":1081,"res_action":3})"), std::nullopt, false},
  };
  for (const auto& test : kCases) {
    record_.result = test.result;
    std::optional<ReportAnswer> got;
    client_.AskReport(Secret(kToken), [&](ReportAnswer answer) { got = std::move(answer); });
    EXPECT_EQ(got->retry_after, test.retry_after) << test.result.status << " " << test.result.body;
    EXPECT_EQ(got->same_tag_next, test.same_tag_next) << test.result.body;
  }
}

TEST_F(RestClientTest, CommandsASendingOnceAndKeepsTheRecipientMasked) {
  record_.result = Answered(200, R"({"status":"ok","recipient":"+380501234567"})");
  std::optional<SendReceiptAnswer> got;
  client_.SendReceipt(Secret(kToken), {"F\"1", domain::SendingChannel::kSms, "+380501234567"},
                      [&](SendReceiptAnswer answer) { got = std::move(answer); });
  ASSERT_EQ(record_.requests.size(), 1u);
  EXPECT_EQ(record_.requests[0].method, HttpMethod::kPost);
  EXPECT_EQ(record_.requests[0].url, "https://kasa.test/base/api/v3/notifications/checks");
  EXPECT_EQ(record_.requests[0].token, Secret(kToken));
  EXPECT_EQ(record_.requests[0].body, R"({"check":"F\"1","channel":"sms","recipient":"+380501234567"})");
  EXPECT_EQ(got->outcome, domain::SendingOutcome::kTaken);
  EXPECT_EQ(got->wire.request, R"({"check":"F\"1","channel":"sms","recipient":"+380*****4567"})");
  EXPECT_EQ(got->wire.answer, R"({"status":"ok","recipient":"+380*****4567"})");

  client_.SendReceipt(Secret(""), {"F1", domain::SendingChannel::kEmail, "o@example.com"},
                      [&](SendReceiptAnswer answer) { got = std::move(answer); });
  EXPECT_EQ(record_.requests.size(), 1u);
  EXPECT_EQ(got->outcome, domain::SendingOutcome::kRefused);
  EXPECT_EQ(got->reason, Reason::kTokenRefused);
}

TEST_F(RestClientTest, ReadsAPublicPageWithoutAToken) {
  record_.result = Answered(200, R"({"target_url":"https://cabinet.tax.gov.ua/cashregs/check?id=1"})");
  std::optional<ReceiptPageAnswer> got;
  client_.ReadReceiptPage("a/b", absl::Seconds(2),
                          [&](ReceiptPageAnswer answer) { got = std::move(answer); });
  ASSERT_EQ(record_.requests.size(), 1u);
  EXPECT_EQ(record_.requests[0].method, HttpMethod::kGet);
  EXPECT_EQ(record_.requests[0].url, "https://kasa.test/base/c/a%2Fb.json");
  EXPECT_TRUE(record_.requests[0].token.empty());
  EXPECT_EQ(record_.requests[0].timeout, absl::Seconds(2));
  EXPECT_EQ(got->sts_url, "https://cabinet.tax.gov.ua/cashregs/check?id=1");

  for (const char* no_number : {"", ".", ".."}) {
    client_.ReadReceiptPage(no_number, absl::Seconds(2),
                            [&](ReceiptPageAnswer answer) { got = std::move(answer); });
    EXPECT_FALSE(got->answered);
  }
  EXPECT_EQ(record_.requests.size(), 1u);
}

}  // namespace
}  // namespace kasa::vchasno
