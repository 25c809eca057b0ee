#include "tests/simulation/history.h"

#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/audit.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/gateway_process.h"
#include "tests/simulation/machine_troubles.h"
#include "tests/simulation/mark_reader.h"
#include "tests/simulation/people.h"
#include "tests/simulation/restoring.h"
#include "tests/simulation/setting_up.h"
#include "tests/simulation/store_reading.h"
#include "tests/simulation/timeline.h"
#include "tests/simulation/wire_watch.h"

namespace kasa::simulation {
namespace {

constexpr int64_t kMostEvents = 400'000;  // more is a loop without an end
constexpr absl::Duration kLookEvery = absl::Seconds(97);
constexpr absl::Duration kStartAgain = absl::Seconds(2);
constexpr absl::Duration kLongestEnd = absl::Hours(8);
constexpr absl::Duration kOperatorRound = absl::Minutes(3);
// From when on an operator settles what the gateway has not settled by itself.
constexpr absl::Duration kOperatorsPatience = absl::Minutes(30);

enum Stream : uint64_t { kCloudRandom = 101, kRegisterRandom, kProcessRandom, kDiskRandom, kSqliteRandom };

class HistoryRun {
 public:
  HistoryRun(Machine& machine, const Plan& plan, const HistoryOptions& options)
      : machine_(machine),
        plan_(plan),
        options_(options),
        random_(plan.seed),
        timeline_(plan.start),
        trace_(timeline_, options.trace),
        cloud_(timeline_, machine.kyiv, random_.Fork(kCloudRandom)),
        watch_(timeline_, WithRegisters(), trace_, settings_.hold_time),
        people_({.timeline = timeline_,
                 .cloud = cloud_,
                 .watch = watch_,
                 .trace = trace_,
                 .coverage = coverage_,
                 .kyiv = machine.kyiv,
                 .gateway = [this] { return AtWork(); },
                 .restart = [this] { Restart(); }},
                plan_),
        audit_(cloud_, people_, trace_, coverage_),
        image_(CopyOf(EmptyStore(machine.vfs))) {}

  HistoryResult Run() {
    machine_.vfs.Seed(random_.Fork(kSqliteRandom).Next());
    SetUp();
    StartProcess();
    RunUntil(plan_.horizon);
    trace_.Say("from here on nothing goes wrong any more");
    cloud_.EndFaults();
    troubles_.End();
    const bool quiet = RunUntilQuiet();
    if (!trace_.violation() && process_ != nullptr && process_->started()) {
      if (options_.plant) {
        Planting planting{cloud_, people_, process_->store(), timeline_.TrueNow()};
        options_.plant(planting);
      }
      audit_.AtEnd(process_->store(), true);
      if (!quiet) trace_.Violate("liveness", "the lanes are not empty");
    } else if (!trace_.violation()) {
      trace_.Violate("liveness", "the gateway does not start any more");
    }
    process_.reset();
    coverage_.Count(
        absl::StrCat("befallen/", befallen_.size() < kFewestFaults ? "too few faults" : "enough faults"));
    HistoryResult result{.violation = trace_.violation(),
                         .trace = trace_.lines(),
                         .coverage = std::move(coverage_),
                         .starts = starts_,
                         .events = timeline_.events_run()};
    for (size_t at = 0; at < cloud_.registers(); ++at) {
      result.receipts += static_cast<int64_t>(cloud_.at(at).ledger().size());
    }
    return result;
  }

 private:
  GatewayProcess* AtWork() { return process_ != nullptr && set_up_ && greeted_ ? process_.get() : nullptr; }

  Cloud& WithRegisters() {
    uint64_t number = 0;
    for (const PlannedRegister& planned : plan_.registers) {
      ++number;
      cloud_.AddRegister(std::make_unique<RegisterModel>(absl::StrCat(4000000000 + number), "12345678",
                                                         planned.switches, machine_.kyiv, timeline_.TrueNow(),
                                                         random_.Fork(kRegisterRandom).Fork(number)),
                         absl::StrCat("token-", number));
    }
    return cloud_;
  }

