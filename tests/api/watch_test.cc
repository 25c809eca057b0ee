#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/api/watch_fixture.h"

// What those who watch are told, and in which order.
namespace kasa::api {
namespace {

using testing::ElementsAre;

TEST_F(WatchTest, FirstAHeartbeatWithTheCursorThenEveryChangeInOrder) {
  FiscalizedSale("SO-0", "TEST_0");  // before: not told
  const auto watch = WatchFromNowOn();
  FiscalizedSale("SO-1", "TEST_1");
  FailedSale("SO-2", false);
  EXPECT_THAT(watch->TakeChanges(6), ElementsAre("SO-1 ACCEPTED", "SO-1 SENDING", "SO-1 FISCALIZED",
                                                 "SO-2 ACCEPTED", "SO-2 SENDING", "SO-2 FAILED"));
}

TEST_F(WatchTest, AMessageShowsTheFiscalizationAsItWasAfterTheChange) {
  const auto watch = WatchFromNowOn();
  FiscalizedSale("SO-1", "TEST_1");
  const Message accepted = *watch->Take(false);
  EXPECT_EQ(accepted.fiscalization().attempts(), 0);
  EXPECT_FALSE(accepted.fiscalization().has_receipt());
  EXPECT_EQ(accepted.fiscalization().etag(), "1");
  EXPECT_EQ(watch->Take(false)->fiscalization().attempts(), 1);
  const Message fiscalized = *watch->Take(false);
  EXPECT_EQ(fiscalized.fiscalization().receipt().fiscal_number(), "TEST_1");
  EXPECT_EQ(fiscalized.fiscalization().draft().request_json(), "");
}

TEST_F(WatchTest, GoesOnFromEveryCursorMissingNothingAndTellingNothingTwice) {
  const auto first = WatchFromNowOn();
  for (int i = 0; i < 12; ++i) FiscalizedSale(absl::StrCat("SO-", i), absl::StrCat("TEST_", i));
  std::vector<Message> all;
  while (all.size() < 36) all.push_back(*first->Take(false));
  for (size_t i = 0; i < all.size(); ++i) {
    Watch again(*stub_, From(all[i].cursor()));
    const std::optional<Message> heartbeat = again.Take();
    ASSERT_TRUE(heartbeat.has_value());
    EXPECT_FALSE(heartbeat->has_fiscalization());
    EXPECT_EQ(heartbeat->cursor(), all[i].cursor());
    for (size_t k = i + 1; k < all.size(); ++k) {
      const std::optional<Message> message = again.Take(false);
      ASSERT_TRUE(message.has_value());
      EXPECT_EQ(message->SerializeAsString(), all[k].SerializeAsString());
    }
  }
}

TEST_F(WatchTest, GoesOnAfterTheGatewayWasStartedAnew) {
  std::string cursor;
  {
    const auto watch = WatchFromNowOn();
    AcceptSale("SO-1");
    cursor = watch->Take(false)->cursor();
  }
  AcceptSale("SO-2");
  StopServing();
  Reopen();
  Serve(absl::Seconds(15));
  Watch again(*stub_, From(cursor));
  EXPECT_THAT(again.TakeChanges(1), ElementsAre("SO-2 ACCEPTED"));
}

TEST_F(WatchTest, ShowsOnlyWhatTheFilterPassesAndItsCursorServesAnyFilter) {
  Serve(absl::Milliseconds(30));
  const auto of_two = WatchFromNowOn(Watch::Pace::kEager, {kTwo, "nobody"});
  AcceptSale("SO-1");
  ASSERT_TRUE(Accept(store::ASale("SO-2", kTwo, kRegisterTwo)).ok());
  AcceptSale("SO-3");
  const std::optional<Message> message = of_two->Take(false);
  EXPECT_EQ(Tell(*message), "SO-2 ACCEPTED");
  Watch all(*stub_, From(message->cursor()));
  EXPECT_THAT(all.TakeChanges(1), ElementsAre("SO-3 ACCEPTED"));
  // What does not pass moves the cursor on too, so that it never expires on a quiet integration.
  std::string cursor = of_two->Take()->cursor();
  while (cursor == message->cursor()) cursor = of_two->Take()->cursor();
  AcceptSale("SO-4");
  Watch rest(*stub_, From(cursor));
  EXPECT_THAT(rest.TakeChanges(1), ElementsAre("SO-4 ACCEPTED"));
}

TEST_F(WatchTest, AHeartbeatComesWheneverNothingElseDoes) {
  Serve(absl::Milliseconds(20));
  const auto watch = WatchFromNowOn();
  const std::string cursor = watch->Take()->cursor();
  for (int i = 0; i < 3; ++i) {
    const Message message = *watch->Take();
    EXPECT_FALSE(message.has_fiscalization());
    EXPECT_EQ(message.cursor(), cursor);
  }
}

TEST_F(WatchTest, OneWhoDoesNotReadSlowsNobodyAndLosesNothing) {
  const auto slow = WatchFromNowOn(Watch::Pace::kWhenAsked);
  const auto fast = WatchFromNowOn();
  AcceptManyLargeSales();
  EXPECT_EQ(fast->TakeChanges(kManySales).back(), absl::StrCat("SO-", kManySales - 1, " ACCEPTED"));
  const std::vector<std::string> told = slow->TakeChanges(kManySales);
  ASSERT_EQ(told.size(), kManySales);
  for (size_t i = 0; i < kManySales; ++i) EXPECT_EQ(told[i], absl::StrCat("SO-", i, " ACCEPTED"));
}

TEST_F(WatchTest, AThousandWatchersAreFineBesideOneWhoDoesNotRead) {
  constexpr int kWatchers = 1000;
  constexpr size_t kSales = 10;
  const auto stuck = WatchFromNowOn(Watch::Pace::kWhenAsked);
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < kWatchers; ++i) {
    watches.push_back(std::make_unique<Watch>(*stub_, From("")));
  }
  for (const auto& watch : watches) ASSERT_TRUE(watch->Take().has_value());
  const auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < kSales; ++i) AcceptSale(absl::StrCat("SO-", i));
  for (const auto& watch : watches) {
    const std::vector<std::string> told = watch->TakeChanges(kSales);
    ASSERT_EQ(told.size(), kSales);
    for (size_t i = 0; i < kSales; ++i) ASSERT_EQ(told[i], absl::StrCat("SO-", i, " ACCEPTED"));
  }
  const auto took = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds",
                 static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
}

TEST_F(WatchTest, CallersWhoComeAndGoLeaveNothingBehind) {
  constexpr int kCallers = 200;
  for (int i = 0; i < kCallers; ++i) {
    Watch watch(*stub_, From(""));
    if (i % 4 != 0) watch.Take();
    if (i % 2 == 0) AcceptSale(absl::StrCat("SO-", i));
    watch.Cancel();
    EXPECT_EQ(watch.End().error_code(), grpc::StatusCode::CANCELLED);
  }
  {
    const auto watch = WatchFromNowOn();
    AcceptSale("SO-last");
    EXPECT_THAT(watch->TakeChanges(1), ElementsAre("SO-last ACCEPTED"));
  }
  server_->Shutdown();  // waits for every call, so it ends only when none is left
  // A call that was cancelled at once may never have reached the server.
  EXPECT_LE(ended_calls_, kCallers + 1);
  EXPECT_GE(ended_calls_, kCallers * 3 / 4 + 1);
}

}  // namespace
}  // namespace kasa::api
