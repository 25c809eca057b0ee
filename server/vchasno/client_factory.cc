#include "server/vchasno/client_factory.h"

#include <utility>

#include "server/vchasno/base_url.h"
#include "server/vchasno/logging_client.h"
#include "server/vchasno/metrics_client.h"
#include "server/vchasno/rest_client.h"

namespace kasa::vchasno {

absl::StatusOr<std::unique_ptr<Client>> MakeClient(const ClientOptions& options, const KyivTime& kyiv,
                                                   const ClientSurroundings& surroundings) {
  absl::StatusOr<std::string> base_url = CheckBaseUrl(options.base_url, options.allow_plaintext);
  if (!base_url.ok()) return base_url.status();
  auto transport = CurlTransport::Create(options.transport, surroundings.clock);
  if (!transport.ok()) return transport.status();
  std::unique_ptr<Client> client =
      std::make_unique<RestClient>(*std::move(transport), *std::move(base_url), kyiv, surroundings.clock);
  client = std::make_unique<LoggingClient>(std::move(client), surroundings.logger);
  return std::make_unique<MetricsClient>(std::move(client), surroundings.metrics, surroundings.clock);
}

}  // namespace kasa::vchasno
