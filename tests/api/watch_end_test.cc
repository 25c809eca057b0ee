#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/api/watch_fixture.h"

// What ends a watch, and what is refused from its start.
namespace kasa::api {
namespace {

using store::Callback;
using testing::ElementsAre;

using WatchEndTest = WatchTest;

TEST_F(WatchEndTest, ADrainEndsEveryStreamAndEveryLaterOne) {
  const auto idle = WatchFromNowOn();
  const auto busy = WatchFromNowOn();
  AcceptSale("SO-1");
  EXPECT_THAT(busy->TakeChanges(1), ElementsAre("SO-1 ACCEPTED"));
  handlers_->Drain();
  for (Watch* watch : {idle.get(), busy.get()}) {
    while (watch->Take()) {
    }
    const grpc::Status end = watch->End();
    EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonIn(end), "SHUTTING_DOWN");
  }
  const grpc::Status late = Refusal(From(""));
  EXPECT_EQ(late.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonIn(late), "SHUTTING_DOWN");
}

TEST_F(WatchEndTest, ACursorOfWhatIsNotKeptIsExpired) {
  std::string cursor;
  {
    const auto watch = WatchFromNowOn();
    AcceptSale("SO-1");
    AcceptSale("SO-2");
    cursor = watch->Take(false)->cursor();
  }
  const auto trim = [this](int64_t most) {
    return *store::Await<int64_t>([&](Callback<int64_t> done) {
      store().changes().Trim({.age = absl::Hours(1000), .most = most}, 100, std::move(done));
    });
  };
  EXPECT_EQ(trim(1), 1);
  {
    Watch still_kept(*stub_, From(cursor));
    EXPECT_THAT(still_kept.TakeChanges(1), ElementsAre("SO-2 ACCEPTED"));
  }
  EXPECT_EQ(trim(0), 1);
  const grpc::Status expired = Refusal(From(cursor));
  EXPECT_EQ(expired.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonIn(expired), "CURSOR_EXPIRED");
  EXPECT_THAT(expired.error_message(), testing::HasSubstr("list the fiscalizations anew"));
}

TEST_F(WatchEndTest, AReaderWhoFallsBehindTheHistoryIsToldSo) {
  const auto slow = WatchFromNowOn(Watch::Pace::kWhenAsked);
  const auto fast = WatchFromNowOn();
  AcceptManyLargeSales();
  ASSERT_EQ(fast->TakeChanges(kManySales).size(), kManySales);
  const auto trimmed = store::Await<int64_t>([&](Callback<int64_t> done) {
    store().changes().Trim({.age = absl::Hours(1000), .most = 1}, static_cast<int>(kManySales),
                           std::move(done));
  });
  ASSERT_EQ(*trimmed, kManySales - 1);
  size_t told = 0;
  while (const auto message = slow->Take(false)) {
    EXPECT_EQ(Tell(*message), absl::StrCat("SO-", told++, " ACCEPTED")) << "in order as far as it goes";
  }
  EXPECT_LT(told, kManySales);
  EXPECT_EQ(ReasonIn(slow->End()), "CURSOR_EXPIRED");
}

// What happened before the pause was the history of another store as much as of this one.
TEST_F(WatchEndTest, AStoreThatTurnsOutToBeRestoredEndsEveryStreamAndItsCursors) {
  const auto idle = WatchFromNowOn();
  const auto busy = WatchFromNowOn();
  AcceptSale("SO-1");
  const std::string cursor = busy->Take(false)->cursor();
  ASSERT_TRUE(idle->Take(false).has_value());
  PauseStore();
  for (Watch* watch : {idle.get(), busy.get()}) {
    while (watch->Take()) {
    }
    const grpc::Status end = watch->End();
    EXPECT_EQ(end.error_code(), grpc::StatusCode::OUT_OF_RANGE);
    EXPECT_EQ(ReasonIn(end), "CURSOR_EXPIRED");
  }
  EXPECT_EQ(ReasonIn(Refusal(From(cursor))), "CURSOR_EXPIRED") << "while the store waits to be adopted, too";

  // Whoever began anew goes on from there, over the adoption.
  const auto anew = WatchFromNowOn();
  AcceptSale("SO-2");
  const std::string later = anew->Take(false)->cursor();
  AdoptStore();
  AcceptSale("SO-3");
  EXPECT_THAT(anew->TakeChanges(1), ElementsAre("SO-3 ACCEPTED"));
  Watch again(*stub_, From(later));
  EXPECT_THAT(again.TakeChanges(1), ElementsAre("SO-3 ACCEPTED"));
}

TEST_F(WatchEndTest, WhatIsNoCursorOfThisStoreIsRefused) {
  const std::string cursor = [&] {
    const auto watch = WatchFromNowOn();
    AcceptSale("SO-1");
    return watch->Take(false)->cursor();
  }();
  const WatchCursor ours = *DecodeWatchCursor(cursor);
  WatchCursor ahead = ours;
  ahead.sequence += 1000;
  WatchCursor other_epoch = ours;
  other_epoch.epoch += 1;
  WatchCursor foreign = ours;
  foreign.instance_id = "of another store";
  std::string mistyped = cursor;
  mistyped.back() = mistyped.back() == 'A' ? 'B' : 'A';
  const struct {
    const char* name;
    std::string cursor;
    grpc::StatusCode code;
    const char* reason;
  } cases[] = {
      {"words", "from the beginning", grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID"},
      {"a number", "0", grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID"},
      {"mistyped", mistyped, grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID"},
      {"cut", cursor.substr(0, cursor.size() / 2), grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID"},
      {"with more after it", cursor + "AAAA", grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID"},
      {"foreign", EncodeWatchCursor(foreign), grpc::StatusCode::INVALID_ARGUMENT, "REQUEST_INVALID"},
      {"ahead of the store", EncodeWatchCursor(ahead), grpc::StatusCode::OUT_OF_RANGE, "CURSOR_EXPIRED"},
      {"before a restore", EncodeWatchCursor(other_epoch), grpc::StatusCode::OUT_OF_RANGE, "CURSOR_EXPIRED"},
  };
  for (const auto& given : cases) {
    SCOPED_TRACE(given.name);
    const grpc::Status refusal = Refusal(From(given.cursor));
    EXPECT_EQ(refusal.error_code(), given.code);
    EXPECT_EQ(ReasonIn(refusal), given.reason);
  }
}

TEST_F(WatchEndTest, WhatIsNoFilterIsRefused) {
  v1::WatchFiscalizationsRequest empty_id = From("", {"shop-1", ""});
  v1::WatchFiscalizationsRequest long_id = From("", {std::string(200, 'x')});
  v1::WatchFiscalizationsRequest many;
  for (int i = 0; i < 1001; ++i) many.add_integration_ids(absl::StrCat("shop-", i));
  const struct {
    const char* field;
    const char* reason;
    v1::WatchFiscalizationsRequest request;
  } cases[] = {
      {"integration_ids[1]", "FIELD_REQUIRED", empty_id},
      {"integration_ids[0]", "FIELD_TOO_LONG", long_id},
      {"integration_ids", "TOO_MANY_ITEMS", many},
  };
  for (const auto& given : cases) {
    SCOPED_TRACE(given.field);
    const grpc::Status refusal = Refusal(given.request);
    EXPECT_EQ(refusal.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonIn(refusal), "REQUEST_INVALID");
    EXPECT_THAT(refusal.error_message(), testing::HasSubstr(given.field));
  }
}

}  // namespace
}  // namespace kasa::api
