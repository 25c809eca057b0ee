#include "common/kyiv_time.h"

#include <gtest/gtest.h>

#include <string>

namespace kasa {
namespace {

KyivTime Kyiv() {
  return KyivTime::Load().value();
}

absl::Time Utc(int year, int month, int day, int hour, int minute, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second), absl::UTCTimeZone());
}

TEST(KyivTime, TheDayEndsAtKyivsMidnight) {
  EXPECT_EQ(Kyiv().DayOf(Utc(2026, 11, 23, 21, 59, 59)), absl::CivilDay(2026, 11, 23));
  EXPECT_EQ(Kyiv().DayOf(Utc(2026, 11, 23, 22, 0)), absl::CivilDay(2026, 11, 24));
  EXPECT_EQ(Kyiv().DayOf(Utc(2026, 7, 1, 20, 59, 59)), absl::CivilDay(2026, 7, 1));
  EXPECT_EQ(Kyiv().DayOf(Utc(2026, 7, 1, 21, 0)), absl::CivilDay(2026, 7, 2));
}

TEST(KyivTime, DaysBeginRightAroundTheChangesOfTheClock) {
  // 29 March 2026 has 23 hours, 25 October 2026 has 25.
  EXPECT_EQ(Kyiv().StartOf(absl::CivilDay(2026, 3, 29)), Utc(2026, 3, 28, 22, 0));
  EXPECT_EQ(Kyiv().StartOf(absl::CivilDay(2026, 3, 30)), Utc(2026, 3, 29, 21, 0));
  EXPECT_EQ(Kyiv().StartOf(absl::CivilDay(2026, 10, 25)), Utc(2026, 10, 24, 21, 0));
  EXPECT_EQ(Kyiv().StartOf(absl::CivilDay(2026, 10, 26)), Utc(2026, 10, 25, 22, 0));
}

TEST(KyivTime, AMinuteOfTheDayIsThatOfTheClockOnTheWall) {
  EXPECT_EQ(Kyiv().AtMinuteOf(absl::CivilDay(2026, 7, 1), 23 * 60 + 50), Utc(2026, 7, 1, 20, 50));
  EXPECT_EQ(Kyiv().AtMinuteOf(absl::CivilDay(2026, 7, 1), 24 * 60), Utc(2026, 7, 1, 21, 0));
  // On a day of 23 hours and on one of 25.
  EXPECT_EQ(Kyiv().AtMinuteOf(absl::CivilDay(2026, 3, 29), 23 * 60 + 50), Utc(2026, 3, 29, 20, 50));
  EXPECT_EQ(Kyiv().AtMinuteOf(absl::CivilDay(2026, 10, 25), 23 * 60 + 50), Utc(2026, 10, 25, 21, 50));
}

TEST(KyivTime, ReadsTheRegistersTimesInEverySpelling) {
  const absl::Time expected = Utc(2024, 11, 14, 10, 14, 30);
  for (const char* text : {"20241114121430", "2024-11-14 12:14:30", "2024-11-14T12:14:30",
                           "14.11.2024 12:14:30", "14.11.2024 12.14.30"}) {
    EXPECT_EQ(Kyiv().ParseRegisterTime(text), expected) << text;
  }
  EXPECT_EQ(Kyiv().FormatRegisterTime(expected), "20241114121430");
}

TEST(KyivTime, ReadsTimesWithAZoneWithAFractionAndSince1970) {
  const absl::Time expected = Utc(2024, 11, 14, 10, 14, 30);
  for (const char* text :
       {"2024-11-14T12:14:30+02:00", "2024-11-14T10:14:30Z", "2024-11-14t10:14:30z",
        "2024-11-14T05:14:30-05:00", "2024-11-14T15:44:30+05:30", "2024-11-14 12:14:30 +0200",
        "2024-11-14 12:14:30+02", "2024-11-14T10:14:30.000Z", "2024-11-14T12:14:30.123456+02:00",
        "14.11.2024 10:14:30Z", "14.11.2024 12:14:30 +02:00", "20241114101430.5Z", "20241114121430+0200",
        "1731579270", "1731579270.999", "1731579270999"}) {
    EXPECT_EQ(Kyiv().ParseRegisterTime(text), expected) << text;
    EXPECT_EQ(Kyiv().ParseRegisterTimeNear(text, expected), expected) << text;
    EXPECT_EQ(Kyiv().ParseRegisterTimeUntil(text, expected), expected) << text;
  }
}

