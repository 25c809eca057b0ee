#include "common/kyiv_time.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

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

// Digits of "YYYYMMDDHHMMSS" out of any of the accepted spellings; empty when the text is none of them.
std::string CompactDigits(absl::string_view text) {
  if (text.size() == 14 && AllDigits(text)) return std::string(text);
  if (text.size() < 19) return "";
  const auto part = [&](size_t at, size_t size) { return text.substr(at, size); };
  const bool day_first = text[2] == '.';
  const absl::string_view year = day_first ? part(6, 4) : part(0, 4);
  const absl::string_view month = day_first ? part(3, 2) : part(5, 2);
  const absl::string_view day = day_first ? part(0, 2) : part(8, 2);
  const bool separators = day_first ? text[5] == '.' : (text[4] == '-' && text[7] == '-');
  const bool time_separators = (text[10] == ' ' || text[10] == 'T') && (text[13] == ':' || text[13] == '.') &&
                               (text[16] == ':' || text[16] == '.');
  if (!separators || !time_separators || text.size() > 19) return "";
  std::string digits;
  for (const absl::string_view piece : {year, month, day, part(11, 2), part(14, 2), part(17, 2)}) {
    digits.append(piece.data(), piece.size());
  }
  return AllDigits(digits) ? digits : "";
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
  const std::string digits = CompactDigits(text);
  if (digits.empty()) return std::nullopt;
  const absl::string_view d = digits;
  const int year = Number(d.substr(0, 4)), month = Number(d.substr(4, 2)), day = Number(d.substr(6, 2));
  const int hour = Number(d.substr(8, 2)), minute = Number(d.substr(10, 2)), second = Number(d.substr(12, 2));
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  // CivilSecond normalises (31 November becomes 1 December); what it changed was no real moment.
  if (civil.year() != year || civil.month() != month || civil.day() != day || civil.hour() != hour ||
      civil.minute() != minute || civil.second() != second || year < 2000) {
    return std::nullopt;
  }
  const absl::TimeZone::TimeInfo moment = zone_.At(civil);
  switch (moment.kind) {
    case absl::TimeZone::TimeInfo::UNIQUE:
    case absl::TimeZone::TimeInfo::REPEATED:
      return Readings{moment.pre, moment.post};  // of a unique time both are the same
    case absl::TimeZone::TimeInfo::SKIPPED:
      break;
  }
  return std::nullopt;
}

std::optional<absl::Time> KyivTime::ParseRegisterTime(absl::string_view text) const {
  return ParseRegisterTimeUntil(text, absl::InfiniteFuture());
}

std::optional<absl::Time> KyivTime::ParseRegisterTimeNear(absl::string_view text, absl::Time near) const {
  const auto readings = ReadingsOf(text);
  if (!readings) return std::nullopt;
  const absl::Duration off_earlier = absl::AbsDuration(readings->earlier - near);
  return off_earlier < absl::AbsDuration(readings->later - near) ? readings->earlier : readings->later;
}

std::optional<absl::Time> KyivTime::ParseRegisterTimeUntil(absl::string_view text, absl::Time latest) const {
  const auto readings = ReadingsOf(text);
  if (!readings) return std::nullopt;
  return readings->later <= latest ? readings->later : readings->earlier;
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
