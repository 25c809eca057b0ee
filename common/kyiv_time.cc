#include "common/kyiv_time.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace kasa {
namespace {

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

int Number(absl::string_view digits) {
  int value = 0;
  for (const char digit : digits) value = value * 10 + (digit - '0');
  return value;
}

// Takes a date and a time off the beginning of `text`, in any of the accepted spellings: its digits,
// "YYYYMMDDHHMMSS". Empty when it does not begin so.
std::string TakeDigits(absl::string_view& text) {
  constexpr size_t kCompact = 14;
  constexpr size_t kSpelled = 19;
  if (text.size() >= kCompact && AllDigits(text.substr(0, kCompact))) {
    std::string digits(text.substr(0, kCompact));
    text.remove_prefix(kCompact);
    return digits;
  }
  if (text.size() < kSpelled) return "";
  const auto part = [&](size_t at, size_t size) { return text.substr(at, size); };
  const bool day_first = text[2] == '.';
  const absl::string_view year = day_first ? part(6, 4) : part(0, 4);
  const absl::string_view month = day_first ? part(3, 2) : part(5, 2);
  const absl::string_view day = day_first ? part(0, 2) : part(8, 2);
  const bool separators = day_first ? text[5] == '.' : (text[4] == '-' && text[7] == '-');
  const bool time_separators = (text[10] == ' ' || text[10] == 'T' || text[10] == 't') &&
                               (text[13] == ':' || text[13] == '.') && (text[16] == ':' || text[16] == '.');
  if (!separators || !time_separators) return "";
  std::string digits;
  for (const absl::string_view piece : {year, month, day, part(11, 2), part(14, 2), part(17, 2)}) {
    digits.append(piece.data(), piece.size());
  }
  text.remove_prefix(kSpelled);
  return AllDigits(digits) ? digits : "";
}

// Takes a fraction of a second off the beginning of `text`, if there is one.
void TakeFraction(absl::string_view& text) {
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return;
  const auto end = std::find_if_not(text.begin() + 1, text.end(), absl::ascii_isdigit);
  const auto size = static_cast<size_t>(end - text.begin());
  if (size > 1) text.remove_prefix(size);
}

// "Z", "+02:00", "+0200", "+02", also after a space: how far the zone's clock is ahead of UTC. Nothing when
// it is none of these.
std::optional<absl::Duration> ZoneOf(absl::string_view text) {
  absl::ConsumePrefix(&text, " ");
  if (text == "Z" || text == "z") return absl::ZeroDuration();
  constexpr int kFurthestHours = 14;  // that any place on Earth is from UTC
  constexpr int kMinutesOfHour = 60;
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool behind = text[0] == '-';
  const absl::string_view hours = text.substr(1, 2);
  absl::string_view minutes = text.substr(3);
  if (minutes.size() == 3) absl::ConsumePrefix(&minutes, ":");
  const bool whole = minutes.empty() || minutes.size() == 2;
  if (!whole || !AllDigits(hours) || !AllDigits(minutes)) return std::nullopt;
  if (Number(hours) > kFurthestHours || Number(minutes) >= kMinutesOfHour) return std::nullopt;
  const absl::Duration ahead = absl::Hours(Number(hours)) + absl::Minutes(Number(minutes));
  return behind ? -ahead : ahead;
}

// Seconds since 1970, also with a fraction, or milliseconds. They begin with 1 until May 2033; what begins
// with 2 and is as long is a date that was cut short ("2024111412") rather than a time in ten years.
std::optional<absl::Time> SinceEpoch(absl::string_view text) {
  constexpr size_t kSecondsDigits = 10;
  constexpr size_t kMillisecondsDigits = 3;  // after those of the seconds
  const absl::string_view digits = text.substr(0, kSecondsDigits);
  if (digits.size() != kSecondsDigits || digits[0] != '1' || !AllDigits(digits)) return std::nullopt;
  absl::string_view rest = text.substr(kSecondsDigits);
  const bool milliseconds = rest.size() == kMillisecondsDigits && AllDigits(rest);
  TakeFraction(rest);
  int64_t seconds = 0;
  if ((!rest.empty() && !milliseconds) || !absl::SimpleAtoi(digits, &seconds)) return std::nullopt;
  return absl::FromUnixSeconds(seconds);
}

}  // namespace

absl::StatusOr<KyivTime> KyivTime::Load() {
  absl::TimeZone zone;
  for (const char* name : {"Europe/Kyiv", "Europe/Kiev"}) {
    if (absl::LoadTimeZone(name, &zone)) return KyivTime(zone);
  }
  return absl::FailedPreconditionError(
      "the time zone database has no Europe/Kyiv: install the package tzdata, or set TZDIR to a complete "
      "database");
}

