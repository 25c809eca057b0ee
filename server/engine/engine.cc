#include "server/engine/engine.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/coverage_recorder.h"
#include "server/engine/document_intake.h"
#include "server/engine/fiscalization_calls.h"
#include "server/engine/lanes.h"
#include "server/engine/outcome_board.h"
#include "server/engine/reconciliation.h"
#include "server/engine/shift_watch.h"

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
                         .paused = paused_,
                         .lost_history_seen =
                             [this](const std::string& register_fiscal_number) {
                               PauseForLostHistory(register_fiscal_number);
                             },
                         .logger = parts.logger,
                         .installation = parts.installation,
                         .settings = parts.settings,
                         .random = parts.random,
                         .monotonic_zero = parts.clock.Now() - parts.clock.Monotonic(),
                         .quiet_since = parts.clock.Monotonic()}),
        reconciler_(Reconciler::World{.store = parts.store,
                                      .client = parts.client,
                                      .executor = parts.lane_executor,
                                      .clock = parts.clock,
                                      .logger = parts.logger,
                                      .installation = parts.installation,
                                      .remembered =
                                          [this](const std::string& register_fiscal_number) {
                                            lanes_.LooksOf(register_fiscal_number).UnknownRemembered();
                                          },
                                      .lost_history_seen =
                                          [this](const std::string& register_fiscal_number) {
                                            PauseForLostHistory(register_fiscal_number);
                                          }}),
        coverage_(parts.store.integrations(), parts.lane_executor, parts.clock, parts.logger),
        calls_(FiscalizationCalls::Parts{.store = parts.store,
                                         .client = parts.client,
                                         .lane_executor = parts.lane_executor,
                                         .work_executor = parts.work_executor,
                                         .clock = parts.clock,
                                         .lanes = lanes_,
                                         .board = board_,
                                         .installation = parts.installation,
                                         .settings = parts.settings},
               DocumentIntake(parts.store, parts.clock, parts.kyiv, parts.installation,
                              parts.settings.max_lane_length, coverage_)),
        desk_(parts.store, parts.client, lanes_, parts.lane_executor, parts.clock, parts.installation,
              parts.settings, coverage_),
        automation_(parts.store, calls_, parts.work_executor, parts.clock, parts.kyiv,
                    parts.settings.default_max_wait),
        shifts_({.store = parts.store,
                 .desk = desk_,
                 .lanes = lanes_,
                 .executor = parts.lane_executor,
                 .clock = parts.clock,
                 .kyiv = parts.kyiv,
                 .settings = parts.settings}),
        receipts_(parts.store, parts.client, lanes_, parts.lane_executor, parts.work_executor, parts.clock,
                  parts.settings) {}

  void Start(absl::AnyInvocable<void(absl::Status) &&> done) override {
    parts_.store.sends().RecoverAfterStart(
        [this, done = std::move(done)](absl::StatusOr<int64_t> recovered) mutable {
          parts_.lane_executor.Post([this, recovered = recovered.status(), done = std::move(done)]() mutable {
            if (!recovered.ok()) return std::move(done)(recovered);
            PauseUnlessOurs(std::move(done));
          });
        });
  }

  void AdoptStore(store::Adoption adoption, std::function<bool()> is_over,
                  Done<AdoptionOutcome> done) override {
    parts_.lane_executor.Post([this, adoption = std::move(adoption), is_over = std::move(is_over),
                               done = std::move(done)]() mutable {
      // Before all the reading, that is: the adoption checks it once more.
      if (const absl::Status known = parts_.store.CheckAdoption(adoption); !known.ok()) {
        return std::move(done)(known);
      }
      auto registers = PausedOf(adoption.registers);
      if (!registers.ok()) return std::move(done)(registers.status());
      reconciler_.Reconcile(
          *registers, [this, adoption = std::move(adoption), is_over = std::move(is_over),
                       done = std::move(done)](std::vector<RegisterReconciliation> found) mutable {
            // Where nobody reads what could not be read (the gap), nobody can have judged it.
            if (is_over()) {
              return std::move(done)(
                  absl::CancelledError("nobody waits for what the registers showed: nothing was adopted"));
            }
            AdoptReconciled(std::move(adoption), std::move(found), std::move(done));
          });
    });
  }

  void Drain(absl::Duration at_most, absl::AnyInvocable<void(bool) &&> done) override {
    calls_.Drain();
    coverage_.FlushAll();
    parts_.lane_executor.Post([this, at_most, done = std::move(done)]() mutable {
      lanes_.Drain();
      shifts_.Drain();
      receipts_.Drain();
      AwaitIdle(parts_.clock.Monotonic() + at_most, std::move(done));
    });
  }

  Fiscalizer& fiscalizer() override { return calls_; }
  IntegrationDesk& integrations() override { return desk_; }
  Automation& automation() override { return automation_; }
  ReceiptDesk& receipts() override { return receipts_; }

  void StoreRecovered() override {
    parts_.lane_executor.Post([this] { lanes_.KickAll(); });
  }

  absl::StatusOr<LaneView> LaneOf(const std::string& register_fiscal_number) override {
    const auto counts = parts_.store.SummaryOfLane(register_fiscal_number);
    if (!counts.ok()) return counts.status();
    return WithCounts(lanes_.View(register_fiscal_number), *counts);
  }

  absl::StatusOr<std::vector<LaneView>> AllLanes() override {
    const auto open = parts_.store.OpenLanes();
    if (!open.ok()) return open.status();
    std::map<std::string, LaneView> views;
    for (LaneView& view : lanes_.Views()) views[view.register_fiscal_number] = std::move(view);
    for (const store::LaneSummary& counts : *open) {
      LaneView& view = views[counts.register_fiscal_number];
      view.register_fiscal_number = counts.register_fiscal_number;
      view = WithCounts(std::move(view), counts);
    }
    std::vector<LaneView> all;
    all.reserve(views.size());
    for (auto& [register_fiscal_number, view] : views) all.push_back(std::move(view));
    return all;
  }

 private:
  static LaneView WithCounts(LaneView view, const store::LaneSummary& counts) {
    view.queued = counts.queued;
    view.in_doubt = counts.in_doubt;
    view.parked = counts.parked;
    view.oldest_time = counts.oldest_time;
    return view;
  }

  absl::Status ReadPaused() {
    absl::StatusOr<store::StorePause> pause = parts_.store.ReadPause();
    if (!pause.ok()) return pause.status();
    paused_.Set(*std::move(pause));
    return absl::OkStatus();
  }

  // The store has paused itself, all registers: which of them the lost history went on with is not known.
  void PauseForLostHistory(const std::string& register_fiscal_number) {
    parts_.logger.Log(Severity::kError, "store.lost_history", {{"register", register_fiscal_number}});
    paused_.Set({.paused = true, .adopted = {}});
    lanes_.StorePaused();
    ReconcilePaused();
  }

  // What the registers have that the store does not is told from now on, before anybody adopts it.
  void ReconcilePaused() {
    const auto paused = PausedOf({});
    if (!paused.ok()) return;  // said by whatever reads the store next; adopting it reconciles once more
    reconciler_.Reconcile(*paused, [](std::vector<RegisterReconciliation>) {
      // The log and the attention list tell of it.
    });
  }

  // Those of `asked` that are paused; of none, all that are.
  absl::StatusOr<std::vector<std::string>> PausedOf(const std::vector<std::string>& asked) {
    std::vector<std::string> paused;
    if (!asked.empty()) {
      for (const std::string& one : asked) {
        if (paused_.IsPaused(one)) paused.push_back(one);
      }
      return paused;
    }
    std::string after;
    do {
      constexpr int kPage = 200;
      const auto page = parts_.store.integrations().List(after, kPage, /*archived=*/false);
      if (!page.ok()) return page.status();
      for (const domain::Integration& one : page->integrations) {
        if (one.pinned_register && paused_.IsPaused(one.pinned_register->fiscal_number)) {
          paused.push_back(one.pinned_register->fiscal_number);
        }
      }
      after = page->next_after_id;
    } while (!after.empty());
    return paused;
  }

  void AdoptReconciled(store::Adoption adoption, std::vector<RegisterReconciliation> found,
                       Done<AdoptionOutcome> done) {
    parts_.store.Adopt(std::move(adoption), [this, found = std::move(found), done = std::move(done)](
                                                absl::StatusOr<store::Adopted> adopted) mutable {
      parts_.lane_executor.Post(
          [this, adopted = std::move(adopted), found = std::move(found), done = std::move(done)]() mutable {
            if (!adopted.ok()) return std::move(done)(adopted.status());
            // As the adoption left it, and not read anew: it is on disk, whether the store can be read now or
            // not. What pauses the store after it is told after it, in the writer's order.
            paused_.Set(std::move(adopted->pause));
            lanes_.StoreAdopted(adopted->go_on);
            std::move(done)(
                AdoptionOutcome{.go_on = std::move(adopted->go_on), .reconciliations = std::move(found)});
          });
    });
  }

  // A pause that our own store is in goes on, with what is adopted. One that a copy was in when it was made
  // is the original's: its adopted registers have gone on there, and so may have what waited.
  void PauseUnlessOurs(absl::AnyInvocable<void(absl::Status) &&> done) {
    if (parts_.store_is_ours) return StartLanes(std::move(done));
    parts_.store.Pause([this, done = std::move(done)](absl::StatusOr<bool> paused) mutable {
      parts_.lane_executor.Post([this, paused = paused.status(), done = std::move(done)]() mutable {
        if (!paused.ok()) return std::move(done)(paused);
        StartLanes(std::move(done));
      });
    });
  }

  void StartLanes(absl::AnyInvocable<void(absl::Status) &&> done) {
    const absl::Status read = ReadPaused();
    const absl::Status started = read.ok() ? lanes_.Start() : read;
    if (started.ok()) shifts_.Start();
    std::move(done)(started);
    if (read.ok()) ReconcilePaused();
  }

  void AwaitIdle(absl::Duration deadline, absl::AnyInvocable<void(bool) &&> done) {
    const bool idle = lanes_.Idle() && receipts_.Idle();
    if (idle || parts_.clock.Monotonic() >= deadline) return std::move(done)(idle);
    parts_.lane_executor.After(absl::Milliseconds(20), [this, deadline, done = std::move(done)]() mutable {
      AwaitIdle(deadline, std::move(done));
    });
  }

  EngineParts parts_;
  OutcomeBoard board_;
  PausedRegisters paused_;
  Lanes lanes_;
  Reconciler reconciler_;
  CoverageRecorder coverage_;
  FiscalizationCalls calls_;
  IntegrationDesk desk_;
  Automation automation_;
  ShiftWatch shifts_;
  ReceiptDesk receipts_;
};

}  // namespace

std::unique_ptr<Engine> MakeEngine(EngineParts parts) {
  return std::make_unique<EngineOfLanes>(parts);
}

}  // namespace kasa::engine
