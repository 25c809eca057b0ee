#ifndef KASA_SERVER_STORE_STORE_TROUBLE_H_
#define KASA_SERVER_STORE_STORE_TROUBLE_H_

#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace kasa::store {

// What is wrong with the store's disk or file, told by whoever meets it, and asked by whoever begins
// something new.
//
// Two kinds. The disk's trouble (STORE_FULL, STORE_UNAVAILABLE) ends with the next commit that takes. Damage
// of the file (DATA_LOSS from SQLite: a page is not what it was) never ends while the process runs: what else
// the file says can't be trusted, so nothing new is accepted or sent from it. Damage is also written down in
// a file beside the store, so that the next start checks the whole store before it goes on (sqlite_file.h).
//
// Thread-safe.
class StoreTrouble {
 public:
  // `damage_note`: the file in which damage is written down; empty: nowhere.
  explicit StoreTrouble(std::string damage_note) : damage_note_(std::move(damage_note)) {}
  StoreTrouble(const StoreTrouble&) = delete;
  StoreTrouble& operator=(const StoreTrouble&) = delete;

  // Hears of an error of the disk or the file; others are none of its business.
  void Met(const absl::Status& error);
  // A commit was made durable.
  void CommitTook();

  // Why nothing new may begin because the file is damaged: UNAVAILABLE (STORE_UNAVAILABLE), with what to do.
  // OK else.
  absl::Status Damage() const;

  // Calls `listener` with the trouble (see Store::SetTroubleListener), at once when there is one already, and
  // each time that it begins or ends. An empty one takes it back: it is not called any more when this
  // returns.
  void SetListener(std::function<void(const absl::Status&)> listener);

 private:
  void Tell(const absl::Status& trouble);

  const std::string damage_note_;
  mutable std::mutex mutex_;
  absl::Status trouble_;  // guarded by mutex_
  bool damaged_ = false;  // guarded by mutex_
  std::mutex listener_mutex_;
  std::function<void(const absl::Status&)> listener_;  // guarded by listener_mutex_
};

// Whether `error` says that the disk or the file fails, rather than that something was refused.
bool IsStoreTrouble(const absl::Status& error);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_STORE_TROUBLE_H_
