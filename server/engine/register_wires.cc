#include "server/engine/register_wires.h"

#include <algorithm>
#include <utility>

namespace kasa::engine {

std::unique_ptr<RegisterWires::Wire> RegisterWires::TryTake(
    const std::optional<domain::PinnedRegister>& pinned, const Secret& token) {
  if (std::find(asking_.begin(), asking_.end(), token) != asking_.end()) return nullptr;
  std::erase_if(left_alone_, [now = clock_.Monotonic()](const LeftAlone& one) { return one.until <= now; });
  if (std::ranges::any_of(left_alone_, [&](const LeftAlone& one) { return one.token == token; }))
    return nullptr;
  std::unique_ptr<LaneHold> hold;
  if (pinned) {
    hold = lanes_.TryHold(pinned->fiscal_number);
    if (!hold) return nullptr;
  }
  return std::make_unique<Wire>(*this, token, std::move(hold));
}

void RegisterWires::GiveBack(std::list<Secret>::iterator place, bool may_be_at_work) {
  if (may_be_at_work) left_alone_.push_back({*place, clock_.Monotonic() + hold_time_});
  asking_.erase(place);
}

}  // namespace kasa::engine
