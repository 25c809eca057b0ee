#include "server/store/attention_queries.h"

#include <utility>

namespace kasa::store {
namespace {

// The name of a reason as it was stored; nothing for one that this version does not know.
std::optional<Reason> ReasonNamed(const Query& query, int column) {
  if (query.IsNull(column)) return std::nullopt;
  return ReasonFromName(query.Text(column));
}

}  // namespace

std::vector<domain::FiscalizationFacts> FindUnsettled(Connection& connection) {
  std::vector<domain::FiscalizationFacts> found;
  // "state <> 4" as the partial index has it: the FISCALIZED are not read.
  Query query = connection.Prepare(
      "SELECT id, integration_id, register_fiscal_number, doubt_since_time, update_time, failure_reason"
      " FROM fiscalizations WHERE state <> 4 AND (state = 5 OR doubt_since_time IS NOT NULL)");
  while (query.Step()) {
    domain::FiscalizationFacts facts;
    facts.id = query.Text(0);
    facts.integration_id = query.Text(1);
    facts.register_fiscal_number = query.Text(2);
    facts.in_doubt = !query.IsNull(3);
    facts.since = query.Time(facts.in_doubt ? 3 : 4);
    facts.reason = ReasonNamed(query, 5);
    found.push_back(std::move(facts));
  }
  return found;
}

RegisterMemory FindRegisterMemory(Connection& connection, const std::string& register_fiscal_number) {
  RegisterMemory memory;
  {
    Query query =
        connection.Prepare("SELECT since, receipts FROM offline_runs WHERE register_fiscal_number = ?");
    query.Bind(register_fiscal_number);
    if (query.Step()) memory.offline = domain::OfflineRun{query.Time(0), query.Int64(1)};
  }
  Query query = connection.Prepare("SELECT open_time FROM shift_openings WHERE register_fiscal_number = ?");
  query.Bind(register_fiscal_number);
  if (query.Step()) memory.shift_opened = query.OptionalTime(0);
  return memory;
}

void CountOffline(Connection& connection, const domain::Receipt& receipt, absl::Time now) {
  if (!receipt.offline) {
    connection.Prepare("DELETE FROM offline_runs WHERE register_fiscal_number = ?")
        .Bind(receipt.register_fiscal_number)
        .Run();
    return;
  }
  connection
      .Prepare(
          "INSERT INTO offline_runs (register_fiscal_number, since, receipts) VALUES (?, ?, 1)"
          " ON CONFLICT (register_fiscal_number) DO UPDATE SET receipts = receipts + 1")
      .Bind(receipt.register_fiscal_number, receipt.fiscal_time.value_or(now))
      .Run();
}

void NoteShiftOpened(Connection& connection, const std::string& register_fiscal_number, absl::Time time) {
  connection.Prepare("UPDATE shift_openings SET open_time = ? WHERE register_fiscal_number = ?")
      .Bind(time, register_fiscal_number)
      .Run();
}

}  // namespace kasa::store
