#include "server/api/bound_service.h"

#include "absl/time/time.h"

namespace kasa::api {

grpc::ServerWriteReactor<grpc::ByteBuffer>* RefusedStream::Begin(const std::string& method, CallLog& log) {
  auto stream = std::make_unique<RefusedStream>();
  RefusedStream* const reactor = stream.get();
  reactor->self_ = std::move(stream);
  const google::rpc::Status wire = ToRpcStatus(NotInThisVersion(method));
  log({.method = method,
       .code = absl::StatusCode::kUnimplemented,
       .reason = ReasonNameOf(wire),
       .duration = absl::ZeroDuration()});
  reactor->Finish(
      grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString()));
  return reactor;
}

}  // namespace kasa::api
