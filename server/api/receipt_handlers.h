#ifndef KASA_SERVER_API_RECEIPT_HANDLERS_H_
#define KASA_SERVER_API_RECEIPT_HANDLERS_H_

#include "absl/status/statusor.h"
#include "kasa/v1/receipt_service.pb.h"
#include "server/api/call_context.h"
#include "server/api/decode_document.h"
#include "server/api/encode_receipt.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

namespace kasa::api {

// The calls of ReceiptService: decode, read, encode. Thread-safe; no call blocks: reads run on `executor`.
class ReceiptHandlers {
 public:
  // Everything must outlive the handlers and the calls they have begun.
  ReceiptHandlers(store::Store& store, engine::Executor& executor, ReceiptPages pages);

  void GetReceipt(v1::GetReceiptRequest request, CallContext call, Done<v1::GetReceiptResponse> done);

 private:
  absl::StatusOr<v1::GetReceiptResponse> Read(const v1::GetReceiptRequest& request);
  absl::StatusOr<domain::Fiscalization> Find(const v1::GetReceiptRequest& request);
  absl::StatusOr<domain::Fiscalization> FindByDocument(const AskedKey& asked);

  store::Store& store_;
  engine::Executor& executor_;
  const ReceiptPages pages_;
};

}  // namespace kasa::api

#endif  // KASA_SERVER_API_RECEIPT_HANDLERS_H_
