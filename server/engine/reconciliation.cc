#include "server/engine/reconciliation.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/engine/listing_walk.h"
#include "server/engine/unknown_receipts.h"

namespace kasa::engine {
namespace {

// How far back is looked where the store knows no receipt of the register.
constexpr absl::Duration kWithoutAnyReceipt = absl::Hours(24 * 7);

constexpr int kMostKnown = 20'000;
constexpr size_t kMostChecks = 200;

std::vector<std::string> NumbersIn(const domain::Look& look) {
  std::vector<std::string> numbers;
  for (const domain::ShiftDocuments& shift : look.documents) {
    for (const domain::ListedReceipt& row : shift.rows) {
      if (!row.fiscal_number.empty()) numbers.push_back(row.fiscal_number);
    }
  }
  return numbers;
}

}  // namespace

// One call of Reconcile().
struct Reconciler::Run {
  std::vector<RegisterReconciliation> registers;
  size_t left = 0;
  Done done;
};

Reconciler::Reconciler(World world) : world_(std::move(world)), tasks_(world_.executor) {}

void Reconciler::Reconcile(const std::vector<std::string>& registers, Done done) {
  if (registers.empty()) return std::move(done)({});
  auto run = std::make_shared<Run>();
  for (const std::string& one : registers) run->registers.push_back({.register_fiscal_number = one});
  run->left = registers.size();
  run->done = std::move(done);
  for (size_t at = 0; at < registers.size(); ++at) tasks_.Run(ReconcileOne(run, at));
}

Task<void> Reconciler::ReconcileOne(std::shared_ptr<Run> run, size_t at) {
  const std::string register_fiscal_number = run->registers[at].register_fiscal_number;
  RegisterReconciliation found = co_await LookInto(register_fiscal_number);
  world_.logger.Log(found.gap.empty() ? Severity::kInfo : Severity::kWarning, "store.reconciled",
                    {{"register", register_fiscal_number},
                     {"receipts", found.receipts},
                     {"own_unknown", found.unknown_own},
                     {"foreign", found.unknown_foreign},
                     {"whole", found.gap.empty()}});
  run->registers[at] = std::move(found);
  if (--run->left == 0) std::move(run->done)(std::move(run->registers));
}

Task<RegisterReconciliation> Reconciler::LookInto(const std::string& register_fiscal_number) {
  RegisterReconciliation found{.register_fiscal_number = register_fiscal_number};
  const auto record = world_.store.integrations().OfRegister(register_fiscal_number);
  if (!record.ok() || record->token.empty()) {
    found.gap = "no integration with a token serves it";
    co_return found;
  }
  const absl::Time now = world_.clock.Now();
  const auto newest = world_.store.looks().KnownReceipts(register_fiscal_number, now, {}, kMostKnown);
  if (!newest.ok()) {
    found.gap = std::string(newest.status().message());
    co_return found;
  }
  absl::Time since = newest->empty() ? now - kWithoutAnyReceipt : absl::InfinitePast();
  for (const domain::KnownReceipt& one : *newest) since = std::max(since, one.time.value_or(since));
  if (since == absl::InfinitePast()) since = now - kWithoutAnyReceipt;

  const ListingWalk::World walk_world{world_.store, world_.client, world_.executor};
  LookSubject subject{.register_fiscal_number = register_fiscal_number,
                      .integration_id = record->integration.id,
                      .token = record->token};
  ListingWalk walk(walk_world, std::move(subject));
  domain::Look look;
  co_await walk.Read(since, look);
  const std::vector<std::string> listed = NumbersIn(look);
  found.receipts = static_cast<int64_t>(listed.size());
  auto known = world_.store.looks().KnownReceipts(register_fiscal_number, since, listed, kMostKnown);
  if (!known.ok()) {
    found.gap = std::string(known.status().message());
    co_return found;
  }
  for (domain::KnownReceipt& one : *known) {
    const std::string fiscal_number = one.fiscal_number;
    look.known[fiscal_number] = std::move(one);
  }
  const domain::DoubtedReceipt nothing;
  const std::vector<std::string> to_check = domain::ToCheck(look, nothing, kMostChecks);
  co_await walk.Check(to_check, look);
  if (look.gap) found.gap = look.gap->words;
  const auto now_serves = world_.store.integrations().OfRegister(register_fiscal_number);
  if (!now_serves.ok() || now_serves->token != record->token) {
    found.gap = "its token was replaced while it was read";
    co_return found;
  }
  if (found.gap.empty() && domain::HasUnexplained(look, world_.installation.text())) {
    found.gap = "it has receipts of which nothing tells under which tag they were made";
  }
  co_await Remember(look, found);
  co_return found;
}

Task<void> Reconciler::Remember(const domain::Look& look, RegisterReconciliation& found) {
  absl::StatusOr<UnknownReceiptsSeen> seen =
      UnknownReceiptsIn(look, world_.store.looks(), world_.installation, found.register_fiscal_number);
  if (!seen.ok()) {
    found.gap = std::string(seen.status().message());
    co_return;
  }
  found.unknown_own = seen->own;
  found.unknown_foreign = seen->foreign;
  if (seen->receipts.empty()) co_return;
  const absl::Time now = world_.clock.Now();
  Callback<absl::StatusOr<bool>> remembering(world_.executor, [&](auto done) {
    world_.store.looks().RememberUnknown(found.register_fiscal_number, std::move(seen->receipts), now,
                                         std::move(done));
  });
  const absl::StatusOr<bool> remembered = co_await remembering;
  if (!remembered.ok()) {
    found.gap = absl::StrCat("what was found can't be stored: ", std::string(remembered.status().message()));
    co_return;
  }
  world_.remembered(found.register_fiscal_number);
  if (*remembered) world_.lost_history_seen(found.register_fiscal_number);
}

}  // namespace kasa::engine
