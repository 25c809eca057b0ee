#ifndef KASA_SERVER_API_ENCODE_SENDING_H_
#define KASA_SERVER_API_ENCODE_SENDING_H_

#include "kasa/v1/receipt.pb.h"
#include "server/domain/sending.h"

namespace kasa::api {

// A sending of a receipt as the contract tells it. Pure.
void EncodeSending(const domain::Sending& sending, v1::ReceiptSending* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_SENDING_H_
