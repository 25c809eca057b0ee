#include "server/domain/absence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/domain/clean_look.h"

// The decision table about doubt, row by row (docs/reliability.md). Each case begins with a look that proves
// absence and changes one thing.
namespace kasa::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct LookCase {
  const char* name;
  std::function<void(Look&, DoubtedReceipt&)> change;
  DoubtRow row;
};

std::vector<LookCase> LookCases() {
  return {
      {"everything read, nothing of it is the receipt", [](Look&, DoubtedReceipt&) {},
       DoubtRow::kNothingThere},

      {"its tag is listed",
       [](Look& look, DoubtedReceipt&) { RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0))); },
       DoubtRow::kFoundByTag},
      {"its tag in capitals and with hyphens",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", "00C0FFEE-0123-4567-89ab-cdef01234567", 3, At(12, 0)));
       },
       DoubtRow::kFoundByTag},
      {"its tag is listed and the rest could not be read: the receipt is there all the same",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         look.gap = LookGap{DoubtRow::kPageNotRead, "cut"};
       },
       DoubtRow::kFoundByTag},
      {"its tag is listed with nothing else but a fiscal number",
       [](Look& look, DoubtedReceipt&) { RowsOf(look).push_back({.fiscal_number = "F3", .tag = kTag}); },
       DoubtRow::kFoundByTag},
      {"the sum is told as that of the rows",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         RowsOf(look).back().sum = Money::FromKopiykas(4510);
       },
       DoubtRow::kFoundByTag},
      {"the sum is told in kopiykas",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         RowsOf(look).back().sum = Money::FromKopiykas(450000);
       },
       DoubtRow::kFoundByTag},
      {"check-task confirms it",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         look.checked["F3"] = Task("F3", kTag);
       },
       DoubtRow::kFoundByTag},
      {"the listing tells no tags, and check-task names it",
       [](Look& look, DoubtedReceipt& sought) {
         WithoutTags(look, sought);
         RowsOf(look).push_back(Row("F3", "", 3, At(12, 0)));
         look.checked["F3"] = Task("F3", kTag);
       },
       DoubtRow::kFoundByTask},

      {"two receipts bear it",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         RowsOf(look).push_back(Row("F4", kTag, 4, At(12, 1)));
       },
       DoubtRow::kSeveralReceipts},
      {"its receipt is stored with another fiscalization",
       [](Look& look, DoubtedReceipt&) { RowsOf(look)[0].tag = kTag; }, DoubtRow::kReceiptDisagrees},
      {"another task under its tag",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         RowsOf(look).back().task = 2;
       },
       DoubtRow::kReceiptDisagrees},
      {"another sum under its tag",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         RowsOf(look).back().sum = Money::FromKopiykas(4400);
       },
       DoubtRow::kReceiptDisagrees},
      {"another register under its tag",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         RowsOf(look).back().register_fiscal_number = "4000000002";
       },
       DoubtRow::kReceiptDisagrees},
      {"its tag without a fiscal number",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back({.fiscal_number = "", .tag = kTag, .task = 0});
       },
       DoubtRow::kReceiptDisagrees},
      {"check-task says another tag of ours",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         look.checked["F3"] = Task("F3", "00c0ffee0000000000000000000beef0");
       },
       DoubtRow::kTaskDisagrees},
      {"check-task says a foreign tag, and tells one of ours rightly",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         look.checked["F2"] = Task("F2", look.known.at("F2").tag);
         look.checked["F3"] = Task("F3", kForeignTag);
       },
       DoubtRow::kTaskDisagrees},
      {"check-task says a foreign tag, which may be its own id",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
         look.checked["F3"] = Task("F3", kForeignTag);
       },
       DoubtRow::kFoundByTag},

      {"the register was not verified, or its token was replaced meanwhile",
       [](Look& look, DoubtedReceipt&) {
         look.register_verified = false;
         RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
       },
       DoubtRow::kRegisterNotVerified},
      {"a page was not read",
       [](Look& look, DoubtedReceipt&) {
         look.gap = LookGap{DoubtRow::kPageNotRead, "HTTP 404"};
       },
       DoubtRow::kPageNotRead},
      {"a row was not understood",
       [](Look& look, DoubtedReceipt&) {
         look.gap = LookGap{DoubtRow::kRowNotUnderstood, "no number"};
       },
       DoubtRow::kRowNotUnderstood},
      {"pages repeat",
       [](Look& look, DoubtedReceipt&) {
         look.gap = LookGap{DoubtRow::kPagesIncomplete, "repeat"};
       },
       DoubtRow::kPagesIncomplete},
      {"a shift that overlaps was not read",
       [](Look& look, DoubtedReceipt&) { look.shifts.push_back({.id = "38", .opened = At(12, 1)}); },
       DoubtRow::kPagesIncomplete},

      {"no shift is listed",
       [](Look& look, DoubtedReceipt&) {
         look.shifts.clear();
         look.documents.clear();
       },
       DoubtRow::kShiftsUnclear},
      {"no shift is told to hold the time of the send",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.opened = look.shifts[0].opened = At(12, 30);
         look.status->shift_opened = At(12, 30);
         look.known.clear();
       },
       DoubtRow::kShiftsUnclear},
      {"shifts do not tell when they were opened",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.opened.reset();
         look.shifts[0].opened.reset();
         look.shifts.pop_back();
       },
       DoubtRow::kShiftsUnclear},
      {"the shift was closed since, and the one that the register says is open is not listed",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.closed = look.shifts[0].closed = At(12, 1);
         look.status->shift_opened = At(12, 2);
       },
       DoubtRow::kShiftsUnclear},
      {"another shift is listed as open than the register has",
       [](Look& look, DoubtedReceipt&) { look.status->shift_opened = At(12, 2); }, DoubtRow::kShiftsUnclear},
      {"the shift was closed since, and whether another one is open is not told",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.closed = look.shifts[0].closed = At(12, 1);
         look.status->shift.reset();
       },
       DoubtRow::kShiftsUnclear},
      {"the register says that no shift is open, and one is listed so",
       [](Look& look, DoubtedReceipt&) { look.status->shift = ShiftStatus::kClosed; },
       DoubtRow::kShiftsUnclear},
      {"the shift was closed since, and none is open",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.closed = look.shifts[0].closed = At(12, 1);
         look.status->shift = ShiftStatus::kClosed;
       },
       DoubtRow::kNothingThere},
      {"the register's clock is far off",
       [](Look& look, DoubtedReceipt&) { look.status->register_clock = At(13, 0); }, DoubtRow::kClockUnclear},

      {"a receipt of ours is not listed: the listing lags, or is not whole",
       [](Look& look, DoubtedReceipt&) { RowsOf(look).erase(RowsOf(look).begin()); },
       DoubtRow::kOwnReceiptMissing},
      {"the listing is empty", [](Look& look, DoubtedReceipt&) { RowsOf(look).clear(); },
       DoubtRow::kOwnReceiptMissing},

      {"an unknown receipt without a tag",
       [](Look& look, DoubtedReceipt&) { RowsOf(look).push_back(Row("F3", "", 3, At(12, 0))); },
       DoubtRow::kRowUnexplained},
      {"an unknown receipt of another sum without a tag: a sum proves nothing either way",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", "", 3, At(12, 0)));
         RowsOf(look).back().sum = Money::FromKopiykas(9900);
       },
       DoubtRow::kRowUnexplained},
      {"an unknown receipt under another tag, where the listing is not seen to tell the tags of requests",
       [](Look& look, DoubtedReceipt&) {
         for (ListedReceipt& row : RowsOf(look)) row.tag = "x" + row.fiscal_number;
         RowsOf(look).push_back(Row("F3", "xF3", 3, At(12, 0)));
       },
       DoubtRow::kRowUnexplained},
      {"an unknown receipt under another tag, where it tells them: it is another's",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kForeignTag, 3, At(12, 0)));
         look.status->last_receipt_number = 3;
       },
       DoubtRow::kNothingThere},
      {"an unknown receipt of which check-task says another tag",
       [](Look& look, DoubtedReceipt& sought) {
         WithoutTags(look, sought);
         RowsOf(look).push_back(Row("F3", "", 3, At(12, 0)));
         look.checked["F3"] = Task("F3", kForeignTag);
         look.checked["F2"] = Task("F2", kOtherTag);
         look.status->last_receipt_number = 3;
       },
       DoubtRow::kNothingThere},
      {"no tags at all, and every receipt is known to be another", WithoutTags, DoubtRow::kNothingThere},
      {"a report and an opening are no receipts",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back({.fiscal_number = "Z1", .task = 11});
         RowsOf(look).push_back({.fiscal_number = "", .task = 0});
       },
       DoubtRow::kNothingThere},

      {"a local number is missing between receipts",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F4", kOtherTag, 4, At(12, 5)));
         look.known["F4"] = Known("F4", 4, At(12, 5));
         look.status->last_receipt_number = 4;
       },
       DoubtRow::kNumbersMissing},
      {"a receipt of ours made since has the next number",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kOtherTag, 3, At(12, 5)));
         look.known["F3"] = Known("F3", 3, At(12, 5));
         look.status->last_receipt_number = 3;
       },
       DoubtRow::kNothingThere},
      {"the first number of a shift opened since is not 1",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.closed = look.shifts[0].closed = At(12, 1);
         const ListedShift next{.id = "38", .opened = At(12, 2)};
         look.shifts.insert(look.shifts.begin(), next);
         look.documents.push_back({next, {Row("F9", kOtherTag, 2, At(12, 5))}});
         look.known["F9"] = Known("F9", 2, At(12, 5));
         look.status->shift_opened = At(12, 2);
       },
       DoubtRow::kNumbersMissing},
      {"the numbers begin again with a shift opened since",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.closed = look.shifts[0].closed = At(12, 1);
         const ListedShift next{.id = "38", .opened = At(12, 2)};
         look.shifts.insert(look.shifts.begin(), next);
         look.documents.push_back({next, {Row("F9", kOtherTag, 1, At(12, 5))}});
         look.known["F9"] = Known("F9", 1, At(12, 5));
         look.status->shift_opened = At(12, 2);
         look.status->last_receipt_number = 1;
       },
       DoubtRow::kNothingThere},
      {"sales and returns are numbered apart",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("R1", kOtherTag, 1, At(11, 45)));
         RowsOf(look).back().task = 2;
         look.known["R1"] = Known("R1", 1, At(11, 45));
         look.known["R1"].task = 2;
       },
       DoubtRow::kNothingThere},

      {"the register has made one more than is listed: it may be this one",
       [](Look& look, DoubtedReceipt&) { look.status->last_receipt_number = 3; },
       DoubtRow::kLastNumberDiffers},
      {"rows tell no numbers, and the register's last is that of our last receipt",
       [](Look& look, DoubtedReceipt&) {
         for (ListedReceipt& row : RowsOf(look)) row.local_number.reset();
       },
       DoubtRow::kNothingThere},
      {"rows tell no numbers, and the register's last is that of none",
       [](Look& look, DoubtedReceipt&) {
         for (ListedReceipt& row : RowsOf(look)) row.local_number.reset();
         look.status->last_receipt_number = 3;
       },
       DoubtRow::kLastNumberDiffers},
      {"a register that never made a receipt, and says so",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).clear();
         look.known.clear();
         look.status->last_receipt_number = 0;
       },
       DoubtRow::kNothingThere},
      {"a register that never made a receipt we know, and has a last number",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).clear();
         look.known.clear();
         look.status->last_receipt_number = 1;
       },
       DoubtRow::kLastNumberDiffers},
      {"a return, and the last return's number is that of none",
       [](Look& look, DoubtedReceipt& sought) {
         sought.expected.task = 2;
         look.status->last_return_number = 3;
       },
       DoubtRow::kLastNumberDiffers},

      {"no numbers, and the register may be offline",
       [](Look& look, DoubtedReceipt& sought) {
         WithoutNumbers(look, sought);
         sought.may_be_offline = true;
       },
       DoubtRow::kOfflineUnclear},
      {"offline, and the numbers agree", [](Look&, DoubtedReceipt& sought) { sought.may_be_offline = true; },
       DoubtRow::kNothingThere},
      {"no numbers, and no receipt that is known",
       [](Look& look, DoubtedReceipt& sought) {
         WithoutNumbers(look, sought);
         RowsOf(look).clear();
         look.known.clear();
       },
       DoubtRow::kNothingToCompare},
      {"no numbers, and a receipt that is known", WithoutNumbers, DoubtRow::kNothingThere},
      {"no status at all", [](Look& look, DoubtedReceipt&) { look.status.reset(); }, DoubtRow::kNothingThere},
  };
}

