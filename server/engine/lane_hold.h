#ifndef KASA_SERVER_ENGINE_LANE_HOLD_H_
#define KASA_SERVER_ENGINE_LANE_HOLD_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// Holds a lane's one wire for a request outside of any document; gives it back when it goes. Executor's
// thread only.
class LaneHold {
 public:
  // What the lane has to know of the time in which it did not have the wire.
  struct Returned {
    // What it knew of the register (its shift) is not true any more.
    bool register_changed = false;
    // The last request left, and no whole answer came: the register may be at work on it still.
    bool may_be_at_work = false;
    // For so long from now on the register wants to be left alone.
    absl::Duration retry_after;
  };

  explicit LaneHold(std::function<void(const Returned&)> give_back) : give_back_(std::move(give_back)) {}
  LaneHold(const LaneHold&) = delete;
  LaneHold& operator=(const LaneHold&) = delete;
  ~LaneHold() { give_back_(returned_); }

  // More was done than asked.
  void SetRegisterChanged() { returned_.register_changed = true; }
  // How the question ended that the wire was held for: as after a question of the lane's own, nothing goes
  // out while the register may be at work on it.
  void Asked(const vchasno::StatusAnswer& answer) { AskedQuestion(answer); }
  void Asked(const vchasno::ReportAnswer& answer) { AskedQuestion(answer); }
  void Asked(const vchasno::ExecuteAnswer& answer) { Ended(answer); }

 private:
  template <typename Answer>
  void Ended(const Answer& answer) {
    returned_.may_be_at_work = answer.wire.may_be_at_work;
    returned_.retry_after = answer.retry_after.value_or(absl::ZeroDuration());
  }
  template <typename Answer>
  void AskedQuestion(const Answer& answer) {
    Ended(answer);
    // It wants another request before, so the next one asks for the status once more.
    if (answer.same_tag_next) SetRegisterChanged();
  }

  Returned returned_;
  std::function<void(const Returned&)> give_back_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LANE_HOLD_H_
