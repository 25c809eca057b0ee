#ifndef KASA_SERVER_LISTEN_ADDRESS_H_
#define KASA_SERVER_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasa {

// Where to listen.
struct ListenAddress {
  std::string host;  // "127.0.0.1", "[::1]", "localhost"
  int port = 0;      // 0: any free one
};

// Reads "HOST:PORT". INVALID_ARGUMENT when it is none. FAILED_PRECONDITION when the host is not this
// machine's loopback (127.0.0.0/8, ::1, localhost): what is served is not encrypted, and callers are not
// authenticated.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

}  // namespace kasa

#endif  // KASA_SERVER_LISTEN_ADDRESS_H_
