#ifndef KASA_SERVER_API_TIMES_H_
#define KASA_SERVER_API_TIMES_H_

#include <optional>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

// Times of the contract and of Abseil, both ways. Pure functions.
namespace kasa::api {

// Nothing when it is out of the range that google.protobuf.Timestamp and Duration document, or its parts
// don't go together. DecodeDuration(): up to 10,000 years, either sign.
std::optional<absl::Time> DecodeTime(const google::protobuf::Timestamp& time);
std::optional<absl::Duration> DecodeDuration(const google::protobuf::Duration& duration);

// To the nanosecond, rounded down. `time` and `duration` are within those ranges.
void EncodeTime(absl::Time time, google::protobuf::Timestamp* out);
void EncodeDuration(absl::Duration duration, google::protobuf::Duration* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_TIMES_H_
