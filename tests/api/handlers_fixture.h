#ifndef KASA_TESTS_API_HANDLERS_FIXTURE_H_
#define KASA_TESTS_API_HANDLERS_FIXTURE_H_

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/kyiv_time.h"
#include "common/status_reason.h"
#include "google/protobuf/text_format.h"
#include "server/api/encode_receipt.h"
#include "server/api/errors.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"
#include "tests/store/fixture.h"

// What tests of handlers share: a store of their own, and an engine that keeps what it is asked and does
// nothing.
namespace kasa::api {

class IdleFiscalizer final : public engine::Fiscalizer {
 public:
  void Fiscalize(engine::DocumentRequest request, engine::Done<engine::FiscalizeOutcome> done) override {
    asked = std::move(request);
    std::move(done)(engine::FiscalizeOutcome());
  }
  void Get(engine::FiscalizationQuery, engine::Done<domain::Fiscalization> done) override {
    std::move(done)(absl::UnavailableError("idle"));
  }
  void Retry(engine::RetryRequest, engine::Done<engine::FiscalizeOutcome> done) override {
    std::move(done)(absl::UnavailableError("idle"));
  }
  void Cancel(std::string, std::optional<int64_t>, engine::Done<domain::Fiscalization> done) override {
    std::move(done)(absl::UnavailableError("idle"));
  }
  void Resolve(engine::ResolveRequest, engine::Done<domain::Fiscalization> done) override {
    std::move(done)(absl::UnavailableError("idle"));
  }

  std::optional<engine::DocumentRequest> asked;  // the last
};

class HandlersTest : public store::StoreTest {
 public:
  ~HandlersTest() override { executor_.Stop(); }

 protected:
  // Calls a handler and waits for its answer.
  template <typename Response, typename Handlers, typename Request>
  absl::StatusOr<Response> Call(Handlers& handlers,
                                void (Handlers::*handle)(Request, CallContext, Done<Response>),
                                Request request, CallContext context = {}) {
    std::promise<absl::StatusOr<Response>> answered;
    (handlers.*handle)(
        std::move(request), std::move(context),
        [&answered](absl::StatusOr<Response> response) { answered.set_value(std::move(response)); });
    return answered.get_future().get();
  }

  ReceiptPages Pages() const { return {.kyiv = kyiv_, .viewer_url = "https://viewer"}; }

  KyivTime kyiv_ = *KyivTime::Load();
  SystemClock system_clock_;
  engine::ThreadExecutor executor_{1, system_clock_};
  IdleFiscalizer fiscalizer_;
};

// `request` with the fields of a text, "rule { store_id: 'x' }", put over it; lists are added to.
template <typename Request>
Request With(Request request, const std::string& text) {
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(text, &request)) << text;
  return request;
}

// One line of a table of bad requests.
struct BadRequest {
  const char* text;   // what is put over a right request
  const char* field;  // the only violation's
  Reason reason;
};

inline void ExpectViolation(const absl::Status& status, const BadRequest& bad) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.text << ": " << status;
  EXPECT_EQ(ReasonOf(status), Reason::kRequestInvalid) << bad.text;
  const domain::Violations violations = ViolationsOf(status);
  ASSERT_EQ(violations.size(), 1U) << bad.text << ": " << status;
  EXPECT_EQ(violations.front().field, bad.field) << bad.text;
  EXPECT_EQ(violations.front().reason, bad.reason) << bad.text << ": " << violations.front().message;
}

}  // namespace kasa::api

#endif  // KASA_TESTS_API_HANDLERS_FIXTURE_H_
