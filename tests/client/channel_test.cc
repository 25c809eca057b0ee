#include "client/channel.h"

#include <gtest/gtest.h>

#include <string>

#include "kasa/client/client.h"

namespace kasa::client {
namespace {

TEST(CheckStaysOnThisMachine, AllowsLoopbackInEveryFormThatGrpcTakes) {
  for (const char* target :
       {"127.0.0.1:50051", "127.8.9.10:1", "localhost:50051", "LocalHost:50051", "[::1]:50051",
        "dns:///localhost:50051", "dns:localhost:50051", "ipv4:127.0.0.1:50051", "ipv6:[::1]:50051",
        "ipv4:127.0.0.1:50051,127.0.0.2:50051", "unix:/run/kasa.sock", "unix-abstract:kasa"}) {
    EXPECT_TRUE(internal::CheckStaysOnThisMachine(target).ok()) << target;
  }
}

TEST(CheckStaysOnThisMachine, RefusesWhatMayCrossANetworkOrHasNoPort) {
  for (const char* target : {"10.0.0.1:50051",
                             "0.0.0.0:50051",
                             "gateway:50051",
                             "localhost.example.com:50051",
                             "127.0.0.1.example.com:50051",
                             "[2001:db8::1]:50051",
                             "[::]:50051",
                             "dns:///gateway:50051",
                             "dns://127.0.0.1/gateway:50051",
                             "ipv4:127.0.0.1:50051,10.0.0.1:50051",
                             "xds:///localhost:50051",
                             "https://localhost:50051",
                             "localhost",
                             "127.0.0.1",
                             "::1:50051",
                             "[::1]",
                             "localhost:",
                             "localhost:0",
                             "localhost:65536",
                             "localhost:grpc",
                             "[::1:50051",
                             "",
                             ","}) {
    EXPECT_EQ(internal::CheckStaysOnThisMachine(target).code(), absl::StatusCode::kInvalidArgument) << target;
  }
}

TEST(Connect, SaysWhatIsWrongWithTheTarget) {
  const absl::StatusOr<Client> client = Client::Connect("gateway.example.com:50051");
  EXPECT_EQ(client.status().message(),
            "\"gateway.example.com:50051\" is not on this machine, and without encryption only loopback is "
            "allowed; name the gateway as HOST:PORT, for example 127.0.0.1:50051 or [::1]:50051");
}

}  // namespace
}  // namespace kasa::client
