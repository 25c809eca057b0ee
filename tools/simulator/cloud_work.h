#ifndef KASA_TOOLS_SIMULATOR_CLOUD_WORK_H_
#define KASA_TOOLS_SIMULATOR_CLOUD_WORK_H_

#include <cstdint>
#include <optional>

#include "tools/simulator/cloud.h"

namespace kasa::simulator {

// One execute request from its arrival to its answer; private to the Cloud, guarded by its lock.
struct Cloud::Work {
  uint64_t ticket = 0;
  uint64_t epoch = 0;
  Post* post = nullptr;  // valid while `epoch` is the Cloud's
  ExecuteRequest request;
  std::optional<Fault> fault;
  Reply reply;
  bool ignore_tag = false;         // "second_receipt": asked again while busy, and worked on beside the first
  std::optional<Outcome> outcome;  // of a hold that commits first

  // A status looks and leaves nothing behind: it never makes others wait.
  bool Occupies() const { return request.task != 18; }
  // The fault strikes before the register sees anything.
  bool IsLost() const {
    return fault.has_value() && !fault->Commits() && fault->kind != FaultKind::kShiftClosed;
  }
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_CLOUD_WORK_H_
