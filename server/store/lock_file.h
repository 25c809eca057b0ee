#ifndef KASA_SERVER_STORE_LOCK_FILE_H_
#define KASA_SERVER_STORE_LOCK_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace kasa::store {

// The right to be the one process that uses a store: an flock() on a file beside the database, held as long
// as this lives. The kernel lets go of it when the process ends, however it ends; the file stays. Not to be
// relied on over NFS, where a store must not be put anyway (WAL needs shared memory).
class LockFile {
 public:
  // FAILED_PRECONDITION, with the holder's process id when it is known. UNAVAILABLE (STORE_UNAVAILABLE) when
  // the file can't be made.
  static absl::StatusOr<LockFile> Take(const std::string& path);

  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  // -1: moved from
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_LOCK_FILE_H_
