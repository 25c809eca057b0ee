#ifndef KASA_SERVER_ENGINE_LANES_H_
#define KASA_SERVER_ENGINE_LANES_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "server/domain/tag.h"
#include "server/engine/executor.h"
#include "server/engine/lane.h"
#include "server/engine/lane_view.h"
#include "server/engine/outcome_board.h"
#include "server/engine/settings.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// All lanes: one a register, made when first needed. Runs on the executor's one thread, but for View().
class Lanes {
 public:
  // Everything must outlive the lanes.
  explicit Lanes(LaneWorld world);

  // Makes a lane for every register with open work. Once, after RecoverAfterStart().
  absl::Status Start();

  // A document was queued for this register.
  void WorkQueued(const std::string& register_fiscal_number);

  // The register's integration, token or mapping changed, or an operator spoke: what rests tries again at
  // once.
  void Kick(const std::string& register_fiscal_number);

  // Kick() for every lane that there is.
  void KickAll();

  // The store was paused: what lanes know of their registers does not hold any more.
  void StorePaused();

  // An operator has adopted these registers, so that their lanes go on.
  void StoreAdopted(const std::vector<std::string>& go_on);

  // Takes the register's one wire for a request outside of any document (check connection): nothing when the
  // lane is at work or its head is in doubt. The lane stands still while the token lives.
  std::unique_ptr<LaneHold> TryHold(const std::string& register_fiscal_number);

  // Whether the store was restored or copied and waits to be adopted: nothing goes to this register then, but
  // GETs and the status that an operator asks for.
  bool IsPaused(const std::string& register_fiscal_number) const {
    return world_.paused.IsPaused(register_fiscal_number);
  }
  // FAILED_PRECONDITION (STORE_COPIED) then.
  absl::Status RefusePaused(const std::string& register_fiscal_number) const;

  // How long an operator must still wait before resolving this doubt.
  absl::Duration HoldTimeLeftOf(const domain::Fiscalization& doubted);

  // What looks into the listings of this register.
  Looks& LooksOf(const std::string& register_fiscal_number) { return LaneOf(register_fiscal_number).looks(); }

  // Starts no new request; what is in flight is finished and stored.
  void Drain();

  // Whether nothing is in flight or waits to be stored.
  bool Idle() const;

  // What the lane of this register does. Thread-safe.
  LaneView View(const std::string& register_fiscal_number) const;
  // The same for every lane that there is. Thread-safe.
  std::vector<LaneView> Views() const;

 private:
  Lane& LaneOf(const std::string& register_fiscal_number);

  LaneWorld world_;
  bool draining_ = false;
  mutable std::mutex mutex_;  // guards the map, not the lanes: views are published by the lanes themselves
  std::map<std::string, std::unique_ptr<Lane>> lanes_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LANES_H_
