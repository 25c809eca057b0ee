#include "server/domain/coverage.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/string_view.h"
#include "server/domain/findings.h"
#include "server/domain/limits.h"

namespace kasa::domain {
namespace {

// As the checks of a document judge it: what they refuse is no id to be mapped.
bool CanBeId(const std::string& text) {
  Findings findings;
  return FieldScope(findings, "").IsId("id", text, kMaxIdLength);
}

CoverageEntry EntryFor(const SeenId& seen, const std::map<std::string, int>& mapped,
                       const std::map<int, CodeState>& states) {
  CoverageEntry entry{.seen = seen};
  const auto code = mapped.find(seen.id);
  if (code == mapped.end()) return entry;
  entry.mapped_to = code->second;
  const auto state = states.find(code->second);
  const bool refused = state != states.end() && state->second == CodeState::kNotEnabled;
  entry.state = refused ? CoverageState::kNotEnabled : CoverageState::kMapped;
  return entry;
}

int Gravity(CoverageState state) {
  switch (state) {
    case CoverageState::kUnmapped:
      return 0;
    case CoverageState::kNotEnabled:
      return 1;
    case CoverageState::kMapped:
      break;
  }
  return 2;
}

void Sort(std::vector<CoverageEntry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const CoverageEntry& a, const CoverageEntry& b) {
    return std::tuple(Gravity(a.state), -a.seen.documents, absl::string_view(a.seen.id)) <
           std::tuple(Gravity(b.state), -b.seen.documents, absl::string_view(b.seen.id));
  });
}

}  // namespace

UsedIds IdsUsedBy(const Document& document) {
  UsedIds used;
  for (const Line& line : document.lines) {
    if (CanBeId(line.tax_id)) used.tax_ids.insert(line.tax_id);
  }
  for (const Payment& payment : document.payments) {
    if (CanBeId(payment.payment_method_id)) used.payment_method_ids.insert(payment.payment_method_id);
  }
  return used;
}

Coverage CoverageOf(const std::vector<SeenId>& seen, absl::Time from, const Mapping& mapping,
                    const Experience& experience) {
  Coverage coverage;
  for (const SeenId& one : seen) {
    if (one.last_seen_time < from) continue;
    if (one.kind == SeenKind::kTax) {
      coverage.taxes.push_back(EntryFor(one, mapping.tax_groups, experience.tax_groups));
    } else {
      coverage.payment_methods.push_back(EntryFor(one, mapping.payment_types, experience.payment_types));
    }
  }
  Sort(coverage.taxes);
  Sort(coverage.payment_methods);
  return coverage;
}

}  // namespace kasa::domain
