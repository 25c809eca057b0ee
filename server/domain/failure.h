#ifndef KASA_SERVER_DOMAIN_FAILURE_H_
#define KASA_SERVER_DOMAIN_FAILURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "common/reason.h"

namespace kasa::domain {

// What Vchasno.Kasa itself said, verbatim (product.md, point 21).
struct Upstream {
  int http_status = 0;  // 0: no HTTP answer
  std::optional<int64_t> res;
  std::optional<int64_t> res_action;
  std::string errortxt;
  std::string error_extra_json;

  friend bool operator==(const Upstream&, const Upstream&) = default;
};

// Why there is no receipt, or not yet. Class and remedy follow from the reason.
struct Failure {
  Reason reason = Reason::kInternal;
  std::string message;
  std::optional<Upstream> upstream;
  bool correction_allowed = false;  // other content may be sent under the same document id

  friend bool operator==(const Failure&, const Failure&) = default;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_FAILURE_H_
