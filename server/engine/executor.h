#ifndef KASA_SERVER_ENGINE_EXECUTOR_H_
#define KASA_SERVER_ENGINE_EXECUTOR_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace kasa::engine {

using Action = absl::AnyInvocable<void() &&>;

// Runs actions, now or after a time. The engine's one seam to threads and waiting: tests and simulations run
// it by hand under a clock of their own. Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;

  // Runs `action` soon, in the order of posting where the executor has one thread.
  virtual void Post(Action action) = 0;

  // Runs `action` after `delay` of monotonic time. A delay of zero or less is Post().
  virtual void After(absl::Duration delay, Action action) = 0;
};

// An executor with threads of its own. The destructor stops them; what has not begun by then is dropped.
class ThreadExecutor final : public Executor {
 public:
  // `clock` must outlive the executor.
  ThreadExecutor(int threads, const Clock& clock);
  ~ThreadExecutor() override;

  void Post(Action action) override;
  void After(absl::Duration delay, Action action) override;

  // Stops the threads and drops what has not begun. May be called more than once, not from an action.
  void Stop();

 private:
  void Run();

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<Action> ready_;
  std::multimap<absl::Duration, Action> timed_;  // by the monotonic time at which they are due
  std::vector<std::thread> threads_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_EXECUTOR_H_
