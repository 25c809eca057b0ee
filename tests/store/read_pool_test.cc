#include "server/store/read_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/store/fiscalization_queries.h"
#include "tests/store/fixture.h"

// Who reads the store beside whom.
namespace kasa::store {
namespace {

class ReadPoolTest : public StoreTest {
 protected:
  // A pool beside the store, on its file.
  std::unique_ptr<ReadPool> Pool(int connections) const {
    return std::make_unique<ReadPool>(
        [path = path()] { return std::make_unique<Connection>(path, Connection::Access::kReadOnly, ""); },
        connections);
  }
};

// Reads of that many threads at once, which end when it goes.
class LongReads {
 public:
  LongReads(ReadPool& pool, int count) : count_(count) {
    for (int i = 0; i < count; ++i) {
      reads_.push_back(std::async(std::launch::async, [this, &pool] {
        return pool.Run([this](Connection& connection) -> absl::StatusOr<size_t> {
          const FiscalizationPage page = PageOfFiscalizations(connection, {}, std::nullopt, 1000);
          ++begun_;
          over_.wait();
          return page.fiscalizations.size();
        });
      }));
    }
  }
  ~LongReads() { end_.set_value(); }

  // Whether all of them read by now.
  bool AllRead() const {
    for (int i = 0; i < 1000 && begun_ < count_; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return begun_ == count_;
  }

 private:
  const int count_;
  std::atomic<int> begun_ = 0;
  std::promise<void> end_;
  std::shared_future<void> over_ = end_.get_future().share();
  std::vector<std::future<absl::StatusOr<size_t>>> reads_;  // waited for by the destructor
};

// Two callers' lists, two documents that are priced, those who watch, metrics and health: all but a lane.
constexpr int kAllOthers = 7;

TEST_F(ReadPoolTest, ALaneFindsItsHeadWhileAllOtherThreadsRead) {
  AcceptSale("SO-1");
  const std::unique_ptr<ReadPool> pool = Pool(Options().reader_connections);
  LongReads others(*pool, kAllOthers);
  ASSERT_TRUE(others.AllRead());
  const auto head = pool->Run([](Connection& connection) -> absl::StatusOr<std::optional<LaneHead>> {
    return FindHeadOfLane(connection, kRegisterOne);
  });
  ASSERT_TRUE(head.ok() && head->has_value()) << head.status();
  EXPECT_EQ((*head)->fiscalization.key.document_id, "SO-1");
}

TEST_F(ReadPoolTest, WhoFindsNoConnectionWaitsForOne) {
  const std::unique_ptr<ReadPool> pool = Pool(1);
  std::future<absl::StatusOr<int>> waiting;
  {
    LongReads other(*pool, 1);
    ASSERT_TRUE(other.AllRead());
    waiting = std::async(std::launch::async,
                         [&pool] { return pool->Run([](Connection&) -> absl::StatusOr<int> { return 7; }); });
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  }
  EXPECT_EQ(waiting.get(), absl::StatusOr<int>(7));
}

}  // namespace
}  // namespace kasa::store
