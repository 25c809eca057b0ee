#include "server/store/errors.h"

#include <sqlite3.h>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"

namespace kasa::store {
namespace {

// Marks what IsDamage() is asked about; never leaves the process.
constexpr char kDamagePayload[] = "kasa/store-damage";

}  // namespace

absl::Status StatusOf(const SQLite::Exception& error, absl::string_view doing) {
  const std::string message = absl::StrCat(doing, ": ", error.what(), " (", error.getErrorStr(), ")");
  // Codes have no sign in common but their meaning, so each is named: https://sqlite.org/rescode.html
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreFull,
                                          absl::StrCat(message, ". Free space on the disk of the store")),
                            absl::Seconds(10));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_NOLFS:
      return WithRetryDelay(ReasonedError(absl::StatusCode::kUnavailable, Reason::kStoreUnavailable, message),
                            absl::Seconds(5));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT: {
      absl::Status damage = ReasonedError(
          absl::StatusCode::kDataLoss, Reason::kInternal,
          absl::StrCat(message,
                       ". The store's file is damaged: see \"The store is damaged\" in docs/operations.md"));
      damage.SetPayload(kDamagePayload, absl::Cord());
      return damage;
    }
    default:
      return ReasonedError(absl::StatusCode::kInternal, Reason::kInternal, message);
  }
}

bool IsDamage(const absl::Status& error) {
  return error.code() == absl::StatusCode::kDataLoss && error.GetPayload(kDamagePayload).has_value();
}

absl::Status StatusOf(const UnreadableRecord& error) {
  return ReasonedError(absl::StatusCode::kDataLoss, Reason::kInternal,
                       absl::StrCat("a record of the store can't be read: ", error.what()));
}

absl::Status NoSuchFiscalization(absl::string_view id) {
  return ReasonedError(absl::StatusCode::kNotFound, Reason::kFiscalizationNotFound,
                       absl::StrCat("there is no fiscalization '", id, "'"));
}

absl::Status NoSuchIntegration(absl::string_view id) {
  return ReasonedError(absl::StatusCode::kNotFound, Reason::kIntegrationNotFound,
                       absl::StrCat("there is no integration '", id, "'"));
}

absl::Status EtagMismatch(absl::string_view id) {
  return ReasonedError(absl::StatusCode::kAborted, Reason::kEtagMismatch,
                       absl::StrCat("'", id, "' has changed since its etag was read: read it again"));
}

absl::Status ChangedWhilePrepared(absl::string_view id) {
  return ReasonedError(absl::StatusCode::kAborted, Reason::kEtagMismatch,
                       absl::StrCat("'", id, "' was changed while its retry was prepared: ask again"));
}

absl::Status StateNotAllowed(const domain::Fiscalization& fiscalization, absl::string_view why) {
  const absl::string_view state = domain::NameOf(fiscalization.state);
  absl::Status status =
      ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kStateNotAllowed,
                    absl::StrCat("fiscalization '", fiscalization.id, "' is ", state, ": ", why));
  return WithFact(WithFact(std::move(status), "fiscalization_id", fiscalization.id), "state", state);
}

}  // namespace kasa::store
