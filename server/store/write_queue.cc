#include "server/store/write_queue.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/store/errors.h"

namespace kasa::store {
namespace {

constexpr absl::string_view kWriting = "writing to the store";

int64_t ReadCommitCounter(Connection& connection) {
  Query query = connection.Prepare("SELECT commit_counter FROM meta");
  if (!query.Step()) throw SQLite::Exception("the store has lost its meta row", SQLITE_CORRUPT);
  return query.Int64(0);
}

void WriteCommitCounter(Connection& connection, int64_t counter) {
  connection.Prepare("UPDATE meta SET commit_counter = ?").Bind(counter).Run();
}

absl::Status QueueFull(size_t queued) {
  return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreUnavailable,
                                      absl::StrCat("the store does not keep up: ", queued,
                                                   " writes are waiting, nothing was stored")),
                        absl::Seconds(1));
}

absl::Status DiskFails(absl::string_view why) {
  return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreUnavailable,
                                      absl::StrCat("the store's disk fails, nothing was stored: ", why)),
                        absl::Seconds(5));
}

}  // namespace

WriteQueue::WriteQueue(Opener open, Limits limits, WriteMeter* meter, StoreTrouble* trouble,
                       WriterRunner* runner)
    : open_(std::move(open)), limits_(limits), meter_(meter), trouble_(trouble), runner_(runner) {
  if (runner_ == nullptr) thread_ = std::thread([this] { Run(); });
}

WriteQueue::~WriteQueue() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  submitted_.notify_one();
  if (runner_ == nullptr) {
    thread_.join();
  } else {
    Run();
  }
}

void WriteQueue::SetCommitListener(std::function<void()> listener) {
  const std::lock_guard<std::mutex> lock(listener_mutex_);
  commit_listener_ = std::move(listener);
}

void WriteQueue::TellOfCommit() {
  // Under the lock: once SetCommitListener() has returned, the one before is not called any more.
  const std::lock_guard<std::mutex> lock(listener_mutex_);
  if (commit_listener_) commit_listener_();
}

void WriteQueue::Enqueue(Admission admission, std::unique_ptr<Write> write) {
  if (admission == Admission::kBounded && trouble_ != nullptr) {
    if (const absl::Status damage = trouble_->Damage(); !damage.ok()) return write->Answer(damage);
  }
  std::unique_lock<std::mutex> lock(mutex_);
  if (!stuck_.empty() || (admission == Admission::kBounded && queue_.size() >= limits_.max_queued)) {
    const absl::Status refusal = stuck_.empty() ? QueueFull(limits_.max_queued) : DiskFails(stuck_);
    lock.unlock();
    write->Answer(refusal);
    return;
  }
  queue_.push_back(std::move(write));
  if (meter_ != nullptr) meter_->QueueLength(queue_.size());
  const bool post_step = runner_ != nullptr && !std::exchange(step_posted_, true);
  lock.unlock();
  submitted_.notify_one();
  if (post_step) runner_->Post([this] { Step(); });
}

void WriteQueue::Run() {
  Batch batch;
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      submitted_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      TakeBatch(batch);
    }
    RunBatch(batch);
    batch.clear();
  }
}

void WriteQueue::Step() {
  Batch batch;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    TakeBatch(batch);
  }
  RunBatch(batch);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    step_posted_ = !queue_.empty();
    if (!step_posted_) return;
  }
  runner_->Post([this] { Step(); });
}

void WriteQueue::TakeBatch(Batch& batch) {
  while (!queue_.empty() && batch.size() < limits_.max_batch) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (meter_ != nullptr) meter_->QueueLength(queue_.size());
}

void WriteQueue::RunBatch(Batch& batch) {
  size_t next = 0;
  while (next < batch.size()) {
    const size_t first = next;
    const absl::Status outcome = RunTransaction(batch, next);
    if (!outcome.ok() && meter_ != nullptr) meter_->Failed();
    if (!outcome.ok() && trouble_ != nullptr) trouble_->Met(outcome);
    if (KASA_MUTANT("answer-before-the-commit")) continue;
    for (size_t i = first; i < next; ++i) batch[i]->Answer(outcome);
  }
}

absl::Status WriteQueue::RunTransaction(Batch& batch, size_t& next) {
  const size_t first = next;
  try {
    if (connection_ == nullptr) Open();
    connection_->Prepare("BEGIN IMMEDIATE").Run();
    const int64_t changes_before = connection_->TotalChanges();
    while (next < batch.size()) {
      Write& write = *batch[next++];
      const absl::Status lost = RunInSavepoint(write);
      if (!lost.ok()) {
        Abandon();
        return lost;
      }
    }
    if (connection_->TotalChanges() == changes_before) {
      connection_->Prepare("ROLLBACK").Run();  // nothing to be made durable: spares the disk a flush
      return absl::OkStatus();
    }
    WriteCommitCounter(*connection_, commit_counter_ + 1);
  } catch (const SQLite::Exception& error) {
    // Before the COMMIT: surely nothing of it is stored.
    next = batch.size();
    Abandon();
    return StatusOf(error, kWriting);
  }
  if (KASA_MUTANT("answer-before-the-commit")) {
    for (const auto& write : batch) write->Answer(absl::OkStatus());
  }
  absl::Status committed = Commit(next - first);
  if (committed.ok()) {
    if (trouble_ != nullptr) trouble_->CommitTook();
    TellOfCommit();
  }
  return committed;
}

