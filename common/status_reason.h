#ifndef KASA_COMMON_STATUS_REASON_H_
#define KASA_COMMON_STATUS_REASON_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/reason.h"

namespace kasa {

// Our own reason on an absl::Status, so that it crosses rooms without anyone parsing its message. The gRPC
// layer turns it into google.rpc.ErrorInfo; the payloads never leave the process as they are.
absl::Status WithReason(absl::Status status, Reason reason);

// A status of `code` with `reason` and a message for a person.
absl::Status ReasonedError(absl::StatusCode code, Reason reason, absl::string_view message);

// Facts for ErrorInfo.metadata ("fiscalization_id", "differs"): machine-readable, never a secret or a
// contact.
absl::Status WithFact(absl::Status status, absl::string_view name, absl::string_view value);

// How long to wait before trying again, for RetryInfo.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// Nothing when the status carries none.
std::optional<Reason> ReasonOf(const absl::Status& status);
std::map<std::string, std::string> FactsOf(const absl::Status& status);
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

}  // namespace kasa

#endif  // KASA_COMMON_STATUS_REASON_H_
