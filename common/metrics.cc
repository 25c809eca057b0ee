#include "common/metrics.h"

#include <algorithm>

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

std::string Seconds(int64_t microseconds) {
  return absl::StrFormat("%d.%06d", microseconds / 1'000'000, microseconds % 1'000'000);
}

void AppendHead(std::string* out, absl::string_view name, absl::string_view help, absl::string_view type) {
  const std::string escaped = absl::StrReplaceAll(help, {{"\\", "\\\\"}, {"\n", "\\n"}});
  absl::StrAppend(out, "# HELP ", name, " ", escaped, "\n# TYPE ", name, " ", type, "\n");
}

void AppendLatency(std::string* out, absl::string_view name, const MetricLabels& labels,
                   const LatencyHistogram& latency) {
  constexpr auto& kBounds = LatencyHistogram::kBoundsMilliseconds;
  int64_t so_far = 0;
  for (size_t i = 0; i <= kBounds.size(); ++i) {
    so_far += latency.bucket(i);
    const std::string bound = i < kBounds.size() ? Seconds(kBounds[i] * 1000) : "+Inf";
    absl::StrAppend(out, name, "_bucket", Render(labels, absl::StrCat("le=\"", bound, "\"")), " ", so_far,
                    "\n");
  }
  absl::StrAppend(out, name, "_sum", Render(labels), " ", Seconds(absl::ToInt64Microseconds(latency.sum())),
                  "\n");
  // The same reading as the last bucket's, so that the two always agree.
  absl::StrAppend(out, name, "_count", Render(labels), " ", so_far, "\n");
}

}  // namespace

void LatencyHistogram::Record(absl::Duration duration) {
  const int64_t microseconds =
      absl::ToInt64Microseconds(std::clamp(duration, absl::ZeroDuration(), absl::Hours(24)));
  const auto bound = std::find_if(kBoundsMilliseconds.begin(), kBoundsMilliseconds.end(),
                                  [&](int64_t milliseconds) { return microseconds <= milliseconds * 1000; });
  const auto bucket = static_cast<size_t>(bound - kBoundsMilliseconds.begin());
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_microseconds_.fetch_add(microseconds, std::memory_order_relaxed);
}

int64_t LatencyHistogram::count() const {
  int64_t count = 0;
  for (const auto& bucket : buckets_) count += bucket.load(std::memory_order_relaxed);
  return count;
}

template <typename Metric>
Metric& Metrics::Get(Families<Metric>& families, absl::string_view name, absl::string_view help,
                     const MetricLabels& labels) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Family<Metric>& family = families[std::string(name)];
  if (family.help.empty()) family.help = std::string(help);
  std::unique_ptr<Metric>& metric = family.metrics[labels];
  if (metric == nullptr) metric = std::make_unique<Metric>();
  return *metric;
}

Counter& Metrics::GetCounter(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Get(counters_, name, help, labels);
}

Gauge& Metrics::GetGauge(absl::string_view name, absl::string_view help, const MetricLabels& labels) {
  return Get(gauges_, name, help, labels);
}

LatencyHistogram& Metrics::GetLatency(absl::string_view name, absl::string_view help,
                                      const MetricLabels& labels) {
  return Get(latencies_, name, help, labels);
}

std::string Metrics::RenderPrometheus() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string out;
  for (const auto& [name, family] : counters_) {
    AppendHead(&out, name, family.help, "counter");
    for (const auto& [labels, counter] : family.metrics) {
      absl::StrAppend(&out, name, Render(labels), " ", counter->value(), "\n");
    }
  }
  for (const auto& [name, family] : gauges_) {
    AppendHead(&out, name, family.help, "gauge");
    for (const auto& [labels, gauge] : family.metrics) {
      absl::StrAppend(&out, name, Render(labels), " ", gauge->value(), "\n");
    }
  }
  for (const auto& [name, family] : latencies_) {
    AppendHead(&out, name, family.help, "histogram");
    for (const auto& [labels, latency] : family.metrics) AppendLatency(&out, name, labels, *latency);
  }
  return out;
}

}  // namespace kasa
