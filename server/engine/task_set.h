#ifndef KASA_SERVER_ENGINE_TASK_SET_H_
#define KASA_SERVER_ENGINE_TASK_SET_H_

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "server/engine/executor.h"
#include "server/engine/task.h"

namespace kasa::engine {

// Keeps top-level tasks that nobody waits for until they end, and lets go of them then. Destroying the set
// destroys what still waits. Executor's thread only.
class TaskSet {
 public:
  // `executor` must outlive the set.
  explicit TaskSet(Executor& executor) : executor_(executor), state_(std::make_shared<State>()) {}
  TaskSet(const TaskSet&) = delete;
  TaskSet& operator=(const TaskSet&) = delete;

  // Runs the task until it first waits, and keeps it.
  void Run(Task<void> task) {
    const int64_t id = state_->next_id++;
    Task<void>& kept = state_->tasks[id];
    kept = RunToTheEnd(executor_, state_, id, std::move(task));
    kept.Start();
  }

  bool empty() const { return state_->tasks.empty(); }

 private:
  struct State {
    int64_t next_id = 1;
    std::map<int64_t, Task<void>> tasks;
  };

  static Task<void> RunToTheEnd(Executor& executor, std::weak_ptr<State> state, int64_t id, Task<void> task) {
    co_await task;
    // A coroutine can't destroy itself while it runs: its end is tidied up after it.
    executor.Post([state = std::move(state), id] {
      if (const auto alive = state.lock()) alive->tasks.erase(id);
    });
  }

  Executor& executor_;
  std::shared_ptr<State> state_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_TASK_SET_H_
