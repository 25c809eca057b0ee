#ifndef KASA_SERVER_API_FISCALIZATION_HANDLERS_H_
#define KASA_SERVER_API_FISCALIZATION_HANDLERS_H_

#include "kasa/v1/fiscalization_service.pb.h"
#include "server/api/call_context.h"
#include "server/api/encode_receipt.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"
#include "server/store/store.h"

namespace kasa::api {

// The calls of FiscalizationService: decode, call, encode. Thread-safe; no call blocks. Reads of the store
// and the encoding of answers run on `executor`.
class FiscalizationHandlers {
 public:
  // Everything must outlive the handlers and the calls they have begun.
  FiscalizationHandlers(engine::Fiscalizer& fiscalizer, store::Store& store, engine::Executor& executor,
                        ReceiptPages pages);

  void FiscalizeSale(v1::FiscalizeSaleRequest request, CallContext call,
                     Done<v1::FiscalizeSaleResponse> done);
  void FiscalizePayment(v1::FiscalizePaymentRequest request, CallContext call,
                        Done<v1::FiscalizePaymentResponse> done);
  void FiscalizeReturn(v1::FiscalizeReturnRequest request, CallContext call,
                       Done<v1::FiscalizeReturnResponse> done);
  void GetFiscalization(v1::GetFiscalizationRequest request, CallContext call,
                        Done<v1::GetFiscalizationResponse> done);
  void ListFiscalizations(v1::ListFiscalizationsRequest request, CallContext call,
                          Done<v1::ListFiscalizationsResponse> done);
  void RetryFiscalization(v1::RetryFiscalizationRequest request, CallContext call,
                          Done<v1::RetryFiscalizationResponse> done);
  void CancelFiscalization(v1::CancelFiscalizationRequest request, CallContext call,
                           Done<v1::CancelFiscalizationResponse> done);
  void ResolveFiscalization(v1::ResolveFiscalizationRequest request, CallContext call,
                            Done<v1::ResolveFiscalizationResponse> done);
  void ListExchanges(v1::ListExchangesRequest request, CallContext call,
                     Done<v1::ListExchangesResponse> done);

 private:
  absl::StatusOr<v1::ListFiscalizationsResponse> ReadPage(const v1::ListFiscalizationsRequest& request);
  absl::StatusOr<v1::ListExchangesResponse> ReadExchanges(const v1::ListExchangesRequest& request);
  std::optional<domain::RegisterMode> ModeOf(const std::string& integration_id);

  engine::Fiscalizer& fiscalizer_;
  store::Store& store_;
  engine::Executor& executor_;
  const ReceiptPages pages_;
};

}  // namespace kasa::api

#endif  // KASA_SERVER_API_FISCALIZATION_HANDLERS_H_
