#ifndef KASA_COMMON_KYIV_TIME_H_
#define KASA_COMMON_KYIV_TIME_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace kasa {

// Kyiv's civil time, by which fiscal days and the register's own times are told. Immutable; safe to share.
class KyivTime {
 public:
  // FAILED_PRECONDITION when the machine's time zone database has no Europe/Kyiv (or its older name
  // Europe/Kiev): absl::LoadTimeZone would then mean UTC silently, and dates would be wrong each night.
  static absl::StatusOr<KyivTime> Load();

  // The civil day in Kyiv at `time`.
  absl::CivilDay DayOf(absl::Time time) const;

  // When Kyiv's `day` begins. Right on the days when the clocks change too.
  absl::Time StartOf(absl::CivilDay day) const;

  // When it is `minute` minutes after midnight by the clock on the wall, on Kyiv's `day`; 1440 is the next
  // midnight. On the days when the clocks change: of an hour that comes twice the first, and a time that is
  // left out as if the clocks had not been changed yet.
  absl::Time AtMinuteOf(absl::CivilDay day, int minute) const;

  // Reads a time as the register writes it, local to Kyiv: "20241114121430", also with the usual separators
  // ("2024-11-14 12:14:30", "2024-11-14T12:14:30", "14.11.2024 12:14:30"). Others of its calls may write
  // otherwise, and are read too: with a zone ("Z", "+02:00"), which then counts in Kyiv's place, or as
  // seconds or milliseconds since 1970. A fraction of a second is cut off: the register tells whole seconds,
  // and of two times that are told in different ways the order must not turn round (resend.h, absence.h).
  //
  // Nothing when it is none of these or no real moment, as those in the hour that is left out in spring; nor
  // when it tells no second: a shift would look up to a minute older than it is. A time in the hour that
  // comes twice in autumn is taken as the later one: a shift that looks newer than it is is not relied on,
  // which is safe, and one that looks older would be (resend.h).
  std::optional<absl::Time> ParseRegisterTime(absl::string_view text) const;

  // The same for what happened about now: of the hour that comes twice in autumn the reading that is nearer
  // to `near`, so that a register's right clock does not read an hour ahead.
  std::optional<absl::Time> ParseRegisterTimeNear(absl::string_view text, absl::Time near) const;

  // The same for what has happened by `latest`, which is the register's own now: the later reading, unless it
  // is still to come. A fraction without a zone is not the register's way to write but some program's, whose
  // times may as well be UTC: Kyiv's reading of it would be hours too early, so there is none.
  std::optional<absl::Time> ParseRegisterTimeUntil(absl::string_view text, absl::Time latest) const;

  // The latest moment not after `latest` that a time of what has happened may mean. Of "2024-11-14 12:14:30",
  // which is spelled as programs spell times in UTC as well, that is UTC's reading; of all others the same as
  // above.
  std::optional<absl::Time> ParseRegisterTimeAtLatest(absl::string_view text, absl::Time latest) const;

  // "20241114121430"
  std::string FormatRegisterTime(absl::Time time) const;

 private:
  // What a register's time may mean: two moments in the hour that comes twice where it tells no zone, else
  // one and the same.
  struct Readings {
    absl::Time earlier;
    absl::Time later;
    bool may_be_utc = false;  // both are Kyiv's reading, which is not sure
  };
  std::optional<Readings> ReadingsOf(absl::string_view text) const;

  explicit KyivTime(absl::TimeZone zone) : zone_(zone) {}

  absl::TimeZone zone_;
};

// "YYYY-MM-DD", exactly ten characters and a day that exists; nothing otherwise.
std::optional<absl::CivilDay> ParseCivilDay(absl::string_view text);

// "YYYY-MM-DD"
std::string FormatCivilDay(absl::CivilDay day);

}  // namespace kasa

#endif  // KASA_COMMON_KYIV_TIME_H_
