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
  metrics.GetGauge("lanes", "Lanes.").Set(-2);
  LatencyHistogram& latency = metrics.GetLatency("took_seconds", "How long.", {{"call", "x"}});
  latency.Record(absl::Milliseconds(1));
  latency.Record(absl::Microseconds(1001));
  latency.Record(absl::Minutes(2));
  EXPECT_EQ(metrics.RenderPrometheus(), R"(# HELP a_total How many a.
# TYPE a_total counter
a_total 1
# HELP b_total How many\nb.
# TYPE b_total counter
b_total{k="a\"\\\n"} 5
# HELP lanes Lanes.
# TYPE lanes gauge
lanes -2
# HELP took_seconds How long.
# TYPE took_seconds histogram
took_seconds_bucket{call="x",le="0.001000"} 1
took_seconds_bucket{call="x",le="0.005000"} 2
took_seconds_bucket{call="x",le="0.010000"} 2
took_seconds_bucket{call="x",le="0.050000"} 2
took_seconds_bucket{call="x",le="0.100000"} 2
took_seconds_bucket{call="x",le="0.250000"} 2
took_seconds_bucket{call="x",le="0.500000"} 2
took_seconds_bucket{call="x",le="1.000000"} 2
took_seconds_bucket{call="x",le="2.500000"} 2
took_seconds_bucket{call="x",le="10.000000"} 2
took_seconds_bucket{call="x",le="30.000000"} 2
took_seconds_bucket{call="x",le="60.000000"} 2
took_seconds_bucket{call="x",le="+Inf"} 3
took_seconds_sum{call="x"} 120.002001
took_seconds_count{call="x"} 3
)");
}

TEST(Metrics, CountFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
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
