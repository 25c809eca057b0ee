#include "server/engine/mapping_rules.h"

#include "absl/strings/str_cat.h"

namespace kasa::engine {

std::vector<std::string> WarningsOfMovedTaxes(const domain::Mapping& before, const domain::Mapping& after,
                                              const std::optional<domain::RegisterStatus>& last_status) {
  std::vector<std::string> warnings;
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
