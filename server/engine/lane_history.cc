#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/engine/lane.h"
#include "server/engine/request_body.h"

// What a lane does about a history of its register that the store lost: architecture.md, rule 11.
namespace kasa::engine {

using domain::Failure;
using domain::Fiscalization;
using domain::RegisterStatus;
using domain::State;

void Lane::CompareWithStore(const RegisterStatus& status) {
  if (went_on_without_store_) return;
  const absl::StatusOr<store::LaneSummary> lane = world_.store.SummaryOfLane(register_);
  if (!lane.ok()) return;  // the next status is compared
  const absl::StatusOr<bool> went_on = looks_.RegisterWentOn(status, lane->in_doubt);
  if (!went_on.ok()) return;
  went_on_without_store_ = *went_on;
  if (*went_on) world_.logger.Log(Severity::kWarning, "register.went_on", {{"register", register_}});
}

Task<bool> Lane::LookedForLostHistory(const store::IntegrationRecord& record) {
  // While what is parked is looked for, it waits for the next head: that look sees the same receipts.
  if (!went_on_without_store_.value_or(false) || looks_.looking()) co_return false;
  went_on_without_store_ = false;
  co_await looks_.LookAround(record);
  co_return true;
}

Task<bool> Lane::HasReceiptFromLostHistory(const Fiscalization& unsettled,
                                           const store::IntegrationRecord& record) {
  const absl::StatusOr<bool> has = co_await DoubtLostReceipt(unsettled, record);
  if (has.ok()) co_return *has;
  co_await RestForStore(has.status(), nobody_);
  co_return true;
}

Task<absl::StatusOr<bool>> Lane::DoubtLostReceipt(const Fiscalization& unsettled,
                                                  const store::IntegrationRecord& record) {
  const auto lost = looks_.LostReceiptOf(unsettled);
  if (!lost.ok()) co_return lost.status();
  if (!lost->has_value()) co_return false;
  const domain::ListedReceipt& receipt = (*lost)->listed;
  if (unsettled.state == State::kInDoubt && unsettled.tag == receipt.tag) co_return false;
  Fiscalization has = unsettled;
  has.tag = receipt.tag;
  // Where the listing told no time, it is looked for as far back as a shift may reach.
  constexpr absl::Duration kLongestShift = absl::Hours(48);
  const store::SeenReceipt seen{
      .fiscalization_id = unsettled.id,
      .revision = unsettled.revision,
      .tag = receipt.tag,
      .tag_number = (*lost)->tag_number,
      .body = RequestBodyFor(has, record.integration),
      .since = receipt.time.value_or(world_.clock.Now() - kLongestShift),
      .why = Failure{.reason = Reason::kStoreCopied,
                     .message = absl::StrCat("the register has receipt ", receipt.fiscal_number,
                                             " under its tag, from a history that this store lost")}};
  Callback<absl::StatusOr<Fiscalization>> doubting(
      world_.executor, [&](auto done) { world_.store.looks().DoubtAsSeen(seen, std::move(done)); });
  const absl::StatusOr<Fiscalization> doubted = co_await doubting;
  // A caller cancelled it, or sent it anew with other content: it is read anew.
  if (ReasonOf(doubted.status()) == Reason::kEtagMismatch) co_return true;
  if (!doubted.ok()) co_return doubted.status();
  // Its first send is the lost one now, and not one of this process.
  first_sends_.erase(receipt.tag);
  world_.board.Publish(*doubted);
  co_return true;
}

}  // namespace kasa::engine
