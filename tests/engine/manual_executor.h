#ifndef KASA_TESTS_ENGINE_MANUAL_EXECUTOR_H_
#define KASA_TESTS_ENGINE_MANUAL_EXECUTOR_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "common/clock.h"
#include "server/engine/executor.h"

namespace kasa::engine {

// Both clocks of a test: they stand still until they are moved. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  absl::Duration Monotonic() const override {
    const std::lock_guard lock(mutex_);
    return monotonic_;
  }

  // Time passes.
  void Advance(absl::Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    monotonic_ += by;
  }

  // Somebody sets the wall clock; no time passes.
  void SetNow(absl::Time now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
  }

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
  absl::Duration monotonic_ = absl::Hours(1);
};

// An executor that is run by hand, on the test's own thread, under a clock that only the test moves. Actions
// may be posted from any thread (a store's writer); RunUntil() waits for those.
class ManualExecutor final : public Executor {
 public:
  // `clock` must outlive the executor.
  explicit ManualExecutor(ManualClock& clock) : clock_(clock) {}

  void Post(Action action) override {
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(action));
    }
    posted_.notify_one();
  }

  void After(absl::Duration delay, Action action) override {
    if (delay <= absl::ZeroDuration()) return Post(std::move(action));
    const std::lock_guard lock(mutex_);
    timed_.emplace(clock_.Monotonic() + delay, std::move(action));
  }

  // Runs what is ready, and what becomes so meanwhile, until nothing is. Time stands still.
  void RunUntilIdle() {
    while (RunOne()) {
    }
  }

  // Lets time pass, and runs what becomes due at the moment at which it does.
  void Advance(absl::Duration by) {
    const absl::Duration end = clock_.Monotonic() + by;
    RunUntilIdle();
    while (const auto due = NextDue(end)) {
      clock_.Advance(std::max(*due - clock_.Monotonic(), absl::ZeroDuration()));
      RunUntilIdle();
    }
    // An action may have let more time pass.
    clock_.Advance(std::max(end - clock_.Monotonic(), absl::ZeroDuration()));
  }

  // Runs actions until `done` holds, waiting for those that other threads still post; the clock stands still.
  // False when nothing came for `patience` of real time: then the test has failed.
  bool RunUntil(const std::function<bool()>& done, std::chrono::seconds patience = std::chrono::seconds(30)) {
    while (true) {
      RunUntilIdle();
      if (done()) return true;
      std::unique_lock lock(mutex_);
      if (!posted_.wait_for(lock, patience, [this] { return !ready_.empty(); })) return false;
    }
  }

 private:
  bool RunOne() {
    Action action;
    {
      const std::lock_guard lock(mutex_);
      while (!timed_.empty() && timed_.begin()->first <= clock_.Monotonic()) {
        ready_.push_back(std::move(timed_.begin()->second));
        timed_.erase(timed_.begin());
      }
      if (ready_.empty()) return false;
      action = std::move(ready_.front());
      ready_.pop_front();
    }
    std::move(action)();
    return true;
  }

  std::optional<absl::Duration> NextDue(absl::Duration end) const {
    const std::lock_guard lock(mutex_);
    if (timed_.empty() || timed_.begin()->first > end) return std::nullopt;
    return timed_.begin()->first;
  }

  ManualClock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Action> ready_;
  std::multimap<absl::Duration, Action> timed_;  // by the monotonic time at which they are due
};

}  // namespace kasa::engine

#endif  // KASA_TESTS_ENGINE_MANUAL_EXECUTOR_H_
