#include "tests/simulation/later_draws.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace kasa::simulation {

using domain::DocumentKind;

void MakeSureOfAReturn(Plan& plan, Random random) {
  auto& documents = plan.documents;
  const auto is_return = [](const PlannedDocument& one) { return one.kind == DocumentKind::kReturn; };
  if (std::any_of(documents.begin(), documents.end(), is_return)) return;
  const auto alone = std::find_if(documents.rbegin(), documents.rend(),
                                  [](const PlannedDocument& one) { return one.order < 0; });
  PlannedDocument& turned = alone != documents.rend() && alone->id > 2 ? *alone : documents.back();
  turned.kind = DocumentKind::kReturn;
  turned.order = -1;
  turned.original = random.Below(3);  // a sale, a sale, a payment
  turned.amount = random.Pick<int64_t>({100, 100, 50, 30});
  const PlannedDocument& returned = documents[static_cast<size_t>(turned.original)];
  turned.at_register = returned.at_register;
  turned.at = std::max(turned.at, returned.at + random.Between(absl::Seconds(1), absl::Minutes(10)));
}

namespace {

// Beyond those of the faults that Fault::Draw() made.
constexpr int kFirstIdAtClosing = 20;
constexpr int kFirstIdOfStatuses = 30;
constexpr int kIdOfRefusedReceipt = 40;
constexpr int kFirstIdOfMappings = 45;
constexpr int kFirstIdHeldBack = 50;

// The document about which a register closes; nothing where it gets none.
const PlannedDocument* DocumentAtClosing(const Plan& plan, Random& random, int at_register) {
  std::vector<const PlannedDocument*> here;
  for (const PlannedDocument& one : plan.documents) {
    if (one.at_register == at_register) here.push_back(&one);
  }
  return here.empty() ? nullptr : random.PickFrom(here);
}

// It asks for the document's request again, a few times.
Fault AskedAgainAtClosing(Random& random, const PlannedDocument& document, int id) {
  Fault fault;
  fault.id = id;
  fault.kind = random.Pick({FaultKind::kMayRepeat, FaultKind::kCollision});
  fault.at_register = document.at_register;
  fault.from = document.at;
  fault.requests = random.Between(1, 5);
  fault.made = random.Percent(70);
  fault.code = 1105;
  return fault;
}

}  // namespace

void DrawClosings(Plan& plan, Random random, const KyivTime& kyiv) {
  // Clocks may differ by 5 minutes (rule 10), so whoever sets a window leaves as much on either side.
  constexpr int kLeast = 6;
  for (size_t at = 0; at < plan.registers.size(); ++at) {
    Random one = random.Fork(at + 1);
    if (!one.Percent(25)) continue;
    const int at_register = static_cast<int>(at);
    const PlannedDocument* const document = DocumentAtClosing(plan, one, at_register);
    if (document == nullptr) continue;
    PlannedRegister& closes = plan.registers[at];
    const absl::Time closing =
        plan.start + document->at + one.Between(-absl::Minutes(2), absl::Minutes(2 * kLeast));
    const absl::CivilDay day = kyiv.DayOf(closing);
    const int minute = static_cast<int>(absl::ToInt64Minutes(closing - kyiv.StartOf(day)));
    const domain::QuietWindow window{minute - one.Between(kLeast, 2 * kLeast),
                                     minute + one.Between(kLeast + 1, 3 * kLeast)};
    const absl::Time by_its_clock = kyiv.AtMinuteOf(day, minute) + closes.switches.clock_ahead;
    const bool clocks_change = kyiv.StartOf(day + 1) - kyiv.StartOf(day) != absl::Hours(24);
    if (window.start_minute < 0 || window.end_minute > 24 * 60 || kyiv.DayOf(by_its_clock) != day ||
        clocks_change) {
      continue;
    }
    closes.quiet_window = window;
    closes.switches.closing_minute = static_cast<int>(absl::ToInt64Minutes(by_its_clock - kyiv.StartOf(day)));
    if (one.Percent(50)) {
      plan.faults.push_back(AskedAgainAtClosing(one, *document, kFirstIdAtClosing + at_register));
    }
  }
}

