#include "tests/simulation/timeline.h"

#include <algorithm>

namespace kasa::simulation {
namespace {

// How long a thread takes to get to what was posted, at most.
constexpr absl::Duration kSlowestPost = absl::Microseconds(300);
// How long the writer waits for the disk, at most.
constexpr absl::Duration kSlowestFlush = absl::Milliseconds(12);

}  // namespace

void Timeline::At(absl::Duration when, engine::Action action, Owner owner) {
  if (!Owns(owner)) return;
  events_.emplace(std::make_pair(std::max(when, monotonic_), ++added_), Event{std::move(action), owner});
}

bool Timeline::RunNext(absl::Duration until) {
  if (events_.empty() || events_.begin()->first.first > until) {
    monotonic_ = std::max(monotonic_, until);
    return false;
  }
  auto next = events_.extract(events_.begin());
  monotonic_ = next.key().first;
  ++events_run_;
  std::move(next.mapped().action)();
  return true;
}

void Timeline::Disown(Owner owner) {
  gone_through_ = std::max(gone_through_, owner);
  // What is dropped may own things that add events as they go: they find the owner gone.
  std::map<std::pair<absl::Duration, int64_t>, Event> dropped;
  for (auto event = events_.begin(); event != events_.end();) {
    const auto here = event++;
    if (!Owns(here->second.owner)) dropped.insert(events_.extract(here));
  }
}

void SimulatedExecutor::Post(engine::Action action) {
  free_ = std::max(free_, timeline_.Monotonic()) + random_.Between(absl::Microseconds(1), kSlowestPost);
  timeline_.At(free_, std::move(action), owner_);
}

void SimulatedExecutor::After(absl::Duration delay, engine::Action action) {
  if (delay <= absl::ZeroDuration()) return Post(std::move(action));
  timeline_.After(delay, std::move(action), owner_);
}

void SimulatedWriter::Post(absl::AnyInvocable<void() &&> step) {
  timeline_.After(random_.Between(absl::Microseconds(50), kSlowestFlush), std::move(step), owner_);
}

bool SimulatedWriter::Pause(std::chrono::milliseconds pause) {
  // Longer than asked for: trouble that lasts for minutes is not to be looked at five times a second.
  const absl::Duration end = timeline_.Monotonic() + absl::FromChrono(pause) * random_.Between(1, 40);
  const auto goes_on = [this] { return timeline_.Owns(owner_) && !(gives_up && gives_up()); };
  while (goes_on() && timeline_.RunNext(end)) {
  }
  return goes_on();
}

}  // namespace kasa::simulation
