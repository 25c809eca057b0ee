#ifndef KASA_SERVER_DOMAIN_INTEGRATION_CHECKS_H_
#define KASA_SERVER_DOMAIN_INTEGRATION_CHECKS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/domain/integration.h"
#include "server/domain/notice.h"
#include "server/domain/violation.h"

// Checks of settings (product.md, points 1, 2 and 5). Pure functions of their arguments.
namespace kasa::domain {

// What is wrong, and what is allowed but should be noticed.
struct CheckedSettings {
  Violations violations;  // in the order of the contract's fields
  std::vector<Notice> warnings;
};

// The settings of an integration about to be created or changed. `root` is its field path in the request
// ("integration"); an empty one means that its fields are the request's own. What the gateway keeps itself
// (token, pinned register, times) is not looked at. The quiet window's minutes are those of
// "quiet_window.start" and "quiet_window.end".
CheckedSettings CheckIntegration(const Integration& integration, absl::string_view root);

// One entry of a mapping as received: entries may repeat an id, which a Mapping can't.
struct MappingEntry {
  std::string id;  // the caller's tax or payment method
  int code = 0;    // tax group or payment type
};

// The entries of a mapping about to be set. `root` is the mapping's field path in the request ("mapping").
// Payment types 3 and 4 are allowed with a warning: a receipt that would use them is refused.
CheckedSettings CheckMapping(std::span<const MappingEntry> taxes,
                             std::span<const MappingEntry> payment_methods, absl::string_view root);

// The ids of those of `others` that stop being default when `changed` becomes the default of its branch and
// legal entity: at most one integration a pair is (product.md, point 2). Empty when `changed` is not default.
std::vector<std::string> LosesDefaultTo(const Integration& changed, std::span<const Integration> others);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_INTEGRATION_CHECKS_H_
