#include "server/domain/resend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/kyiv_time.h"

namespace kasa::domain {
namespace {

using testing::HasSubstr;

const absl::Time kSent = absl::FromUnixSeconds(1'800'000'000);

// A status read two minutes after the send, on a clock that agrees with ours.
ResendQuestion Question(ShiftStatus shift, std::optional<absl::Time> opened) {
  ResendQuestion question;
  question.tag_memory = TagMemory::kSameShift;
  question.first_unexplained_send = kSent;
  question.status_read_time = kSent + absl::Minutes(2);
  question.status.emplace();
  question.status->shift = shift;
  question.status->shift_opened = opened;
  question.status->register_clock = question.status_read_time;
  return question;
}

TEST(Resend, ForeverCoversAlwaysAndUnprovenNever) {
  for (const auto shift : {ShiftStatus::kOpen, ShiftStatus::kClosed}) {
    ResendQuestion question = Question(shift, kSent - absl::Hours(1));
    question.tag_memory = TagMemory::kForever;
    EXPECT_EQ(ObjectionToResend(question), std::nullopt);
    question.tag_memory = TagMemory::kUnproven;
    EXPECT_THAT(ObjectionToResend(question).value_or(""), HasSubstr("not proven"));
  }
  ResendQuestion unread = Question(ShiftStatus::kOpen, kSent);
  unread.status.reset();
  unread.tag_memory = TagMemory::kForever;
  EXPECT_EQ(ObjectionToResend(unread), std::nullopt);
  unread.tag_memory = TagMemory::kUnproven;
  EXPECT_TRUE(ObjectionToResend(unread).has_value());
}

TEST(Resend, SameShiftCoversAnOpenShiftFromBeforeTheSend) {
  struct Case {
    absl::Duration opened_after_send;
    bool covered;
  };
  for (const Case& c :
       {Case{-absl::Hours(20), true}, Case{-absl::Seconds(1), true}, Case{absl::ZeroDuration(), true},
        Case{absl::Seconds(2), false}, Case{absl::Minutes(1), false}}) {
    const auto objection = ObjectionToResend(Question(ShiftStatus::kOpen, kSent + c.opened_after_send));
    EXPECT_EQ(!objection.has_value(), c.covered) << c.opened_after_send;
  }
}

// It may have been told in UTC, and then it is hours later than Kyiv's clock would have it.
TEST(Resend, TheShiftIsTakenToBeOpenedAtTheLatestMomentThatMayBeMeant) {
  ResendQuestion question = Question(ShiftStatus::kOpen, kSent - absl::Hours(1));
  question.status->shift_opened_at_latest = kSent - absl::Minutes(1);
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
  question.status->shift_opened_at_latest = kSent + absl::Minutes(1);
  EXPECT_THAT(ObjectionToResend(question).value_or(""), HasSubstr("opened after the send"));
}

TEST(Resend, SameShiftCoversNothingWhileTheShiftIsNotKnownToBeOpenSinceThen) {
  for (const ShiftStatus shift : {ShiftStatus::kClosed, ShiftStatus::kUnknown, ShiftStatus::kBlocked}) {
    EXPECT_THAT(ObjectionToResend(Question(shift, kSent - absl::Hours(1))).value_or(""),
                HasSubstr("not open"));
  }
  EXPECT_THAT(ObjectionToResend(Question(ShiftStatus::kOpen, std::nullopt)).value_or(""), HasSubstr("when"));

  ResendQuestion untold = Question(ShiftStatus::kOpen, kSent - absl::Hours(1));
  untold.status->shift.reset();
  EXPECT_TRUE(ObjectionToResend(untold).has_value());
  ResendQuestion unread = Question(ShiftStatus::kOpen, kSent - absl::Hours(1));
  unread.status.reset();
  EXPECT_THAT(ObjectionToResend(unread).value_or(""), HasSubstr("could not be read"));
}

TEST(Resend, SameShiftCoversNothingWhileTheShiftMayClose) {
  ResendQuestion question = Question(ShiftStatus::kOpen, kSent - absl::Hours(1));
  question.shift_may_close = true;
  EXPECT_THAT(ObjectionToResend(question).value_or(""), HasSubstr("closed about now"));
  question.tag_memory = TagMemory::kForever;
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
}

// That its clock was set, the process before may have known; the register's would show it.
TEST(Resend, SameShiftCoversNothingOfAnEarlierProcessWhereNoClockIsTold) {
  ResendQuestion question = Question(ShiftStatus::kOpen, kSent - absl::Hours(1));
  question.sent_by_earlier_process = true;
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
  question.status->register_clock.reset();
  EXPECT_THAT(ObjectionToResend(question).value_or(""), HasSubstr("tells no clock"));
  question.sent_by_earlier_process = false;
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
  question.sent_by_earlier_process = true;
  question.tag_memory = TagMemory::kForever;
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
}

// The clock stood ahead then, and was set back since: the send was in whatever shift.
TEST(Resend, SameShiftCoversNothingThatIsDatedLaterThanNow) {
  ResendQuestion question = Question(ShiftStatus::kOpen, kSent - absl::Hours(1));
  question.now = kSent;
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
  question.now = kSent - absl::Seconds(1);
  EXPECT_THAT(ObjectionToResend(question).value_or(""), HasSubstr("later than now"));
  question.tag_memory = TagMemory::kForever;
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
}

// A status that was read before the send: the shift was open then, so it was opened before.
TEST(Resend, SameShiftCoversWhereTheShiftWasOpenBeforeTheSendAlsoWithoutATimeOfOpening) {
  struct Case {
    absl::Duration read_after_send;
    bool covered;
  };
  for (const Case& c : {Case{-absl::Hours(3), true}, Case{absl::ZeroDuration(), true},
                        Case{absl::Milliseconds(1), false}, Case{absl::Minutes(2), false}}) {
    ResendQuestion question = Question(ShiftStatus::kOpen, std::nullopt);
    question.status_read_time = kSent + c.read_after_send;
    question.status->register_clock = question.status_read_time + absl::Minutes(10);
    EXPECT_EQ(!ObjectionToResend(question).has_value(), c.covered) << c.read_after_send;
    question.status->shift = ShiftStatus::kClosed;
    EXPECT_TRUE(ObjectionToResend(question).has_value());
  }
}

TEST(Resend, TheSendsTimeIsTakenByTheRegistersClock) {
  struct Case {
    absl::Duration register_ahead;
    absl::Duration opened_after_send;  // both as the register's clock tells the opening and ours the send
    bool covered;
  };
  for (const Case& c : {
           // Ten minutes ahead: the register had the send at +10 min.
           Case{absl::Minutes(10), absl::Minutes(9), true},
           Case{absl::Minutes(10), absl::Minutes(11), false},
           // Ten minutes behind: the register had the send at -10 min.
           Case{-absl::Minutes(10), -absl::Minutes(11), true},
           Case{-absl::Minutes(10), -absl::Minutes(9), false},
       }) {
    ResendQuestion question = Question(ShiftStatus::kOpen, kSent + c.opened_after_send);
    question.status->register_clock = question.status_read_time + c.register_ahead;
    EXPECT_EQ(!ObjectionToResend(question).has_value(), c.covered)
        << c.register_ahead << " " << c.opened_after_send;
  }
}

TEST(Resend, AClockThatIsFarOffIsNotReliedOn) {
  for (const absl::Duration ahead :
       {absl::Minutes(31), -absl::Minutes(31), absl::Hours(1), -absl::Hours(1)}) {
    ResendQuestion question = Question(ShiftStatus::kOpen, kSent - absl::Hours(20));
    question.status->register_clock = question.status_read_time + ahead;
    EXPECT_THAT(ObjectionToResend(question).value_or(""), HasSubstr("clock differs")) << ahead;
  }
}

// Its clock may be behind, and the shift younger than its time says.
TEST(Resend, WithoutARegistersClockTheShiftHasToBeFiveMinutesOlderThanTheSend) {
  ResendQuestion question = Question(ShiftStatus::kOpen, kSent - absl::Minutes(5));
  question.status->register_clock.reset();
  EXPECT_EQ(ObjectionToResend(question), std::nullopt);
  question.status->shift_opened = kSent - absl::Minutes(5) + absl::Seconds(1);
  EXPECT_TRUE(ObjectionToResend(question).has_value());
}

// A register tells times as Kyiv's civil time in whole seconds. Wherever the truth lies, and whatever Kyiv's
// clocks do that night, a shift opened after the send must not pass as that of the send.
TEST(Resend, NoShiftOpenedLaterPassesInTheNightsWhenTheClocksChange) {
  const KyivTime kyiv = KyivTime::Load().value();
  const auto as_told = [&kyiv](absl::Time time) {
    return kyiv.ParseRegisterTime(kyiv.FormatRegisterTime(time));
  };
  for (const absl::CivilSecond night :
       {absl::CivilSecond(2026, 10, 24, 22), absl::CivilSecond(2026, 3, 28, 22)}) {
    const absl::Time start = absl::FromCivil(night, absl::UTCTimeZone());
    int covered = 0;
    for (int sent_minute = 0; sent_minute < 360; sent_minute += 5) {
      for (int opened_minute = 1; opened_minute < 360; opened_minute += 7) {
        for (const int read_after : {2, 30, 61, 119}) {
          ResendQuestion question = Question(ShiftStatus::kOpen, std::nullopt);
          question.first_unexplained_send = start + absl::Minutes(sent_minute);
          const absl::Time opened = start + absl::Minutes(opened_minute);
          question.status_read_time =
              std::max(question.first_unexplained_send, opened) + absl::Minutes(read_after);
          question.status->shift_opened = as_told(opened);
          question.status->register_clock = as_told(question.status_read_time);
          if (ObjectionToResend(question)) continue;
          ++covered;
          EXPECT_LE(opened, question.first_unexplained_send) << sent_minute << " " << opened_minute;
        }
      }
    }
    EXPECT_GT(covered, 1000) << "the rule still lets the harmless ones pass";
  }
}

}  // namespace
}  // namespace kasa::domain
