#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "google/rpc/error_details.pb.h"
#include "kasa/v1/fiscalization_service.grpc.pb.h"
#include "kasa/v1/receipt_service.grpc.pb.h"
#include "server/api/bound_service.h"

// Calls over a real server and channel in this process, to handlers that answer when the test says so.
namespace kasa::api {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;
using testing::HasSubstr;

constexpr auto kLong = seconds(30);  // for what comes at once; a test that waits this long has failed

// A place where one thread puts things and another one takes them.
template <typename T>
class Mailbox {
 public:
  void Put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    filled_.notify_all();
  }
  T Take() {
    std::unique_lock lock(mutex_);
    if (!filled_.wait_for(lock, kLong, [this] { return !values_.empty(); })) {
      ADD_FAILURE() << "nothing came";
      std::abort();
    }
    T value = std::move(values_.front());
    values_.erase(values_.begin());
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<T> values_;
};

struct Pending {
  v1::GetReceiptRequest request;
  CallContext call;
  Done<v1::GetReceiptResponse> done;
};

// Keeps every call for the test to answer.
class HeldHandlers {
 public:
  void GetReceipt(v1::GetReceiptRequest request, CallContext call, Done<v1::GetReceiptResponse> done) {
    pending.Put({std::move(request), call, std::move(done)});
  }

  Mailbox<Pending> pending;
};

struct LoggedCall {
  std::string method;
  absl::StatusCode code;
  std::string reason;
};

class CallsTest : public testing::Test {
 protected:
  CallsTest() {
    receipts_.Bind("GetReceipt", handlers_, &HeldHandlers::GetReceipt);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&receipts_);
    builder.RegisterService(&fiscalizations_);
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
    stub_ = v1::ReceiptService::NewStub(channel_);
  }

 public:
  ~CallsTest() override { server_->Shutdown(system_clock::now()); }

 protected:
  // Calls GetReceipt on a thread of its own.
  std::future<grpc::Status> Call(grpc::ClientContext& context, v1::GetReceiptResponse& response) {
    return std::async(std::launch::async, [this, &context, &response] {
      v1::GetReceiptRequest request;
      request.set_fiscal_number("123");
      return stub_->GetReceipt(&context, request, &response);
    });
  }

  // Sends bytes as they are to GetReceipt.
  grpc::Status CallWithBytes(const std::string& bytes) {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> ended;
    stub.UnaryCall(&context, "/kasa.v1.ReceiptService/GetReceipt", grpc::StubOptions(), &request, &response,
                   [&ended](grpc::Status status) { ended.set_value(std::move(status)); });
    return ended.get_future().get();
  }

  Mailbox<LoggedCall> log_;
  CallLog call_log_ = [this](const CallRecord& call) { log_.Put({call.method, call.code, call.reason}); };
  HeldHandlers handlers_;
  BoundService<v1::ReceiptService::Service> receipts_{v1::ReceiptService::service_full_name(), call_log_};
  BoundService<v1::FiscalizationService::Service> fiscalizations_{
      v1::FiscalizationService::service_full_name(), call_log_};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ReceiptService::Stub> stub_;
};

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

TEST_F(CallsTest, AnAnswerReachesTheCaller) {
  grpc::ClientContext context;
  v1::GetReceiptResponse response;
  std::future<grpc::Status> status = Call(context, response);
  Pending pending = handlers_.pending.Take();
  EXPECT_EQ(pending.request.fiscal_number(), "123");
  EXPECT_EQ(pending.call.answer_within, absl::InfiniteDuration());
  EXPECT_FALSE(pending.call.is_over());
  v1::GetReceiptResponse answer;
  answer.mutable_receipt()->set_fiscal_number("123");
  std::move(pending.done)(answer);
  EXPECT_TRUE(status.get().ok());
  EXPECT_EQ(response.receipt().fiscal_number(), "123");
  const LoggedCall logged = log_.Take();
  EXPECT_EQ(logged.method, "kasa.v1.ReceiptService/GetReceipt");
  EXPECT_EQ(logged.code, absl::StatusCode::kOk);
  EXPECT_EQ(logged.reason, "");
}

