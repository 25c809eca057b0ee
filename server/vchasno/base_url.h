#ifndef KASA_SERVER_VCHASNO_BASE_URL_H_
#define KASA_SERVER_VCHASNO_BASE_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasa::vchasno {

// Where Vchasno.Kasa is, e.g. "https://kasa.vchasno.ua". Checks the URL and returns it without a slash at its
// end, ready to have a path appended. INVALID_ARGUMENT unless it is https (or http to this machine's
// loopback, or http anywhere with `allow_plaintext`: the token then crosses the network for all to read) with
// a host, and without user, query and fragment.
absl::StatusOr<std::string> CheckBaseUrl(absl::string_view url, bool allow_plaintext);

// `text` as one segment of a path: everything but letters, digits and "-_.~" as %XX.
std::string EscapePathSegment(absl::string_view text);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_BASE_URL_H_
