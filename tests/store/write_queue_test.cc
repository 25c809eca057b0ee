#include "server/store/write_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <future>
#include <thread>

#include "common/status_reason.h"
#include "server/store/schema.h"
#include "tests/store/fixture.h"

// Group commit by itself, on a database with a table of its own.
namespace kasa::store {
namespace {

using Admission = WriteQueue::Admission;
using testing::ElementsAre;

class WriteQueueTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(CreateDatabaseFile(path()).ok());
    const std::unique_ptr<Connection> connection = Open();
    ASSERT_TRUE(Migrate(*connection, absl::UnixEpoch(), nullptr).ok());
    connection->Execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
    Start({});
  }

  void Start(WriteQueue::Limits limits) {
    queue_.reset();
    queue_ = std::make_unique<WriteQueue>([this](WriteQueue::Log) { return Open(); }, limits);
  }

  std::string path() const { return folder_.Path("queue.db"); }
  std::unique_ptr<Connection> Open() const {
    return std::make_unique<Connection>(path(), Connection::Access::kReadWrite, "");
  }

  static absl::StatusOr<int64_t> Insert(Connection& connection, int64_t number) {
    connection.Prepare("INSERT INTO numbers VALUES (?)").Bind(number).Run();
    return number;
  }

  // Queues an insert; its answer is added to answers_ on the writer's thread.
  void Queue(int64_t number) {
    queue_->Submit<int64_t>(
        Admission::kAlways, [number](Connection& connection) { return Insert(connection, number); },
        [this](absl::StatusOr<int64_t> answer) { answers_.push_back(std::move(answer)); });
  }

  // Holds the writer in a transaction of its own until the promise is kept, so that what is queued meanwhile
  // shares the next one.
  std::promise<void> HoldWriter() {
    std::promise<void> go;
    auto held = std::make_shared<std::promise<void>>();
    std::future<void> holding = held->get_future();
    queue_->Submit<bool>(
        Admission::kAlways,
        [held, wait = go.get_future().share()](Connection&) -> absl::StatusOr<bool> {
          held->set_value();
          wait.wait();
          return true;
        },
        [](absl::StatusOr<bool>) {});
    holding.wait();
    return go;
  }

  std::vector<int64_t> Stored(const std::string& database) const {
    Connection connection(database, Connection::Access::kReadWrite, "");
    Query query = connection.Prepare("SELECT n FROM numbers ORDER BY n");
    std::vector<int64_t> numbers;
    while (query.Step()) numbers.push_back(query.Int64(0));
    return numbers;
  }

  int64_t Commits() const {
    const std::unique_ptr<Connection> connection = Open();
    Query query = connection->Prepare("SELECT commit_counter FROM meta");
    query.Step();
    return query.Int64(0);
  }

  TemporaryFolder folder_;
  std::vector<absl::StatusOr<int64_t>> answers_;  // of the writer's thread, until the queue is gone
  std::unique_ptr<WriteQueue> queue_;
};

TEST_F(WriteQueueTest, ManyWritesShareACommitAndAreAnsweredInOrder) {
  std::promise<void> go = HoldWriter();
  for (int64_t i = 0; i < 100; ++i) Queue(i);
  const int64_t before = Commits();
  go.set_value();
  queue_.reset();
  ASSERT_EQ(answers_.size(), 100u);
  for (int64_t i = 0; i < 100; ++i) EXPECT_EQ(*answers_[static_cast<size_t>(i)], i);
  EXPECT_EQ(Commits(), before + 1);
}

TEST_F(WriteQueueTest, ABatchHasALimit) {
  Start({.max_batch = 10});
  std::promise<void> go = HoldWriter();
  for (int64_t i = 0; i < 95; ++i) Queue(i);
  go.set_value();
  queue_.reset();
  EXPECT_EQ(Commits(), 10);
}