TEST(KyivTime, AFractionWithoutAZoneIsKyivsWhereThatMayBeWrongByHours) {
  const absl::Time kyivs = Utc(2024, 11, 14, 10, 14, 30);
  for (const char* text : {"2024-11-14T12:14:30.999", "2024-11-14 12:14:30,5", "20241114121430.5"}) {
    EXPECT_EQ(Kyiv().ParseRegisterTime(text), kyivs) << text;
    EXPECT_EQ(Kyiv().ParseRegisterTimeNear(text, kyivs), kyivs) << text;
    EXPECT_EQ(Kyiv().ParseRegisterTimeUntil(text, kyivs + absl::Hours(9)), std::nullopt) << text;
  }
}

// Programs spell UTC so, too.
TEST(KyivTime, AtLatestWhatIsSpelledWithTheYearFirstIsUtcUnlessThatIsStillToCome) {
  const absl::Time kyivs = Utc(2024, 11, 14, 10, 14, 30), utcs = Utc(2024, 11, 14, 12, 14, 30);
  for (const char* text : {"2024-11-14T12:14:30", "2024-11-14 12:14:30"}) {
    EXPECT_EQ(Kyiv().ParseRegisterTimeAtLatest(text, utcs), utcs) << text;
    EXPECT_EQ(Kyiv().ParseRegisterTimeAtLatest(text, utcs - absl::Seconds(1)), kyivs) << text;
  }
  for (const char* text : {"20241114121430", "14.11.2024 12:14:30", "2024-11-14T10:14:30Z",
                           "2024-11-14T12:14:30+02:00", "1731579270"}) {
    EXPECT_EQ(Kyiv().ParseRegisterTimeAtLatest(text, utcs), kyivs) << text;
  }
  EXPECT_EQ(Kyiv().ParseRegisterTimeAtLatest("2024-11-14T12:14:30.999", utcs), std::nullopt);
}

TEST(KyivTime, AZoneTellsTheHourThatComesTwiceAndTheOneThatIsLeftOutApart) {
  for (const absl::Time near : {Utc(2026, 10, 25, 0, 30), Utc(2026, 10, 25, 1, 30)}) {
    EXPECT_EQ(Kyiv().ParseRegisterTimeNear("2026-10-25T03:30:00+03:00", near), Utc(2026, 10, 25, 0, 30));
    EXPECT_EQ(Kyiv().ParseRegisterTimeUntil("2026-10-25T03:30:00+02:00", near), Utc(2026, 10, 25, 1, 30));
  }
  EXPECT_EQ(Kyiv().ParseRegisterTime("2026-03-29T03:30:00Z"), Utc(2026, 3, 29, 3, 30));
  // A fraction alone tells nothing of that.
  EXPECT_EQ(Kyiv().ParseRegisterTimeNear("2026-10-25T03:30:00.5", Utc(2026, 10, 25, 0, 30)),
            Utc(2026, 10, 25, 0, 30));
  EXPECT_EQ(Kyiv().ParseRegisterTime("2026-03-29T03:30:00.5"), std::nullopt);
}

TEST(KyivTime, ReadsNothingFromWhatIsNoMoment) {
  for (const char* text : {"",
                           "0",
                           "20241114",
                           "2024111412143",
                           "202411141214300",
                           "20241314121430",
                           "20241131121430",
                           "20241114241430",
                           "20241114126030",
                           "20241114121460",
                           "00000000000000",
                           "2024-11-14",
                           "2024-11-14X12:14:30",
                           "2024/11/14 12:14:30",
                           "14.11.2024 12:14:30X",
                           "2024-11-14 12:14:3x",
                           "-0241114121430",
                           "двадцять років",
                           "2024-11-14 12:14",
                           "2024-11-14T12:14Z",
                           "2024-11-14T12:14+02:00",
                           "2024-11-14T12:14:30.",
                           "2024-11-14T12:14:30.Z",
                           "2024-11-14T12:14:30 ",
                           "2024-11-14T12:14:30ZZ",
                           "2024-11-14T12:14:30+2",
                           "2024-11-14T12:14:30+02:",
                           "2024-11-14T12:14:30+02:0",
                           "2024-11-14T12:14:30+02:60",
                           "2024-11-14T12:14:30+15:00",
                           "2024-11-14T12:14:30+02:00x",
                           "2024-11-14T12:14:30+02123",
                           "2024-02-30T12:14:30Z",
                           "2024-11-14T24:00:00Z",
                           "0001-01-01T00:00:00Z",
                           "1970-01-01T00:00:00Z",
                           "1999-12-31T23:59:59Z",
                           "infinite-past",
                           "infinite-future",
                           "0000000000",
                           "173157927",
                           "17315792700",
                           "1731579270.",
                           "1731579270x",
                           "173157927099",
                           "17315792709999",
                           "2024111412",
                           "2411141214",
                           "-1731579270",
                           "1.7e9"}) {
    EXPECT_EQ(Kyiv().ParseRegisterTime(text), std::nullopt) << text;
  }
}

