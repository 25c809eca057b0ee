#ifndef KASA_SERVER_STORE_ERRORS_H_
#define KASA_SERVER_STORE_ERRORS_H_

#include <SQLiteCpp/Exception.h>

#include <stdexcept>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/reason.h"
#include "server/domain/fiscalization.h"

// How this room fails. Inside it, SQLiteCpp throws and unreadable records do too; both are caught at its edge
// (write_queue.cc, read_pool.h) and become a status here. Refusals are statuses from the start.
namespace kasa::store {

// A stored record that can't be read: a damaged file, or one that was written by other hands.
class UnreadableRecord : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// UNAVAILABLE with STORE_FULL (a full disk) or STORE_UNAVAILABLE (anything else that the disk or the file
// system refuses), DATA_LOSS for a damaged file, INTERNAL for what only a bug of ours can cause. `doing`
// begins the message: "writing to the store".
absl::Status StatusOf(const SQLite::Exception& error, absl::string_view doing);
absl::Status StatusOf(const UnreadableRecord& error);

// Whether SQLite says that the file is not what it wrote. A single record that can't be read is not meant:
// its neighbours are as they were.
bool IsDamage(const absl::Status& error);

// NOT_FOUND (FISCALIZATION_NOT_FOUND), (INTEGRATION_NOT_FOUND).
absl::Status NoSuchFiscalization(absl::string_view id);
absl::Status NoSuchIntegration(absl::string_view id);

// ABORTED (ETAG_MISMATCH).
absl::Status EtagMismatch(absl::string_view id);

// The same to a caller who named no version: what was prepared for it is of other content than it has now.
absl::Status ChangedWhilePrepared(absl::string_view id);

// FAILED_PRECONDITION (STATE_NOT_ALLOWED), with the fiscalization and its state as facts.
absl::Status StateNotAllowed(const domain::Fiscalization& fiscalization, absl::string_view why);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_ERRORS_H_
