#ifndef KASA_TESTS_SIMULATION_CLOUD_H_
#define KASA_TESTS_SIMULATION_CLOUD_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "server/vchasno/transport.h"
#include "tests/simulation/answers.h"
#include "tests/simulation/fault.h"
#include "tests/simulation/register_model.h"
#include "tests/simulation/timeline.h"

namespace kasa::simulation {

// The vendor's cloud and the way to it: registers behind tokens, and what befalls each request. An
// independent model of vchasno-kasa-api.md. What it was asked to do it does, whether or not the asker lives
// to hear of it.
class Cloud {
 public:
  // What an answer says to whoever believes it, by the model's own reading: what checks of the gateway go by.
  enum class Judged {
    kNothing,     // it may have been made, or not
    kTurnedAway,  // surely not made, and not judged either
    kRefused,
    kShiftClosed,
    kDone,
    kAskedAgain,      // res_action 1 or 2
    kRefusedReceipt,  // made, and refused: it waits for nothing, and nothing is sure
  };

  // How a request ended for the asker.
  struct Reply {
    vchasno::HttpOutcome outcome = vchasno::HttpOutcome::kAnswered;
    int status = 200;
    std::string body;
    std::string retry_after;
    std::string trouble;
    Judged judged = Judged::kNothing;
  };
  // Called with how it ended and in how long; not called at all when nothing ever comes back.
  using Deliver = absl::AnyInvocable<void(absl::Duration after, Reply reply)>;

  Cloud(Timeline& timeline, const KyivTime& kyiv, Random random);

  // Everything below is set up before time begins.
  RegisterModel& AddRegister(std::unique_ptr<RegisterModel> model, std::string token);
  void SetFaults(const std::vector<Fault>& faults);

  // One more, from its time on.
  void AddFault(const Fault& fault);

  // The request leaves now.
  void Send(const vchasno::HttpRequest& request, Deliver deliver);

  // No fault befalls anything from now on.
  void EndFaults();
  // The token that the register takes now.
  std::string TokenOf(size_t at_register) const;
  const KyivTime& kyiv() const { return kyiv_; }
  size_t registers() const { return registers_.size(); }
  RegisterModel& at(size_t at_register) { return *registers_[at_register].model; }
  // Whether there is a receipt of that tag, or may be one yet of what was sent.
  bool MayMake(size_t at_register, const std::string& tag) const;

  // Tells that a fault befell something.
  std::function<void(const Fault&)> on_fault;

 private:
  struct Register {
    std::unique_ptr<RegisterModel> model;
    std::string token;
    std::string next_token;
    absl::Duration busy_until;
    std::map<std::string, int> working;  // tags in progress
    std::map<std::string, std::vector<absl::AnyInvocable<void(const TaskOutcome&)>>> waiting;
    std::vector<Fault> faults;  // of requests, those that are used up taken out
    std::vector<Fault> spans;
  };
  // A request on its way through.
  struct Call {
    size_t at = 0;
    TaskRequest request;
    std::string body;
    std::optional<Fault> fault;
    std::shared_ptr<Deliver> deliver;
  };

  std::optional<size_t> RegisterOf(const std::string& token) const;
  std::optional<Fault> TakeFault(Register& target, bool status);
  void TellOfTokenGone(const Register& target);
  const Fault* Span(const Register& target, FaultKind kind);
  StatusConditions ConditionsOf(Register& target);
  void ReceiveStatus(Call call);
  void AnswerStatus(const Call& call);
  void ReceiveTask(Call call);
  void Work(Call call, absl::Duration start, absl::Duration for_how_long, bool answers);
  void Answer(const Call& call, const TaskOutcome& outcome);
  void AnswerUnexecuted(const Call& call);
  // True when the fault ends the request before the register.
  bool TurnsAway(const Call& call);
  TaskOutcome Judge(Register& target, const Call& call);
  std::optional<int> ActionFor(const Register& target, int res) const;
  void GiveBack(const Call& call, Reply reply);

  Timeline& timeline_;
  const KyivTime& kyiv_;
  Random random_;
  std::vector<Register> registers_;
  bool faults_over_ = false;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_CLOUD_H_
