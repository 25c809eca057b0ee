// A program with a race in it, for the build with ThreadSanitizer: shows that tests/tsan/grpc_order.cc, and
// the options that our tests run with, quiet what gRPC does inside, and do not quiet a race of our own, above
// all not one in a handler that gRPC calls.
//
//   planted_race threads    two threads of our own add to one plain integer
//   planted_race callbacks  the same in handlers that gRPC calls on its threads
//   planted_race guarded    as `callbacks`, but with a mutex: nothing may be reported

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 200;

class Counter {
 public:
  explicit Counter(bool guarded) : guarded_(guarded) {}

  void Add() {
    if (guarded_) {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++value_;
    } else {
      ++value_;
    }
  }

  int64_t value() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return value_;
  }

 private:
  const bool guarded_;
  std::mutex mutex_;
  int64_t value_ = 0;
};

void RunInThreads(const std::function<void()>& action) {
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&action] {
      for (int round = 0; round < kRounds; ++round) action();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// How many handlers were entered so far.
std::atomic<int> entered = 0;

// Answers every call with what was sent, and counts it.
class Echo : public grpc::ServerGenericBidiReactor {
 public:
  explicit Echo(Counter& counter) : counter_(counter) { StartRead(&buffer_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no request"));
      return;
    }
    // The first handler waits for a second one, on another thread, so that the race is one in every run. A
    // relaxed order tells ThreadSanitizer nothing of who came first.
    entered.fetch_add(1, std::memory_order_relaxed);
    while (entered.load(std::memory_order_relaxed) < 2) std::this_thread::yield();
    counter_.Add();
    StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  Counter& counter_;
  grpc::ByteBuffer buffer_;
};

class EchoService : public grpc::CallbackGenericService {
 public:
  explicit EchoService(Counter& counter) : counter_(counter) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* /*context*/) override {
    return new Echo(counter_);  // Deletes itself in OnDone().
  }

 private:
  Counter& counter_;
};

// One unary call with an empty request; the status of the answer.
grpc::Status Call(grpc::GenericStub& stub) {
  grpc::ClientContext context;
  const grpc::Slice slice;
  grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::mutex mutex;
  std::condition_variable done;
  std::optional<grpc::Status> status;
  stub.UnaryCall(&context, "/planted.Race/Echo", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status result) {
                   const std::lock_guard<std::mutex> lock(mutex);
                   status = std::move(result);
                   done.notify_one();
                 });
  std::unique_lock<std::mutex> lock(mutex);
  done.wait(lock, [&] { return status.has_value(); });
  return *status;
}

bool RunInCallbacks(Counter& counter) {
  EchoService service(counter);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return false;
  std::atomic<int> failed = 0;
  {
    RunInThreads([&failed, stub = std::make_shared<grpc::GenericStub>(grpc::CreateChannel(
                               "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()))] {
      if (!Call(*stub).ok()) ++failed;
    });
  }
  server->Shutdown();
  server->Wait();
  return failed == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc == 2 ? argv[1] : "";
  Counter counter(/*guarded=*/mode == "guarded");
  if (mode == "threads") {
    RunInThreads([&counter] { counter.Add(); });
  } else if (mode == "callbacks" || mode == "guarded") {
    if (!RunInCallbacks(counter)) {
      std::cerr << "the calls failed\n";
      return 2;
    }
  } else {
    std::cerr << "usage: planted_race threads|callbacks|guarded\n";
    return 2;
  }
  std::cout << "counted " << counter.value() << " of " << kThreads * kRounds << "\n";
  return 0;
}
