#include "server/domain/absence_evidence.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/absence_trust.h"
#include "server/domain/tag.h"

namespace kasa::domain {
namespace {

// A listing whose times bear no zone may mean UTC, which is up to three hours behind Kyiv; clocks add to it.
constexpr absl::Duration kOverlapSlack = absl::Hours(4);

// As resend.h has it: beyond this a clock is not to be relied on.
constexpr absl::Duration kFurthestClock = absl::Minutes(30);

bool IsOpen(const ListedShift& shift) {
  return !shift.closed && !shift.said_closed;
}

// Whether no shift that was read was opened after this one.
bool IsLatest(const ListedShift& shift, const Look& look) {
  return std::all_of(look.documents.begin(), look.documents.end(), [&](const ShiftDocuments& other) {
    if (other.shift.id == shift.id) return true;
    return shift.opened && other.shift.opened && *other.shift.opened <= *shift.opened;
  });
}

LookGap Unclear(DoubtRow row, std::string words) {
  return {row, std::move(words)};
}

const KnownReceipt* FindKnown(const Look& look, const std::string& fiscal_number) {
  const auto found = look.known.find(fiscal_number);
  return found == look.known.end() ? nullptr : &found->second;
}

// Whether the register told this receipt to be made in this shift.
bool IsOf(const KnownReceipt& receipt, const ListedShift& shift) {
  return receipt.time && shift.opened && *receipt.time >= *shift.opened &&
         (!shift.closed || *receipt.time <= *shift.closed) && !shift.said_closed;
}

std::optional<int64_t> NumberOf(const ListedReceipt& row, const Look& look) {
  if (row.local_number && *row.local_number > 0) return row.local_number;
  const KnownReceipt* const known = FindKnown(look, row.fiscal_number);
  return known == nullptr ? std::nullopt : known->local_number;
}

// Documents that take a local number, by what is known: receipts, cash in and out.
bool TakesNumber(const std::optional<int>& task) {
  constexpr int kNumbered[] = {1, 2, 3, 4, 14};
  return !task || std::find(std::begin(kNumbered), std::end(kNumbered), *task) != std::end(kNumbered);
}

// The newest receipt of ours that was surely made before the send, whatever the register's clock; null when
// none is known.
const KnownReceipt* NewestBefore(const Look& look, absl::Time send) {
  const KnownReceipt* newest = nullptr;
  for (const auto& [fiscal_number, known] : look.known) {
    if (!known.time || *known.time > send - kClockSlack) continue;
    if (newest == nullptr || *known.time > *newest->time) newest = &known;
  }
  return newest;
}

// How the numbers of documents are read, for a receipt of the task `sought`.
struct Numbering {
  const Look& look;
  Trust trust;
  int sought = 1;