TEST(ALook, SaysWhatItSaw) {
  for (const LookCase& one : LookCases()) {
    SCOPED_TRACE(one.name);
    const LookJudgement judged = JudgeChanged(one.change);
    EXPECT_EQ(NameOf(judged.row), NameOf(one.row)) << judged.words;
    EXPECT_NE(judged.words, "");
    const bool found = VerdictOf(judged.row) == DoubtVerdict::kFound;
    EXPECT_EQ(judged.facts.fiscal_number, found ? "F3" : "");
  }
}

LookJudgement Nothing(int64_t at_seconds, bool numbers_agree) {
  LookJudgement look;
  look.made = absl::Seconds(at_seconds);
  look.row = DoubtRow::kNothingThere;
  look.numbers_agree = numbers_agree;
  return look;
}

LookJudgement Saw(int64_t at_seconds, DoubtRow row) {
  LookJudgement look;
  look.made = absl::Seconds(at_seconds);
  look.row = row;
  return look;
}

struct LooksCase {
  const char* name;
  std::vector<LookJudgement> looks;
  bool hold_over;
  DoubtRow row;
  std::optional<int64_t> look_at;
};

TEST(Looks, ProveTogether) {
  const std::vector<LooksCase> cases = {
      {"found at once, the hold time not over",
       {Saw(0, DoubtRow::kFoundByTag)},
       false,
       DoubtRow::kFoundByTag,
       {}},
      {"found after nothing was seen",
       {Nothing(0, true), Saw(30, DoubtRow::kFoundByTag)},
       true,
       DoubtRow::kFoundByTag,
       {}},
      {"contradicted", {Saw(0, DoubtRow::kSeveralReceipts)}, true, DoubtRow::kSeveralReceipts, {}},
      {"seen, and gone since",
       {Saw(0, DoubtRow::kReceiptDisagrees), Nothing(30, true), Nothing(60, true)},
       true,
       DoubtRow::kSeenBefore,
       {}},
      {"a gap", {Saw(0, DoubtRow::kPageNotRead)}, true, DoubtRow::kPageNotRead, {}},
      {"nothing, the hold time not over",
       {Nothing(0, true), Nothing(30, true)},
       false,
       DoubtRow::kHoldTime,
       {}},
      {"one look", {Nothing(0, true)}, true, DoubtRow::kSecondLookDue, 30},
      {"two looks too near", {Nothing(0, true), Nothing(29, true)}, true, DoubtRow::kSecondLookDue, 30},
      // The number and the listing may come from one place, and lag together.
      {"two looks apart", {Nothing(0, true), Nothing(30, true)}, true, DoubtRow::kLagNotExcluded, 600},
      {"numbers agree, and the longest lag is over",
       {Nothing(0, true), Nothing(30, true), Nothing(600, true)},
       true,
       DoubtRow::kAbsentByNumbers,
       {}},
      {"two looks with a gap between",
       {Nothing(0, true), Saw(15, DoubtRow::kPageNotRead), Nothing(30, true)},
       true,
       DoubtRow::kSecondLookDue,
       60},
      {"two looks after a gap",
       {Saw(0, DoubtRow::kPageNotRead), Nothing(30, true), Nothing(630, true)},
       true,
       DoubtRow::kAbsentByNumbers,
       {}},
      {"a number differed, and nothing told since that it agrees",
       {Saw(0, DoubtRow::kLastNumberDiffers), Nothing(30, false), Nothing(630, false)},
       true,
       DoubtRow::kLastNumberDiffers,
       {}},
      {"... and before that it agreed",
       {Nothing(0, true), Saw(15, DoubtRow::kLastNumberDiffers), Saw(20, DoubtRow::kPageNotRead),
        Nothing(30, false), Nothing(630, false)},
       true,
       DoubtRow::kLastNumberDiffers,
       {}},
      {"a number differed, and agreed later",
       {Saw(0, DoubtRow::kLastNumberDiffers), Nothing(30, true), Nothing(60, true)},
       true,
       DoubtRow::kLagNotExcluded,
       630},
      {"... and is not told since",
       {Saw(0, DoubtRow::kLastNumberDiffers), Nothing(30, true), Nothing(630, false)},
       true,
       DoubtRow::kAbsentByTime,
       {}},
      {"... and only with the last look",
       {Saw(0, DoubtRow::kLastNumberDiffers), Nothing(30, false), Nothing(630, true)},
       true,
       DoubtRow::kAbsentByNumbers,
       {}},
      {"no numbers: the looks are not as far apart as the longest lag",
       {Nothing(0, false), Nothing(30, false), Nothing(120, false)},
       true,
       DoubtRow::kLagNotExcluded,
       600},
      // The send's own receipt may have been made minutes after it.
      {"no numbers: two looks that are far enough apart with numbers",
       {Nothing(0, false), Nothing(30, false)},
       true,
       DoubtRow::kLagNotExcluded,
       600},
      {"no numbers: half of the longest lag apart",
       {Nothing(0, false), Nothing(300, false)},
       true,
       DoubtRow::kLagNotExcluded,
       600},
      {"no numbers, and the longest lag is over",
       {Nothing(0, false), Nothing(600, false)},
       true,
       DoubtRow::kAbsentByTime,
       {}},
  };
  for (const LooksCase& one : cases) {
    SCOPED_TRACE(one.name);
    const Finding finding = Conclude(one.looks, one.hold_over, LookRules());
    EXPECT_EQ(NameOf(finding.row), NameOf(one.row));
    EXPECT_EQ(finding.look_at, one.look_at ? std::make_optional(absl::Seconds(*one.look_at)) : std::nullopt);
  }
}

