#ifndef KASA_SERVER_STORE_MARK_H_
#define KASA_SERVER_STORE_MARK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/log.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

// The mark of the store, kept beside the configuration: which store this installation has, and how far it had
// come. By it a store that was restored from a backup, or copied from another installation, is known when it
// wakes (architecture.md, rule 11).
namespace kasa {

struct StoreMark {
  std::string instance_id;
  int64_t epoch = 0;
  int64_t last_change = 0;
  bool paused = false;  // the store waited to be adopted

  friend bool operator==(const StoreMark&, const StoreMark&) = default;
};

// What the mark says of the store that is there.
enum class StoreOrigin {
  kOurs,      // the store that the mark was made of; a pause that it is in goes on
  kNew,       // another store, or there is no mark; but nothing was ever set up in it
  kRestored,  // the same store, as it was earlier
  kCopied,    // another store, or one that went on without this mark, or there is none; it was used before
};

// Ours is what has the mark's epoch and all that the mark tells of. Each pause begins an epoch of its own, so
// a copy that was paused elsewhere is another's, however far it has come; and so is, where a crash came
// between a pause and its mark, the store itself: pausing it once more costs nothing yet, since nothing was
// adopted.
StoreOrigin OriginOf(const store::StoreIdentity& store, const std::optional<StoreMark>& mark);

// Nothing when there is no mark yet. FAILED_PRECONDITION when the file holds something else, UNAVAILABLE when
// it can't be read.
absl::StatusOr<std::optional<StoreMark>> ReadStoreMark(const std::string& file);

// Durable when it returns OK; on an error the mark before is still there. UNAVAILABLE.
absl::Status WriteStoreMark(const std::string& file, const StoreMark& mark);

// Writes the mark again and again, a second apart at most while there are changes. To be started after the
// store was paused if it was not ours: its pause has an epoch of its own then, and what is put in its place
// later is still known. What was changed since the last writing is not known to a mark; so a backup that is
// restored within that second goes unnoticed.
class StoreMarkKeeper {
 public:
  // Everything must outlive it, and the executor be stopped before it goes.
  StoreMarkKeeper(std::string file, store::Store& store, engine::Executor& executor, Logger& logger);

  // Writes it once before it returns, so that no crash can leave a store without one. Errors as
  // WriteStoreMark().
  absl::Status Start();

  // Writes it once more, unless nothing has changed. Not while the executor runs.
  absl::Status KeepNow();

 private:
  void KeepAgain();

  const std::string file_;
  store::Store& store_;
  engine::Executor& executor_;
  Logger& logger_;
  StoreMark kept_;  // the executor's threads only, one at a time
  bool in_trouble_ = false;
};

}  // namespace kasa

#endif  // KASA_SERVER_STORE_MARK_H_
