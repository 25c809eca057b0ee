#ifndef KASA_SERVER_API_ENCODE_EXCHANGE_H_
#define KASA_SERVER_API_ENCODE_EXCHANGE_H_

#include "kasa/v1/exchange.pb.h"
#include "server/store/exchange.h"

namespace kasa::api {

// One request and its answer as the contract tells them: contacts are masked in both. A pure function.
void EncodeExchange(const store::Exchange& exchange, v1::Exchange* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_EXCHANGE_H_
