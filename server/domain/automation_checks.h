#ifndef KASA_SERVER_DOMAIN_AUTOMATION_CHECKS_H_
#define KASA_SERVER_DOMAIN_AUTOMATION_CHECKS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/automation.h"
#include "server/domain/violation.h"

// Checks of what automation is told. Pure functions of their arguments; violations in the order of the
// contract's fields.
namespace kasa::domain {

// Of a rule whose field path in its request is `root` ("rule"). An empty id is fine: one is made up.
Violations CheckRule(const AutomationRule& rule, absl::string_view root);

// Of a whole request: "source_system", and the report at "order" or "delivery". Only what no rule could make
// good; what a rule would create is checked when it is created.
Violations CheckReport(const Report& report);

// What makes two reports of one subject and revision the same: all of them but the buyer's contacts. A hash
// with its version.
std::string FingerprintOf(const Report& report);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_AUTOMATION_CHECKS_H_
