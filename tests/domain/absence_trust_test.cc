#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "server/domain/absence.h"
#include "tests/domain/clean_look.h"

// What a look tells is relied on only where it was right about receipts that we know: names and meanings of
// the listing's fields are guesses.
namespace kasa::domain {
namespace {

using ::testing::ElementsAre;

struct Case {
  const char* name;
  std::function<void(Look&, DoubtedReceipt&)> change;
  DoubtRow row;
};

void ExpectRows(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const LookJudgement judged = JudgeChanged(one.change);
    EXPECT_EQ(std::string(NameOf(judged.row)), std::string(NameOf(one.row))) << judged.words;
  }
}

// As the tax service's own type of a document, which is 0 for sales and returns alike.
void AllOfType0(Look& look, DoubtedReceipt& sought) {
  WithoutNumbers(look, sought);
  WithoutTags(look, sought);
  for (ListedReceipt& row : RowsOf(look)) row.task = 0;
}

ListedReceipt Untagged(std::optional<int> task) {
  ListedReceipt row = Row("F3", "", 3, At(12, 0));
  row.task = task;
  return row;
}

TEST(AListedTask, ExplainsADocumentOnlyWhereTasksAreToldRightly) {
  ExpectRows({
      {"tasks are told rightly: an opening is no receipt",
       [](Look& look, DoubtedReceipt&) { RowsOf(look).push_back(Untagged(0)); }, DoubtRow::kNothingThere},
      {"what is taken for the task is 0 for each receipt, and so for this one",
       [](Look& look, DoubtedReceipt& sought) {
         AllOfType0(look, sought);
         RowsOf(look).push_back(Untagged(0));
       },
       DoubtRow::kRowUnexplained},
      {"... and this one is not even told a fiscal number",
       [](Look& look, DoubtedReceipt& sought) {
         AllOfType0(look, sought);
         RowsOf(look).push_back({.fiscal_number = "", .task = 0});
       },
       DoubtRow::kRowUnexplained},
      {"what is taken for the task is a number of the row, which may be right once",
       [](Look& look, DoubtedReceipt& sought) {
         WithoutTags(look, sought);
         RowsOf(look)[0].task = 2;
         RowsOf(look).push_back(Untagged(3));
       },
       DoubtRow::kRowUnexplained},
      {"no receipt that we know is listed",
       [](Look& look, DoubtedReceipt&) {
         look.known.clear();
         RowsOf(look) = {Untagged(0)};
         look.status->last_receipt_number = 0;
       },
       DoubtRow::kRowUnexplained},
      {"receipts that we know are told no task",
       [](Look& look, DoubtedReceipt& sought) {
         WithoutTags(look, sought);
         for (ListedReceipt& row : RowsOf(look)) row.task.reset();
         RowsOf(look).push_back(Untagged(0));
       },
       DoubtRow::kRowUnexplained},
      {"a return is sought, and how returns are told is not seen",
       [](Look& look, DoubtedReceipt& sought) {
         sought.expected.task = 2;
         RowsOf(look).push_back(Untagged(0));
       },
       DoubtRow::kRowUnexplained},
      {"a return is sought, and one that we know is told rightly",
       [](Look& look, DoubtedReceipt& sought) {
         sought.expected.task = 2;
         RowsOf(look).push_back(Row("R1", kOtherTag, 1, At(11, 45)));
         RowsOf(look).back().task = 2;
         look.known["R1"] = Known("R1", 1, At(11, 45));
         look.known["R1"].task = 2;
         RowsOf(look).push_back(Untagged(0));
       },
       DoubtRow::kNothingThere},
  });
}

TEST(AListedTask, IsNoObjectionToOurTagUnlessTasksAreToldRightly) {
  const auto ours_of_type_0 = [](Look& look) {
    RowsOf(look).push_back(Row("F3", kTag, 3, At(12, 0)));
    RowsOf(look).back().task = 0;
  };
  ExpectRows({
      {"told rightly", [&](Look& look, DoubtedReceipt&) { ours_of_type_0(look); },
       DoubtRow::kReceiptDisagrees},
      {"0 for each receipt",
       [&](Look& look, DoubtedReceipt& sought) {
         AllOfType0(look, sought);
         ours_of_type_0(look);
       },
       DoubtRow::kFoundByTag},
      {"no receipt that we know is listed",
       [&](Look& look, DoubtedReceipt&) {
         look.known.clear();
         RowsOf(look).clear();
         ours_of_type_0(look);
       },
       DoubtRow::kFoundByTag},
  });
}

TEST(AListedTask, HidesNoReceiptThatTheStoreLost) {
  Look look = CleanLook();
  DoubtedReceipt sought = Sought();
  AllOfType0(look, sought);
  RowsOf(look).push_back(Row("F3", "00c0ffee00000000000000000000beef", 3, At(12, 0)));
  RowsOf(look).back().task = 0;
  EXPECT_EQ(ReceiptsUnknownToStore(look, "00c0ffee").size(), 1);
  look = CleanLook();
  RowsOf(look).push_back(Row("O1", "00c0ffee00000000000000000000beef", 3, At(12, 0)));
  RowsOf(look).back().task = 0;
  EXPECT_EQ(ReceiptsUnknownToStore(look, "00c0ffee").size(), 0);
}

TEST(AListedTask, KeepsNothingFromCheckTaskUnlessTasksAreToldRightly) {
  Look look = CleanLook();
  RowsOf(look).push_back(Untagged(0));
  EXPECT_THAT(ToCheck(look, Sought(), 5), ElementsAre());
  for (ListedReceipt& row : RowsOf(look)) row.task = 0;
  EXPECT_THAT(ToCheck(look, Sought(), 5), testing::Contains("F3"));
}

// A listing without tags, and a receipt in it that is not in the store.
void UnknownAndUntagged(Look& look, DoubtedReceipt& sought) {
  WithoutTags(look, sought);
  RowsOf(look).push_back(Row("F3", "", 3, At(12, 0)));
  look.status->last_receipt_number = 3;
}

TEST(ATagByCheckTask, ExplainsADocumentOnlyWhereItTellsOursRightly) {
  ExpectRows({
      {"nothing shows whose tags it tells",
       [](Look& look, DoubtedReceipt& sought) {
         UnknownAndUntagged(look, sought);
         look.checked["F3"] = Task("F3", kForeignTag);
       },
       DoubtRow::kRowUnexplained},
      {"it tells ours as they were sent",
       [](Look& look, DoubtedReceipt& sought) {
         UnknownAndUntagged(look, sought);
         look.checked["F3"] = Task("F3", kForeignTag);
         look.checked["F1"] = Task("F1", kOtherTag);
       },
       DoubtRow::kNothingThere},
      {"it tells ids of its own",
       [](Look& look, DoubtedReceipt& sought) {
         UnknownAndUntagged(look, sought);
         look.checked["F3"] = Task("F3", "1f0c");
         look.checked["F1"] = Task("F1", "1f0a");
       },
       DoubtRow::kRowUnexplained},
      {"it tells one of ours rightly, and another one wrongly",
       [](Look& look, DoubtedReceipt& sought) {
         UnknownAndUntagged(look, sought);
         look.checked["F3"] = Task("F3", kForeignTag);
         look.checked["F1"] = Task("F1", kOtherTag);
         look.checked["F2"] = Task("F2", kForeignTag);
       },
       DoubtRow::kRowUnexplained},
      {"it tells no tag of ours",
       [](Look& look, DoubtedReceipt& sought) {
         UnknownAndUntagged(look, sought);
         look.checked["F3"] = Task("F3", kForeignTag);
         look.checked["F1"] = Task("F1", "");
       },
       DoubtRow::kRowUnexplained},
      {"it tells the very tag that is sought, which nothing else would",
       [](Look& look, DoubtedReceipt& sought) {
         UnknownAndUntagged(look, sought);
         look.checked["F3"] = Task("F3", kTag);
       },
       DoubtRow::kFoundByTask},
      {"the listing tells tags, but not this one",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", "", 3, At(12, 0)));
         look.checked["F3"] = Task("F3", kForeignTag);
       },
       DoubtRow::kRowUnexplained},
      {"the listing tells another's, and check-task an id of its own",
       [](Look& look, DoubtedReceipt&) {
         RowsOf(look).push_back(Row("F3", kForeignTag, 3, At(12, 0)));
         look.checked["F3"] = Task("F3", "1f0c");
         look.status->last_receipt_number = 3;
       },
       DoubtRow::kNothingThere},
  });
}

