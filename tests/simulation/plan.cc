#include "tests/simulation/plan.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/simulation/later_draws.h"

namespace kasa::simulation {
namespace {

using domain::DocumentKind;

constexpr std::array<absl::string_view, kDeedKinds> kDeedNames = {
    "send_again", "cancel",           "retry",         "correct", "resolve", "deactivate",
    "restart",    "check_connection", "change_mapping"};

// Purposes of the forks of a plan's generator; fixed, so that a part keeps its numbers when another one
// changes.
enum Purpose : uint64_t {
  kFrame = 1,
  kRegisters,
  kDocuments,
  kActions,
  kFaults,
  kCrashes,
  kRestores,
  kAReturn,
  kHeldBackFaults,
  kClosings,
  kStatusTroubles,
  kLaterSwitches,
  kReceiptsRefused,
  kMappingChanges
};

absl::Time DrawStart(Random& random, const KyivTime& kyiv) {
  // Days of no note, and those on which the clocks change.
  const absl::CivilDay day = random.Percent(80)   ? absl::CivilDay(2025, 11, 24) + random.Below(20)
                             : random.Percent(50) ? absl::CivilDay(2025, 10, 25)
                                                  : absl::CivilDay(2026, 3, 28);
  // Where the day ends within the history, half of the time.
  const int minute =
      random.Percent(50) ? random.Between(22 * 60 + 30, 23 * 60 + 58) : random.Between(30, 22 * 60);
  return kyiv.AtMinuteOf(day, minute) + random.Between(absl::ZeroDuration(), absl::Minutes(1));
}

domain::TagMemory ClaimFor(TagMemory memory, Random& random, bool overclaim) {
  using domain::TagMemory;
  if (overclaim) return TagMemory::kForever;
  switch (memory) {
    case simulation::TagMemory::kNever:
      return TagMemory::kUnproven;
    case simulation::TagMemory::kShift:
      return random.Percent(75) ? TagMemory::kSameShift : TagMemory::kUnproven;
    case simulation::TagMemory::kForever:
      return random.Pick({TagMemory::kForever, TagMemory::kSameShift, TagMemory::kUnproven});
  }
  return TagMemory::kUnproven;
}

std::vector<PlannedLine> DrawLines(Random& random) {
  std::vector<PlannedLine> lines(static_cast<size_t>(random.Percent(50) ? 1 : random.Between(2, 3)));
  for (PlannedLine& line : lines) {
    line.item = random.Below(6);
    line.thousandths = random.Percent(60) ? random.Between(1, 5) * 1000 : random.Between(100, 9999);
    line.price = random.Between(500, 50000);
    if (random.Percent(25)) line.discount = random.Between(1, 40);
  }
  return lines;
}

void DrawDocuments(Plan& plan, Random random) {
  const int count = random.Between(10, 13);
  const int registers = static_cast<int>(plan.registers.size());
  const int shared_orders = random.Between(0, 2);
  for (int id = 0; id < count; ++id) {
    PlannedDocument document;
    document.id = id;
    document.at_register = random.Below(registers);
    document.at = random.Between(absl::ZeroDuration(), plan.horizon * 0.7);
    document.by_cash = random.Percent(40);
    document.max_wait = random.Pick({absl::ZeroDuration(), absl::Seconds(10), absl::Seconds(60)});
    document.lines = DrawLines(random);
    const int part = id < 3 ? id * 4 : random.Below(10);
    if (part < 5) {
      document.kind = DocumentKind::kSale;
    } else if (part < 8 && id > 0) {
      document.kind = DocumentKind::kReturn;
      document.original = random.Below(id);
      document.amount = random.Pick<int64_t>({100, 100, 50, 30});
    } else {
      document.kind = DocumentKind::kPayment;
      document.order_total = random.Between(1000, 90000);
      document.amount = random.Percent(60) ? document.order_total : random.Between(500, 90000);
    }
    if (document.kind != DocumentKind::kReturn && shared_orders > 0 && random.Percent(35)) {
      document.order = random.Below(shared_orders);
      document.at_register = document.order % registers;
      if (document.kind == DocumentKind::kPayment) document.order_total = 60000 + document.order;
    }
    plan.documents.push_back(document);
  }
  // What is returned must be a sale or a payment, and the return comes later, on the same register.
  for (PlannedDocument& document : plan.documents) {
    if (document.kind != DocumentKind::kReturn) continue;
    const PlannedDocument& original = plan.documents[static_cast<size_t>(document.original)];
    if (original.kind == DocumentKind::kReturn) document.original = 0;
    const PlannedDocument& returned = plan.documents[static_cast<size_t>(document.original)];
    document.at_register = returned.at_register;
    document.at = std::max(document.at, returned.at + random.Between(absl::Seconds(1), absl::Minutes(10)));
  }
}

void DrawActions(Plan& plan, Random random) {
  const int count = random.Between(1, 7);
  for (int id = 0; id < count; ++id) {
    PlannedDeed action;
    action.id = id;
    action.kind = static_cast<DeedKind>(random.Below(static_cast<int>(DeedKind::kChangeMapping)));
    action.document = random.Below(static_cast<int>(plan.documents.size()));
    action.at_register = random.Below(static_cast<int>(plan.registers.size()));
    action.at = random.Between(absl::Seconds(1), plan.horizon);
    action.lasts = random.Between(absl::Seconds(10), absl::Minutes(10));
    action.give_up = random.Percent(50);
    plan.actions.push_back(action);
  }
}

void DrawCrashes(Plan& plan, Random random) {
  if (random.Percent(45)) return;
  const int count = random.Percent(70) ? 1 : random.Between(2, 4);
  for (int id = 0; id < count; ++id) {
    PlannedCrash crash;
    crash.id = id;
    // Soon after something begins, most of the time: there is more to be caught in the middle of.
    const absl::Duration about = random.Percent(70) ? random.PickFrom(plan.documents).at
                                                    : random.Between(absl::ZeroDuration(), plan.horizon);
    crash.at = about +
               random.Between(absl::ZeroDuration(), random.Percent(70) ? absl::Seconds(3) : absl::Minutes(3));
    crash.at_disk_change = random.Percent(60);
    crash.skip = random.Below(random.Percent(50) ? 12 : 80);
    crash.power_cut = random.Percent(70);
    crash.down =
        random.Between(absl::Milliseconds(200), random.Percent(70) ? absl::Seconds(10) : absl::Minutes(15));
    plan.crashes.push_back(crash);
  }
  std::sort(plan.crashes.begin(), plan.crashes.end(),
            [](const PlannedCrash& a, const PlannedCrash& b) { return a.at < b.at; });
}

void DrawRestore(Plan& plan, Random random) {
  if (random.Percent(85)) return;
  PlannedRestore restore;
  restore.at = random.Between(absl::Minutes(1), plan.horizon * 0.9);
  restore.copied = restore.at;
  if (random.Percent(65)) {
    const absl::Duration age = random.Between(absl::Seconds(1), absl::Minutes(15));
    restore.copied = std::max(absl::Seconds(5), restore.at - age);
  }
  restore.down = random.Between(absl::Seconds(1), absl::Minutes(3));
  restore.adopted_after = random.Between(absl::Seconds(1), absl::Minutes(10));
  plan.restore = restore;
}

}  // namespace

absl::string_view NameOf(DeedKind kind) {
  return kDeedNames.at(static_cast<size_t>(kind));
}

std::string PlannedDocument::name() const {
  const char* const prefix = kind == DocumentKind::kSale ? "S-" : kind == DocumentKind::kReturn ? "R-" : "P-";
  return absl::StrCat(prefix, id);
}

Plan DrawPlan(uint64_t seed, const KyivTime& kyiv, bool overclaim) {
  const Random random(seed);
  Plan plan;
  plan.seed = seed;
  Random frame = random.Fork(kFrame);
  plan.start = DrawStart(frame, kyiv);
  plan.horizon = frame.Between(absl::Minutes(8), absl::Minutes(60));
  Random of_registers = random.Fork(kRegisters);
  plan.registers.resize(static_cast<size_t>(frame.Percent(75) ? 2 : 3));
  uint64_t number = 0;
  for (PlannedRegister& drawn : plan.registers) {
    Random one = of_registers.Fork(++number);
    drawn.switches = Switches::Draw(one.Fork(1));
    drawn.switches.DrawLater(random.Fork(kLaterSwitches).Fork(number));
    drawn.tag_memory = ClaimFor(drawn.switches.tag_memory, one, overclaim);
    drawn.cash_rounding = one.Pick({domain::CashRounding::kNone, domain::CashRounding::kTenKopiykas,
                                    domain::CashRounding::kFiftyKopiykas});
    if (one.Percent(20)) drawn.quiet_window = domain::QuietWindow{23 * 60 + 55, 24 * 60};
    drawn.doubt_policy = one.Percent(30) ? domain::DoubtPolicy::kPark : domain::DoubtPolicy::kHold;
  }
  DrawDocuments(plan, random.Fork(kDocuments));
  MakeSureOfAReturn(plan, random.Fork(kAReturn));
  DrawActions(plan, random.Fork(kActions));
  Random of_faults = random.Fork(kFaults);
  const int faults = of_faults.Between(3, 9);
  for (int id = 0; id < faults; ++id) {
    plan.faults.push_back(Fault::Draw(of_faults.Fork(static_cast<uint64_t>(id) + 1), id,
                                      static_cast<int>(plan.registers.size()), plan.horizon * 0.9));
  }
  DrawCrashes(plan, random.Fork(kCrashes));
  DrawRestore(plan, random.Fork(kRestores));
  DrawClosings(plan, random.Fork(kClosings), kyiv);
  DrawStatusTroubles(plan, random.Fork(kStatusTroubles));
  DrawRefusedReceipts(plan, random.Fork(kReceiptsRefused));
  DrawMappingChanges(plan, random.Fork(kMappingChanges));
  DrawHeldBackFaults(plan, random.Fork(kHeldBackFaults));
  return plan;
}

void Plan::Drop(const std::set<std::string>& names) {
  for (std::vector<Fault>* const all : {&faults, &held_back_faults}) {
    std::erase_if(*all, [&](const Fault& one) { return names.contains(absl::StrCat("f", one.id)); });
  }
  std::erase_if(crashes, [&](const PlannedCrash& one) { return names.contains(absl::StrCat("c", one.id)); });
  if (names.contains("r0")) restore.reset();
  std::set<int> gone;
  for (const PlannedDocument& one : documents) {
    if (names.contains(absl::StrCat("d", one.id)) || gone.contains(one.original)) gone.insert(one.id);
  }
  std::erase_if(documents, [&](const PlannedDocument& one) { return gone.contains(one.id); });
  std::erase_if(actions, [&](const PlannedDeed& one) {
    return names.contains(absl::StrCat("a", one.id)) || gone.contains(one.document);
  });
}

std::vector<std::string> Plan::Names() const {
  std::vector<std::string> names;
  for (const PlannedDocument& one : documents) names.push_back(absl::StrCat("d", one.id));
  for (const PlannedDeed& one : actions) names.push_back(absl::StrCat("a", one.id));
  for (const Fault& one : faults) names.push_back(absl::StrCat("f", one.id));
  for (const Fault& one : held_back_faults) names.push_back(absl::StrCat("f", one.id));
  for (const PlannedCrash& one : crashes) names.push_back(absl::StrCat("c", one.id));
  if (restore) names.emplace_back("r0");
  return names;
}

std::string Plan::Describe() const {
  std::string text =
      absl::StrCat("seed ", seed, ", from ", absl::FormatTime(start, absl::UTCTimeZone()), " for ",
                   absl::FormatDuration(absl::Trunc(horizon, absl::Seconds(1))), "\n");
  for (size_t i = 0; i < registers.size(); ++i) {
    absl::StrAppend(&text, "  register ", i + 1, ": claimed tag memory ",
                    static_cast<int>(registers[i].tag_memory),
                    registers[i].doubt_policy == domain::DoubtPolicy::kPark ? ", PARK, " : ", ",
                    absl::StrJoin(registers[i].switches.Values(), " "), "\n");
  }
  const auto when = [](absl::Duration at) {
    return absl::FormatDuration(absl::Trunc(at, absl::Milliseconds(1)));
  };
  for (const PlannedDocument& one : documents) {
    absl::StrAppend(&text, "  d", one.id, " ", one.name(), " at register ", one.at_register + 1, " after ",
                    when(one.at), one.order >= 0 ? absl::StrCat(", order ", one.order) : "",
                    one.original >= 0 ? absl::StrCat(", of d", one.original) : "", "\n");
  }
  for (const PlannedDeed& one : actions) {
    absl::StrAppend(&text, "  a", one.id, " ", NameOf(one.kind), " d", one.document, " / register ",
                    one.at_register + 1, " after ", when(one.at), "\n");
  }
  for (const Fault& one : faults) absl::StrAppend(&text, "  ", one.Describe(), "\n");
  for (const Fault& one : held_back_faults) {
    absl::StrAppend(&text, "  ", one.Describe(), ", if there were too few\n");
  }
  for (const PlannedCrash& one : crashes) {
    absl::StrAppend(&text, "  c", one.id, one.power_cut ? " power cut" : " kill", " after ", when(one.at),
                    " and ", one.skip, one.at_disk_change ? " changes of the disk" : " events", ", down for ",
                    when(one.down), "\n");
  }
  if (restore) {
    absl::StrAppend(&text, "  r0 the store of ", when(restore->copied), " is put back after ",
                    when(restore->at), ", and adopted ", when(restore->adopted_after), " after the start\n");
  }
  return text;
}

}  // namespace kasa::simulation
