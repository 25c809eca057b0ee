#ifndef KASA_SERVER_VCHASNO_CURL_TRANSPORT_H_
#define KASA_SERVER_VCHASNO_CURL_TRANSPORT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "server/vchasno/transport.h"

namespace kasa::vchasno {

struct TransportOptions {
  // From start to the last byte of the answer. The vendor holds a request while the tax service has trouble;
  // a shorter wait only makes doubt (vchasno-kasa-api.md, "Time and trouble").
  absl::Duration total_timeout = absl::Seconds(60);
  absl::Duration connect_timeout = absl::Seconds(10);  // name, connection and TLS together
  // A connection that was idle for longer is not used again: the server may have closed it, and what is sent
  // into a dying connection is in doubt. Whole seconds (rounded down); under one second: never used again.
  absl::Duration idle_age = absl::Seconds(10);
  size_t max_answer_bytes = size_t{1} << 20;  // a longer answer is no whole answer
  std::string ca_file;                        // PEM; empty: the system's certificates
};

// Transport over libcurl: one multi loop on one thread of its own, for any number of requests at once.
//
// HTTP/1.1 over https or http; TLS certificates are verified. libcurl repeats a request by itself when a
// connection that was kept alive dies under it; here it can't: a hook that libcurl calls before each start of
// sending stops the second one, and the body is read by a callback that can't be rewound (libcurl then fails
// with CURLE_SEND_FAIL_REWIND). Either way the first request left, so it ends as kRequestLeft. The same hook
// tells kNeverConnected apart: until it is called, nothing was sent.
//
// The destructor ends what is in flight (kRequestLeft, or kNeverConnected where nothing was sent), calls the
// callbacks, and joins the thread. It may wait for a name that is just being resolved.
class CurlTransport final : public Transport {
 public:
  // INVALID_ARGUMENT for options that make no sense; INTERNAL when libcurl can't start. `clock` outlives the
  // transport and stamps the results; time-outs are libcurl's own.
  static absl::StatusOr<std::unique_ptr<CurlTransport>> Create(const TransportOptions& options,
                                                               const Clock& clock);
  ~CurlTransport() override;

  void Send(HttpRequest request, absl::AnyInvocable<void(HttpResult) &&> done) override;
  void Call(absl::AnyInvocable<void() &&> work) override;

 private:
  class Loop;
  explicit CurlTransport(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
};

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_CURL_TRANSPORT_H_
