// The calls beside execute: listings in every spelling and state, check-task, notifications, public pages,
// refusals.
#include <string>

#include "gtest/gtest.h"
#include "tests/simulator/testing.h"

namespace kasa::simulator {
namespace {

using testing::At;
using testing::Fill;
using testing::kSmallSale;
using testing::Task;
using testing::World;

constexpr char kChecks[] = "/api/v3/shift/checks?shift_id=1";

Json Get(World& world, const std::string& target) {
  const auto json = Json::Parse(world.Call("GET", target)->body);
  return json.ok() ? *json : Json();
}

TEST(ListingTest, IsNewestFirstAndPaged) {
  World world;
  for (const char* tag : {"a", "b", "c"}) world.Execute(Fill(kSmallSale, tag));
  world.Execute(Task(11, "z"));
  world.Execute(Fill(kSmallSale, "d"));
  const Json shifts = Get(world, "/api/v3/shifts?page_num=1&page_size=10");
  ASSERT_EQ(shifts.Find("docs")->items().size(), 2u);
  EXPECT_EQ(At(shifts.Find("docs")->items()[0], "shift_id"), "2");
  EXPECT_TRUE(shifts.Find("docs")->items()[0].Find("datetime_close")->IsNull());
  const Json page = Get(world, "/api/v3/shift/checks?shift_id=1&page_num=2&page_size=3");
  ASSERT_EQ(page.Find("docs")->items().size(), 1u);
  EXPECT_EQ(At(page.Find("docs")->items()[0], "tag"), "a");
  EXPECT_EQ(At(page.Find("docs")->items()[0], "sum"), "10");
  EXPECT_EQ(At(page.Find("docs")->items()[0], "datetime"), "14.11.2024 12.14.30");
}

TEST(ListingTest, HasOtherSpellings) {
  World world;
  world.Execute(Fill(kSmallSale, "a"));
  world.Register([](Register& reg) { reg.switches().listing_names = ListingNames::kCloud; });
  EXPECT_EQ(At(Get(world, kChecks).Find("items")->items()[0], "created_at"), "2024-11-14T12:14:30");
  world.Register([](Register& reg) { reg.switches().listing_names = ListingNames::kShort; });
  EXPECT_EQ(At(Get(world, kChecks).Find("data")->items()[0], "sm"), "10");
}

TEST(ListingTest, CanBeLate) {
  World world;
  world.Register([](Register& reg) {
    reg.switches().listing_state = ListingState::kLate;
    reg.switches().listing_late_by = 2;
  });
  world.Execute(Fill(kSmallSale, "a"));
  EXPECT_EQ(Get(world, kChecks).Find("docs")->items().size(), 0u);
  EXPECT_EQ(Get(world, kChecks).Find("docs")->items().size(), 0u);
  EXPECT_EQ(Get(world, kChecks).Find("docs")->items().size(), 1u);
}

TEST(ListingTest, CanBeEmptyUnreadableOrAbsent) {
  World world;
  world.Execute(Fill(kSmallSale, "a"));
  world.Register([](Register& reg) { reg.switches().listing_state = ListingState::kEmpty; });
  EXPECT_EQ(Get(world, "/api/v3/shifts").Find("docs")->items().size(), 0u);
  EXPECT_EQ(Get(world, kChecks).Find("docs")->items().size(), 0u);
  world.Register([](Register& reg) { reg.switches().listing_state = ListingState::kUnreadable; });
  EXPECT_TRUE(Get(world, kChecks).IsNull());
  world.Register([](Register& reg) { reg.switches().listing_state = ListingState::kNotFound; });
  EXPECT_EQ(world.Call("GET", kChecks)->status, 404);
  EXPECT_EQ(world.Call("GET", "/api/v3/shifts")->status, 404);
}

TEST(ListingTest, RefusesBadPages) {
  World world;
  for (const char* target : {"/api/v3/shifts?page_num=0", "/api/v3/shifts?page_size=101",
                             "/api/v3/shift/checks", "/api/v3/shift/checks?shift_id=x"}) {
    EXPECT_EQ(world.Call("GET", target)->status, 422) << target;
  }
}

TEST(CheckTaskTest, TellsTheRequestOfAReceiptOrNotOrWrongly) {
  World world;
  const std::string number = At(world.Execute(Fill(kSmallSale, "a")), "info.doccode");
  const std::string target = "/api/v3/check-task/" + number;
  Json answer = Get(world, target);
  EXPECT_EQ(At(answer, "fiscal_number"), number);
  EXPECT_EQ(At(answer, "task.tag"), "a");
  EXPECT_EQ(At(answer, "task.fiscal.receipt.sum"), "10.00");
  world.Register([](Register& reg) { reg.switches().check_task = CheckTask::kWrong; });
  EXPECT_NE(At(Get(world, target), "task.tag"), "a");
  world.Register([](Register& reg) { reg.switches().check_task = CheckTask::kNotFound; });
  EXPECT_EQ(world.Call("GET", target)->status, 404);
  EXPECT_EQ(world.Call("GET", "/api/v3/check-task/nothing")->status, 404);
}

TEST(NotificationTest, IsRecordedWhenItIsInOrder) {
  World world;
  const std::string number = At(world.Execute(Fill(kSmallSale, "a")), "info.doccode");
  const auto post = [&](const std::string& check, const std::string& channel, const std::string& recipient) {
    return world
        .Call("POST", "/api/v3/notifications/checks",
              Json::Object()
                  .Set("check", Json::Text(check))
                  .Set("channel", Json::Text(channel))
                  .Set("recipient", Json::Text(recipient))
                  .Dump())
        ->status;
  };
  EXPECT_EQ(post(number, "email", "a@b.ua"), 200);
  EXPECT_EQ(post(number, "pigeon", "a@b.ua"), 400);
  EXPECT_EQ(post(number, "sms", ""), 400);
  EXPECT_EQ(post("nothing", "sms", "+380501234567"), 404);
  EXPECT_EQ(world.Call("POST", "/api/v2/notifications/checks", "{")->status, 400);
  ASSERT_EQ(world.cloud.Notifications().size(), 1u);
  EXPECT_EQ(world.cloud.Notifications()[0].recipient, "a@b.ua");
}

TEST(PublicPageTest, ShowsAReceiptToAnyone) {
  World world;
  const std::string number = At(world.Execute(Fill(kSmallSale, "a")), "info.doccode");
  for (const char* prefix : {"/c/", "/check-viewer/"}) {
    const auto page = world.Call("GET", prefix + number);
    EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
    EXPECT_NE(page->body.find("10.00"), std::string::npos);
  }
  const Json data = Get(world, "/c/" + number + ".json");
  EXPECT_EQ(At(data, "check_url"), "https://kasa.vchasno.ua/c/" + number);
  EXPECT_TRUE(data.Find("target_url")->IsNull()) << "the tax service knows no test receipt";
  EXPECT_EQ(world.Call("GET", "/c/nothing")->status, 404);
}

TEST(AccessTest, ATokenIsRawAndBelongsToOneRegister) {
  World world;
  const auto status_with = [&world](const std::string& authorization) {
    HttpRequest request;
    request.method = "POST";
    request.target = "/api/v3/fiscal/execute";
    request.authorization = authorization;
    request.body = Task(18, "s");
    HttpReply answer;
    world.cloud.Handle(request, [&answer](HttpReply reply) { answer = std::move(reply); });
    return answer;
  };
  EXPECT_EQ(status_with(World::kToken).status, 200);
  for (const std::string& wrong : {std::string(), std::string("Bearer ") + World::kToken, std::string("x")}) {
    EXPECT_EQ(status_with(wrong).status, 401);
    EXPECT_EQ(status_with(wrong).body, "401: Unauthorized");
  }
  ASSERT_TRUE(world.cloud.ReplaceToken(World::kFisid, "another-token").ok());
  EXPECT_EQ(status_with(World::kToken).status, 401);
  EXPECT_EQ(status_with("another-token").status, 200);
}

TEST(AccessTest, UnknownCallsAndWrongMethodsAreRefused) {
  World world;
  EXPECT_EQ(world.Call("GET", "/api/v3/nothing")->status, 404);
  EXPECT_EQ(world.Call("GET", "/api/v3/fiscal/execute")->status, 405);
  EXPECT_EQ(world.Call("POST", "/api/v3/shifts")->status, 405);
  EXPECT_EQ(world.Call("GET", "/")->status, 404);
}

TEST(FaultsTest, StrikeOtherCallsToo) {
  World world;
  Fault fault;
  fault.kind = FaultKind::kHttpStatus;
  fault.status = 500;
  fault.call = Call::kShifts;
  ASSERT_TRUE(world.cloud.AddFault(fault).ok());
  EXPECT_FALSE(world.Execute(Fill(kSmallSale, "a")).IsNull());
  EXPECT_EQ(world.Call("GET", "/api/v3/shifts")->status, 500);
  EXPECT_EQ(world.Call("GET", "/api/v3/shifts")->status, 200);
  fault.kind = FaultKind::kWrongTag;
  EXPECT_FALSE(world.cloud.AddFault(fault).ok());
}

}  // namespace
}  // namespace kasa::simulator
