#include "server/engine/register_wires.h"

#include <algorithm>
#include <utility>

namespace kasa::engine {

std::unique_ptr<RegisterWires::Wire> RegisterWires::TryTake(
    const std::optional<domain::PinnedRegister>& pinned, const Secret& token) {
  if (std::find(asking_.begin(), asking_.end(), token) != asking_.end()) return nullptr;
  std::unique_ptr<LaneHold> hold;
  if (pinned) {
    hold = lanes_.TryHold(pinned->fiscal_number);
    if (!hold) return nullptr;
  }
  return std::make_unique<Wire>(*this, token, std::move(hold));
}

}  // namespace kasa::engine
