#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "common/status_reason.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/fixture.h"

// What a store answers when its disk fails: the truth, and then it goes on.
namespace kasa::store {
namespace {

using domain::State;

class FaultsTest : public testing::Test {
 protected:
  void SetUp() override {
    Open(path());
    ASSERT_TRUE(Await<domain::Integration>([&](Callback<domain::Integration> done) {
                  store_->integrations().Create(
                      AnIntegration("one", "4000000001"), domain::Mapping{},
                      [](IntegrationRecord&, const IntegrationSurroundings&) { return absl::OkStatus(); },
                      std::move(done));
                }).ok());
  }

  std::string path() const { return folder_.Path("kasa.db"); }

  void Open(const std::string& path) {
    store_.reset();
    absl::StatusOr<std::unique_ptr<Store>> opened =
        OpenSqliteStore({.path = path, .installation = TestInstallation(), .vfs = "faulty"}, clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  absl::StatusOr<Accepted> Accept(const std::string& id) {
    return Await<Accepted>(
        [&](Callback<Accepted> done) { store_->Accept(ASale(id, "one", "4000000001"), std::move(done)); });
  }

  bool IsStored(const std::string& id) { return store_->GetFiscalization("f-" + id).ok(); }

  // The store as a crash at this moment would leave it: opened from copies of its files.
  void CrashAndOpenCopy() {
    const std::string copy = folder_.Path("copy.db");
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(path() + suffix, copy + suffix);
    }
    Open(copy);
  }

  FaultyDisk disk_{"faulty"};
  TemporaryFolder folder_;
  SettableClock clock_;
  std::unique_ptr<Store> store_;
};

TEST_F(FaultsTest, AFullDiskIsSaidAndWorkGoesOnWhenThereIsSpace) {
  ASSERT_TRUE(Accept("SO-1").ok());
  disk_.full = true;
  for (int i = 0; i < 3; ++i) {
    const absl::StatusOr<Accepted> refused = Accept("SO-2");
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable) << refused.status();
    EXPECT_EQ(ReasonOf(refused.status()), Reason::kStoreFull);
    EXPECT_TRUE(RetryDelayOf(refused.status()).has_value());
    EXPECT_FALSE(IsStored("SO-2"));
    EXPECT_TRUE(IsStored("SO-1")) << "reading goes on";
  }
  EXPECT_EQ(Accept("SO-1")->kind, AcceptanceKind::kReplayed) << "it needs no space";
  EXPECT_GT(disk_.failures, 0);
  disk_.full = false;
  EXPECT_EQ(Accept("SO-2")->kind, AcceptanceKind::kStored);
  CrashAndOpenCopy();
  EXPECT_TRUE(IsStored("SO-1") && IsStored("SO-2"));
}

TEST_F(FaultsTest, AFailingDiskIsSaidOnceItIsKnownThatNothingWasStored) {
  ASSERT_TRUE(Accept("SO-1").ok());
  disk_.write_fails = true;
  std::thread mended([this] {
    while (disk_.failures < 3) std::this_thread::yield();  // the commit, and tries to learn what became of it
    disk_.write_fails = false;
  });
  const absl::StatusOr<Accepted> refused = Accept("SO-2");
  mended.join();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kStoreUnavailable);
  EXPECT_FALSE(IsStored("SO-2"));
  EXPECT_EQ(Accept("SO-2")->kind, AcceptanceKind::kStored);
}

// While it is not known how a commit ended, callers of new work are not left waiting for it.
TEST_F(FaultsTest, WhileADiskFailsNewWorkIsRefusedAtOnce) {
  ASSERT_TRUE(Accept("SO-1").ok());
  std::mutex mutex;
  std::vector<absl::StatusCode> told;
  store_->SetTroubleListener([&](const absl::Status& trouble) {
    const std::lock_guard<std::mutex> lock(mutex);
    told.push_back(trouble.code());
  });
  disk_.write_fails = true;
  std::promise<absl::StatusOr<Accepted>> first;
  store_->Accept(ASale("SO-2", "one", "4000000001"),
                 [&](absl::StatusOr<Accepted> answer) { first.set_value(std::move(answer)); });
  while (disk_.failures < 2) std::this_thread::yield();  // its commit, and a try to learn what became of it
  absl::StatusOr<Accepted> second = Accept("SO-3");
  while (second.ok() || ReasonOf(second.status()) != Reason::kStoreUnavailable) second = Accept("SO-3");
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(RetryDelayOf(second.status()).has_value());
  EXPECT_EQ(store_->GetFiscalization("f-SO-1")->state, State::kAccepted) << "reading goes on";
  disk_.write_fails = false;
  EXPECT_FALSE(first.get_future().get().ok());
  ASSERT_TRUE(Await<bool>([&](Callback<bool> done) { store_->Probe(std::move(done)); }).ok());
  EXPECT_TRUE(Accept("SO-2").ok());
  EXPECT_TRUE(Accept("SO-3").ok());
  store_->SetTroubleListener(nullptr);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0], absl::StatusCode::kUnavailable);
  EXPECT_EQ(told[1], absl::StatusCode::kOk);
}