TEST(KyivTime, TheHourLeftOutInSpringIsNoMoment) {
  EXPECT_EQ(Kyiv().ParseRegisterTime("20260329025959"), Utc(2026, 3, 29, 0, 59, 59));
  EXPECT_EQ(Kyiv().ParseRegisterTime("20260329033000"), std::nullopt);
  EXPECT_EQ(Kyiv().ParseRegisterTime("20260329040000"), Utc(2026, 3, 29, 1, 0));
}

TEST(KyivTime, TheHourThatComesTwiceInAutumnIsTheLaterOne) {
  EXPECT_EQ(Kyiv().ParseRegisterTime("20261025025959"), Utc(2026, 10, 24, 23, 59, 59));
  EXPECT_EQ(Kyiv().ParseRegisterTime("20261025033000"), Utc(2026, 10, 25, 1, 30));
  EXPECT_EQ(Kyiv().ParseRegisterTime("20261025040000"), Utc(2026, 10, 25, 2, 0));
}

TEST(KyivTime, TheHourThatComesTwiceIsReadNearToWhenItWasHeard) {
  const struct {
    const char* text;
    absl::Time near;
    absl::Time expected;
  } cases[] = {
      {"20261025033000", Utc(2026, 10, 25, 0, 30), Utc(2026, 10, 25, 0, 30)},
      {"20261025033000", Utc(2026, 10, 25, 1, 30), Utc(2026, 10, 25, 1, 30)},
      {"20261025030000", Utc(2026, 10, 24, 23, 58), Utc(2026, 10, 25, 0, 0)},
      {"20261025035959", Utc(2026, 10, 25, 2, 2), Utc(2026, 10, 25, 1, 59, 59)},
      // An hour that comes once is what it says, however far off that is.
      {"20261025023000", Utc(2026, 10, 25, 1, 30), Utc(2026, 10, 24, 23, 30)},
      {"20261025043000", Utc(2026, 10, 25, 0, 30), Utc(2026, 10, 25, 2, 30)},
      {"20260329043000", Utc(2026, 3, 29, 0, 30), Utc(2026, 3, 29, 1, 30)},
  };
  for (const auto& given : cases) {
    EXPECT_EQ(Kyiv().ParseRegisterTimeNear(given.text, given.near), given.expected)
        << given.text << " near " << given.near;
  }
  EXPECT_EQ(Kyiv().ParseRegisterTimeNear("20260329033000", Utc(2026, 3, 29, 0, 30)), std::nullopt);
  EXPECT_EQ(Kyiv().ParseRegisterTimeNear("yesterday", Utc(2026, 3, 29, 0, 30)), std::nullopt);
}

TEST(KyivTime, TheHourThatComesTwiceIsTheLaterOneUnlessThatIsStillToCome) {
  EXPECT_EQ(Kyiv().ParseRegisterTimeUntil("20261025033000", Utc(2026, 10, 25, 0, 40)),
            Utc(2026, 10, 25, 0, 30));
  EXPECT_EQ(Kyiv().ParseRegisterTimeUntil("20261025033000", Utc(2026, 10, 25, 1, 30)),
            Utc(2026, 10, 25, 1, 30));
  EXPECT_EQ(Kyiv().ParseRegisterTimeUntil("20261025033000", Utc(2026, 10, 25, 9, 0)),
            Utc(2026, 10, 25, 1, 30));
  EXPECT_EQ(Kyiv().ParseRegisterTimeUntil("20261024120000", Utc(2026, 10, 24, 3, 0)),
            Utc(2026, 10, 24, 9, 0));
}

TEST(CivilDayText, IsTenCharactersOfADayThatExists) {
  EXPECT_EQ(ParseCivilDay("2026-11-23"), absl::CivilDay(2026, 11, 23));
  EXPECT_EQ(ParseCivilDay("2024-02-29"), absl::CivilDay(2024, 2, 29));
  for (const char* text :
       {"", "2026-11-3", "2026-11-031", "23.11.2026", "2026-02-29", "2026-00-10", "2026-13-01", "2026-11-00",
        "2026-11-31", "2026/11/23", " 026-11-23", "2026-11-2x", "+026-11-23"}) {
    EXPECT_EQ(ParseCivilDay(text), std::nullopt) << text;
  }
}

TEST(CivilDayText, ReadsBack) {
  for (absl::CivilDay day(2024, 1, 1); day < absl::CivilDay(2028, 1, 1); ++day) {
    ASSERT_EQ(ParseCivilDay(FormatCivilDay(day)), day) << FormatCivilDay(day);
  }
}

}  // namespace
}  // namespace kasa
