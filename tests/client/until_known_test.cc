#include "client/until_known.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/deadlines.h"
#include "client/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "kasa/client/error.h"
#include "tests/client/fake_time.h"

namespace kasa::client::internal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kPatience = absl::Minutes(5);

absl::Status Ours(grpc::StatusCode code, const std::string& reason,
                  std::optional<absl::Duration> retry_delay = std::nullopt) {
  google::rpc::Status rich;
  rich.set_code(code);
  rich.set_message(reason);
  google::rpc::ErrorInfo info;
  info.set_domain("kasa.v1");
  info.set_reason(reason);
  rich.add_details()->PackFrom(info);
  if (retry_delay) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = ToProto(*retry_delay);
    rich.add_details()->PackFrom(retry);
  }
  return FromGrpc(grpc::Status(code, reason, rich.SerializeAsString()));
}

v1::FiscalizeSaleResponse In(v1::FiscalizationState state) {
  v1::FiscalizeSaleResponse response;
  response.mutable_fiscalization()->set_state(state);
  return response;
}

// A gateway that answers by a script. What is not in the script is a failure of the test.
class UntilKnown : public ::testing::Test {
 protected:
  using Answer = absl::StatusOr<v1::FiscalizeSaleResponse>;

  // The next try takes so long, and ends so.
  void Then(Answer answer, absl::Duration takes = absl::Milliseconds(1)) {
    script_.push_back({takes, std::move(answer)});
  }
  void ThenLookFinds(absl::StatusOr<v1::GetFiscalizationResponse> found) {
    looks_.push_back(std::move(found));
  }

  Answer Run(absl::Duration give_up_after = kPatience) {
    v1::FiscalizeSaleRequest request;
    request.set_document_id("DN-1");
    request.set_source_system("erp");
    const SaleCalls calls{
        .fiscalize = [this](const auto& sale, absl::Duration timeout) { return Fiscalize(sale, timeout); },
        .look = [this](const auto& look, absl::Duration timeout) { return Look(look, timeout); }};
    Answer answer = FiscalizeUntilKnown(request, give_up_after, options_, time_, calls);
    EXPECT_THAT(script_, IsEmpty()) << "tries that were not made";
    EXPECT_THAT(looks_, IsEmpty()) << "looks that were not made";
    return answer;
  }

  static bool StoredNothing(const Answer& answer) { return ErrorFrom(answer.status())->stored_nothing(); }

  ClientOptions options_{.margin = absl::Seconds(5),
                         .timeout = absl::Seconds(15),
                         .first_pause = absl::Seconds(1),
                         .longest_pause = absl::Seconds(8)};
  FakeTime time_;
  std::vector<absl::Duration> max_waits_;
  std::vector<absl::Duration> timeouts_;

 private:
  struct Step {
    absl::Duration takes;
    Answer answer;
  };

  Answer Fiscalize(const v1::FiscalizeSaleRequest& request, absl::Duration timeout) {
    EXPECT_EQ(request.document_id(), "DN-1");
    max_waits_.push_back(FromProto(request.max_wait()));
    timeouts_.push_back(timeout);
    if (script_.empty()) {
      ADD_FAILURE() << "a try too many";
      return absl::UnimplementedError("a try too many");
    }
    Step step = std::move(script_.front());
    script_.pop_front();
    time_.Pass(step.takes);
    return std::move(step.answer);
  }

  absl::StatusOr<v1::GetFiscalizationResponse> Look(const v1::GetFiscalizationRequest& request,
                                                    absl::Duration) {
    EXPECT_EQ(request.document().kind(), v1::DOCUMENT_KIND_SALE);
    EXPECT_EQ(request.document().document_id(), "DN-1");
    EXPECT_EQ(request.document().source_system(), "erp");
    if (looks_.empty()) {
      ADD_FAILURE() << "a look too many";
      return Ours(grpc::StatusCode::NOT_FOUND, "FISCALIZATION_NOT_FOUND");
    }
    auto found = std::move(looks_.front());
    looks_.pop_front();
    return found;
  }

  std::deque<Step> script_;
  std::deque<absl::StatusOr<v1::GetFiscalizationResponse>> looks_;
};

TEST_F(UntilKnown, ReturnsEveryStateThatIsSettledAtOnce) {
  for (const auto state : {v1::FISCALIZATION_STATE_FISCALIZED, v1::FISCALIZATION_STATE_FAILED,
                           v1::FISCALIZATION_STATE_CANCELLED}) {
    Then(In(state));
    const Answer answer = Run();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->fiscalization().state(), state);
  }
  EXPECT_THAT(time_.pauses(), IsEmpty());
}

