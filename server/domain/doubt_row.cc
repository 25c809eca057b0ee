#include "server/domain/absence.h"

// The rows of the decision table by name and verdict.
namespace kasa::domain {

absl::string_view NameOf(DoubtRow row) {
  switch (row) {
    case DoubtRow::kFoundByTag:
      return "FOUND_BY_TAG";
    case DoubtRow::kFoundByTask:
      return "FOUND_BY_TASK";
    case DoubtRow::kSeveralReceipts:
      return "SEVERAL_RECEIPTS";
    case DoubtRow::kReceiptDisagrees:
      return "RECEIPT_DISAGREES";
    case DoubtRow::kTaskDisagrees:
      return "TASK_DISAGREES";
    case DoubtRow::kSeenBefore:
      return "SEEN_BEFORE";
    case DoubtRow::kRegisterNotVerified:
      return "REGISTER_NOT_VERIFIED";
    case DoubtRow::kPageNotRead:
      return "PAGE_NOT_READ";
    case DoubtRow::kRowNotUnderstood:
      return "ROW_NOT_UNDERSTOOD";
    case DoubtRow::kPagesIncomplete:
      return "PAGES_INCOMPLETE";
    case DoubtRow::kShiftsUnclear:
      return "SHIFTS_UNCLEAR";
    case DoubtRow::kClockUnclear:
      return "CLOCK_UNCLEAR";
    case DoubtRow::kOwnReceiptMissing:
      return "OWN_RECEIPT_MISSING";
    case DoubtRow::kRowUnexplained:
      return "ROW_UNEXPLAINED";
    case DoubtRow::kNumbersMissing:
      return "NUMBERS_MISSING";
    case DoubtRow::kLastNumberDiffers:
      return "LAST_NUMBER_DIFFERS";
    case DoubtRow::kOfflineUnclear:
      return "OFFLINE_UNCLEAR";
    case DoubtRow::kNothingToCompare:
      return "NOTHING_TO_COMPARE";
    case DoubtRow::kHoldTime:
      return "HOLD_TIME";
    case DoubtRow::kSecondLookDue:
      return "SECOND_LOOK_DUE";
    case DoubtRow::kLagNotExcluded:
      return "LAG_NOT_EXCLUDED";
    case DoubtRow::kAbsentByNumbers:
      return "ABSENT_BY_NUMBERS";
    case DoubtRow::kAbsentByTime:
      return "ABSENT_BY_TIME";
    case DoubtRow::kNothingThere:
      break;
  }
  return "NOTHING_THERE";
}

DoubtVerdict VerdictOf(DoubtRow row) {
  switch (row) {
    case DoubtRow::kFoundByTag:
    case DoubtRow::kFoundByTask:
      return DoubtVerdict::kFound;
    case DoubtRow::kSeveralReceipts:
    case DoubtRow::kReceiptDisagrees:
    case DoubtRow::kTaskDisagrees:
    case DoubtRow::kSeenBefore:
      return DoubtVerdict::kPerson;
    case DoubtRow::kHoldTime:
    case DoubtRow::kSecondLookDue:
    case DoubtRow::kLagNotExcluded:
    case DoubtRow::kNothingThere:
      return DoubtVerdict::kNotYet;
    case DoubtRow::kAbsentByNumbers:
    case DoubtRow::kAbsentByTime:
      return DoubtVerdict::kAbsent;
    default:
      return DoubtVerdict::kNotKnown;
  }
}

}  // namespace kasa::domain
