#ifndef KASA_SERVER_STORE_WRITE_QUEUE_H_
#define KASA_SERVER_STORE_WRITE_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/connection.h"
#include "server/store/store_trouble.h"
#include "server/store/write_meter.h"
#include "server/store/writer_runner.h"

namespace kasa::store {

// Group commit: one thread that runs queued writes, many to a transaction, each in a savepoint, and answers
// them after the COMMIT, in the order in which they were submitted.
//
//   Submit() --> [queue] --> BEGIN IMMEDIATE; for each: SAVEPOINT, apply, RELEASE (or ROLLBACK TO); COMMIT
//                                                                                    |
//                                                          each write's answer <-----/
//
// - A write that is refused (its apply gives an error, or throws) undoes its own savepoint only.
// - Every answer waits for the commit, refusals too: they were decided by what their neighbours wrote.
// - When SQLite ends the transaction by itself (a full disk), all that ran in it are answered UNAVAILABLE;
//   what was not yet run goes on in the next transaction.
// - After a COMMIT that failed, the connection is opened anew and the commit counter, which each transaction
//   raises, is read back: so the answer is what really happened (SettleFailedCommit()). While even that can't
//   be read, what ran in it waits, and all else is refused; only a queue that is being destroyed answers
//   UNKNOWN, without a reason of ours: not known.
//
// Thread-safe. The destructor runs and answers what is queued, then joins the thread.
class WriteQueue {
 public:
  struct Limits {
    size_t max_batch = 256;                          // writes in one transaction
    size_t max_queued = 20000;                       // new work beyond this is refused; see Admission
    std::chrono::milliseconds read_back_pause{200};  // between tries to learn how a failed commit ended
  };

  // kBounded is refused when the queue is full: new work. kAlways is taken: work that was accepted before,
  // which lanes and registers bound anyway, must not fail because others want in.
  enum class Admission { kBounded, kAlways };

  // How the log is when a connection is opened.
  enum class Log {
    kSound,
    kMayHaveHole,  // a flush failed since it was sound: to be written again before (wal_rewrite.h)
  };
  using Opener = std::function<std::unique_ptr<Connection>(Log)>;

  // `open` makes the writing connection, now and again after an error. Called on the writer's thread; throws
  // SQLite::Exception. `meter` counts what the queue does, `trouble` hears of what goes wrong; both outlive
  // the queue; nothing: nobody does. With a `runner`, which outlives it too, there is no thread: it runs the
  // batches, and everything is on whatever thread it uses.
  WriteQueue(Opener open, Limits limits, WriteMeter* meter = nullptr, StoreTrouble* trouble = nullptr,
             WriterRunner* runner = nullptr);
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;
  ~WriteQueue();

  // Calls `listener` on the writer's thread after each commit that wrote something, before its writes are
  // answered. An empty one takes it back: it is not called any more when this returns.
  void SetCommitListener(std::function<void()> listener);

  // Queues `apply`, which runs on the writer's thread inside the transaction; `done` is called once, on the
  // writer's thread after the commit, or right here when the queue is full, or the disk fails and it is new
  // work: UNAVAILABLE (STORE_UNAVAILABLE or STORE_FULL).
  template <typename T>
  void Submit(Admission admission, absl::AnyInvocable<absl::StatusOr<T>(Connection&) &&> apply,
              absl::AnyInvocable<void(absl::StatusOr<T>) &&> done) {
    Enqueue(admission, std::make_unique<TypedWrite<T>>(std::move(apply), std::move(done)));
  }

 private:
  class Write {
   public:
    virtual ~Write() = default;
    virtual absl::Status Apply(Connection& connection) = 0;
    // What Apply() gave, or `transaction` when that failed.
    virtual void Answer(const absl::Status& transaction) = 0;
    // Replaces what Apply() gave, when it threw.
    virtual void Refuse(absl::Status status) = 0;
  };

  template <typename T>
  class TypedWrite final : public Write {
   public:
    TypedWrite(absl::AnyInvocable<absl::StatusOr<T>(Connection&) &&> apply,
               absl::AnyInvocable<void(absl::StatusOr<T>) &&> done)
        : apply_(std::move(apply)), done_(std::move(done)) {}

    absl::Status Apply(Connection& connection) override {
      result_ = std::move(apply_)(connection);
      return result_.status();
    }
    void Answer(const absl::Status& transaction) override {
      if (!transaction.ok()) result_ = transaction;
      std::move(done_)(std::move(result_));
    }
    void Refuse(absl::Status status) override { result_ = std::move(status); }

   private:
    absl::AnyInvocable<absl::StatusOr<T>(Connection&) &&> apply_;
    absl::AnyInvocable<void(absl::StatusOr<T>) &&> done_;
    absl::StatusOr<T> result_ = absl::UnknownError("not applied");
  };

  using Batch = std::vector<std::unique_ptr<Write>>;

  void Enqueue(Admission admission, std::unique_ptr<Write> write);
  void Run();
  // What the thread does between two waits, where a runner stands in for it.
  void Step();
  void TakeBatch(Batch& batch);  // with mutex_ held
  void RunBatch(Batch& batch);
  // One transaction from batch[next] on; leaves `next` behind the last write that ran in it, or that is to be
  // answered with its failure.
  absl::Status RunTransaction(Batch& batch, size_t& next);
  // Applies one write in a savepoint. An error: the whole transaction is lost.
  absl::Status RunInSavepoint(Write& write);
  absl::Status Commit(size_t writes);
  void TellOfCommit();
  // Whether the commit that failed with `error` took: OK, or the error.
  absl::Status SettleFailedCommit(const SQLite::Exception& error);
  void NoteFailedCommit(const SQLite::Exception& error);
  bool ReadBackWhetherItTook(const SQLite::Exception& error, int64_t attempted);
  // Refuses what is queued, and what comes, until TakeWork(): nothing of it was begun, so nothing was stored.
  void RefuseWork(absl::string_view why);
  void TakeWork();
  // False when the queue is being destroyed.
  bool WaitBeforeReadingBackAgain();
  void Open();
  void Abandon() noexcept;

  const Opener open_;
  const Limits limits_;
  WriteMeter* const meter_;
  StoreTrouble* const trouble_;
  WriterRunner* const runner_;  // nothing: the queue has a thread of its own

  // Of the writer's thread.
  std::unique_ptr<Connection> connection_;  // nothing: to be opened before the next transaction
  Log log_ = Log::kSound;
  int64_t commit_counter_ = 0;  // as of the last commit

  std::mutex mutex_;
  std::condition_variable submitted_;
  std::deque<std::unique_ptr<Write>> queue_;  // guarded by mutex_
  std::string stuck_;                         // guarded by mutex_: why nothing is taken; empty: it is
  bool stopping_ = false;                     // guarded by mutex_
  bool step_posted_ = false;                  // to the runner, or running; guarded by mutex_

  std::mutex listener_mutex_;
  std::function<void()> commit_listener_;  // guarded by listener_mutex_

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_WRITE_QUEUE_H_
