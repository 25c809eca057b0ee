#include "server/api/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "google/rpc/error_details.pb.h"

namespace kasa::api {
namespace {

using domain::Violations;
using testing::SizeIs;

// The detail of that type; nothing when `status` has none.
template <typename Detail>
std::optional<Detail> DetailOf(const google::rpc::Status& status) {
  Detail detail;
  for (const google::protobuf::Any& any : status.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

google::rpc::ErrorInfo InfoIn(const google::rpc::Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).value_or(google::rpc::ErrorInfo());
}

std::string Fact(const google::rpc::Status& status, const std::string& name) {
  const google::rpc::ErrorInfo info = InfoIn(status);
  const auto found = info.metadata().find(name);
  return found == info.metadata().end() ? "(none)" : found->second;
}

Violations BadLines(int count, const std::string& message) {
  Violations violations;
  for (int i = 0; i < count; ++i) {
    violations.push_back({absl::StrCat("sale.lines[", i, "].tax_id"), Reason::kTaxNotMapped, message});
  }
  return violations;
}

// What gRPC sends besides: the details in base64 (not every client takes them raw), the message in
// percent-encoding.
size_t MetadataBytes(const google::rpc::Status& status) {
  size_t message = 0;
  for (const char c : status.message()) message += c >= 0x20 && c <= 0x7e && c != '%' ? 1 : 3;
  return (status.ByteSizeLong() + 2) / 3 * 4 + message;
}

TEST(ErrorsTest, AReasonComesWithItsDomainClassAndRemedy) {
  const google::rpc::Status wire = ToRpcStatus(WithFact(
      ReasonedError(absl::StatusCode::kNotFound, Reason::kIntegrationNotFound, "no integration kyiv-1"),
      "integration_id", "kyiv-1"));
  EXPECT_EQ(wire.code(), 5);
  EXPECT_EQ(wire.message(), "no integration kyiv-1");
  EXPECT_EQ(InfoIn(wire).domain(), "kasa.v1");
  EXPECT_EQ(InfoIn(wire).reason(), "INTEGRATION_NOT_FOUND");
  EXPECT_EQ(Fact(wire, "integration_id"), "kyiv-1");
  EXPECT_EQ(Fact(wire, "remedy"), InfoOf(Reason::kIntegrationNotFound).remedy);
  EXPECT_NE(Fact(wire, "failure_class"), "(none)");
  EXPECT_FALSE(DetailOf<google::rpc::RetryInfo>(wire));
  EXPECT_FALSE(DetailOf<google::rpc::BadRequest>(wire));
}

TEST(ErrorsTest, ViolationsAreFieldViolationsInTheirOrder) {
  const Violations violations = {{"sale.activated", Reason::kNotActivated, "is not activated"},
                                 {"sale.lines[2].tax_id", Reason::kTaxNotMapped, "vat7 is not mapped"}};
  const absl::Status status = DocumentInvalid(violations);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ViolationsOf(status), violations);

  const google::rpc::Status wire = ToRpcStatus(status);
  EXPECT_EQ(InfoIn(wire).reason(), "DOCUMENT_INVALID");
  const auto bad = DetailOf<google::rpc::BadRequest>(wire);
  ASSERT_TRUE(bad);
  ASSERT_THAT(bad->field_violations(), SizeIs(2));
  EXPECT_EQ(bad->field_violations(0).field(), "sale.activated");
  EXPECT_EQ(bad->field_violations(1).field(), "sale.lines[2].tax_id");
  EXPECT_EQ(bad->field_violations(1).reason(), "TAX_NOT_MAPPED");
  EXPECT_EQ(bad->field_violations(1).description(), "vat7 is not mapped");
  EXPECT_EQ(Fact(wire, "violations_total"), "2");
  EXPECT_EQ(Fact(wire, "violations_left_out"), "(none)");
}

TEST(ErrorsTest, NoViolationIsNoError) {
  EXPECT_TRUE(RequestInvalid({}).ok());
  EXPECT_TRUE(DocumentInvalid({}).ok());
}

TEST(ErrorsTest, AThousandBadLinesStayWithinWhatGrpcCarries) {
  const std::string texts[] = {
      "tax \"vat7\" is not mapped by integration kyiv-1",
      "податок «пдв7» не зіставлено з групою цієї інтеграції",
      std::string(5'000, 'x'),
  };
  for (const std::string& text : texts) {
    const google::rpc::Status wire = ToRpcStatus(DocumentInvalid(BadLines(1000, text)));
    const std::string bytes = wire.SerializeAsString();
    EXPECT_LE(bytes.size(), kMaxDetailBytes);
    EXPECT_LT(MetadataBytes(wire), 8000u);

    google::rpc::Status read;
    ASSERT_TRUE(read.ParseFromString(bytes));
    const auto bad = DetailOf<google::rpc::BadRequest>(read);
    ASSERT_TRUE(bad);
    const int shown = bad->field_violations_size();
    EXPECT_GE(shown, 8);
    EXPECT_LE(bad->ByteSizeLong(), kMaxViolationBytes);
    for (int i = 0; i < shown; ++i) {
      EXPECT_EQ(bad->field_violations(i).field(), absl::StrCat("sale.lines[", i, "].tax_id"));
    }
    EXPECT_EQ(Fact(read, "violations_total"), "1000");
    EXPECT_EQ(Fact(read, "violations_left_out"), absl::StrCat(1000 - shown));
  }
}

TEST(ErrorsTest, NoSingleTextUsesUpTheRoomOfAll) {
  absl::Status status =
      ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kRegisterInUse, std::string(50'000, '\n'));
  for (const char* name : {"differs", "fiscalization_id", "integration_id", "state"}) {
    status = WithFact(std::move(status), name, std::string(30'000, 'f'));
  }
  const google::rpc::Status wire = ToRpcStatus(WithRetryDelay(status, absl::Seconds(5)));
  EXPECT_LE(wire.ByteSizeLong(), kMaxDetailBytes);
  EXPECT_LT(MetadataBytes(wire), 8000u);
  EXPECT_EQ(InfoIn(wire).reason(), "REGISTER_IN_USE");
}

TEST(ErrorsTest, TextIsCutBetweenCharacters) {
  EXPECT_EQ(CutUtf8("кава", 8), "кава");
  EXPECT_EQ(CutUtf8("кава", 7), "кав");
  EXPECT_EQ(CutUtf8("кава", 1), "");
  EXPECT_EQ(CutUtf8("кава", 0), "");
  EXPECT_EQ(CutUtf8("☕☕", 5), "☕");
}

TEST(ErrorsTest, APreconditionSaysWhatItIsAbout) {
  const google::rpc::Status wire = ToRpcStatus(
      WithFact(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kRegisterInUse, "kyiv-2 uses it"),
               "integration_id", "kyiv-2"));
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(wire);
  ASSERT_TRUE(failure);
  ASSERT_THAT(failure->violations(), SizeIs(1));
  EXPECT_EQ(failure->violations(0).type(), "REGISTER_IN_USE");
  EXPECT_EQ(failure->violations(0).subject(), "kyiv-2");
  EXPECT_EQ(failure->violations(0).description(), "kyiv-2 uses it");
}

TEST(ErrorsTest, WhatPassesByItselfSaysWhenToTryAgain) {
  struct Case {
    absl::Status status;
    std::optional<int64_t> milliseconds;
  };
  const auto make = [](absl::StatusCode code, Reason reason) { return ReasonedError(code, reason, "x"); };
  const Case cases[] = {
      {make(absl::StatusCode::kUnavailable, Reason::kShuttingDown), 5000},
      {make(absl::StatusCode::kResourceExhausted, Reason::kLaneFull), 5000},
      {WithRetryDelay(make(absl::StatusCode::kFailedPrecondition, Reason::kHoldTimeNotOver),
                      absl::Milliseconds(1250)),
       1250},
      {make(absl::StatusCode::kFailedPrecondition, Reason::kStateNotAllowed), std::nullopt},
      {make(absl::StatusCode::kInvalidArgument, Reason::kRequestInvalid), std::nullopt},
  };
  for (const Case& c : cases) {
    const auto retry = DetailOf<google::rpc::RetryInfo>(ToRpcStatus(c.status));
    ASSERT_EQ(retry.has_value(), c.milliseconds.has_value()) << c.status;
    if (!retry) continue;
    EXPECT_EQ(retry->retry_delay().seconds() * 1000 + retry->retry_delay().nanos() / 1'000'000,
              *c.milliseconds);
  }
}

TEST(ErrorsTest, AStatusWithoutAReasonGetsOneUnlessItWouldPromiseTooMuch) {
  struct Case {
    absl::StatusCode code;
    const char* reason;
  };
  const Case cases[] = {
      {absl::StatusCode::kInternal, "INTERNAL"},
      {absl::StatusCode::kInvalidArgument, "INTERNAL"},
      {absl::StatusCode::kNotFound, "INTERNAL"},
      {absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"},
      {absl::StatusCode::kUnimplemented, "NOT_IN_THIS_VERSION"},
      // An ErrorInfo of ours promises that nothing was stored; nobody knows that of these.
      {absl::StatusCode::kCancelled, ""},
      {absl::StatusCode::kDeadlineExceeded, ""},
      {absl::StatusCode::kUnknown, ""},
      {absl::StatusCode::kDataLoss, ""},
  };
  for (const Case& c : cases) {
    const google::rpc::Status wire = ToRpcStatus(absl::Status(c.code, "what"));
    EXPECT_EQ(ReasonNameOf(wire), c.reason) << absl::StatusCodeToString(c.code);
    EXPECT_EQ(wire.details_size() == 0, std::string(c.reason).empty());
  }
}

TEST(ErrorsTest, EveryReasonFitsWhateverItsRemedy) {
  for (const ReasonInfo& reason : AllReasons()) {
    const google::rpc::Status wire =
        ToRpcStatus(ReasonedError(absl::StatusCode::kFailedPrecondition, reason.reason, reason.remedy));
    EXPECT_EQ(ReasonNameOf(wire), reason.name);
    EXPECT_LT(MetadataBytes(wire), 8000u);
  }
}

}  // namespace
}  // namespace kasa::api
