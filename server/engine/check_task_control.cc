#include "server/engine/check_task_control.h"

#include <utility>
#include <vector>

#include "server/domain/tag.h"
#include "server/engine/check_task_record.h"

namespace kasa::engine {

using domain::Fiscalization;

Task<void> CheckTaskControl::DropForeignTag(const Fiscalization& asked_about, const Secret& token,
                                            bool drop_if_unknown, std::optional<absl::Duration> timeout,
                                            domain::TaskFacts& checked) const {
  if (checked.tag.empty() || domain::IsOfSameInstallation(checked.tag, asked_about.tag)) co_return;
  const std::optional<bool> tells = co_await TellsOurTags(asked_about, token, timeout);
  if (!tells.value_or(!drop_if_unknown)) checked.tag.clear();
}

Task<std::optional<bool>> CheckTaskControl::TellsOurTags(const Fiscalization& asked_about,
                                                         const Secret& token,
                                                         std::optional<absl::Duration> timeout) const {
  const absl::StatusOr<std::vector<domain::KnownReceipt>> known =
      store.looks().KnownReceipts(asked_about.register_fiscal_number, absl::InfiniteFuture(), {}, 1);
  if (!known.ok() || known->empty()) co_return std::nullopt;
  const domain::KnownReceipt& ours = known->front();
  Callback<vchasno::CheckTaskAnswer> asking(
      executor, [&](auto done) { client.CheckTask(token, ours.fiscal_number, timeout, std::move(done)); });
  const vchasno::CheckTaskAnswer checked = co_await asking;
  store::Exchange record = CheckTaskRecord(asked_about, checked, /*contradicts=*/false);
  record.outcome = checked.facts.answered ? "answered" : "says nothing";
  Callback<absl::StatusOr<int64_t>> recorded(
      executor, [&](auto done) { store.sends().RecordExchange(std::move(record), std::move(done)); });
  static_cast<void>(co_await recorded);  // a look-up changes nothing: its record is for the audit alone
  if (!checked.facts.answered || checked.facts.tag.empty()) co_return std::nullopt;
  co_return domain::SameTag(checked.facts.tag, ours.tag);
}

}  // namespace kasa::engine
