// The calls under /simulator/, over the wire.
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/simulator/raw_client.h"
#include "tests/simulator/testing.h"
#include "tools/simulator/simulator.h"

namespace kasa::simulator {
namespace {

using testing::At;
using testing::Fill;
using testing::kSmallSale;
using testing::RawClient;
using testing::Task;

class AdminTest : public ::testing::Test {
 protected:
  Json Call(const std::string& method, const std::string& target, const std::string& body, int status = 200) {
    const auto answer = client_.Call(method, target, "", body);
    EXPECT_EQ(answer.status, status) << target << " " << body << " " << answer.body;
    return *Json::Parse(answer.body);
  }
  Json Execute(const std::string& body, const std::string& token = "simulator-token-1") {
    const auto json = Json::Parse(client_.Call("POST", "/api/v3/fiscal/execute", token, body).body);
    return json.ok() ? *json : Json();
  }

  std::unique_ptr<Simulator> simulator_ = *Simulator::Start({});
  RawClient client_{simulator_->port()};
};

TEST_F(AdminTest, FaultsAreAddedShownCountedAndDeleted) {
  Call(
      "POST", "/simulator/faults",
      R"([{"kind":"refusal","token":"simulator-token-1","task":1,"tag":"a","res":1105,"res_action":2,"errortxt":"x"},)"
      R"({"kind":"http_status","status":429,"retry_after_seconds":1,"after":1,"times":2,"probability_percent":100}])");
  EXPECT_EQ(At(Execute(Fill(kSmallSale, "a")), "res"), "1105");
  Json faults = Call("GET", "/simulator/faults", "");
  EXPECT_EQ(faults.Find("remaining")->items().size(), 1u);
  EXPECT_EQ(At(faults, "taken.refusal"), "1");
  faults = Call("DELETE", "/simulator/faults", "");
  EXPECT_EQ(faults.Find("remaining")->items().size(), 0u);
  EXPECT_EQ(At(Execute(Fill(kSmallSale, "a")), "res"), "0");
}

TEST_F(AdminTest, WrongFaultsAreRefusedAndNoneIsAdded) {
  for (const char* body :
       {"", "[]x", R"({"times":1})", R"({"kind":"earthquake"})", R"({"kind":"hold","duration_ms":"40"})",
        R"({"kind":"hold","duration_ms":-1})", R"({"kind":"malformed","unknown":1})",
        R"({"kind":"malformed","token":"nobody"})", R"({"kind":"wrong_tag","call":"shifts"})",
        R"({"kind":"wrong_tag","committed":false})", R"({"kind":"malformed","probability_percent":101})",
        R"([{"kind":"malformed"},{"kind":"malformed","times":-1}])"}) {
    EXPECT_FALSE(At(Call("POST", "/simulator/faults", body, 400), "error").empty());
  }
  EXPECT_EQ(Call("GET", "/simulator/faults", "").Find("remaining")->items().size(), 0u);
}

TEST_F(AdminTest, EveryKindCanBeAskedFor) {
  for (const char* kind : {"no_answer_before_commit", "no_answer_after_commit", "cut_after_body",
                           "cut_mid_answer", "http_status", "malformed", "huge", "slow_drip", "refusal",
                           "wrong_tag", "wrong_task", "wrong_sum", "other_fisid", "other_mode",
                           "missing_doccode", "hold", "shift_closed", "shift_over_24h", "blocked"}) {
    const Json faults = Call("POST", "/simulator/faults", std::string(R"({"kind":")") + kind + R"("})");
    EXPECT_EQ(At(faults.Find("remaining")->items().back(), "kind"), kind);
  }
}

TEST_F(AdminTest, RegistersAreAddedAndChanged) {
  Call(
      "POST", "/simulator/registers",
      R"({"token":"t-2","fisid":"4000000002","edrpou":"87654321","mode":"real","switches":{"auto_open_shift":false}})");
  EXPECT_EQ(At(Execute(Fill(kSmallSale, "a"), "t-2"), "res"), "2007");
  Call("POST", "/simulator/registers", R"({"fisid":"4000000002","shift":"open","cash":500})");
  const Json made = Execute(Fill(kSmallSale, "a"), "t-2");
  EXPECT_EQ(At(made, "info.dtype"), "1");
  EXPECT_EQ(At(made, "info.safe"), "5");
  EXPECT_EQ(At(made, "info.doccode").size(), 11u);

  Call("POST", "/simulator/registers", R"({"fisid":"4000000002","age_shift_minutes":1441})");
  EXPECT_EQ(At(Execute(Fill(kSmallSale, "b"), "t-2"), "res"), "1037");
  Call("POST", "/simulator/registers", R"({"fisid":"4000000002","shift":"close"})");
  Call("POST", "/simulator/registers", R"({"fisid":"4000000002","shift":"close"})", 400);
  Call("POST", "/simulator/registers",
       R"({"fisid":"4000000002","blocked":true,"offline":true,"sign_status":2})");
  const Json status = Execute(Task(18, "s"), "t-2");
  EXPECT_EQ(At(status, "info.shift_status"), "2");
  EXPECT_EQ(At(status, "info.online_status"), "0");
  EXPECT_EQ(At(status, "info.sign_status"), "2");
  EXPECT_EQ(At(status, "info.edrpou"), "87654321");

  Call("POST", "/simulator/registers", R"({"fisid":"4000000002","new_token":"t-3"})");
  EXPECT_EQ(At(Execute(Task(18, "s"), "t-3"), "info.fisid"), "4000000002");
  EXPECT_TRUE(Execute(Task(18, "s"), "t-2").IsNull());

  Call("POST", "/simulator/registers", R"({"fisid":"1"})", 400);
  Call("POST", "/simulator/registers", R"({"fisid":"4000000002","switches":{"tag_memory":"never"}})", 400);
  Call("POST", "/simulator/registers", R"({"fisid":"4000000002","colour":"red"})", 400);
  const Json all = Call("GET", "/simulator/registers", "");
  EXPECT_EQ(all.Find("registers")->items().size(), 2u);
  EXPECT_EQ(all.Dump().find("t-3"), std::string::npos) << "a token is never shown";
}

TEST_F(AdminTest, TheLedgerReadsBackEverythingInKopiykas) {
  const std::string sale = Fill(testing::kSale, "a");
  Execute(sale);
  Execute(Task(11, "z"));
  const Json ledger = Call("GET", "/simulator/ledger?fisid=4000000001", "");
  ASSERT_EQ(ledger.Find("receipts")->items().size(), 1u);
  const Json& receipt = ledger.Find("receipts")->items()[0];
  EXPECT_EQ(At(receipt, "sum"), "19999");
  EXPECT_EQ(At(receipt, "disc"), "1000");
  EXPECT_EQ(At(receipt, "round"), "1");
  EXPECT_EQ(At(receipt, "total"), "19000");
  EXPECT_EQ(At(receipt, "body"), sale);
  EXPECT_EQ(At(receipt.Find("pays")->items()[0], "change"), "5000");
  EXPECT_EQ(At(receipt.Find("rows")->items()[1], "count_thousandths"), "1000");
  EXPECT_EQ(ledger.Find("reports")->items().size(), 1u);
  EXPECT_EQ(ledger.Find("openings")->items().size(), 1u);
  EXPECT_EQ(Call("GET", "/simulator/ledger?bodies=false", "").Find("receipts")->items()[0].Find("body"),
            nullptr);
  EXPECT_EQ(Call("GET", "/simulator/ledger?fisid=1", "").Find("receipts")->items().size(), 0u);
}

TEST_F(AdminTest, RequestsAreCountedAndLogged) {
  Execute(Fill(kSmallSale, "a"));
  const Json requests = Call("GET", "/simulator/requests", "");
  EXPECT_EQ(At(requests, "registers.4000000001.executes"), "1");
  EXPECT_EQ(At(requests, "max_in_flight"), "1");
  EXPECT_EQ(At(requests.Find("log")->items()[0], "result"), "made");
  EXPECT_EQ(requests.Dump().find("simulator-token"), std::string::npos);
}

TEST_F(AdminTest, ResetForgetsAndReleaseEndsHolds) {
  Execute(Fill(kSmallSale, "a"));
  Call("POST", "/simulator/reset", "");
  EXPECT_EQ(Call("GET", "/simulator/ledger", "").Find("receipts")->items().size(), 0u);

  Call("POST", "/simulator/faults", R"({"kind":"hold","until_released":true})");
  RawClient waiting(simulator_->port());
  waiting.Send("POST", "/api/v3/fiscal/execute", "simulator-token-1", Fill(kSmallSale, "b"));
  ASSERT_TRUE(simulator_->cloud().AwaitExecutes(1, absl::Seconds(10)));
  Call("POST", "/simulator/release", "");
  EXPECT_EQ(waiting.Receive().status, 200);
}

TEST_F(AdminTest, UnknownCallsAre404) {
  Call("GET", "/simulator/nothing", "", 404);
  Call("DELETE", "/simulator/ledger", "", 404);
}

TEST(OptionsTest, ARegisterIsReadFromWords) {
  const auto reg =
      ParseRegister("token=t,fisid=1,edrpou=2,mode=real,cashier=К,tag_memory=none,payment_types=0+2");
  ASSERT_TRUE(reg.ok()) << reg.status();
  EXPECT_TRUE(reg->is_real);
  EXPECT_EQ(reg->switches.tag_memory, TagMemory::kNone);
  EXPECT_EQ(reg->switches.payment_types, (std::set<int>{0, 2}));
  for (const char* text : {"", "token=t", "fisid=1", "token=t,fisid=1,mode=x", "token=t,fisid=1,what=1"})
    EXPECT_FALSE(ParseRegister(text).ok()) << text;
}

}  // namespace
}  // namespace kasa::simulator