TEST(Looks, AreForgottenWithoutLosingWhatObjects) {
  std::vector<LookJudgement> looks;
  Remember(Saw(0, DoubtRow::kLastNumberDiffers), looks);
  for (int at = 1; at < 1000; ++at) Remember(Nothing(at, false), looks);
  EXPECT_LT(looks.size(), 300);
  EXPECT_EQ(Conclude(looks, true, LookRules()).row, DoubtRow::kLastNumberDiffers);
  Remember(Saw(1000, DoubtRow::kReceiptDisagrees), looks);
  for (int at = 1001; at < 2000; ++at) Remember(Nothing(at, true), looks);
  EXPECT_EQ(Conclude(looks, true, LookRules()).row, DoubtRow::kSeenBefore);
}

TEST(Looks, AreForgottenWithoutHidingAGap) {
  std::vector<LookJudgement> looks;
  for (int at = 0; at < 201; ++at)
    Remember(at == 1 ? Saw(at, DoubtRow::kPageNotRead) : Nothing(int64_t{10} * at, true), looks);
  // The gap was the second of 201: what is before it does not count.
  EXPECT_EQ(Conclude(looks, true, {.longest_lag = absl::Seconds(1985)}).row, DoubtRow::kLagNotExcluded);
}

TEST(TheDecisionTable, HasATestForEveryRow) {
  std::set<DoubtRow> taken;
  for (const LookCase& one : LookCases()) taken.insert(one.row);
  for (const DoubtRow row :
       {DoubtRow::kSeenBefore, DoubtRow::kHoldTime, DoubtRow::kSecondLookDue, DoubtRow::kLagNotExcluded,
        DoubtRow::kAbsentByNumbers, DoubtRow::kAbsentByTime}) {
    taken.insert(row);  // ProveTogether
  }
  for (int row = static_cast<int>(DoubtRow::kFoundByTag); row <= static_cast<int>(DoubtRow::kNothingThere);
       ++row) {
    EXPECT_EQ(taken.count(static_cast<DoubtRow>(row)), 1) << NameOf(static_cast<DoubtRow>(row));
  }
}

