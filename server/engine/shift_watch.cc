#include "server/engine/shift_watch.h"

#include <utility>

#include "server/domain/shift_age.h"
#include "server/engine/connection_reading.h"
#include "server/engine/quiet_window.h"

namespace kasa::engine {

ShiftWatch::ShiftWatch(const Parts& parts) : parts_(parts), wake_(parts.executor) {}

void ShiftWatch::Start() {
  run_ = Run();
  run_.Start();
}

void ShiftWatch::Drain() {
  draining_ = true;
  wake_.Set();
}

Task<void> ShiftWatch::Run() {
  while (!draining_) {
    co_await LookAtAll();
    co_await wake_.Wait(parts_.settings.shift_look);
  }
}

Task<void> ShiftWatch::LookAtAll() {
  constexpr int kPage = 200;
  std::string after;
  do {
    const auto page = parts_.store.integrations().List(after, kPage, /*archived=*/false);
    if (!page.ok()) co_return;  // the lanes tell of the store's trouble; this is tried again
    for (const domain::Integration& integration : page->integrations) {
      if (draining_) co_return;
      co_await LookAt(integration);
    }
    after = page->next_after_id;
  } while (!after.empty());
}

Task<void> ShiftWatch::LookAt(const domain::Integration& integration) {
  const bool works = integration.active && integration.pinned_register &&
                     integration.token_state == domain::TokenState::kAccepted;
  if (!works) co_return;
  const std::string& fiscal_number = integration.pinned_register->fiscal_number;
  const absl::Time now = parts_.clock.Now();
  if (parts_.lanes.IsPaused(fiscal_number) || QuietTimeLeft(integration, parts_.kyiv, now)) co_return;
  const auto record = parts_.store.integrations().Get(integration.id);
  if (!record.ok() || !record->last_status || !record->last_status_time) co_return;
  const auto memory = parts_.store.GetRegisterMemory(fiscal_number);
  if (!memory.ok()) co_return;

  domain::RegisterFacts facts;
  facts.status = record->last_status;
  facts.status_time = *record->last_status_time;
  facts.own_opening = memory->shift_opened;
  const auto tried = tried_.find(integration.id);
  const std::optional<absl::Time> last_try =
      tried == tried_.end() ? std::nullopt : std::make_optional(tried->second);
  const domain::ShiftAgeRules rules{.again = parts_.settings.shift_look_again};
  if (!domain::IsShiftToBeAsked(facts, last_try, now, rules)) co_return;
  Callback<absl::StatusOr<ConnectionReport>> checking(
      parts_.executor, [&](auto done) { parts_.desk.CheckConnection(integration.id, std::move(done)); });
  const absl::StatusOr<ConnectionReport> report = co_await checking;
  if (report.ok() && report->outcome == ConnectionOutcome::kOk) {
    tried_.erase(integration.id);
  } else if (!report.ok() || report->outcome != ConnectionOutcome::kBusy) {
    tried_[integration.id] = now;
  }
}

}  // namespace kasa::engine