TEST_F(UntilKnown, WaitsOnWithTheGatewayWhileTheStateIsNotSettled) {
  Then(In(v1::FISCALIZATION_STATE_ACCEPTED), absl::Seconds(60));
  Then(In(v1::FISCALIZATION_STATE_SENDING), absl::Seconds(60));
  Then(In(v1::FISCALIZATION_STATE_IN_DOUBT), absl::Seconds(60));
  Then(In(v1::FISCALIZATION_STATE_FISCALIZED), absl::Seconds(1));
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(time_.pauses(), IsEmpty());
  EXPECT_THAT(max_waits_,
              ElementsAre(absl::Seconds(60), absl::Seconds(60), absl::Seconds(60), absl::Seconds(60)));
  EXPECT_THAT(timeouts_,
              ElementsAre(absl::Seconds(65), absl::Seconds(65), absl::Seconds(65), absl::Seconds(65)));
}

TEST_F(UntilKnown, PausesWhenAGatewayDoesNotWait) {
  Then(In(v1::FISCALIZATION_STATE_ACCEPTED));
  Then(In(v1::FISCALIZATION_STATE_ACCEPTED));
  Then(In(v1::FISCALIZATION_STATE_FISCALIZED));
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(time_.pauses(), ElementsAre(absl::Seconds(1), absl::Seconds(2)));
}

TEST_F(UntilKnown, RepeatsWhatIsNotKnownWithAGrowingPause) {
  for (const auto& status :
       {absl::UnavailableError(""), absl::DeadlineExceededError(""), absl::UnknownError(""),
        absl::CancelledError(""), absl::InternalError(""), absl::DataLossError("")}) {
    Then(status);
  }
  Then(In(v1::FISCALIZATION_STATE_FISCALIZED));
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(time_.pauses(), ElementsAre(absl::Seconds(1), absl::Seconds(2), absl::Seconds(4),
                                          absl::Seconds(8), absl::Seconds(8), absl::Seconds(8)));
}

TEST_F(UntilKnown, DrawsThePauseFromItsUpperHalf) {
  time_.set_chance(0);
  Then(absl::UnavailableError(""));
  Then(absl::UnavailableError(""));
  Then(In(v1::FISCALIZATION_STATE_FISCALIZED));
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(time_.pauses(), ElementsAre(absl::Milliseconds(500), absl::Seconds(1)));
}

TEST_F(UntilKnown, ComesAgainWhenTheGatewaySaysAndNotBefore) {
  Then(Ours(grpc::StatusCode::UNAVAILABLE, "SHUTTING_DOWN", absl::Seconds(20)));
  Then(Ours(grpc::StatusCode::RESOURCE_EXHAUSTED, "LANE_FULL", absl::Milliseconds(1)));
  Then(Ours(grpc::StatusCode::UNAVAILABLE, "STORE_FULL"));
  Then(In(v1::FISCALIZATION_STATE_FISCALIZED));
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(time_.pauses(), ElementsAre(absl::Seconds(20), absl::Seconds(2), absl::Seconds(4)));
}

TEST_F(UntilKnown, ReturnsARefusalOfTheFirstTryAtOnce) {
  Then(Ours(grpc::StatusCode::INVALID_ARGUMENT, "DOCUMENT_INVALID"));
  const Answer answer = Run();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(StoredNothing(answer));
  EXPECT_THAT(time_.pauses(), IsEmpty());
}

TEST_F(UntilKnown, LooksWhetherATryBeforeStoredTheDocumentThatIsRefusedNow) {
  Then(absl::DeadlineExceededError(""));  // just before midnight, say
  Then(Ours(grpc::StatusCode::INVALID_ARGUMENT, "DOCUMENT_INVALID"));
  ThenLookFinds(Ours(grpc::StatusCode::NOT_FOUND, "FISCALIZATION_NOT_FOUND"));
  const Answer answer = Run();
  EXPECT_EQ(ErrorFrom(answer.status())->reason, "DOCUMENT_INVALID");
  EXPECT_TRUE(StoredNothing(answer));
}

TEST_F(UntilKnown, GoesOnWhenItDidOrWhenThatIsNotKnown) {
  Then(absl::DeadlineExceededError(""));
  Then(Ours(grpc::StatusCode::INVALID_ARGUMENT, "DOCUMENT_INVALID"));
  ThenLookFinds(absl::UnavailableError(""));
  Then(Ours(grpc::StatusCode::INVALID_ARGUMENT, "DOCUMENT_INVALID"));
  ThenLookFinds(v1::GetFiscalizationResponse());
  Then(In(v1::FISCALIZATION_STATE_FISCALIZED));
  EXPECT_TRUE(Run().ok());
}

