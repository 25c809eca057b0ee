#include "server/engine/mapping_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/catalogue.h"

namespace kasa::engine {

namespace {

// Words for a shift in which items may have been sold; empty when there is surely none.
absl::string_view OpenShift(const store::IntegrationRecord& record) {
  if (!record.last_status) return record.integration.has_accepted_work ? "while a shift may be open" : "";
  switch (record.last_status->shift.value_or(domain::ShiftStatus::kUnknown)) {
    case domain::ShiftStatus::kClosed:
      return "";
    case domain::ShiftStatus::kOpen:
      return "while the shift was last seen open";
    case domain::ShiftStatus::kBlocked:
      return "while the shift is blocked, and may be open";
    case domain::ShiftStatus::kUnknown:
      break;
  }
  return record.integration.has_accepted_work ? "while a shift may be open" : "";
}

}  // namespace

std::vector<domain::Notice> WarningsOfMovedTaxes(const domain::Mapping& before, const domain::Mapping& after,
                                                 const store::IntegrationRecord& record) {
  std::vector<domain::Notice> warnings;
  const absl::string_view when = OpenShift(record);
  if (when.empty()) return warnings;
  for (const auto& [tax, group] : after.tax_groups) {
    const auto old = before.tax_groups.find(tax);
    if (old == before.tax_groups.end() || old->second == group) continue;
    warnings.emplace_back(
        Reason::kTaxGroupChangedInShift,
        absl::StrCat("tax ", tax, " moved from tax group ", old->second, " to ", group, " ", when,
                     ": until it is closed, the register "
                     "refuses an item code that was sold under the other group"));
  }
  return warnings;
}

std::vector<domain::Notice> NoticesOfChains(const domain::Mapping& mapping) {
  struct Chain {
    int payment_type;
    Reason reason;
    absl::string_view what;
  };
  constexpr Chain kChains[] = {
      {domain::kPrepaymentType, Reason::kFiscalChainPrepayment, "prepayment"},
      {domain::kPostpaymentType, Reason::kFiscalChainPostpayment, "postpayment"},
  };
  constexpr size_t kMostNamed = 5;
  std::vector<domain::Notice> notices;
  for (const Chain& chain : kChains) {
    std::vector<std::string> methods;
    for (const auto& [method, type] : mapping.payment_types) {
      if (type == chain.payment_type) methods.push_back(method);
    }
    if (methods.empty()) continue;
    const size_t count = methods.size();
    methods.resize(std::min(count, kMostNamed));
    notices.emplace_back(
        chain.reason,
        absl::StrCat("payment type ", chain.payment_type, ", ", chain.what, ", to which ",
                     absl::StrJoin(methods, ", "), count > kMostNamed ? " and others" : "",
                     count > 1 ? " are" : " is",
                     " mapped, is for fiscal chains: a receipt that would use it is refused until they are "
                     "supported"));
  }
  return notices;
}

}  // namespace kasa::engine
