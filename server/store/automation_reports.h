#ifndef KASA_SERVER_STORE_AUTOMATION_REPORTS_H_
#define KASA_SERVER_STORE_AUTOMATION_REPORTS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/automation_store.h"
#include "server/store/connection.h"

// What AutomationStore does with reports; each function is told at its function of that name.
namespace kasa::store {

absl::StatusOr<domain::AutomationDecision> WriteReport(Connection& connection, const domain::Report& report,
                                                       ReportDecision decide, absl::Time now);
// The statement that reads what was made for an order, for the test that asks SQLite how it would run it.
extern const absl::string_view kSelectCreatedForOrder;

// What was seen of an order before, as its reports are decided by: on registers of `mode`.
domain::SeenBefore ReadSeenOfOrder(Connection& connection, const std::string& source_system,
                                   const std::string& order_id, domain::RegisterMode mode);

bool WriteRefused(Connection& connection, const domain::CreatedDocument& created, absl::Time now);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_AUTOMATION_REPORTS_H_
