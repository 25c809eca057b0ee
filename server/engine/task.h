#ifndef KASA_SERVER_ENGINE_TASK_H_
#define KASA_SERVER_ENGINE_TASK_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "server/engine/executor.h"

// Coroutines for the engine, so that what happens to one document reads from top to bottom.
//
// All coroutines of an engine run on its one-threaded executor: there is nothing to lock. Destroying a task
// that waits destroys everything below it; what it waited for is then dropped when it comes.
namespace kasa::engine {

template <typename T>
class Task;

namespace internal {

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
      return finished.promise().continuation;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  // Nothing in the engine throws on purpose; what does is a fault that no lane may go on after.
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <typename U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
};

}  // namespace internal

// A piece of work that starts when it is awaited, or by Start(). Move-only; owns its coroutine.
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = internal::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      Reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { Reset(); }

  // Runs a top-level task until it first waits. The task must be kept.
  void Start() { handle_.resume(); }

  auto operator co_await() const noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      T await_resume() const {
        if constexpr (!std::is_void_v<T>) return std::move(*handle.promise().value);
      }
    };
    return Awaiter{handle_};
  }

 private:
  void Reset() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

  Handle handle_;
};

template <typename T>
Task<T> internal::Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> internal::Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// Waits for an operation that reports by a callback, which may come on any thread, at most once.
//
//   absl::StatusOr<Fiscalization> settled = co_await Callback<absl::StatusOr<Fiscalization>>(
//       executor, [&](auto done) { store.sends().Settle(std::move(settlement), std::move(done)); });
template <typename T>
class Callback {
 public:
  using Starter = absl::AnyInvocable<void(absl::AnyInvocable<void(T) &&>) &&>;

  Callback(Executor& executor, Starter start)
      : executor_(executor), start_(std::move(start)), state_(std::make_shared<State>()) {}
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { state_->waiting = nullptr; }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    state_->waiting = waiting;
    // The state is shared: the callback may outlive the coroutine, and then finds nobody waiting.
    std::move(start_)([state = state_, &executor = executor_](T value) {
      executor.Post([state, value = std::move(value)]() mutable {
        if (!state->waiting) return;
        state->value.emplace(std::move(value));
        std::exchange(state->waiting, nullptr).resume();
      });
    });
  }
  T await_resume() { return std::move(*state_->value); }

 private:
  // Touched on the executor's thread only.
  struct State {
    std::coroutine_handle<> waiting;
    std::optional<T> value;
  };

  Executor& executor_;
  Starter start_;
  std::shared_ptr<State> state_;
};

// A wake-up that is never lost: set while nobody waits, it ends the next wait at once. One waiter; executor's
// thread only.
class WakeUp {
 public:
  explicit WakeUp(Executor& executor) : executor_(executor), state_(std::make_shared<State>()) {}
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;
  ~WakeUp() { state_->waiting = nullptr; }

  void Set() {
    state_->set = true;
    if (state_->waiting) std::exchange(state_->waiting, nullptr).resume();
  }

  // Waits until Set() or for `at_most`, and takes the wake-up back. InfiniteDuration() waits for Set() only.
  // True when it was set.
  auto Wait(absl::Duration at_most) {
    struct Awaiter {
      WakeUp& wake;
      absl::Duration at_most;
      bool await_ready() const noexcept { return wake.state_->set; }
      void await_suspend(std::coroutine_handle<> waiting) {
        wake.state_->waiting = waiting;
        const int64_t turn = ++wake.state_->turn;
        if (at_most == absl::InfiniteDuration()) return;
        wake.executor_.After(at_most, [state = wake.state_, turn] {
          if (state->turn != turn || !state->waiting) return;
          std::exchange(state->waiting, nullptr).resume();
        });
      }
      bool await_resume() const { return std::exchange(wake.state_->set, false); }
    };
    return Awaiter{*this, at_most};
  }

 private:
  struct State {
    std::coroutine_handle<> waiting;
    int64_t turn = 0;
    bool set = false;
  };

  Executor& executor_;
  std::shared_ptr<State> state_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_TASK_H_
