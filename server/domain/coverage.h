#ifndef KASA_SERVER_DOMAIN_COVERAGE_H_
#define KASA_SERVER_DOMAIN_COVERAGE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/document.h"
#include "server/domain/experience.h"
#include "server/domain/integration.h"

// Which of the caller's taxes and payment methods documents used, and whether they are mapped (product.md,
// point 5; issue "coverage report"). Plain values and pure functions.
namespace kasa::domain {

// The ids that a document uses: each once. Only what can be an id: 1 to kMaxIdLength characters of valid
// UTF-8 without control characters. A payment that names a kind and no method uses none.
struct UsedIds {
  std::set<std::string> tax_ids;
  std::set<std::string> payment_method_ids;
};
UsedIds IdsUsedBy(const Document& document);

enum class SeenKind { kTax = 1, kPaymentMethod = 2 };

// An id that documents of an integration used, accepted or refused.
struct SeenId {
  SeenKind kind = SeenKind::kTax;
  std::string id;
  int64_t documents = 0;  // in how many, since the integration was created
  absl::Time last_seen_time;

  friend bool operator==(const SeenId&, const SeenId&) = default;
};

enum class CoverageState { kMapped = 1, kUnmapped = 2, kNotEnabled = 3 };

struct CoverageEntry {
  SeenId seen;
  CoverageState state = CoverageState::kUnmapped;
  std::optional<int> mapped_to;  // unless kUnmapped
};

// Gaps (unmapped, then not enabled) first, then the most used, then by id.
struct Coverage {
  std::vector<CoverageEntry> taxes;
  std::vector<CoverageEntry> payment_methods;
};

// How what was seen at `from` or later is mapped now.
Coverage CoverageOf(const std::vector<SeenId>& seen, absl::Time from, const Mapping& mapping,
                    const Experience& experience);

// What "recent documents" are, where nobody says otherwise.
inline constexpr absl::Duration kRecentDocuments = absl::Hours(30 * 24);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_COVERAGE_H_
