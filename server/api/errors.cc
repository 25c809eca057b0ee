#include "server/api/errors.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/reason.h"
#include "common/status_reason.h"
#include "google/rpc/error_details.pb.h"

namespace kasa::api {
namespace {

constexpr absl::string_view kViolationsUrl = "type.googleapis.com/google.rpc.BadRequest";

// Limits of the parts, so that no single text can use up the room of all.
constexpr size_t kMaxFieldBytes = 200;
constexpr size_t kMaxDescriptionBytes = 400;
constexpr size_t kMaxFactBytes = 400;
constexpr size_t kMaxFactsBytes = 800;

// More than kMaxViolationBytes have room for.
constexpr size_t kMaxViolations = 100;
constexpr absl::string_view kViolationsTotal = "violations_total";

// How long to wait where the refusal itself does not say.
constexpr absl::Duration kDefaultRetryDelay = absl::Seconds(5);

absl::Status Invalid(const domain::Violations& violations, size_t left_out, Reason reason,
                     absl::string_view what) {
  if (violations.empty()) return absl::OkStatus();
  google::rpc::BadRequest details;
  for (const domain::Violation& violation :
       std::span(violations).first(std::min(violations.size(), kMaxViolations))) {
    google::rpc::BadRequest::FieldViolation& field = *details.add_field_violations();
    field.set_field(violation.field);
    field.set_description(violation.message);
    field.set_reason(std::string(NameOf(violation.reason)));
  }
  const domain::Violation& first = violations.front();
  std::string message = absl::StrCat(what, ": ", first.field, first.field.empty() ? "" : ": ", first.message);
  const size_t total = violations.size() + left_out;
  if (total > 1) absl::StrAppend(&message, " (and ", total - 1, " more)");
  absl::Status status = WithFact(ReasonedError(absl::StatusCode::kInvalidArgument, reason, message),
                                 kViolationsTotal, absl::StrCat(total));
  status.SetPayload(kViolationsUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

google::rpc::BadRequest BadRequestOf(const absl::Status& status) {
  google::rpc::BadRequest details;
  if (const auto payload = status.GetPayload(kViolationsUrl)) details.ParseFromString(std::string(*payload));
  return details;
}

// How many violations there are, with those that `status` does not hold.
int TotalOf(const absl::Status& status) {
  const std::map<std::string, std::string> facts = FactsOf(status);
  const auto told = facts.find(std::string(kViolationsTotal));
  int total = 0;
  return told != facts.end() && absl::SimpleAtoi(told->second, &total) ? total : 0;
}

bool PromisesNothingStored(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return false;
    default:
      return true;
  }
}

Reason ReasonFor(const absl::Status& status) {
  if (const std::optional<Reason> reason = ReasonOf(status)) return *reason;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return Reason::kStoreUnavailable;
    case absl::StatusCode::kUnimplemented:
      return Reason::kNotInThisVersion;
    default:
      return Reason::kInternal;
  }
}

absl::string_view NameOf(FailureClass failure_class) {
  switch (failure_class) {
    case FailureClass::kRequest:
      return "REQUEST";
    case FailureClass::kUser:
      return "USER";
    case FailureClass::kConfiguration:
      return "CONFIGURATION";
    case FailureClass::kTransient:
      return "TRANSIENT";
    case FailureClass::kInternal:
      return "INTERNAL";
  }
  return "INTERNAL";
}

// What gRPC makes of a byte of the message: "%XX" of all that is not printable ASCII.
size_t EncodedLength(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value >= 0x20 && value <= 0x7e && value != '%' ? 1 : 3;
}

bool ContinuesCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string CutMessage(absl::string_view text) {
  size_t encoded = 0;
  size_t bytes = 0;
  while (bytes < text.size() && (encoded += EncodedLength(text[bytes])) <= kMaxEncodedMessageBytes) ++bytes;
  return CutUtf8(text, bytes);
}

// Moves violations from `all` as long as they fit, cut where one is long by itself; says how many are left.
google::rpc::BadRequest WithinBudget(google::rpc::BadRequest all, size_t budget) {
  google::rpc::BadRequest fitting;
  size_t used = 0;
  for (google::rpc::BadRequest::FieldViolation& violation : *all.mutable_field_violations()) {
    violation.set_field(CutUtf8(violation.field(), kMaxFieldBytes));
    violation.set_description(CutUtf8(violation.description(), kMaxDescriptionBytes));
    // Tag, length and the message itself.
    const size_t size = violation.ByteSizeLong();
    used += 1 + (size < 128 ? 1 : 2) + size;
    if (used > budget) break;
    *fitting.add_field_violations() = std::move(violation);
  }
  return fitting;
}

void AddFacts(const absl::Status& status, google::rpc::ErrorInfo& info) {
  size_t used = 0;
  for (const auto& [name, value] : FactsOf(status)) {
    const std::string cut = CutUtf8(value, kMaxFactBytes);
    used += name.size() + cut.size();
    if (used > kMaxFactsBytes) break;
    (*info.mutable_metadata())[name] = cut;
  }
}

// What a precondition is about: the most telling of its facts.
std::string SubjectOf(const std::map<std::string, std::string>& facts) {
  for (const char* name : {"fiscalization_id", "integration_id", "register_fiscal_number"}) {
    if (const auto found = facts.find(name); found != facts.end())
      return CutUtf8(found->second, kMaxFieldBytes);
  }
  return "";
}

void SetDelay(absl::Duration delay, google::rpc::RetryInfo& retry) {
  const int64_t seconds = absl::IDivDuration(delay, absl::Seconds(1), &delay);
  retry.mutable_retry_delay()->set_seconds(seconds);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(delay)));
}

}  // namespace

