#include "common/metrics.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace kasa {
namespace {

std::string Escape(absl::string_view value) {
  return absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
}

// {a="1",b="2"}; empty for no labels. `extra` is a label already written.
std::string Render(const MetricLabels& labels, absl::string_view extra = "") {
  std::vector<std::string> parts;
  for (const auto& [name, value] : labels) parts.push_back(absl::StrCat(name, "=\"", Escape(value), "\""));
  if (!extra.empty()) parts.emplace_back(extra);
  return parts.empty() ? "" : absl::StrCat("{", absl::StrJoin(parts, ","), "}");
}

// "0.001", "60", "1764448043.25": exact, and no digit that says nothing.
std::string Seconds(int64_t microseconds) {
  std::string text = absl::StrFormat("%s%d.%06d", microseconds < 0 ? "-" : "",
                                     std::abs(microseconds / 1'000'000), std::abs(microseconds % 1'000'000));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string ValueText(bool seconds, int64_t value) {
  return seconds ? Seconds(value) : absl::StrCat(value);
}

constexpr int64_t kMillisecond = 1000;
constexpr std::array<int64_t, 14> kLatencyBounds = {
    1 * kMillisecond,    2 * kMillisecond,     5 * kMillisecond,     10 * kMillisecond,   25 * kMillisecond,
    50 * kMillisecond,   100 * kMillisecond,   250 * kMillisecond,   500 * kMillisecond,  1000 * kMillisecond,
    2500 * kMillisecond, 10000 * kMillisecond, 30000 * kMillisecond, 60000 * kMillisecond};
constexpr std::array<int64_t, 11> kSizeBounds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

void AppendHead(std::string* out, absl::string_view name, absl::string_view help, absl::string_view type) {
  const std::string escaped = absl::StrReplaceAll(help, {{"\\", "\\\\"}, {"\n", "\\n"}});
  absl::StrAppend(out, "# HELP ", name, " ", escaped, "\n# TYPE ", name, " ", type, "\n");
}

void AppendHistogram(std::string* out, absl::string_view name, const MetricLabels& labels,
                     const Histogram& histogram) {
  const bool seconds = histogram.unit() == Histogram::Unit::kSeconds;
  const std::span<const int64_t> bounds = histogram.bounds();
  int64_t so_far = 0;
  for (size_t i = 0; i <= bounds.size(); ++i) {
    so_far += histogram.bucket(i);
    const std::string bound = i < bounds.size() ? ValueText(seconds, bounds[i]) : "+Inf";
    absl::StrAppend(out, name, "_bucket", Render(labels, absl::StrCat("le=\"", bound, "\"")), " ", so_far,
                    "\n");
  }
  absl::StrAppend(out, name, "_sum", Render(labels), " ", ValueText(seconds, histogram.sum()), "\n");
  // The same reading as the last bucket's, so that the two always agree.
  absl::StrAppend(out, name, "_count", Render(labels), " ", so_far, "\n");
}

}  // namespace

Histogram::Histogram(Unit unit, std::span<const int64_t> bounds)
    : unit_(unit), bounds_(bounds), buckets_(std::make_unique<std::atomic<int64_t>[]>(bounds.size() + 1)) {}

void Histogram::Record(absl::Duration duration) {
  Add(absl::ToInt64Microseconds(std::clamp(duration, absl::ZeroDuration(), absl::Hours(24))));
}

void Histogram::Record(int64_t count) {
  Add(std::max<int64_t>(count, 0));
}

void Histogram::Add(int64_t value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  buckets_[static_cast<size_t>(bound - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

int64_t Histogram::count() const {
  int64_t count = 0;
  for (size_t i = 0; i <= bounds_.size(); ++i) count += bucket(i);
  return count;
}

template <typename Metric, typename... Arguments>
Metric& Metrics::Get(Families<Metric>& families, absl::string_view name, absl::string_view help,
                     const MetricLabels& labels, const Arguments&... arguments) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Family<Metric>& family = families[std::string(name)];
  if (family.help.empty()) family.help = std::string(help);
  std::unique_ptr<Metric>& metric = family.metrics[labels];
  if (metric == nullptr) metric = std::make_unique<Metric>(arguments...);
  return *metric;
}

Counter& Metrics::GetCounter(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Get(counters_, name, help, labels, Counter::Unit::kPlain);
}

Counter& Metrics::GetSecondsCounter(absl::string_view name, absl::string_view help,
                                    const MetricLabels& labels) {
  return Get(counters_, name, help, labels, Counter::Unit::kSeconds);
}

Gauge& Metrics::GetGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Get(gauges_, name, help, labels, Gauge::Unit::kPlain);
}

Gauge& Metrics::GetSecondsGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Get(gauges_, name, help, labels, Gauge::Unit::kSeconds);
}

Histogram& Metrics::GetLatency(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Get(histograms_, name, help, labels, Histogram::Unit::kSeconds,
             std::span<const int64_t>(kLatencyBounds));
}

Histogram& Metrics::GetSizes(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Get(histograms_, name, help, labels, Histogram::Unit::kCount, std::span<const int64_t>(kSizeBounds));
}

std::string Metrics::RenderPrometheus() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string out;
  for (const auto& [name, family] : counters_) {
    AppendHead(&out, name, family.help, "counter");
    for (const auto& [labels, counter] : family.metrics) {
      absl::StrAppend(&out, name, Render(labels), " ",
                      ValueText(counter->unit() == Counter::Unit::kSeconds, counter->value()), "\n");
    }
  }
  for (const auto& [name, family] : gauges_) {
    AppendHead(&out, name, family.help, "gauge");
    for (const auto& [labels, gauge] : family.metrics) {
      absl::StrAppend(&out, name, Render(labels), " ",
                      ValueText(gauge->unit() == Gauge::Unit::kSeconds, gauge->value()), "\n");
    }
  }
  for (const auto& [name, family] : histograms_) {
    AppendHead(&out, name, family.help, "histogram");
    for (const auto& [labels, histogram] : family.metrics) AppendHistogram(&out, name, labels, *histogram);
  }
  return out;
}

}  // namespace kasa
