#include "server/api/encode_problem.h"

#include <cstdint>
#include <limits>
#include <optional>

namespace kasa::api {
namespace {

// The vendor's codes are small; one that the contract's int32 can't hold is not told rather than bent.
std::optional<int32_t> Narrow(std::optional<int64_t> value) {
  if (!value || *value < std::numeric_limits<int32_t>::min() ||
      *value > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int32_t>(*value);
}

}  // namespace

v1::FailureClass EncodeClass(FailureClass failure_class) {
  switch (failure_class) {
    case FailureClass::kRequest:
      return v1::FAILURE_CLASS_REQUEST;
    case FailureClass::kUser:
      return v1::FAILURE_CLASS_USER;
    case FailureClass::kConfiguration:
      return v1::FAILURE_CLASS_CONFIGURATION;
    case FailureClass::kTransient:
      return v1::FAILURE_CLASS_TRANSIENT;
    case FailureClass::kInternal:
      return v1::FAILURE_CLASS_INTERNAL;
  }
  return v1::FAILURE_CLASS_UNSPECIFIED;
}

void EncodeUpstream(const domain::Upstream& upstream, v1::Upstream* out) {
  out->set_http_status(upstream.http_status);
  if (const auto res = Narrow(upstream.res)) out->set_res(*res);
  if (const auto action = Narrow(upstream.res_action)) out->set_res_action(*action);
  out->set_errortxt(upstream.errortxt);
  out->set_error_extra_json(upstream.error_extra_json);
}

void EncodeFailure(const domain::Failure& failure, v1::Failure* out) {
  const ReasonInfo& reason = InfoOf(failure.reason);
  out->set_reason(std::string(reason.name));
  out->set_message(failure.message);
  out->set_remedy(std::string(reason.remedy));
  if (failure.upstream) EncodeUpstream(*failure.upstream, out->mutable_upstream());
  out->set_correction_allowed(failure.correction_allowed);
  out->set_failure_class(EncodeClass(reason.failure_class));
}

void EncodeWarnings(const std::vector<domain::Notice>& warnings,
                    google::protobuf::RepeatedPtrField<v1::Warning>* out) {
  for (const domain::Notice& warning : warnings) {
    v1::Warning& encoded = *out->Add();
    if (warning.reason) encoded.set_reason(std::string(NameOf(*warning.reason)));
    encoded.set_field(warning.field);
    encoded.set_message(warning.message);
  }
}

void EncodeViolations(const domain::Violations& violations,
                      google::protobuf::RepeatedPtrField<v1::Violation>* out) {
  for (const domain::Violation& violation : violations) {
    v1::Violation& encoded = *out->Add();
    encoded.set_field(violation.field);
    encoded.set_reason(std::string(NameOf(violation.reason)));
    encoded.set_message(violation.message);
  }
}

}  // namespace kasa::api
