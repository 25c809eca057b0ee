// kasa-bench-durable-floor: how many documents a second can be made durable, posted to the registers and made
// durable again, with none of the gateway in it. As many documents are under way as a load of the gateway has
// callers, over as many connections as it has registers, one request in flight on each. Prints the figures as
// one line of JSON.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/bench/group_commit.h"
#include "tools/bench/keep_alive_post.h"

ABSL_FLAG(uint16_t, port, 0, "Where the simulator listens on 127.0.0.1.");
ABSL_FLAG(std::string, store, "", "The database file; made anew.");
ABSL_FLAG(int, first_register, 1, "The first of the simulator's registers to use: N for simulator-token-N.");
ABSL_FLAG(int, registers, 50, "How many registers to use.");
ABSL_FLAG(int, callers, 400, "How many documents are under way at a time.");
ABSL_FLAG(absl::Duration, warm_up, absl::Seconds(1), "Not measured.");
ABSL_FLAG(absl::Duration, duration, absl::Seconds(4), "Measured.");

namespace kasa::bench {
namespace {

constexpr absl::Duration kDrainAtMost = absl::Seconds(20);

// What has been committed, handed from the writer's thread to the loop, which waits for descriptor().
class Committed {
 public:
  Committed() : event_(eventfd(0, EFD_CLOEXEC)) {}
  ~Committed() { close(event_); }
  Committed(const Committed&) = delete;
  Committed& operator=(const Committed&) = delete;

  int descriptor() const { return event_; }

  void Put(const absl::Status& status, std::vector<Write> writes) {
    {
      const std::lock_guard lock(mutex_);
      if (!status.ok()) status_ = status;
      writes_.insert(writes_.end(), std::make_move_iterator(writes.begin()),
                     std::make_move_iterator(writes.end()));
      ++commits_;
    }
    // Fails only when the counter is full, and then the loop is woken anyway.
    static_cast<void>(eventfd_write(event_, 1));
  }

  absl::StatusOr<std::vector<Write>> Take() {
    eventfd_t count = 0;
    if (eventfd_read(event_, &count) != 0) return absl::ErrnoToStatus(errno, "eventfd");
    const std::lock_guard lock(mutex_);
    if (!status_.ok()) return status_;
    return std::exchange(writes_, {});
  }

  int64_t commits() {
    const std::lock_guard lock(mutex_);
    return commits_;
  }

 private:
  const int event_;
  std::mutex mutex_;
  std::vector<Write> writes_;
  absl::Status status_;
  int64_t commits_ = 0;
};

class Floor {
 public:
  Floor() : queues_(static_cast<size_t>(absl::GetFlag(FLAGS_registers))), run_(absl::GetCurrentTimeNanos()) {}
  ~Floor() {
    if (epoll_ >= 0) close(epoll_);
  }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  absl::Status Run();

 private:
  struct Register {
    std::string token;
    std::optional<KeepAlivePost> connection;
    std::optional<int64_t> in_flight;
    std::deque<Write> waiting;  // durable, not sent yet
  };

  absl::Status Connect();
  absl::Status Watch(int descriptor, uint64_t key) const;
  absl::Status Turn();
  void Begin();
  absl::Status OnCommitted();
  absl::Status OnReadable(Register& reg);
  absl::Status SendNext(Register& reg);
  std::string Body(int64_t document) const;

