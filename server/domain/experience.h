#ifndef KASA_SERVER_DOMAIN_EXPERIENCE_H_
#define KASA_SERVER_DOMAIN_EXPERIENCE_H_

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "server/domain/document.h"
#include "server/domain/integration.h"
#include "server/domain/receipt.h"

// What a register has shown of itself through the receipts of one integration: which codes it takes
// (product.md, points 5 and 6), and of which documents it has made test receipts. Plain values and pure
// functions.
namespace kasa::domain {

// What the register said of a tax group or payment type.
enum class CodeState {
  kConfirmed = 1,   // a receipt with it was made
  kNotEnabled = 2,  // a receipt with it was refused for a code that is not enabled, and none was made since
};

struct Experience {
  std::map<int, CodeState> tax_groups;     // by tax group; one that is not there was never used
  std::map<int, CodeState> payment_types;  // by payment type, likewise
  std::set<DocumentKind> test_receipts;    // of which the register has made a test receipt
};

// What a lesson is about; `code` is a tax group, a payment type, or the number of a DocumentKind.
enum class LessonSubject { kTaxGroup = 1, kPaymentType = 2, kTestReceipt = 3 };

// One thing that was learnt from an answer.
struct Lesson {
  LessonSubject subject = LessonSubject::kTaxGroup;
  int code = 0;
  bool refused = false;  // not enabled; else it works

  friend auto operator<=>(const Lesson&, const Lesson&) = default;
};

// Takes a lesson in: a later one is worth more than an earlier one.
void Learn(const Lesson& lesson, Experience& experience);

// From a receipt that was made: its codes work, and a test receipt shows its kind of document.
std::vector<Lesson> LessonsOfReceipt(const PricedReceipt& draft, DocumentKind kind, RegisterMode mode);

// What a refusal with code 1110 ("payment type or tax group not enabled") said beyond its code. The register
// need not say which one it means.
struct NotEnabledHint {
  bool may_be_tax_group = true;
  bool may_be_payment_type = true;
  std::optional<int> tax_group;
  std::optional<int> payment_type;
};

// From a receipt that was refused so. Refused is the code that the hint names, if the receipt has it. Else
// those of its codes that the hint leaves and that are not confirmed: one of them it was. When all are
// confirmed, one was switched off, and which is not known: all of them, until a receipt confirms them again.
std::vector<Lesson> LessonsOfRefusal(const PricedReceipt& draft, const NotEnabledHint& hint,
                                     const Experience& known);

// Codes whose refusal a change of the mapping makes void: those that changed entries point to now, and those
// that no entry points to any more. The lessons' `refused` says nothing.
std::vector<Lesson> ForgottenBy(const Mapping& before, const Mapping& after);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_EXPERIENCE_H_
