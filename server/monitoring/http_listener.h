#ifndef KASA_SERVER_MONITORING_HTTP_LISTENER_H_
#define KASA_SERVER_MONITORING_HTTP_LISTENER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kasa::monitoring {

struct HttpAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Makes the answer for one page, now or later, and hands it to `done` on any thread. Called on the listener's
// thread; must not block. `done` may outlive the listener: it then does nothing.
using HttpPage = std::function<void(absl::AnyInvocable<void(HttpAnswer) &&> done)>;

// Serves a few fixed pages over HTTP/1.1, to whatever connects: one request a connection, on one thread of
// its own, everything bounded. GET and HEAD only; a query is not looked at.
//
// What a hostile client can do: have pages made one after the other, and nothing else. A request that is not
// whole within the time limit, or larger than the size limit, ends its connection; when there are too many
// connections, the one that has owed its request the longest is cut for the newcomer.
class HttpListener {
 public:
  struct Limits {
    size_t connections = 32;
    uint32_t header_bytes = 8192;               // request line and header fields together
    absl::Duration request = absl::Seconds(5);  // from the connection to the end of the header
    absl::Duration answer = absl::Seconds(10);  // for the client to take the answer
    absl::Duration close = absl::Seconds(1);    // for the client to take note that it is over
  };

  // Listens on `host` (an address, in brackets if IPv6, or "localhost") and `port` (0: any free one) and
  // serves `pages` by their path. UNAVAILABLE when it can't listen; INVALID_ARGUMENT for what is no address.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(const std::string& host, int port,
                                                             std::map<std::string, HttpPage> pages,
                                                             const Limits& limits);
  // Cuts every connection and joins the thread.
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  int port() const { return port_; }

 private:
  class Loop;
  HttpListener(std::shared_ptr<Loop> loop, int port);

  const std::shared_ptr<Loop> loop_;
  const int port_;
};

}  // namespace kasa::monitoring

#endif  // KASA_SERVER_MONITORING_HTTP_LISTENER_H_
