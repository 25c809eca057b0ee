#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/vchasno/logging_client.h"
#include "server/vchasno/metrics_client.h"
#include "tests/vchasno/fake_transport.h"

namespace kasa::vchasno {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "token-never-to-be-shown";
constexpr char kContact[] = "olena@example.com";

// Answers at once with what the test prepared, some time later by the clock.
class FakeClient final : public Client {
 public:
  struct Script {
    ExecuteAnswer execute;
    StatusAnswer status;
    CheckTaskAnswer check_task;
    ShiftsAnswer shifts;
    ChecksAnswer checks;
    ReportAnswer report;
    SendReceiptAnswer send_receipt;
    ReceiptPageAnswer receipt_page;
    std::vector<std::string> bodies;
    testing::SetClock clock;
  };
  explicit FakeClient(Script& script) : script_(script) {}

  void Execute(domain::SendPermit permit, const Secret&, Done<ExecuteAnswer> done) override {
    const domain::SendPermit taken(std::move(permit));
    script_.bodies.push_back(taken.body());
    script_.clock.Advance(absl::Milliseconds(3));
    std::move(done)(script_.execute);
  }
  void AskStatus(const Secret&, Done<StatusAnswer> done) override {
    script_.clock.Advance(absl::Milliseconds(30));
    std::move(done)(script_.status);
  }
  void CheckTask(const Secret&, const std::string&, std::optional<absl::Duration>,
                 Done<CheckTaskAnswer> done) override {
    std::move(done)(script_.check_task);
  }
  void ListShifts(const Secret&, int, Done<ShiftsAnswer> done) override { std::move(done)(script_.shifts); }
  void ListChecks(const Secret&, const std::string&, int, Done<ChecksAnswer> done) override {
    std::move(done)(script_.checks);
  }
  void AskReport(const Secret&, Done<ReportAnswer> done) override { std::move(done)(script_.report); }
  void SendReceipt(const Secret&, SendReceiptCommand command, Done<SendReceiptAnswer> done) override {
    script_.bodies.push_back(command.recipient);
    std::move(done)(script_.send_receipt);
  }
  void ReadReceiptPage(const std::string&, absl::Duration, Done<ReceiptPageAnswer> done) override {
    std::move(done)(script_.receipt_page);
  }

