#include "tools/simulator/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/metrics.h"
#include "server/domain/adoption.h"
#include "server/vchasno/client_factory.h"
#include "server/vchasno/request.h"

// The whole client, decorators and all, against the simulator of Vchasno.Kasa in this process: what the
// client believes is compared with the simulator's ledger.
namespace kasa::vchasno {
namespace {

using domain::SendEnding;
using simulator::Fault;
using simulator::FaultKind;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPhone[] = "+380671234567";
constexpr char kEmail[] = "olena@example.com";

domain::PricedReceipt Sale() {
  domain::PricedReceipt receipt;
  receipt.cashier = "Олена";
  domain::PricedRow row;
  row.name = "Кава";
  row.quantity = Quantity::FromThousandths(1500);
  row.price = Money::FromKopiykas(3333);
  row.discount = Money::FromKopiykas(100);
  row.amount = Money::FromKopiykas(4900);
  row.tax_group = 1;
  receipt.rows = {row};
  domain::PricedPayment card;
  card.payment_type = 2;
  card.sum = Money::FromKopiykas(4900);
  receipt.payments = {card};
  receipt.sum = receipt.due = Money::FromKopiykas(4900);
  return receipt;
}

class SimulatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = simulator::Simulator::Start({});
    ASSERT_TRUE(started.ok()) << started.status();
    simulator_ = *std::move(started);
    client_ = MakeClientFor({});
    ASSERT_EQ(Execute("open", EncodeShiftOpening("open", "Олена")).ending, SendEnding::kDone);
  }

