#ifndef KASA_SERVER_MONITORING_CALL_METER_H_
#define KASA_SERVER_MONITORING_CALL_METER_H_

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/metrics.h"

namespace kasa::monitoring {

// Counts the calls of the gRPC services that ended. Thread-safe.
//   kasa_grpc_calls_total{method="kasa.v1.FiscalizationService/FiscalizeSale",code="OK"}
//   kasa_grpc_call_duration_seconds{method=...}   a stream's from its first to its last message
//   kasa_grpc_refusals_total{reason="FIELD_REQUIRED"}   errors of ours, by their published reason
class CallMeter {
 public:
  // `metrics` outlives the meter.
  explicit CallMeter(Metrics& metrics) : metrics_(metrics) {}

  // `method` is one of the contract's: it becomes a label. `reason`: as in ErrorInfo; empty: none.
  void Count(const std::string& method, absl::StatusCode code, absl::string_view reason,
             absl::Duration duration);

 private:
  struct Method {
    Histogram& duration;
    std::map<absl::StatusCode, Counter*> calls;
  };

  Metrics& metrics_;
  std::mutex mutex_;
  std::map<std::string, Method, std::less<>> methods_;  // guarded by mutex_
};

}  // namespace kasa::monitoring

#endif  // KASA_SERVER_MONITORING_CALL_METER_H_
