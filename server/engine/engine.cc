#include "server/engine/engine.h"

#include <algorithm>
#include <utility>

#include "server/engine/fiscalization_calls.h"
#include "server/engine/lanes.h"
#include "server/engine/outcome_board.h"
#include "server/engine/document_intake.h"

namespace kasa::engine {
namespace {

class EngineOfLanes final : public Engine {
 public:
  explicit EngineOfLanes(const EngineParts& parts)
      : parts_(parts),
        board_(parts.lane_executor),
        lanes_(LaneWorld{.store = parts.store,
                         .client = parts.client,
                         .executor = parts.lane_executor,
                         .clock = parts.clock,
                         .kyiv = parts.kyiv,
                         .board = board_,
                         .logger = parts.logger,
                         .installation = parts.installation,
                         .settings = parts.settings,
                         .random = parts.random}),
        calls_(FiscalizationCalls::Parts{.store = parts.store,
                                         .client = parts.client,
                                         .lane_executor = parts.lane_executor,
                                         .work_executor = parts.work_executor,
                                         .clock = parts.clock,
                                         .lanes = lanes_,
                                         .board = board_,
                                         .settings = parts.settings},
               DocumentIntake(parts.store, parts.clock, parts.kyiv, parts.installation,
                          parts.settings.max_lane_length)),
        desk_(parts.store, parts.client, lanes_, parts.lane_executor, parts.clock, parts.kyiv,
              parts.settings) {}

  void Start(absl::AnyInvocable<void(absl::Status) &&> done) override {
    parts_.store.RecoverAfterStart([this, done = std::move(done)](absl::StatusOr<int64_t> recovered) mutable {
      parts_.lane_executor.Post([this, recovered = recovered.status(), done = std::move(done)]() mutable {
        std::move(done)(recovered.ok() ? lanes_.Start() : recovered);
      });
    });
  }

  void Drain(absl::Duration at_most, absl::AnyInvocable<void(bool) &&> done) override {
    calls_.Drain();
    parts_.lane_executor.Post([this, at_most, done = std::move(done)]() mutable {
      lanes_.Drain();
      AwaitIdle(parts_.clock.Monotonic() + at_most, std::move(done));
    });
  }

  Fiscalizer& fiscalizer() override { return calls_; }
  IntegrationDesk& integrations() override { return desk_; }

  absl::StatusOr<LaneView> LaneOf(const std::string& register_fiscal_number) override {
    const auto counts = parts_.store.SummaryOfLane(register_fiscal_number);
    if (!counts.ok()) return counts.status();
    LaneView view = lanes_.View(register_fiscal_number);
    view.queued = counts->queued;
    view.in_doubt = counts->in_doubt;
    view.oldest_time = counts->oldest_time;
    return view;
  }

 private:
  void AwaitIdle(absl::Duration deadline, absl::AnyInvocable<void(bool) &&> done) {
    const bool idle = lanes_.Idle();
    if (idle || parts_.clock.Monotonic() >= deadline) return std::move(done)(idle);
    parts_.lane_executor.After(absl::Milliseconds(20), [this, deadline, done = std::move(done)]() mutable {
      AwaitIdle(deadline, std::move(done));
    });
  }

  EngineParts parts_;
  OutcomeBoard board_;
  Lanes lanes_;
  FiscalizationCalls calls_;
  IntegrationDesk desk_;
};

}  // namespace

std::unique_ptr<Engine> MakeEngine(EngineParts parts) {
  return std::make_unique<EngineOfLanes>(parts);
}

}  // namespace kasa::engine
