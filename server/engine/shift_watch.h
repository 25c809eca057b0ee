#ifndef KASA_SERVER_ENGINE_SHIFT_WATCH_H_
#define KASA_SERVER_ENGINE_SHIFT_WATCH_H_

#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "server/domain/integration.h"
#include "server/engine/executor.h"
#include "server/engine/integration_desk.h"
#include "server/engine/lanes.h"
#include "server/engine/settings.h"
#include "server/engine/task.h"
#include "server/store/store.h"

namespace kasa::engine {

// Asks registers that have nothing to do for their shift, rarely (domain/shift_age.h), so that the attention
// list is true of them too. Each question is a check of the connection, through the register's lane: a lane
// that is at work is left alone. Nothing is asked of a register whose integration is inactive, has no
// accepted token, or is in its quiet window, nor while the store waits to be adopted. Executor's thread only.
class ShiftWatch {
 public:
  // Everything must outlive it.
  struct Parts {
    store::Store& store;
    IntegrationDesk& desk;
    Lanes& lanes;
    Executor& executor;
    const Clock& clock;
    const KyivTime& kyiv;
    Settings settings;
  };
  explicit ShiftWatch(const Parts& parts);
  ShiftWatch(const ShiftWatch&) = delete;
  ShiftWatch& operator=(const ShiftWatch&) = delete;

  void Start();
  // Asks nothing more.
  void Drain();

 private:
  Task<void> Run();
  Task<void> LookAtAll();
  Task<void> LookAt(const domain::Integration& integration);

  Parts parts_;
  WakeUp wake_;
  bool draining_ = false;
  std::map<std::string, absl::Time> tried_;  // by integration: when it was asked in vain
  Task<void> run_;                           // last: it refers to all of the above
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_SHIFT_WATCH_H_
