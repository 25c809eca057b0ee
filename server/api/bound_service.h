#ifndef KASA_SERVER_API_BOUND_SERVICE_H_
#define KASA_SERVER_API_BOUND_SERVICE_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/api/call_log.h"
#include "server/api/errors.h"
#include "server/api/stream_call.h"
#include "server/api/unary_call.h"

namespace kasa::api {

// A stream that is refused at once.
class RefusedStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* Begin(const std::string& method, CallLog& log);
  void OnDone() override { const std::unique_ptr<RefusedStream> last = std::move(self_); }

 private:
  std::unique_ptr<RefusedStream> self_;
};

// A service of the contract whose calls are handled by member functions of a class without any gRPC in it.
// Every method that is not bound answers UNIMPLEMENTED, NOT_IN_THIS_VERSION. `Generated` is the generated
// Service class ("v1::ReceiptService::Service").
//
// Bind() before the server is started; then immutable. Handlers and log outlive the service's server.
template <typename Generated>
class BoundService final : public Generated {
 public:
  // `name` is the service's full name: "kasa.v1.ReceiptService".
  BoundService(const char* name, CallLog& log)
      : log_(log), type_(*google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name)) {
    for (int i = 0; i < type_.method_count(); ++i) {
      methods_.push_back(
          std::make_unique<const std::string>(absl::StrCat(name, "/", type_.method(i)->name())));
      Refuse(*type_.method(i));
    }
  }

  // Binds the method of that name. A name or types that the contract does not have end the process at once:
  // they are mistakes of a programmer that no test can miss.
  template <typename Handlers, typename Request, typename Response>
  void Bind(const char* name, Handlers& handlers,
            void (Handlers::*handle)(Request, CallContext, Done<Response>)) {
    const google::protobuf::MethodDescriptor* method = type_.FindMethodByName(name);
    if (method == nullptr || method->input_type() != Request::descriptor() ||
        method->output_type() != Response::descriptor()) {
      std::abort();
    }
    const std::string& full_name = *methods_[static_cast<size_t>(method->index())];
    MarkUnary(*method, [this, &full_name, &handlers, handle](const grpc::CallbackServerContext& context,
                                                             const grpc::ByteBuffer& request,
                                                             grpc::ByteBuffer* response) {
      return ServeUnary<Request, Response>(
          full_name, log_, context, request, response,
          [&handlers, handle](Request decoded, CallContext call, Done<Response> done) {
            (handlers.*handle)(std::move(decoded), std::move(call), std::move(done));
          });
    });
  }

  // The same for a method that answers with a stream.
  template <typename Handlers, typename Request>
  void BindStream(const char* name, Handlers& handlers,
                  void (Handlers::*handle)(Request, std::shared_ptr<StreamCall>)) {
    const google::protobuf::MethodDescriptor* method = type_.FindMethodByName(name);
    if (method == nullptr || !method->server_streaming() || method->input_type() != Request::descriptor()) {
      std::abort();
    }
    const std::string& full_name = *methods_[static_cast<size_t>(method->index())];
    this->MarkMethodRawCallback(
        method->index(),
        new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
            [this, &full_name, &handlers, handle](grpc::CallbackServerContext*,
                                                  const grpc::ByteBuffer* request) {
              return ServeStream<Request>(
                  full_name, log_, *request,
                  [&handlers, handle](Request decoded, std::shared_ptr<StreamCall> stream) {
                    (handlers.*handle)(std::move(decoded), std::move(stream));
                  });
            }));
  }

 private:
  // The generated constructor has added the methods in the order of the contract, which is that of their
  // indices. gRPC takes the handlers over.
  template <typename Serve>
  void MarkUnary(const google::protobuf::MethodDescriptor& method, Serve serve) {
    this->MarkMethodRawCallback(
        method.index(), new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                            [serve](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) -> grpc::ServerUnaryReactor* {
                              return serve(*context, *request, response);
                            }));
  }

  void Refuse(const google::protobuf::MethodDescriptor& method) {
    const std::string& full_name = *methods_[static_cast<size_t>(method.index())];
    if (method.server_streaming()) {
      this->MarkMethodRawCallback(
          method.index(),
          new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
              [this, &full_name](grpc::CallbackServerContext*, const grpc::ByteBuffer*) {
                return RefusedStream::Begin(full_name, log_);
              }));
      return;
    }
    MarkUnary(method,
              [this, &full_name](const grpc::CallbackServerContext&, const grpc::ByteBuffer&,
                                 grpc::ByteBuffer* response) -> grpc::ServerUnaryReactor* {
                const std::shared_ptr<UnaryCall> call = UnaryCall::Begin(full_name, log_, response);
                call->Fail(NotInThisVersion(full_name));
                return call.get();
              });
  }

  CallLog& log_;
  const google::protobuf::ServiceDescriptor& type_;
  std::vector<std::unique_ptr<const std::string>> methods_;  // full names, by index
};

}  // namespace kasa::api

#endif  // KASA_SERVER_API_BOUND_SERVICE_H_
