#ifndef KASA_SERVER_ENGINE_LANE_DISPLAY_H_
#define KASA_SERVER_ENGINE_LANE_DISPLAY_H_

#include <mutex>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/log.h"
#include "server/domain/fiscalization.h"
#include "server/engine/lane_view.h"

namespace kasa::engine {

// What one lane does, for people to look at: the lane shows it, from the executor's thread, and anybody may
// view it. A change of state or of its reason is logged.
class LaneDisplay {
 public:
  // The clock and the logger must outlive it.
  LaneDisplay(std::string register_fiscal_number, const Clock& clock, Logger& logger);

  // It goes on with this head; empty when what was at its head is settled, or it has nothing to send.
  void ShowRunning(const std::string& head_id);

  // It sends this head. What held the lane before holds it until that has come to a good end.
  void ShowSending(const std::string& head_id);

  // It is held, and why; `next_step` is when it tries again.
  void Show(LaneState state, const domain::Failure& why, const std::string& head_id,
            std::optional<absl::Time> next_step);

  // Counts of documents are the store's to tell, and not in it. Thread-safe.
  LaneView View() const;

 private:
  void Run(const std::string& head_id);

  const Clock& clock_;
  Logger& logger_;
  mutable std::mutex mutex_;
  LaneView view_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LANE_DISPLAY_H_
