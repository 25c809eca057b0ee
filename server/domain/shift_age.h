#ifndef KASA_SERVER_DOMAIN_SHIFT_AGE_H_
#define KASA_SERVER_DOMAIN_SHIFT_AGE_H_

#include <optional>

#include "absl/time/time.h"
#include "server/domain/attention.h"

// When a register that has nothing to do is asked whether its shift is still open (product.md, point 15):
// nobody else asks it, and a shift that is open for over 24 hours makes it refuse.
namespace kasa::domain {

struct ShiftAgeRules {
  absl::Duration age = absl::Hours(23);   // of the shift, from when on it is asked for
  absl::Duration again = absl::Hours(1);  // between two questions while it stays open
};

// Whether to ask now: a shift is known that would be too old by now, and the register was not seen since it
// became so, or not for a while. `last_try` is when it was asked last in vain.
bool IsShiftToBeAsked(const RegisterFacts& facts, std::optional<absl::Time> last_try, absl::Time now,
                      const ShiftAgeRules& rules);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_SHIFT_AGE_H_
