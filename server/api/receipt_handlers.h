#ifndef KASA_SERVER_API_RECEIPT_HANDLERS_H_
#define KASA_SERVER_API_RECEIPT_HANDLERS_H_

#include "absl/status/statusor.h"
#include "kasa/v1/receipt_service.pb.h"
#include "server/api/call_context.h"
#include "server/api/decode_document.h"
#include "server/api/encode_receipt.h"
#include "server/engine/executor.h"
#include "server/engine/receipt_desk.h"
#include "server/store/store.h"

namespace kasa::api {

// The calls of ReceiptService: decode, read or have done, encode. Thread-safe; no call blocks: reads run on
// `executor`.
class ReceiptHandlers {
 public:
  // Everything must outlive the handlers and the calls they have begun.
  ReceiptHandlers(engine::ReceiptDesk& desk, store::Store& store, engine::Executor& executor,
                  ReceiptPages pages);

  // receipt_handlers.cc
  void GetReceipt(v1::GetReceiptRequest request, CallContext call, Done<v1::GetReceiptResponse> done);
  void GetTotals(v1::GetTotalsRequest request, CallContext call, Done<v1::GetTotalsResponse> done);
  void SendReceipt(v1::SendReceiptRequest request, CallContext call, Done<v1::SendReceiptResponse> done);

  // receipt_lists.cc
  void ListReceipts(v1::ListReceiptsRequest request, CallContext call, Done<v1::ListReceiptsResponse> done);
  void ListReceiptSendings(v1::ListReceiptSendingsRequest request, CallContext call,
                           Done<v1::ListReceiptSendingsResponse> done);

 private:
  // The fiscalization whose receipt is asked for, which has one.
  absl::StatusOr<domain::Fiscalization> FindReceipt(const v1::GetReceiptRequest& request);
  absl::StatusOr<domain::Fiscalization> Find(const v1::GetReceiptRequest& request);
  absl::StatusOr<domain::Fiscalization> FindByDocument(const AskedKey& asked);
  v1::GetReceiptResponse Encode(const domain::Fiscalization& fiscalization, v1::ReceiptView view) const;

  absl::StatusOr<v1::ListReceiptsResponse> ReadReceipts(const v1::ListReceiptsRequest& request);
  absl::StatusOr<v1::ListReceiptSendingsResponse> ReadSendings(const v1::ListReceiptSendingsRequest& request);

  engine::ReceiptDesk& desk_;
  store::Store& store_;
  engine::Executor& executor_;
  const ReceiptPages pages_;
};

}  // namespace kasa::api

#endif  // KASA_SERVER_API_RECEIPT_HANDLERS_H_