TEST_F(WriteQueueTest, ARefusedNeighbourUndoesItselfAlone) {
  std::promise<void> go = HoldWriter();
  Queue(1);
  queue_->Submit<int64_t>(
      Admission::kAlways,
      [](Connection& connection) -> absl::StatusOr<int64_t> {
        (void)Insert(connection, 2);
        return absl::FailedPreconditionError("thought better of it");
      },
      [this](absl::StatusOr<int64_t> answer) { answers_.push_back(std::move(answer)); });
  Queue(1);  // violates the key: SQLiteCpp throws
  Queue(3);
  go.set_value();
  queue_.reset();
  ASSERT_EQ(answers_.size(), 4u);
  EXPECT_TRUE(answers_[0].ok());
  EXPECT_EQ(answers_[1].status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(answers_[2].status().code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(answers_[3].ok());
  EXPECT_THAT(Stored(path()), ElementsAre(1, 3));
}

// The files as they are when the answer comes hold what was answered: a crash then loses nothing.
TEST_F(WriteQueueTest, AnAnswerComesAfterTheCommitIsInTheFiles) {
  for (int64_t i = 0; i < 20; ++i) {
    std::promise<void> answered;
    queue_->Submit<int64_t>(
        Admission::kAlways, [i](Connection& connection) { return Insert(connection, i); },
        [&, i](absl::StatusOr<int64_t>) {
          for (const char* suffix : {"", "-wal"}) {
            std::filesystem::copy_file(path() + suffix,
                                       folder_.Path("copy" + std::to_string(i) + ".db") + suffix);
          }
          answered.set_value();
        });
    answered.get_future().wait();
    EXPECT_EQ(Stored(folder_.Path("copy" + std::to_string(i) + ".db")).size(), static_cast<size_t>(i) + 1);
  }
}

TEST_F(WriteQueueTest, WhatWritesNothingNeedsNoCommit) {
  Queue(1);
  std::promise<void> done;
  queue_->Submit<bool>(
      Admission::kAlways, [](Connection&) -> absl::StatusOr<bool> { return true; },
      [&](absl::StatusOr<bool>) { done.set_value(); });
  done.get_future().wait();
  queue_.reset();
  EXPECT_EQ(Commits(), 1);
}

TEST_F(WriteQueueTest, AFullQueueRefusesNewWorkAndTakesWhatMustBeTaken) {
  Start({.max_queued = 3});
  std::promise<void> go = HoldWriter();
  for (int64_t i = 0; i < 3; ++i) Queue(i);
  absl::StatusOr<bool> refused = true;
  queue_->Submit<bool>(
      Admission::kBounded, [](Connection&) -> absl::StatusOr<bool> { return true; },
      [&](absl::StatusOr<bool> answer) { refused = std::move(answer); });
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable) << "answered here, at once";
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kStoreUnavailable);
  EXPECT_TRUE(RetryDelayOf(refused.status()).has_value());
  Queue(3);
  go.set_value();
  queue_.reset();
  EXPECT_THAT(Stored(path()), ElementsAre(0, 1, 2, 3));
}

TEST_F(WriteQueueTest, TheEndFinishesWhatIsQueuedAndWhatAnswersQueue) {
  std::promise<void> go = HoldWriter();
  queue_->Submit<int64_t>(
      Admission::kAlways, [](Connection& connection) { return Insert(connection, 1); },
      [this, queue = queue_.get()](absl::StatusOr<int64_t>) {
        queue->Submit<int64_t>(
            Admission::kAlways, [](Connection& connection) { return Insert(connection, 2); },
            [this](absl::StatusOr<int64_t> answer) { answers_.push_back(std::move(answer)); });
      });
  std::thread ending([this] { queue_.reset(); });
  go.set_value();
  ending.join();
  EXPECT_EQ(answers_.size(), 1u);
  EXPECT_THAT(Stored(path()), ElementsAre(1, 2));
}

TEST_F(WriteQueueTest, ManyThreadsSubmit) {
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int64_t t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int64_t i = 0; i < 250; ++i) Queue(t * 1000 + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  queue_.reset();
  EXPECT_EQ(answers_.size(), 1000u);
  EXPECT_EQ(Stored(path()).size(), 1000u);
}

// Keeps the steps until the test runs them.
class RunnerByHand final : public WriterRunner {
 public:
  void Post(absl::AnyInvocable<void() &&> step) override { steps_.push_back(std::move(step)); }
  bool Pause(std::chrono::milliseconds) override { return false; }

  int RunAll() {
    int run = 0;
    for (; !steps_.empty(); ++run) {
      absl::AnyInvocable<void()&&> step = std::move(steps_.front());
      steps_.pop_front();
      std::move(step)();
    }
    return run;
  }

 private:
  std::deque<absl::AnyInvocable<void() &&>> steps_;
};

TEST_F(WriteQueueTest, ARunnerStandsInForTheThread) {
  RunnerByHand runner;
  queue_ = std::make_unique<WriteQueue>([this](WriteQueue::Log) { return Open(); },
                                        WriteQueue::Limits{.max_batch = 2}, nullptr, nullptr, &runner);
  for (const int64_t number : {1, 2, 3}) Queue(number);
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(runner.RunAll(), 2);  // one a batch
  EXPECT_EQ(answers_.size(), 3u);
  EXPECT_THAT(Stored(path()), ElementsAre(1, 2, 3));
  Queue(4);
  queue_.reset();  // runs what is queued, as the thread would
  EXPECT_EQ(answers_.size(), 4u);
  EXPECT_THAT(Stored(path()), ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace kasa::store
