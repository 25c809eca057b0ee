#include "server/engine/quiet_window.h"

#include "absl/time/civil_time.h"

namespace kasa::engine {

namespace {

struct Window {
  absl::Time start;
  absl::Time end;
};

Window WindowOf(const domain::QuietWindow& quiet, const KyivTime& kyiv, absl::Time now) {
  const absl::CivilDay today = kyiv.DayOf(now);
  return {.start = kyiv.AtMinuteOf(today, quiet.start_minute),
          .end = kyiv.AtMinuteOf(today, quiet.end_minute)};
}

}  // namespace

std::optional<absl::Duration> QuietTimeLeft(const domain::Integration& integration, const KyivTime& kyiv,
                                            absl::Time now) {
  if (!integration.quiet_window) return std::nullopt;
  const Window window = WindowOf(*integration.quiet_window, kyiv, now);
  if (now < window.start || now >= window.end) return std::nullopt;
  return window.end - now;
}

bool WasQuietBetween(const domain::Integration& integration, const KyivTime& kyiv, absl::Time from,
                     absl::Time to, absl::Duration tolerance) {
  if (!integration.quiet_window) return false;
  const Window window = WindowOf(*integration.quiet_window, kyiv, to);
  return from < window.end + tolerance && to >= window.start - tolerance;
}

}  // namespace kasa::engine
