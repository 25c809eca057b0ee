#ifndef KASA_SERVER_ENGINE_HOLD_TIMER_H_
#define KASA_SERVER_ENGINE_HOLD_TIMER_H_

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace kasa::engine {

// How long the last sends of a lane's doubts have been over, on the monotonic clock: after the hold time a
// doubt may be sent once more, and an operator may resolve it (architecture.md, rule 3).
//
// When a send of before the start ended is told by the wall clock alone, which may have jumped. But none can
// have ended later than this process began, so what it did not send itself is held from then on: all such
// doubts at once, wherever they stand in the lane.
class HoldTimer {
 public:
  // Nothing but what this timer is told of was on the wire since `quiet_since`.
  HoldTimer(absl::Duration hold_time, absl::Duration quiet_since)
      : hold_time_(hold_time), quiet_since_(quiet_since) {}

  // Until now another process may have sent what waits here: the store was paused, so that what waited in it
  // is in doubt, or it is adopted, and the original of a copy ended no sooner than that.
  void OthersMayHaveSent(absl::Duration now) { quiet_since_ = std::max(quiet_since_, now); }

  // It goes out now. The hold time does not run before Sent(), however late the store takes the outcome.
  void Sending(const std::string& fiscalization_id) { ends_[fiscalization_id] = std::nullopt; }

  // A send of this doubt ended now.
  void Sent(const std::string& fiscalization_id, absl::Duration now) {
    // Those that are over need no hold time any more, and an operator's word on them is not told here.
    std::erase_if(ends_, [&](const auto& one) { return one.second && *one.second + hold_time_ <= now; });
    ends_[fiscalization_id] = now;
  }

  // Every send of it is explained.
  void Settled(const std::string& fiscalization_id) { ends_.erase(fiscalization_id); }

  absl::Duration Left(const std::string& fiscalization_id, absl::Duration now) const {
    const auto sent = ends_.find(fiscalization_id);
    if (sent != ends_.end() && !sent->second) return hold_time_;
    const absl::Duration since = sent == ends_.end() ? quiet_since_ : std::max(quiet_since_, *sent->second);
    return std::max(since + hold_time_ - now, absl::ZeroDuration());
  }

 private:
  absl::Duration hold_time_;
  absl::Duration quiet_since_;
  // Of what this process sent, when its last send ended; nothing while that is on the wire.
  std::map<std::string, std::optional<absl::Duration>> ends_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_HOLD_TIMER_H_
