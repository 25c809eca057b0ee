#ifndef KASA_SERVER_STORE_INTEGRATIONS_H_
#define KASA_SERVER_STORE_INTEGRATIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/connection.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/integration_store.h"

// Integrations and their mappings. Writes run inside the writer's transaction; what they do and refuse is
// told at IntegrationStore.
namespace kasa::store {

absl::StatusOr<domain::Integration> InsertIntegration(Connection& connection, IntegrationRecord record,
                                                      const domain::Mapping& mapping,
                                                      IntegrationChange& check, absl::Time now);
absl::StatusOr<domain::Integration> UpdateIntegration(Connection& connection, const std::string& id,
                                                      std::optional<int64_t> revision,
                                                      IntegrationChange& change, absl::Time now);
absl::StatusOr<domain::Integration> RemoveIntegration(Connection& connection, const std::string& id,
                                                      std::optional<int64_t> revision,
                                                      IntegrationChange& check, absl::Time now);
absl::StatusOr<domain::Mapping> UpdateMapping(Connection& connection, const std::string& integration_id,
                                              std::optional<int64_t> revision, MappingChange& change,
                                              absl::Time now);
absl::StatusOr<bool> StoreStatus(Connection& connection, const std::string& integration_id,
                                 const domain::RegisterStatus& status, absl::Time time);

// IntegrationStore::GetSurroundings.
IntegrationSurroundings SurroundingsOf(Connection& connection, const std::string& id);

// NOT_FOUND (INTEGRATION_NOT_FOUND). Archived ones are found too.
absl::StatusOr<IntegrationRecord> FindIntegrationRecord(Connection& connection, const std::string& id);
absl::StatusOr<domain::Integration> FindIntegration(Connection& connection, const std::string& id);

absl::StatusOr<domain::Mapping> FindMapping(Connection& connection, const std::string& integration_id);
IntegrationPage PageOfIntegrations(Connection& connection, const std::string& after_id, int limit,
                                   bool archived);
absl::StatusOr<IntegrationRecord> FindIntegrationOfRegister(Connection& connection,
                                                            const std::string& register_fiscal_number);
absl::StatusOr<domain::Integration> FindDefaultIntegration(Connection& connection,
                                                           const std::string& branch_id,
                                                           const std::string& legal_entity_id);

// As HotStatements() in fiscalization_queries.h.
std::vector<NamedStatement> HotIntegrationStatements();

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_INTEGRATIONS_H_
