#ifndef KASA_TOOLS_SIMULATOR_HTTP_SERVER_H_
#define KASA_TOOLS_SIMULATOR_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/simulator/cloud.h"

namespace kasa::simulator {

// HTTP/1.1 with keep-alive on one thread of its own, and the timers that go with it. It serves the Cloud, and
// under /simulator/ the admin calls, those from loopback addresses only.
//
// Start() and Stop() are called by one thread; After() by any.
class HttpServer final : public Scheduler {
 public:
  using AdminHandler = std::function<HttpReply(const HttpRequest&)>;

  HttpServer();
  ~HttpServer() override;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Listens on `host` (an address, or "localhost") and `port` (0: any free one) and starts the thread;
  // `cloud` outlives the server. UNAVAILABLE when the port is taken, INVALID_ARGUMENT for a bad address. May
  // be called again after Stop().
  absl::Status Start(const std::string& host, uint16_t port, Cloud& cloud, AdminHandler admin);

  // Cuts every connection, drops what waits, and joins the thread. Does nothing when it is not running.
  void Stop();

  // The port it listens on; 0 before the first Start().
  uint16_t port() const;

  // Runs `run` on the server's thread. What is still waiting at Stop() never runs.
  void After(absl::Duration delay, std::function<void()> run) override;

 private:
  struct Running;
  mutable std::mutex mutex_;  // guards running_ against After() while it changes
  std::unique_ptr<Running> running_;
  uint16_t port_ = 0;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_HTTP_SERVER_H_
