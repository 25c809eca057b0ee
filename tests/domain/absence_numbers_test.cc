#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "server/domain/absence.h"
#include "tests/domain/clean_look.h"

// What the last number in the status says: it may object, and it may agree, where it is surely of the series
// that it is held against. Which series that is, and whether it begins anew, is not known.
namespace kasa::domain {
namespace {

struct Case {
  const char* name;
  std::function<void(Look&, DoubtedReceipt&)> change;
  DoubtRow row;
  bool agree;
};

// Nothing is listed; one sale is known, of the day before.
void OnlyYesterday(Look& look, int64_t number) {
  RowsOf(look).clear();
  look.known = {{"F0", Known("F0", number, At(-3, 0))}};
}

void WithAReturn(Look& look) {
  RowsOf(look).push_back(Row("R1", kOtherTag, 1, At(11, 45)));
  RowsOf(look).back().task = 2;
  look.known["R1"] = Known("R1", 1, At(11, 45));
  look.known["R1"].task = 2;
}

TEST(TheLastNumber, AgreesOnlyWithinItsSeries) {
  const std::vector<Case> cases = {
      {"that of the last one listed", [](Look&, DoubtedReceipt&) {}, DoubtRow::kNothingThere, true},
      {"one more", [](Look& look, DoubtedReceipt&) { look.status->last_receipt_number = 3; },
       DoubtRow::kLastNumberDiffers, false},
      {"none is told", [](Look& look, DoubtedReceipt&) { look.status->last_receipt_number.reset(); },
       DoubtRow::kNothingThere, false},
      {"none is listed, and it is that of yesterday's: a series that began anew has it too",
       [](Look& look, DoubtedReceipt&) {
         OnlyYesterday(look, 1);
         look.status->last_receipt_number = 1;
       },
       DoubtRow::kNothingToCompare, false},
      {"... and a return is listed, so that the listing is alive",
       [](Look& look, DoubtedReceipt&) {
         OnlyYesterday(look, 1);
         WithAReturn(look);
         look.status->last_receipt_number = 1;
       },
       DoubtRow::kNothingThere, false},
      {"none is listed, and it is another than yesterday's",
       [](Look& look, DoubtedReceipt&) {
         OnlyYesterday(look, 1);
         WithAReturn(look);
         look.status->last_receipt_number = 2;
       },
       DoubtRow::kLastNumberDiffers, false},
      {"none is listed, and it is 0, though the register has made some",
       [](Look& look, DoubtedReceipt&) {
         OnlyYesterday(look, 1);
         look.status->last_receipt_number = 0;
       },
       DoubtRow::kNothingToCompare, false},
      {"a return, 0 of them are told, and sales are known",
       [](Look& look, DoubtedReceipt& sought) {
         sought.expected.task = 2;
         look.status->last_return_number = 0;
       },
       DoubtRow::kNothingThere, false},
      {"0, and the register never made a receipt that we know",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).clear();
         look.known.clear();
         look.status->last_receipt_number = 0;
       },
       DoubtRow::kNothingThere, true},
      {"that of the last one listed, which is of the shift before",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.closed = look.shifts[0].closed = At(12, 1);
         const ListedShift next{.id = "38", .opened = At(12, 2)};
         look.shifts.insert(look.shifts.begin(), next);
         look.documents.push_back({next, {}});
         look.status->shift_opened = At(12, 2);
       },
       DoubtRow::kNothingThere, false},
      {"that of the last one listed, and its shift was closed since",
       [](Look& look, DoubtedReceipt&) {
         look.documents[0].shift.closed = look.shifts[0].closed = At(12, 1);
         look.status->shift = ShiftStatus::kClosed;
       },
       DoubtRow::kNothingThere, true},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const LookJudgement judged = JudgeChanged(one.change);
    EXPECT_EQ(std::string(NameOf(judged.row)), std::string(NameOf(one.row))) << judged.words;
    EXPECT_EQ(judged.numbers_agree, one.agree);
  }
}

}  // namespace
}  // namespace kasa::domain