  std::optional<int> TaskOf(const ListedReceipt& row) const {
    return domain::TaskOf(row, look, trust, sought);
  }
};

// The numbers of a shift's documents; of one task only when `task` is set.
std::set<int64_t> NumbersOf(const ShiftDocuments& shift, const Numbering& numbering,
                            std::optional<int> task) {
  std::set<int64_t> numbers;
  for (const ListedReceipt& row : shift.rows) {
    const auto of = numbering.TaskOf(row);
    if (!TakesNumber(of) || (task && of && *of != *task)) continue;
    if (const auto number = NumberOf(row, numbering.look)) numbers.insert(*number);
  }
  return numbers;
}

// Whether sales and returns have series of their own: one number twice in a shift, under two fiscal numbers.
bool HasSeriesByTask(const ShiftDocuments& shift, const Numbering& numbering) {
  std::map<int64_t, std::string> by_number;
  for (const ListedReceipt& row : shift.rows) {
    if (!TakesNumber(numbering.TaskOf(row))) continue;
    const auto number = NumberOf(row, numbering.look);
    if (!number) continue;
    const auto [place, is_new] = by_number.emplace(*number, row.fiscal_number);
    if (!is_new && place->second != row.fiscal_number) return true;
  }
  return false;
}

}  // namespace

bool Overlaps(const ListedShift& shift, absl::Time since) {
  return !shift.closed || *shift.closed >= since - kOverlapSlack;
}

std::optional<LookGap> GapInShifts(const Look& look, const DoubtedReceipt& doubted) {
  if (look.status && look.status->register_clock &&
      absl::AbsDuration(*look.status->register_clock - look.status_read_time) > kFurthestClock) {
    return Unclear(DoubtRow::kClockUnclear, "the register's clock is too far off to tell times by it");
  }
  const ListedShift* open = nullptr;
  bool covers_send = false;
  for (const ListedShift& shift : look.shifts) {
    if (!Overlaps(shift, doubted.first_send)) continue;
    const bool read = std::any_of(look.documents.begin(), look.documents.end(),
                                  [&](const ShiftDocuments& one) { return one.shift.id == shift.id; });
    if (!read) {
      return Unclear(DoubtRow::kPagesIncomplete, absl::StrCat("shift ", shift.id, " was not read"));
    }
    if (IsOpen(shift)) open = &shift;
    const bool opened_before = shift.opened && *shift.opened <= doubted.first_send + kClockSlack;
    const bool closed_before = shift.closed && *shift.closed < doubted.first_send - kClockSlack;
    covers_send = covers_send || (opened_before && !closed_before);
  }
  if (!covers_send) {
    return Unclear(DoubtRow::kShiftsUnclear, "no listed shift is told to hold the time of the send");
  }
  const auto told = look.status ? look.status->shift : std::nullopt;
  if (told == ShiftStatus::kClosed) {
    if (open == nullptr) return std::nullopt;
    return Unclear(DoubtRow::kShiftsUnclear, "the register says that no shift is open, and one is listed so");
  }
  // A receipt may have opened a shift that is not listed yet.
  if (open == nullptr) {
    return Unclear(DoubtRow::kShiftsUnclear,
                   told == ShiftStatus::kOpen
                       ? "the shift that is open is not listed"
                       : "no shift is listed as open, and whether one is, is not told");
  }
  if (told == ShiftStatus::kOpen && look.status->shift_opened && open->opened &&
      absl::AbsDuration(*look.status->shift_opened - *open->opened) > kClockSlack) {
    return Unclear(DoubtRow::kShiftsUnclear,
                   "the shift that is listed as open is another than the register's");
  }
  return std::nullopt;
}

std::optional<LookGap> GapInOwnReceipts(const Look& look) {
  std::set<std::string> listed;
  for (const ShiftDocuments& shift : look.documents) {
    for (const ListedReceipt& row : shift.rows) listed.insert(row.fiscal_number);
  }
  for (const auto& [fiscal_number, known] : look.known) {
    if (listed.contains(fiscal_number)) continue;
    const bool must_be = std::any_of(look.documents.begin(), look.documents.end(),
                                     [&](const ShiftDocuments& shift) { return IsOf(known, shift.shift); });
    if (must_be) {
      return Unclear(DoubtRow::kOwnReceiptMissing,
                     absl::StrCat("receipt ", fiscal_number, ", which the register made, is not listed"));
    }
  }
  return std::nullopt;
}

std::optional<LookGap> GapInExplanations(const Look& look, const DoubtedReceipt& doubted) {
  const Trust trust = TrustIn(look);
  for (const ShiftDocuments& shift : look.documents) {
    for (const ListedReceipt& row : shift.rows) {
      if (FindKnown(look, row.fiscal_number) != nullptr) continue;
      if (!MayBeReceipt(TaskOf(row, look, trust, doubted.expected.task))) continue;
      const std::string tag = TagOf(row, look, trust);
      if (!tag.empty() && !SameTag(tag, doubted.expected.tag)) continue;
      return Unclear(DoubtRow::kRowUnexplained,
                     absl::StrCat("receipt ", row.fiscal_number,
                                  " is not one that is known, and its tag is not told: it may be this one"));
    }
  }
  return std::nullopt;
}

std::optional<LookGap> GapInNumbers(const Look& look, const DoubtedReceipt& doubted) {
  const KnownReceipt* const before = NewestBefore(look, doubted.first_send);
  const Numbering numbering{look, TrustIn(look), doubted.expected.task};
  for (const ShiftDocuments& shift : look.documents) {
    const auto task =
        HasSeriesByTask(shift, numbering) ? std::make_optional(doubted.expected.task) : std::nullopt;
    const std::set<int64_t> numbers = NumbersOf(shift, numbering, task);
    if (numbers.empty()) continue;
    int64_t last = *numbers.begin();
    const bool before_is_here = before != nullptr && before->local_number && IsOf(*before, shift.shift) &&
                                numbers.contains(*before->local_number);
    if (before_is_here) {
      last = *before->local_number;
    } else if (last != 1 && (before == nullptr || before->local_number != last - 1)) {
      // Where the shift's numbers begin is not known, and what was made first may be missing. What was made
      // before the send does not matter, so a shift that was open well before it is left alone.
      const bool began_after = shift.shift.opened && *shift.shift.opened > doubted.first_send - kClockSlack;
      if (began_after) {
        return Unclear(DoubtRow::kNumbersMissing,
                       absl::StrCat("the first local number of shift ", shift.shift.id, " is ", last));
      }
    }
    for (const int64_t number : numbers) {
      if (number <= last) continue;
      if (number != last + 1) {
        return Unclear(DoubtRow::kNumbersMissing,
                       absl::StrCat("after local number ", last, " comes ", number));
      }
      last = number;
    }
  }
  return std::nullopt;
}

std::optional<LastNumber> CompareLastNumber(const Look& look, const DoubtedReceipt& doubted) {
  if (!look.status) return std::nullopt;
  const int task = doubted.expected.task;
  const auto told = task == 2 ? look.status->last_return_number : look.status->last_receipt_number;
  if (!told) return std::nullopt;
  const Numbering numbering{look, TrustIn(look), task};
  // The last of the kind: in the newest shift that has one, the highest number.
  const ShiftDocuments* newest = nullptr;
  for (const ShiftDocuments& shift : look.documents) {
    for (const ListedReceipt& row : shift.rows) {
      const auto of = numbering.TaskOf(row);
      if (!MayBeReceipt(of) || (of && *of != task)) continue;
      if (!of || !NumberOf(row, look)) return std::nullopt;
      const bool newer = newest == nullptr || (shift.shift.opened && newest->shift.opened &&
                                               *shift.shift.opened > *newest->shift.opened);
      if (newer) newest = &shift;
    }
  }
  if (newest != nullptr) {
    const int64_t last = *NumbersOf(*newest, numbering, task).rbegin();
    // A series that began anew with a later shift may have come to the same number.
    if (*told == last && !IsLatest(newest->shift, look)) return std::nullopt;
    return LastNumber{.agrees = *told == last,
                      .words = absl::StrCat("the register's last number is ", *told,
                                            ", and the last one that is listed ", last)};
  }
  // None of the kind is in the shifts that were read. That it is told to be where our last one of an earlier
  // shift is, or nowhere, says nothing then: numbers may begin anew with each shift, or when it is closed.
  const KnownReceipt* before = nullptr;
  for (const auto& [fiscal_number, known] : look.known) {
    if (known.task != task || !known.time) continue;
    if (before == nullptr || *known.time > *before->time) before = &known;
  }
  const bool never_made_one = *told == 0 && look.known.empty();
  const bool may_be_anew = *told == 0 || (before != nullptr && before->local_number == *told);
  if (may_be_anew && !never_made_one) return std::nullopt;
  return LastNumber{.agrees = never_made_one,
                    .words = absl::StrCat("the register's last number is ", *told, ", and none is listed")};
}

}  // namespace kasa::domain
