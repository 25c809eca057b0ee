#ifndef KASA_SERVER_STORE_WRITE_METER_H_
#define KASA_SERVER_STORE_WRITE_METER_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/metrics.h"

namespace kasa::store {

// Counts what a WriteQueue does. Thread-safe.
//   kasa_store_commit_duration_seconds    how long commits took, failed ones too
//   kasa_store_commit_failures_total      transactions that could not be made durable
//   kasa_store_writes_per_commit          writes that shared a commit
//   kasa_store_queue_length               writes that wait for their turn
class WriteMeter {
 public:
  // Both outlive the meter.
  WriteMeter(Metrics& metrics, const Clock& clock)
      : clock_(clock),
        commit_duration_(metrics.GetLatency("kasa_store_commit_duration_seconds",
                                            "How long the store's commits took, failed ones too.")),
        failures_(metrics.GetCounter("kasa_store_commit_failures_total",
                                     "Transactions of the store that could not be made durable.")),
        writes_(
            metrics.GetSizes("kasa_store_writes_per_commit", "Writes that shared one commit of the store.")),
        queue_length_(metrics.GetGauge("kasa_store_queue_length", "Writes that wait for their turn.")) {}

  absl::Duration Now() const { return clock_.Monotonic(); }

  void QueueLength(size_t writes) { queue_length_.Set(static_cast<int64_t>(writes)); }

  // A COMMIT that was begun at `start` is over, with that many writes in it.
  void Committed(absl::Duration start, size_t writes) {
    commit_duration_.Record(Now() - start);
    writes_.Record(static_cast<int64_t>(writes));
  }

  // A transaction was lost, in its COMMIT or before.
  void Failed() { failures_.Increment(); }

 private:
  const Clock& clock_;
  Histogram& commit_duration_;
  Counter& failures_;
  Histogram& writes_;
  Gauge& queue_length_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_WRITE_METER_H_
