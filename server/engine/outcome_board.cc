#include "server/engine/outcome_board.h"

#include <utility>

namespace kasa::engine {

int64_t OutcomeBoard::Wait(const std::string& fiscalization_id, absl::Duration at_most, Waiter waiter) {
  const int64_t ticket = next_ticket_++;
  waiters_[fiscalization_id].emplace(ticket, std::move(waiter));
  executor_.After(at_most, [this, fiscalization_id, ticket] {
    const auto waiting = waiters_.find(fiscalization_id);
    if (waiting == waiters_.end()) return;
    auto node = waiting->second.extract(ticket);
    if (waiting->second.empty()) waiters_.erase(waiting);
    if (node) std::move(node.mapped())(nullptr);
  });
  return ticket;
}

void OutcomeBoard::Forget(const std::string& fiscalization_id, int64_t ticket) {
  const auto waiting = waiters_.find(fiscalization_id);
  if (waiting == waiters_.end()) return;
  waiting->second.erase(ticket);
  if (waiting->second.empty()) waiters_.erase(waiting);
}

void OutcomeBoard::Publish(const domain::Fiscalization& fiscalization) {
  if (!domain::IsFinal(fiscalization.state)) return;
  auto node = waiters_.extract(fiscalization.id);
  if (!node) return;
  for (auto& [ticket, waiter] : node.mapped()) std::move(waiter)(&fiscalization);
}

void OutcomeBoard::ReleaseAll() {
  auto released = std::exchange(waiters_, {});
  for (auto& [fiscalization_id, waiting] : released) {
    for (auto& [ticket, waiter] : waiting) std::move(waiter)(nullptr);
  }
}

}  // namespace kasa::engine
