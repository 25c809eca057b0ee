#ifndef KASA_SERVER_STORE_WAL_REWRITE_H_
#define KASA_SERVER_STORE_WAL_REWRITE_H_

#include <string>

// What the last writer left in the write-ahead log, put on the disk for certain.
namespace kasa::store {

// Writes the database's log once more as it is, and syncs it; does nothing where there is none. To be called
// before the database is opened to write, under the store's lock; readers may be connected.
//
// When a sync fails, Linux takes the pages for clean: they can be read, and no later sync writes them. The
// log has a hole then that nobody sees. What the next writer commits lies behind the hole, and is lost with
// the next power cut, however well it was synced. Written again, the pages are dirty again, and the sync of
// them means something.
//
// `vfs`: SQLite's name of the file system, empty for the usual one. Throws SQLite::Exception.
void RewriteWal(const std::string& database, const std::string& vfs);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_WAL_REWRITE_H_
