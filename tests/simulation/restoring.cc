#include "tests/simulation/restoring.h"

#include <utility>

namespace kasa::simulation {

void Restoring::Plan(const std::optional<PlannedRestore>& restore) {
  restore_ = restore;
  if (!restore_) return;
  world_.timeline.At(restore_->copied, [this] { Copy(); });
  world_.timeline.At(restore_->at, [this] { due_ = !copy_.empty() && world_.gateway() != nullptr; });
}

void Restoring::Copy() {
  GatewayProcess* const gateway = world_.gateway();
  if (gateway == nullptr || gateway->disk().dead()) return;
  const auto identity = gateway->store().Identity();
  if (!identity.ok()) return;
  copied_change_ = identity->last_change;
  for (const auto& [name, file] : gateway->disk().AfterKill()) copy_[name] = DiskFile::Of(file->content());
}

DiskImage Restoring::TakeCopy() {
  world_.trace.Say("the store of ", absl::FormatDuration(restore_->copied), " is put back");
  world_.coverage.Count(restore_->copied < restore_->at ? "restore/older" : "restore/same");
  due_ = false;
  not_looked_at_ = waits_for_adoption_ = true;
  world_.watch.StoreWasPutBack();
  return std::move(copy_);
}

void Restoring::Started() {
  if (!std::exchange(not_looked_at_, false)) return;
  world_.audit.StoreWasPutBack(copied_change_);
  world_.people.StoreWasPutBack();
  AdoptLater(restore_->adopted_after);
}

void Restoring::AdoptLater(absl::Duration after) {
  world_.timeline.After(after, [this] {
    AdoptLater(absl::Minutes(1));
    AdoptNow();
  });
}

void Restoring::AdoptNow() {
  if (!restore_ || not_looked_at_ || world_.people.gateway() == nullptr) return;
  if (!waits_for_adoption_) {
    // What was adopted may turn out to lack more than was seen then: it is paused once more, and says so.
    const auto pause = world_.people.gateway()->store().ReadPause();
    waits_for_adoption_ = pause.ok() && pause->paused;
    if (waits_for_adoption_) world_.watch.StoreWasPaused();
  }
  if (!waits_for_adoption_) return;
  world_.watch.SetPaused(false);
  world_.people.Adopt([this](bool adopted) {
    if (!adopted) return;
    waits_for_adoption_ = false;
    world_.coverage.Count("restore/adopted");
  });
}

}  // namespace kasa::simulation