  void SetUp() {
    for (size_t at = 0; at < plan_.registers.size(); ++at) {
      watch_.SetClaim(at, plan_.registers[at].tag_memory);
      for (const std::string& value : plan_.registers[at].switches.Values()) {
        coverage_.Count(absl::StrCat("switch/", value));
      }
    }
    cloud_.SetFaults(plan_.faults);
    cloud_.on_fault = [this](const Fault& fault) { Befell(fault); };
    watch_.coverage = &coverage_;
    watch_.told = [this](const std::string& tag) { return ToldOf(process_->store(), audit_.OwnerOf(tag)); };
    watch_.is_as_accepted = [this](const TaskRequest& request, const std::string& body) {
      const DocumentCase* const one = people_.CaseNamed(audit_.OwnerOf(request.tag));
      return one == nullptr ||  // nobody's, which is another rule
             people_.content().MaySend(one->planned.name(), people_.OriginalOf(*one), request, body);
    };
    watch_.any_in_doubt = [this](size_t at) {
      const auto lane = process_->store().SummaryOfLane(cloud_.at(at).number());
      return lane.ok() && lane->in_doubt > 0;
    };
    watch_.asked_again_is_stored = [this](const std::string& tag) {
      return AskedAgainIsStored(process_->store(), tag);
    };
    if (options_.read_marks) {
      watch_.is_marked = [this](const std::string& tag, const std::string& body) {
        return HasSyncedMark(machine_.audit_vfs, process_->disk(), DatabasePath(), tag, body);
      };
    }
    troubles_.on_fault = [this](const Fault& fault) { Befell(fault); };
    troubles_.on_change = [this] {
      if (process_ != nullptr) process_->disk().trouble = troubles_.OfDisk();
    };
    troubles_.Plan(plan_.faults);
    for (const Fault& fault : plan_.held_back_faults) {
      timeline_.At(fault.from, [this, fault] {
        if (befallen_.size() < kFewestFaults) cloud_.AddFault(fault);
      });
    }
    restoring_.Plan(plan_.restore);
    LookLater();
  }

  void Befell(const Fault& fault) {
    if (!befallen_.insert(fault.id).second) return;
    coverage_.Count(absl::StrCat("fault/", NameOf(fault.kind)));
    trace_.Say("fault ", fault.Describe());
  }

  // --- the process
  void StartProcess() {
    ++starts_;
    trace_.Say("the gateway starts");
    const Random random = random_.Fork(kProcessRandom).Fork(static_cast<uint64_t>(starts_));
    if (restoring_.is_due()) image_ = restoring_.TakeCopy();
    auto disk = std::make_shared<MemoryDisk>(std::move(image_));
    disk->crash_now = [this] { return CrashesAtThisChange(); };
    process_ =
        std::make_unique<GatewayProcess>(GatewayParts{.timeline = timeline_,
                                                      .vfs = machine_.vfs,
                                                      .cloud = cloud_,
                                                      .watch = watch_,
                                                      .trace = trace_,
                                                      .coverage = coverage_,
                                                      .kyiv = machine_.kyiv,
                                                      .settings = settings_,
                                                      .store_is_ours = !restoring_.is_unmarked()},
                                         static_cast<Timeline::Owner>(starts_), std::move(disk), random);
    greeted_ = draining_ = false;
    process_->disk().trouble = troubles_.OfDisk();
    const absl::Status opened = process_->Open();
    if (!opened.ok() && !process_->disk().dead()) {
      trace_.Say("the store does not open: ", std::string(opened.message()));
      EndProcess(false, kStartAgain);
    }
  }

  // What is on the disk stays; with a power cut, only what was synced surely does.
  void EndProcess(bool power_cut, absl::Duration down) {
    const MemoryDisk& disk = process_->disk();
    image_ = power_cut ? disk.AfterPowerCut(random_.Fork(kDiskRandom).Fork(static_cast<uint64_t>(starts_)))
                       : disk.AfterKill();
    process_.reset();
    watch_.ProcessGone();
    timeline_.After(down, [this] { StartProcess(); });
  }

  void Restart() {
    if (AtWork() == nullptr || draining_) return;
    draining_ = true;
    process_->Drain();
  }

  void FinishRestart() {
    trace_.Say("the gateway stops");
    process_->CloseCleanly();
    if (!process_->disk().dead()) EndProcess(false, absl::Milliseconds(300));
  }

  void Greet() {
    if (!set_up_) return CreateIntegrations();
    greeted_ = true;
    trace_.Say("the gateway is at work");
    restoring_.Started();
    // What became of a change whose answer was lost.
    for (size_t at = 0; at < plan_.registers.size(); ++at) {
      const auto now = process_->store().integrations().Get(People::IntegrationId(static_cast<int>(at)));
      if (now.ok()) watch_.SetActive(at, now->integration.active);
    }
    const auto pause = process_->store().ReadPause();
    watch_.SetPaused(pause.ok() && pause->paused);
    audit_.AfterStart(process_->store());
    people_.FindLostResolutions();
  }

  void CreateIntegrations() {
    creating_ = true;
    for (size_t at = 0; at < plan_.registers.size(); ++at) CreateIntegration(at);
  }

  void CreateIntegration(size_t at) {
    process_->store().integrations().Create(
        IntegrationFor(plan_.registers[at], People::IntegrationId(static_cast<int>(at)),
                       cloud_.at(at).number(), cloud_.TokenOf(at)),
        MappingOfEach(),
        [](store::IntegrationRecord&, const store::IntegrationSurroundings&) { return absl::OkStatus(); },
        [this, at](const absl::StatusOr<domain::Integration>& created) {
          if (absl::IsUnavailable(created.status())) {
            // A trouble of the disk has begun already; it ends before anything else can happen.
            return timeline_.After(absl::Seconds(1), [this, at] { CreateIntegration(at); });
          }
          if (!created.ok()) throw std::logic_error(created.status().ToString());
          if (++created_ < plan_.registers.size()) return;
          set_up_ = true;
          creating_ = false;
          people_.Begin();
        });
  }