TEST(TheDecisionTable, ProvesAbsenceInTwoRowsOnly) {
  for (int row = static_cast<int>(DoubtRow::kFoundByTag); row <= static_cast<int>(DoubtRow::kNothingThere);
       ++row) {
    const auto one = static_cast<DoubtRow>(row);
    EXPECT_EQ(VerdictOf(one) == DoubtVerdict::kAbsent,
              one == DoubtRow::kAbsentByNumbers || one == DoubtRow::kAbsentByTime);
  }
}

TEST(AShift, OverlapsUnlessItWasSurelyClosedBefore) {
  const absl::Time send = At(12, 0);
  EXPECT_TRUE(Overlaps({.id = "1"}, send));
  EXPECT_TRUE(Overlaps({.id = "1", .said_closed = true}, send));
  EXPECT_TRUE(Overlaps({.id = "1", .closed = At(13, 0)}, send));
  // A time without a zone may be UTC's.
  EXPECT_TRUE(Overlaps({.id = "1", .closed = At(9, 0)}, send));
  EXPECT_FALSE(Overlaps({.id = "1", .closed = At(7, 59)}, send));
}

TEST(ReceiptsThatAreNotInTheStore, AreForeignOrOurs) {
  Look look = CleanLook();
  RowsOf(look).push_back(Row("F3", kForeignTag, 3, At(12, 0)));
  RowsOf(look).push_back(Row("F4", "00C0FFEE00000000000000000000beef", 4, At(12, 1)));
  RowsOf(look).push_back(Row("F5", "", 5, At(12, 1)));
  const auto numbers = [](const std::vector<ListedReceipt>& rows) {
    std::vector<std::string> all;
    all.reserve(rows.size());
    for (const ListedReceipt& row : rows) all.push_back(row.fiscal_number);
    return all;
  };
  EXPECT_THAT(numbers(ForeignReceipts(look, "00c0ffee")), ElementsAre("F3"));
  const auto unknown = ReceiptsUnknownToStore(look, "00c0ffee");
  EXPECT_THAT(numbers(unknown), ElementsAre("F4"));
  EXPECT_EQ(unknown[0].tag, "00c0ffee00000000000000000000beef");
  // Where the listing is not seen to tell the tags of requests, nothing is called foreign by them.
  for (ListedReceipt& row : RowsOf(look)) row.tag = "x";
  EXPECT_THAT(ForeignReceipts(look, "00c0ffee"), IsEmpty());
}

