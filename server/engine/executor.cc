#include "server/engine/executor.h"

namespace kasa::engine {

ThreadExecutor::ThreadExecutor(int threads, const Clock& clock) : clock_(clock) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

ThreadExecutor::~ThreadExecutor() {
  Stop();
}

void ThreadExecutor::Post(Action action) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    ready_.push_back(std::move(action));
  }
  wake_.notify_one();
}

void ThreadExecutor::After(absl::Duration delay, Action action) {
  if (delay <= absl::ZeroDuration()) return Post(std::move(action));
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    timed_.emplace(clock_.Monotonic() + delay, std::move(action));
  }
  wake_.notify_one();
}

void ThreadExecutor::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  // What is dropped may own things that post as they go: it is let go of outside the lock.
  std::deque<Action> dropped_ready;
  std::multimap<absl::Duration, Action> dropped_timed;
  {
    const std::lock_guard lock(mutex_);
    dropped_ready.swap(ready_);
    dropped_timed.swap(timed_);
  }
}

void ThreadExecutor::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const absl::Duration now = clock_.Monotonic();
    while (!timed_.empty() && timed_.begin()->first <= now) {
      ready_.push_back(std::move(timed_.begin()->second));
      timed_.erase(timed_.begin());
    }
    if (!ready_.empty()) {
      Action action = std::move(ready_.front());
      ready_.pop_front();
      lock.unlock();
      std::move(action)();
      lock.lock();
    } else if (timed_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_for(lock, absl::ToChronoNanoseconds(timed_.begin()->first - now));
    }
  }
}

}  // namespace kasa::engine
