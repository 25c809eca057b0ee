#include "tools/simulator/request_log.h"

#include <algorithm>
#include <utility>

namespace kasa::simulator {

void RequestLog::ExecuteArrived(RequestRecord record) {
  Lane& lane = lanes_[record.fisid];
  ++executes_;
  ++lane.counts.executes;
  ++lane.counts.in_flight;
  lane.counts.max_in_flight = std::max(lane.counts.max_in_flight, lane.counts.in_flight);
  if (lane.counts.in_flight > 1) {
    violations_.push_back(
        {record.time, record.fisid, "two_in_flight", record.tag, lane.tag_in_flight, absl::InfinitePast()});
  }
  lane.tag_in_flight = record.tag;
  if (lane.bound_tag.has_value() && *lane.bound_tag != record.tag) {
    // The code of a closed shift counts only if the status agrees, so asking for that is part of opening it.
    const bool allowed = lane.may_open_shift && (record.task == 0 || record.task == 18);
    if (!allowed) {
      violations_.push_back({record.time, record.fisid, "other_request_after_res_action", record.tag,
                             *lane.bound_tag, lane.bound_time});
    }
  }
  record.in_flight = lane.counts.in_flight;
  on_wire_[record.ticket] = record.fisid;
  Keep(std::move(record));
}

void RequestLog::CallArrived(RequestRecord record) {
  ++lanes_[record.fisid].counts.other_calls;
  Keep(std::move(record));
}

void RequestLog::Keep(RequestRecord record) {
  records_.push_back(std::move(record));
  if (records_.size() > size_) records_.pop_front();
}

const RequestRecord* RequestLog::Answered(uint64_t ticket, std::string result, std::string fiscal_number) {
  // Answers come soon after their requests: the search starts at the new end.
  const auto found = std::find_if(records_.rbegin(), records_.rend(),
                                  [ticket](const RequestRecord& record) { return record.ticket == ticket; });
  if (found == records_.rend()) return nullptr;
  found->result = std::move(result);
  found->fiscal_number = std::move(fiscal_number);
  return &*found;
}

void RequestLog::Bound(const std::string& fisid, const std::string& tag, int res_action, bool shift_closed,
                       absl::Time time) {
  Lane& lane = lanes_[fisid];
  if (res_action == 1 || res_action == 2) {
    lane.bound_tag = tag;
    lane.bound_time = time;
    lane.may_open_shift = false;
  } else if (lane.bound_tag == tag) {
    // Answered for good, but for a closed shift: the tag is still to come again, after the opening.
    if (shift_closed) {
      lane.may_open_shift = true;
    } else {
      lane.bound_tag.reset();
    }
  }
}

void RequestLog::Finished(uint64_t ticket) {
  const auto found = on_wire_.find(ticket);
  if (found == on_wire_.end()) return;
  --lanes_[found->second].counts.in_flight;
  on_wire_.erase(found);
}

void RequestLog::Clear() {
  records_.clear();
  lanes_.clear();
  on_wire_.clear();
  violations_.clear();
  executes_ = 0;
}

RequestCounts RequestLog::Counts(std::string_view fisid) const {
  RequestCounts counts;
  for (const auto& [name, lane] : lanes_) {
    if (!fisid.empty() && name != fisid) continue;
    counts.executes += lane.counts.executes;
    counts.other_calls += lane.counts.other_calls;
    counts.in_flight += lane.counts.in_flight;
    counts.max_in_flight = std::max(counts.max_in_flight, lane.counts.max_in_flight);
  }
  return counts;
}

}  // namespace kasa::simulator
