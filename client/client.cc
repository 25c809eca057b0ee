#include "kasa/client/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "client/channel.h"
#include "client/deadlines.h"
#include "client/status.h"
#include "client/until_known.h"
#include "kasa/v1/fiscalization_service.grpc.pb.h"
#include "kasa/v1/integration_service.grpc.pb.h"
#include "kasa/v1/receipt_service.grpc.pb.h"

namespace kasa::client {

struct Client::Impl {
  std::unique_ptr<v1::FiscalizationService::Stub> fiscalizations;
  std::unique_ptr<v1::IntegrationService::Stub> integrations;
  std::unique_ptr<v1::ReceiptService::Stub> receipts;
  ClientOptions options;
};

namespace {

template <typename Service, typename Request, typename Response>
using Method = grpc::Status (Service::*)(grpc::ClientContext*, const Request&, Response*);

template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> Call(Service& service, Method<Service, Request, Response> method,
                              const Request& request, const CallOptions& options,
                              absl::Duration default_timeout) {
  grpc::ClientContext context;
  const absl::Duration timeout = options.timeout.value_or(default_timeout);
  if (timeout != absl::InfiniteDuration()) context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  context.set_wait_for_ready(options.wait_for_ready);
  Response response;
  const grpc::Status status = (service.*method)(&context, request, &response);
  if (!status.ok()) return internal::FromGrpc(status);
  return response;
}

}  // namespace

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

absl::StatusOr<v1::FiscalizeSaleResponse> Client::FiscalizeSale(const v1::FiscalizeSaleRequest& request,
                                                                const CallOptions& options) const {
  return Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::FiscalizeSale, request, options,
              internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::GetFiscalizationResponse> Client::GetFiscalization(
    const v1::GetFiscalizationRequest& request, const CallOptions& options) const {
  return Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::GetFiscalization, request, options,
              internal::WaitOf(request, absl::ZeroDuration()) + impl_->options.margin);
}

absl::StatusOr<v1::ListFiscalizationsResponse> Client::ListFiscalizations(
    const v1::ListFiscalizationsRequest& request, const CallOptions& options) const {
  return Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ListFiscalizations, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::RetryFiscalizationResponse> Client::RetryFiscalization(
    const v1::RetryFiscalizationRequest& request, const CallOptions& options) const {
  return Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::RetryFiscalization, request, options,
              internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::CancelFiscalizationResponse> Client::CancelFiscalization(
    const v1::CancelFiscalizationRequest& request, const CallOptions& options) const {
  return Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::CancelFiscalization, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::ResolveFiscalizationResponse> Client::ResolveFiscalization(
    const v1::ResolveFiscalizationRequest& request, const CallOptions& options) const {
  return Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ResolveFiscalization, request, options,
              impl_->options.register_timeout);
}

absl::StatusOr<v1::ListExchangesResponse> Client::ListExchanges(const v1::ListExchangesRequest& request,
                                                                const CallOptions& options) const {
  return Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ListExchanges, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::CreateIntegrationResponse> Client::CreateIntegration(
    const v1::CreateIntegrationRequest& request, const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::CreateIntegration, request, options,
              impl_->options.register_timeout);
}

absl::StatusOr<v1::GetIntegrationResponse> Client::GetIntegration(const v1::GetIntegrationRequest& request,
                                                                  const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::GetIntegration, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::ListIntegrationsResponse> Client::ListIntegrations(
    const v1::ListIntegrationsRequest& request, const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::ListIntegrations, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::UpdateIntegrationResponse> Client::UpdateIntegration(
    const v1::UpdateIntegrationRequest& request, const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::UpdateIntegration, request, options,
              impl_->options.register_timeout);
}

absl::StatusOr<v1::DeleteIntegrationResponse> Client::DeleteIntegration(
    const v1::DeleteIntegrationRequest& request, const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::DeleteIntegration, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::SetTokenResponse> Client::SetToken(const v1::SetTokenRequest& request,
                                                      const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::SetToken, request, options,
              impl_->options.register_timeout);
}

absl::StatusOr<v1::CheckConnectionResponse> Client::CheckConnection(const v1::CheckConnectionRequest& request,
                                                                    const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::CheckConnection, request, options,
              impl_->options.register_timeout);
}

absl::StatusOr<v1::GetMappingResponse> Client::GetMapping(const v1::GetMappingRequest& request,
                                                          const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::GetMapping, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::UpdateMappingResponse> Client::UpdateMapping(const v1::UpdateMappingRequest& request,
                                                                const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::UpdateMapping, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::GetCatalogueResponse> Client::GetCatalogue(const v1::GetCatalogueRequest& request,
                                                              const CallOptions& options) const {
  return Call(*impl_->integrations, &v1::IntegrationService::Stub::GetCatalogue, request, options,
              impl_->options.timeout);
}

absl::StatusOr<v1::GetReceiptResponse> Client::GetReceipt(const v1::GetReceiptRequest& request,
                                                          const CallOptions& options) const {
  return Call(*impl_->receipts, &v1::ReceiptService::Stub::GetReceipt, request, options,
              impl_->options.timeout);
}

}  // namespace kasa::client
