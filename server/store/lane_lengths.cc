#include "server/store/lane_lengths.h"

#include "server/store/fiscalization_rows.h"

namespace kasa::store {

bool LaneLengths::HasRoom(Connection& connection, const std::string& register_fiscal_number, int64_t most) {
  const auto known = at_most_.find(register_fiscal_number);
  if (known != at_most_.end() && known->second < most) return true;
  const int64_t counted = OpenOnLane(connection, register_fiscal_number, most);
  if (counted >= most) {
    at_most_.erase(register_fiscal_number);  // the count went no further
    return false;
  }
  at_most_[register_fiscal_number] = counted;
  return true;
}

void LaneLengths::Added(const std::string& register_fiscal_number) {
  const auto known = at_most_.find(register_fiscal_number);
  if (known != at_most_.end()) ++known->second;
}

}  // namespace kasa::store
