#include "server/domain/known_shift.h"

namespace kasa::domain {

void KnownShift::NoteOpenedTime(const RegisterStatus& status) {
  if (status.shift == ShiftStatus::kOpen && status.shift_opened) {
    opened_time_ = status.shift_opened;
    opened_time_told_ = true;
  } else if (status.shift == ShiftStatus::kClosed) {
    opened_time_.reset();
  }
}

void KnownShift::NoteState(std::optional<ShiftStatus> told) {
  const bool told_closed = told == ShiftStatus::kClosed;
  // A status that does not tell is no objection to an opening that the register took just now.
  open_ = told == ShiftStatus::kOpen || (just_opened_ && !told_closed);
  opening_taken_back_ = just_opened_ && told_closed;
  just_opened_ = false;
}

void KnownShift::NoteOpening(std::optional<absl::Time> time) {
  just_opened_ = true;
  if (!time) return;
  opened_time_ = time;
  opened_time_told_ = false;
}

Reason KnownShift::ReasonOfRefusal(Reason told, absl::Time now) {
  switch (told) {
    case Reason::kRegisterRefused:
    case Reason::kRegisterBlocked:
    case Reason::kRegisterServiceTrouble:
    case Reason::kStsRefused:
      break;
    default:
      return told;  // it says clearly what the matter is
  }
  refused_unclearly_ = true;
  if (!IsOver24h(now)) return told;
  refused_for_age_ = true;
  return Reason::kShiftTooLong;
}

bool KnownShift::ExplainsRefusals(absl::Time now) {
  // What was known of the shift when it was refused may have been older than this status.
  refused_for_age_ = IsOver24h(now) && (refused_for_age_ || refused_unclearly_);
  return refused_for_age_ && opened_time_told_;
}

bool KnownShift::IsOver24h(absl::Time now) const {
  return opened_time_ && now - *opened_time_ > absl::Hours(24);
}

}  // namespace kasa::domain