TEST_F(UntilKnown, LooksTooWhenTheDocumentWasAcceptedBefore) {
  Then(In(v1::FISCALIZATION_STATE_ACCEPTED));
  Then(Ours(grpc::StatusCode::FAILED_PRECONDITION, "INTEGRATION_INACTIVE"));
  ThenLookFinds(v1::GetFiscalizationResponse());
  Then(In(v1::FISCALIZATION_STATE_FISCALIZED));
  EXPECT_TRUE(Run().ok());
}

TEST_F(UntilKnown, TakesOtherContentAsTheLastWord) {
  Then(absl::DeadlineExceededError(""));
  Then(Ours(grpc::StatusCode::ALREADY_EXISTS, "DOCUMENT_CONTENT_DIFFERS"));
  const Answer answer = Run();
  EXPECT_EQ(ErrorFrom(answer.status())->reason, "DOCUMENT_CONTENT_DIFFERS");
}

TEST_F(UntilKnown, DoesNotRepeatWhatNoGatewayAnswered) {
  for (const auto& status : {absl::UnimplementedError(""), absl::UnauthenticatedError(""),
                             absl::PermissionDeniedError(""), absl::InvalidArgumentError("")}) {
    Then(status);
    const Answer answer = Run();
    EXPECT_EQ(answer.status(), status);
    EXPECT_FALSE(StoredNothing(answer));
  }
  EXPECT_THAT(time_.pauses(), IsEmpty());
}

TEST_F(UntilKnown, PromisesNothingWhenItGivesUpAfterATryThatMayHaveStoredTheDocument) {
  Then(absl::DeadlineExceededError(""), absl::Seconds(15));
  Then(Ours(grpc::StatusCode::UNAVAILABLE, "SHUTTING_DOWN", absl::Minutes(1)));
  const Answer answer = Run(absl::Seconds(30));
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(StoredNothing(answer));
  EXPECT_THAT(answer.status().message(), AllOf(HasSubstr("DN-1"), HasSubstr("SHUTTING_DOWN")));
}

TEST_F(UntilKnown, PromisesThatNothingWasStoredWhenEveryTryWasRefused) {
  Then(Ours(grpc::StatusCode::UNAVAILABLE, "STORE_FULL", absl::Seconds(20)));
  Then(Ours(grpc::StatusCode::UNAVAILABLE, "STORE_FULL", absl::Seconds(20)));
  const Answer answer = Run(absl::Seconds(30));
  EXPECT_EQ(ErrorFrom(answer.status())->reason, "STORE_FULL");
  EXPECT_TRUE(StoredNothing(answer));
}

TEST_F(UntilKnown, ReturnsWhatWasAcceptedWhenItGivesUp) {
  Then(In(v1::FISCALIZATION_STATE_IN_DOUBT), absl::Seconds(25));
  Then(absl::UnavailableError(""), absl::Seconds(1));
  Then(absl::UnavailableError(""), absl::Seconds(3));
  const Answer answer = Run(absl::Seconds(30));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->fiscalization().state(), v1::FISCALIZATION_STATE_IN_DOUBT);
}

TEST_F(UntilKnown, NeverWaitsLongerThanItWasGiven) {
  Then(In(v1::FISCALIZATION_STATE_IN_DOUBT), absl::Seconds(60));
  Then(In(v1::FISCALIZATION_STATE_IN_DOUBT), absl::Seconds(26));
  Then(In(v1::FISCALIZATION_STATE_IN_DOUBT), absl::Seconds(4));
  EXPECT_TRUE(Run(absl::Seconds(90)).ok());
  EXPECT_THAT(max_waits_, ElementsAre(absl::Seconds(60), absl::Seconds(25), absl::Seconds(2)));
  EXPECT_THAT(timeouts_, ElementsAre(absl::Seconds(65), absl::Seconds(30), absl::Seconds(4)));
}

TEST_F(UntilKnown, RefusesWhatHasNothingToRepeat) {
  v1::FiscalizeSaleRequest check;
  check.set_validate_only(true);
  EXPECT_EQ(FiscalizeUntilKnown(check, kPatience, options_, time_, SaleCalls()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Run(absl::ZeroDuration()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace kasa::client::internal
