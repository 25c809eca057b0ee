#include "server/store/integration_rows.h"

#include "absl/strings/str_cat.h"
#include "server/store/records.h"

namespace kasa::store {
namespace {

std::optional<std::string> PinnedNumber(const domain::Integration& integration) {
  if (!integration.pinned_register) return std::nullopt;
  return integration.pinned_register->fiscal_number;
}

}  // namespace

const absl::string_view kSelectIntegration =
    "SELECT i.settings, i.id, i.branch_id, i.legal_entity_id, i.is_default, i.archived, i.create_time,"
    " i.update_time, i.revision, i.token, t.fiscalizations, s.status, s.status_time, s.online_since, p.proof"
    " FROM integrations i LEFT JOIN integration_totals t ON t.integration_id = i.id"
    " LEFT JOIN integration_statuses s ON s.integration_id = i.id"
    " LEFT JOIN tag_memory_proofs p ON p.integration_id = i.id ";

IntegrationRecord ReadIntegration(const Query& query) {
  IntegrationRecord record;
  domain::Integration& integration = record.integration;
  integration = DecodeSettings(query.Text(0));
  integration.id = query.Text(1);
  integration.branch_id = query.Text(2);
  integration.legal_entity_id = query.Text(3);
  integration.is_default = query.Bool(4);
  integration.archived = query.Bool(5);
  integration.create_time = query.Time(6);
  integration.update_time = query.Time(7);
  integration.revision = query.Int64(8);
  record.token = Secret(query.Text(9));
  integration.has_accepted_work = !query.IsNull(10);
  if (!query.IsNull(11)) {
    record.last_status = DecodeStatus(query.Text(11));
    record.last_status_time = query.Time(12);
    record.online_since = query.OptionalTime(13);
  }
  if (!query.IsNull(14)) integration.tag_memory_proof = DecodeProof(query.Text(14));
  return record;
}

std::optional<IntegrationRecord> FindRecord(Connection& connection, const std::string& id) {
  static const std::string kSql = absl::StrCat(kSelectIntegration, "WHERE i.id = ?");
  Query query = connection.Prepare(kSql);
  query.Bind(id);
  return query.Step() ? std::make_optional(ReadIntegration(query)) : std::nullopt;
}

void InsertRecord(Connection& connection, const IntegrationRecord& record) {
  const domain::Integration& integration = record.integration;
  connection
      .Prepare(
          "INSERT INTO integrations (id, branch_id, legal_entity_id, is_default, archived,"
          " register_fiscal_number, settings, token, create_time, update_time, revision)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .Bind(integration.id, integration.branch_id, integration.legal_entity_id, integration.is_default,
            integration.archived, PinnedNumber(integration), Blob{EncodeSettings(integration)},
            record.token.Reveal(), integration.create_time, integration.update_time, integration.revision)
      .Run();
}

void UpdateRecord(Connection& connection, const IntegrationRecord& record) {
  const domain::Integration& integration = record.integration;
  connection
      .Prepare(
          "UPDATE integrations SET branch_id = ?, legal_entity_id = ?, is_default = ?, archived = ?,"
          " register_fiscal_number = ?, settings = ?, token = ?, update_time = ?, revision = ?"
          " WHERE id = ?")
      .Bind(integration.branch_id, integration.legal_entity_id, integration.is_default, integration.archived,
            PinnedNumber(integration), Blob{EncodeSettings(integration)}, record.token.Reveal(),
            integration.update_time, integration.revision, integration.id)
      .Run();
}

void DeleteRecord(Connection& connection, const std::string& id) {
  connection.Prepare("DELETE FROM integrations WHERE id = ?").Bind(id).Run();
}

}  // namespace kasa::store