TEST_F(CallsTest, AnErrorReachesTheCallerWithItsDetails) {
  grpc::ClientContext context;
  v1::GetReceiptResponse response;
  std::future<grpc::Status> status = Call(context, response);
  std::move(handlers_.pending.Take().done)(
      ReasonedError(absl::StatusCode::kNotFound, Reason::kReceiptNotFound, "немає чека 123"));
  const grpc::Status error = status.get();
  EXPECT_EQ(error.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(error.error_message(), "немає чека 123");
  EXPECT_EQ(DetailsOf(error).code(), 5);
  EXPECT_EQ(ReasonNameOf(DetailsOf(error)), "RECEIPT_NOT_FOUND");
  EXPECT_EQ(log_.Take().reason, "RECEIPT_NOT_FOUND");
}

TEST_F(CallsTest, AThousandViolationsReachTheCallerAsFarAsTheyFit) {
  domain::Violations violations;
  for (int i = 0; i < 1000; ++i) {
    violations.push_back({absl::StrCat("sale.lines[", i, "].tax_id"), Reason::kTaxNotMapped,
                          "податок «пдв7» не зіставлено з податковою групою"});
  }
  grpc::ClientContext context;
  v1::GetReceiptResponse response;
  std::future<grpc::Status> status = Call(context, response);
  std::move(handlers_.pending.Take().done)(DocumentInvalid(violations));
  const grpc::Status error = status.get();
  EXPECT_EQ(error.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_FALSE(error.error_details().empty()) << "the client dropped the details";
  google::rpc::BadRequest bad;
  const google::rpc::Status details = DetailsOf(error);
  for (const google::protobuf::Any& detail : details.details()) detail.UnpackTo(&bad);
  EXPECT_GT(bad.field_violations_size(), 10);
}

TEST_F(CallsTest, TheHandlerKnowsHowLongItHasLessTheWayBack) {
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + seconds(20));
  v1::GetReceiptResponse response;
  std::future<grpc::Status> status = Call(context, response);
  Pending pending = handlers_.pending.Take();
  EXPECT_LE(pending.call.answer_within,
            absl::Seconds(20) - absl::Milliseconds(200));  // though it came rounded up
  EXPECT_GT(pending.call.answer_within, absl::ZeroDuration());
  std::move(pending.done)(v1::GetReceiptResponse());
  EXPECT_TRUE(status.get().ok());
}

TEST_F(CallsTest, ACallerWhoGoesAwayEndsTheCallAndALateAnswerDoesNothing) {
  for (int i = 0; i < 50; ++i) {
    grpc::ClientContext context;
    v1::GetReceiptResponse response;
    std::future<grpc::Status> status = Call(context, response);
    Pending pending = handlers_.pending.Take();
    context.TryCancel();
    EXPECT_EQ(status.get().error_code(), grpc::StatusCode::CANCELLED);
    // Half of the answers race with the end of the call, half come after it.
    const bool late = i % 2 == 0;
    if (late) {
      EXPECT_EQ(log_.Take().code, absl::StatusCode::kCancelled);
      EXPECT_TRUE(pending.call.is_over()) << "what was to be read for it need not be";
    }
    std::move(pending.done)(v1::GetReceiptResponse());
    if (!late) log_.Take();
  }
}

TEST_F(CallsTest, ADeadlineThatPassesEndsTheCall) {
  grpc::ClientContext context;
  context.set_deadline(system_clock::now() + std::chrono::milliseconds(50));
  v1::GetReceiptResponse response;
  std::future<grpc::Status> status = Call(context, response);
  EXPECT_EQ(status.get().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(CallsTest, AnAnswerThatIsDroppedSaysThatTheOutcomeIsNotKnown) {
  grpc::ClientContext context;
  v1::GetReceiptResponse response;
  std::future<grpc::Status> status = Call(context, response);
  { const Pending dropped = handlers_.pending.Take(); }
  const grpc::Status error = status.get();
  EXPECT_EQ(error.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(DetailsOf(error).details_size(), 0) << "an ErrorInfo would promise that nothing was stored";
}

TEST_F(CallsTest, BytesThatAreNoRequestAreTheCallersFault) {
  v1::GetReceiptRequest request;
  request.set_fiscal_number("bad");
  std::string no_utf8 = request.SerializeAsString();
  no_utf8[no_utf8.find("bad")] = '\xff';
  for (const std::string& bytes : {no_utf8, std::string("\xff\xff\xff\xff"), std::string("\x0a\x7f", 2)}) {
    const grpc::Status error = CallWithBytes(bytes);
    EXPECT_EQ(error.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(error.error_message(), HasSubstr("kasa.v1.GetReceiptRequest"));
    EXPECT_EQ(ReasonNameOf(DetailsOf(error)), "REQUEST_INVALID");
    EXPECT_EQ(log_.Take().reason, "REQUEST_INVALID");
  }
}

TEST_F(CallsTest, WhatIsNotBoundIsNotInThisVersion) {
  grpc::ClientContext context;
  v1::GetTotalsResponse totals;
  const grpc::Status unary = stub_->GetTotals(&context, v1::GetTotalsRequest(), &totals);
  EXPECT_EQ(unary.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(ReasonNameOf(DetailsOf(unary)), "NOT_IN_THIS_VERSION");
  EXPECT_EQ(log_.Take().method, "kasa.v1.ReceiptService/GetTotals");

  const auto fiscalizations = v1::FiscalizationService::NewStub(channel_);
  grpc::ClientContext watching;
  const auto reader = fiscalizations->WatchFiscalizations(&watching, v1::WatchFiscalizationsRequest());
  v1::WatchFiscalizationsResponse change;
  EXPECT_FALSE(reader->Read(&change));
  const grpc::Status stream = reader->Finish();
  EXPECT_EQ(stream.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(ReasonNameOf(DetailsOf(stream)), "NOT_IN_THIS_VERSION");
}

TEST_F(CallsTest, AServerThatShutsDownWaitsForNobodyWhoMayNeverAnswer) {
  grpc::ClientContext context;
  v1::GetReceiptResponse response;
  std::future<grpc::Status> status = Call(context, response);
  Pending pending = handlers_.pending.Take();
  server_->Shutdown(system_clock::now());
  EXPECT_FALSE(status.get().ok());
  std::move(pending.done)(v1::GetReceiptResponse());  // after the server is gone
}

// Takes every watch and ends it at once.
class WatchedHandlers {
 public:
  void WatchFiscalizations(v1::WatchFiscalizationsRequest request, std::shared_ptr<StreamCall> call) {
    watched.Put(std::move(request));
    call->Finish(absl::OkStatus());
  }

  Mailbox<v1::WatchFiscalizationsRequest> watched;
};

TEST(StreamCallsTest, AListThatIsTooLongIsRefusedBeforeTheRequestIsParsed) {
  Mailbox<LoggedCall> log;
  CallLog call_log = [&log](const CallRecord& call) { log.Put({call.method, call.code, call.reason}); };
  WatchedHandlers handlers;
  BoundService<v1::FiscalizationService::Service> service(v1::FiscalizationService::service_full_name(),
                                                          call_log);
  service.BindStream("WatchFiscalizations", handlers, &WatchedHandlers::WatchFiscalizations);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto stub = v1::FiscalizationService::NewStub(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  const auto watch = [&stub](int integrations) {
    v1::WatchFiscalizationsRequest request;
    for (int i = 0; i < integrations; ++i) request.add_integration_ids();
    grpc::ClientContext context;
    const auto reader = stub->WatchFiscalizations(&context, request);
    v1::WatchFiscalizationsResponse change;
    EXPECT_FALSE(reader->Read(&change));
    return reader->Finish();
  };

  const grpc::Status refused = watch(2'000'000);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << refused.error_message();
  EXPECT_THAT(refused.error_message(), HasSubstr("integration_ids"));
  EXPECT_EQ(log.Take().reason, "REQUEST_INVALID");
  EXPECT_TRUE(watch(1000).ok());
  EXPECT_EQ(handlers.watched.Take().integration_ids_size(), 1000) << "the first one that was handed on";
  server->Shutdown(system_clock::now());
}

// A caller that times out and asks again, over and over, must not keep others from their lists.
TEST(ReadOnTest, WhatNobodyWaitsForIsNotRead) {
  SystemClock clock;
  engine::ThreadExecutor executor(1, clock);
  for (const bool over : {false, true}) {
    std::promise<absl::StatusOr<int>> answered;
    bool read = false;
    ReadOn<int>(
        executor, {.is_over = [over] { return over; }},
        [&answered](absl::StatusOr<int> answer) { answered.set_value(answer); },
        [&read]() -> absl::StatusOr<int> {
          read = true;
          return 7;
        });
    EXPECT_EQ(answered.get_future().get().ok(), !over);
    EXPECT_EQ(read, !over);
  }
  executor.Stop();
}

TEST(AnswerWithinTest, LeavesATenthAndAtMostThreeHundredMilliseconds) {
  EXPECT_EQ(AnswerWithin(absl::InfiniteDuration()), absl::InfiniteDuration());
  EXPECT_EQ(AnswerWithin(absl::Seconds(10)), absl::Milliseconds(9700));
  EXPECT_EQ(AnswerWithin(absl::Seconds(1)), absl::Milliseconds(900));
  EXPECT_EQ(AnswerWithin(absl::ZeroDuration()), absl::ZeroDuration());
  EXPECT_EQ(AnswerWithin(absl::Seconds(-1)), absl::ZeroDuration());
}

}  // namespace
}  // namespace kasa::api
