#include "server/engine/lane_hold.h"

#include <gtest/gtest.h>

namespace kasa::engine {
namespace {

// What a lane is told when the wire comes back after a question that was answered so.
template <typename Answer>
LaneHold::Returned AfterAsking(const Answer& answer) {
  LaneHold::Returned told;
  {
    LaneHold hold([&told](const LaneHold::Returned& returned) { told = returned; });
    hold.Asked(answer);
  }
  return told;
}

template <typename Answer>
class LaneHoldAfter : public testing::Test {};
using Questions = testing::Types<vchasno::StatusAnswer, vchasno::ReportAnswer>;
TYPED_TEST_SUITE(LaneHoldAfter, Questions);

TYPED_TEST(LaneHoldAfter, AnOrdinaryAnswerTellsNothing) {
  const LaneHold::Returned told = AfterAsking(TypeParam());
  EXPECT_FALSE(told.register_changed);
  EXPECT_FALSE(told.may_be_at_work);
  EXPECT_EQ(told.retry_after, absl::ZeroDuration());
}

TYPED_TEST(LaneHoldAfter, TooManyRequestsTellsForHowLongNothingIsAsked) {
  TypeParam answer;
  answer.retry_after = absl::Seconds(60);
  EXPECT_EQ(AfterAsking(answer).retry_after, absl::Seconds(60));
}

TYPED_TEST(LaneHoldAfter, AnAnswerThatWantsTheRequestBeforeHasTheStatusAskedAnew) {
  TypeParam answer;
  answer.same_tag_next = true;
  EXPECT_TRUE(AfterAsking(answer).register_changed);
}

TYPED_TEST(LaneHoldAfter, SilenceTellsThatTheRegisterMayBeAtWork) {
  TypeParam answer;
  answer.wire.may_be_at_work = true;
  EXPECT_TRUE(AfterAsking(answer).may_be_at_work);
}

}  // namespace
}  // namespace kasa::engine
