#include "server/engine/lanes.h"

#include <utility>

#include "common/status_reason.h"

namespace kasa::engine {

Lanes::Lanes(LaneWorld world) : world_(std::move(world)) {}

absl::Status Lanes::Start() {
  const auto open = world_.store.OpenLanes();
  if (!open.ok()) return open.status();
  for (const store::LaneSummary& lane : *open) LaneOf(lane.register_fiscal_number);
  return absl::OkStatus();
}

void Lanes::WorkQueued(const std::string& register_fiscal_number) {
  LaneOf(register_fiscal_number).WorkQueued();
}

void Lanes::Kick(const std::string& register_fiscal_number) {
  LaneOf(register_fiscal_number).Changed();
}

void Lanes::KickAll() {
  const std::lock_guard lock(mutex_);
  for (auto& [register_fiscal_number, lane] : lanes_) lane->Changed();
}

void Lanes::StorePaused() {
  const std::lock_guard lock(mutex_);
  world_.quiet_since = world_.clock.Monotonic();
  for (auto& [register_fiscal_number, lane] : lanes_) lane->StorePaused();
}

void Lanes::StoreAdopted(const std::vector<std::string>& go_on) {
  const std::lock_guard lock(mutex_);
  world_.quiet_since = world_.clock.Monotonic();
  for (const std::string& register_fiscal_number : go_on) {
    const auto lane = lanes_.find(register_fiscal_number);
    if (lane != lanes_.end()) lane->second->StoreAdopted();
  }
}

absl::Status Lanes::RefusePaused(const std::string& register_fiscal_number) const {
  if (!IsPaused(register_fiscal_number)) return absl::OkStatus();
  return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kStoreCopied,
                       "the store was restored or copied: adopt it with AdoptStore first");
}

std::unique_ptr<LaneHold> Lanes::TryHold(const std::string& register_fiscal_number) {
  return LaneOf(register_fiscal_number).TryHold();
}

absl::Duration Lanes::HoldTimeLeftOf(const domain::Fiscalization& doubted) {
  // It was parked after its hold time, and was not sent since.
  if (doubted.doubt && doubted.doubt->parked) return absl::ZeroDuration();
  return LaneOf(doubted.register_fiscal_number).HoldTimeLeftOf(doubted.id);
}

void Lanes::Drain() {
  draining_ = true;
  const std::lock_guard lock(mutex_);
  for (auto& [register_fiscal_number, lane] : lanes_) lane->Drain();
}

bool Lanes::Idle() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [register_fiscal_number, lane] : lanes_) {
    if (!lane->Idle()) return false;
  }
  return true;
}

LaneView Lanes::View(const std::string& register_fiscal_number) const {
  const std::lock_guard lock(mutex_);
  const auto lane = lanes_.find(register_fiscal_number);
  if (lane != lanes_.end()) return lane->second->View();
  LaneView idle;
  idle.register_fiscal_number = register_fiscal_number;
  return idle;
}

std::vector<LaneView> Lanes::Views() const {
  const std::lock_guard lock(mutex_);
  std::vector<LaneView> views;
  views.reserve(lanes_.size());
  for (const auto& [register_fiscal_number, lane] : lanes_) views.push_back(lane->View());
  return views;
}

Lane& Lanes::LaneOf(const std::string& register_fiscal_number) {
  Lane* lane = nullptr;
  bool made = false;
  {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Lane>& place = lanes_[register_fiscal_number];
    made = place == nullptr;
    if (made) place = std::make_unique<Lane>(register_fiscal_number, world_);
    lane = place.get();
  }
  if (made) {
    if (draining_) lane->Drain();
    lane->Start();
  }
  return *lane;
}

}  // namespace kasa::engine
