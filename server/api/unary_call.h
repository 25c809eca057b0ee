#ifndef KASA_SERVER_API_UNARY_CALL_H_
#define KASA_SERVER_API_UNARY_CALL_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"
#include "google/rpc/status.pb.h"
#include "server/api/call_context.h"
#include "server/api/call_log.h"
#include "server/api/list_sizes.h"

// One unary call on gRPC's callback API: from its bytes to its one answer.
//
// Requests and responses are bytes here, parsed by us, because gRPC answers a request that is no message of
// the contract (broken, or text that is no UTF-8) with UNIMPLEMENTED and without a word: ours is
// INVALID_ARGUMENT.
namespace kasa::api {

//   begun --Succeed()/Fail()/Abandon()/the client cancels, whichever is first--> finished --OnDone()--> gone
//
// It holds itself until OnDone(), and whoever is to answer holds it too: an answer that comes after a
// cancelled call is over touches no freed memory and does nothing. Thread-safe.
class UnaryCall final : public grpc::ServerUnaryReactor, public std::enable_shared_from_this<UnaryCall> {
 public:
  // `method` and `log` outlive the call.
  static std::shared_ptr<UnaryCall> Begin(const std::string& method, CallLog& log,
                                          grpc::ByteBuffer* response);

  void Succeed(const google::protobuf::MessageLite& response);
  void Fail(const absl::Status& status);
  // Nobody is left to answer: what became of the call is not known here, and the status says so.
  void Abandon();

  // Answered, or nobody waits for the answer any more.
  bool is_over() const { return finished_.load(std::memory_order_acquire); }

  void OnCancel() override;
  void OnDone() override;

 private:
  UnaryCall(const std::string& method, CallLog& log, grpc::ByteBuffer* response);

  // True for the first one only, who then has to Finish().
  bool TakeFinish() { return !finished_.exchange(true, std::memory_order_acq_rel); }
  void FinishWith(const absl::Status& status);
  void Log(const google::rpc::Status* error);

  const std::string& method_;
  CallLog& log_;
  grpc::ByteBuffer* const response_;  // gRPC's; there until Finish()
  const std::chrono::steady_clock::time_point begin_;
  std::atomic<bool> finished_ = false;
  std::shared_ptr<UnaryCall> self_;
};

// The duty to answer a call, to be handed on. When it is dropped without an answer, the call is abandoned.
class AnswerDuty {
 public:
  explicit AnswerDuty(std::shared_ptr<UnaryCall> call) : call_(std::move(call)) {}
  AnswerDuty(AnswerDuty&&) = default;
  AnswerDuty& operator=(AnswerDuty&&) = delete;
  ~AnswerDuty() {
    if (call_) call_->Abandon();
  }

  std::shared_ptr<UnaryCall> Take() { return std::exchange(call_, nullptr); }

 private:
  std::shared_ptr<UnaryCall> call_;
};

// False when the bytes are no message of this type.
bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message);

absl::Status NoMessage(const std::string& type);

CallContext ContextOf(const grpc::CallbackServerContext& context);

// Parses the request and hands it to `handle` (Request, CallContext, Done<Response>), which answers once and
// from any thread.
template <typename Request, typename Response, typename Handle>
grpc::ServerUnaryReactor* ServeUnary(const std::string& method, CallLog& log,
                                     const grpc::CallbackServerContext& context,
                                     const grpc::ByteBuffer& request_bytes, grpc::ByteBuffer* response_bytes,
                                     const Handle& handle) {
  std::shared_ptr<UnaryCall> call = UnaryCall::Begin(method, log, response_bytes);
  grpc::ServerUnaryReactor* const reactor = call.get();
  if (absl::Status sizes = CheckListSizes(request_bytes, *Request::descriptor()); !sizes.ok()) {
    call->Fail(sizes);
    return reactor;
  }
  Request request;
  if (!Parse(request_bytes, request)) {
    call->Fail(NoMessage(request.GetTypeName()));
    return reactor;
  }
  CallContext known = ContextOf(context);
  known.is_over = [call] { return call->is_over(); };
  handle(std::move(request), std::move(known),
         Done<Response>([duty = AnswerDuty(std::move(call))](absl::StatusOr<Response> response) mutable {
           const std::shared_ptr<UnaryCall> answered = duty.Take();
           response.ok() ? answered->Succeed(*response) : answered->Fail(response.status());
         }));
  return reactor;
}

}  // namespace kasa::api

#endif  // KASA_SERVER_API_UNARY_CALL_H_
