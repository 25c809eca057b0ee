#ifndef KASA_COMMON_METRICS_H_
#define KASA_COMMON_METRICS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Counters, gauges and histograms, and how Prometheus reads them.
namespace kasa {

// Only rises. Thread-safe.
class Counter {
 public:
  enum class Unit { kPlain = 1, kSeconds };  // kSeconds: the value is in microseconds

  explicit Counter(Unit unit) : unit_(unit) {}

  Unit unit() const { return unit_; }
  void Increment(int64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  const Unit unit_;
  std::atomic<int64_t> value_ = 0;
};

// How much of something there is now. Thread-safe.
class Gauge {
 public:
  enum class Unit { kPlain = 1, kSeconds };  // kSeconds: the value is in microseconds

  explicit Gauge(Unit unit) : unit_(unit) {}

  Unit unit() const { return unit_; }
  void Set(absl::Duration duration) { Set(absl::ToInt64Microseconds(duration)); }  // of kSeconds
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  const Unit unit_;
  std::atomic<int64_t> value_ = 0;
};

// How large things were, in buckets: durations, or numbers of something. Thread-safe; a reader that comes
// between two writes may see the count of one and not yet its sum.
class Histogram {
 public:
  enum class Unit { kSeconds = 1, kCount };

  // `bounds` are the upper bounds of the buckets, rising: microseconds for kSeconds. One more bucket takes
  // what is over the last.
  Histogram(Unit unit, std::span<const int64_t> bounds);

  void Record(absl::Duration duration);  // of kSeconds; cut to [0, 24 h]
  void Record(int64_t count);            // of kCount; cut to 0 from below

  Unit unit() const { return unit_; }
  std::span<const int64_t> bounds() const { return bounds_; }
  int64_t count() const;
  int64_t sum() const { return sum_.load(std::memory_order_relaxed); }  // microseconds for kSeconds
  // How many were no larger than bound `i`, without those of the bounds before it.
  int64_t bucket(size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }

 private:
  void Add(int64_t value);

  const Unit unit_;
  const std::span<const int64_t> bounds_;  // of static storage
  const std::unique_ptr<std::atomic<int64_t>[]> buckets_;
  std::atomic<int64_t> sum_ = 0;
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
  Counter& GetSecondsCounter(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  Gauge& GetGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  // A duration, or a time as the duration since 1970.
  Gauge& GetSecondsGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  // Durations from 1 ms to 60 s.
  Histogram& GetLatency(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});
  // Numbers from 1 to 1024, in powers of two.
  Histogram& GetSizes(absl::string_view name, absl::string_view help, const MetricLabels& labels = {});

  // Everything in Prometheus' text format 0.0.4, ordered by kind, name and labels.
  std::string RenderPrometheus() const;

 private:
  template <typename Metric>
  struct Family {
    std::string help;
    std::map<MetricLabels, std::unique_ptr<Metric>> metrics;
  };
  template <typename Metric>
  using Families = std::map<std::string, Family<Metric>>;

  template <typename Metric, typename... Arguments>
  Metric& Get(Families<Metric>& families, absl::string_view name, absl::string_view help,
              const MetricLabels& labels, const Arguments&... arguments);

  mutable std::mutex mutex_;
  Families<Counter> counters_;      // guarded by mutex_, the metrics themselves are not
  Families<Gauge> gauges_;          // likewise
  Families<Histogram> histograms_;  // likewise
};

}  // namespace kasa

#endif  // KASA_COMMON_METRICS_H_
