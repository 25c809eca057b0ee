#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/status_reason.h"
#include "tests/store/fixture.h"

// What a store can be opened on, and what it refuses to touch.
namespace kasa::store {
namespace {

class OpeningTest : public StoreTest {
 protected:
  absl::Status Open(const std::string& path) {
    return OpenSqliteStore({.path = path, .installation = TestInstallation()}, clock_).status();
  }

  static std::string Bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  static mode_t ModeOf(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(stat(path.c_str(), &facts), 0) << path;
    return facts.st_mode & 0777;
  }
};

TEST_F(OpeningTest, OneProcessAStore) {
  const absl::Status second = Open(path());
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.message()), testing::HasSubstr("process " + std::to_string(getpid())));
  std::filesystem::create_symlink(path(), folder_.Path("other-name.db"));
  EXPECT_EQ(Open(folder_.Path("other-name.db")).code(), absl::StatusCode::kFailedPrecondition);
  store_.reset();
  EXPECT_TRUE(Open(path()).ok());
}

TEST_F(OpeningTest, OnlyItsOwnerReadsItsFiles) {
  AcceptSale("SO-1");
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    EXPECT_EQ(ModeOf(path() + suffix), 0600u) << suffix;
  }
}

TEST_F(OpeningTest, ANewerStoreIsRefusedAndLeftAlone) {
  store_.reset();
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA user_version = 1000");
  }
  const std::string before = Bytes(path());
  const absl::Status refused = Open(path());
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("1000"));
  EXPECT_EQ(Bytes(path()), before);
}

TEST_F(OpeningTest, WhatIsNotOursIsRefusedAndLeftAlone) {
  const std::string text = folder_.Path("letter.txt");
  std::ofstream(text) << std::string(5000, 'x');
  const std::string other = folder_.Path("other.db");
  {
    SQLite::Database database(other, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("CREATE TABLE theirs (x)");
  }
  const std::string marked = folder_.Path("marked.db");
  {
    SQLite::Database database(marked, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("PRAGMA application_id = 77");
  }
  for (const std::string& file : {text, other, marked}) {
    SCOPED_TRACE(file);
    const std::string before = Bytes(file);
    const absl::Status refused = Open(file);
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("not a store of Kasa Gateway"));
    EXPECT_EQ(Bytes(file), before);
  }
}

TEST_F(OpeningTest, AFolderThatIsMissingIsSaid) {
  const absl::Status refused = Open(folder_.Path("no/such/kasa.db"));
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), Reason::kStoreUnavailable);
}

TEST_F(OpeningTest, AnEmptyFileBecomesAStore) {
  const std::string empty = folder_.Path("empty.db");
  std::ofstream(empty).flush();
  EXPECT_TRUE(Open(empty).ok());
  EXPECT_TRUE(Open(empty).ok()) << "and is one afterwards";
}

TEST_F(OpeningTest, TheSameStoreKeepsItsIdAndAnotherHasAnother) {
  const auto id_of = [](const std::string& path) {
    SQLite::Database database(path, SQLite::OPEN_READONLY);
    return database.execAndGet("SELECT instance_id FROM meta").getString();
  };
  const std::string id = id_of(path());
  EXPECT_EQ(id.size(), 32u);
  Reopen();
  EXPECT_EQ(id_of(path()), id);
  ASSERT_TRUE(Open(folder_.Path("second.db")).ok());
  EXPECT_NE(id_of(folder_.Path("second.db")), id);
}

TEST_F(OpeningTest, WarningsOfAnOlderVersionHaveNoReasonAndThoseOfANewerKeepTheirWords) {
  AcceptSale("SO-1");
  store_.reset();
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    // record.proto: Draft.warnings = 11 "old"; Draft.notices = 12 {reason "LATER", message "new"}.
    database.exec(
        "UPDATE contents SET draft = CAST(draft || x'5a036f6c64' || x'620c0a054c415445521a036e6577' AS "
        "BLOB)");
  }
  Reopen();
  const auto read = store().GetFiscalization("f-SO-1");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->warnings, testing::ElementsAre(domain::Notice::WithoutReason("old"),
                                                   domain::Notice::WithoutReason("new")));
}

TEST_F(OpeningTest, ARecordThatCanNotBeReadIsSaidAndTheOthersAreRead) {
  AcceptSale("SO-1");
  AcceptSale("SO-2");
  store_.reset();
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec("UPDATE contents SET document = x'ffff' WHERE fiscalization = 1");
  }
  Reopen();
  EXPECT_EQ(store().GetFiscalization("f-SO-1").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Cancel("f-SO-1").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(store().GetFiscalization("f-SO-2").ok());
  EXPECT_TRUE(Cancel("f-SO-2").ok());
}

}  // namespace
}  // namespace kasa::store
