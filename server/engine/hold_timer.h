#ifndef KASA_SERVER_ENGINE_HOLD_TIMER_H_
#define KASA_SERVER_ENGINE_HOLD_TIMER_H_

#include <algorithm>
#include <string>

#include "absl/time/time.h"

namespace kasa::engine {

// How long the last send of one doubt has been over, on the monotonic clock: after the hold time it may be
// sent once more, and an operator may resolve it (architecture.md, rule 3).
class HoldTimer {
 public:
  explicit HoldTimer(absl::Duration hold_time) : hold_time_(hold_time) {}

  // A send of this doubt ended now.
  void Start(const std::string& fiscalization_id, absl::Duration now) {
    doubted_id_ = fiscalization_id;
    since_ = now;
  }

  // Met after a start: how long ago the send ended is told by the wall clock alone, which may have jumped.
  // The whole hold time from now on is the safe reading.
  void StartUnlessRunning(const std::string& fiscalization_id, absl::Duration now) {
    if (doubted_id_ != fiscalization_id) Start(fiscalization_id, now);
  }

  void Stop() { doubted_id_.clear(); }

  // The whole hold time for a doubt that it does not run for.
  absl::Duration Left(const std::string& fiscalization_id, absl::Duration now) const {
    if (doubted_id_ != fiscalization_id) return hold_time_;
    return std::max(since_ + hold_time_ - now, absl::ZeroDuration());
  }

 private:
  absl::Duration hold_time_;
  std::string doubted_id_;
  absl::Duration since_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_HOLD_TIMER_H_
