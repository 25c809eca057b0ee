// kasa-bench-empty-call: a gRPC server whose one call does nothing, with the callback API that the gateway
// uses and gRPC's defaults. Listens on a free port of 127.0.0.1, prints "listening on HOST:PORT", and ends on
// SIGTERM.
#include <grpcpp/grpcpp.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "tools/bench/empty_call.grpc.pb.h"

namespace kasa::bench {
namespace {

class Service final : public EmptyCallService::CallbackService {
  grpc::ServerUnaryReactor* EmptyCall(grpc::CallbackServerContext* context, const EmptyCallRequest*,
                                      EmptyCallResponse*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

int Serve() {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);  // before gRPC's threads are there to inherit

  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fputs("kasa-bench-empty-call: can't listen on 127.0.0.1\n", stderr);
    return 1;
  }
  std::printf("listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int signal = 0;
  while (sigwait(&end, &signal) != 0) {
  }
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  return 0;
}

}  // namespace
}  // namespace kasa::bench

int main() {
  return kasa::bench::Serve();
}
