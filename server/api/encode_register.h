#ifndef KASA_SERVER_API_ENCODE_REGISTER_H_
#define KASA_SERVER_API_ENCODE_REGISTER_H_

#include <optional>

#include "absl/time/time.h"
#include "kasa/v1/connection.pb.h"
#include "kasa/v1/register.pb.h"
#include "server/domain/register_status.h"
#include "server/engine/integration_desk.h"
#include "server/engine/lane_view.h"

// Registers, their lanes and connections as the contract tells them. Pure functions.
namespace kasa::api {

// `seen` is when the gateway received it.
void EncodeStatus(const domain::RegisterStatus& status, std::optional<absl::Time> seen,
                  v1::RegisterStatus* out);

void EncodeLane(const engine::LaneView& lane, v1::Lane* out);

// All but the lane. `now` is when the check was made.
void EncodeConnection(const engine::ConnectionReport& report, absl::Time now,
                      v1::CheckConnectionResponse* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_ENCODE_REGISTER_H_
