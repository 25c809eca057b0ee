#ifndef KASA_SERVER_ENGINE_CHANGE_FEED_H_
#define KASA_SERVER_ENGINE_CHANGE_FEED_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

namespace kasa::engine {

// Brings changes of state to those who watch (product.md, point 13).
//
//   store's writer --commit--> reads what is new, once, for all --> the recent changes --> wakes who waits
//                                                                                            |
//                        watcher: Read(position) <-- recent ones, or a page of the store <---/
//
// Nothing is pushed: each watcher reads on from its own position when it is ready to, so that a slow one
// holds a position and no queue. One that is far behind reads the store, page by page. While nobody watches,
// a commit costs one posted action.
//
// When the store turns out to be a restored one while it runs, its history is another one from then on (its
// epoch): nothing at hand is of it, and everyone is woken to see so.
//
// It also keeps the history within its bounds, in small steps.
//
// On the executor's one thread, but for the constructor, Start(), Stop() and Drain(). Executor and store
// outlive it; Stop() before the store goes.
class ChangeFeed {
 public:
  // A change, encoded once for everyone.
  struct Entry {
    int64_t sequence = 0;
    std::string integration_id;
    std::string message;
  };
  // A change of the history of this epoch.
  using Encode = std::function<std::string(const store::StateChange&, int64_t epoch)>;

  struct Slice {
    int64_t epoch = 0;                                  // of the history that this is of
    std::vector<std::shared_ptr<const Entry>> entries;  // in order; a few
    int64_t read_through = 0;                           // there are no others up to here
    bool at_end = true;                                 // nothing is known after read_through
  };

  struct Parts {
    store::Store& store;
    Executor& executor;  // one thread
    Encode encode;
    store::HistoryBounds history;
    absl::Duration trim_every = absl::Minutes(1);
    size_t recent = 1024;                    // how many changes are kept at hand
    size_t recent_bytes = size_t{64} << 20;  // and how much they may take, where documents are big
  };

  explicit ChangeFeed(Parts parts);
  ChangeFeed(const ChangeFeed&) = delete;
  ChangeFeed& operator=(const ChangeFeed&) = delete;

  // Listens to the store, and trims it from now on.
  void Start();
  // Listens no more.
  void Stop();
  // Wakes everyone; from then on draining() is true.
  void Drain();
  bool draining() const { return draining_; }

  // Someone begins, or has ended, to watch the history of this epoch.
  void Join(int64_t epoch);
  void Leave();
  // How many watch. Thread-safe.
  int watchers() const { return watchers_; }

  // Some changes after `position`. OUT_OF_RANGE (CURSOR_EXPIRED) as ChangeStore::After().
  absl::StatusOr<Slice> Read(int64_t position);

  // Calls `wake` once, by the executor, when there is something after `position`, which Read() called the
  // end, when the store's epoch is another one, or when the gateway drains. Of one who has joined.
  int64_t Await(int64_t position, Action wake);
  // Whoever goes away takes back what it awaits.
  void Forget(int64_t ticket);

 private:
  struct Waiter {
    int64_t position = 0;
    Action wake;
  };

  void Notice();
  void SeeEpoch(int64_t epoch);
  void WakeAll();
  void WakeThoseBefore(int64_t position);
  absl::StatusOr<Slice> ReadStore(int64_t position, int limit);
  void Keep(const Slice& slice);
  void ForgetRecent();
  void TrimLater();
  void Trim();

  const Parts parts_;
  std::atomic<bool> noticed_ = false;  // a Notice() is on its way
  std::atomic<bool> draining_ = false;

  std::atomic<int> watchers_ = 0;  // changed on the executor's thread only
  // The changes in (recent_after_, head_] of this epoch, while somebody watches.
  int64_t epoch_ = 0;
  std::deque<std::shared_ptr<const Entry>> recent_;
  size_t recent_bytes_ = 0;
  int64_t recent_after_ = 0;
  int64_t head_ = 0;
  int64_t next_ticket_ = 1;
  std::map<int64_t, Waiter> waiters_;
};

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_CHANGE_FEED_H_
