#ifndef KASA_TESTS_CLIENT_FAKE_TIME_H_
#define KASA_TESTS_CLIENT_FAKE_TIME_H_

#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "kasa/client/time_source.h"

namespace kasa::client {

// Time that passes only when slept, or when told. For one thread.
class FakeTime final : public TimeSource {
 public:
  absl::Duration Monotonic() override { return now_; }
  void Sleep(absl::Duration pause) override {
    pauses_.push_back(pause);
    now_ += pause;
    if (on_sleep_) on_sleep_();
  }
  double Chance() override { return chance_; }

  void Pass(absl::Duration duration) { now_ += duration; }
  void set_chance(double chance) { chance_ = chance; }
  // Called at the end of every Sleep().
  void set_on_sleep(std::function<void()> on_sleep) { on_sleep_ = std::move(on_sleep); }
  // All that was slept, in order.
  const std::vector<absl::Duration>& pauses() const { return pauses_; }

 private:
  absl::Duration now_ = absl::Hours(100);
  // As near below 1 as makes no difference: the longest pause.
  double chance_ = 1;
  std::vector<absl::Duration> pauses_;
  std::function<void()> on_sleep_;
};

}  // namespace kasa::client

#endif  // KASA_TESTS_CLIENT_FAKE_TIME_H_
