#include "server/api/stream_call.h"

#include <grpcpp/support/slice.h>

#include <utility>

#include "server/api/errors.h"

namespace kasa::api {

std::shared_ptr<StreamCall> StreamCall::Begin(const std::string& method, CallLog& log) {
  std::shared_ptr<StreamCall> call(new StreamCall(method, log));  // the constructor is private
  call->self_ = call;
  return call;
}

StreamCall::StreamCall(const std::string& method, CallLog& log)
    : method_(method), log_(log), begin_(std::chrono::steady_clock::now()) {}

void StreamCall::Listen(std::function<void()> taken, std::function<void()> over) {
  taken_ = std::move(taken);
  over_ = std::move(over);
}

bool StreamCall::Write(const std::string& message) {
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || last_) return false;
    writing_ = true;  // from here on Finish() waits for OnWriteDone()
  }
  const grpc::Slice slice(message);
  message_ = grpc::ByteBuffer(&slice, 1);
  StartWrite(&message_);
  return true;
}

void StreamCall::Finish(const absl::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || last_) return;
    if (writing_) {
      last_ = status;
      return;
    }
    finished_ = true;
  }
  FinishNow(status);
}

void StreamCall::OnWriteDone(bool ok) {
  absl::Status status;
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok && !last_) last_ = absl::CancelledError("the caller went away");
    if (last_) {
      finished_ = true;
      status = *last_;
    }
  }
  if (!status.ok()) return FinishNow(status);
  if (taken_) taken_();
}

void StreamCall::OnCancel() {
  Finish(absl::CancelledError("the caller went away"));
}

void StreamCall::OnDone() {
  const std::shared_ptr<StreamCall> last = std::move(self_);
  taken_ = {};
  if (const auto over = std::exchange(over_, {})) over();
}

void StreamCall::FinishNow(const absl::Status& status) {
  const google::rpc::Status wire = ToRpcStatus(status);
  log_({.method = method_,
        .code = static_cast<absl::StatusCode>(wire.code()),
        .reason = ReasonNameOf(wire),
        .duration = absl::FromChrono(std::chrono::steady_clock::now() - begin_)});
  grpc::ServerWriteReactor<grpc::ByteBuffer>::Finish(
      grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString()));
}

}  // namespace kasa::api
