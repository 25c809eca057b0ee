#include "server/server_limits.h"

#include <grpcpp/resource_quota.h>

namespace kasa {
namespace {

// gRPC's own threads, which serve reflection alone: calls run on its event engine.
constexpr int kServerThreads = 16;

}  // namespace

void SetServerLimits(grpc::ServerBuilder& builder, size_t max_message_bytes) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(max_message_bytes));
  grpc::ResourceQuota quota("kasa-gateway");
  quota.Resize(kServerMemoryBytes);
  quota.SetMaxThreads(kServerThreads);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsAConnection);
  // Finds clients that are gone without a word, and lets clients do the same while they wait.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Only reflection is served by threads of gRPC's own.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
}

}  // namespace kasa
