#include "common/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace kasa {
namespace {

TEST(Metrics, GiveTheSameMetricForTheSameNameAndLabels) {
  Metrics metrics;
  Counter& first = metrics.GetCounter("requests_total", "Requests.", {{"call", "execute"}});
  first.Increment();
  metrics.GetCounter("requests_total", "Requests.", {{"call", "execute"}}).Increment(2);
  metrics.GetCounter("requests_total", "Requests.", {{"call", "status"}}).Increment();
  EXPECT_EQ(first.value(), 3);
}

TEST(Metrics, RenderAsPrometheusReads) {
  Metrics metrics;
  metrics.GetCounter("b_total", "How many\nb.", {{"k", "a\"\\\n"}}).Increment(5);
  metrics.GetCounter("a_total", "How many a.").Increment();
  metrics.GetSecondsCounter("cpu_seconds_total", "CPU.").Increment(2'030'000);
  metrics.GetGauge("lanes", "Lanes.").Set(-2);
  metrics.GetSecondsGauge("age_seconds", "Age.").Set(absl::Milliseconds(-1500));
  metrics.GetSecondsGauge("start_seconds", "Start.").Set(absl::Microseconds(1764448043000001));
  Histogram& latency = metrics.GetLatency("took_seconds", "How long.", {{"call", "x"}});
  latency.Record(absl::Milliseconds(1));
  latency.Record(absl::Microseconds(1001));
  latency.Record(absl::Minutes(2));
  Histogram& sizes = metrics.GetSizes("writes", "How many.");
  sizes.Record(1);
  sizes.Record(3);
  sizes.Record(4);
  EXPECT_EQ(metrics.RenderPrometheus(), R"(# HELP a_total How many a.
# TYPE a_total counter
a_total 1
# HELP b_total How many\nb.
# TYPE b_total counter
b_total{k="a\"\\\n"} 5
# HELP cpu_seconds_total CPU.
# TYPE cpu_seconds_total counter
cpu_seconds_total 2.03
# HELP age_seconds Age.
# TYPE age_seconds gauge
age_seconds -1.5
# HELP lanes Lanes.
# TYPE lanes gauge
lanes -2
# HELP start_seconds Start.
# TYPE start_seconds gauge
start_seconds 1764448043.000001
# HELP took_seconds How long.
# TYPE took_seconds histogram
took_seconds_bucket{call="x",le="0.001"} 1
took_seconds_bucket{call="x",le="0.002"} 2
took_seconds_bucket{call="x",le="0.005"} 2
took_seconds_bucket{call="x",le="0.01"} 2
took_seconds_bucket{call="x",le="0.025"} 2
took_seconds_bucket{call="x",le="0.05"} 2
took_seconds_bucket{call="x",le="0.1"} 2
took_seconds_bucket{call="x",le="0.25"} 2
took_seconds_bucket{call="x",le="0.5"} 2
took_seconds_bucket{call="x",le="1"} 2
took_seconds_bucket{call="x",le="2.5"} 2
took_seconds_bucket{call="x",le="10"} 2
took_seconds_bucket{call="x",le="30"} 2
took_seconds_bucket{call="x",le="60"} 2
took_seconds_bucket{call="x",le="+Inf"} 3
took_seconds_sum{call="x"} 120.002001
took_seconds_count{call="x"} 3
# HELP writes How many.
# TYPE writes histogram
writes_bucket{le="1"} 1
writes_bucket{le="2"} 1
writes_bucket{le="4"} 3
writes_bucket{le="8"} 3
writes_bucket{le="16"} 3
writes_bucket{le="32"} 3
writes_bucket{le="64"} 3
writes_bucket{le="128"} 3
writes_bucket{le="256"} 3
writes_bucket{le="512"} 3
writes_bucket{le="1024"} 3
writes_bucket{le="+Inf"} 3
writes_sum 8
writes_count 3
)");
}

TEST(Metrics, CountFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&metrics] {
      for (int i = 0; i < 1000; ++i) {
        metrics.GetCounter("n_total", "N.").Increment();
        metrics.GetLatency("t_seconds", "T.").Record(absl::Milliseconds(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.GetCounter("n_total", "N.").value(), 8000);
  EXPECT_EQ(metrics.GetLatency("t_seconds", "T.").count(), 8000);
}

}  // namespace
}  // namespace kasa
