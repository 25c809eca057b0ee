#ifndef KASA_SERVER_STORE_FISCALIZATION_QUERIES_H_
#define KASA_SERVER_STORE_FISCALIZATION_QUERIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/connection.h"
#include "server/store/fiscalization_page.h"
#include "server/store/lane_work.h"

// What Store reads of fiscalizations and lanes; each function is told at Store's function of that name.
namespace kasa::store {

absl::StatusOr<domain::Fiscalization> FindByFiscalNumber(Connection& connection,
                                                         const std::string& fiscal_number,
                                                         const std::string& register_fiscal_number);

FiscalizationPage PageOfFiscalizations(Connection& connection, FiscalizationFilter filter,
                                       const std::optional<PagePosition>& after, int limit);

std::optional<LaneHead> FindHeadOfLane(Connection& connection, const std::string& register_fiscal_number);
std::optional<LaneHead> FindParked(Connection& connection, const std::string& register_fiscal_number,
                                   int64_t after_position);
std::vector<domain::Fiscalization> FindExpired(Connection& connection,
                                               const std::string& register_fiscal_number, absl::Time now,
                                               int64_t after_position, int limit);
std::vector<LaneSummary> FindOpenLanes(Connection& connection);
LaneSummary FindSummaryOfLane(Connection& connection, const std::string& register_fiscal_number);

// Takes the beginning of a period out of a page's conditions once the pages have passed it: of two lower
// bounds SQLite seeks one, and reads all that lies between them.
inline void DropPassed(std::optional<absl::Time>& period_from, absl::Time after) {
  if (period_from && after >= *period_from) period_from.reset();
}

// The statements of the functions above that must not read the whole table, for the test that asks SQLite how
// it would run them.
struct NamedStatement {
  absl::string_view name;
  std::string sql;
  absl::string_view index;        // which it has to be run by
  absl::string_view bounds = "";  // and what of that index is read; empty: whatever there is of it
};
std::vector<NamedStatement> HotStatements();

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_FISCALIZATION_QUERIES_H_
