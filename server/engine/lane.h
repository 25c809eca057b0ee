#ifndef KASA_SERVER_ENGINE_LANE_H_
#define KASA_SERVER_ENGINE_LANE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/kyiv_time.h"
#include "server/domain/tag.h"
#include "server/engine/executor.h"
#include "server/engine/lane_view.h"
#include "server/engine/outcome_board.h"
#include "server/engine/settings.h"
#include "server/engine/task.h"
#include "server/store/store.h"
#include "server/vchasno/client.h"

namespace kasa::engine {

// What lanes need from the world. Everything must outlive them.
struct LaneWorld {
  store::Store& store;
  vchasno::Client& client;
  Executor& executor;  // one thread: all lanes run on it
  const Clock& clock;
  const KyivTime& kyiv;
  OutcomeBoard& board;
  domain::InstallationId installation;
  Settings settings;
  std::function<double()> random;  // in [0, 1), for jitter
};

// Holds a lane's one wire for a request outside of any document; gives it back when it goes. Executor's
// thread only.
class LaneHold {
 public:
  explicit LaneHold(std::function<void()> give_back) : give_back_(std::move(give_back)) {}
  LaneHold(const LaneHold&) = delete;
  LaneHold& operator=(const LaneHold&) = delete;
  ~LaneHold() { give_back_(); }

 private:
  std::function<void()> give_back_;
};

// The queue of one register: first in first out, one request in flight (architecture.md, rule 4).
//
//            +--------- nothing queued: waits for Kick()
//            v
//   look at the head --ACCEPTED--> date over? --yes--> FAILED
//            ^                        | no
//            |                        v
//            |   verified register, open shift? --no--> ask status / open shift --trouble--> paused, probe
//            later |                        | yes |                        v |        mark SENDING, send
//            once, rule on the ending (domain/state_machine.h), store it |                        |
//            +---- next / pause / open shift / back off
//            |
//            +--IN_DOUBT--> hold time, tag memory (domain/resend.h) --covered--> mark, send the same tag and
//            bytes
//                                                           \--not covered--> waits for a person, says so
//
// One coroutine, on the executor's thread; only View() may be called from elsewhere.
class Lane {
 public:
  Lane(std::string register_fiscal_number, const LaneWorld& world);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void Start();

  // Something may have changed: a document was queued, the integration or its token changed, an operator
  // spoke.
  void Kick();

  // The wire, when the lane is not at work; nothing otherwise.
  std::unique_ptr<LaneHold> TryHold();

  // Starts no new request; what is in flight is finished and stored.
  void Drain();

  // Whether no request is in flight or waits to be stored.
  bool Idle() const { return !at_work_; }

  LaneView View() const;  // thread-safe

 private:
  struct Pause {
    Reason reason;
    std::string message;
    absl::Time since;
    absl::Duration until;  // monotonic
  };

  Task<void> Run();
  Task<void> ServeHead(store::LaneHead head);
  Task<void> ServeAccepted(const store::LaneHead& head, const store::IntegrationRecord& record);
  Task<void> ServeDoubt(const store::LaneHead& head, const store::IntegrationRecord& record);
  Task<void> Send(const store::LaneHead& head, const store::IntegrationRecord& record);
  Task<void> FollowRuling(domain::LaneStep step, const domain::Fiscalization& now,
                          const store::IntegrationRecord& record, const vchasno::ExecuteAnswer& answer);
  Task<void> JudgeUnknownRefusal(const domain::Fiscalization& now, const store::IntegrationRecord& record,
                                 const vchasno::ExecuteAnswer& answer);
  Task<bool> CanBeWorkedWith(const store::LaneHead& head, const store::IntegrationRecord& record);
  Task<std::optional<domain::RegisterStatus>> Verify(std::string fiscalization_id,
                                                     const store::IntegrationRecord& record);
  Task<bool> OpenShift(std::string fiscalization_id, const store::IntegrationRecord& record);
  Task<void> FailThoseWhoseDayIsOver();

  Task<void> RestAfterTrouble(Reason reason, std::string message, std::optional<absl::Duration> at_least);

  std::string register_;
  LaneWorld world_;
  WakeUp wake_;
  Task<void> run_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_LANE_H_
