#ifndef KASA_SERVER_DOMAIN_READINESS_H_
#define KASA_SERVER_DOMAIN_READINESS_H_

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/coverage.h"
#include "server/domain/experience.h"
#include "server/domain/integration.h"
#include "server/domain/register_status.h"

// What still stands between an integration and its first real sale (product.md, point 6). A pure function of
// facts.
namespace kasa::domain {

// Numbered as in the contract (readiness.proto); kept in the store, so that numbers never change.
enum class ReadinessCode {
  kTokenMissing = 1,
  kTokenRefused = 2,
  kConnectionNotChecked = 3,
  kRegisterUnknown = 4,
  kSignatureMissing = 5,
  kMappingMissing = 6,
  kTaxNotMapped = 7,
  kPaymentMethodNotMapped = 8,
  kNotEnabled = 9,
  kCashierMissing = 10,
  kTestSaleMissing = 11,
  kTestReturnMissing = 12,
  kTestPaymentMissing = 13,
  kSmsNotConfirmed = 14,
  kEmailNotConfirmed = 15,
  kAutomaticShiftClosingNotConfirmed = 16,
  kTagMemoryNotProven = 17,
  kShiftTooLong = 18,
  kSubscriptionEnding = 19,
  kRegisterBlocked = 21,
};
absl::string_view NameOf(ReadinessCode code);  // "TOKEN_MISSING"

enum class ReadinessSeverity {
  kNotice = 1,    // to know; the list counts as clean
  kWarning = 2,   // to mend before the first real sale
  kBlocking = 3,  // nothing can be fiscalized before it is mended
};

struct ReadinessItem {
  ReadinessCode code = ReadinessCode::kTokenMissing;
  ReadinessSeverity severity = ReadinessSeverity::kWarning;
  std::string message;  // what was seen
  std::string remedy;
  std::string subject;  // what it is about; empty when it is about the whole
};

// What the list is made from.
struct ReadinessFacts {
  Integration integration;
  Mapping mapping;
  Experience experience;
  Coverage recent;  // of recent documents
  std::optional<RegisterStatus> last_status;
  std::optional<absl::Time> last_status_time;
  // Over every integration that SharesTests() with this one, archived ones too, and this one itself.
  std::set<DocumentKind> test_receipts;
  TagMemory proven_tag_memory = TagMemory::kUnproven;  // the most that was proven
};

// Whether what was tried on the test register of `other` speaks for `integration`. A real register can't make
// test receipts, so they come from another integration: of the same EDRPOU, of the same legal entity by the
// caller's id or, where neither of the two has a legal entity, of the same branch. An integration's own count
// too.
bool SharesTests(const Integration& integration, const Integration& other);

// The gravest first, then in the order of the codes, then by subject.
std::vector<ReadinessItem> ReadinessOf(const ReadinessFacts& facts, absl::Time now);

// Without an item of severity kWarning or kBlocking.
bool IsReady(const std::vector<ReadinessItem>& items);

// The codes of the items that keep the list from being clean, each once, in order.
std::vector<ReadinessCode> OpenCodes(const std::vector<ReadinessItem>& items);

// How few numbers for offline receipts are worth a notice.
inline constexpr int64_t kFewOfflineNumbers = 100;

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_READINESS_H_
