#ifndef KASA_SERVER_API_ENCODE_RECEIPT_H_
#define KASA_SERVER_API_ENCODE_RECEIPT_H_

#include <string>

#include "common/kyiv_time.h"
#include "kasa/v1/document.pb.h"
#include "kasa/v1/receipt.pb.h"
#include "kasa/v1/register.pb.h"
#include "server/domain/fiscalization.h"

// Receipts as the contract tells them. Pure functions.
namespace kasa::api {

// What telling a receipt needs besides the receipt. Immutable; copied freely.
struct ReceiptPages {
  KyivTime kyiv;
  // A receipt's public page is this, "/" and its fiscal number: "https://kasa.vchasno.ua/check-viewer".
  std::string viewer_url;
};

v1::RegisterMode EncodeMode(domain::RegisterMode mode);
v1::DocumentKind EncodeKind(domain::DocumentKind kind);
void EncodeKey(const domain::DocumentKey& key, v1::DocumentKey* out);

// A receipt's public page at Vchasno.Kasa.
std::string ViewUrlOf(const domain::Receipt& receipt, const ReceiptPages& pages);

// Its page at the tax service, as far as it is known; else empty.
std::string StsUrlOf(const domain::Receipt& receipt);

// The receipt of a fiscalization that has one.
void EncodeReceipt(const domain::Fiscalization& fiscalization, const ReceiptPages& pages, v1::Receipt* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_RECEIPT_H_
