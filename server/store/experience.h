#ifndef KASA_SERVER_STORE_EXPERIENCE_H_
#define KASA_SERVER_STORE_EXPERIENCE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/coverage.h"
#include "server/domain/experience.h"
#include "server/domain/integration.h"
#include "server/store/connection.h"

// What was seen of an integration's documents and learnt from its register's answers. Writes run inside the
// writer's transaction.
namespace kasa::store {

// IntegrationStore::RecordSeen.
bool AddSeen(Connection& connection, const std::string& integration_id,
             const std::vector<domain::SeenId>& seen);
std::vector<domain::SeenId> FindSeen(Connection& connection, const std::string& integration_id);

void StoreLessons(Connection& connection, const std::string& integration_id,
                  const std::vector<domain::Lesson>& lessons, absl::Time now);
// The codes of `lessons` are not known as refused any more; what is known to work stays.
void ForgetRefusals(Connection& connection, const std::string& integration_id,
                    const std::vector<domain::Lesson>& lessons);
domain::Experience FindExperience(Connection& connection, const std::string& integration_id);
std::map<std::string, domain::Experience> AllExperience(Connection& connection);

// IntegrationStore::RecordTagMemoryProof.
absl::StatusOr<bool> StoreProof(Connection& connection, const std::string& integration_id,
                                const domain::TagMemoryProof& proof);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_EXPERIENCE_H_
