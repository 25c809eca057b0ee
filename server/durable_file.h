#ifndef KASA_SERVER_DURABLE_FILE_H_
#define KASA_SERVER_DURABLE_FILE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Small files that are there whole or not at all, whatever happens meanwhile.
namespace kasa {

// Replaces `file` by one that has `text` in it; durable when it returns OK. UNAVAILABLE, with the file as it
// was before.
absl::Status WriteDurably(const std::string& file, absl::string_view text);

// What is in `file`, up to 4 KiB; nothing when there is no such file. UNAVAILABLE when it can't be read.
absl::StatusOr<std::optional<std::string>> ReadSmallFile(const std::string& file);

}  // namespace kasa

#endif  // KASA_SERVER_DURABLE_FILE_H_
