#ifndef KASA_SERVER_STORE_LANE_WORK_H_
#define KASA_SERVER_STORE_LANE_WORK_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/domain/fiscalization.h"
#include "server/domain/state_machine.h"

// The work of a lane (a register's queue of documents), as the store tells it and is told of it.
namespace kasa::store {

// What stays to be done on one lane.
struct LaneHead {
  domain::Fiscalization fiscalization;
  std::string request_body;
  std::optional<absl::Time> first_unexplained_send;  // set exactly when IN_DOUBT
  std::optional<domain::SendEnding>
      last_ending;  // how that one ended; empty when nothing was heard of it (a crash)
  // The register answered res_action 1 or 2 and has not judged this tag since (a lost answer is no
  // judgement): the next execute request on it must be this same tag (architecture.md, rule 3).
  bool bound_to_tag = false;
};

struct LaneSummary {
  std::string register_fiscal_number;
  int64_t queued = 0;                     // ACCEPTED or SENDING
  int64_t in_doubt = 0;                   // parked ones included
  std::optional<absl::Time> oldest_time;  // create_time of the oldest of them
  int64_t parked = 0;                     // IN_DOUBT, and out of the lane
};

// What a lane has in mind about a doubt.
struct DoubtPlan {
  domain::DoubtStep next_step = domain::DoubtStep::kWaitForOperator;
  std::optional<absl::Time> next_step_time;
  std::optional<absl::Time> resolvable_time;  // from when an operator may resolve it
  bool never_park = false;                    // as in Settlement; once told, it holds for the whole doubt
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_LANE_WORK_H_
