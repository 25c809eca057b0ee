#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/reason.h"
#include "kasa/v1/fiscalization_service.grpc.pb.h"
#include "server/api/bound_service.h"
#include "server/api/watch_handlers.h"
#include "server/engine/executor.h"
#include "tests/store/fixture.h"

// WatchFiscalizations over a real server, channel and store in this process.
namespace kasa::api {
namespace {

using store::Callback;
using testing::ElementsAre;
using Message = v1::WatchFiscalizationsResponse;

constexpr auto kLong = std::chrono::seconds(60);  // for what comes at once; who waits this long has failed

std::string Tell(const Message& message) {
  if (!message.has_fiscalization()) return "heartbeat";
  const std::string state = v1::FiscalizationState_Name(message.fiscalization().state());
  return absl::StrCat(message.fiscalization().document().document_id(), " ",
                      state.substr(std::string("FISCALIZATION_STATE_").size()));
}

// A caller who watches. Reads as fast as it can, or only when asked to.
class Watch final : public grpc::ClientReadReactor<Message> {
 public:
  enum class Pace { kEager, kWhenAsked };

  Watch(v1::FiscalizationService::Stub& stub, v1::WatchFiscalizationsRequest request,
        Pace pace = Pace::kEager)
      : request_(std::move(request)), pace_(pace) {
    stub.async()->WatchFiscalizations(&context_, &request_, this);
    AddHold();  // reads are started from outside of reactions too
    StartCall();
    if (pace_ == Pace::kEager) StartRead(&next_);
  }

  ~Watch() override {
    Cancel();
    End();
  }

  // The next message, changes only if so wanted; nothing when the stream has ended.
  std::optional<Message> Take(bool heartbeats = true) {
    while (true) {
      std::unique_lock lock(mutex_);
      if (pace_ == Pace::kWhenAsked && messages_.empty() && !read_failed_) StartRead(&next_);
      if (!changed_.wait_for(lock, kLong, [this] { return !messages_.empty() || read_failed_; })) {
        ADD_FAILURE() << "nothing came";
        return std::nullopt;
      }
      if (messages_.empty()) return std::nullopt;
      Message message = std::move(messages_.front());
      messages_.pop_front();
      if (heartbeats || message.has_fiscalization()) return message;
    }
  }

  std::vector<std::string> TakeChanges(size_t count) {
    std::vector<std::string> told;
    while (told.size() < count) {
      const std::optional<Message> message = Take(/*heartbeats=*/false);
      if (!message) break;
      told.push_back(Tell(*message));
    }
    return told;
  }

  void Cancel() { context_.TryCancel(); }

  // How the stream ended.
  grpc::Status End() {
    std::unique_lock lock(mutex_);
    if (!std::exchange(released_, true)) {
      lock.unlock();
      RemoveHold();
      lock.lock();
    }
    if (!changed_.wait_for(lock, kLong, [this] { return done_; })) ADD_FAILURE() << "it does not end";
    return status_;
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (ok) {
      messages_.push_back(next_);
      if (pace_ == Pace::kEager) StartRead(&next_);
    } else {
      read_failed_ = true;
    }
    changed_.notify_all();
  }

  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    status_ = status;
    done_ = true;
    changed_.notify_all();
  }

