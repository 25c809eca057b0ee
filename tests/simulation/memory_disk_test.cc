#include "tests/simulation/memory_disk.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/wal_rewrite.h"
#include "tests/simulation/memory_vfs.h"

// That the simulated disk forgets what it may forget, and nothing else: everything that simulation says about
// synchronous=FULL rests on it.
namespace kasa::simulation {
namespace {

constexpr int kTries = 200;

TEST(MemoryDisk, WhatIsSyncedIsThereAfterAPowerCut) {
  MemoryDisk disk;
  const auto file = disk.Create("a");
  file->Write(0, "synced");
  file->Sync();
  disk.SyncDirectory();
  for (uint64_t seed = 0; seed < kTries; ++seed) {
    EXPECT_EQ(disk.AfterPowerCut(Random(seed)).at("a")->content(), "synced");
  }
}

TEST(MemoryDisk, AnUnsyncedWriteIsThereOrNotOrTorn) {
  MemoryDisk disk;
  const auto file = disk.Create("a");
  file->Write(0, std::string(1024, '0'));
  file->Sync();
  disk.SyncDirectory();
  file->Write(0, std::string(1024, '1'));
  std::set<std::string> found;
  for (uint64_t seed = 0; seed < kTries; ++seed) {
    found.insert(disk.AfterPowerCut(Random(seed)).at("a")->content());
  }
  const std::string old_sector(512, '0');
  const std::string new_sector(512, '1');
  EXPECT_EQ(found, (std::set<std::string>{old_sector + old_sector, new_sector + new_sector,
                                          old_sector + new_sector, new_sector + old_sector}));
}

TEST(MemoryDisk, ANewNameMayBeGoneUntilItsDirectoryIsSynced) {
  MemoryDisk disk;
  disk.Create("a")->Sync();
  int gone = 0;
  for (uint64_t seed = 0; seed < kTries; ++seed)
    gone += disk.AfterPowerCut(Random(seed)).contains("a") ? 0 : 1;
  EXPECT_GT(gone, kTries / 4);
  EXPECT_LT(gone, kTries * 3 / 4);
  disk.SyncDirectory();
  for (uint64_t seed = 0; seed < kTries; ++seed) EXPECT_EQ(disk.AfterPowerCut(Random(seed)).count("a"), 1U);
}

TEST(MemoryDisk, AKilledProcessLosesNothing) {
  MemoryDisk disk;
  disk.Create("a")->Write(0, "unsynced");
  EXPECT_EQ(disk.AfterKill().at("a")->content(), "unsynced");
  EXPECT_FALSE(disk.AfterKill().at("a")->clean());
}

TEST(MemoryDisk, WhatAFailedSyncForgotNoLaterSyncWrites) {
  MemoryDisk disk;
  const auto file = disk.Create("a");
  disk.SyncDirectory();
  file->Write(0, "lost");
  file->LoseUnsynced();
  file->Sync();
  EXPECT_EQ(file->content(), "lost");
  EXPECT_EQ(disk.AfterPowerCut(Random(1)).at("a")->content(), "");
}

// The same, kept in the plainest way.
struct PlainFile {
  std::string content;
  std::string synced;
  std::vector<std::function<void(std::string&)>> unsynced;

