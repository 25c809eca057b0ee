#include "server/engine/quiet_window.h"

#include "absl/time/civil_time.h"

namespace kasa::engine {

std::optional<absl::Duration> QuietTimeLeft(const domain::Integration& integration, const KyivTime& kyiv,
                                            absl::Time now) {
  if (!integration.quiet_window) return std::nullopt;
  const absl::CivilDay today = kyiv.DayOf(now);
  const absl::Time start = kyiv.AtMinuteOf(today, integration.quiet_window->start_minute);
  const absl::Time end = kyiv.AtMinuteOf(today, integration.quiet_window->end_minute);
  if (now < start || now >= end) return std::nullopt;
  return end - now;
}

}  // namespace kasa::engine
