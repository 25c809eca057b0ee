#include "tests/simulation/machine_troubles.h"

namespace kasa::simulation {

void MachineTroubles::Plan(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    if (!IsOfMachine(fault.kind)) continue;
    timeline_.At(fault.from, [this, fault] { BeginOne(fault); });
    timeline_.At(fault.from + fault.lasts, [this, fault] { EndOne(fault); });
  }
}

void MachineTroubles::BeginOne(const Fault& fault) {
  if (over_) return;
  if (on_fault) on_fault(fault);
  if (fault.kind == FaultKind::kWallClockJump) {
    timeline_.JumpWall(fault.jump);
    jumped_ += fault.jump;
  }
  now_.push_back(fault);
  if (on_change) on_change();
}

void MachineTroubles::EndOne(const Fault& fault) {
  if (over_) return;
  if (fault.kind == FaultKind::kWallClockJump) {
    timeline_.JumpWall(-fault.jump);
    jumped_ -= fault.jump;
  }
  std::erase_if(now_, [&](const Fault& one) { return one.id == fault.id; });
  if (on_change) on_change();
}

DiskTrouble MachineTroubles::OfDisk() const {
  DiskTrouble trouble;
  for (const Fault& fault : now_) {
    trouble.full = trouble.full || fault.kind == FaultKind::kDiskFull;
    trouble.writes_fail = trouble.writes_fail || fault.kind == FaultKind::kDiskWritesFail;
    trouble.reads_fail = trouble.reads_fail || (fault.kind == FaultKind::kDiskWritesFail && fault.made);
    trouble.syncs_fail = trouble.syncs_fail || fault.kind == FaultKind::kDiskSyncsFail;
    trouble.syncs_forget = trouble.syncs_forget || (fault.kind == FaultKind::kDiskSyncsFail && fault.made);
  }
  return trouble;
}

void MachineTroubles::End() {
  timeline_.JumpWall(-jumped_);
  now_.clear();
  over_ = true;
  if (on_change) on_change();
}

}  // namespace kasa::simulation
