#ifndef KASA_TESTS_SIMULATION_SIMULATED_TRANSPORT_H_
#define KASA_TESTS_SIMULATION_SIMULATED_TRANSPORT_H_

#include "server/vchasno/transport.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/timeline.h"
#include "tests/simulation/wire_watch.h"

namespace kasa::simulation {

// The transport of one gateway process: its requests go to the cloud, and their answers come back on the
// timeline for as long as the process lives.
class SimulatedTransport final : public vchasno::Transport {
 public:
  SimulatedTransport(Timeline& timeline, Timeline::Owner owner, Cloud& cloud, WireWatch& watch,
                     absl::Duration total_timeout)
      : timeline_(timeline), owner_(owner), cloud_(cloud), watch_(watch), total_timeout_(total_timeout) {}

  void Send(vchasno::HttpRequest request, absl::AnyInvocable<void(vchasno::HttpResult) &&> done) override;
  void Call(absl::AnyInvocable<void() &&> work) override;

 private:
  Timeline& timeline_;
  const Timeline::Owner owner_;
  Cloud& cloud_;
  WireWatch& watch_;
  const absl::Duration total_timeout_;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_SIMULATED_TRANSPORT_H_
