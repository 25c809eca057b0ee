#ifndef KASA_COMMON_SHA256_H_
#define KASA_COMMON_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace kasa {

// SHA-256 of `data` as 64 lower-case hex digits. A pure function; safe from any thread.
std::string Sha256Hex(absl::string_view data);

}  // namespace kasa

#endif  // KASA_COMMON_SHA256_H_
