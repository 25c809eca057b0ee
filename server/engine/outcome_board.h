#ifndef KASA_SERVER_ENGINE_OUTCOME_BOARD_H_
#define KASA_SERVER_ENGINE_OUTCOME_BOARD_H_

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "server/domain/fiscalization.h"
#include "server/engine/executor.h"

namespace kasa::engine {

// Where calls wait for the outcome of a fiscalization. Executor's thread only.
class OutcomeBoard {
 public:
  // Called once: with the fiscalization when it became final, or with nothing when the time was over first.
  using Waiter = absl::AnyInvocable<void(const domain::Fiscalization*) &&>;

  explicit OutcomeBoard(Executor& executor) : executor_(executor) {}

  // To lose no outcome: wait first, then read, and Forget() when it was final already.
  int64_t Wait(const std::string& fiscalization_id, absl::Duration at_most, Waiter waiter);
  void Forget(const std::string& fiscalization_id, int64_t ticket);

  // A change was made durable. Final ones are handed to those who wait.
  void Publish(const domain::Fiscalization& fiscalization);

  // Lets everyone go with nothing, now.
  void ReleaseAll();

 private:
  Executor& executor_;
  int64_t next_ticket_ = 1;
  std::unordered_map<std::string, std::map<int64_t, Waiter>> waiters_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_OUTCOME_BOARD_H_
