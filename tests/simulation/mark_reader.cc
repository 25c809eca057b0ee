#include "tests/simulation/mark_reader.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <memory>

namespace kasa::simulation {

bool HasSyncedMark(MemoryVfs& vfs, const MemoryDisk& disk, const std::string& database,
                   const std::string& tag, const std::string& body) try {
  vfs.Mount(std::make_shared<MemoryDisk>(disk.Synced()));
  SQLite::Database opened(database, SQLite::OPEN_READWRITE, 0, vfs.name());
  // The copy is thrown away: it need not be put in order first.
  sqlite3_db_config(opened.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  SQLite::Statement query(opened,
                          "SELECT COUNT(*) FROM exchanges WHERE in_flight = 1 AND tag = ? AND request = ?");
  query.bind(1, tag);
  query.bind(2, body);
  return query.executeStep() && query.getColumn(0).getInt() == 1;
} catch (const SQLite::Exception&) {
  return false;
}

}  // namespace kasa::simulation
