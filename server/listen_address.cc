#include "server/listen_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace kasa {
namespace {

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return false;
  in6_addr six{};
  return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  const absl::string_view port_text = colon == absl::string_view::npos ? "" : text.substr(colon + 1);
  const bool digits = std::all_of(port_text.begin(), port_text.end(),
                                  [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  ListenAddress address;
  if (colon == 0 || port_text.empty() || !digits || !absl::SimpleAtoi(port_text, &address.port) ||
      address.port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not HOST:PORT"));
  }
  address.host = std::string(text.substr(0, colon));
  if (IsLoopback(address.host)) return address;
  return absl::FailedPreconditionError(
      absl::StrCat("won't listen on ", address.host,
                   ": this version serves without encryption and without authentication, and so on loopback "
                   "only (127.0.0.1, "
                   "[::1] or localhost). Encryption comes in a later version; until then put a proxy that "
                   "does both in front"));
}

}  // namespace kasa
