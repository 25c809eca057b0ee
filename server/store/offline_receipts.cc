#include "server/store/offline_receipts.h"

namespace kasa::store {

void NoteReached(Connection& connection, const domain::Receipt& stored, absl::Time now) {
  // One that was made before them, and is heard of only now, shows nothing; nor does one whose time is not
  // told.
  if (!stored.told_online || !stored.fiscal_time) return;
  connection
      .Prepare(
          "UPDATE receipts SET reached_sts_time = ? WHERE register_fiscal_number = ? AND time < ?"
          " AND offline = 1 AND reached_sts_time IS NULL")
      .Bind(now, stored.register_fiscal_number, *stored.fiscal_time)
      .Run();
}

std::optional<domain::OfflineRun> FindOfflineRun(Connection& connection,
                                                 const std::string& register_fiscal_number) {
  domain::OfflineRun run;
  {
    Query query = connection.Prepare(
        "SELECT count(*) FROM receipts WHERE register_fiscal_number = ?"
        " AND offline = 1 AND reached_sts_time IS NULL");
    query.Bind(register_fiscal_number);
    query.Step();
    run.receipts = query.Int64(0);
  }
  if (run.receipts == 0) return std::nullopt;
  Query query = connection.Prepare(
      "SELECT r.time, r.fiscal_number, f.id FROM receipts r JOIN fiscalizations f ON f.number = "
      "r.fiscalization"
      " WHERE r.register_fiscal_number = ? AND r.offline = 1 AND r.reached_sts_time IS NULL"
      " ORDER BY r.time LIMIT 1");
  query.Bind(register_fiscal_number);
  if (!query.Step()) return std::nullopt;
  run.since = query.Time(0);
  run.oldest_fiscal_number = query.Text(1);
  run.oldest_id = query.Text(2);
  return run;
}

}  // namespace kasa::store