void DrawStatusTroubles(Plan& plan, Random random) {
  if (random.Percent(50)) return;
  constexpr int kShiftNotOpen = 2007;  // one client's word, which a status has to confirm
  const PlannedDocument& about = random.PickFrom(plan.documents);
  Fault unanswered{.id = kFirstIdOfStatuses, .at_register = about.at_register, .from = about.at};
  unanswered.kind = random.Pick({FaultKind::kSlow, FaultKind::kLate, FaultKind::kNoAnswer,
                                 FaultKind::kConnectionCut, FaultKind::kBodyCut});
  unanswered.requests = random.Between(1, 2);
  unanswered.of_status = true;
  Fault before{.id = kFirstIdOfStatuses + 1, .at_register = about.at_register, .from = about.at};
  before.jump = random.Pick({absl::Hours(1), -absl::Hours(1)});
  const int part = random.Below(10);
  if (part < 2) {
    before.kind = FaultKind::kClockOff;
    before.lasts = absl::Minutes(5);
    unanswered.let_pass = 1;
    plan.faults.push_back(before);
  } else if (part < 4) {
    before.kind = FaultKind::kRefused;
    before.code = kShiftNotOpen;
    unanswered.let_pass = random.Below(2);
    plan.faults.push_back(before);
  }
  plan.faults.push_back(unanswered);
  if (random.Percent(40)) return;
  PlannedDeed check{.id = kFirstIdOfStatuses, .kind = DeedKind::kCheckConnection, .document = about.id};
  check.at_register = about.at_register;
  check.at = about.at + random.Between(absl::Seconds(1), absl::Seconds(170));
  plan.actions.push_back(check);
}

void DrawRefusedReceipts(Plan& plan, Random random) {
  if (random.Percent(95)) return;
  const PlannedDocument& about = random.PickFrom(plan.documents);
  Fault fault{.id = kIdOfRefusedReceipt, .at_register = about.at_register, .from = about.at};
  fault.kind = FaultKind::kRefusedReceipt;
  fault.made = true;
  fault.code = random.Pick({1001, 1038, 1097, 4242});  // unknown ones, and two of the document
  plan.faults.push_back(fault);
}

void DrawMappingChanges(Plan& plan, Random random) {
  if (random.Percent(65)) return;
  const int changes = random.Between(1, 2);
  for (int change = 0; change < changes; ++change) {
    const PlannedDocument& about = random.PickFrom(plan.documents);
    PlannedDeed deed{.id = kFirstIdOfMappings + change, .kind = DeedKind::kChangeMapping};
    deed.document = about.id;
    deed.at_register = about.at_register;
    deed.at = about.at +
              random.Between(absl::ZeroDuration(), random.Percent(50) ? absl::Seconds(2) : absl::Minutes(10));
    plan.actions.push_back(deed);
  }
}

void DrawHeldBackFaults(Plan& plan, Random random) {
  std::vector<const PlannedDocument*> late;
  for (const PlannedDocument& one : plan.documents) late.push_back(&one);
  std::sort(late.begin(), late.end(),
            [](const PlannedDocument* a, const PlannedDocument* b) { return a->at < b->at; });
  late.erase(late.begin(), late.begin() + static_cast<std::ptrdiff_t>(late.size() / 4));
  for (const PlannedDocument* const struck : late) {
    const int id = kFirstIdHeldBack + static_cast<int>(plan.held_back_faults.size());
    Fault fault;
    do {
      fault = Fault::Draw(random.Fork(random.Next()), id, 1, plan.horizon);
    } while (!IsOfRequest(fault.kind));
    fault.at_register = struck->at_register;
    fault.from = struck->at;
    fault.of_status = false;
    plan.held_back_faults.push_back(fault);
  }
}

}  // namespace kasa::simulation
