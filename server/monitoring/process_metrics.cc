#include "server/monitoring/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace kasa::monitoring {
namespace {

constexpr int64_t kMicrosecondsASecond = 1'000'000;

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The fields of /proc/self/stat from the third on, which is its [0]: the second may hold spaces. proc(5)
// counts from 1, so its field n is [n - 3].
std::vector<std::string> Stat() {
  const std::string text = ReadFile("/proc/self/stat");
  const size_t name_end = text.rfind(") ");
  if (name_end == std::string::npos) return {};
  return absl::StrSplit(text.substr(name_end + 2), ' ');
}

std::optional<int64_t> Field(const std::vector<std::string>& stat, size_t number) {
  int64_t value = 0;
  if (stat.size() <= number - 3 || !absl::SimpleAtoi(stat[number - 3], &value)) return std::nullopt;
  return value;
}

// When the machine was started, in seconds since 1970.
std::optional<int64_t> BootTime() {
  const std::string text = ReadFile("/proc/stat");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    int64_t seconds = 0;
    if (line.substr(0, 6) == "btime " && absl::SimpleAtoi(line.substr(6), &seconds)) return seconds;
  }
  return std::nullopt;
}

}  // namespace

void ReadProcessMetrics(Metrics& metrics) {
  const std::vector<std::string> stat = Stat();
  const int64_t ticks = sysconf(_SC_CLK_TCK);
  const auto in_microseconds = [ticks](int64_t value) { return value * kMicrosecondsASecond / ticks; };
  const auto user = Field(stat, 14);
  const auto system = Field(stat, 15);
  if (user && system) {
    metrics.GetSecondsCounter("process_cpu_seconds_total", "Processor time that the process has used.")
        .Increment(in_microseconds(*user + *system));
  }
  const auto start = Field(stat, 22);
  const auto boot = BootTime();
  if (start && boot) {
    metrics
        .GetSecondsGauge("process_start_time_seconds", "When the process was started, in seconds since 1970.")
        .Set(*boot * kMicrosecondsASecond + in_microseconds(*start));
  }
  if (const auto pages = Field(stat, 24)) {
    metrics.GetGauge("process_resident_memory_bytes", "Memory of the process that is in RAM.")
        .Set(*pages * sysconf(_SC_PAGESIZE));
  }
  std::error_code error;
  const std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
  if (!error) {
    metrics.GetGauge("process_open_fds", "Open file descriptors.")
        .Set(std::distance(begin(descriptors), end(descriptors)));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    metrics.GetGauge("process_max_fds", "File descriptors that may be open at most.")
        .Set(static_cast<int64_t>(limit.rlim_cur));
  }
}

}  // namespace kasa::monitoring