std::string CutUtf8(absl::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  while (max_bytes > 0 && ContinuesCharacter(text[max_bytes])) --max_bytes;
  return std::string(text.substr(0, max_bytes));
}

absl::Status RequestInvalid(const domain::Violations& violations, size_t left_out) {
  return Invalid(violations, left_out, Reason::kRequestInvalid, "the request is not valid");
}

absl::Status DocumentInvalid(const domain::Violations& violations) {
  return Invalid(violations, 0, Reason::kDocumentInvalid, "the document can't be fiscalized");
}

absl::Status NotInThisVersion(absl::string_view method) {
  return ReasonedError(absl::StatusCode::kUnimplemented, Reason::kNotInThisVersion,
                       absl::StrCat(method, " is not in this version"));
}

domain::Violations ViolationsOf(const absl::Status& status) {
  const google::rpc::BadRequest details = BadRequestOf(status);
  domain::Violations violations;
  for (const google::rpc::BadRequest::FieldViolation& field : details.field_violations()) {
    violations.push_back({.field = field.field(),
                          .reason = ReasonFromName(field.reason()).value_or(Reason::kFieldInvalid),
                          .message = field.description()});
  }
  return violations;
}

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int32_t>(status.code()));
  wire.set_message(CutMessage(status.message()));
  if (!ReasonOf(status) && !PromisesNothingStored(status.code())) return wire;

  const ReasonInfo& reason = InfoOf(ReasonFor(status));
  google::rpc::ErrorInfo info;
  info.set_domain(std::string(kErrorDomain));
  info.set_reason(std::string(reason.name));
  AddFacts(status, info);
  (*info.mutable_metadata())["failure_class"] = std::string(NameOf(reason.failure_class));
  (*info.mutable_metadata())["remedy"] = std::string(reason.remedy);

  google::rpc::BadRequest all = BadRequestOf(status);
  // Room for ErrorInfo's envelope and the two counts is kept free.
  const size_t others = wire.ByteSizeLong() + info.ByteSizeLong() + 256;
  const size_t room = kMaxDetailBytes > others ? kMaxDetailBytes - others : 0;
  const google::rpc::BadRequest fitting = WithinBudget(std::move(all), std::min(kMaxViolationBytes, room));
  if (const int total = TotalOf(status); total > 0) {
    const int left_out = total - fitting.field_violations_size();
    if (left_out > 0) (*info.mutable_metadata())["violations_left_out"] = absl::StrCat(left_out);
  }

  wire.add_details()->PackFrom(info);
  if (fitting.field_violations_size() > 0) wire.add_details()->PackFrom(fitting);
  if (status.code() == absl::StatusCode::kFailedPrecondition) {
    google::rpc::PreconditionFailure failure;
    google::rpc::PreconditionFailure::Violation& violation = *failure.add_violations();
    violation.set_type(std::string(reason.name));
    violation.set_subject(SubjectOf(FactsOf(status)));
    violation.set_description(CutUtf8(wire.message(), kMaxDescriptionBytes));
    wire.add_details()->PackFrom(failure);
  }
  std::optional<absl::Duration> delay = RetryDelayOf(status);
  if (!delay && (status.code() == absl::StatusCode::kUnavailable ||
                 status.code() == absl::StatusCode::kResourceExhausted)) {
    delay = kDefaultRetryDelay;
  }
  if (delay) {
    google::rpc::RetryInfo retry;
    SetDelay(*delay, retry);
    wire.add_details()->PackFrom(retry);
  }
  return wire;
}

std::string ReasonNameOf(const google::rpc::Status& wire) {
  google::rpc::ErrorInfo info;
  for (const google::protobuf::Any& detail : wire.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}

}  // namespace kasa::api