TEST(ATagByCheckTask, IsOursWhereverItIsTold) {
  constexpr char kLost[] = "00c0ffee00000000000000000000beef";
  Look look = CleanLook();
  DoubtedReceipt sought = Sought();
  UnknownAndUntagged(look, sought);
  look.checked["F3"] = Task("F3", kLost);
  ASSERT_EQ(ReceiptsUnknownToStore(look, "00c0ffee").size(), 1);
  EXPECT_EQ(ReceiptsUnknownToStore(look, "00c0ffee")[0].tag, kLost);
  // Wrong at first, as some registers may be; the listing tells it.
  look.checked["F3"] = Task("F3", kForeignTag);
  RowsOf(look).back().tag = kLost;
  EXPECT_EQ(ReceiptsUnknownToStore(look, "00c0ffee").size(), 1);
  EXPECT_EQ(ForeignReceipts(look, "00c0ffee").size(), 0);
  // With a witness to check-task, and none to the listing, too.
  look.checked["F1"] = Task("F1", kOtherTag);
  EXPECT_EQ(ReceiptsUnknownToStore(look, "00c0ffee").size(), 1);
  EXPECT_EQ(ForeignReceipts(look, "00c0ffee").size(), 0);
}

TEST(ATagByCheckTask, MakesAReceiptForeignOnlyWhereItTellsOursRightly) {
  Look look = CleanLook();
  DoubtedReceipt sought = Sought();
  UnknownAndUntagged(look, sought);
  look.checked["F3"] = Task("F3", kForeignTag);
  EXPECT_EQ(ForeignReceipts(look, "00c0ffee").size(), 0);
  EXPECT_TRUE(HasUnexplained(look, "00c0ffee"));
  look.checked["F1"] = Task("F1", kOtherTag);
  EXPECT_EQ(ForeignReceipts(look, "00c0ffee").size(), 1);
  EXPECT_FALSE(HasUnexplained(look, "00c0ffee"));
}

}  // namespace
}  // namespace kasa::domain
