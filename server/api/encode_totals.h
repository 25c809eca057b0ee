#ifndef KASA_SERVER_API_ENCODE_TOTALS_H_
#define KASA_SERVER_API_ENCODE_TOTALS_H_

#include "kasa/v1/receipt_service.pb.h"
#include "server/engine/receipt_desk.h"

namespace kasa::api {

// Totals as the contract tells them, groups and types by rising number. Pure.
void EncodeTotalsOutcome(const engine::TotalsOutcome& outcome, v1::GetTotalsResponse* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_TOTALS_H_
