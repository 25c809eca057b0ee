#include "server/domain/known_shift.h"

namespace kasa::domain {

// Half an hour, at the longest back-off between statuses.
constexpr int kStatusesBetweenTries = 6;

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

void KnownShift::NoteReceipt(absl::Time now) {
  open_ = true;
  refused_unclearly_ = refused_for_age_ = false;
  if (IsTooLong(now)) works_though_opened_ = opened_time_;
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
  statuses_since_refusal_ = 0;
  if (!IsTooLong(now)) return told;
  refused_for_age_ = true;
  return Reason::kShiftTooLong;
}

bool KnownShift::ExplainsRefusals(absl::Time now) {
  // What was known of the shift when it was refused may have been older than this status.
  refused_for_age_ = IsTooLong(now) && (refused_for_age_ || refused_unclearly_);
  if (!refused_for_age_ || !opened_time_told_) return false;
  if (++statuses_since_refusal_ <= kStatusesBetweenTries) return true;
  statuses_since_refusal_ = 0;
  return false;
}

bool KnownShift::IsTooLong(absl::Time now) const {
  return opened_time_ && opened_time_ != works_though_opened_ && now - *opened_time_ > absl::Hours(24);
}

}  // namespace kasa::domain
