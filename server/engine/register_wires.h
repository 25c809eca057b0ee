#ifndef KASA_SERVER_ENGINE_REGISTER_WIRES_H_
#define KASA_SERVER_ENGINE_REGISTER_WIRES_H_

#include <list>
#include <memory>
#include <optional>

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
  // `lanes` must outlive the wires that are taken.
  explicit RegisterWires(Lanes& lanes) : lanes_(lanes) {}
  RegisterWires(const RegisterWires&) = delete;
  RegisterWires& operator=(const RegisterWires&) = delete;

  // The right to ask; given back when it goes.
  class Wire {
   public:
    Wire(RegisterWires& wires, const Secret& token, std::unique_ptr<LaneHold> hold)
        : wires_(wires), place_(wires.asking_.insert(wires.asking_.end(), token)), hold_(std::move(hold)) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() { wires_.asking_.erase(place_); }

    // As LaneHold's.
    void SetRegisterChanged() {
      if (hold_) hold_->SetRegisterChanged();
    }
    template <typename Answer>
    void Asked(const Answer& answer) {
      if (hold_) hold_->Asked(answer);
    }

   private:
    RegisterWires& wires_;
    std::list<Secret>::iterator place_;
    std::unique_ptr<LaneHold> hold_;
  };

  // The wire to the register behind `token`; nothing while the register's lane or another question is at
  // work.
  std::unique_ptr<Wire> TryTake(const std::optional<domain::PinnedRegister>& pinned, const Secret& token);

 private:
  Lanes& lanes_;
  std::list<Secret> asking_;  // with which tokens a question is out: a handful at most
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_REGISTER_WIRES_H_
