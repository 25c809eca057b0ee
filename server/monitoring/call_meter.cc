#include "server/monitoring/call_meter.h"

namespace kasa::monitoring {

void CallMeter::Count(const std::string& method, absl::StatusCode code, absl::string_view reason,
                      absl::Duration duration) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto found = methods_.find(method);
    if (found == methods_.end()) {
      Histogram& durations = metrics_.GetLatency("kasa_grpc_call_duration_seconds",
                                                 "How long calls took, by method; streams from begin to end.",
                                                 {{"method", method}});
      found = methods_.emplace(method, Method{.duration = durations, .calls = {}}).first;
    }
    Counter*& calls = found->second.calls[code];
    if (calls == nullptr) {
      calls = &metrics_.GetCounter("kasa_grpc_calls_total", "Calls that ended, by method and status code.",
                                   {{"method", method}, {"code", absl::StatusCodeToString(code)}});
    }
    calls->Increment();
    found->second.duration.Record(duration);
  }
  if (reason.empty()) return;
  metrics_
      .GetCounter("kasa_grpc_refusals_total", "Calls that ended with an error of the gateway, by its reason.",
                  {{"reason", std::string(reason)}})
      .Increment();
}

}  // namespace kasa::monitoring
