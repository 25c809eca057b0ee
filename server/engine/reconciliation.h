#ifndef KASA_SERVER_ENGINE_RECONCILIATION_H_
#define KASA_SERVER_ENGINE_RECONCILIATION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"
#include "common/log.h"
#include "server/domain/absence.h"
#include "server/domain/tag.h"
#include "server/engine/executor.h"
#include "server/engine/task.h"
#include "server/engine/task_set.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// What a register's listings showed beside a store that was restored or copied (architecture.md, rule 11).
struct RegisterReconciliation {
  std::string register_fiscal_number;
  std::string gap;              // why not all of it could be read and understood; empty: it was
  int64_t receipts = 0;         // that were read
  int64_t unknown_own = 0;      // of these, under a tag of this installation and not in the store
  int64_t unknown_foreign = 0;  // of these, made by others
};

// Looks what each register has issued since the store last knew of it, and remembers the receipts that the
// store does not have: a document whose tag one of them bears is then settled by looking, and not sent. GETs
// only. Executor's thread only.
class Reconciler {
 public:
  struct World {
    store::Store& store;
    vchasno::Client& client;
    Executor& executor;
    const Clock& clock;
    Logger& logger;
    domain::InstallationId installation;
    // Told of each register whose unknown receipts were remembered.
    std::function<void(const std::string& register_fiscal_number)> remembered;
    // Told when one of them showed that the store lost a part of its history, and was paused.
    std::function<void(const std::string& register_fiscal_number)> lost_history_seen;
  };

  explicit Reconciler(World world);

  // All registers side by side; calls back when the last one is read, or could not be.
  using Done = absl::AnyInvocable<void(std::vector<RegisterReconciliation>) &&>;
  void Reconcile(const std::vector<std::string>& registers, Done done);

 private:
  struct Run;
  Task<void> ReconcileOne(std::shared_ptr<Run> run, size_t at);
  Task<RegisterReconciliation> LookInto(const std::string& register_fiscal_number);
  Task<void> Remember(const domain::Look& look, RegisterReconciliation& found);

  const World world_;
  TaskSet tasks_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_RECONCILIATION_H_
