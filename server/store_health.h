#ifndef KASA_SERVER_STORE_HEALTH_H_
#define KASA_SERVER_STORE_HEALTH_H_

#include <atomic>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/log.h"
#include "common/metrics.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

namespace kasa {

// Watches whether the store takes writes, and tries it while it does not, so that the end of a trouble is
// seen though nobody writes: who asks for health is sent elsewhere meanwhile.
//
// Everything given outlives it; the store's callbacks find it until Stop().
class StoreHealth {
 public:
  // `tell` is called on the executor's thread with whether the store is well, each time that this changes.
  StoreHealth(store::Store& store, engine::Executor& executor, Logger& logger, Metrics& metrics,
              std::function<void(bool)> tell, absl::Duration probe_every = absl::Seconds(1));

  void Start();
  // Listens no more. Before the store goes.
  void Stop();

  bool is_well() const { return well_; }

 private:
  // What the store told, in parts: a status that threads share is counted by them all.
  struct News {
    bool well = true;
    bool damaged = false;
    std::string reason;
    std::string message;
  };
  void Heard(const News& news);
  void ProbeLater();
  void Probe();

  store::Store& store_;
  engine::Executor& executor_;
  Logger& logger_;
  Gauge& gauge_;
  const std::function<void(bool)> tell_;
  const absl::Duration probe_every_;
  std::atomic<bool> well_ = true;  // changed on the executor's thread
  bool probing_ = false;           // of the executor's thread
};

}  // namespace kasa

#endif  // KASA_SERVER_STORE_HEALTH_H_
