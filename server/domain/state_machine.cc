#include "server/domain/state_machine.h"

#include <algorithm>
#include <array>

#include "common/mutant.h"

namespace kasa::domain {
namespace {

using enum SendEnding;
using enum SendOrder;
using enum Edge;
using enum LaneStep;

constexpr auto kTable = std::to_array<Ruling>({
    {kDone, kFirst, kToFiscalized, kNext, "the register made it, and the proof holds"},
    {kRefusedDocument, kFirst, kToFailed, kNext, "the only send of this tag was refused for its content"},
    {kRefusedRegister, kFirst, kToAccepted, kPause, "nothing was made, and no other document fares better"},
    {kShiftClosed, kFirst, kToAccepted, kOpenShift, "nothing was made; it goes out once the shift is open"},
    {kUnknownRefusal, kFirst, kToAccepted, kAskStatus,
     "refused, but whose fault it is only the status tells"},
    {kTokenRefused, kFirst, kToAccepted, kPause, "turned away at the door; waits for another token"},
    {kThrottled, kFirst, kToAccepted, kBackOff, "turned away at the door; waits as told"},
    {kNeverSent, kFirst, kToAccepted, kBackOff, "not a byte left"},
    {kDoubt, kFirst, kToInDoubt, kBackOff, "the register may have made it"},
    {kDoubtSameTagNext, kFirst, kToInDoubt, kSameTagNext, "the register asks for the same request again"},

    // A refusal of a re-send proves nothing about the send before it, so none of these leaves IN_DOUBT.
    {kDone, kRepeated, kToFiscalized, kNext, "the receipt is proven to be ours, whichever send made it"},
    {kRefusedDocument, kRepeated, kToInDoubt, kBackOff, "the send before may have made it all the same"},
    {kRefusedRegister, kRepeated, kToInDoubt, kPause,
     "the send before may have made it; the register can't work"},
    {kShiftClosed, kRepeated, kToInDoubt, kOpenShift, "opened only where tag memory covers the new shift"},
    {kUnknownRefusal, kRepeated, kToInDoubt, kBackOff, "the send before may have made it all the same"},
    {kTokenRefused, kRepeated, kToInDoubt, kPause,
     "the send before may have made it; waits for another token"},
    {kThrottled, kRepeated, kToInDoubt, kBackOff, "the send before may have made it; waits as told"},
    {kNeverSent, kRepeated, kToInDoubt, kBackOff, "not a byte left, but one did before"},
    {kDoubt, kRepeated, kToInDoubt, kBackOff, "still not known"},
    {kDoubtSameTagNext, kRepeated, kToInDoubt, kSameTagNext, "the register asks for the same request again"},
});

constexpr size_t kEndings = static_cast<size_t>(kDoubtSameTagNext);
constexpr size_t kOrders = static_cast<size_t>(kRepeated);

constexpr size_t PlaceOf(SendEnding ending, SendOrder order) {
  return (static_cast<size_t>(order) - 1) * kEndings + static_cast<size_t>(ending) - 1;
}

constexpr bool HasEveryCellInItsPlace() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (PlaceOf(kTable[i].ending, kTable[i].order) != i) return false;
  }
  return kTable.size() == kEndings * kOrders;
}
static_assert(HasEveryCellInItsPlace(), "RulingFor() finds a cell by its place");

struct Arrow {
  State from;
  State to;
};

constexpr auto kArrows = std::to_array<Arrow>({
    {State::kAccepted, State::kSending},
    {State::kAccepted, State::kCancelled},
    {State::kAccepted, State::kFailed},
    {State::kSending, State::kFiscalized},
    {State::kSending, State::kFailed},
    {State::kSending, State::kAccepted},
    {State::kSending, State::kInDoubt},
    {State::kInDoubt, State::kSending},
    {State::kInDoubt, State::kFiscalized},
    {State::kInDoubt, State::kFailed},
    {State::kInDoubt, State::kAccepted},
    {State::kFailed, State::kAccepted},
    {State::kCancelled, State::kAccepted},
});

}  // namespace

std::span<const Ruling> RulingTable() {
  return kTable;
}

const Ruling& RulingFor(SendEnding ending, SendOrder order) {
  if (KASA_MUTANT("refused-again-means-failed")) order = kFirst;
  return kTable.at(PlaceOf(ending, order));
}

bool IsAllowed(State from, State to) {
  if (KASA_MUTANT("cancel-what-is-in-doubt") && from == State::kInDoubt) return true;
  return std::any_of(kArrows.begin(), kArrows.end(),
                     [&](const Arrow& arrow) { return arrow.from == from && arrow.to == to; });
}

bool IsDefiniteRefusal(SendEnding ending) {
  return ending == kRefusedDocument || ending == kRefusedRegister || ending == kShiftClosed ||
         ending == kUnknownRefusal;
}

bool IsRefusal(SendEnding ending) {
  return IsDefiniteRefusal(ending) || ending == kTokenRefused;
}

bool IsBoundToTag(bool bound_before, SendEnding ending) {
  if (ending == kDoubtSameTagNext) return !KASA_MUTANT("other-document-after-res-action-2");
  return bound_before && ending != kDone && !IsDefiniteRefusal(ending);
}

absl::string_view NameOf(State state) {
  switch (state) {
    case State::kAccepted:
      return "ACCEPTED";
    case State::kSending:
      return "SENDING";
    case State::kInDoubt:
      return "IN_DOUBT";
    case State::kFiscalized:
      return "FISCALIZED";
    case State::kFailed:
      return "FAILED";
    case State::kCancelled:
      return "CANCELLED";
  }
  return "UNKNOWN";
}

absl::string_view NameOf(SendEnding ending) {
  switch (ending) {
    case kDone:
      return "DONE";
    case kRefusedDocument:
      return "REFUSED_DOCUMENT";
    case kRefusedRegister:
      return "REFUSED_REGISTER";
    case kShiftClosed:
      return "SHIFT_CLOSED";
    case kUnknownRefusal:
      return "UNKNOWN_REFUSAL";
    case kTokenRefused:
      return "TOKEN_REFUSED";
    case kThrottled:
      return "THROTTLED";
    case kNeverSent:
      return "NEVER_SENT";
    case kDoubt:
      return "DOUBT";
    case kDoubtSameTagNext:
      return "DOUBT_SAME_TAG_NEXT";
  }
  return "UNKNOWN";
}

}  // namespace kasa::domain
