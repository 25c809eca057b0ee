#ifndef KASA_TESTS_API_WATCH_FIXTURE_H_
#define KASA_TESTS_API_WATCH_FIXTURE_H_

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

using Message = v1::WatchFiscalizationsResponse;

constexpr auto kLong = std::chrono::seconds(60);  // for what comes at once; who waits this long has failed

inline std::string Tell(const Message& message) {
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

inline std::string ReasonIn(const grpc::Status& status) {
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
    ASSERT_TRUE(store::Await<bool>([&](store::Callback<bool> done) { store().Pause(std::move(done)); }).ok());
  }
  void AdoptStore() {
    ASSERT_TRUE(store::Await<store::Adopted>([&](store::Callback<store::Adopted> done) {
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

}  // namespace kasa::api

#endif  // KASA_TESTS_API_WATCH_FIXTURE_H_
