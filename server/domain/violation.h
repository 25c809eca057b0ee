#ifndef KASA_SERVER_DOMAIN_VIOLATION_H_
#define KASA_SERVER_DOMAIN_VIOLATION_H_

#include <string>
#include <vector>

#include "common/reason.h"

namespace kasa::domain {

// One thing that is wrong with a request, at one field. `field` is a path from the request's root as the
// contract spells it: "sale.lines[3].quantity_thousandths".
struct Violation {
  std::string field;
  Reason reason = Reason::kFieldInvalid;
  std::string message;  // for a person, with the expected figure where there is one

  friend bool operator==(const Violation&, const Violation&) = default;
};

using Violations = std::vector<Violation>;

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_VIOLATION_H_