 private:
  const v1::WatchFiscalizationsRequest request_;
  const Pace pace_;
  grpc::ClientContext context_;
  Message next_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> messages_;
  bool read_failed_ = false;
  bool released_ = false;
  bool done_ = false;
  grpc::Status status_;
};

std::string ReasonIn(const grpc::Status& status) {
  google::rpc::Status details;
  return details.ParseFromString(status.error_details()) ? ReasonNameOf(details) : "";
}

class WatchTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    Serve(absl::Seconds(15));
  }
  void TearDown() override {
    StopServing();
    store_.reset();
  }

  void Serve(absl::Duration heartbeat) {
    StopServing();
    executor_ = std::make_unique<engine::ThreadExecutor>(1, system_clock_);
    handlers_.emplace(WatchHandlers::Parts{.store = store(),
                                           .executor = *executor_,
                                           .clock = system_clock_,
                                           .pages = {.kyiv = kyiv_, .viewer_url = "https://viewer.example"},
                                           .heartbeat = heartbeat});
    ASSERT_TRUE(handlers_->Start().ok());
    service_.emplace(v1::FiscalizationService::service_full_name(), call_log_);
    service_->BindStream("WatchFiscalizations", *handlers_, &WatchHandlers::WatchFiscalizations);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&*service_);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    own.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // so that what is not read fills 64 KiB and no more
    stub_ = v1::FiscalizationService::NewStub(
        grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(), own));
  }

  void StopServing() {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::now());
    handlers_->Stop();
    executor_->Stop();
    server_.reset();
    service_.reset();
    handlers_.reset();
  }

  static v1::WatchFiscalizationsRequest From(const std::string& cursor,
                                             const std::vector<std::string>& integrations = {}) {
    v1::WatchFiscalizationsRequest request;
    request.set_cursor(cursor);
    for (const std::string& id : integrations) request.add_integration_ids(id);
    return request;
  }

  // A watch from now on, of which the first message, the heartbeat, is taken.
  std::unique_ptr<Watch> WatchFromNowOn(Watch::Pace pace = Watch::Pace::kEager,
                                        const std::vector<std::string>& integrations = {}) {
    auto watch = std::make_unique<Watch>(*stub_, From("", integrations), pace);
    const std::optional<Message> first = watch->Take();
    EXPECT_TRUE(first && !first->has_fiscalization() && !first->cursor().empty());
    return watch;
  }

  // Sales whose messages are large: some twenty of them are more than the transport takes for a reader who
  // does not read, and all of them more changes than are kept at hand.
  static constexpr size_t kManySales = 1200;
  void AcceptManyLargeSales() {
    for (size_t i = 0; i < kManySales; ++i) {
      store::Acceptance sale = store::ASale(absl::StrCat("SO-", i), kOne, kRegisterOne);
      sale.fiscalization.warnings = {{Reason::kTextCut, std::string(10'000, 'w')}};
      ASSERT_TRUE(Accept(std::move(sale)).ok());
    }
  }

  void PauseStore() {
    ASSERT_TRUE(store::Await<bool>([&](Callback<bool> done) { store().Pause(std::move(done)); }).ok());
  }
  void AdoptStore() {
    ASSERT_TRUE(store::Await<store::Adopted>([&](Callback<store::Adopted> done) {
                  store().Adopt({.registers = {}, .principal = "Olena", .note = "looked"}, std::move(done));
                }).ok());
  }

  grpc::Status Refusal(const v1::WatchFiscalizationsRequest& request) {
    Watch watch(*stub_, request);
    EXPECT_FALSE(watch.Take().has_value());
    return watch.End();
  }

  const KyivTime kyiv_ = *KyivTime::Load();
  SystemClock system_clock_;
  std::atomic<int> ended_calls_ = 0;
  CallLog call_log_ = [this](const CallRecord&) { ++ended_calls_; };
  std::unique_ptr<engine::ThreadExecutor> executor_;
  std::optional<WatchHandlers> handlers_;
  std::optional<BoundService<v1::FiscalizationService::Service>> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::FiscalizationService::Stub> stub_;
};

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

TEST_F(WatchTest, ADrainEndsEveryStreamAndEveryLaterOne) {
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

TEST_F(WatchTest, ACursorOfWhatIsNotKeptIsExpired) {
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

TEST_F(WatchTest, AReaderWhoFallsBehindTheHistoryIsToldSo) {
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
TEST_F(WatchTest, AStoreThatTurnsOutToBeRestoredEndsEveryStreamAndItsCursors) {
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

// --- bad inputs

TEST_F(WatchTest, WhatIsNoCursorOfThisStoreIsRefused) {
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

TEST_F(WatchTest, WhatIsNoFilterIsRefused) {
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
