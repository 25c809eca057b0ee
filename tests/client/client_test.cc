#include "kasa/client/client.h"

#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "kasa/v1/fiscalization_service.grpc.pb.h"
#include "kasa/v1/integration_service.grpc.pb.h"
#include "kasa/v1/receipt_service.grpc.pb.h"
#include "tests/client/fake_time.h"

namespace kasa::client {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;
using ::testing::SizeIs;

// Answers every sale with FISCALIZED, or with the status set; keeps what it saw.
class FakeFiscalizations final : public v1::FiscalizationService::Service {
 public:
  grpc::Status FiscalizeSale(grpc::ServerContext* context, const v1::FiscalizeSaleRequest* request,
                             v1::FiscalizeSaleResponse* response) override {
    Keep(*context);
    const std::lock_guard lock(mutex_);
    if (!status_.ok()) return status_;
    response->mutable_fiscalization()->set_state(v1::FISCALIZATION_STATE_FISCALIZED);
    response->mutable_fiscalization()->mutable_document()->set_document_id(request->document_id());
    return grpc::Status::OK;
  }
  grpc::Status GetFiscalization(grpc::ServerContext* context, const v1::GetFiscalizationRequest*,
                                v1::GetFiscalizationResponse*) override {
    Keep(*context);
    return grpc::Status::OK;
  }
  grpc::Status ListFiscalizations(grpc::ServerContext* context, const v1::ListFiscalizationsRequest*,
                                  v1::ListFiscalizationsResponse*) override {
    Keep(*context);
    return grpc::Status::OK;
  }

  grpc::Status WatchFiscalizations(grpc::ServerContext*, const v1::WatchFiscalizationsRequest* request,
                                   grpc::ServerWriter<v1::WatchFiscalizationsResponse>* writer) override {
    for (int change = 1; change <= 3; ++change) {
      v1::WatchFiscalizationsResponse message;
      message.set_cursor(absl::StrCat(request->cursor(), "+", change));
      if (!writer->Write(message)) break;
    }
    const std::lock_guard lock(mutex_);
    return status_;
  }

  void set_status(grpc::Status status) {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
  }
  // How long the last caller was ready to wait, when its call came in.
  absl::Duration last_timeout() {
    const std::lock_guard lock(mutex_);
    return last_timeout_;
  }

 private:
  void Keep(const grpc::ServerContext& context) {
    const std::lock_guard lock(mutex_);
    last_timeout_ = absl::FromChrono(context.deadline()) - absl::Now();
  }

  std::mutex mutex_;
  grpc::Status status_;
  absl::Duration last_timeout_;
};

class FakeIntegrations final : public v1::IntegrationService::Service {
 public:
  grpc::Status SetToken(grpc::ServerContext* context, const v1::SetTokenRequest* request,
                        v1::SetTokenResponse* response) override {
    response->mutable_integration()->set_integration_id(request->integration_id());
    timeout = absl::FromChrono(context->deadline()) - absl::Now();
    return grpc::Status::OK;
  }
  grpc::Status AdoptStore(grpc::ServerContext* context, const v1::AdoptStoreRequest*,
                          v1::AdoptStoreResponse*) override {
    timeout = absl::FromChrono(context->deadline()) - absl::Now();
    return grpc::Status::OK;
  }
  absl::Duration timeout;  // of the last call; read it after the call
};

class FakeReceipts final : public v1::ReceiptService::Service {
 public:
  grpc::Status GetReceipt(grpc::ServerContext*, const v1::GetReceiptRequest* request,
                          v1::GetReceiptResponse* response) override {
    response->mutable_receipt()->set_fiscal_number(request->fiscal_number());
    return grpc::Status::OK;
  }
};

class ClientTest : public ::testing::Test {
 protected:
  // On a port that is free, or on the one that it had before.
  void Start() {
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port_), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&fiscalizations_);
    builder.RegisterService(&integrations_);
    builder.RegisterService(&receipts_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    ASSERT_NE(port_, 0);
  }
  void Stop() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  void TearDown() override {
    if (server_) Stop();
  }

