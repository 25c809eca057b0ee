#ifndef KASA_SERVER_STORE_LANE_LENGTHS_H_
#define KASA_SERVER_STORE_LANE_LENGTHS_H_

#include <cstdint>
#include <string>
#include <unordered_map>

#include "server/store/connection.h"

namespace kasa::store {

// Whether lanes are full, without counting a long one for each document. What is remembered of a lane is how
// many are open on it at most: counted once, raised with each that comes and never lowered, and counted anew
// when it says that the lane may be full. So a write that is taken back costs a count and nothing else. Used
// by the writer's thread alone.
class LaneLengths {
 public:
  // Whether fewer than `most` are open (ACCEPTED, SENDING, IN_DOUBT) on the lane.
  bool HasRoom(Connection& connection, const std::string& register_fiscal_number, int64_t most);

  // One more is open on the lane, or will be, if its transaction succeeds.
  void Added(const std::string& register_fiscal_number);

 private:
  std::unordered_map<std::string, int64_t> at_most_;  // none: not known
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_LANE_LENGTHS_H_