  Committed committed_;
  std::vector<Register> queues_;
  const int64_t run_;  // sets the tags of runs apart
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int64_t begun_ = 0;
  int64_t finished_ = 0;
  bool ending_ = false;
  // Last: its thread ends before what it calls.
  GroupCommit writer_{absl::GetFlag(FLAGS_store),
                      [this](const absl::Status& status, std::vector<Write> writes) {
                        committed_.Put(status, std::move(writes));
                      }};
};

absl::Status Floor::Watch(int descriptor, uint64_t key) const {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = key;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0)
    return absl::ErrnoToStatus(errno, "epoll_ctl");
  return absl::OkStatus();
}

absl::Status Floor::Connect() {
  for (size_t i = 0; i < queues_.size(); ++i) {
    Register& reg = queues_[i];
    reg.token = absl::StrCat("simulator-token-", absl::GetFlag(FLAGS_first_register) + static_cast<int>(i));
    absl::StatusOr<KeepAlivePost> connection = KeepAlivePost::Connect(absl::GetFlag(FLAGS_port));
    if (!connection.ok()) return connection.status();
    reg.connection.emplace(*std::move(connection));
    if (absl::Status watched = Watch(reg.connection->descriptor(), i); !watched.ok()) return watched;
  }
  return Watch(committed_.descriptor(), queues_.size());
}

// As the gateway writes the same sale.
std::string Floor::Body(int64_t document) const {
  const std::string sum = absl::StrFormat("%d.%02d", 10 + document % 1000 / 100, document % 100);
  return absl::StrCat(R"({"source":"kasa-bench","tag":")", absl::Hex(run_, absl::kZeroPad16),
                      absl::Hex(document, absl::kZeroPad16), R"(","fiscal":{"task":1,"receipt":{"sum":)", sum,
                      R"(,"rows":[{"name":"Товар )", document, R"(","cnt":1.000,"price":)", sum,
                      R"(,"cost":)", sum, R"(,"taxgrp":1}],"pays":[{"type":2,"sum":)", sum, "}]}}}");
}

void Floor::Begin() {
  const int64_t document = begun_++;
  writer_.Add({.is_insert = true, .document = document, .text = Body(document)});
}

absl::Status Floor::SendNext(Register& reg) {
  if (reg.in_flight || reg.waiting.empty()) return absl::OkStatus();
  const Write next = std::move(reg.waiting.front());
  reg.waiting.pop_front();
  reg.in_flight = next.document;
  return reg.connection->Send(reg.token, next.text);
}

absl::Status Floor::OnCommitted() {
  absl::StatusOr<std::vector<Write>> writes = committed_.Take();
  if (!writes.ok()) return writes.status();
  for (Write& write : *writes) {
    if (!write.is_insert) {
      ++finished_;
      if (!ending_) Begin();
      continue;
    }
    Register& reg = queues_[static_cast<size_t>(write.document) % queues_.size()];
    reg.waiting.push_back(std::move(write));
    if (absl::Status sent = SendNext(reg); !sent.ok()) return sent;
  }
  return absl::OkStatus();
}

absl::Status Floor::OnReadable(Register& reg) {
  absl::StatusOr<std::optional<std::string>> answer = reg.connection->Read();
  if (!answer.ok()) return answer.status();
  if (!answer->has_value()) return absl::OkStatus();
  if (!reg.in_flight || !absl::StrContains(**answer, R"("res":0,)")) {
    return absl::InternalError(absl::StrCat("the register refused: ", **answer));
  }
  writer_.Add({.is_insert = false,
               .document = *std::exchange(reg.in_flight, std::nullopt),
               .text = *std::move(*answer)});
  return SendNext(reg);
}

absl::Status Floor::Turn() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), /*milliseconds=*/100);
  if (count < 0 && errno != EINTR) return absl::ErrnoToStatus(errno, "epoll_wait");
  for (int i = 0; i < count; ++i) {
    const size_t key = events[static_cast<size_t>(i)].data.u64;
    absl::Status done = key == queues_.size() ? OnCommitted() : OnReadable(queues_[key]);
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status Floor::Run() {
  if (absl::Status connected = Connect(); !connected.ok()) return connected;
  for (int i = 0; i < absl::GetFlag(FLAGS_callers); ++i) Begin();

  const auto turn_until = [this](absl::Time end) {
    while (absl::Now() < end) {
      if (absl::Status turned = Turn(); !turned.ok()) return turned;
    }
    return absl::OkStatus();
  };
  if (absl::Status turned = turn_until(absl::Now() + absl::GetFlag(FLAGS_warm_up)); !turned.ok())
    return turned;
  const absl::Time start = absl::Now();
  const int64_t finished_before = finished_;
  const int64_t commits_before = committed_.commits();
  if (absl::Status turned = turn_until(start + absl::GetFlag(FLAGS_duration)); !turned.ok()) return turned;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const int64_t measured = finished_ - finished_before;
  const int64_t commits = committed_.commits() - commits_before;

  ending_ = true;
  const absl::Time drained_by = absl::Now() + kDrainAtMost;
  while (finished_ < begun_) {
    if (absl::Now() > drained_by) return absl::DeadlineExceededError("documents under way do not end");
    if (absl::Status turned = Turn(); !turned.ok()) return turned;
  }
  absl::PrintF("{\"count\":%d,\"seconds\":%.3f,\"per_second\":%.1f,\"commits\":%d}\n", measured, seconds,
               static_cast<double>(measured) / seconds, commits);
  return absl::OkStatus();
}

int Main() {
  if (absl::GetFlag(FLAGS_port) == 0 || absl::GetFlag(FLAGS_store).empty() ||
      absl::GetFlag(FLAGS_registers) < 1 || absl::GetFlag(FLAGS_callers) < 1) {
    std::fputs(
        "kasa-bench-durable-floor: --port and --store are required, --registers and --callers at least 1\n",
        stderr);
    return 1;
  }
  try {
    const absl::Status ran = Floor().Run();
    if (ran.ok()) return 0;
    absl::FPrintF(stderr, "kasa-bench-durable-floor: %s\n", ran.message());
  } catch (const std::exception& error) {  // SQLiteCpp's, on opening
    absl::FPrintF(stderr, "kasa-bench-durable-floor: %s\n", error.what());
  }
  return 1;
}

}  // namespace
}  // namespace kasa::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return kasa::bench::Main();
}
