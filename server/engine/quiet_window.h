#ifndef KASA_SERVER_ENGINE_QUIET_WINDOW_H_
#define KASA_SERVER_ENGINE_QUIET_WINDOW_H_

#include <optional>

#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "server/domain/integration.h"

namespace kasa::engine {

// What is left at `now` of the integration's quiet window (product.md, point 15); nothing outside of it.
std::optional<absl::Duration> QuietTimeLeft(const domain::Integration& integration, const KyivTime& kyiv,
                                            absl::Time now);

// Whether the shift may have been closed in the quiet window of `to`'s day since `from`, which is of the same
// day: the window reaches into what lies between them, or is within `tolerance` of it.
bool WasQuietBetween(const domain::Integration& integration, const KyivTime& kyiv, absl::Time from,
                     absl::Time to, absl::Duration tolerance);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_QUIET_WINDOW_H_
