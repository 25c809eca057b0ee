#include "common/status_reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kasa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(StatusReason, CarriesReasonFactsAndDelay) {
  absl::Status status = ReasonedError(absl::StatusCode::kResourceExhausted, Reason::kLaneFull, "full");
  status = WithFact(std::move(status), "register", "4000000001");
  status = WithFact(std::move(status), "queued", "10000");
  status = WithRetryDelay(std::move(status), absl::Milliseconds(1500));

  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "full");
  EXPECT_EQ(ReasonOf(status), Reason::kLaneFull);
  EXPECT_THAT(FactsOf(status), ElementsAre(Pair("queued", "10000"), Pair("register", "4000000001")));
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(1500));
}

TEST(StatusReason, EveryReasonReadsBack) {
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_EQ(ReasonOf(ReasonedError(absl::StatusCode::kInternal, info.reason, "")), info.reason)
        << info.name;
  }
}

TEST(StatusReason, AStatusOfAnotherMakerHasNone) {
  const absl::Status status = absl::NotFoundError("nothing");
  EXPECT_EQ(ReasonOf(status), std::nullopt);
  EXPECT_THAT(FactsOf(status), IsEmpty());
  EXPECT_EQ(RetryDelayOf(status), std::nullopt);
}

TEST(StatusReason, NothingSticksToOk) {
  const absl::Status status =
      WithRetryDelay(WithFact(WithReason(absl::OkStatus(), Reason::kInternal), "a", "b"), absl::Seconds(1));
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(ReasonOf(status), std::nullopt);
}

TEST(StatusReason, TheLastReasonCounts) {
  const absl::Status status = WithReason(
      ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreUnavailable, ""), Reason::kStoreFull);
  EXPECT_EQ(ReasonOf(status), Reason::kStoreFull);
}

}  // namespace
}  // namespace kasa
