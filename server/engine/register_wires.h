#ifndef KASA_SERVER_ENGINE_REGISTER_WIRES_H_
#define KASA_SERVER_ENGINE_REGISTER_WIRES_H_

#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/secret.h"
#include "server/domain/integration.h"
#include "server/engine/lane.h"
#include "server/engine/lanes.h"

namespace kasa::engine {

// Lets one question at a time out to a register, outside of any document (architecture.md, rule 4). A
// register that is known is reached through its lane. One that is not yet has no lane: then its token stands
// in for it, so that two questions with one token don't meet there. Executor's thread only.
class RegisterWires {
 public:
  // Both must outlive the wires that are taken. What a question without an answer asked for may be at work
  // for `hold_time`: so long nobody asks with its token, whose register may have no lane yet.
  RegisterWires(Lanes& lanes, const Clock& clock, absl::Duration hold_time)
      : lanes_(lanes), clock_(clock), hold_time_(hold_time) {}
  RegisterWires(const RegisterWires&) = delete;
  RegisterWires& operator=(const RegisterWires&) = delete;

  // The right to ask; given back when it goes.
  class Wire {
   public:
    Wire(RegisterWires& wires, const Secret& token, std::unique_ptr<LaneHold> hold)
        : wires_(wires), place_(wires.asking_.insert(wires.asking_.end(), token)), hold_(std::move(hold)) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() { wires_.GiveBack(place_, may_be_at_work_); }

    // As LaneHold's.
    void SetRegisterChanged() {
      if (hold_) hold_->SetRegisterChanged();
    }
    template <typename Answer>
    void Asked(const Answer& answer) {
      may_be_at_work_ = answer.wire.may_be_at_work;
      if (hold_) hold_->Asked(answer);
    }

   private:
    RegisterWires& wires_;
    std::list<Secret>::iterator place_;
    bool may_be_at_work_ = false;
    std::unique_ptr<LaneHold> hold_;
  };

  // The wire to the register behind `token`; nothing while the register's lane or another question is at
  // work.
  std::unique_ptr<Wire> TryTake(const std::optional<domain::PinnedRegister>& pinned, const Secret& token);

 private:
  struct LeftAlone {
    Secret token;
    absl::Duration until;  // monotonic
  };

  void GiveBack(std::list<Secret>::iterator place, bool may_be_at_work);

  Lanes& lanes_;
  const Clock& clock_;
  const absl::Duration hold_time_;
  std::list<Secret> asking_;           // with which tokens a question is out: a handful at most
  std::vector<LeftAlone> left_alone_;  // likewise
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_REGISTER_WIRES_H_
