#include "kasa/client/error.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "client/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace kasa::client {
namespace {

constexpr absl::string_view kDomain = "kasa.v1";

// The rich status, if there is one that belongs to this status. When the two codes differ, something on the
// way has put its own status in front, and what the details promise is not the end of this call.
std::optional<google::rpc::Status> DetailsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(internal::kStatusDetailsUrl);
  google::rpc::Status details;
  if (!payload || !details.ParseFromString(std::string(*payload))) return std::nullopt;
  if (details.code() != static_cast<int>(status.code())) return std::nullopt;
  return details;
}

void Read(const google::rpc::ErrorInfo& info, Error& error) {
  if (info.domain() != kDomain) return;
  error.from_gateway = true;
  error.reason = info.reason();
  error.metadata = {info.metadata().begin(), info.metadata().end()};
  const auto left_out = error.metadata.find("violations_left_out");
  if (left_out != error.metadata.end() && !absl::SimpleAtoi(left_out->second, &error.violations_left_out)) {
    error.violations_left_out = 0;
  }
}

void Read(const google::rpc::BadRequest& request, Error& error) {
  for (const auto& violation : request.field_violations()) {
    error.violations.push_back({violation.field(), violation.reason(), violation.description()});
  }
}

void Read(const google::rpc::RetryInfo& retry, Error& error) {
  const absl::Duration delay =
      absl::Seconds(retry.retry_delay().seconds()) + absl::Nanoseconds(retry.retry_delay().nanos());
  error.retry_delay = std::max(delay, absl::ZeroDuration());
}

template <typename Detail>
void ReadIfIs(const google::protobuf::Any& any, Error& error) {
  Detail detail;
  if (any.Is<Detail>() && any.UnpackTo(&detail)) Read(detail, error);
}

}  // namespace

std::optional<Error> ErrorFrom(const absl::Status& status) {
  if (status.ok()) return std::nullopt;
  Error error{.code = status.code(), .message = std::string(status.message())};
  if (const auto details = DetailsOf(status)) {
    for (const google::protobuf::Any& any : details->details()) {
      ReadIfIs<google::rpc::ErrorInfo>(any, error);
      ReadIfIs<google::rpc::BadRequest>(any, error);
      ReadIfIs<google::rpc::RetryInfo>(any, error);
    }
  }
  return error;
}

}  // namespace kasa::client
