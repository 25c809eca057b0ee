#ifndef KASA_SERVER_VCHASNO_RETRY_AFTER_H_
#define KASA_SERVER_VCHASNO_RETRY_AFTER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace kasa::vchasno {

// How long a Retry-After header asks to wait, from `now` on: seconds, or an HTTP date (RFC 9110). Not below
// zero and at most a day; nothing when the header says neither.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view header, absl::Time now);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_RETRY_AFTER_H_
