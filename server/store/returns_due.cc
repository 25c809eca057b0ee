#include "server/store/returns_due.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/domain/automation_sums.h"
#include "server/store/automation_reports.h"
#include "server/store/integrations.h"
#include "server/store/record_values.h"

namespace kasa::store {
namespace {

using domain::AutomationOutcome;
using domain::ReturnDueFacts;

void Forget(Connection& connection, const std::string& source_system, const std::string& order_id) {
  connection.Prepare("DELETE FROM returns_due WHERE source_system = ? AND order_id = ?")
      .Bind(source_system, order_id)
      .Run();
}

struct Row {
  std::string source_system;
  std::string order_id;
  std::string integration_id;
  bool cancelled = false;
  Money received;
  absl::Time since;
};

Row ReadRow(const Query& query) {
  return {.source_system = query.Text(0),
          .order_id = query.Text(1),
          .integration_id = query.Text(2),
          .cancelled = query.Bool(3),
          .received = Kopiykas(query.Int64(4)),
          .since = query.Time(5)};
}

// As the order's receipts and returns are now; nothing when nothing is due any more.
std::optional<ReturnDueFacts> LookAgain(Connection& connection, const Row& row) {
  const absl::StatusOr<domain::Integration> integration = FindIntegration(connection, row.integration_id);
  if (!integration.ok() || !integration->pinned_register) return std::nullopt;
  const domain::SeenBefore seen =
      ReadSeenOfOrder(connection, row.source_system, row.order_id, integration->pinned_register->mode);
  const domain::ReportSubject order{
      .kind = domain::ReportKind::kOrder, .source_system = row.source_system, .id = row.order_id};
  const int64_t due = row.cancelled ? domain::ToReturnOf(seen).kopiykas()
                                    : domain::OwnToReturnOf(seen, order).kopiykas() - row.received.kopiykas();
  if (due <= 0) return std::nullopt;
  return ReturnDueFacts{.source_system = row.source_system,
                        .order_id = row.order_id,
                        .integration_id = row.integration_id,
                        .register_fiscal_number = integration->pinned_register->fiscal_number,
                        .cancelled = row.cancelled,
                        .due = Money::FromKopiykas(due),
                        .since = row.since};
}

// The order that a return belongs to: its own, else that of what it returns.
std::string OrderOf(Connection& connection, const domain::Fiscalization& fiscalization) {
  if (!fiscalization.order_id.empty()) return fiscalization.order_id;
  Query query = connection.Prepare("SELECT order_id FROM fiscalizations WHERE id = ?");
  query.Bind(fiscalization.original_id);
  return query.Step() ? query.Text(0) : std::string();
}

constexpr absl::string_view kColumns =
    "SELECT source_system, order_id, integration_id, cancelled, received_kopiykas, since FROM returns_due";

}  // namespace

void NoteReturnDue(Connection& connection, const domain::OrderReport& report,
                   const domain::AutomationRule& rule, AutomationOutcome outcome, absl::Time now) {
  if (outcome == AutomationOutcome::kStale || outcome == AutomationOutcome::kSwitchedOff) return;
  if (outcome != AutomationOutcome::kReturnDue)
    return Forget(connection, report.source_system, report.order_id);
  connection
      .Prepare(
          "INSERT INTO returns_due (source_system, order_id, integration_id, cancelled, received_kopiykas,"
          " since) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source_system, order_id) DO UPDATE SET"
          " integration_id = excluded.integration_id, cancelled = excluded.cancelled,"
          " received_kopiykas = excluded.received_kopiykas")
      .Bind(report.source_system, report.order_id, rule.integration_id,
            report.state == domain::OrderState::kCancelled, report.received.kopiykas(), now)
      .Run();
}

void ForgetReturnsMade(Connection& connection, const domain::Fiscalization& fiscalization) {
  if (fiscalization.key.kind != domain::DocumentKind::kReturn) return;
  const std::string order_id = OrderOf(connection, fiscalization);
  if (order_id.empty()) return;
  std::optional<Row> row;
  {
    Query query = connection.Prepare(std::string(kColumns) + " WHERE source_system = ? AND order_id = ?");
    query.Bind(fiscalization.key.source_system, order_id);
    if (query.Step()) row = ReadRow(query);
  }
  if (row && !LookAgain(connection, *row)) Forget(connection, row->source_system, row->order_id);
}

std::vector<ReturnDueFacts> FindReturnsDue(Connection& connection) {
  std::vector<Row> rows;
  {
    Query query = connection.Prepare(std::string(kColumns) + " ORDER BY source_system, order_id");
    while (query.Step()) rows.push_back(ReadRow(query));
  }
  std::vector<ReturnDueFacts> due;
  for (const Row& row : rows) {
    if (auto facts = LookAgain(connection, row)) due.push_back(*std::move(facts));
  }
  return due;
}

}  // namespace kasa::store
