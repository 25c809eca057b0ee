#include "server/api/times.h"

#include <gtest/gtest.h>

namespace kasa::api {
namespace {

google::protobuf::Timestamp Timestamp(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

google::protobuf::Duration Duration(int64_t seconds, int32_t nanos) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

TEST(TimesTest, MomentsOutsideOfTheDocumentedRangeAreNone) {
  EXPECT_EQ(DecodeTime(Timestamp(0, 0)), absl::UnixEpoch());
  EXPECT_EQ(DecodeTime(Timestamp(-1, 999'999'999)), absl::UnixEpoch() - absl::Nanoseconds(1));
  EXPECT_TRUE(DecodeTime(Timestamp(-62'135'596'800, 0)));
  EXPECT_FALSE(DecodeTime(Timestamp(-62'135'596'801, 0)));
  EXPECT_TRUE(DecodeTime(Timestamp(253'402'300'799, 999'999'999)));
  EXPECT_FALSE(DecodeTime(Timestamp(253'402'300'800, 0)));
  EXPECT_FALSE(DecodeTime(Timestamp(0, -1)));
  EXPECT_FALSE(DecodeTime(Timestamp(0, 1'000'000'000)));
}

TEST(TimesTest, DurationsOutsideOfTheDocumentedRangeAreNone) {
  EXPECT_EQ(DecodeDuration(Duration(1, 500'000'000)), absl::Milliseconds(1500));
  EXPECT_EQ(DecodeDuration(Duration(-1, -500'000'000)), absl::Milliseconds(-1500));
  EXPECT_FALSE(DecodeDuration(Duration(1, -1)));
  EXPECT_FALSE(DecodeDuration(Duration(-1, 1)));
  EXPECT_FALSE(DecodeDuration(Duration(315'576'000'001, 0)));
  EXPECT_FALSE(DecodeDuration(Duration(0, 1'000'000'000)));
}

TEST(TimesTest, WhatIsEncodedIsDecodedAsItWas) {
  for (const absl::Duration d :
       {absl::ZeroDuration(), absl::Nanoseconds(-1), absl::Seconds(-90061), absl::Milliseconds(-1500),
        absl::Hours(24 * 365 * 60) + absl::Nanoseconds(7)}) {
    google::protobuf::Duration duration;
    EncodeDuration(d, &duration);
    EXPECT_EQ(DecodeDuration(duration), d);
    google::protobuf::Timestamp time;
    EncodeTime(absl::UnixEpoch() + d, &time);
    EXPECT_EQ(DecodeTime(time), absl::UnixEpoch() + d);
  }
}

}  // namespace
}  // namespace kasa::api