 private:
  Script& script_;
};

struct World {
  FakeClient::Script script;
  std::vector<std::string> lines;
  Logger logger{script.clock, [this](absl::string_view line) { lines.emplace_back(line); }};
  Metrics metrics;
};

domain::SendPermit Permit(int64_t exchange_id) {
  return domain::SendPermitIssuer::IssueAfterDurableMark(exchange_id, kContact);
}

TEST(LoggingClient, LogsOneLineARequestWithoutBodyTokenOrContact) {
  World world;
  world.script.execute.ending = domain::SendEnding::kDoubt;
  world.script.execute.reason = Reason::kAnswerLost;
  world.script.execute.res = 1034;
  world.script.execute.res_action = 1;
  world.script.execute.message = kContact;
  world.script.execute.wire = {.start_time = absl::UnixEpoch(),
                               .end_time = absl::UnixEpoch() + absl::Milliseconds(250),
                               .http_status = 200,
                               .request = kContact,
                               .answer = kContact,
                               .trouble = "Operation timed out"};
  world.script.execute.upstream = domain::Upstream{.errortxt = kContact};
  LoggingClient client(std::make_unique<FakeClient>(world.script), world.logger);
  int answered = 0;
  client.Execute(Permit(42), Secret(kToken), [&](ExecuteAnswer answer) {
    ++answered;
    EXPECT_EQ(answer.wire.request, kContact);
  });
  EXPECT_EQ(answered, 1);
  EXPECT_THAT(world.script.bodies, ElementsAre(kContact));
  ASSERT_EQ(world.lines.size(), 1u);
  EXPECT_THAT(world.lines[0],
              HasSubstr(R"("severity":"WARNING","event":"vchasno.execute","exchange_id":42,"ending":"DOUBT",)"
                        R"("reason":"ANSWER_LOST","http_status":200,"res":"1034","res_action":"1",)"
                        R"("took":0.250000,"trouble":"Operation timed out"})"));
  EXPECT_THAT(world.lines[0], Not(HasSubstr(kContact)));
  EXPECT_THAT(world.lines[0], Not(HasSubstr(kToken)));
}

TEST(LoggingClient, SaysByItsSeverityWhoMustLook) {
  World world;
  LoggingClient client(std::make_unique<FakeClient>(world.script), world.logger);
  const auto severity_of = [&](domain::SendEnding ending, bool alarm) {
    world.script.execute.ending = ending;
    world.script.execute.alarm = alarm;
    client.Execute(Permit(1), Secret(kToken), [](ExecuteAnswer) {});
    return world.lines.back();
  };
  EXPECT_THAT(severity_of(domain::SendEnding::kDone, false), HasSubstr(R"("severity":"INFO")"));
  EXPECT_THAT(severity_of(domain::SendEnding::kRefusedRegister, false), HasSubstr(R"("severity":"WARNING")"));
  EXPECT_THAT(severity_of(domain::SendEnding::kRefusedDocument, true), HasSubstr(R"("severity":"ERROR")"));
}

TEST(LoggingClient, LogsLookUps) {
  World world;
  world.script.status.outcome = StatusOutcome::kTokenRefused;
  world.script.status.reason = Reason::kTokenRefused;
  LoggingClient client(std::make_unique<FakeClient>(world.script), world.logger);
  client.AskStatus(Secret(kToken), [](StatusAnswer) {});
  world.script.status.outcome = StatusOutcome::kAnswered;
  world.script.status.status = domain::RegisterStatus{.fiscal_number = "4000000001"};
  client.AskStatus(Secret(kToken), [](StatusAnswer) {});
  client.CheckTask(Secret(kToken), "F1", std::nullopt, [](CheckTaskAnswer) {});
  ASSERT_EQ(world.lines.size(), 3u);
  EXPECT_THAT(world.lines[0], HasSubstr(R"("outcome":"TOKEN_REFUSED","reason":"TOKEN_REFUSED")"));
  EXPECT_THAT(world.lines[1], HasSubstr(R"("register":"4000000001","outcome":"ANSWERED","reason":"")"));
  EXPECT_THAT(world.lines[2],
              HasSubstr(R"("event":"vchasno.check_task","fiscal_number":"F1","answered":false)"));
}

TEST(LoggingClient, LogsACommandToSendWithoutItsRecipient) {
  World world;
  world.script.send_receipt.outcome = domain::SendingOutcome::kRefused;
  world.script.send_receipt.reason = Reason::kSendingRefused;
  world.script.send_receipt.message = kContact;
  world.script.send_receipt.wire.request = kContact;
  world.script.send_receipt.wire.answer = kContact;
  LoggingClient client(std::make_unique<FakeClient>(world.script), world.logger);
  client.SendReceipt(Secret(kToken), {"F1", domain::SendingChannel::kEmail, kContact},
                     [](SendReceiptAnswer) {});
  client.AskReport(Secret(kToken), [](ReportAnswer) {});
  client.ReadReceiptPage("F1", absl::Seconds(2), [](ReceiptPageAnswer) {});
  EXPECT_THAT(world.script.bodies, ElementsAre(kContact));
  ASSERT_EQ(world.lines.size(), 3u);
  EXPECT_THAT(world.lines[0],
              HasSubstr(R"("severity":"WARNING","event":"vchasno.send_receipt","fiscal_number":"F1",)"
                        R"("channel":"EMAIL","outcome":"REFUSED","reason":"SENDING_REFUSED")"));
  EXPECT_THAT(world.lines[1], HasSubstr(R"("event":"vchasno.report","outcome":"UNREACHABLE")"));
  EXPECT_THAT(world.lines[2], HasSubstr(R"("event":"vchasno.receipt_page","fiscal_number":"F1")"));
  for (const std::string& line : world.lines) {
    EXPECT_THAT(line, Not(HasSubstr(kContact)));
    EXPECT_THAT(line, Not(HasSubstr(kToken)));
  }
}

TEST(MetricsClient, CountsByCallAndEndingAndMeasures) {
  World world;
  MetricsClient client(std::make_unique<FakeClient>(world.script), world.metrics, world.script.clock);
  world.script.execute.ending = domain::SendEnding::kDone;
  client.Execute(Permit(1), Secret(kToken), [](ExecuteAnswer) {});
  client.Execute(Permit(2), Secret(kToken), [](ExecuteAnswer) {});
  world.script.execute.ending = domain::SendEnding::kDoubt;
  client.Execute(Permit(3), Secret(kToken), [](ExecuteAnswer) {});
  client.AskStatus(Secret(kToken), [](StatusAnswer) {});
  client.CheckTask(Secret(kToken), "F1", std::nullopt, [](CheckTaskAnswer) {});
  client.AskReport(Secret(kToken), [](ReportAnswer) {});
  client.SendReceipt(Secret(kToken), {"F1", domain::SendingChannel::kSms, kContact},
                     [](SendReceiptAnswer) {});
  client.ReadReceiptPage("F1", absl::Seconds(2), [](ReceiptPageAnswer) {});
  const std::string text = world.metrics.RenderPrometheus();
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_requests_total{call="execute",ending="DONE"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_requests_total{call="execute",ending="DOUBT"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_requests_total{call="status",ending="UNREACHABLE"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_requests_total{call="check_task",ending="NOT_ANSWERED"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_requests_total{call="report",ending="UNREACHABLE"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_requests_total{call="send_receipt",ending="UNKNOWN"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_requests_total{call="receipt_page",ending="NOT_ANSWERED"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_request_duration_seconds_sum{call="execute"} 0.009)"));
  EXPECT_THAT(text, HasSubstr(R"(kasa_vchasno_request_duration_seconds_bucket{call="status",le="0.05"} 1)"));
}

}  // namespace
}  // namespace kasa::vchasno
