#ifndef KASA_SERVER_VCHASNO_TRANSPORT_H_
#define KASA_SERVER_VCHASNO_TRANSPORT_H_

#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/secret.h"

// The seam to the network: one HTTP request, and how it ended.
namespace kasa::vchasno {

enum class HttpMethod { kGet = 1, kPost };

struct HttpRequest {
  HttpMethod method = HttpMethod::kPost;
  std::string url;
  Secret
      token;  // sent raw in the Authorization header and nowhere else; visible ASCII only. Empty: no header
  std::string body;                       // of a POST: JSON
  std::optional<absl::Duration> timeout;  // in all, where it is to be shorter than the transport's
};

enum class HttpOutcome {
  kNeverConnected = 1,  // surely not a byte of the request left
  kRequestLeft,         // it left, wholly or partly (or nobody knows), and no whole answer came
  kAnswered,            // a whole answer came, of whatever status
};

struct HttpResult {
  HttpOutcome outcome = HttpOutcome::kRequestLeft;
  int status = 0;           // also without a whole answer, when the status line came; 0: it did not
  std::string retry_after;  // the header as it was sent; empty: none
  std::string body;         // as far as it came, cut to the bound
  // When there was no whole answer; neither ever holds the token.
  std::string what_happened;  // in the gateway's own words, for callers: "no answer came within 60 s"
  std::string trouble;        // the library's words, for the log
  absl::Time start_time;
  absl::Time end_time;
};

// Thread-safe. Never sends a request twice, follows no redirect, and keeps no cookie: a receipt hangs on it.
class Transport {
 public:
  virtual ~Transport() = default;

  // Sends `request` once. `done` is called exactly once, on the transport's own thread, and must not block
  // nor destroy the transport; it may call Send().
  virtual void Send(HttpRequest request, absl::AnyInvocable<void(HttpResult) &&> done) = 0;

  // Calls `work` once on the same thread, for answers that need no request: so that callbacks always come
  // from there, and never from inside the call that asked.
  virtual void Call(absl::AnyInvocable<void() &&> work) = 0;
};

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_TRANSPORT_H_
