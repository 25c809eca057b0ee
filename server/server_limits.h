#ifndef KASA_SERVER_SERVER_LIMITS_H_
#define KASA_SERVER_SERVER_LIMITS_H_

#include <grpcpp/server_builder.h>

#include <cstddef>

namespace kasa {

// What gRPC holds for all connections together: requests that come in and answers that go out.
inline constexpr size_t kServerMemoryBytes = size_t{1} << 30;
// Calls of one connection at a time; more of them wait at the caller. A thousand watchers fit, and their
// calls.
inline constexpr int kCallsAConnection = 2000;

// What the server takes from its callers, and how it finds out that they are gone: docs/operations.md tells
// it.
void SetServerLimits(grpc::ServerBuilder& builder, size_t max_message_bytes);

}  // namespace kasa

#endif  // KASA_SERVER_SERVER_LIMITS_H_
