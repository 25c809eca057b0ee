// Each fault as a client sees it on the wire, against the running server.
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/simulator/raw_client.h"
#include "tests/simulator/testing.h"
#include "tools/simulator/simulator.h"

namespace kasa::simulator {
namespace {

using testing::Fill;
using testing::kSmallSale;
using testing::RawClient;
using testing::Task;

constexpr char kExecute[] = "/api/v3/fiscal/execute";

class WireTest : public ::testing::Test {
 protected:
  RawClient Connect() { return RawClient(simulator_->port()); }

  RawClient::Answer Execute(RawClient& client, const std::string& tag) {
    return client.Call("POST", kExecute, simulator_->token(), Fill(kSmallSale, tag));
  }
  void Add(const Fault& fault) { ASSERT_TRUE(cloud().AddFault(fault).ok()); }
  Cloud& cloud() { return simulator_->cloud(); }
  size_t Receipts() {
    size_t count = 0;
    for (const LedgerEntry& entry : cloud().Ledger()) {
      if (entry.IsReceipt()) ++count;
    }
    return count;
  }

  std::unique_ptr<Simulator> simulator_ = *Simulator::Start({});
};

Fault Of(FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  return fault;
}

std::string At(const RawClient::Answer& answer, std::string_view path) {
  const auto json = Json::Parse(answer.body);
  return json.ok() ? testing::At(*json, path) : "not JSON";
}

TEST_F(WireTest, ManyRequestsTravelOnOneConnection) {
  RawClient client = Connect();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(At(Execute(client, std::to_string(i)), "res"), "0");
  EXPECT_EQ(Receipts(), 50u);
  EXPECT_EQ(cloud().Counts("").max_in_flight, 1);
  EXPECT_TRUE(cloud().Log().back().warm);
  EXPECT_FALSE(cloud().Log().front().warm);
}

TEST_F(WireTest, AWrongTokenGetsPlainText) {
  RawClient client = Connect();
  const auto answer = client.Call("POST", kExecute, "Bearer " + simulator_->token(), Fill(kSmallSale, "a"));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, "401: Unauthorized");
}

TEST_F(WireTest, NoAnswerBeforeAndAfterTheCommit) {
  for (const bool after : {false, true}) {
    cloud().Reset();
    Add(Of(after ? FaultKind::kNoAnswerAfterCommit : FaultKind::kNoAnswerBeforeCommit));
    RawClient client = Connect();
    client.Send("POST", kExecute, simulator_->token(), Fill(kSmallSale, "a"));
    const auto answer = client.Receive(100);
    EXPECT_TRUE(answer.silent);
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(Receipts(), after ? 1u : 0u);
    EXPECT_EQ(cloud().Counts("").in_flight, 1) << "it is on the wire while the client waits";
    client.Close();
    RawClient next = Connect();
    EXPECT_EQ(At(Execute(next, "a"), "res"), "0");
    EXPECT_EQ(Receipts(), 1u);
    EXPECT_EQ(cloud().Counts("").max_in_flight, 1) << "the one who left is not in flight";
  }
}

TEST_F(WireTest, SilenceIsBounded) {
  Fault fault = Of(FaultKind::kNoAnswerAfterCommit);
  fault.silence = absl::Milliseconds(50);
  Add(fault);
  RawClient client = Connect();
  EXPECT_TRUE(Execute(client, "a").closed);
}

TEST_F(WireTest, AWarmConnectionIsCutAfterTheBody) {
  for (const bool committed : {false, true}) {
    cloud().Reset();
    Fault fault = Of(FaultKind::kCutAfterBody);
    fault.warm_only = true;
    fault.committed = committed;
    Add(fault);
    RawClient client = Connect();
    EXPECT_EQ(Execute(client, "a").status, 200) << "the first request of a connection is not struck";
    const auto answer = Execute(client, "b");
    EXPECT_TRUE(answer.closed);
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(Receipts(), committed ? 2u : 1u);
  }
}

TEST_F(WireTest, AnAnswerIsCutAmidItsBody) {
  Add(Of(FaultKind::kCutMidAnswer));
  RawClient client = Connect();
  const auto answer = Execute(client, "a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.closed);
  EXPECT_GT(answer.body.size(), 0u);
  EXPECT_LT(answer.body.size(), answer.promised);
  EXPECT_EQ(Receipts(), 1u);
}

TEST_F(WireTest, AnyHttpStatusBeforeAndAfterTheCommit) {
  for (const int status : {302, 400, 401, 403, 417, 429, 500, 502, 503, 504}) {
    for (const bool committed : {false, true}) {
      cloud().Reset();
      Fault fault = Of(FaultKind::kHttpStatus);
      fault.status = status;
      fault.committed = committed;
      if (status == 429) fault.retry_after_seconds = 7;
      if (status == 302) fault.location = "http://127.0.0.1:1/elsewhere";
      Add(fault);
      RawClient client = Connect();
      const auto answer = Execute(client, "a");
      EXPECT_EQ(answer.status, status);
      EXPECT_EQ(answer.headers.find("Retry-After: 7") != std::string::npos, status == 429);
      EXPECT_EQ(answer.headers.find("Location: http://127.0.0.1:1/elsewhere") != std::string::npos,
                status == 302);
      EXPECT_EQ(Receipts(), committed ? 1u : 0u) << status;
      EXPECT_EQ(Execute(client, "b").status, 200) << "the connection lives on";
    }
  }
}

TEST_F(WireTest, AMalformedAnswer) {
  Add(Of(FaultKind::kMalformed));
  RawClient client = Connect();
  const auto answer = Execute(client, "a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), answer.promised);
  EXPECT_FALSE(Json::Parse(answer.body).ok());
  EXPECT_EQ(Receipts(), 1u);
}

TEST_F(WireTest, AHugeAnswerIsStillTheAnswer) {
  Fault fault = Of(FaultKind::kHuge);
  fault.size_bytes = 20 << 20;
  Add(fault);
  RawClient client = Connect();
  const auto answer = Execute(client, "a");
  EXPECT_EQ(answer.body.size(), size_t{20} << 20);
  EXPECT_EQ(At(answer, "res"), "0");
}

TEST_F(WireTest, ADrippingAnswerComesInTheEndAndTheConnectionLives) {
  Fault fault = Of(FaultKind::kSlowDrip);
  fault.bytes_per_interval = 50;
  fault.interval = absl::Milliseconds(2);
  Add(fault);
  RawClient client = Connect();
  EXPECT_EQ(At(Execute(client, "a"), "res"), "0");
  EXPECT_EQ(At(Execute(client, "b"), "res"), "0");
}

TEST_F(WireTest, RefusalsWithGivenCodesBeforeAndAfterTheCommit) {
  for (const int res_action : {0, 1, 2, 3}) {
    for (const bool committed : {false, true}) {
      cloud().Reset();
      Fault fault = Of(FaultKind::kRefusal);
      fault.res = 1034;
      fault.res_action = res_action;
      fault.text = "Помилка";
      fault.committed = committed;
      Add(fault);
      RawClient client = Connect();
      const auto answer = Execute(client, "a");
      EXPECT_EQ(At(answer, "res"), "1034");
      EXPECT_EQ(At(answer, "res_action"), std::to_string(res_action));
      EXPECT_EQ(At(answer, "errortxt"), "Помилка");
      EXPECT_EQ(Receipts(), committed ? 1u : 0u);
      EXPECT_EQ(At(Execute(client, "a"), "res"), "0");
      EXPECT_EQ(Receipts(), 1u);
    }
  }
}

TEST_F(WireTest, AnswersThatAreNotToBeBelieved) {
  struct Case {
    FaultKind kind;
    const char* path;
    const char* value;
  };
  for (const auto& [kind, path, value] :
       {Case{FaultKind::kWrongTag, "tag", "ffffffffffffffffffffffffffffffff"},
        Case{FaultKind::kWrongTask, "task", "14"}, Case{FaultKind::kOtherFisid, "info.fisid", "4999999999"},
        Case{FaultKind::kOtherMode, "info.dtype", "1"},
        Case{FaultKind::kMissingDoccode, "info.doccode", ""}}) {
    cloud().Reset();
    Add(Of(kind));
    RawClient client = Connect();
    const auto answer = Execute(client, "a");
    EXPECT_EQ(At(answer, "res"), "0");
    EXPECT_EQ(At(answer, path), value) << path;
    EXPECT_EQ(Receipts(), 1u);
  }
  cloud().Reset();
  Add(Of(FaultKind::kWrongSum));
  RawClient client = Connect();
  EXPECT_NE(At(Execute(client, "a"), "info.qr").find("&sm=987654.32&"), std::string::npos);
}

TEST_F(WireTest, AHoldIsAnsweredAfterItsTimeAndTheClientMayLeave) {
  Fault fault = Of(FaultKind::kHold);
  fault.duration = absl::Milliseconds(30);
  fault.times = 2;
  Add(fault);
  RawClient client = Connect();
  EXPECT_EQ(At(Execute(client, "a"), "res"), "0");

  client.Send("POST", kExecute, simulator_->token(), Fill(kSmallSale, "b"));
  ASSERT_TRUE(cloud().AwaitExecutes(2, absl::Seconds(10)));
  client.Close();
  RawClient next = Connect();
  // Waits for the register, which works on although nobody listens.
  EXPECT_EQ(At(Execute(next, "b"), "res"), "0");
  EXPECT_EQ(Receipts(), 2u);
  EXPECT_EQ(cloud().Counts("").max_in_flight, 1);
}

TEST_F(WireTest, TheRegisterChangesUnderWay) {
  RawClient client = Connect();
  Execute(client, "a");
  Add(Of(FaultKind::kShiftClosed));
  EXPECT_EQ(At(Execute(client, "b"), "res"), "2007");
  EXPECT_EQ(cloud().Ledger().back().task, 11);
  EXPECT_EQ(At(Execute(client, "b"), "res"), "0") << "a new shift";

  Add(Of(FaultKind::kShiftOver24h));
  EXPECT_EQ(At(Execute(client, "c"), "res"), "1037");
  EXPECT_EQ(At(Execute(client, "c"), "res"), "1037");
  client.Call("POST", kExecute, simulator_->token(), Task(11, "z"));
  EXPECT_EQ(At(Execute(client, "c"), "res"), "0");

  Add(Of(FaultKind::kBlocked));
  EXPECT_EQ(At(Execute(client, "d"), "res"), "1044");
  EXPECT_EQ(At(Execute(client, "d"), "res"), "1044") << "it stays blocked";
}

TEST_F(WireTest, StopsAndComesBackWithItsRegisters) {
  const uint16_t port = simulator_->port();
  {
    Fault fault = Of(FaultKind::kHold);
    Add(fault);
    RawClient held = Connect();
    held.Send("POST", kExecute, simulator_->token(), Fill(kSmallSale, "held"));
    ASSERT_TRUE(cloud().AwaitExecutes(1, absl::Seconds(10)));
    simulator_->Stop();
    EXPECT_TRUE(held.Receive().closed);
  }
  EXPECT_THROW(RawClient client(port), boost::system::system_error);
  ASSERT_TRUE(simulator_->Restart().ok());
  EXPECT_EQ(simulator_->port(), port);
  RawClient client = Connect();
  EXPECT_EQ(At(Execute(client, "a"), "res"), "0");
  EXPECT_EQ(cloud().Counts("").in_flight, 0);
}

TEST_F(WireTest, APortThatIsTakenIsSaid) {
  SimulatorOptions options;
  options.port = simulator_->port();
  EXPECT_EQ(Simulator::Start(std::move(options)).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace kasa::simulator
