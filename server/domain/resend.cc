#include "server/domain/resend.h"

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "server/domain/absence_evidence.h"

namespace kasa::domain {
namespace {

// The register refuses to work when its clock is further off than this (code 1121). A reading beyond it is
// more likely a misread one, in the night when the clocks go back, and nothing is to be built on it.
constexpr absl::Duration kFurthestClock = absl::Minutes(30);

// The register tells times in whole seconds, cut off, so its clock stood up to this much later than it said.
// Counting that in keeps a send in the second of the opening covered. No other shift fits into that second:
// it would take a Z-report and an opening, several seconds each.
constexpr absl::Duration kClockStep = absl::Seconds(1);

// When the send was marked, as the register's own clock had it, or earlier; nothing when that clock is not to
// be trusted.
std::optional<absl::Time> SendByRegisterClock(const ResendQuestion& question) {
  const auto& register_clock = question.status->register_clock;
  // A clock that is not told may be behind, and then the shift was opened so much later than its time says.
  if (!register_clock) return question.first_unexplained_send - kClockSlack;
  const absl::Duration ahead = *register_clock - question.status_read_time;
  if (absl::AbsDuration(ahead) > kFurthestClock) return std::nullopt;
  return question.first_unexplained_send + ahead + kClockStep;
}

std::optional<std::string> ObjectionBySameShift(const ResendQuestion& question) {
  if (!question.status) return "the register's status could not be read, so its shift is not known";
  if (question.shift_may_close) {
    return "tags are remembered within a shift, and shifts are closed about now: "
           "the register may get to it in the next one";
  }
  if (question.first_unexplained_send > question.now) {
    return "the send is dated later than now, so the clock was set back since, and its shift is not known";
  }
  const RegisterStatus& status = *question.status;
  if (question.sent_by_earlier_process && !status.register_clock) {
    return "the send was dated before the gateway was started again, and the register tells no clock to hold "
           "the gateway's against, so its shift is not known";
  }
  if (status.shift != ShiftStatus::kOpen) {
    return "tags are remembered within a shift, and the shift of the send is not open any more";
  }
  if (!status.shift_opened) {
    // It was open when it was read, so it was opened by then.
    if (question.status_read_time <= question.first_unexplained_send) return std::nullopt;
    return "the register does not tell when its shift was opened";
  }
  const auto sent = SendByRegisterClock(question);
  if (!sent) {
    return absl::StrCat("the register's clock differs by ",
                        absl::FormatDuration(absl::Trunc(*status.register_clock - question.status_read_time,
                                                         absl::Seconds(1))),
                        ", so it can't be told whether the shift is still that of the send");
  }
  if (status.shift_opened_at_latest.value_or(*status.shift_opened) > *sent &&
      !KASA_MUTANT("tags-outlive-the-shift")) {
    return "tags are remembered within a shift, and this shift was opened after the send";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ObjectionToResend(const ResendQuestion& question) {
  if (KASA_MUTANT("send-again-unproven") && question.tag_memory == TagMemory::kUnproven) return std::nullopt;
  switch (question.tag_memory) {
    case TagMemory::kForever:
      return std::nullopt;
    case TagMemory::kSameShift:
      return ObjectionBySameShift(question);
    case TagMemory::kUnproven:
      break;
  }
  return "that this register remembers tags is not proven, so sending again could make a second receipt";
}

}  // namespace kasa::domain