TEST(CheckTask, IsAskedAboutWhatTheListingDoesNotExplain) {
  Look look = CleanLook();
  RowsOf(look).push_back(Row("F3", kForeignTag, 3, At(12, 0)));
  EXPECT_THAT(ToCheck(look, Sought(), 5), IsEmpty());
  RowsOf(look).push_back(Row("F4", "", 4, At(12, 0)));
  RowsOf(look).push_back(Row("F5", kTag, 5, At(12, 0)));
  // What bears the tag first, then one of ours, by which it is seen whether what is told of the rest counts.
  EXPECT_THAT(ToCheck(look, Sought(), 5), ElementsAre("F5", "F2", "F4"));
  EXPECT_THAT(ToCheck(look, Sought(), 2), ElementsAre("F5", "F2"));
  EXPECT_THAT(ToCheck(look, Sought(), 1), ElementsAre("F5"));
  look.known.clear();
  RowsOf(look).erase(RowsOf(look).begin(), RowsOf(look).begin() + 2);
  EXPECT_THAT(ToCheck(look, Sought(), 5), ElementsAre("F5", "F3", "F4"));
}

TEST(CheckTask, IsNotAskedAboutOursWhereNothingIsLeftToExplain) {
  Look look = CleanLook();
  EXPECT_THAT(ToCheck(look, Sought(), 5), IsEmpty());
  for (ListedReceipt& row : RowsOf(look)) row.tag.clear();
  EXPECT_THAT(ToCheck(look, Sought(), 5), IsEmpty());
  RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
  EXPECT_THAT(ToCheck(look, Sought(), 5), ElementsAre("F3"));
}

}  // namespace
}  // namespace kasa::domain
