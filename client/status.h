#ifndef KASA_CLIENT_STATUS_H_
#define KASA_CLIENT_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace grpc {
class Status;
}

// How a call's end is carried in an absl::Status. Internal to the library.
namespace kasa::client::internal {

// The payload that keeps google.rpc.Status as it came, for ErrorFrom().
inline constexpr absl::string_view kStatusDetailsUrl = "type.googleapis.com/google.rpc.Status";

// A code that is none of gRPC's becomes UNKNOWN.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace kasa::client::internal

#endif  // KASA_CLIENT_STATUS_H_
