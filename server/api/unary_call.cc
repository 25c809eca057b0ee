#include "server/api/unary_call.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/server_context.h>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/api/errors.h"

namespace kasa::api {

std::shared_ptr<UnaryCall> UnaryCall::Begin(const std::string& method, CallLog& log,
                                            grpc::ByteBuffer* response) {
  std::shared_ptr<UnaryCall> call(new UnaryCall(method, log, response));  // the constructor is private
  call->self_ = call;
  return call;
}

UnaryCall::UnaryCall(const std::string& method, CallLog& log, grpc::ByteBuffer* response)
    : method_(method), log_(log), response_(response), begin_(std::chrono::steady_clock::now()) {}

void UnaryCall::Succeed(const google::protobuf::MessageLite& response) {
  if (!TakeFinish()) return;
  bool own_buffer = false;
  const grpc::Status serialized =
      grpc::SerializationTraits<google::protobuf::MessageLite>::Serialize(response, response_, &own_buffer);
  if (!serialized.ok()) return FinishWith(absl::UnknownError("the answer could not be serialized"));
  Log(nullptr);
  Finish(grpc::Status::OK);
}

void UnaryCall::Fail(const absl::Status& status) {
  if (TakeFinish()) FinishWith(status);
}

void UnaryCall::Abandon() {
  if (!TakeFinish()) return;
  FinishWith(absl::CancelledError("the gateway stops; what became of the call is not known here: ask again"));
}

void UnaryCall::OnCancel() {
  // Nobody reads this answer. What the call set going goes on; its reactor need not wait for it.
  if (TakeFinish()) FinishWith(absl::CancelledError("the caller went away"));
}

void UnaryCall::OnDone() {
  const std::shared_ptr<UnaryCall> last = std::move(self_);
}

void UnaryCall::FinishWith(const absl::Status& status) {
  const google::rpc::Status wire = ToRpcStatus(status);
  Log(&wire);
  Finish(grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString()));
}

void UnaryCall::Log(const google::rpc::Status* error) {
  CallRecord record{.method = method_,
                    .duration = absl::FromChrono(std::chrono::steady_clock::now() - begin_)};
  if (error != nullptr) {
    record.code = static_cast<absl::StatusCode>(error->code());
    record.reason = ReasonNameOf(*error);
  }
  log_(record);
}

bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message) {
  grpc::ByteBuffer readable = bytes;  // shares the slices; reading empties the buffer
  return grpc::SerializationTraits<google::protobuf::MessageLite>::Deserialize(&readable, &message).ok();
}

absl::Status NoMessage(const std::string& type) {
  return ReasonedError(
      absl::StatusCode::kInvalidArgument, Reason::kRequestInvalid,
      absl::StrCat("the request is no ", type, ": it is broken, or a text in it is no UTF-8"));
}

CallContext ContextOf(const grpc::CallbackServerContext& context) {
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return {};
  return {.answer_within = AnswerWithin(absl::FromChrono(deadline - std::chrono::system_clock::now()))};
}

}  // namespace kasa::api
