#include "client/client_impl.h"

// The calls of ReceiptService.
namespace kasa::client {

absl::StatusOr<v1::GetReceiptResponse> Client::GetReceipt(const v1::GetReceiptRequest& request,
                                                          const CallOptions& options) const {
  return internal::Call(*impl_->receipts, &v1::ReceiptService::Stub::GetReceipt, request, options,
                        impl_->options.timeout);
}

absl::StatusOr<v1::ListReceiptsResponse> Client::ListReceipts(const v1::ListReceiptsRequest& request,
                                                              const CallOptions& options) const {
  return internal::Call(*impl_->receipts, &v1::ReceiptService::Stub::ListReceipts, request, options,
                        impl_->options.timeout);
}

absl::StatusOr<v1::GetTotalsResponse> Client::GetTotals(const v1::GetTotalsRequest& request,
                                                        const CallOptions& options) const {
  return internal::Call(*impl_->receipts, &v1::ReceiptService::Stub::GetTotals, request, options,
                        impl_->options.register_timeout);
}

absl::StatusOr<v1::SendReceiptResponse> Client::SendReceipt(const v1::SendReceiptRequest& request,
                                                            const CallOptions& options) const {
  return internal::Call(*impl_->receipts, &v1::ReceiptService::Stub::SendReceipt, request, options,
                        impl_->options.register_timeout);
}

absl::StatusOr<v1::ListReceiptSendingsResponse> Client::ListReceiptSendings(
    const v1::ListReceiptSendingsRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->receipts, &v1::ReceiptService::Stub::ListReceiptSendings, request, options,
                        impl_->options.timeout);
}

}  // namespace kasa::client
