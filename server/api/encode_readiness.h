#ifndef KASA_SERVER_API_ENCODE_READINESS_H_
#define KASA_SERVER_API_ENCODE_READINESS_H_

#include "kasa/v1/readiness.pb.h"
#include "server/engine/integration_desk.h"

namespace kasa::api {

// The readiness list as the contract tells it. A pure function.
void EncodeReadiness(const engine::Readiness& readiness, v1::GetReadinessResponse* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_READINESS_H_
