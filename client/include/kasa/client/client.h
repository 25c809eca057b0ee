#ifndef KASA_CLIENT_CLIENT_H_
#define KASA_CLIENT_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kasa/client/error.h"
#include "kasa/client/options.h"
#include "kasa/v1/fiscalization_service.pb.h"
#include "kasa/v1/integration_service.pb.h"
#include "kasa/v1/receipt_service.pb.h"

namespace grpc {
class ChannelInterface;
}

namespace kasa::client {

// Calls of a Kasa Gateway: one method for each call of the contract (proto/kasa/v1). What a call means, and
// how it can end, stands with it there.
//
// Each method blocks until the answer is there, at most as long as its time-out. Safe for concurrent use; one
// Client is enough for a process. It may be moved, not while in use; a Client that was moved from can only be
// destroyed or assigned to.
//
// Errors are statuses whose codes are those of the contract; ErrorFrom() reads the rest out of them, above
// all whether the call stored anything (Error::stored_nothing). For example:
//
//   absl::StatusOr<Client> client = Client::Connect("127.0.0.1:50051");
//   ...
//   absl::StatusOr<kasa::v1::FiscalizeSaleResponse> sale =
//       client->FiscalizeSaleUntilKnown(request, absl::Minutes(2));
//   if (!sale.ok()) {
//     const Error error = *ErrorFrom(sale.status());
//     if (!error.stored_nothing()) ...  // not known: send the same document again later
//     for (const Violation& violation : error.violations) ...
//   }
class Client {
 public:
  // A client of the gateway at `target`, for example "127.0.0.1:50051" or "unix:/run/kasa.sock". Connects
  // when first used, and again whenever the connection is lost. INVALID_ARGUMENT when the target is not on
  // this machine: in this version the connection is not encrypted.
  static absl::StatusOr<Client> Connect(const std::string& target, const ChannelOptions& channel = {},
                                        ClientOptions options = {});

  // A client over a channel of your own, for example one of a server in the same process.
  explicit Client(std::shared_ptr<grpc::ChannelInterface> channel, ClientOptions options = {});

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // --- FiscalizationService ---

  absl::StatusOr<v1::FiscalizeSaleResponse> FiscalizeSale(const v1::FiscalizeSaleRequest& request,
                                                          const CallOptions& options = {}) const;

  // FiscalizeSale, again and again until the outcome is known or `give_up_after` is over. Safe, because the
  // gateway keeps one fiscalization a document: repeated are calls whose outcome is not known (a lost
  // connection, a time-out, a gateway that restarts), those that the gateway asks to repeat later (it is
  // obeyed as to when), and those answered with a state that is not settled yet. The request's max_wait is
  // not used. Returns
  //   OK         settled (FISCALIZED, FAILED, CANCELLED); or, when it was accepted and the time is over, the
  //              state as it was last heard;
  //   an error   with ErrorInfo: refused, and nothing was stored by any try;
  //              without: not known. The same request may be given again, in another process too.
  // INVALID_ARGUMENT with validate_only, or when give_up_after is not more than 0.
  absl::StatusOr<v1::FiscalizeSaleResponse> FiscalizeSaleUntilKnown(const v1::FiscalizeSaleRequest& request,
                                                                    absl::Duration give_up_after) const;

  absl::StatusOr<v1::FiscalizeReturnResponse> FiscalizeReturn(const v1::FiscalizeReturnRequest& request,
                                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::FiscalizePaymentResponse> FiscalizePayment(const v1::FiscalizePaymentRequest& request,
                                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetFiscalizationResponse> GetFiscalization(const v1::GetFiscalizationRequest& request,
                                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListFiscalizationsResponse> ListFiscalizations(
      const v1::ListFiscalizationsRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::RetryFiscalizationResponse> RetryFiscalization(
      const v1::RetryFiscalizationRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::CancelFiscalizationResponse> CancelFiscalization(
      const v1::CancelFiscalizationRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ResolveFiscalizationResponse> ResolveFiscalization(
      const v1::ResolveFiscalizationRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ReportOrderResponse> ReportOrder(const v1::ReportOrderRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ReportDeliveryResponse> ReportDelivery(const v1::ReportDeliveryRequest& request,
                                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListExchangesResponse> ListExchanges(const v1::ListExchangesRequest& request,
                                                          const CallOptions& options = {}) const;

  // Hands every change of state to `on_message`, each once and in order, and a heartbeat now and then; blocks
  // until it returns false (then OK), or the stream ends (then the error: UNAVAILABLE when the gateway stops,
  // OUT_OF_RANGE when the cursor is older than the history). Go on with the cursor of the last message.
  // Without a time-out of its own it goes on for ever.
  absl::Status WatchFiscalizations(
      const v1::WatchFiscalizationsRequest& request,
      const std::function<bool(const v1::WatchFiscalizationsResponse&)>& on_message,
      const CallOptions& options = {}) const;

  // --- IntegrationService ---

  absl::StatusOr<v1::CreateIntegrationResponse> CreateIntegration(const v1::CreateIntegrationRequest& request,
                                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetIntegrationResponse> GetIntegration(const v1::GetIntegrationRequest& request,
                                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListIntegrationsResponse> ListIntegrations(const v1::ListIntegrationsRequest& request,
                                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::UpdateIntegrationResponse> UpdateIntegration(const v1::UpdateIntegrationRequest& request,
                                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::DeleteIntegrationResponse> DeleteIntegration(const v1::DeleteIntegrationRequest& request,
                                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::SetTokenResponse> SetToken(const v1::SetTokenRequest& request,
                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::CheckConnectionResponse> CheckConnection(const v1::CheckConnectionRequest& request,
                                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetMappingResponse> GetMapping(const v1::GetMappingRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::UpdateMappingResponse> UpdateMapping(const v1::UpdateMappingRequest& request,
                                                          const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetMappingCoverageResponse> GetMappingCoverage(
      const v1::GetMappingCoverageRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetCatalogueResponse> GetCatalogue(const v1::GetCatalogueRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetReadinessResponse> GetReadiness(const v1::GetReadinessRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::ProveTagMemoryResponse> ProveTagMemory(const v1::ProveTagMemoryRequest& request,
                                                            const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListAttentionResponse> ListAttention(const v1::ListAttentionRequest& request,
                                                          const CallOptions& options = {}) const;
  absl::StatusOr<v1::AdoptStoreResponse> AdoptStore(const v1::AdoptStoreRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::CreateAutomationRuleResponse> CreateAutomationRule(
      const v1::CreateAutomationRuleRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetAutomationRuleResponse> GetAutomationRule(const v1::GetAutomationRuleRequest& request,
                                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListAutomationRulesResponse> ListAutomationRules(
      const v1::ListAutomationRulesRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::UpdateAutomationRuleResponse> UpdateAutomationRule(
      const v1::UpdateAutomationRuleRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::DeleteAutomationRuleResponse> DeleteAutomationRule(
      const v1::DeleteAutomationRuleRequest& request, const CallOptions& options = {}) const;

  // --- ReceiptService ---

  absl::StatusOr<v1::GetReceiptResponse> GetReceipt(const v1::GetReceiptRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListReceiptsResponse> ListReceipts(const v1::ListReceiptsRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetTotalsResponse> GetTotals(const v1::GetTotalsRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::SendReceiptResponse> SendReceipt(const v1::SendReceiptRequest& request,
                                                      const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListReceiptSendingsResponse> ListReceiptSendings(
      const v1::ListReceiptSendingsRequest& request, const CallOptions& options = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kasa::client

#endif  // KASA_CLIENT_CLIENT_H_
