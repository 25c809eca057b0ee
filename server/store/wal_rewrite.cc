#include "server/store/wal_rewrite.h"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace kasa::store {
namespace {

constexpr int kChunk = 1 << 16;

void Check(int result, const char* doing) {
  if (result == SQLITE_OK) return;
  // A file system tells more than SQLite's own calls do, which tell no more than the kind of an error.
  constexpr int kKind = 0xff;
  throw SQLite::Exception(doing, result & kKind);
}

// A file of one of SQLite's file systems.
class VfsFile {
 public:
  VfsFile(sqlite3_vfs& vfs, const char* name, int flags)
      : room_((static_cast<size_t>(vfs.szOsFile) + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t)) {
    const int opened = vfs.xOpen(&vfs, name, file(), flags, nullptr);
    if (opened != SQLITE_OK) Close();
    Check(opened, "opening the store's log");
  }
  VfsFile(const VfsFile&) = delete;
  VfsFile& operator=(const VfsFile&) = delete;
  ~VfsFile() { Close(); }

  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(room_.data()); }
  const sqlite3_io_methods& methods() { return *file()->pMethods; }

 private:
  void Close() {
    if (file()->pMethods != nullptr) methods().xClose(file());
  }

  std::vector<std::max_align_t> room_;  // zeros, so that there are no methods until it is open
};

}  // namespace

void RewriteWal(const std::string& database, const std::string& vfs) {
  sqlite3_vfs* const found = sqlite3_vfs_find(vfs.empty() ? nullptr : vfs.c_str());
  if (found == nullptr) throw SQLite::Exception("no such file system: " + vfs, SQLITE_CANTOPEN);
  const std::string log = database + "-wal";
  int exists = 0;
  Check(found->xAccess(found, log.c_str(), SQLITE_ACCESS_EXISTS, &exists), "looking for the store's log");
  if (exists == 0) return;
  const std::unique_ptr<const char, decltype(&sqlite3_free_filename)> name(
      sqlite3_create_filename(database.c_str(), "", log.c_str(), 0, nullptr), sqlite3_free_filename);
  if (name == nullptr) throw SQLite::Exception("no memory", SQLITE_NOMEM);
  VfsFile wal(*found, sqlite3_filename_wal(name.get()), SQLITE_OPEN_WAL | SQLITE_OPEN_READWRITE);
  sqlite3_int64 size = 0;
  Check(wal.methods().xFileSize(wal.file(), &size), "reading the store's log");
  std::vector<char> chunk(kChunk);
  for (sqlite3_int64 at = 0; at < size; at += kChunk) {
    const int length = static_cast<int>(std::min<sqlite3_int64>(kChunk, size - at));
    Check(wal.methods().xRead(wal.file(), chunk.data(), length, at), "reading the store's log");
    Check(wal.methods().xWrite(wal.file(), chunk.data(), length, at), "writing the store's log again");
  }
  Check(wal.methods().xSync(wal.file(), SQLITE_SYNC_NORMAL), "flushing the store's log");
}

}  // namespace kasa::store
