#include "server/vchasno/trouble_words.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace kasa::vchasno {
namespace {

// Whole seconds where there are some: nobody cares for the rest of a minute's wait.
std::string InWords(absl::Duration duration) {
  if (duration >= absl::Seconds(1)) return absl::StrCat(absl::ToInt64Seconds(duration), " s");
  return absl::StrCat(std::max<int64_t>(1, absl::ToInt64Milliseconds(duration)), " ms");
}

// Before a byte of the request left.
std::string WithoutConnection(CURLcode code, absl::Duration elapsed) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::StrCat("the host did not take a connection within ", InWords(elapsed));
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the host's name was not found";
    case CURLE_COULDNT_CONNECT:
      return "the host takes no connection there";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "the host's certificate is not trusted";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return "no secure (TLS) connection to the host could be made";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return "the address is none that can be asked";
    default:
      return "the connection ended before the request could be sent";
  }
}

}  // namespace

std::string WordsForTrouble(CURLcode code, const HowFar& how_far) {
  if (!how_far.request_left) return WithoutConnection(code, how_far.elapsed);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::StrCat(
          how_far.answer_begun ? "the answer was not whole within " : "no answer came within ",
          InWords(how_far.elapsed));
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
      return "what came back is no HTTP answer";
    default:
      return how_far.answer_begun ? "the connection was cut amid the answer"
                                  : "the connection was cut before an answer came";
  }
}

}  // namespace kasa::vchasno