absl::CivilDay KyivTime::DayOf(absl::Time time) const {
  return absl::ToCivilDay(time, zone_);
}

absl::Time KyivTime::AtMinuteOf(absl::CivilDay day, int minute) const {
  return absl::FromCivil(absl::CivilMinute(day) + minute, zone_);
}

absl::Time KyivTime::StartOf(absl::CivilDay day) const {
  return absl::FromCivil(day, zone_);
}

std::optional<KyivTime::Readings> KyivTime::ReadingsOf(absl::string_view text) const {
  if (const auto time = SinceEpoch(text)) return Readings{.earlier = *time, .later = *time};
  const std::string digits = TakeDigits(text);
  if (digits.empty()) return std::nullopt;
  const size_t before_fraction = text.size();
  TakeFraction(text);
  const bool fraction = text.size() < before_fraction;
  const auto zone = ZoneOf(text);
  if (!text.empty() && !zone) return std::nullopt;
  const absl::string_view d = digits;
  const int year = Number(d.substr(0, 4)), month = Number(d.substr(4, 2)), day = Number(d.substr(6, 2));
  const int hour = Number(d.substr(8, 2)), minute = Number(d.substr(10, 2)), second = Number(d.substr(12, 2));
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  // CivilSecond normalises (31 November becomes 1 December); what it changed was no real moment.
  if (civil.year() != year || civil.month() != month || civil.day() != day || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second || year < 2000) {
    return std::nullopt;
  }
  if (zone) {
    const absl::Time time = absl::FromCivil(civil, absl::UTCTimeZone()) - *zone;
    return Readings{.earlier = time, .later = time};
  }
  const absl::TimeZone::TimeInfo moment = zone_.At(civil);
  switch (moment.kind) {
    case absl::TimeZone::TimeInfo::UNIQUE:
    case absl::TimeZone::TimeInfo::REPEATED:
      // Of a unique time both are the same.
      return Readings{.earlier = moment.pre, .later = moment.post, .may_be_utc = fraction};
    case absl::TimeZone::TimeInfo::SKIPPED:
      break;
  }
  return std::nullopt;
}

std::optional<absl::Time> KyivTime::ParseRegisterTime(absl::string_view text) const {
  const auto readings = ReadingsOf(text);
  if (!readings) return std::nullopt;
  return readings->later;
}

std::optional<absl::Time> KyivTime::ParseRegisterTimeNear(absl::string_view text, absl::Time near) const {
  const auto readings = ReadingsOf(text);
  if (!readings) return std::nullopt;
  const absl::Duration off_earlier = absl::AbsDuration(readings->earlier - near);
  return off_earlier < absl::AbsDuration(readings->later - near) ? readings->earlier : readings->later;
}

std::optional<absl::Time> KyivTime::ParseRegisterTimeUntil(absl::string_view text, absl::Time latest) const {
  const auto readings = ReadingsOf(text);
  if (!readings || readings->may_be_utc) return std::nullopt;
  return readings->later <= latest ? readings->later : readings->earlier;
}

std::optional<absl::Time> KyivTime::ParseRegisterTimeAtLatest(absl::string_view text,
                                                              absl::Time latest) const {
  const auto by_kyiv = ParseRegisterTimeUntil(text, latest);
  const bool year_first = text.size() > 4 && text[4] == '-';
  if (!by_kyiv || !year_first) return by_kyiv;
  const auto by_utc = ParseRegisterTime(absl::StrCat(text, "Z"));  // nothing where a zone is told
  return by_utc && *by_utc <= latest ? std::max(*by_kyiv, *by_utc) : by_kyiv;
}

std::string KyivTime::FormatRegisterTime(absl::Time time) const {
  return absl::FormatTime("%Y%m%d%H%M%S", time, zone_);
}

std::optional<absl::CivilDay> ParseCivilDay(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!AllDigits(text.substr(0, 4)) || !AllDigits(text.substr(5, 2)) || !AllDigits(text.substr(8, 2))) {
    return std::nullopt;
  }
  const int year = Number(text.substr(0, 4)), month = Number(text.substr(5, 2)),
            day = Number(text.substr(8, 2));
  const absl::CivilDay civil(year, month, day);
  if (civil.year() != year || civil.month() != month || civil.day() != day) return std::nullopt;
  return civil;
}

std::string FormatCivilDay(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

}  // namespace kasa
