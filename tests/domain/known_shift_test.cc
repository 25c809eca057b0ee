#include "server/domain/known_shift.h"

#include <gtest/gtest.h>

namespace kasa::domain {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

RegisterStatus OpenSince(absl::Duration age) {
  return {.shift = ShiftStatus::kOpen, .shift_opened = kNow - age};
}

TEST(KnownShift, IsOpenWhenItsStatusSaysSo) {
  KnownShift shift;
  EXPECT_FALSE(shift.is_open()) << "nothing is known yet";
  shift.NoteState(ShiftStatus::kOpen);
  EXPECT_TRUE(shift.is_open());
  shift.NoteState(ShiftStatus::kClosed);
  EXPECT_FALSE(shift.is_open());
  EXPECT_FALSE(shift.opening_was_taken_back()) << "nobody opened it";
  shift.NoteState(ShiftStatus::kOpen);
  shift.Doubt();
  EXPECT_FALSE(shift.is_open());
  shift.NoteState(std::nullopt);
  EXPECT_FALSE(shift.is_open()) << "a status that does not tell is no proof of an open one";
}

TEST(KnownShift, IsOpenByItsOpeningWhereTheStatusDoesNotTell) {
  KnownShift shift;
  shift.NoteOpening(kNow);
  EXPECT_FALSE(shift.is_open()) << "the status is asked first";
  shift.NoteState(std::nullopt);
  EXPECT_TRUE(shift.is_open());
  shift.NoteState(std::nullopt);
  EXPECT_FALSE(shift.is_open()) << "the opening counts for the status that follows it, and no other";
}

TEST(KnownShift, TellsOfAnOpeningThatWasTakenBack) {
  KnownShift shift;
  shift.NoteOpening(kNow);
  shift.NoteState(ShiftStatus::kClosed);
  EXPECT_FALSE(shift.is_open());
  EXPECT_TRUE(shift.opening_was_taken_back());
  shift.NoteState(ShiftStatus::kClosed);
  EXPECT_FALSE(shift.opening_was_taken_back());
}

TEST(KnownShift, IsTooLongAfter24HoursSinceItWasOpened) {
  KnownShift shift;
  EXPECT_FALSE(shift.IsTooLong(kNow));
  shift.NoteOpenedTime(OpenSince(absl::Hours(24)));
  EXPECT_FALSE(shift.IsTooLong(kNow));
  EXPECT_TRUE(shift.IsTooLong(kNow + absl::Seconds(1)));
  shift.NoteOpenedTime({.shift = ShiftStatus::kOpen});
  EXPECT_TRUE(shift.IsTooLong(kNow + absl::Seconds(1))) << "what was told before still holds";
  shift.NoteOpening(std::nullopt);
  EXPECT_TRUE(shift.IsTooLong(kNow + absl::Seconds(1))) << "it was open already, since then";
  shift.NoteOpening(kNow);
  EXPECT_FALSE(shift.IsTooLong(kNow + absl::Hours(24)));
  EXPECT_TRUE(shift.IsTooLong(kNow + absl::Hours(25)));
  shift.NoteOpenedTime({.shift = ShiftStatus::kClosed});
  EXPECT_FALSE(shift.IsTooLong(kNow + absl::Hours(25)));
}

TEST(KnownShift, IsTheReasonOfARefusalOnlyWhereItsWordsAreUnclear) {
  const struct {
    Reason told;
    Reason reason;
  } cases[] = {
      {Reason::kRegisterRefused, Reason::kShiftTooLong},
      {Reason::kRegisterBlocked, Reason::kShiftTooLong},
      {Reason::kRegisterServiceTrouble, Reason::kShiftTooLong},
      {Reason::kStsRefused, Reason::kShiftTooLong},
      {Reason::kSignatureMissing, Reason::kSignatureMissing},
      {Reason::kRateLimited, Reason::kRateLimited},
  };
  for (const auto& given : cases) {
    KnownShift old_shift;
    old_shift.NoteOpenedTime(OpenSince(absl::Hours(25)));
    EXPECT_EQ(old_shift.ReasonOfRefusal(given.told, kNow), given.reason) << NameOf(given.told);
    KnownShift young_shift;
    young_shift.NoteOpenedTime(OpenSince(absl::Hours(23)));
    EXPECT_EQ(young_shift.ReasonOfRefusal(given.told, kNow), given.told) << NameOf(given.told);
  }
}

TEST(KnownShift, ExplainsRefusalsByTheRegistersWordAlone) {
  KnownShift shift;
  shift.NoteOpening(kNow - absl::Hours(25));
  shift.ReasonOfRefusal(Reason::kRegisterRefused, kNow);
  EXPECT_FALSE(shift.ExplainsRefusals(kNow)) << "by the opening: it may have been closed and opened since";
  shift.NoteOpenedTime(OpenSince(absl::Hours(25)));
  EXPECT_TRUE(shift.ExplainsRefusals(kNow));
  shift.NoteOpenedTime(OpenSince(absl::Hours(1)));
  EXPECT_FALSE(shift.ExplainsRefusals(kNow));
}

TEST(KnownShift, ExplainsARefusalFromBeforeItsAgeWasKnown) {
  KnownShift shift;
  EXPECT_EQ(shift.ReasonOfRefusal(Reason::kRegisterRefused, kNow), Reason::kRegisterRefused);
  shift.NoteOpenedTime(OpenSince(absl::Hours(25)));
  EXPECT_TRUE(shift.ExplainsRefusals(kNow));
}

TEST(KnownShift, ExplainsNothingWhileTheRegisterMakesReceipts) {
  KnownShift shift;
  shift.NoteOpenedTime(OpenSince(absl::Hours(25)));
  EXPECT_FALSE(shift.ExplainsRefusals(kNow)) << "it refused nothing";
  KnownShift working;
  working.ReasonOfRefusal(Reason::kRegisterRefused, kNow);
  working.NoteReceipt(kNow);
  working.NoteOpenedTime(OpenSince(absl::Hours(25)));
  EXPECT_FALSE(working.ExplainsRefusals(kNow));
}

TEST(KnownShift, LetsADocumentTryNowAndThen) {
  KnownShift shift;
  shift.NoteOpenedTime(OpenSince(absl::Hours(25)));
  shift.ReasonOfRefusal(Reason::kRegisterServiceTrouble, kNow);
  for (int round = 0; round < 2; ++round) {
    for (int status = 0; status < 6; ++status) EXPECT_TRUE(shift.ExplainsRefusals(kNow));
    EXPECT_FALSE(shift.ExplainsRefusals(kNow)) << "whatever it refused for may be over";
  }
}

TEST(KnownShift, IsNotTooLongForARegisterThatMakesReceiptsInIt) {
  KnownShift shift;
  shift.NoteOpenedTime(OpenSince(absl::Hours(25)));
  shift.ReasonOfRefusal(Reason::kRegisterServiceTrouble, kNow);
  shift.NoteReceipt(kNow);
  EXPECT_FALSE(shift.ExplainsRefusals(kNow));
  EXPECT_EQ(shift.ReasonOfRefusal(Reason::kRegisterRefused, kNow), Reason::kRegisterRefused);
  EXPECT_FALSE(shift.ExplainsRefusals(kNow));
  shift.NoteOpenedTime(OpenSince(absl::Hours(24) + absl::Minutes(1)));
  EXPECT_TRUE(shift.IsTooLong(kNow)) << "another shift";
}

TEST(KnownShift, IsOpenWhereAReceiptWasMade) {
  KnownShift shift;
  shift.NoteState(ShiftStatus::kUnknown);
  shift.NoteReceipt(kNow);
  EXPECT_TRUE(shift.is_open());
}

}  // namespace
}  // namespace kasa::domain
