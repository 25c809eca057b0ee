#ifndef KASA_SERVER_ENGINE_INTEGRATION_DESK_H_
#define KASA_SERVER_ENGINE_INTEGRATION_DESK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/secret.h"
#include "server/domain/coverage.h"
#include "server/domain/integration.h"
#include "server/domain/notice.h"
#include "server/domain/readiness.h"
#include "server/domain/tag.h"
#include "server/domain/violation.h"
#include "server/engine/connection_reading.h"
#include "server/engine/coverage_recorder.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"
#include "server/engine/lanes.h"
#include "server/engine/register_identity.h"
#include "server/engine/settings.h"
#include "server/engine/task.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

// What an operator may do with integrations (product.md, points 1 to 6). Thread-safe; no call blocks.
// Callbacks come once, on the engine's thread; a desk that is destroyed drops those that are still to come.
//
// Every question to a register outside of a document is made here, one at a time a register, and kept for the
// audit. What the store and the disk refuse is an error of every call.
namespace kasa::engine {

struct CreateIntegrationCall {
  domain::Integration integration;  // its settings; what the gateway keeps is ignored
  Secret token;                     // optional
  StatedRegister stated;
  bool acknowledge_unready = false;
  std::string principal;
};

// Changes settings of the current record; must leave alone what the gateway keeps.
using SettingsChange = absl::AnyInvocable<void(domain::Integration&)>;

struct UpdateIntegrationCall {
  std::string integration_id;
  std::optional<int64_t> revision;
  SettingsChange change;
  bool acknowledge_unready = false;
  std::string principal;
};

struct SetTokenCall {
  std::string integration_id;
  std::optional<int64_t> revision;
  Secret token;
  StatedRegister stated;
};

// How an operator's change came out. With violations nothing was stored.
struct IntegrationOutcome {
  domain::Violations violations;
  domain::Integration integration;
  std::vector<domain::Notice> warnings;
};

struct UpdateMappingCall {
  std::string integration_id;
  std::optional<int64_t> revision;
  // Changes the current mapping as asked.
  absl::AnyInvocable<void(domain::Mapping&)> change;
};

struct MappingOutcome {
  domain::Violations violations;
  domain::Mapping mapping;
  std::vector<domain::Notice> warnings;
};

struct ProveTagMemoryCall {
  std::string integration_id;
  domain::TagMemory tag_memory = domain::TagMemory::kSameShift;  // what to prove: kSameShift or kForever
  bool close_shift = false;  // the test register's shift may be closed; kForever needs it
};

// The readiness list, and from when what it says of the register is.
struct Readiness {
  std::vector<domain::ReadinessItem> items;
  std::optional<absl::Time> connection_check_time;  // nothing: the register was never seen
};

class IntegrationDesk {
 public:
  // Everything must outlive the desk. Runs on `executor`, the engine's one thread.
  IntegrationDesk(store::Store& store, vchasno::Client& client, Lanes& lanes, Executor& executor,
                  const Clock& clock, const domain::InstallationId& installation, const Settings& settings,
                  CoverageRecorder& coverage);

  // Creates an integration; the register behind a token is asked first, as in SetToken, with the same errors.
  // An integration without an id gets one. ALREADY_EXISTS (INTEGRATION_EXISTS); FAILED_PRECONDITION
  // (NOT_READY: active on a real register, with
  // open items and without acknowledge_unready). On an error nothing is created.
  void Create(CreateIntegrationCall call, Done<IntegrationOutcome> done);

  // Changes settings. The legal entity stays once documents of it were accepted (a violation). NOT_FOUND,
  // ABORTED (ETAG_MISMATCH), FAILED_PRECONDITION (INTEGRATION_ARCHIVED, NOT_READY). Setting the default moves
  // the flag from its holder in the same transaction.
  void Update(UpdateIntegrationCall call, Done<IntegrationOutcome> done);

  // Deletes, or archives what has history. NOT_FOUND, ABORTED (ETAG_MISMATCH), FAILED_PRECONDITION
  // (INTEGRATION_HAS_OPEN_WORK, INTEGRATION_ARCHIVED).
  void Delete(std::string integration_id, std::optional<int64_t> revision, Done<domain::Integration> done);

  // Asks the register behind the token, and pins it. A refused token is FAILED_PRECONDITION (TOKEN_REFUSED)
  // and changes nothing. Where the register gives no readable status (unreachable, or its lane stays at work
  // for as long as settings.default_max_wait), the token is stored unverified, with a warning; an integration
  // that has accepted nothing yet then forgets the register that it had. NOT_FOUND, ABORTED (ETAG_MISMATCH),
  // FAILED_PRECONDITION: TOKEN_OF_ANOTHER_REGISTER, REGISTER_IN_USE, REGISTER_FACTS_MISSING,
  // REGISTER_MISMATCH (it is not the one stated), NOT_READY (the integration is active, the register real,
  // and nobody acknowledged that), INTEGRATION_ARCHIVED.
  void SetToken(SetTokenCall call, Done<IntegrationOutcome> done);

  // Changes the mapping. NOT_FOUND, ABORTED (ETAG_MISMATCH), FAILED_PRECONDITION (INTEGRATION_ARCHIVED).
  void UpdateMapping(UpdateMappingCall call, Done<MappingOutcome> done);

  // Asks the register for its status, and pins it when it was not known yet. Goes through the register's
  // lane: when that is at work the answer is kBusy. A register that answers and can't be pinned is
  // kRegisterRefused with REGISTER_IN_USE, REGISTER_FACTS_MISSING or NOT_READY. Errors: NOT_FOUND,
  // FAILED_PRECONDITION (INTEGRATION_ARCHIVED); every trouble of the register is an outcome.
  void CheckConnection(std::string integration_id, Done<ConnectionReport> done);

  // Finds out how long a test register remembers tags, by making test receipts through its lane, and keeps
  // the result with the integration; no setting changes. Also for an inactive one: it is the operator's own
  // doing, and no document. An answer that proves nothing is a result (kUnproven), not an error. NOT_FOUND;
  // FAILED_PRECONDITION: INTEGRATION_ARCHIVED, TOKEN_MISSING, TOKEN_REFUSED, REGISTER_UNKNOWN,
  // REGISTER_MISMATCH, NOT_A_TEST_REGISTER (also when the register does not say itself that it is one), or
  // the reason for which it refused the test receipt; UNAVAILABLE: REGISTER_BUSY (its lane is at work),
  // REGISTER_UNREACHABLE.
  void ProveTagMemory(ProveTagMemoryCall call, Done<domain::TagMemoryProof> done);

  // Which ids documents used since `from` and how they are mapped. NOT_FOUND.
  void GetCoverage(std::string integration_id, absl::Time from, Done<domain::Coverage> done);

  // What still stands between the integration and its first real sale. NOT_FOUND.
  void GetReadiness(std::string integration_id, Done<Readiness> done);

 private:
  class Impl;

  Executor& executor_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_INTEGRATION_DESK_H_
