#ifndef KASA_TESTS_SIMULATION_STATUS_WATCH_H_
#define KASA_TESTS_SIMULATION_STATUS_WATCH_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "server/vchasno/transport.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/timeline.h"

namespace kasa::simulation {

// What one register's answers to a gateway say about when the next request may go out: whether it may still
// be at work (architecture.md, rule 4), and whether its clock is off (rule 10).
class StatusWatch {
 public:
  explicit StatusWatch(std::string register_number) : register_number_(std::move(register_number)) {}

  // A status or an opening ended so: the register may be at work on it until the hold time is over.
  void Ended(const Cloud::Reply& reply, absl::Duration now, absl::Duration hold_time);
  bool MayBeAtWork(absl::Duration now) const { return now < at_work_until_; }

  // A status was answered so. One that somebody besides the lane may have asked for tells the lane nothing.
  void Answered(const Cloud::Reply& reply, const Timeline& timeline, const KyivTime& kyiv, bool of_the_lane);
  // Twice running it was seen to be off by more than is tolerated, and not since that it agrees.
  bool ClockIsOff(const Timeline& timeline) const;

  // The gateway is another process, which knows nothing of all this.
  void Forget();

 private:
  const std::string register_number_;
  absl::Duration at_work_until_;
  int off_in_a_row_ = 0;
  absl::Duration off_since_;
  int jumps_ = 0;  // of the wall clock, when it was seen to be off first
};

// The register's clock as a status tells it.
struct ToldClock {
  absl::Time time;
  bool is_sound = false;  // there is nothing in the status that one might take exception to
};
std::optional<ToldClock> ClockIn(absl::string_view status, const std::string& register_number,
                                 const KyivTime& kyiv, absl::Time near);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_STATUS_WATCH_H_