absl::Status WriteQueue::RunInSavepoint(Write& write) {
  connection_->Prepare("SAVEPOINT one_write").Run();
  absl::Status refusal;
  try {
    refusal = write.Apply(*connection_);
  } catch (const SQLite::Exception& error) {
    refusal = StatusOf(error, kWriting);
    if (trouble_ != nullptr) trouble_->Met(refusal);
    write.Refuse(refusal);
  } catch (const UnreadableRecord& error) {
    refusal = StatusOf(error);
    write.Refuse(refusal);
  }
  if (!connection_->InTransaction()) {
    return refusal.ok() ? absl::InternalError("a write ended the transaction of its neighbours") : refusal;
  }
  if (!refusal.ok() && !KASA_MUTANT("no-savepoint")) connection_->Prepare("ROLLBACK TO one_write").Run();
  connection_->Prepare("RELEASE one_write").Run();
  return absl::OkStatus();
}

absl::Status WriteQueue::Commit(size_t writes) {
  const absl::Duration start = meter_ != nullptr ? meter_->Now() : absl::ZeroDuration();
  absl::Status committed;
  try {
    connection_->Prepare("COMMIT").Run();
    ++commit_counter_;
  } catch (const SQLite::Exception& error) {
    committed = SettleFailedCommit(error);
  }
  if (meter_ != nullptr) meter_->Committed(start, writes);
  return committed;
}

absl::Status WriteQueue::SettleFailedCommit(const SQLite::Exception& error) {
  const int64_t attempted = commit_counter_ + 1;
  NoteFailedCommit(error);
  while (true) {
    try {
      const bool took = ReadBackWhetherItTook(error, attempted) || KASA_MUTANT("failed-commit-is-done");
      TakeWork();
      return took ? absl::OkStatus() : StatusOf(error, kWriting);
    } catch (const SQLite::Exception& again) {
      NoteFailedCommit(again);
      Abandon();
      if (trouble_ != nullptr) trouble_->Met(StatusOf(again, kWriting));
      RefuseWork(again.what());
      if (WaitBeforeReadingBackAgain()) continue;
      return absl::UnknownError(absl::StrCat("it is not known whether this was stored: the commit failed (",
                                             error.what(), ") and the store could not be read back (",
                                             again.what(), "). Ask for it, or send the same again"));
    }
  }
}

void WriteQueue::NoteFailedCommit(const SQLite::Exception& error) {
  // A full disk never came to the flush.
  if (error.getErrorCode() != SQLITE_FULL) log_ = Log::kMayHaveHole;
}

void WriteQueue::RefuseWork(absl::string_view why) {
  std::deque<std::unique_ptr<Write>> refused;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stuck_ = std::string(why);
    if (meter_ != nullptr) meter_->QueueLength(0);
    refused.swap(queue_);
  }
  for (const std::unique_ptr<Write>& write : refused) write->Answer(DiskFails(why));
}

void WriteQueue::TakeWork() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stuck_.clear();
}

bool WriteQueue::ReadBackWhetherItTook(const SQLite::Exception& error, int64_t attempted) {
  Abandon();
  Open();
  if (error.getErrorCode() != SQLITE_FULL) {
    // After a failed flush the frames of the lost commit may lie in the log, whole, with nobody pointing to
    // them: a crash now would bring them to life. A commit of our own takes their place (or, if it took,
    // flushes after it) before anybody is told how it ended. It counts elsewhere, so that it is never taken
    // for the lost one. A full disk never wrote the last frame.
    connection_->Prepare("BEGIN IMMEDIATE").Run();
    connection_->Prepare("UPDATE meta SET barrier_counter = barrier_counter + 1").Run();
    connection_->Prepare("COMMIT").Run();
  }
  return commit_counter_ == attempted;
}

bool WriteQueue::WaitBeforeReadingBackAgain() {
  if (runner_ != nullptr) return runner_->Pause(limits_.read_back_pause);
  std::unique_lock<std::mutex> lock(mutex_);
  return !submitted_.wait_for(lock, limits_.read_back_pause, [this] { return stopping_; });
}

void WriteQueue::Open() {
  connection_ = open_(log_);
  log_ = Log::kSound;
  commit_counter_ = ReadCommitCounter(*connection_);
}

// Closing a connection rolls back what it had open, and forgets whatever state an error left it in.
void WriteQueue::Abandon() noexcept {
  connection_.reset();
}

}  // namespace kasa::store
