#include "server/domain/waiting.h"

#include <algorithm>
#include <array>

namespace kasa::domain {
namespace {

using enum WaitLength;

constexpr auto kWaits = std::to_array<WaitRow>({
    {WaitCause::kRegisterRefused, kGrows, true, true, true, FirstRequest::kStatus,
     "no document fares better until a person or the tax service has acted"},
    {WaitCause::kTokenRefused, kGrows, true, true, true, FirstRequest::kStatus,
     "a new token ends it at once; the old one may work again"},
    {WaitCause::kThrottled, kGrows, true, true, true, FirstRequest::kDocument,
     "turned away at the door: surely not made"},
    {WaitCause::kNeverSent, kGrows, true, false, true, FirstRequest::kDocument,
     "not a byte left; the network, or the service, is down"},
    {WaitCause::kShiftStillClosed, kGrows, true, true, true, FirstRequest::kStatus,
     "the register insists on what its status does not say"},
    {WaitCause::kDoubt, kGrows, true, true, true, FirstRequest::kStatus,
     "after the hold time, which is waited first"},
    {WaitCause::kSameTagNext, kGrows, true, true, true, FirstRequest::kSameTag,
     "the register's own cure; no hold time"},
    {WaitCause::kNotReady, kGrows, true, true, true, FirstRequest::kStatus,
     "the status shows the cause, and when it is gone"},
    {WaitCause::kShiftNotOpened, kGrows, true, true, true, FirstRequest::kStatus,
     "what came of the opening is told by the status"},
    {WaitCause::kSettings, kLongest, true, false, true, FirstRequest::kNone,
     "a change of the integration, or AdoptStore, ends it"},
    {WaitCause::kQuietWindow, kGiven, false, false, true, FirstRequest::kStatus, "no trouble: as was wished"},
    {WaitCause::kStore, kGrows, true, false, true, FirstRequest::kNone,
     "the disk, not the register: nothing is sent that can't be marked"},
});

constexpr bool IsInOrder() {
  for (size_t i = 0; i < kWaits.size(); ++i) {
    if (static_cast<size_t>(kWaits[i].cause) != i + 1) return false;
  }
  return kWaits.size() == static_cast<size_t>(WaitCause::kStore);
}
static_assert(IsInOrder(), "WaitRowFor() finds a row by its place");

// What jitter may take off.
constexpr double kJitter = 0.25;

}  // namespace

std::span<const WaitRow> WaitTable() {
  return kWaits;
}

const WaitRow& WaitRowFor(WaitCause cause) {
  return kWaits.at(static_cast<size_t>(cause) - 1);
}

WaitCause WaitCauseOf(SendEnding ending) {
  switch (ending) {
    case SendEnding::kTokenRefused:
      return WaitCause::kTokenRefused;
    case SendEnding::kThrottled:
      return WaitCause::kThrottled;
    case SendEnding::kNeverSent:
      return WaitCause::kNeverSent;
    case SendEnding::kShiftClosed:
      return WaitCause::kShiftStillClosed;
    case SendEnding::kDoubtSameTagNext:
      return WaitCause::kSameTagNext;
    case SendEnding::kRefusedRegister:
      return WaitCause::kRegisterRefused;
    // Of a re-send: it says nothing of the send before it, which is in doubt.
    case SendEnding::kDone:
    case SendEnding::kRefusedDocument:
    case SendEnding::kUnknownRefusal:
    case SendEnding::kDoubt:
      break;
  }
  return WaitCause::kDoubt;
}

absl::Duration LengthOfWait(WaitCause cause, int troubles, const BackOff& back_off, double random,
                            std::optional<absl::Duration> asked) {
  const WaitRow& row = WaitRowFor(cause);
  if (row.length == kGiven) return asked.value_or(back_off.first);
  absl::Duration wait = back_off.first;
  for (int i = 0; i < troubles && wait < back_off.most; ++i) wait *= 2;
  wait = std::min(wait, back_off.most);
  if (row.length == kLongest) wait = back_off.most;
  wait *= 1 - kJitter * (1 - random);
  return row.retry_after ? std::max(wait, asked.value_or(absl::ZeroDuration())) : wait;
}

absl::string_view NameOf(WaitCause cause) {
  switch (cause) {
    case WaitCause::kRegisterRefused:
      return "REGISTER_REFUSED";
    case WaitCause::kTokenRefused:
      return "TOKEN_REFUSED";
    case WaitCause::kThrottled:
      return "THROTTLED";
    case WaitCause::kNeverSent:
      return "NEVER_SENT";
    case WaitCause::kShiftStillClosed:
      return "SHIFT_STILL_CLOSED";
    case WaitCause::kDoubt:
      return "DOUBT";
    case WaitCause::kSameTagNext:
      return "SAME_TAG_NEXT";
    case WaitCause::kNotReady:
      return "NOT_READY";
    case WaitCause::kShiftNotOpened:
      return "SHIFT_NOT_OPENED";
    case WaitCause::kSettings:
      return "SETTINGS";
    case WaitCause::kQuietWindow:
      return "QUIET_WINDOW";
    case WaitCause::kStore:
      return "STORE";
  }
  return "UNKNOWN";
}

}  // namespace kasa::domain
