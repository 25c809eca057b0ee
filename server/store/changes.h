#ifndef KASA_SERVER_STORE_CHANGES_H_
#define KASA_SERVER_STORE_CHANGES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/tag.h"
#include "server/store/connection.h"
#include "server/store/lane_work.h"
#include "server/store/operator_requests.h"

// Changes of a fiscalization while nothing of it is on the wire. Each function is one write inside the
// writer's transaction; what it does and refuses is told at Store's function of that name.
namespace kasa::store {

absl::StatusOr<domain::Fiscalization> NoteWaiting(Connection& connection, const std::string& id,
                                                  const domain::Failure& why,
                                                  std::optional<absl::Time> next_attempt_time,
                                                  absl::Time now);

absl::StatusOr<domain::Fiscalization> NoteDoubt(Connection& connection, const std::string& id,
                                                const domain::Failure& why, const DoubtPlan& plan,
                                                absl::Time now);

absl::StatusOr<domain::Fiscalization> ParkDoubt(Connection& connection, const std::string& id,
                                                const domain::Failure& why, const DoubtPlan& plan,
                                                absl::Time now);

absl::StatusOr<domain::Fiscalization> FailUnsent(Connection& connection,
                                                 const domain::InstallationId& installation,
                                                 const std::string& id, int64_t revision,
                                                 const domain::Failure& failure, absl::Time now);

absl::StatusOr<domain::Fiscalization> CancelAccepted(Connection& connection,
                                                     const domain::InstallationId& installation,
                                                     const std::string& id, std::optional<int64_t> revision,
                                                     absl::Time now);

absl::StatusOr<domain::Fiscalization> RetryFailed(Connection& connection, Retry retry, absl::Time now);

absl::StatusOr<domain::Fiscalization> ResolveDoubt(Connection& connection, const ResolutionRequest& request,
                                                   absl::Time now);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_CHANGES_H_