TEST_F(FaultsTest, AFullDiskIsToldAndItsEndIsSeenByAProbe) {
  ASSERT_TRUE(Accept("SO-1").ok());
  std::vector<std::optional<Reason>> told;
  store_->SetTroubleListener([&](const absl::Status& trouble) { told.push_back(ReasonOf(trouble)); });
  disk_.full = true;
  EXPECT_FALSE(Accept("SO-2").ok());
  EXPECT_FALSE(Await<bool>([&](Callback<bool> done) { store_->Probe(std::move(done)); }).ok());
  EXPECT_THAT(told, testing::ElementsAre(Reason::kStoreFull)) << "once, however often it is met";
  disk_.full = false;
  EXPECT_TRUE(Await<bool>([&](Callback<bool> done) { store_->Probe(std::move(done)); }).ok());
  EXPECT_THAT(told, testing::ElementsAre(Reason::kStoreFull, std::nullopt));
  store_->SetTroubleListener(nullptr);
}

// The bytes of a commit whose flush failed lie in the log, whole. Told "not stored", the caller must not find
// it stored after a crash.
TEST_F(FaultsTest, ACommitWhoseFlushFailedDoesNotComeToLifeLater) {
  ASSERT_TRUE(Accept("SO-1").ok());
  ASSERT_TRUE(IsStored("SO-1"));  // connects a reader: the log stays as it is while the writer reconnects
  disk_.flush_fails = true;
  std::thread mended([this] {
    while (disk_.failures == 0) std::this_thread::yield();
    disk_.flush_fails = false;
  });
  const absl::StatusOr<Accepted> answer = Accept("SO-2");
  mended.join();
  EXPECT_EQ(answer.ok(), IsStored("SO-2")) << answer.status();
  const bool told = answer.ok();
  CrashAndOpenCopy();
  EXPECT_EQ(IsStored("SO-2"), told);
  EXPECT_TRUE(IsStored("SO-1"));
}

TEST_F(FaultsTest, NoPermitWithoutADurableMark) {
  ASSERT_TRUE(Accept("SO-1").ok());
  disk_.full = true;
  const absl::StatusOr<MarkedSend> mark = Await<MarkedSend>([&](Callback<MarkedSend> done) {
    store_->sends().MarkSending(CandidateNow(*store_, "f-SO-1"), std::move(done));
  });
  EXPECT_EQ(ReasonOf(mark.status()), Reason::kStoreFull);
  disk_.full = false;
  EXPECT_EQ(store_->GetFiscalization("f-SO-1")->state, State::kAccepted);
  EXPECT_EQ(store_->GetFiscalization("f-SO-1")->attempts, 0);
  EXPECT_TRUE(Await<MarkedSend>([&](Callback<MarkedSend> done) {
                store_->sends().MarkSending(CandidateNow(*store_, "f-SO-1"), std::move(done));
              }).ok());
}

TEST_F(FaultsTest, AnEndWhileTheDiskFailsIsAnsweredAsNotKnown) {
  ASSERT_TRUE(Accept("SO-1").ok());
  disk_.flush_fails = true;
  std::promise<absl::StatusOr<Accepted>> answered;
  store_->Accept(ASale("SO-2", "one", "4000000001"),
                 [&](absl::StatusOr<Accepted> answer) { answered.set_value(std::move(answer)); });
  while (disk_.failures == 0) std::this_thread::yield();
  store_.reset();
  const absl::StatusOr<Accepted> answer = answered.get_future().get();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(ReasonOf(answer.status()), std::nullopt) << "it says nothing about what was stored";
  disk_.flush_fails = false;
}

TEST_F(FaultsTest, ADiskThatCanNotBeOpenedIsSaid) {
  store_.reset();
  disk_.open_fails = true;
  const absl::Status refused =
      OpenSqliteStore({.path = path(), .installation = TestInstallation(), .vfs = "faulty"}, clock_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), Reason::kStoreUnavailable);
  disk_.open_fails = false;
  Open(path());
}

// Many writes in flight when the disk fills up: each answer is true, whatever batch it was in.
TEST_F(FaultsTest, UnderLoadEveryAnswerIsTrue) {
  constexpr int kSales = 400;
  std::vector<std::promise<absl::StatusOr<Accepted>>> answers(kSales);
  for (int i = 0; i < kSales; ++i) {
    if (i == 100) disk_.full = true;
    if (i == 300) disk_.full = false;
    store_->Accept(ASale("SO-" + std::to_string(i), "one", "4000000001"),
                   [&answers, i](absl::StatusOr<Accepted> answer) {
                     answers[static_cast<size_t>(i)].set_value(std::move(answer));
                   });
  }
  std::vector<bool> told;
  for (std::promise<absl::StatusOr<Accepted>>& answer : answers) {
    told.push_back(answer.get_future().get().ok());
  }
  CrashAndOpenCopy();
  for (int i = 0; i < kSales; ++i) {
    EXPECT_EQ(IsStored("SO-" + std::to_string(i)), told[static_cast<size_t>(i)]) << i;
  }
}

}  // namespace
}  // namespace kasa::store
