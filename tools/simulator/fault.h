#ifndef KASA_TOOLS_SIMULATOR_FAULT_H_
#define KASA_TOOLS_SIMULATOR_FAULT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/simulator/json.h"

namespace kasa::simulator {

// The calls that a fault can strike.
enum class Call { kExecute, kShifts, kChecks, kCheckTask, kNotifications };

enum class FaultKind {
  kNoAnswerBeforeCommit,  // nothing is made, and the connection stays silent
  kNoAnswerAfterCommit,   // made, and the connection stays silent
  kCutAfterBody,    // the connection ends without a byte of answer; `committed` says which side of the commit
  kCutMidAnswer,    // made; the connection ends amid the answer's body
  kHttpStatus,      // `status`, `retry_after_seconds`, `location`, `body`; `committed`
  kMalformed,       // made; HTTP 200 with a body that is not JSON (or `body`)
  kHuge,            // made; the answer is padded to `size_bytes`
  kSlowDrip,        // made; `bytes_per_interval` each `interval`
  kRefusal,         // `res`, `res_action`, `text`; `committed`
  kWrongTag,        // made; the answer names another tag (`value`)
  kWrongTask,       // made; another task
  kWrongSum,        // made; another sum in info.qr
  kOtherFisid,      // made; another register (`value`)
  kOtherMode,       // made; test for real and the reverse
  kMissingDoccode,  // made; no info.doccode
  kHold,            // the register works for `duration`, then `then`
  kShiftClosed,     // the shift closes (automatic Z-report) and the request is refused as on a closed shift
  kShiftOver24h,    // the shift becomes older than 24 h (it is opened so if it was closed), then judged
  kBlocked,         // the register becomes blocked, and stays so; then judged
};

enum class AfterHold { kAnswer, kCut, kSilence };

// One fault to come. A plain value; what a kind does not use is ignored.
struct Fault {
  FaultKind kind = FaultKind::kNoAnswerBeforeCommit;

  // Which requests it strikes. Empty or absent: any.
  std::string fisid;
  std::string tag;
  std::optional<int> task;
  Call call = Call::kExecute;
  bool warm_only = false;  // only requests that are not the first of their connection

  int skip = 0;                   // so many matching requests pass first ("after" in JSON)
  int times = 1;                  // taken so often; 0: until it is deleted
  int probability_percent = 100;  // of being taken at a request it matches

  // Whether the document is made. Absent: as the kind says above, else not made.
  std::optional<bool> committed;
  int status = 503;
  std::optional<int> retry_after_seconds;
  std::string location;
  std::optional<std::string> body;
  int res = 1034;
  int res_action = 1;
  std::string text = "Помилка ДПС";
  std::string value;
  int64_t size_bytes = 16 << 20;
  int64_t bytes_per_interval = 16;
  absl::Duration interval = absl::Milliseconds(50);
  // How long a hold lasts. With `until_released`, until Cloud::ReleaseHolds() or this long.
  absl::Duration duration = absl::Seconds(40);
  bool until_released = false;
  bool commit_first = false;  // the document of a hold is made at its start rather than its end
  AfterHold then = AfterHold::kAnswer;
  // How long a silent connection is kept if the client does not go away.
  absl::Duration silence = absl::Minutes(5);

  bool Commits() const;
};

std::string_view NameOf(FaultKind kind);
std::string_view NameOf(Call call);

// As in docs/simulator.md. INVALID_ARGUMENT names the member that is wrong or unknown.
absl::StatusOr<Fault> FaultFromJson(const Json& json);
Json FaultJson(const Fault& fault);

// INVALID_ARGUMENT for a kind that means nothing to the call, or numbers out of range.
absl::Status CheckFault(const Fault& fault);

// What a fault is matched against.
struct FaultTarget {
  Call call = Call::kExecute;
  std::string_view fisid;
  std::string_view tag;
  std::optional<int> task;
  bool warm = false;
};

// The faults to come and how often each kind was taken. Not thread-safe.
class Faults {
 public:
  explicit Faults(uint64_t seed) : random_(seed) {}

  // As CheckFault().
  absl::Status Add(Fault fault);
  void Clear() { faults_.clear(); }
  // Forgets the counts too and starts the random numbers again.
  void Reset(uint64_t seed);

  // The first fault, in the order they were added, that matches, has skipped enough and is drawn; it is
  // counted.
  std::optional<Fault> Take(const FaultTarget& target);

  const std::vector<Fault>& remaining() const { return faults_; }
  const std::map<std::string, int64_t>& taken() const { return taken_; }

 private:
  std::vector<Fault> faults_;
  std::map<std::string, int64_t> taken_;
  std::mt19937_64 random_;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_FAULT_H_
