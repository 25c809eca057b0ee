#ifndef KASA_SERVER_MONITORING_PROCESS_METRICS_H_
#define KASA_SERVER_MONITORING_PROCESS_METRICS_H_

#include "common/metrics.h"

namespace kasa::monitoring {

// What Linux tells of this process, under the names that Prometheus' own clients give it:
// process_start_time_seconds, process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds,
// process_max_fds. What can't be read is left out.
void ReadProcessMetrics(Metrics& metrics);

}  // namespace kasa::monitoring

#endif  // KASA_SERVER_MONITORING_PROCESS_METRICS_H_
