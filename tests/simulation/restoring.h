#ifndef KASA_TESTS_SIMULATION_RESTORING_H_
#define KASA_TESTS_SIMULATION_RESTORING_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "tests/simulation/audit.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/gateway_process.h"
#include "tests/simulation/people.h"
#include "tests/simulation/plan.h"

namespace kasa::simulation {

// A copy of the store is taken, put back later, and adopted by an operator (architecture.md, rule 11).
class Restoring {
 public:
  struct World {
    Timeline& timeline;
    Trace& trace;
    Coverage& coverage;
    WireWatch& watch;
    People& people;
    Audit& audit;
    // The one at work; null while there is none, or its disk is in trouble.
    std::function<GatewayProcess*()> gateway;
  };

  explicit Restoring(World world) : world_(std::move(world)) {}

  void Plan(const std::optional<PlannedRestore>& restore);
  // The copy is to be put back now, with the gateway down.
  bool is_due() const { return due_; }
  DiskImage TakeCopy();
  // A gateway is at work: people and checks learn what it is that it has.
  void Started();
  void AdoptNow();
  // What was put back has not come to work yet, so that no mark was made of it: a start takes it for
  // restored.
  bool is_unmarked() const { return not_looked_at_; }

 private:
  void Copy();
  void AdoptLater(absl::Duration after);

  const World world_;
  std::optional<PlannedRestore> restore_;
  DiskImage copy_;
  int64_t copied_change_ = 0;
  bool due_ = false;
  bool not_looked_at_ = false;  // since it was put back
  bool waits_for_adoption_ = false;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_RESTORING_H_
