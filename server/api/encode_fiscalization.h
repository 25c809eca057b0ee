#ifndef KASA_SERVER_API_ENCODE_FISCALIZATION_H_
#define KASA_SERVER_API_ENCODE_FISCALIZATION_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "kasa/v1/fiscalization.pb.h"
#include "kasa/v1/fiscalization_service.pb.h"
#include "server/api/encode_receipt.h"
#include "server/domain/fiscalization.h"
#include "server/engine/fiscalizer.h"

// Fiscalizations as the contract tells them. Pure functions.
namespace kasa::api {

std::string EncodeEtag(int64_t revision);

// All but draft.request_json.
void EncodeFiscalization(const domain::Fiscalization& fiscalization, const ReceiptPages& pages,
                         v1::Fiscalization* out);

// The figures of a priced receipt.
void EncodeDraft(const domain::PricedReceipt& receipt, v1::ReceiptDraft* out);

// `mode` is that of the register chosen, where it is known. With validate_only the violations are part of the
// answer; without, they are not OK (DOCUMENT_INVALID), and this must not be called.
void EncodeSaleOutcome(const engine::FiscalizeOutcome& outcome, std::optional<domain::RegisterMode> mode,
                       const ReceiptPages& pages, v1::FiscalizeSaleResponse* out);
void EncodeReturnOutcome(const engine::FiscalizeOutcome& outcome, std::optional<domain::RegisterMode> mode,
                         const ReceiptPages& pages, v1::FiscalizeReturnResponse* out);

void EncodePaymentOutcome(const engine::FiscalizeOutcome& outcome, std::optional<domain::RegisterMode> mode,
                          const ReceiptPages& pages, v1::FiscalizePaymentResponse* out);

// Nothing for UNSPECIFIED and for values that the contract does not have.
std::optional<domain::State> DecodeState(v1::FiscalizationState state);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_FISCALIZATION_H_
