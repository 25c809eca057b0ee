#ifndef KASA_CLIENT_CLIENT_IMPL_H_
#define KASA_CLIENT_CLIENT_IMPL_H_

#include <grpcpp/client_context.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "client/status.h"
#include "kasa/client/client.h"
#include "kasa/v1/fiscalization_service.grpc.pb.h"
#include "kasa/v1/integration_service.grpc.pb.h"
#include "kasa/v1/receipt_service.grpc.pb.h"

// What the sources of Client share, one source a service. Internal to the library.
namespace kasa::client {

struct Client::Impl {
  std::unique_ptr<v1::FiscalizationService::Stub> fiscalizations;
  std::unique_ptr<v1::IntegrationService::Stub> integrations;
  std::unique_ptr<v1::ReceiptService::Stub> receipts;
  ClientOptions options;
};

namespace internal {

template <typename Service, typename Request, typename Response>
using Method = grpc::Status (Service::*)(grpc::ClientContext*, const Request&, Response*);

inline void SetUp(grpc::ClientContext& context, const CallOptions& options, absl::Duration default_timeout) {
  const absl::Duration timeout = options.timeout.value_or(default_timeout);
  if (timeout != absl::InfiniteDuration()) context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  context.set_wait_for_ready(options.wait_for_ready);
}

template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> Call(Service& service, Method<Service, Request, Response> method,
                              const Request& request, const CallOptions& options,
                              absl::Duration default_timeout) {
  grpc::ClientContext context;
  SetUp(context, options, default_timeout);
  Response response;
  const grpc::Status status = (service.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

}  // namespace internal
}  // namespace kasa::client

#endif  // KASA_CLIENT_CLIENT_IMPL_H_
