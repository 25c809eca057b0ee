#ifndef KASA_SERVER_ENGINE_ENGINE_H_
#define KASA_SERVER_ENGINE_ENGINE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "server/domain/tag.h"
#include "server/engine/automation.h"
#include "server/engine/executor.h"
#include "server/engine/fiscalizer.h"
#include "server/engine/integration_desk.h"
#include "server/engine/lane_view.h"
#include "server/engine/receipt_desk.h"
#include "server/engine/reconciliation.h"
#include "server/engine/settings.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// What an engine is made of. Everything must outlive it. To take it down: Drain(), stop the executors (no
// lane moves any more: what is still in flight stays marked), destroy the client and the store (it finishes
// its writes; late callbacks still find the engine and stopped executors), destroy the engine, and the
// executors last.
struct EngineParts {
  store::Store& store;
  vchasno::Client& client;
  Executor& lane_executor;  // one thread
  Executor& work_executor;  // any number: checks and prices documents
  const Clock& clock;
  const KyivTime& kyiv;
  Logger& logger;
  domain::InstallationId installation;
  // False: the store was restored or copied, and every register of it waits for AdoptStore()
  // (architecture.md, rule 11), also of a store that was paused and partly adopted when it was copied.
  bool store_is_ours = true;
  Settings settings;
  std::function<double()> random;  // in [0, 1), called on the lanes' thread
};

// What came of adopting a store.
struct AdoptionOutcome {
  std::vector<std::string> go_on;                       // the registers that go on only now
  std::vector<RegisterReconciliation> reconciliations;  // what each of them was seen to have
};

// The heart of the gateway: lanes, and what callers and operators may do. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;

  // Turns what was SENDING into IN_DOUBT and starts the lanes. Calls back when that is durable.
  virtual void Start(absl::AnyInvocable<void(absl::Status) &&> done) = 0;

  // Refuses new work (UNAVAILABLE, SHUTTING_DOWN), lets what is in flight finish, and calls back when nothing
  // is in flight any more or `at_most` is over. What is still in flight then stays marked.
  virtual void Drain(absl::Duration at_most, absl::AnyInvocable<void(bool everything_finished) &&> done) = 0;

  virtual Fiscalizer& fiscalizer() = 0;
  virtual IntegrationDesk& integrations() = 0;
  virtual Automation& automation() = 0;
  virtual ReceiptDesk& receipts() = 0;

  // Looks into each register that is paused, then ends the pause of a restored or copied store. Reading a
  // register's listings may take minutes: where `is_over` says then that nobody waits for the outcome any
  // more, nothing is adopted (CANCELLED). It is asked on the lanes' thread.
  virtual void AdoptStore(store::Adoption adoption, std::function<bool()> is_over,
                          Done<AdoptionOutcome> done) = 0;

  // What the lane of a register does, with its counts from the store.
  virtual absl::StatusOr<LaneView> LaneOf(const std::string& register_fiscal_number) = 0;

  // The same for every register with open work, and every other one that a lane was made for since the start.
  virtual absl::StatusOr<std::vector<LaneView>> AllLanes() = 0;

  // The store takes writes again: what rests tries again at once.
  virtual void StoreRecovered() = 0;
};

std::unique_ptr<Engine> MakeEngine(EngineParts parts);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_ENGINE_H_
