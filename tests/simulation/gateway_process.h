#ifndef KASA_TESTS_SIMULATION_GATEWAY_PROCESS_H_
#define KASA_TESTS_SIMULATION_GATEWAY_PROCESS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "server/engine/engine.h"
#include "server/engine/settings.h"
#include "server/store/store.h"
#include "server/vchasno/rest_client.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/memory_disk.h"
#include "tests/simulation/memory_vfs.h"
#include "tests/simulation/timeline.h"
#include "tests/simulation/wire_watch.h"

namespace kasa::simulation {

// The names that SQLite's files have on a simulated disk, and the lock file that the store takes on the real
// one.
std::string DatabasePath();

// What every gateway process of a history is made of.
struct GatewayParts {
  Timeline& timeline;
  MemoryVfs& vfs;
  Cloud& cloud;
  WireWatch& watch;
  Trace& trace;
  Coverage& coverage;
  const KyivTime& kyiv;
  engine::Settings settings;
  bool store_is_ours = true;
};

// One life of the gateway: the real store, adapter and engine on the timeline, from its start to its end,
// which may come at any moment.
class GatewayProcess {
 public:
  GatewayProcess(const GatewayParts& parts, Timeline::Owner owner, std::shared_ptr<MemoryDisk> disk,
                 Random random);
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;
  // Ends it as a crash does: what it still had to do does not happen.
  ~GatewayProcess();

  // Opens the store. What follows happens on the timeline; started() tells when it is at work.
  absl::Status Open();
  bool started() const { return started_; }
  bool start_failed() const { return start_failed_; }
  // Nothing new any more; drained() tells when nothing is in flight.
  void Drain();
  bool drained() const { return drained_; }
  // Ends it in good order: what is queued for the store is written, and the store closed.
  void CloseCleanly();

  store::Store& store() { return *store_; }
  engine::Engine& engine() { return *engine_; }
  MemoryDisk& disk() { return *disk_; }
  Timeline::Owner owner() const { return owner_; }

 private:
  void TakeDown();

  GatewayParts parts_;
  const Timeline::Owner owner_;
  std::shared_ptr<MemoryDisk> disk_;
  Random random_;
  SimulatedExecutor lane_executor_;
  SimulatedExecutor work_executor_;
  SimulatedWriter writer_;
  Logger logger_;
  std::unique_ptr<vchasno::Client> client_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  bool started_ = false;
  bool start_failed_ = false;
  bool drained_ = false;
};

// A disk with an empty store on it, made once by the store's own migration.
const DiskImage& EmptyStore(MemoryVfs& vfs);
// A copy, for a disk of its own.
DiskImage CopyOf(const DiskImage& image);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_GATEWAY_PROCESS_H_