  void Do(std::function<void(std::string&)> change) {
    change(content);
    unsynced.push_back(std::move(change));
  }
  void Sync() {
    for (const auto& change : unsynced) change(synced);
    unsynced.clear();
  }
};

TEST(MemoryDisk, KnowsWhatIsSyncedAfterAnyWritesAndTruncations) {
  for (uint64_t seed = 0; seed < kTries; ++seed) {
    Random random(seed);
    DiskFile file;
    PlainFile plain;
    for (int step = 0; step < 60; ++step) {
      const auto offset = static_cast<size_t>(random.Below(40));
      const std::string bytes(static_cast<size_t>(random.Below(20)), static_cast<char>('a' + step % 26));
      switch (random.Below(4)) {
        case 0:
          file.Truncate(offset);
          plain.Do([offset](std::string& content) { content.resize(offset, '\0'); });
          break;
        case 1:
          file.Sync();
          plain.Sync();
          break;
        default:
          file.Write(offset, bytes);
          plain.Do([offset, bytes](std::string& content) {
            content.resize(std::max(content.size(), offset + bytes.size()), '\0');
            content.replace(offset, bytes.size(), bytes);
          });
      }
      ASSERT_EQ(file.content(), plain.content);
      ASSERT_EQ(file.Synced(), plain.synced);
    }
  }
}

class OnMemoryDisk : public testing::Test {
 protected:
  std::unique_ptr<SQLite::Database> Open(const char* synchronous) {
    auto opened = std::make_unique<SQLite::Database>(
        std::string("db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 0, vfs_.name());
    opened->exec("PRAGMA journal_mode = WAL");
    opened->exec(absl::StrCat("PRAGMA synchronous = ", synchronous));
    return opened;
  }

  // Commits 20 rows one by one, cuts the power after the last, and counts what is left; -1 when the database
  // is damaged.
  int RowsLeft(const char* synchronous, uint64_t seed) {
    auto disk = std::make_shared<MemoryDisk>();
    vfs_.Mount(disk);
    DiskImage left;
    {
      const auto database = Open(synchronous);
      database->exec("CREATE TABLE rows (n INTEGER PRIMARY KEY, filler TEXT)");
      for (int n = 1; n <= 20; ++n) {
        database->exec(absl::StrCat("INSERT INTO rows VALUES (", n, ", '", std::string(700, 'x'), "')"));
      }
      left = disk->AfterPowerCut(Random(seed));
      disk->Die();
    }
    vfs_.Mount(std::make_shared<MemoryDisk>(std::move(left)));
    const auto database = Open(synchronous);
    if (database->execAndGet("PRAGMA integrity_check").getString() != "ok") return -1;
    return database->tableExists("rows") ? database->execAndGet("SELECT COUNT(*) FROM rows").getInt() : 0;
  }

  MemoryVfs vfs_{"memory-disk-test"};
};

TEST_F(OnMemoryDisk, SynchronousFullKeepsEveryCommit) {
  for (uint64_t seed = 0; seed < kTries; ++seed) EXPECT_EQ(RowsLeft("FULL", seed), 20) << "seed " << seed;
}

TEST_F(OnMemoryDisk, SynchronousNormalLosesCommits) {
  int lost = 0;
  for (uint64_t seed = 0; seed < kTries; ++seed) lost += RowsLeft("NORMAL", seed) < 20 ? 1 : 0;
  EXPECT_GT(lost, kTries / 2);
}

// A process whose flush failed is killed; the next one commits, and then the power is cut.
TEST_F(OnMemoryDisk, WhatIsCommittedOverALogWithAHoleStaysOnceTheLogIsWrittenAgain) {
  for (const bool written_again : {false, true}) {
    auto disk = std::make_shared<MemoryDisk>();
    vfs_.Mount(disk);
    {
      const auto database = Open("FULL");
      database->exec("CREATE TABLE rows (n INTEGER PRIMARY KEY)");
      disk->trouble.syncs_fail = disk->trouble.syncs_forget = true;
      EXPECT_THROW(database->exec("INSERT INTO rows VALUES (1)"), SQLite::Exception);
      disk->Die();
    }
    disk = std::make_shared<MemoryDisk>(disk->AfterKill());
    vfs_.Mount(disk);
    if (written_again) store::RewriteWal("db", vfs_.name());
    DiskImage left;
    {
      const auto database = Open("FULL");
      database->exec("INSERT INTO rows VALUES (2)");
      left = disk->Synced();
      disk->Die();
    }
    vfs_.Mount(std::make_shared<MemoryDisk>(std::move(left)));
    const auto database = Open("FULL");
    EXPECT_EQ(database->execAndGet("SELECT COUNT(*) FROM rows WHERE n = 2").getInt(), written_again ? 1 : 0);
  }
}

TEST_F(OnMemoryDisk, ALogThatCantBeFlushedIsSaid) {
  auto disk = std::make_shared<MemoryDisk>();
  vfs_.Mount(disk);
  EXPECT_NO_THROW(store::RewriteWal("db", vfs_.name()));
  const auto database = Open("FULL");
  database->exec("CREATE TABLE rows (n INTEGER PRIMARY KEY)");
  disk->trouble.syncs_fail = true;
  try {
    store::RewriteWal("db", vfs_.name());
    ADD_FAILURE() << "nothing was said";
  } catch (const SQLite::Exception& error) {
    EXPECT_EQ(error.getErrorCode(), SQLITE_IOERR)
        << "of the kind by which the store knows that the disk fails";
  }
}

}  // namespace
}  // namespace kasa::simulation