  // --- crashes
  const PlannedCrash* DueCrash() const {
    if (troubles_.over() || !set_up_ || next_crash_ >= plan_.crashes.size()) return nullptr;
    const PlannedCrash& crash = plan_.crashes[next_crash_];
    return timeline_.Monotonic() >= crash.at ? &crash : nullptr;
  }

  bool CrashesAtThisChange() {
    const PlannedCrash* const crash = DueCrash();
    return crash != nullptr && crash->at_disk_change && passed_++ >= crash->skip;
  }

  bool CrashesBetweenEvents() {
    const PlannedCrash* const crash = DueCrash();
    return crash != nullptr && !crash->at_disk_change && passed_++ >= crash->skip;
  }

  void Crash() {
    const PlannedCrash& crash = plan_.crashes[next_crash_++];
    passed_ = 0;
    trace_.Say(crash.power_cut ? "POWER CUT" : "KILL",
               crash.at_disk_change ? " at a change of the disk" : "");
    coverage_.Count(absl::StrCat("crash/", crash.power_cut ? "power cut" : "kill",
                                 crash.at_disk_change ? " at a change of the disk" : " between events"));
    EndProcess(crash.power_cut, crash.down);
  }

  // What is to be done about the process between two events. True when it was done.
  bool TendProcess() {
    if (restoring_.is_due()) {
      EndProcess(false, plan_.restore->down);
    } else if (process_->disk().dead() || CrashesBetweenEvents()) {
      Crash();
    } else if (process_->start_failed()) {
      EndProcess(false, kStartAgain);
    } else if (draining_ && process_->drained()) {
      FinishRestart();
    } else if (!greeted_ && !creating_ && process_->started()) {
      Greet();
    } else {
      return false;
    }
    return true;
  }

  // --- time
  void RunUntil(absl::Duration until) {
    while (!trace_.violation()) {
      if (process_ != nullptr && TendProcess()) continue;
      if (!timeline_.RunNext(until)) return;
      if (timeline_.events_run() > kMostEvents) trace_.Violate("liveness", "events without an end");
    }
  }

  bool RunUntilQuiet() {
    const absl::Duration latest = timeline_.Monotonic() + kLongestEnd;
    while (!trace_.violation() && timeline_.Monotonic() < latest) {
      restoring_.AdoptNow();
      people_.RepairIntegrations();
      people_.SettleDoubts(timeline_.Monotonic() - plan_.horizon > kOperatorsPatience);
      RunUntil(timeline_.Monotonic() + kOperatorRound);
      if (IsQuiet()) return true;
    }
    return false;
  }

  bool IsQuiet() {
    if (AtWork() == nullptr) return false;
    for (const DocumentCase& one : people_.cases()) {
      if (one.call_open || !one.settled_for_caller()) return false;
    }
    const auto lanes = process_->store().OpenLanes();
    return lanes.ok() && lanes->empty();
  }

  void LookLater() {
    timeline_.After(kLookEvery, [this] {
      if (AtWork() != nullptr && !process_->disk().dead()) audit_.Watch(process_->store());
      audit_.Ledgers();
      LookLater();
    });
  }

  Machine& machine_;
  const Plan& plan_;
  const HistoryOptions options_;
  const engine::Settings settings_;
  const Random random_;
  Timeline timeline_;
  Trace trace_;
  Coverage coverage_;
  Cloud cloud_;
  WireWatch watch_;
  People people_;
  Audit audit_;
  MachineTroubles troubles_{timeline_};
  Restoring restoring_{
      {.timeline = timeline_,
       .trace = trace_,
       .coverage = coverage_,
       .watch = watch_,
       .people = people_,
       .audit = audit_,
       .gateway = [this] { return troubles_.over() || troubles_.OfDisk().any() ? nullptr : AtWork(); }}};
  DiskImage image_;  // of the disk that the next process finds
  int64_t starts_ = 0;
  bool set_up_ = false;  // the integrations are made
  bool creating_ = false;
  size_t created_ = 0;
  bool greeted_ = false;  // the process is at work, and was looked at
  bool draining_ = false;
  size_t next_crash_ = 0;
  int passed_ = 0;  // changes or events since the next crash was due
  std::set<int> befallen_;
  std::unique_ptr<GatewayProcess> process_;  // last: it uses all of the above
};

}  // namespace

Machine::Machine()
    : kyiv(*KyivTime::Load()), vfs("simulated", true), audit_vfs("simulated-audit"), kept_connections(vfs) {}

HistoryResult RunHistory(Machine& machine, const Plan& plan, const HistoryOptions& options) {
  return HistoryRun(machine, plan, options).Run();
}

}  // namespace kasa::simulation
