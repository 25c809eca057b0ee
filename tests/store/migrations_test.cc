#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/store/schema.h"
#include "tests/store/receipts_fixture.h"

// A store of each older version becomes, with all that is in it, what one of the present version is.
namespace kasa::store {
namespace {

using domain::DocumentKind;
using Rows = std::vector<std::string>;

class MigrationsTest : public ReceiptsTest {
 protected:
  // What an older version could have stored, too.
  void Fill() {
    Make({.document_id = "sale", .fiscal_number = "F1", .second = 10, .kopiykas = 4500});
    Make({.document_id = "next hour", .fiscal_number = "F2", .second = 4000, .kopiykas = 700});
    Make({.document_id = "of two", .fiscal_number = "F3", .second = 20}, /*second_register=*/true);
    Acceptance back = ASale("back", kOne, kRegisterOne);
    back.fiscalization.key.kind = DocumentKind::kReturn;
    back.fiscalization.tag = domain::TagFor(TestInstallation(), back.fiscalization.key, 0);
    back.fiscalization.order_id = "";
    back.fiscalization.original_id = "f-sale";
    ASSERT_TRUE(Accept(std::move(back)).ok());
    ASSERT_TRUE(Cancel("f-back").ok());
    Acceptance payment = ASale("paid", kOne, kRegisterOne);
    payment.fiscalization.key.kind = DocumentKind::kPayment;
    payment.fiscalization.tag = domain::TagFor(TestInstallation(), payment.fiscalization.key, 0);
    payment.fiscalization.order_id = "order-of-sale";
    ASSERT_TRUE(Accept(std::move(payment)).ok());
    FailedSale("refused", true);
    SaleInDoubt("doubtful");
    AcceptSale("waiting");
  }

  static Rows ColumnsOf(SQLite::Database& database, const std::string& schema, const std::string& table) {
    Rows columns;
    SQLite::Statement query(database, absl::StrCat("PRAGMA ", schema, ".table_info(", table, ")"));
    while (query.executeStep()) columns.push_back(query.getColumn(1).getString());
    return columns;
  }

  static Rows TablesOf(SQLite::Database& database) {
    Rows tables;
    SQLite::Statement query(
        database, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    while (query.executeStep()) tables.push_back(query.getColumn(0).getString());
    return tables;
  }

  // A store as `version` made it, with what it knew of the rows of this one, in its place.
  void GoBackTo(int version) {
    store_.reset();
    const std::string newer = folder_.Path(absl::StrCat("newer-than-", version, ".db"));
    std::filesystem::copy_file(original_, newer);
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
    SQLite::Database database(path(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (const Migration& migration : AllMigrations()) {
      if (migration.version <= version) database.exec(std::string(migration.sql));
    }
    SQLite::Statement attach(database, "ATTACH ? AS newer");
    attach.bind(1, newer);
    attach.exec();
    for (const std::string& table : TablesOf(database)) {
      const Rows known = ColumnsOf(database, "newer", table);
      Rows columns = ColumnsOf(database, "main", table);
      std::erase_if(columns, [&](const std::string& column) {
        return std::find(known.begin(), known.end(), column) == known.end();
      });
      if (columns.empty()) continue;  // there is no such table any more
      const std::string list = absl::StrJoin(columns, ", ");
      database.exec(
          absl::StrCat("INSERT INTO main.", table, " (", list, ") SELECT ", list, " FROM newer.", table));
    }
    database.exec(absl::StrCat("PRAGMA application_id = ", kApplicationId));
    database.exec(absl::StrCat("PRAGMA user_version = ", version));
  }

  // Every row of every table, and how tables and indexes were made.
  static std::map<std::string, Rows> All(const std::string& path) {
    SQLite::Database database(path, SQLite::OPEN_READONLY);
    std::map<std::string, Rows> all;
    Rows tables = TablesOf(database);
    tables.emplace_back("sqlite_schema");
    for (const std::string& table : tables) {
      Rows& rows = all[table];
      Rows columns = ColumnsOf(database, "main", table);
      std::erase(columns, "rootpage");
      for (std::string& column : columns) column = absl::StrCat("quote(", column, ")");
      SQLite::Statement query(
          database, absl::StrCat("SELECT ", absl::StrJoin(columns, " || ', ' || "), " FROM ", table));
      while (query.executeStep()) rows.push_back(query.getColumn(0).getString());
      // None is as good as no row.
      if (table == "order_registers")
        std::erase_if(rows, [](const std::string& row) { return row.ends_with(" 0"); });
      std::sort(rows.begin(), rows.end());
    }
    return all;
  }

  std::string original_;
};

TEST_F(MigrationsTest, OfEachVersionLeadToTheSameStore) {
  Fill();
  if (HasFatalFailure()) return;
  store_.reset();
  original_ = folder_.Path("original.db");
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    SQLite::Statement copy(database, "VACUUM INTO ?");
    copy.bind(1, original_);
    copy.exec();
  }
  const auto wanted = All(original_);
  for (const Migration& last : AllMigrations()) {
    if (last.version == AllMigrations().back().version) break;
    SCOPED_TRACE(last.version);
    GoBackTo(last.version);
    Rows told;
    SqliteStoreOptions options = Options();
    options.migration_listener = [&told](absl::string_view what) { told.emplace_back(what); };
    ASSERT_TRUE(OpenSqliteStore(options, clock_).ok());
    EXPECT_GE(told.size(), 2u);
    const auto got = All(path());
    ASSERT_EQ(got.size(), wanted.size());
    for (const auto& [table, rows] : wanted) EXPECT_EQ(got.at(table), rows) << table;
    told.clear();
    ASSERT_TRUE(OpenSqliteStore(options, clock_).ok());
    EXPECT_THAT(told, testing::IsEmpty()) << "it has the last version";
  }
}

}  // namespace
}  // namespace kasa::store
