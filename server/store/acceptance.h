#ifndef KASA_SERVER_STORE_ACCEPTANCE_H_
#define KASA_SERVER_STORE_ACCEPTANCE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/document.h"
#include "server/store/connection.h"
#include "server/store/intake.h"
#include "server/store/lane_lengths.h"

namespace kasa::store {

// Store::Accept, inside the writer's transaction: a new document, the same again, or other content under a
// known key (product.md, point 12).
absl::StatusOr<Accepted> AcceptDocument(Connection& connection, LaneLengths& lanes, Acceptance acceptance,
                                        absl::Time now);

// Asks `decide`, if there is one, with what went before `document`, and makes `body` anew when that changed
// the draft or `body_is_stale`.
absl::Status DecideByHistory(Connection& connection, domain::Fiscalization& document, std::string& body,
                             HistoryDecision& decide, BodyMaker& make_body, bool body_is_stale);

// Whether work for this register may be taken through this integration now. NOT_FOUND
// (INTEGRATION_NOT_FOUND), FAILED_PRECONDITION (INTEGRATION_INACTIVE, INTEGRATION_ARCHIVED, REGISTER_UNKNOWN
// when the pinned register is not this one any more).
absl::Status CheckTakesWork(Connection& connection, const std::string& integration_id,
                            const std::string& register_fiscal_number, domain::RegisterMode mode);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_ACCEPTANCE_H_
