#ifndef KASA_COMMON_METRICS_H_
#define KASA_COMMON_METRICS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Counters and latencies, and how Prometheus reads them.
namespace kasa {

// Only rises. Thread-safe.
class Counter {
 public:
  void Increment(int64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_ = 0;
};

// How many of something there are now. Thread-safe.
class Gauge {
 public:
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_ = 0;
};

// How long something took. Thread-safe; a reader that comes between two writes may see the count of one and
// not yet its sum.
class LatencyHistogram {
 public:
  // Upper bounds of the buckets in milliseconds; one more bucket takes what is over the last.
  static constexpr std::array<int64_t, 12> kBoundsMilliseconds = {1,   5,    10,   50,    100,   250,
                                                                  500, 1000, 2500, 10000, 30000, 60000};

  void Record(absl::Duration duration);

  int64_t count() const;
  absl::Duration sum() const { return absl::Microseconds(sum_microseconds_.load(std::memory_order_relaxed)); }
  // How many took no longer than bound `i`, without those of the bounds before it.
  int64_t bucket(size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<int64_t>, kBoundsMilliseconds.size() + 1> buckets_ = {};
  std::atomic<int64_t> sum_microseconds_ = 0;
};

// Label names and values, e.g. {{"call", "execute"}}. Never a secret, a contact or an id: every value makes
// a time series.
using MetricLabels = std::map<std::string, std::string>;

// All metrics of the process, by name and labels. Thread-safe. What it hands out lives as long as it does;
// keep the reference where a request passes often.
class Metrics {
 public:
  // The same name and labels give the same metric. `help` of the first call stays. A name belongs to one
  // kind.
  Counter& GetCounter(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  Gauge& GetGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  LatencyHistogram& GetLatency(absl::string_view name, absl::string_view help,
                               const MetricLabels& labels = {});

  // Everything in Prometheus' text format 0.0.4, ordered by name and labels; latencies in seconds.
  std::string RenderPrometheus() const;

 private:
  template <typename Metric>
  struct Family {
    std::string help;
    std::map<MetricLabels, std::unique_ptr<Metric>> metrics;
  };
  template <typename Metric>
  using Families = std::map<std::string, Family<Metric>>;

  template <typename Metric>
  Metric& Get(Families<Metric>& families, absl::string_view name, absl::string_view help,
              const MetricLabels& labels);

  mutable std::mutex mutex_;
  Families<Counter> counters_;            // guarded by mutex_, the metrics themselves are not
  Families<Gauge> gauges_;                // likewise
  Families<LatencyHistogram> latencies_;  // likewise
};

}  // namespace kasa

#endif  // KASA_COMMON_METRICS_H_
