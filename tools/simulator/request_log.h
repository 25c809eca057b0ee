#ifndef KASA_TOOLS_SIMULATOR_REQUEST_LOG_H_
#define KASA_TOOLS_SIMULATOR_REQUEST_LOG_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"

namespace kasa::simulator {

// One request of an authorised client. A plain value; never holds a token.
struct RequestRecord {
  uint64_t ticket = 0;
  absl::Time time;
  std::string fisid;
  std::string call;  // "execute", "shifts", ...
  std::string tag;
  std::optional<int> task;
  bool warm = false;
  int in_flight = 0;   // execute requests of this register on the wire, this one included
  std::string fault;   // the kind taken, or empty
  std::string result;  // "made", "replayed", "refused 1101", "http 503", ... ; empty while under way
  std::string fiscal_number;
};

// What a gateway must never do to a register.
struct Violation {
  absl::Time time;
  std::string fisid;
  // "two_in_flight": an execute request arrived while another was on the wire.
  // "other_request_after_res_action": after res_action 1 or 2 the next execute request was not of the same
  // tag
  //   (opening the shift is allowed when that tag itself was last answered "shift closed").
  std::string kind;
  std::string tag;
  std::string other_tag;
  absl::Time bound_time;  // when the answer with that res_action was given; the first kind has none
};

struct RequestCounts {
  int64_t executes = 0;
  int64_t other_calls = 0;
  int in_flight = 0;
  int max_in_flight = 0;
};

// A sending of a receipt that was asked for. The recipient is kept: the simulator sends nothing.
struct Notification {
  absl::Time time;
  std::string fisid;
  std::string fiscal_number;
  std::string channel;
  std::string recipient;
};

// The last requests, and the watch over what must never happen. Not thread-safe.
class RequestLog {
 public:
  explicit RequestLog(size_t size) : size_(size) {}

  // An execute request, or another call, has been read whole.
  void ExecuteArrived(RequestRecord record);
  void CallArrived(RequestRecord record);
  // What came of it. Returns the record, or null when it is no longer kept.
  const RequestRecord* Answered(uint64_t ticket, std::string result, std::string fiscal_number);
  // An answer with `res_action` 1 or 2 (0 or 3: none) to `tag` has been decided on; `shift_closed`: it says
  // so.
  void Bound(const std::string& fisid, const std::string& tag, int res_action, bool shift_closed,
             absl::Time time);
  // No longer on the wire.
  void Finished(uint64_t ticket);
  void Clear();

  // Of one register, or of all of them (fisid empty): counts are added up, max_in_flight is the largest.
  RequestCounts Counts(std::string_view fisid) const;
  const std::deque<RequestRecord>& records() const { return records_; }
  const std::vector<Violation>& violations() const { return violations_; }
  int64_t executes() const { return executes_; }

 private:
  struct Lane {
    RequestCounts counts;
    std::string tag_in_flight;
    // The tag that has to come next, after res_action 1 or 2.
    std::optional<std::string> bound_tag;
    absl::Time bound_time;
    bool may_open_shift = false;  // and ask for the status before
  };
  void Keep(RequestRecord record);

  const size_t size_;
  std::deque<RequestRecord> records_;
  std::map<std::string, Lane, std::less<>> lanes_;
  std::unordered_map<uint64_t, std::string> on_wire_;  // ticket -> fisid, of execute requests
  std::vector<Violation> violations_;
  int64_t executes_ = 0;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_REQUEST_LOG_H_
