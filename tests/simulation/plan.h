#ifndef KASA_TESTS_SIMULATION_PLAN_H_
#define KASA_TESTS_SIMULATION_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/kyiv_time.h"
#include "server/domain/document.h"
#include "server/domain/integration.h"
#include "tests/simulation/fault.h"
#include "tests/simulation/switches.h"

// A history as a seed draws it: everything that is decided before time begins. What happens within it
// (latencies, torn sectors) is drawn from forks of the same seed.
namespace kasa::simulation {

struct PlannedLine {
  int item = 0;             // names code, name and tax
  int64_t thousandths = 0;  // quantity
  int64_t price = 0;        // kopiykas
  int64_t discount = 0;
};

struct PlannedDocument {
  int id = 0;
  domain::DocumentKind kind = domain::DocumentKind::kSale;
  int at_register = 0;
  absl::Duration at;
  int order = -1;     // which shared order it is of; -1: one of its own
  int original = -1;  // returns: the document that is returned
  std::vector<PlannedLine> lines;
  int64_t amount = 0;  // payments: how much; returns: how many thousandths of the sale come back, in per cent
  int64_t order_total = 0;  // payments
  bool by_cash = false;
  absl::Duration max_wait;

  std::string name() const;  // the caller's document id
};

enum class DeedKind {
  kSendAgain,
  kCancel,
  kRetry,
  kCorrect,
  kResolve,
  kDeactivate,
  kRestart,
  kCheckConnection,
  kChangeMapping,  // not drawn with the others (later_draws.h)
};
inline constexpr int kDeedKinds = static_cast<int>(DeedKind::kChangeMapping) + 1;
absl::string_view NameOf(DeedKind kind);

struct PlannedDeed {
  int id = 0;
  DeedKind kind = DeedKind::kSendAgain;
  int document = 0;
  int at_register = 0;
  absl::Duration at;
  absl::Duration lasts;
  bool give_up = false;  // resolve: rather than send
};

// The process or the whole machine goes: at the first event or change of the disk after `at` and `changes`
// more changes.
struct PlannedCrash {
  int id = 0;
  absl::Duration at;
  bool at_disk_change = false;  // else between two events of the process
  int skip = 0;                 // so many of them are let pass
  bool power_cut = false;       // else only the process ends
  absl::Duration down;          // until it is started again
};

// The store is put back from a copy that was taken before, or is not known any more by the mark beside the
// configuration: every register waits for an operator's word (architecture.md, rule 11).
struct PlannedRestore {
  absl::Duration copied;
  absl::Duration at;
  absl::Duration down;
  absl::Duration adopted_after;
};

struct PlannedRegister {
  Switches switches;
  // What the operator takes for true of the register: never more than is.
  domain::TagMemory tag_memory = domain::TagMemory::kUnproven;
  domain::CashRounding cash_rounding = domain::CashRounding::kNone;
  domain::DoubtPolicy doubt_policy = domain::DoubtPolicy::kHold;
  std::optional<domain::QuietWindow> quiet_window;
};

// So many faults befall something in a history, or nearly always.
inline constexpr size_t kFewestFaults = 3;

struct Plan {
  uint64_t seed = 0;
  absl::Time start;
  absl::Duration horizon;  // from when on nothing goes wrong any more
  std::vector<PlannedRegister> registers;
  std::vector<PlannedDocument> documents;
  std::vector<PlannedDeed> actions;
  std::vector<Fault> faults;
  // Each befalls something only where fewer than kFewestFaults have befallen anything by its time.
  std::vector<Fault> held_back_faults;
  std::vector<PlannedCrash> crashes;
  std::optional<PlannedRestore> restore;

  // Takes away what these names say ("d3", "a1", "f2", "c1", "r0"), and what depends on it.
  void Drop(const std::set<std::string>& names);
  std::vector<std::string> Names() const;
  std::string Describe() const;
};

// With `overclaim`, operators claim more tag memory than a register has: to see that the checks notice.
Plan DrawPlan(uint64_t seed, const KyivTime& kyiv, bool overclaim = false);

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_PLAN_H_