  Client Connect(ClientOptions options = {}) const {
    absl::StatusOr<Client> client =
        Client::Connect(absl::StrCat("127.0.0.1:", port_),
                        {.longest_reconnect_pause = absl::Milliseconds(100)}, std::move(options));
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }

  FakeFiscalizations fiscalizations_;
  FakeIntegrations integrations_;
  FakeReceipts receipts_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

v1::FiscalizeSaleRequest Sale(const std::string& document_id) {
  v1::FiscalizeSaleRequest request;
  request.set_document_id(document_id);
  request.set_source_system("erp");
  return request;
}

TEST_F(ClientTest, CallsEachService) {
  Start();
  const Client client = Connect();
  const auto sale = client.FiscalizeSale(Sale("DN-1"));
  ASSERT_TRUE(sale.ok()) << sale.status();
  EXPECT_EQ(sale->fiscalization().document().document_id(), "DN-1");

  v1::SetTokenRequest token;
  token.set_integration_id("shop");
  const auto integration = client.SetToken(token);
  ASSERT_TRUE(integration.ok()) << integration.status();
  EXPECT_EQ(integration->integration().integration_id(), "shop");

  v1::GetReceiptRequest by_number;
  by_number.set_fiscal_number("TEST_1");
  const auto receipt = client.GetReceipt(by_number);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->receipt().fiscal_number(), "TEST_1");
}

// As large as the gateway makes them (server/api/errors.h), so that gRPC would drop the details were they not
// within its bounds.
TEST_F(ClientTest, BringsRichErrorsOverTheWire) {
  Start();
  google::rpc::ErrorInfo info;
  info.set_domain("kasa.v1");
  info.set_reason("DOCUMENT_INVALID");
  google::rpc::BadRequest request;
  while (request.ByteSizeLong() < 4000) {
    auto& violation = *request.add_field_violations();
    violation.set_field(absl::StrCat("sale.lines[", request.field_violations_size(), "].tax_id"));
    violation.set_reason("TAX_NOT_MAPPED");
    violation.set_description("податок не зіставлено");
  }
  google::rpc::Status rich;
  rich.set_code(grpc::StatusCode::INVALID_ARGUMENT);
  rich.set_message("документ");
  rich.add_details()->PackFrom(info);
  rich.add_details()->PackFrom(request);
  fiscalizations_.set_status(
      grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, rich.message(), rich.SerializeAsString()));

  const auto sale = Connect().FiscalizeSale(Sale("DN-1"));
  const std::optional<Error> error = ErrorFrom(sale.status());
  ASSERT_TRUE(error.has_value());
  EXPECT_TRUE(error->stored_nothing());
  EXPECT_EQ(error->message, "документ");
  EXPECT_EQ(error->reason, "DOCUMENT_INVALID");
  EXPECT_THAT(error->violations, SizeIs(request.field_violations_size()));
}

