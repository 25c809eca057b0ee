#include "server/engine/mapping_rules.h"

#include "absl/strings/str_cat.h"
#include "server/domain/catalogue.h"

namespace kasa::engine {

std::vector<std::string> WarningsOfMapping(const domain::Mapping& before, const domain::Mapping& after,
                                           const std::optional<domain::RegisterStatus>& last_status) {
  std::vector<std::string> warnings;
  for (const auto& [method, type] : after.payment_types) {
    if (type != domain::kPrepaymentType && type != domain::kPostpaymentType) continue;
    warnings.push_back(absl::StrCat(
        "payment method ", method, " is mapped to payment type ", type, ", a ",
        type == domain::kPrepaymentType ? "prepayment" : "postpayment",
        ": a receipt that would use it is refused, because fiscal chains are not supported yet"));
  }
  if (!last_status || last_status->shift != domain::ShiftStatus::kOpen) return warnings;
  for (const auto& [tax, group] : after.tax_groups) {
    const auto old = before.tax_groups.find(tax);
    if (old == before.tax_groups.end() || old->second == group) continue;
    warnings.push_back(absl::StrCat("tax ", tax, " moved from tax group ", old->second, " to ", group,
                                    " while the shift was last seen open: until it is closed, the register "
                                    "refuses an item code that was sold under the other group"));
  }
  return warnings;
}

}  // namespace kasa::engine
