#ifndef KASA_TESTS_SIMULATION_WIRE_WATCH_H_
#define KASA_TESTS_SIMULATION_WIRE_WATCH_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/integration.h"
#include "server/vchasno/transport.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/trace.h"

namespace kasa::simulation {

// Watches what a gateway sends, and holds it against the rules (architecture.md, rules 2 to 4 and 8). What it
// knows is what went over the wire and what the register's model really did: nothing of the gateway's own
// reckoning.
class WireWatch {
 public:
  WireWatch(Timeline& timeline, Cloud& cloud, Trace& trace, absl::Duration hold_time);

  // What the integration of that register claims.
  void SetClaim(size_t at_register, domain::TagMemory claim) { wires_[at_register].claim = claim; }
  void SetActive(size_t at_register, bool active);
  // Nothing may be sent there: the store was restored and not adopted.
  void SetPaused(bool paused) { paused_ = paused; }

  // A gateway process is gone, with what it had in flight and what it knew of the registers.
  void ProcessGone();
  // The tags that registers ask for again. What the process that is gone had not stored of it, nobody knows
  // any more: ForgetBinding().
  std::vector<std::string> Bindings() const;
  void ForgetBinding(const std::string& tag);

  // A request of the process leaves. A number for Returned().
  int64_t Left(const vchasno::HttpRequest& request);
  void Returned(int64_t number, const Cloud::Reply& reply);

  // An operator said that the tag's receipt does not exist, and was believed.
  void ResolvedAbsent(const std::string& tag);

  // Whether the mark and the bytes of an execute request are on the disk, synced: asked when it leaves.
  std::function<bool(const std::string& tag, const std::string& body)> is_marked;

  // Whether the gateway takes it for proven that no earlier send of the tag made anything. It had better be
  // true.
  std::function<bool(const std::string& tag)> taken_for_absent;

  // Counts how execute requests were answered.
  Coverage* coverage = nullptr;

  int64_t executes() const { return executes_; }
  int64_t repeats() const { return repeats_; }

 private:
  struct Sent {
    absl::Duration start;
    int closings = 0;  // of the register's shift, so far
    std::string body;
    std::optional<Cloud::Judged> judged;  // nothing: no answer yet, or never
    bool explained = false;               // by an operator
  };
  struct Wire {
    domain::TagMemory claim = domain::TagMemory::kUnproven;
    bool active = true;
    absl::Duration inactive_since;
    int in_flight = 0;
    std::string bound_to;                   // the tag that must be next
    bool shift_closed = false;              // that tag was answered "shift closed" meanwhile
    std::set<std::string> verified_tokens;  // by this process
    std::map<std::string, std::vector<Sent>> sent;
  };
  struct Flight {
    size_t at = 0;
    std::string tag;
    int task = -1;
    bool execute = false;
    size_t place = 0;  // in sent[tag]
  };

  std::optional<size_t> RegisterOf(const std::string& token) const;
  void CheckBinding(size_t at, const TaskRequest& request);
  void CheckRepeat(size_t at, const TaskRequest& request, const std::string& body);
  void CheckFirst(size_t at, const TaskRequest& request);

  Timeline& timeline_;
  Cloud& cloud_;
  Trace& trace_;
  const absl::Duration hold_time_;
  std::vector<Wire> wires_;
  std::map<int64_t, Flight> flights_;
  int64_t last_number_ = 0;
  bool paused_ = false;
  int64_t executes_ = 0;
  int64_t repeats_ = 0;
};

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

#endif  // KASA_TESTS_SIMULATION_WIRE_WATCH_H_
