#include "server/vchasno/retry_after.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace kasa::vchasno {

std::optional<absl::Duration> ParseRetryAfter(absl::string_view header, absl::Time now) {
  const absl::string_view text = absl::StripAsciiWhitespace(header);
  if (text.empty()) return std::nullopt;
  absl::Duration wait;
  if (std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    uint64_t seconds = 0;
    // What overflows is longer than a day too.
    const bool fits = absl::SimpleAtoi(text, &seconds) && seconds < 1'000'000;
    wait = fits ? absl::Seconds(static_cast<int64_t>(seconds)) : absl::InfiniteDuration();
  } else {
    absl::Time when;
    std::string error;
    if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", std::string(text), &when, &error)) return std::nullopt;
    wait = when - now;
  }
  return std::clamp(wait, absl::ZeroDuration(), absl::Hours(24));
}

}  // namespace kasa::vchasno
