#ifndef KASA_CLIENT_DEADLINES_H_
#define KASA_CLIENT_DEADLINES_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

// How long calls wait, as the contract says. Internal to the library.
namespace kasa::client::internal {

// What the gateway waits for the outcome of a fiscalizing call that names no max_wait.
inline constexpr absl::Duration kDefaultMaxWait = absl::Seconds(10);
// A longer max_wait counts as this.
inline constexpr absl::Duration kLongestMaxWait = absl::Seconds(60);

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

// How long the gateway waits for an outcome: max_wait within its bounds, or `unset` where the request names
// none.
template <typename Request>
absl::Duration WaitOf(const Request& request, absl::Duration unset) {
  if (!request.has_max_wait()) return unset;
  return std::clamp(FromProto(request.max_wait()), absl::ZeroDuration(), kLongestMaxWait);
}

}  // namespace kasa::client::internal

#endif  // KASA_CLIENT_DEADLINES_H_
