#include "server/api/encode_readiness.h"

#include "server/api/times.h"

namespace kasa::api {
namespace {

v1::ReadinessSeverity EncodeSeverity(domain::ReadinessSeverity severity) {
  switch (severity) {
    case domain::ReadinessSeverity::kNotice:
      return v1::READINESS_SEVERITY_NOTICE;
    case domain::ReadinessSeverity::kWarning:
      return v1::READINESS_SEVERITY_WARNING;
    case domain::ReadinessSeverity::kBlocking:
      return v1::READINESS_SEVERITY_BLOCKING;
  }
  return v1::READINESS_SEVERITY_UNSPECIFIED;
}

}  // namespace

void EncodeReadiness(const engine::Readiness& readiness, v1::GetReadinessResponse* out) {
  out->set_ready(domain::IsReady(readiness.items));
  for (const domain::ReadinessItem& item : readiness.items) {
    v1::ReadinessItem& encoded = *out->add_items();
    // The domain's codes have the contract's numbers (readiness.h).
    encoded.set_code(static_cast<v1::ReadinessCode>(item.code));
    encoded.set_severity(EncodeSeverity(item.severity));
    encoded.set_message(item.message);
    encoded.set_remedy(item.remedy);
    encoded.set_subject(item.subject);
  }
  if (readiness.connection_check_time) {
    EncodeTime(*readiness.connection_check_time, out->mutable_connection_check_time());
  }
}

}  // namespace kasa::api
