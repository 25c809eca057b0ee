#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/store/fixture.h"

namespace kasa::store {
namespace {

constexpr uintmax_t kMostOfALogKept = uintmax_t{64} << 20;

class LogSizeTest : public StoreTest {
 protected:
  uintmax_t LogSize() const { return std::filesystem::file_size(path() + "-wal"); }

  // 80 MB of answers that belong to nothing.
  void Swell() const {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    database.exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
        " INSERT INTO exchanges (fiscalization_id, integration_id, register_fiscal_number, kind, tag,"
        " request, start_time, http_status, answer, outcome, in_flight, unexplained)"
        " SELECT 'none', '', '', 2, '', '', 0, 200, hex(zeroblob(2000000)), '', 0, 0 FROM n");
  }
};

// Each start writes the whole log again, so it must not stay as large as a backup once made it.
TEST_F(LogSizeTest, ALogThatGrewUnderALongReaderIsCutBackOnceTheReaderIsGone) {
  AcceptSale("SO-1");
  SQLite::Database reader(path(), SQLite::OPEN_READONLY);
  reader.exec("BEGIN");
  ASSERT_EQ(reader.execAndGet("SELECT count(*) FROM fiscalizations").getInt(), 1);
  Swell();
  AcceptSale("SO-2");
  EXPECT_GT(LogSize(), kMostOfALogKept) << "what the reader may still read is kept";
  reader.exec("COMMIT");
  for (int i = 0; i < 3; ++i) AcceptSale(absl::StrCat("SO-after-", i));
  EXPECT_LE(LogSize(), kMostOfALogKept);
}

}  // namespace
}  // namespace kasa::store
