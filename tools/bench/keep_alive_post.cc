#include "tools/bench/keep_alive_post.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace kasa::bench {
namespace {

// The value of a header, or "".
absl::string_view HeaderOf(absl::string_view head, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (!absl::StartsWithIgnoreCase(line, name) || line.size() <= name.size() || line[name.size()] != ':')
      continue;
    return absl::StripAsciiWhitespace(line.substr(name.size() + 1));
  }
  return "";
}

}  // namespace

absl::StatusOr<KeepAlivePost> KeepAlivePost::Connect(uint16_t port) {
  KeepAlivePost connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.socket_ < 0) return absl::ErrnoToStatus(errno, "socket");
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("connect to 127.0.0.1:", port));
  }
  const int on = 1;
  if (setsockopt(connection.socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
    return absl::ErrnoToStatus(errno, "TCP_NODELAY");
  }
  return connection;
}

KeepAlivePost::KeepAlivePost(KeepAlivePost&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), read_(std::move(other.read_)) {}

KeepAlivePost::~KeepAlivePost() {
  if (socket_ >= 0) close(socket_);
}

absl::Status KeepAlivePost::Send(absl::string_view token, absl::string_view body) const {
  const std::string request =
      absl::StrCat("POST /api/v3/fiscal/execute HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ", token,
                   "\r\nContent-Type: application/json\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  for (absl::string_view rest = request; !rest.empty();) {
    const ssize_t sent = send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return absl::ErrnoToStatus(errno, "send");
    rest.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> KeepAlivePost::Read() {
  std::array<char, size_t{16} * 1024> part;
  for (;;) {
    const ssize_t got = recv(socket_, part.data(), part.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got < 0) return absl::ErrnoToStatus(errno, "recv");
    if (got == 0) return absl::UnavailableError("the connection was ended");
    read_.append(part.data(), static_cast<size_t>(got));
    if (static_cast<size_t>(got) < part.size()) break;
  }
  const absl::string_view all = read_;
  const size_t end_of_head = all.find("\r\n\r\n");
  if (end_of_head == absl::string_view::npos) return std::nullopt;
  const absl::string_view head = all.substr(0, end_of_head);
  if (!absl::StartsWith(head, "HTTP/1.1 200")) return absl::InternalError(absl::StrCat("answered: ", head));
  size_t length = 0;
  if (!absl::SimpleAtoi(HeaderOf(head, "Content-Length"), &length)) {
    return absl::InternalError("an answer without its length");
  }
  const absl::string_view body = all.substr(end_of_head + 4);
  if (body.size() < length) return std::nullopt;
  if (body.size() > length) return absl::InternalError("more than one answer to a request");
  std::string whole(body);
  read_.clear();
  return std::optional<std::string>(std::move(whole));
}

}  // namespace kasa::bench
