#ifndef KASA_SERVER_STORE_INTEGRATION_ROWS_H_
#define KASA_SERVER_STORE_INTEGRATION_ROWS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "server/store/connection.h"
#include "server/store/integration_store.h"

// Integrations as rows: how one is read and written. What may change is decided in integrations.cc.
namespace kasa::store {

// "SELECT ... FROM integrations i LEFT JOIN ...", to be followed by WHERE.
extern const absl::string_view kSelectIntegration;

// The integration that `query`, made from kSelectIntegration, stands on.
IntegrationRecord ReadIntegration(const Query& query);

std::optional<IntegrationRecord> FindRecord(Connection& connection, const std::string& id);

// Writes all that a row holds; the status is not part of it.
void InsertRecord(Connection& connection, const IntegrationRecord& record);
void UpdateRecord(Connection& connection, const IntegrationRecord& record);
// Removes a row with its mapping, status and totals.
void DeleteRecord(Connection& connection, const std::string& id);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_INTEGRATION_ROWS_H_
