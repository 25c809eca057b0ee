#ifndef KASA_TOOLS_BENCH_KEEP_ALIVE_POST_H_
#define KASA_TOOLS_BENCH_KEEP_ALIVE_POST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace kasa::bench {

// One HTTP/1.1 connection to 127.0.0.1 that is kept alive, with one POST at a time: as little as can be done
// with a socket. Not thread-safe.
class KeepAlivePost {
 public:
  static absl::StatusOr<KeepAlivePost> Connect(uint16_t port);
  ~KeepAlivePost();
  KeepAlivePost(KeepAlivePost&& other) noexcept;
  KeepAlivePost& operator=(KeepAlivePost&&) = delete;

  // The socket, to be waited for.
  int descriptor() const { return socket_; }

  // Sends a request to execute. The last one must have been answered.
  absl::Status Send(absl::string_view token, absl::string_view body) const;

  // Reads what has come, without waiting: the answer's body when it is whole, else nothing. Any status but
  // 200 is an error, and so is a connection that ends.
  absl::StatusOr<std::optional<std::string>> Read();

 private:
  explicit KeepAlivePost(int socket) : socket_(socket) {}

  int socket_;
  std::string read_;
};

}  // namespace kasa::bench

#endif  // KASA_TOOLS_BENCH_KEEP_ALIVE_POST_H_
