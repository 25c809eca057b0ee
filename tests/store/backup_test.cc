#include "server/store/backup.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/store/fixture.h"

// Copies of a store that is at work, and what is said of a file that is not sound.
namespace kasa::store {
namespace {

using testing::HasSubstr;

class BackupTest : public StoreTest {
 protected:
  std::string target() const { return folder_.Path("backup.db"); }

  absl::StatusOr<BackupReport> BackUp() {
    return BackUpStore(path(), target(), [](int64_t, int64_t) {});
  }

  // Makes the store so large that it is copied in several steps: answers that belong to nothing.
  void Swell() {
    store_.reset();
    {
      SQLite::Database database(path(), SQLite::OPEN_READWRITE);
      database.exec(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)"
          " INSERT INTO exchanges (fiscalization_id, integration_id, register_fiscal_number, kind, tag, "
          "request,"
          " start_time, http_status, answer, outcome, in_flight, unexplained)"
          " SELECT 'none', '', '', 2, '', '', 0, 200, hex(zeroblob(2000)), '', 0, 0 FROM n");
    }
    Reopen();
  }

  // Overwrites the root page of a table in the closed store's file.
  void Damage(const std::string& table) {
    store_.reset();
    int64_t page = 0;
    int64_t size = 0;
    {
      SQLite::Database database(path(), SQLite::OPEN_READWRITE);
      database.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)");
      size = database.execAndGet("PRAGMA page_size").getInt64();
      page =
          database.execAndGet("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'").getInt64();
    }
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * size);
    file << std::string(static_cast<size_t>(size), 'Z');
  }
};

// The store goes on while it is copied, and yet the copy is of one moment: no step of it begins anew.
TEST_F(BackupTest, IsOfOneMomentWhileOthersAreStored) {
  for (int i = 0; i < 20; ++i) AcceptSale(absl::StrCat("before-", i));
  Swell();
  std::atomic<bool> stop = false;
  std::atomic<int> stored = 0;
  std::thread seller([&] {
    while (!stop) {
      if (Accept(ASale(absl::StrCat("meanwhile-", stored.load()), kOne, kRegisterOne)).ok()) ++stored;
    }
  });
  int64_t furthest = 0;
  int told = 0;
  const auto report = BackUpStore(path(), target(), [&](int64_t copied, int64_t pages) {
    EXPECT_GE(copied, furthest) << "it did not begin anew";
    EXPECT_LE(copied, pages);
    furthest = copied;
    ++told;
    // Between two steps of the copy something is stored for sure.
    const int before = stored;
    while (stored == before) std::this_thread::yield();
  });
  stop = true;
  seller.join();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_GT(told, 1);
  SQLite::Database copy(target(), SQLite::OPEN_READONLY);
  EXPECT_EQ(copy.execAndGet("PRAGMA integrity_check").getString(), "ok");
  EXPECT_EQ(copy.execAndGet("PRAGMA journal_mode").getString(), "delete");
  EXPECT_EQ(copy.execAndGet("SELECT count(*) FROM fiscalizations WHERE document_id LIKE 'before-%'").getInt(),
            20);
  EXPECT_EQ(copy.execAndGet("SELECT max(sequence) FROM changes").getInt64(), report->last_change);
  EXPECT_EQ(report->bytes, static_cast<int64_t>(std::filesystem::file_size(target())));
}

TEST_F(BackupTest, IsAStoreForItsOwnerAlone) {
  AcceptSale("SO-1");
  ASSERT_TRUE(BackUp().ok());
  struct stat facts {};
  ASSERT_EQ(stat(target().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(target() + ".partial"));
  auto opened = OpenSqliteStore({.path = target(), .installation = TestInstallation()}, clock_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE((*opened)->GetFiscalization("f-SO-1").ok());
}

TEST_F(BackupTest, WritesOverWhatACutOffOneLeftAndOverNothingElse) {
  std::ofstream(target() + ".partial") << std::string(100'000, 'x');
  ASSERT_TRUE(BackUp().ok());
  const absl::StatusOr<BackupReport> again = BackUp();
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists) << again.status();
}

TEST_F(BackupTest, KeepsOutOfTheWayOfAnotherOne) {
  Swell();
  absl::Status second;
  bool tried = false;
  const auto first = BackUpStore(path(), target(), [&](int64_t, int64_t) {
    if (!std::exchange(tried, true)) second = BackUp().status();
  });
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition) << second;
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(CheckDatabaseFile(target()).ok());
}

TEST_F(BackupTest, SaysWhatIsNoStore) {
  const auto none = BackUpStore(folder_.Path("none.db"), target(), [](int64_t, int64_t) {});
  EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
  std::ofstream(folder_.Path("text.db")) << std::string(5000, 'x');
  const auto text = BackUpStore(folder_.Path("text.db"), target(), [](int64_t, int64_t) {});
  EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument) << text.status();
  EXPECT_FALSE(std::filesystem::exists(target()));
  EXPECT_FALSE(std::filesystem::exists(target() + ".partial"));
}

TEST_F(BackupTest, OfADamagedStoreIsNone) {
  AcceptSale("SO-1");
  ASSERT_TRUE(CheckDatabaseFile(path()).ok());
  Damage("contents");
  EXPECT_EQ(CheckDatabaseFile(path()).code(), absl::StatusCode::kDataLoss);
  const absl::StatusOr<BackupReport> report = BackUp();
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss) << report.status();
  EXPECT_THAT(report.status().message(), HasSubstr("damaged"));
  EXPECT_FALSE(std::filesystem::exists(target()));
  EXPECT_FALSE(std::filesystem::exists(target() + ".partial"));
}

// --- a damaged store at work

TEST_F(BackupTest, ADamagedStoreTakesNothingNewAndSendsNothing) {
  AcceptSale("SO-1");
  Damage("receipts");
  auto opened = OpenSqliteStore(Options(), clock_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  store_ = *std::move(opened);
  absl::Status told;
  store_->SetTroubleListener([&told](const absl::Status& trouble) { told = trouble; });
  // Whoever meets it is told as it is.
  EXPECT_EQ(store_->GetFiscalization("f-SO-1").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(told.code(), absl::StatusCode::kDataLoss);
  const absl::Status refused = Accept(ASale("SO-2", kOne, kRegisterOne)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("nothing was stored"));
  EXPECT_EQ(Mark("f-SO-1").status().code(), absl::StatusCode::kUnavailable)
      << "what it says to send is not trusted";
  // It does not end, as a disk's trouble does, when a write is taken.
  ASSERT_TRUE(Await<bool>([&](Callback<bool> done) { store_->Probe(std::move(done)); }).ok());
  EXPECT_FALSE(told.ok());
  EXPECT_FALSE(Accept(ASale("SO-2", kOne, kRegisterOne)).ok());
  store_->SetTroubleListener(nullptr);
}

TEST_F(BackupTest, AfterDamageTheNextStartChecksTheWholeStore) {
  AcceptSale("SO-1");
  ASSERT_TRUE(BackUp().ok());
  Damage("receipts");
  store_ = *OpenSqliteStore(Options(), clock_);
  EXPECT_FALSE(store_->GetFiscalization("f-SO-1").ok());
  store_.reset();
  const absl::Status refused = OpenSqliteStore(Options(), clock_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("Restore it from a backup"));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
  std::filesystem::copy_file(target(), path());
  Reopen();
  EXPECT_TRUE(store_->GetFiscalization("f-SO-1").ok());
  EXPECT_FALSE(std::filesystem::exists(path() + ".damaged"));
}

}  // namespace
}  // namespace kasa::store
