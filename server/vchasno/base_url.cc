#include "server/vchasno/base_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace kasa::vchasno {
namespace {

struct UrlFreer {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlFreer>;

// Empty when the URL has no such part.
std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, void (*)(void*)> freed(text, curl_free);
  return text;
}

bool IsLoopback(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return (ntohl(address.s_addr) >> 24) == 127;
  return host == "localhost" || host == "[::1]";
}

}  // namespace

absl::StatusOr<std::string> CheckBaseUrl(absl::string_view url, bool allow_plaintext) {
  const Url parsed(curl_url());
  if (parsed == nullptr) return absl::ResourceExhaustedError("out of memory");
  const std::string given(url);
  for (const char c : given) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError("the base URL has characters that no URL has");
    }
  }
  if (const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, given.c_str(), 0); code != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("the base URL can't be read: ", curl_url_strerror(code)));
  }
  // Whatever stands before an "@" could be a password, so the URL is not repeated in this message.
  if (absl::StrContains(url, "@")) {
    return absl::InvalidArgumentError("the base URL must not have a user or a password");
  }
  if (url.find_first_of("?#") != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("the base URL must end with its path: ", given));
  }
  const std::string scheme = Part(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") {
    return absl::InvalidArgumentError(absl::StrCat("the base URL must be https: ", given));
  }
  if (scheme == "http" && !allow_plaintext && !IsLoopback(Part(parsed.get(), CURLUPART_HOST))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the base URL must be https, because tokens are sent to it (http is for loopback): ", given));
  }
  absl::string_view base = given;
  while (absl::ConsumeSuffix(&base, "/")) {
  }
  return std::string(base);
}

std::string EscapePathSegment(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      escaped.push_back(c);
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", byte);
    }
  }
  return escaped;
}

}  // namespace kasa::vchasno
