#ifndef KASA_SERVER_ENGINE_CONNECTION_READING_H_
#define KASA_SERVER_ENGINE_CONNECTION_READING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/reason.h"
#include "server/domain/failure.h"
#include "server/domain/integration.h"
#include "server/domain/notice.h"
#include "server/domain/register_status.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

// What a register's answer about its status tells a person (product.md, point 4). Pure functions.
namespace kasa::engine {

// Answers of check connection: what a person does about each of them differs.
enum class ConnectionOutcome {
  kOk = 1,
  kTokenMissing,
  kTokenRefused,
  kUnreachable,
  kRegisterBlocked,
  kRegisterRefused,  // it answered and can't be worked with, for the reason told
  kAnotherRegister,
  kUnreadable,
  kBusy,  // the lane is at work: `status` is what was seen last
};

struct ConnectionReport {
  ConnectionOutcome outcome = ConnectionOutcome::kOk;
  std::optional<Reason> reason;  // unless kOk
  std::string message;
  bool reachable = false;
  bool token_accepted = false;
  std::optional<domain::RegisterStatus> status;  // now; as last seen when it gave none now
  std::optional<absl::Time> status_time;
  std::optional<absl::Duration> latency;
  std::optional<absl::Duration> clock_difference;  // the register's clock less ours
  std::optional<domain::Upstream> upstream;
  std::vector<domain::Notice> warnings;
};

// From when on an open shift is warned about: the register refuses sales after 24 h (product.md, point 15).
inline constexpr absl::Duration kLongShift = absl::Hours(23);

// What `answer` means for the integration of `record`. A register that is not pinned is no objection here.
ConnectionReport ReadConnection(const vchasno::StatusAnswer& answer, const store::IntegrationRecord& record,
                                absl::Duration clock_tolerance);

// The report when the register was not asked: what was last seen of it, and why not now.
ConnectionReport ReportLastSeen(const store::IntegrationRecord& record, ConnectionOutcome outcome,
                                Reason reason, std::string message);

// What is worth a person's attention in a status that was answered at `now`: a long shift, a clock that is
// off, a signature that warns.
std::vector<domain::Notice> WarningsOf(const domain::RegisterStatus& status, absl::Time now,
                                       absl::Duration clock_tolerance);

// The audit's record of asking for the status outside of any document.
store::Exchange StatusExchange(const vchasno::StatusAnswer& answer, const std::string& integration_id,
                               const std::string& register_fiscal_number);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_CONNECTION_READING_H_
