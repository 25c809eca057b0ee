#ifndef KASA_SERVER_ENGINE_INTEGRATION_DESK_IMPL_H_
#define KASA_SERVER_ENGINE_INTEGRATION_DESK_IMPL_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/engine/integration_desk.h"
#include "server/engine/integration_rules.h"
#include "server/engine/register_wires.h"
#include "server/engine/task_set.h"

// The inside of the integration desk: one coroutine a call, on the engine's thread. What is decided is in
// integration_rules.h; here is in which order things are asked, decided and stored.
namespace kasa::engine {

class IntegrationDesk::Impl {
 public:
  Impl(store::Store& store, vchasno::Client& client, Lanes& lanes, Executor& executor, const Clock& clock,
       domain::InstallationId installation, const Settings& settings, CoverageRecorder& coverage)
      : store_(store),
        client_(client),
        lanes_(lanes),
        executor_(executor),
        clock_(clock),
        installation_(std::move(installation)),
        settings_(settings),
        coverage_(coverage),
        wires_(lanes, clock, settings.hold_time),
        tasks_(executor) {}

  // Runs one call to its end and hands its outcome over.
  template <typename T>
  void Run(Task<absl::StatusOr<T>> work, Done<T> done) {
    tasks_.Run(Answer<T>(std::move(work), std::move(done)));
  }

  // integration_desk.cc
  Task<absl::StatusOr<IntegrationOutcome>> Create(CreateIntegrationCall call);
  Task<absl::StatusOr<IntegrationOutcome>> Update(UpdateIntegrationCall call);
  Task<absl::StatusOr<domain::Integration>> Delete(std::string id, std::optional<int64_t> revision);
  Task<absl::StatusOr<MappingOutcome>> UpdateMapping(UpdateMappingCall call);

  // integration_desk_token.cc
  Task<absl::StatusOr<IntegrationOutcome>> SetToken(SetTokenCall call);

  // integration_desk_check.cc
  Task<absl::StatusOr<ConnectionReport>> CheckConnection(std::string id);

  // integration_desk_proof.cc
  Task<absl::StatusOr<domain::TagMemoryProof>> ProveTagMemory(ProveTagMemoryCall call);

  // integration_desk_readiness.cc
  Task<absl::StatusOr<domain::Coverage>> GetCoverage(std::string id, absl::Time from);
  Task<absl::StatusOr<Readiness>> GetReadiness(std::string id);

 private:
  using Wire = std::unique_ptr<RegisterWires::Wire>;

  // A token that was looked into, to be stored while its wire is held.
  struct Inspection {
    TokenFinding finding;
    std::optional<domain::RegisterStatus> status;  // when the register answered
    absl::Time status_time;
    std::vector<domain::Notice> warnings;
    Wire wire;
  };

  template <typename T>
  static Task<void> Answer(Task<absl::StatusOr<T>> work, Done<T> done) {
    absl::StatusOr<T> outcome = co_await work;
    std::move(done)(std::move(outcome));
  }

  // integration_desk_token.cc: what SetToken and Create have in common. Asks the register behind the token.
  // Errors: TOKEN_REFUSED, REGISTER_IN_USE, REGISTER_MISMATCH, REGISTER_FACTS_MISSING.
  Task<absl::StatusOr<Inspection>> InspectToken(std::string integration_id,
                                                std::optional<domain::PinnedRegister> pinned, Secret token,
                                                StatedRegister stated);
  // Waits a while for the wire; nothing when it did not come free.
  Task<Wire> WaitForWire(std::optional<domain::PinnedRegister> pinned, Secret token);
  // REGISTER_IN_USE when another live integration has this very token.
  absl::Status RefuseTokenOfOther(const std::string& integration_id, const Secret& token);
  // REGISTER_IN_USE when another live integration has the register that was stated.
  absl::Status RefuseStatedOfOther(const std::string& integration_id, const StatedRegister& stated);

  // integration_desk_check.cc: asks for the status over a wire that the caller holds, and keeps the exchange
  // for the audit. An error only when that could not be stored: nothing may be built on the answer then.
  Task<absl::StatusOr<vchasno::StatusAnswer>> Ask(RegisterWires::Wire& wire, Secret token,
                                                  std::string integration_id,
                                                  std::string register_fiscal_number);
  // So that those who ask later see it. What the status made us decide is stored apart from it.
  Task<absl::Status> RememberStatus(std::string integration_id, domain::RegisterStatus status,
                                    absl::Time time);
  Task<absl::StatusOr<domain::Integration>> Change(std::string id, std::optional<int64_t> revision,
                                                   store::IntegrationChange change);
  Task<absl::Status> TakeAnswerIn(const store::IntegrationRecord& record, const vchasno::StatusAnswer& answer,
                                  ConnectionReport& report);

  // integration_desk_proof.cc
  class Proof;
  // Asks the register, which must say itself that it is a test one.
  Task<absl::Status> IsATestRegister(RegisterWires::Wire& wire, const store::IntegrationRecord& record);
  // The tax group of the test receipt: one that works, else one that is mapped, else the commonest.
  absl::StatusOr<int> TaxGroupForProof(const std::string& integration_id);
  // Sends one marked request and stores how it ended; again, and no other, while the register asks for it.
  Task<absl::StatusOr<vchasno::ExecuteAnswer>> SendProof(RegisterWires::Wire& wire, const Secret& token,
                                                         const store::ProofRequest& request);
  Task<absl::StatusOr<vchasno::ExecuteAnswer>> OpenShiftForProof(RegisterWires::Wire& wire,
                                                                 const store::IntegrationRecord& record);

  // integration_desk_readiness.cc: so that what was counted is in what is read next.
  Task<absl::Status> FlushCoverage(std::string integration_id);

  static domain::Notice StatusNotStored(const absl::Status& why) {
    return {Reason::kStoreUnavailable,
            absl::StrCat("the register's status could not be kept to be shown later: ", why.message())};
  }

  store::Store& store_;
  vchasno::Client& client_;
  Lanes& lanes_;
  Executor& executor_;
  const Clock& clock_;
  const domain::InstallationId installation_;
  const Settings settings_;
  CoverageRecorder& coverage_;
  RegisterWires wires_;
  TaskSet tasks_;  // last: tasks refer to all of the above
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_INTEGRATION_DESK_IMPL_H_
