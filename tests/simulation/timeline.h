#ifndef KASA_TESTS_SIMULATION_TIMELINE_H_
#define KASA_TESTS_SIMULATION_TIMELINE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/engine/executor.h"
#include "server/store/writer_runner.h"
#include "tests/simulation/random.h"

// Time, and everything that happens in it, on one thread.
namespace kasa::simulation {

// Events in the order of their time. The world's events have no owner; those of a gateway process go with it.
class Timeline final : public Clock {
 public:
  using Owner = int;
  static constexpr Owner kWorld = 0;

  explicit Timeline(absl::Time now) : wall_(now) {}

  absl::Time Now() const override { return wall_ + monotonic_; }
  absl::Duration Monotonic() const override { return monotonic_; }
  // The wall clock is set; no time passes.
  void JumpWall(absl::Duration by) {
    wall_ += by;
    ++jumps_;
  }
  int jumps() const { return jumps_; }
  // As it would be had nobody set it.
  absl::Time TrueNow() const { return true_start_ + monotonic_; }

  // Events of one moment happen in the order in which they were added.
  void At(absl::Duration when, engine::Action action, Owner owner = kWorld);
  void After(absl::Duration delay, engine::Action action, Owner owner = kWorld) {
    At(monotonic_ + delay, std::move(action), owner);
  }

  // Runs the next event that is due by `until`, after moving time to it; false, with time at `until`, when
  // there is none.
  bool RunNext(absl::Duration until);

  // Drops all events of `owner`, now and from now on.
  void Disown(Owner owner);
  bool Owns(Owner owner) const { return owner == kWorld || owner > gone_through_; }

  int64_t events_run() const { return events_run_; }

 private:
  struct Event {
    engine::Action action;
    Owner owner = kWorld;
  };

  absl::Time wall_;
  int jumps_ = 0;
  const absl::Time true_start_ = wall_;
  absl::Duration monotonic_;
  int64_t added_ = 0;
  int64_t events_run_ = 0;
  Owner gone_through_ = 0;
  std::map<std::pair<absl::Duration, int64_t>, Event> events_;
};

// An executor whose thread is a row of events on the timeline: in the order of posting, each a moment after
// the last, so that several executors interleave by seed.
class SimulatedExecutor final : public engine::Executor {
 public:
  SimulatedExecutor(Timeline& timeline, Timeline::Owner owner, Random random)
      : timeline_(timeline), owner_(owner), random_(random) {}

  void Post(engine::Action action) override;
  void After(absl::Duration delay, engine::Action action) override;

 private:
  Timeline& timeline_;
  const Timeline::Owner owner_;
  Random random_;
  absl::Duration free_;  // from when on its thread has nothing to do
};

// The store's writer, as events of the timeline: a step begins when the disk gets to it.
class SimulatedWriter final : public store::WriterRunner {
 public:
  SimulatedWriter(Timeline& timeline, Timeline::Owner owner, Random random)
      : timeline_(timeline), owner_(owner), random_(random) {}

  void Post(absl::AnyInvocable<void() &&> step) override;
  // Everything else goes on meanwhile.
  bool Pause(std::chrono::milliseconds pause) override;

  // Whether there is nothing left to wait for.
  std::function<bool()> gives_up;

 private:
  Timeline& timeline_;
  const Timeline::Owner owner_;
  Random random_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_TIMELINE_H_
