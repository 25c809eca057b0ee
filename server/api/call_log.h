#ifndef KASA_SERVER_API_CALL_LOG_H_
#define KASA_SERVER_API_CALL_LOG_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace kasa::api {

// One line of the access log. Nothing of what a request or an answer holds: there are contacts in them.
struct CallRecord {
  const std::string& method;  // "kasa.v1.FiscalizationService/FiscalizeSale"
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string reason;  // of an error of ours, as in ErrorInfo
  absl::Duration duration;
};

// Where calls are told of when they end. Called from many threads at once.
using CallLog = std::function<void(const CallRecord&)>;

}  // namespace kasa::api

#endif  // KASA_SERVER_API_CALL_LOG_H_
