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
#include "tests/simulation/mark_reader.h"
#include "tests/simulation/people.h"
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
    EndTroubles();
    const bool quiet = RunUntilQuiet();
    if (!trace_.violation() && process_ != nullptr && process_->started()) {
      audit_.AtEnd(process_->store(), true);
      if (!quiet) trace_.Violate("liveness", "the lanes are not empty");
    } else if (!trace_.violation()) {
      trace_.Violate("liveness", "the gateway does not start any more");
    }
    process_.reset();
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
    watch_.taken_for_absent = [this](const std::string& tag) {
      return audit_.TakenForAbsent(process_->store(), tag);
    };
    if (options_.read_marks) {
      watch_.is_marked = [this](const std::string& tag, const std::string& body) {
        return HasSyncedMark(machine_.audit_vfs, process_->disk(), DatabasePath(), tag, body);
      };
    }
    for (const Fault& fault : plan_.faults) {
      if (!IsOfMachine(fault.kind)) continue;
      timeline_.At(fault.from, [this, fault] { BeginTrouble(fault); });
      timeline_.At(fault.from + fault.lasts, [this, fault] { EndTrouble(fault); });
    }
    LookLater();
  }

  void Befell(const Fault& fault) {
    if (!befallen_.insert(fault.id).second) return;
    coverage_.Count(absl::StrCat("fault/", NameOf(fault.kind)));
    trace_.Say("fault ", fault.Describe());
  }

  // --- the machine
  void BeginTrouble(const Fault& fault) {
    if (troubles_over_) return;
    Befell(fault);
    if (fault.kind == FaultKind::kWallClockJump) {
      timeline_.JumpWall(fault.jump);
      jumped_ += fault.jump;
    }
    troubles_.push_back(fault);
    ApplyTroubles();
  }

  void EndTrouble(const Fault& fault) {
    if (troubles_over_) return;
    if (fault.kind == FaultKind::kWallClockJump) {
      timeline_.JumpWall(-fault.jump);
      jumped_ -= fault.jump;
    }
    std::erase_if(troubles_, [&](const Fault& one) { return one.id == fault.id; });
    ApplyTroubles();
  }

  void ApplyTroubles() {
    if (process_ == nullptr) return;
    DiskTrouble trouble;
    for (const Fault& fault : troubles_) {
      trouble.full = trouble.full || fault.kind == FaultKind::kDiskFull;
      trouble.writes_fail = trouble.writes_fail || fault.kind == FaultKind::kDiskWritesFail;
      trouble.reads_fail = trouble.reads_fail || (fault.kind == FaultKind::kDiskWritesFail && fault.made);
      trouble.syncs_fail = trouble.syncs_fail || fault.kind == FaultKind::kDiskSyncsFail;
      trouble.syncs_forget = trouble.syncs_forget || (fault.kind == FaultKind::kDiskSyncsFail && fault.made);
    }
    process_->disk().trouble = trouble;
  }

  void EndTroubles() {
    trace_.Say("from here on nothing goes wrong any more");
    cloud_.EndFaults();
    timeline_.JumpWall(-jumped_);
    troubles_.clear();
    ApplyTroubles();
    troubles_over_ = true;
  }

  // --- the process
  void StartProcess() {
    ++starts_;
    trace_.Say("the gateway starts");
    const Random random = random_.Fork(kProcessRandom).Fork(static_cast<uint64_t>(starts_));
    auto disk = std::make_shared<MemoryDisk>(std::move(image_));
    disk->crash_now = [this] { return CrashesAtThisChange(); };
    process_ =
        std::make_unique<GatewayProcess>(GatewayParts{.timeline = timeline_,
                                                      .vfs = machine_.vfs,
                                                      .cloud = cloud_,
                                                      .watch = watch_,
                                                      .trace = trace_,
                                                      .kyiv = machine_.kyiv,
                                                      .settings = settings_},
                                         static_cast<Timeline::Owner>(starts_), std::move(disk), random);
    greeted_ = draining_ = false;
    ApplyTroubles();
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
    audit_.AfterStart(process_->store());
    for (const std::string& tag : watch_.Bindings()) {
      if (!AskedAgainIsStored(tag)) watch_.ForgetBinding(tag);
    }
    people_.FindLostResolutions();
  }

  bool AskedAgainIsStored(const std::string& tag) {
    const auto page = process_->store().ListFiscalizations({}, std::nullopt, 1000);
    if (!page.ok()) return false;
    for (const auto& one : page->fiscalizations) {
      const auto exchanges = process_->store().ListExchanges(one.id, 0, 500);
      if (!exchanges.ok()) return false;
      for (auto exchange = exchanges->exchanges.rbegin(); exchange != exchanges->exchanges.rend();
           ++exchange) {
        if (exchange->tag != tag) continue;
        if (exchange->outcome == "DOUBT_SAME_TAG_NEXT") return true;
        // What was not judged leaves the register bound.
        static const std::set<std::string> kJudged = {"DONE", "REFUSED_DOCUMENT", "REFUSED_REGISTER",
                                                      "SHIFT_CLOSED", "UNKNOWN_REFUSAL"};
        if (kJudged.count(exchange->outcome) > 0) return false;
      }
    }
    return false;
  }

  void CreateIntegrations() {
    creating_ = true;
    for (size_t at = 0; at < plan_.registers.size(); ++at) {
      const PlannedRegister& planned = plan_.registers[at];
      store::IntegrationRecord record;
      domain::Integration& one = record.integration;
      one.id = People::IntegrationId(static_cast<int>(at));
      one.legal_entity_id = "tov-1";
      one.active = true;
      one.cashier_name = "Каса";
      one.tag_memory = planned.tag_memory;
      one.cash_rounding = planned.cash_rounding;
      one.part_payments = domain::PartPayments::kAllowed;
      one.default_payment_line = domain::DefaultPaymentLine{"Оплата замовлення", "vat20"};
      if (planned.quiet_window) one.quiet_window = domain::QuietWindow{23 * 60 + 55, 24 * 60};
      one.token_state = domain::TokenState::kAccepted;
      one.pinned_register =
          domain::PinnedRegister{.fiscal_number = cloud_.at(at).number(), .edrpou = "12345678"};
      record.token = Secret(cloud_.TokenOf(at));
      domain::Mapping mapping;
      mapping.tax_groups = {{"vat20", 1}, {"none", 2}, {"vat7", 4}};
      mapping.payment_types = {{"cash", 0}, {"card", 2}};
      process_->store().CreateIntegration(
          std::move(record), std::move(mapping),
          [](store::IntegrationRecord&, const store::IntegrationSurroundings&) { return absl::OkStatus(); },
          [this](const absl::StatusOr<domain::Integration>& created) {
            if (!created.ok()) throw std::logic_error(created.status().ToString());
            if (++created_ < plan_.registers.size()) return;
            set_up_ = true;
            creating_ = false;
            people_.Begin();
          });
    }
  }

  // --- crashes
  const PlannedCrash* DueCrash() const {
    if (troubles_over_ || !set_up_ || next_crash_ >= plan_.crashes.size()) return nullptr;
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
    if (process_->disk().dead() || CrashesBetweenEvents()) {
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
  DiskImage image_;  // of the disk that the next process finds
  int64_t starts_ = 0;
  bool set_up_ = false;  // the integrations are made
  bool creating_ = false;
  size_t created_ = 0;
  bool greeted_ = false;  // the process is at work, and was looked at
  bool draining_ = false;
  size_t next_crash_ = 0;
  int passed_ = 0;  // changes or events since the next crash was due
  std::vector<Fault> troubles_;
  bool troubles_over_ = false;
  absl::Duration jumped_;
  std::set<int> befallen_;
  std::unique_ptr<GatewayProcess> process_;  // last: it uses all of the above
};

}  // namespace

Machine::Machine() : kyiv(*KyivTime::Load()), vfs("simulated", true), audit_vfs("simulated-audit") {}

HistoryResult RunHistory(Machine& machine, const Plan& plan, const HistoryOptions& options) {
  return HistoryRun(machine, plan, options).Run();
}

}  // namespace kasa::simulation
