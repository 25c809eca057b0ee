#ifndef KASA_SERVER_GATEWAY_H_
#define KASA_SERVER_GATEWAY_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "common/metrics.h"
#include "server/domain/tag.h"
#include "server/engine/settings.h"
#include "server/listen_address.h"
#include "server/store/store.h"
#include "server/vchasno/client_factory.h"

namespace kasa {

// How many of its threads read the store: with as many connections none waits for another, and so no list
// keeps a lane from its head.
inline constexpr int kReadingThreads = 8;

struct GatewayOptions {
  ListenAddress listen;
  std::optional<ListenAddress>
      metrics_listen;      // where machines read metrics and health over HTTP; nothing: nowhere
  std::string viewer_url;  // see api::ReceiptPages
  size_t max_message_bytes = size_t{4} << 20;
  std::string store_mark_file;  // see store_mark.h; empty: the store is ours, and no mark is kept
  engine::Settings settings;
  vchasno::ClientOptions client;
};

// The whole gateway, running: store, client, engine and gRPC server put together. Not thread-safe: one thread
// starts and stops it.
class Gateway {
 public:
  // Takes up what the store has open and serves. `metrics` is what the store counts in; it, `clock` and
  // `logger` outlive the gateway. INVALID_ARGUMENT for options that make no sense; UNAVAILABLE when it can't
  // listen, for example because the port is taken.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(GatewayOptions options,
                                                        std::unique_ptr<store::Store> store,
                                                        const domain::InstallationId& installation,
                                                        const KyivTime& kyiv, const Clock& clock,
                                                        Logger& logger, Metrics& metrics);

  // Stops at once, without waiting for what is in flight: that stays marked.
  ~Gateway();

  // The port it listens on.
  int port() const;
  // The port that metrics are served on; 0: they are not.
  int metrics_port() const;

  // Takes no new work, says so to the health service, lets what is in flight finish for `at_most`, answers
  // who waits with the state so far, and stops serving. True when nothing stayed in flight.
  bool Drain(absl::Duration at_most);

 private:
  class Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kasa

#endif  // KASA_SERVER_GATEWAY_H_
