#include "client/client_impl.h"
#include "client/deadlines.h"

// The calls of FiscalizationService.
namespace kasa::client {

absl::StatusOr<v1::FiscalizeSaleResponse> Client::FiscalizeSale(const v1::FiscalizeSaleRequest& request,
                                                                const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::FiscalizeSale, request,
                        options,
                        internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::FiscalizeReturnResponse> Client::FiscalizeReturn(const v1::FiscalizeReturnRequest& request,
                                                                    const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::FiscalizeReturn, request,
                        options,
                        internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::FiscalizePaymentResponse> Client::FiscalizePayment(
    const v1::FiscalizePaymentRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::FiscalizePayment, request,
                        options,
                        internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::GetFiscalizationResponse> Client::GetFiscalization(
    const v1::GetFiscalizationRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::GetFiscalization, request,
                        options, internal::WaitOf(request, absl::ZeroDuration()) + impl_->options.margin);
}

absl::StatusOr<v1::ListFiscalizationsResponse> Client::ListFiscalizations(
    const v1::ListFiscalizationsRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ListFiscalizations, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::RetryFiscalizationResponse> Client::RetryFiscalization(
    const v1::RetryFiscalizationRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::RetryFiscalization, request,
                        options,
                        internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::CancelFiscalizationResponse> Client::CancelFiscalization(
    const v1::CancelFiscalizationRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::CancelFiscalization, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::ResolveFiscalizationResponse> Client::ResolveFiscalization(
    const v1::ResolveFiscalizationRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ResolveFiscalization,
                        request, options, impl_->options.register_timeout);
}

absl::StatusOr<v1::ReportOrderResponse> Client::ReportOrder(const v1::ReportOrderRequest& request,
                                                            const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ReportOrder, request,
                        options,
                        internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::ReportDeliveryResponse> Client::ReportDelivery(const v1::ReportDeliveryRequest& request,
                                                                  const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ReportDelivery, request,
                        options,
                        internal::WaitOf(request, internal::kDefaultMaxWait) + impl_->options.margin);
}

absl::StatusOr<v1::ListExchangesResponse> Client::ListExchanges(const v1::ListExchangesRequest& request,
                                                                const CallOptions& options) const {
  return internal::Call(*impl_->fiscalizations, &v1::FiscalizationService::Stub::ListExchanges, request,
                        options, impl_->options.timeout);
}

absl::Status Client::WatchFiscalizations(
    const v1::WatchFiscalizationsRequest& request,
    const std::function<bool(const v1::WatchFiscalizationsResponse&)>& on_message,
    const CallOptions& options) const {
  grpc::ClientContext context;
  internal::SetUp(context, options, absl::InfiniteDuration());
  const auto stream = impl_->fiscalizations->WatchFiscalizations(&context, request);
  v1::WatchFiscalizationsResponse message;
  while (stream->Read(&message)) {
    if (on_message(message)) continue;
    context.TryCancel();
    while (stream->Read(&message)) {
    }
    // That it ends as cancelled was asked for.
    (void)stream->Finish();
    return absl::OkStatus();
  }
  return internal::FromGrpc(stream->Finish());
}

}  // namespace kasa::client
