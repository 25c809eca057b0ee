#ifndef KASA_SERVER_API_STREAM_CALL_H_
#define KASA_SERVER_API_STREAM_CALL_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "server/api/call_log.h"
#include "server/api/list_sizes.h"
#include "server/api/unary_call.h"

// One call that is answered with a stream, on gRPC's callback API: one message at a time, the next one when
// gRPC has taken the last. So a reader that does not read holds one message and nothing else.
namespace kasa::api {

//   begun --Write()--> writing --taken--> idle --Write()--> ...
//     any of these --Finish(), the client cancels--> (the write under way ends) --> finished --OnDone()-->
//
// It holds itself until OnDone(), and whoever writes holds it too: a late Write() or Finish() does nothing.
// Thread-safe.
class StreamCall final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                         public std::enable_shared_from_this<StreamCall> {
 public:
  // `method` and `log` outlive the call.
  static std::shared_ptr<StreamCall> Begin(const std::string& method, CallLog& log);

  // `taken`: the last message is gRPC's, the next one may be written. `over`: the call has ended, the last
  // that is heard of it. Both come on gRPC's threads and must not block. To be set by the handler before it
  // returns.
  void Listen(std::function<void()> taken, std::function<void()> over);

  // Writes a message, serialized. Only when none is under way. False: the call is over.
  bool Write(const std::string& message);

  // Ends the call, once the write under way is over; the first one counts.
  void Finish(const absl::Status& status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  StreamCall(const std::string& method, CallLog& log);
  void FinishNow(const absl::Status& status);

  const std::string& method_;
  CallLog& log_;
  const std::chrono::steady_clock::time_point begin_;
  std::shared_ptr<StreamCall> self_;

  std::mutex mutex_;
  bool writing_ = false;              // guarded by mutex_
  bool finished_ = false;             // guarded by mutex_: Finish() of gRPC was or is about to be called
  std::optional<absl::Status> last_;  // guarded by mutex_: to end with when the write is over
  grpc::ByteBuffer message_;          // gRPC's while writing_
  std::function<void()> taken_;       // set once, before the handler returns
  std::function<void()> over_;
};

// Parses the request and hands it to `handle` (Request, std::shared_ptr<StreamCall>).
template <typename Request, typename Handle>
grpc::ServerWriteReactor<grpc::ByteBuffer>* ServeStream(const std::string& method, CallLog& log,
                                                        const grpc::ByteBuffer& request_bytes,
                                                        const Handle& handle) {
  std::shared_ptr<StreamCall> call = StreamCall::Begin(method, log);
  StreamCall* const reactor = call.get();
  if (absl::Status sizes = CheckListSizes(request_bytes, *Request::descriptor()); !sizes.ok()) {
    call->Finish(sizes);
    return reactor;
  }
  Request request;
  if (Parse(request_bytes, request)) {
    handle(std::move(request), std::move(call));
  } else {
    call->Finish(NoMessage(request.GetTypeName()));
  }
  return reactor;
}

}  // namespace kasa::api

#endif  // KASA_SERVER_API_STREAM_CALL_H_
