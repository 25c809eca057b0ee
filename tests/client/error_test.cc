#include "kasa/client/error.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <string>

#include "client/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace kasa::client {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

google::rpc::ErrorInfo OurInfo(const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_domain("kasa.v1");
  info.set_reason(reason);
  return info;
}

google::rpc::Status RichStatus(grpc::StatusCode code, const std::string& message) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  return status;
}

// What the client makes of a status with this in grpc-status-details-bin.
absl::Status Received(const google::rpc::Status& rich) {
  return internal::FromGrpc(
      grpc::Status(static_cast<grpc::StatusCode>(rich.code()), rich.message(), rich.SerializeAsString()));
}

TEST(ErrorFrom, FindsNoneInOk) {
  EXPECT_FALSE(ErrorFrom(absl::OkStatus()).has_value());
  EXPECT_TRUE(internal::FromGrpc(grpc::Status::OK).ok());
}

TEST(ErrorFrom, ReadsEveryDetail) {
  google::rpc::ErrorInfo info = OurInfo("DOCUMENT_INVALID");
  (*info.mutable_metadata())["violations_left_out"] = "958";
  (*info.mutable_metadata())["failure_class"] = "REQUEST";
  google::rpc::BadRequest request;
  for (const auto& [field, reason] :
       {std::pair("sale.lines[0].tax_id", "TAX_NOT_MAPPED"), std::pair("sale.activated", "NOT_ACTIVATED")}) {
    auto& violation = *request.add_field_violations();
    violation.set_field(field);
    violation.set_reason(reason);
    violation.set_description("податок");
  }
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  google::rpc::Status rich =
      RichStatus(grpc::StatusCode::INVALID_ARGUMENT, "the document can't be fiscalized");
  rich.add_details()->PackFrom(info);
  rich.add_details()->PackFrom(request);
  rich.add_details()->PackFrom(google::rpc::Help());  // one that the library has no field for
  rich.add_details()->PackFrom(retry);

  const absl::Status status = Received(rich);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::optional<Error> error = ErrorFrom(status);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error->message, "the document can't be fiscalized");
  EXPECT_EQ(error->reason, "DOCUMENT_INVALID");
  EXPECT_TRUE(error->stored_nothing());
  EXPECT_THAT(error->metadata,
              UnorderedElementsAre(Pair("violations_left_out", "958"), Pair("failure_class", "REQUEST")));
  EXPECT_THAT(error->violations, ElementsAre(FieldsAre("sale.lines[0].tax_id", "TAX_NOT_MAPPED", "податок"),
                                             FieldsAre("sale.activated", "NOT_ACTIVATED", "податок")));
  EXPECT_EQ(error->violations_left_out, 958);
  EXPECT_EQ(error->retry_delay, absl::Milliseconds(2500));
}

// The promise that nothing was stored is the gateway's alone to make.
TEST(ErrorFrom, PromisesNothingWithoutTheGatewaysErrorInfo) {
  google::rpc::ErrorInfo foreign = OurInfo("RATE_LIMITED");
  foreign.set_domain("proxy.example");
  google::rpc::Status of_proxy = RichStatus(grpc::StatusCode::UNAVAILABLE, "slow down");
  of_proxy.add_details()->PackFrom(foreign);

  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  google::rpc::Status without_info = RichStatus(grpc::StatusCode::UNAVAILABLE, "later");
  without_info.add_details()->PackFrom(retry);

  // A proxy that put its own status before the gateway's and passed on the details.
  google::rpc::Status replaced = RichStatus(grpc::StatusCode::FAILED_PRECONDITION, "inactive");
  replaced.add_details()->PackFrom(OurInfo("INTEGRATION_INACTIVE"));
  const grpc::Status replaced_on_the_way(grpc::StatusCode::UNAVAILABLE, "gone", replaced.SerializeAsString());

  google::rpc::Status damaged = RichStatus(grpc::StatusCode::UNAVAILABLE, "later");
  damaged.add_details()->PackFrom(OurInfo("STORE_FULL"));
  damaged.mutable_details(0)->mutable_value()->resize(3);

  const struct {
    const char* what;
    absl::Status status;
  } cases[] = {
      {"no details at all",
       internal::FromGrpc(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "too late"))},
      {"details that are no google.rpc.Status",
       internal::FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "?", "\xff\xff\xff"))},
      {"another domain", Received(of_proxy)},
      {"RetryInfo only", Received(without_info)},
      {"details of another status", internal::FromGrpc(replaced_on_the_way)},
      {"an ErrorInfo that can't be read", Received(damaged)},
      {"a status that the library made itself", absl::InvalidArgumentError("no port")},
  };
  for (const auto& [what, status] : cases) {
    SCOPED_TRACE(what);
    const std::optional<Error> error = ErrorFrom(status);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->code, status.code());
    EXPECT_FALSE(error->stored_nothing());
    EXPECT_EQ(error->reason, "");
    EXPECT_THAT(error->metadata, IsEmpty());
  }
  EXPECT_EQ(ErrorFrom(Received(without_info))->retry_delay, absl::Seconds(1));
}

TEST(ErrorFrom, ReadsUnusualValuesAsHarmlessOnes) {
  google::rpc::ErrorInfo info = OurInfo("STORE_FULL");
  (*info.mutable_metadata())["violations_left_out"] = "many";
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(-5);
  google::rpc::Status rich = RichStatus(grpc::StatusCode::UNAVAILABLE, "");
  rich.add_details()->PackFrom(info);
  rich.add_details()->PackFrom(retry);
  const std::optional<Error> error = ErrorFrom(Received(rich));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->violations_left_out, 0);
  EXPECT_EQ(error->retry_delay, absl::ZeroDuration());
}

TEST(FromGrpc, KeepsEveryCodeAndTakesStrangeOnesAsUnknown) {
  for (int code = 1; code <= 16; ++code) {
    EXPECT_EQ(
        static_cast<int>(internal::FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(code), "")).code()),
        code);
  }
  EXPECT_EQ(internal::FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(17), "")).code(),
            absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace kasa::client
