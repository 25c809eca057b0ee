#include "kasa/client/client.h"

#include <grpcpp/channel.h>

#include <utility>

#include "client/channel.h"
#include "client/client_impl.h"
#include "client/deadlines.h"
#include "client/until_known.h"

namespace kasa::client {

absl::StatusOr<Client> Client::Connect(const std::string& target, const ChannelOptions& channel,
                                       ClientOptions options) {
  auto made = internal::MakeChannel(target, channel);
  if (!made.ok()) return made.status();
  return Client(*std::move(made), std::move(options));
}

Client::Client(std::shared_ptr<grpc::ChannelInterface> channel, ClientOptions options)
    : impl_(std::make_unique<Impl>(v1::FiscalizationService::NewStub(channel),
                                   v1::IntegrationService::NewStub(channel),
                                   v1::ReceiptService::NewStub(channel), std::move(options))) {
  if (!impl_->options.time) impl_->options.time = std::make_shared<SystemTimeSource>();
}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

absl::StatusOr<v1::FiscalizeSaleResponse> Client::FiscalizeSaleUntilKnown(
    const v1::FiscalizeSaleRequest& request, absl::Duration give_up_after) const {
  const internal::SaleCalls calls{
      .fiscalize = [this](const v1::FiscalizeSaleRequest& sale,
                          absl::Duration timeout) { return FiscalizeSale(sale, {.timeout = timeout}); },
      .look = [this](const v1::GetFiscalizationRequest& look,
                     absl::Duration timeout) { return GetFiscalization(look, {.timeout = timeout}); },
  };
  return internal::FiscalizeUntilKnown(request, give_up_after, impl_->options, *impl_->options.time, calls);
}

}  // namespace kasa::client
