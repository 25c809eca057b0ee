#include <algorithm>
#include <utility>

#include "server/engine/looks.h"

// Looks for no doubt in particular: whether somebody else writes to the register, or did before this store.
namespace kasa::engine {

using domain::Look;

absl::StatusOr<bool> Looks::RegisterWentOn(const domain::RegisterStatus& status, int64_t doubts) const {
  const auto newest = world_.store.looks().NewestNumbers(register_);
  if (!newest.ok()) return newest.status();
  const auto elsewhere = [doubts](std::optional<int64_t> told, std::optional<int64_t> known) {
    return told && known && (*told < *known || *told > *known + doubts);
  };
  return elsewhere(status.last_receipt_number, newest->sale) ||
         elsewhere(status.last_return_number, newest->returned);
}

bool Looks::NumbersJump(const std::string& shift, std::optional<int64_t> local_number) {
  const bool comparable = !shift.empty() && shift == last_shift_ && local_number && last_number_;
  const bool jump = comparable && *local_number > *last_number_ + 1;
  last_shift_ = shift;
  last_number_ = local_number;
  return jump;
}

Task<void> Looks::LookAround(const store::IntegrationRecord& record) {
  if (looking_ || world_.clock.Monotonic() < std::max(not_before_, around_not_before_)) co_return;
  looking_ = true;
  const absl::Duration began = world_.clock.Monotonic();
  const absl::Time since = world_.clock.Now();
  Look look;
  const ListingWalk::World walk_world{world_.store, world_.client, world_.executor};
  LookSubject subject{
      .register_fiscal_number = register_, .integration_id = record.integration.id, .token = record.token};
  ListingWalk walk(walk_world, std::move(subject));
  co_await walk.Read(since, look);
  FillInKnown(since, look);
  const domain::DoubtedReceipt nothing;
  const std::vector<std::string> to_check = domain::ToCheck(look, nothing, kMostChecks);
  co_await walk.Check(to_check, look);
  const auto now = world_.store.integrations().OfRegister(register_);
  look.register_verified = now.ok() && now->token == record.token;
  co_await Remember(look);
  const absl::Duration ended = world_.clock.Monotonic();
  not_before_ = std::max(not_before_, ended + (ended - began) * kRestAfterLook);
  // Nothing hangs on it, so it is not done often; a look for a doubt does not wait for that.
  around_not_before_ = ended + world_.settings.looks_apart;
  looking_ = false;
}

}  // namespace kasa::engine
