#ifndef KASA_SERVER_ENGINE_LANE_VIEW_H_
#define KASA_SERVER_ENGINE_LANE_VIEW_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/reason.h"

namespace kasa::engine {

enum class LaneState {
  kRunning = 1,      // sends, or has nothing to send
  kPaused = 2,       // the register can't work: documents stay accepted
  kReconciling = 3,  // its head is in doubt
};

// What a lane does, for people to look at.
struct LaneView {
  std::string register_fiscal_number;
  LaneState state = LaneState::kRunning;
  std::optional<Reason> reason;  // unless running
  std::string message;
  std::optional<absl::Time> since;      // it runs, or is held, for whatever reasons one after another
  std::optional<absl::Time> next_step;  // when the lane tries again; nothing while it does
  std::string head_fiscalization_id;
  int64_t queued = 0;
  int64_t in_doubt = 0;  // parked ones included
  int64_t parked = 0;
  std::optional<absl::Time> oldest_time;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LANE_VIEW_H_