TEST_F(ClientTest, GivesEachCallTheTimeThatItMayNeed) {
  Start();
  const Client client = Connect(
      {.margin = absl::Seconds(5), .register_timeout = absl::Seconds(75), .timeout = absl::Seconds(15)});
  // The way to the server takes some of it (a loaded machine makes that long), and gRPC rounds up.
  const auto about = [](absl::Duration timeout) {
    return AllOf(Ge(timeout - absl::Seconds(4)), Le(timeout + absl::Seconds(1)));
  };

  v1::FiscalizeSaleRequest sale = Sale("DN-1");
  ASSERT_TRUE(client.FiscalizeSale(sale).ok());
  EXPECT_THAT(fiscalizations_.last_timeout(), about(absl::Seconds(15)));
  sale.mutable_max_wait();  // zero: not at all
  ASSERT_TRUE(client.FiscalizeSale(sale).ok());
  EXPECT_THAT(fiscalizations_.last_timeout(), about(absl::Seconds(5)));
  sale.mutable_max_wait()->set_seconds(30);
  ASSERT_TRUE(client.FiscalizeSale(sale).ok());
  EXPECT_THAT(fiscalizations_.last_timeout(), about(absl::Seconds(35)));
  sale.mutable_max_wait()->set_seconds(3600);
  ASSERT_TRUE(client.FiscalizeSale(sale).ok());
  EXPECT_THAT(fiscalizations_.last_timeout(), about(absl::Seconds(65)));
  ASSERT_TRUE(client.FiscalizeSale(sale, {.timeout = absl::Seconds(20)}).ok());
  EXPECT_THAT(fiscalizations_.last_timeout(), about(absl::Seconds(20)));

  ASSERT_TRUE(client.GetFiscalization({}).ok());
  EXPECT_THAT(fiscalizations_.last_timeout(), about(absl::Seconds(5)));
  ASSERT_TRUE(client.ListFiscalizations({}).ok());
  EXPECT_THAT(fiscalizations_.last_timeout(), about(absl::Seconds(15)));
  ASSERT_TRUE(client.SetToken({}).ok());
  EXPECT_THAT(integrations_.timeout, about(absl::Seconds(75)));
  // It reads whole listings before, and its answer says what they did not tell.
  ASSERT_TRUE(client.AdoptStore({}).ok());
  EXPECT_THAT(integrations_.timeout, about(absl::Minutes(15)));
}

TEST_F(ClientTest, TellsAnUnreachableGatewayFromARefusal) {
  Start();
  Stop();
  const auto sale = Connect().FiscalizeSale(Sale("DN-1"));
  EXPECT_EQ(sale.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(ErrorFrom(sale.status())->stored_nothing());
}

TEST_F(ClientTest, FindsAGatewayThatCameBackWhileItRepeats) {
  Start();
  Stop();
  auto time = std::make_shared<FakeTime>();
  time->set_on_sleep([this, time = time.get()] {
    if (time->pauses().size() == 3) Start();
  });
  // No time passes here, but gRPC's own pause between tries to connect does: so this may take many tries.
  const Client client =
      Connect({.first_pause = absl::Milliseconds(1), .longest_pause = absl::Milliseconds(1), .time = time});
  const auto sale = client.FiscalizeSaleUntilKnown(Sale("DN-7"), absl::Hours(1));
  ASSERT_TRUE(sale.ok()) << sale.status();
  EXPECT_EQ(sale->fiscalization().state(), v1::FISCALIZATION_STATE_FISCALIZED);
  EXPECT_THAT(time->pauses().size(), Ge(3U));
}

TEST_F(ClientTest, WatchesUntilItIsToldToStop) {
  Start();
  v1::WatchFiscalizationsRequest request;
  request.set_cursor("c");
  std::vector<std::string> cursors;
  const absl::Status stopped = Connect().WatchFiscalizations(request, [&](const auto& message) {
    cursors.push_back(message.cursor());
    return cursors.size() < 2;
  });
  EXPECT_TRUE(stopped.ok()) << stopped;
  EXPECT_THAT(cursors, ::testing::ElementsAre("c+1", "c+2"));
}

TEST_F(ClientTest, WatchesUntilTheStreamEndsAndSaysHow) {
  Start();
  fiscalizations_.set_status(grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping"));
  int messages = 0;
  const absl::Status ended = Connect().WatchFiscalizations({}, [&](const auto&) { return ++messages > 0; });
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(messages, 3);
}

TEST_F(ClientTest, IsSharedByManyThreads) {
  Start();
  const Client client = Connect();
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&client, thread] {
      for (int call = 0; call < 20; ++call) {
        const std::string id = absl::StrCat(thread, "-", call);
        const auto sale = client.FiscalizeSale(Sale(id));
        ASSERT_TRUE(sale.ok()) << sale.status();
        EXPECT_EQ(sale->fiscalization().document().document_id(), id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace kasa::client
