#include "server/domain/shift_age.h"

namespace kasa::domain {

bool IsShiftToBeAsked(const RegisterFacts& facts, std::optional<absl::Time> last_try, absl::Time now,
                      const ShiftAgeRules& rules) {
  const std::optional<absl::Time> opened = ShiftOpened(facts);
  if (!opened || now - *opened < rules.age) return false;
  // Absolute: the wall clock may have been set back since.
  if (last_try && absl::AbsDuration(now - *last_try) < rules.again) return false;
  const bool seen_since = facts.status_time - *opened >= rules.age;
  return !seen_since || absl::AbsDuration(now - facts.status_time) >= rules.again;
}

}  // namespace kasa::domain
