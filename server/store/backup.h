#ifndef KASA_SERVER_STORE_BACKUP_H_
#define KASA_SERVER_STORE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Copies of a store for bad days (docs/adr/0009-backup-as-a-command.md).
namespace kasa::store {

struct BackupReport {
  int64_t bytes = 0;        // of the copy
  int64_t last_change = 0;  // the number of the last change of state in it
};

// Called now and then with how far the copy is: pages of 4 KiB.
using BackupProgress = std::function<void(int64_t copied, int64_t pages)>;

// Copies the store in `path` into the new file `target`, also while a gateway uses it: all of one moment,
// that of the begin. `target` is there whole or not at all: it is written as "`target`.partial", for its
// owner alone, checked (PRAGMA quick_check), flushed, and renamed. What a cut-off run left is written over.
//
// NOT_FOUND: no store in `path`. INVALID_ARGUMENT: it is not a store of ours. ALREADY_EXISTS: there is a
// `target`. FAILED_PRECONDITION: another backup writes the same one. DATA_LOSS: the copy is damaged, so the
// store is. UNAVAILABLE: a disk refuses.
absl::StatusOr<BackupReport> BackUpStore(const std::string& path, const std::string& target,
                                         const BackupProgress& progress);

// Reads a whole database file and its indexes and says whether they are sound (PRAGMA quick_check); also
// while a gateway uses it. Takes as long as reading the file. DATA_LOSS with the first findings; UNAVAILABLE
// when it can't be read.
absl::Status CheckDatabaseFile(const std::string& path);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_BACKUP_H_
