#ifndef KASA_SERVER_VCHASNO_CLIENT_FACTORY_H_
#define KASA_SERVER_VCHASNO_CLIENT_FACTORY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "common/metrics.h"
#include "server/vchasno/client.h"
#include "server/vchasno/curl_transport.h"

namespace kasa::vchasno {

struct ClientOptions {
  std::string base_url = "https://kasa.vchasno.ua";
  // Allows http to hosts other than loopback: tokens then cross the network for all to read.
  bool allow_plaintext = false;
  TransportOptions transport;
};

// What a client needs around it. All outlive the client.
struct ClientSurroundings {
  const Clock& clock;
  Logger& logger;
  Metrics& metrics;
};

// The client as the gateway uses it: metrics around logging around REST over libcurl. INVALID_ARGUMENT for
// options that make no sense. Destroying it ends what is in flight: every callback is called first.
absl::StatusOr<std::unique_ptr<Client>> MakeClient(const ClientOptions& options, const KyivTime& kyiv,
                                                   const ClientSurroundings& surroundings);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_CLIENT_FACTORY_H_
