#ifndef KASA_TESTS_ENGINE_ENGINE_ON_SIMULATOR_H_
#define KASA_TESTS_ENGINE_ENGINE_ON_SIMULATOR_H_

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "common/log.h"
#include "common/metrics.h"
#include "server/domain/tag.h"
#include "server/engine/engine.h"
#include "server/engine/executor.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"
#include "tests/testing/temporary_folder.h"
#include "tools/simulator/simulator.h"

namespace kasa::engine {

// The machine's clocks, with a wall clock that a test can set forward.
class ForwardClock final : public Clock {
 public:
  absl::Time Now() const override { return system_.Now() + absl::Seconds(forward_seconds_.load()); }
  absl::Duration Monotonic() const override { return system_.Monotonic(); }
  void SetForward(absl::Duration by) { forward_seconds_ += absl::ToInt64Seconds(by); }

 private:
  SystemClock system_;
  std::atomic<int64_t> forward_seconds_ = 0;
};

// The next request of this task is refused with these codes, and makes nothing.
simulator::Fault RefusalOf(int task, int res, int res_action = 3);

// The next sale on this register is answered with nothing, whether it makes its receipt or not.
simulator::Fault LostSaleOn(const std::string& fisid, bool made);

// The real engine, store and adapter against a simulator in this process, all durations scaled by kScale: a
// request times out after 0.4 s, a hold lasts 0.8 s, a back-off starts at 10 ms. Waits for outcomes, never
// for time.
class EngineOnSimulator {
 public:
  static constexpr double kScale = 1.0 / 150;
  static constexpr char kFisid[] = "4000000001";

  struct Options {
    simulator::Switches switches;
    domain::TagMemory tag_memory = domain::TagMemory::kSameShift;
    int registers = 1;
    bool real_registers = false;
    double scale = kScale;  // of all durations; larger where a request that is late is not sent again
    absl::Duration connection_idle_age = absl::Seconds(10);
    std::function<void(Settings&)> settings;  // changes them once they are scaled
  };

  explicit EngineOnSimulator(Options options);
  ~EngineOnSimulator();

  // A sale of today over `kopiykas`, paid by card, through the integration of register number `at`.
  DocumentRequest Sale(const std::string& document_id, int64_t kopiykas = 4500, int at = 1) const;

  // Waits for the outcome up to `max_wait`.
  absl::StatusOr<FiscalizeOutcome> Fiscalize(DocumentRequest request,
                                             absl::Duration max_wait = absl::Seconds(30));
  absl::StatusOr<domain::Fiscalization> Get(const std::string& id,
                                            absl::Duration max_wait = absl::ZeroDuration());
  absl::StatusOr<domain::Fiscalization> Cancel(const std::string& id);
  absl::StatusOr<FiscalizeOutcome> Retry(const std::string& id);
  absl::StatusOr<domain::Fiscalization> Resolve(ResolveRequest request);
  // Says it again until it is taken; how it was refused last when that does not come.
  absl::Status ResolveWhenTaken(const ResolveRequest& request);

  // Waits until `condition` holds, or the lane of a register is in `state` for `reason`; false when it is not
  // so within 30 s.
  bool AwaitThat(const std::function<bool()>& condition);
  bool AwaitLane(LaneState state, Reason reason, int at = 1);

  // The first register answers res_action 1 to every request of this task, and makes nothing, as long as the
  // fault lasts.
  void AskAgainForEvery(int task);
  // Waits until the store knows that the first register asked for the opening of its shift again.
  bool AwaitOpeningAskedForAgain();

  // Every receipt in the simulator's ledger.
  std::vector<simulator::LedgerEntry> Receipts() const;

  // Takes the gateway down as a crash does, without draining, and starts it again on the same store.
  void CrashAndStart();
  // The same with an empty store: what was fiscalized before was, to the gateway, made elsewhere.
  // `noticed`: the gateway is told that the store is not the one it had, and pauses.
  void LoseStore(bool noticed = false);
  AdoptionOutcome Adopt(std::vector<std::string> registers = {});
  // Keeps a copy of the store beside it; puts the last copy back, unnoticed or not. Each starts the gateway
  // anew.
  void KeepStore();
  void PutStoreBack(bool noticed = false);
  // Sets the wall clock of gateway and simulator forward; timers go on as before.
  void SetForward(absl::Duration by) { clock_.SetForward(by); }
  void Change(int at, store::IntegrationChange change);

  simulator::Simulator& simulator() { return *simulator_; }
  simulator::Cloud& cloud() { return simulator_->cloud(); }
  store::Store& store() { return *store_; }
  vchasno::Client& client() { return *client_; }
  Engine& engine() { return *engine_; }

  static std::string Fisid(int at) { return std::to_string(4000000000 + at); }
  static std::string IntegrationId(int at) { return "shop-" + std::to_string(at); }

 private:
  void Open(bool store_is_ours = true);
  void Close();
  void CreateIntegrations();

  Options options_;
  TemporaryFolder folder_;
  std::filesystem::path kept_;
  ForwardClock clock_;
  KyivTime kyiv_;
  Logger logger_;
  Metrics metrics_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<ThreadExecutor> lane_executor_;
  std::unique_ptr<ThreadExecutor> work_executor_;
  std::unique_ptr<vchasno::Client> client_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Engine> engine_;
};

// Changes the first register.
void OnRegister(EngineOnSimulator& gateway, const std::function<void(simulator::Register&)>& change);

}  // namespace kasa::engine

#endif  // KASA_TESTS_ENGINE_ENGINE_ON_SIMULATOR_H_
