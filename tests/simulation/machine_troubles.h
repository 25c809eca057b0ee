#ifndef KASA_TESTS_SIMULATION_MACHINE_TROUBLES_H_
#define KASA_TESTS_SIMULATION_MACHINE_TROUBLES_H_

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/fault.h"
#include "tests/simulation/memory_disk.h"
#include "tests/simulation/timeline.h"

namespace kasa::simulation {

// What befalls the machine: its disk and its wall clock, each for a while.
class MachineTroubles {
 public:
  explicit MachineTroubles(Timeline& timeline) : timeline_(timeline) {}

  // Those of these faults that are of the machine come and go in their time.
  void Plan(const std::vector<Fault>& faults);
  // Sets everything right, for good.
  void End();
  bool over() const { return over_; }
  DiskTrouble OfDisk() const;

  std::function<void(const Fault&)> on_fault;
  std::function<void()> on_change;

 private:
  void BeginOne(const Fault& fault);
  void EndOne(const Fault& fault);

  Timeline& timeline_;
  std::vector<Fault> now_;
  bool over_ = false;
  absl::Duration jumped_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_MACHINE_TROUBLES_H_