  std::unique_ptr<Client> MakeClientFor(TransportOptions transport) {
    auto client = MakeClient({.base_url = simulator_->BaseUrl(), .transport = std::move(transport)},
                             *KyivTime::Load(), {clock_, logger_, metrics_});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  // By the fixture's own client unless another is given.
  ExecuteAnswer Execute(const std::string& tag, std::string body = "", Client* client = nullptr) {
    if (client == nullptr) client = client_.get();
    if (body.empty()) body = EncodeReceipt(Sale(), tag, {kPhone, kEmail});
    std::promise<ExecuteAnswer> promise;
    client->Execute(domain::SendPermitIssuer::IssueAfterDurableMark(1, std::move(body)),
                    Secret(simulator_->token()),
                    [&](ExecuteAnswer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  StatusAnswer AskStatus(const std::string& token) {
    std::promise<StatusAnswer> promise;
    client_->AskStatus(Secret(token), [&](StatusAnswer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  CheckTaskAnswer CheckTask(const std::string& fiscal_number) {
    std::promise<CheckTaskAnswer> promise;
    client_->CheckTask(Secret(simulator_->token()), fiscal_number, std::nullopt,
                       [&](CheckTaskAnswer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  void Break(Fault fault) { ASSERT_TRUE(simulator_->cloud().AddFault(std::move(fault)).ok()); }
  // Receipts of that tag in the ledger.
  size_t Made(const std::string& tag) {
    size_t made = 0;
    for (const auto& entry : simulator_->cloud().Ledger())
      made += entry.tag == tag && entry.IsReceipt() ? 1u : 0u;
    return made;
  }
  static domain::ExpectedReceipt Expected(const std::string& tag) {
    return {.tag = tag,
            .task = kTaskSale,
            .register_fiscal_number = "4000000001",
            .mode = domain::RegisterMode::kTest,
            .due = Money::FromKopiykas(4900)};
  }

  SystemClock clock_;
  std::vector<std::string> lines_;
  Logger logger_{clock_, [this](absl::string_view line) { lines_.emplace_back(line); }};
  Metrics metrics_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<Client> client_;
};

TEST_F(SimulatorTest, ASaleIsMadeOnceAndProven) {
  const ExecuteAnswer answer = Execute("T1");
  ASSERT_EQ(answer.ending, SendEnding::kDone) << answer.message << " " << answer.wire.answer;
  EXPECT_EQ(domain::ObjectionTo(answer.facts, Expected("T1")), std::nullopt);
  EXPECT_TRUE(answer.facts.local_number.has_value());
  EXPECT_TRUE(answer.facts.time.has_value());
  EXPECT_EQ(Made("T1"), 1u);
  const CheckTaskAnswer task = CheckTask(answer.facts.fiscal_number);
  EXPECT_TRUE(task.facts.answered) << task.wire.answer;
  EXPECT_EQ(
      domain::ObjectionTo(task.facts, Expected("T1"), answer.facts.fiscal_number, Money::FromKopiykas(4900)),
      std::nullopt);
}

TEST_F(SimulatorTest, TheSameTagAndBytesGiveTheSameReceipt) {
  const ExecuteAnswer first = Execute("T1");
  const ExecuteAnswer again = Execute("T1");
  EXPECT_EQ(again.ending, SendEnding::kDone);
  EXPECT_EQ(again.facts.fiscal_number, first.facts.fiscal_number);
  EXPECT_EQ(Made("T1"), 1u);
}

TEST_F(SimulatorTest, AskingForTheStatusTellsTheRegister) {
  const StatusAnswer answer = AskStatus(simulator_->token());
  ASSERT_EQ(answer.outcome, StatusOutcome::kAnswered) << answer.wire.answer;
  EXPECT_EQ(answer.status->fiscal_number, "4000000001");
  EXPECT_EQ(answer.status->edrpou, "12345678");
  EXPECT_EQ(answer.status->mode, domain::RegisterMode::kTest);
  EXPECT_EQ(answer.status->shift, domain::ShiftStatus::kOpen);
  EXPECT_TRUE(answer.status->shift_opened.has_value());
  EXPECT_TRUE(answer.status->register_clock.has_value());
  EXPECT_EQ(AskStatus("another-token").outcome, StatusOutcome::kTokenRefused);
}

// The heart of it: libcurl alone would make two receipts here where tags are not remembered.
TEST_F(SimulatorTest, AWarmConnectionCutAfterTheBodyMakesOneReceiptAndDoubt) {
  for (const bool committed : {true, false}) {
    const std::string tag = committed ? "made" : "not-made";
    ASSERT_TRUE(simulator_->cloud()
                    .WithRegister("4000000001",
                                  [](simulator::Register& reg) {
                                    reg.switches().tag_memory = simulator::TagMemory::kNone;
                                  })
                    .ok());
    ASSERT_EQ(Execute(tag + "-warm-up").ending, SendEnding::kDone);
    Break({.kind = FaultKind::kCutAfterBody, .tag = tag, .warm_only = true, .committed = committed});
    const ExecuteAnswer answer = Execute(tag);
    EXPECT_EQ(answer.ending, SendEnding::kDoubt);
    EXPECT_EQ(answer.reason, Reason::kAnswerLost);
    EXPECT_EQ(Made(tag), committed ? 1u : 0u);
    EXPECT_TRUE(simulator_->cloud().RemainingFaults().empty()) << "the connection was not warm";
  }
}

TEST_F(SimulatorTest, EveryFaultEndsAsTheTableSaysAndMakesAtMostOneReceipt) {
  // Where the register stays silent the client's patience decides how long the test takes. It is real time,
  // so it leaves a slow machine room to receive the request; everything else has the usual time-out.
  const std::unique_ptr<Client> impatient = MakeClientFor({.total_timeout = absl::Seconds(2)});
  const struct {
    Fault fault;
    SendEnding ending;
    size_t made;
  } kCases[] = {
      {{.kind = FaultKind::kNoAnswerBeforeCommit}, SendEnding::kDoubt, 0},
      {{.kind = FaultKind::kNoAnswerAfterCommit}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kCutAfterBody, .committed = true}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kCutAfterBody, .committed = false}, SendEnding::kDoubt, 0},
      {{.kind = FaultKind::kCutMidAnswer}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kHttpStatus, .committed = true, .status = 503}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kHttpStatus, .status = 502}, SendEnding::kDoubt, 0},
      {{.kind = FaultKind::kHttpStatus,
        .committed = true,
        .status = 307,
        .location = "/api/v3/fiscal/execute"},
       SendEnding::kDoubt,
       1},
      {{.kind = FaultKind::kHttpStatus, .status = 429, .retry_after_seconds = 3}, SendEnding::kThrottled, 0},
      {{.kind = FaultKind::kHttpStatus, .status = 401}, SendEnding::kTokenRefused, 0},
      {{.kind = FaultKind::kMalformed}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kHuge, .size_bytes = 2 << 20}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kSlowDrip, .interval = absl::Minutes(1)}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kRefusal, .res = 1034, .res_action = 1}, SendEnding::kDoubtSameTagNext, 0},
      {{.kind = FaultKind::kRefusal, .committed = true, .res = 1034, .res_action = 2},
       SendEnding::kDoubtSameTagNext,
       1},
      {{.kind = FaultKind::kRefusal, .res = 1123, .res_action = 3}, SendEnding::kRefusedRegister, 0},
      {{.kind = FaultKind::kRefusal, .res = 1102, .res_action = 3}, SendEnding::kRefusedDocument, 0},
      {{.kind = FaultKind::kRefusal, .res = 7777, .res_action = 3}, SendEnding::kUnknownRefusal, 0},
      {{.kind = FaultKind::kWrongTag, .value = "other"}, SendEnding::kDoubt, 1},
      {{.kind = FaultKind::kWrongTask}, SendEnding::kDoubt, 1},
  };
  int number = 0;
  for (const auto& test : kCases) {
    const std::string tag = absl::StrCat("fault-", ++number);
    SCOPED_TRACE(absl::StrCat(tag, " ", std::string(simulator::NameOf(test.fault.kind))));
    Fault fault = test.fault;
    fault.tag = tag;
    Break(fault);
    const bool silent = fault.kind == FaultKind::kNoAnswerBeforeCommit ||
                        fault.kind == FaultKind::kNoAnswerAfterCommit || fault.kind == FaultKind::kSlowDrip;
    const ExecuteAnswer answer = Execute(tag, "", silent ? impatient.get() : client_.get());
    EXPECT_EQ(answer.ending, test.ending) << domain::NameOf(answer.ending) << ": " << answer.message;
    EXPECT_EQ(Made(tag), test.made);
    EXPECT_NE(answer.message, "");
    if (test.fault.retry_after_seconds) {
      EXPECT_EQ(answer.retry_after, absl::Seconds(3));
    }
  }
}

TEST_F(SimulatorTest, AReceiptThatIsNotOursIsDoneButNotProven) {
  for (const FaultKind kind : {FaultKind::kOtherFisid, FaultKind::kOtherMode, FaultKind::kMissingDoccode}) {
    const std::string tag = absl::StrCat("proof-", std::string(simulator::NameOf(kind)));
    Break({.kind = kind, .tag = tag, .value = "4000009999"});
    const ExecuteAnswer answer = Execute(tag);
    const bool proven = answer.ending == SendEnding::kDone &&
                        domain::ObjectionTo(answer.facts, Expected(tag)) == std::nullopt;
    EXPECT_FALSE(proven) << tag;
    EXPECT_EQ(Made(tag), 1u);
  }
}

TEST_F(SimulatorTest, ARefusedSumIsOurOwnFault) {
  domain::PricedReceipt wrong = Sale();
  wrong.sum = Money::FromKopiykas(4901);
  const ExecuteAnswer answer = Execute("T1", EncodeReceipt(wrong, "T1", {}));
  EXPECT_EQ(answer.ending, SendEnding::kRefusedDocument);
  EXPECT_TRUE(answer.alarm);
  EXPECT_NE(answer.upstream->errortxt, "");
}

TEST_F(SimulatorTest, AStoppedServiceIsNeverReached) {
  simulator_->Stop();
  client_ = MakeClientFor({});
  EXPECT_EQ(Execute("T1").ending, SendEnding::kNeverSent);
  EXPECT_EQ(AskStatus(simulator_->token()).outcome, StatusOutcome::kUnreachable);
}

TEST_F(SimulatorTest, ATokenAndContactsAreInNoLogAndNoMetric) {
  Execute("T1");
  Break({.kind = FaultKind::kHttpStatus, .status = 401});
  Execute("T2");
  AskStatus(simulator_->token());
  client_.reset();
  ASSERT_GE(lines_.size(), 4u);
  lines_.push_back(metrics_.RenderPrometheus());
  for (const std::string& line : lines_) {
    for (const std::string& secret : {simulator_->token(), std::string(kPhone), std::string(kEmail)}) {
      EXPECT_THAT(line, Not(HasSubstr(secret)));
    }
  }
}

TEST_F(SimulatorTest, AReportTellsWhatWasSold) {
  ASSERT_EQ(Execute("T1").ending, SendEnding::kDone);
  std::promise<ReportAnswer> promise;
  client_->AskReport(Secret(simulator_->token()),
                     [&](ReportAnswer answer) { promise.set_value(std::move(answer)); });
  const ReportAnswer answer = promise.get_future().get();
  ASSERT_EQ(answer.outcome, StatusOutcome::kAnswered) << answer.wire.answer;
  domain::Totals ours;
  ASSERT_TRUE(domain::AddReceipt(Sale(), ours));
  EXPECT_EQ(domain::CompareTotals(ours, *answer.report).differences, std::vector<domain::TotalsDifference>{});
  EXPECT_EQ(answer.report->sale_count, 1);
  EXPECT_NE(answer.report->shift_number, "");
}

TEST_F(SimulatorTest, ASendingIsCommandedAndItsRecipientInNoLogLine) {
  const std::string number = Execute("T1").facts.fiscal_number;
  const auto send = [&](const std::string& fiscal_number) {
    std::promise<SendReceiptAnswer> promise;
    client_->SendReceipt(Secret(simulator_->token()), {fiscal_number, domain::SendingChannel::kSms, kPhone},
                         [&](SendReceiptAnswer answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  };
  EXPECT_EQ(send(number).outcome, domain::SendingOutcome::kTaken);
  const SendReceiptAnswer unknown = send("none");
  EXPECT_EQ(unknown.outcome, domain::SendingOutcome::kRefused);
  EXPECT_EQ(unknown.reason, Reason::kSendingRefused);
  ASSERT_EQ(simulator_->cloud().Notifications().size(), 1u);
  EXPECT_EQ(simulator_->cloud().Notifications()[0].recipient, kPhone);
  for (const std::string& line : lines_) EXPECT_THAT(line, Not(HasSubstr("671234567")));
}

TEST_F(SimulatorTest, APublicPageOfATestReceiptNamesNoTaxServicesPage) {
  const std::string number = Execute("T1").facts.fiscal_number;
  std::promise<ReceiptPageAnswer> promise;
  client_->ReadReceiptPage(number, absl::Seconds(20),
                           [&](ReceiptPageAnswer answer) { promise.set_value(std::move(answer)); });
  const ReceiptPageAnswer page = promise.get_future().get();
  EXPECT_TRUE(page.answered) << page.wire.trouble;
  EXPECT_EQ(page.sts_url, "");
}

}  // namespace
}  // namespace kasa::vchasno
