#include "server/store/integrations.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/store/automation_rules.h"
#include "server/store/errors.h"
#include "server/store/experience.h"
#include "server/store/integration_rows.h"
#include "server/store/records.h"

namespace kasa::store {
namespace {

using domain::Integration;

// By the index of what is open: left to itself, SQLite reads all that the integration ever had.
constexpr absl::string_view kCountOpen =
    "SELECT count(*) FROM fiscalizations INDEXED BY fiscalizations_open_by_integration"
    " WHERE integration_id = ? AND state IN (1, 2, 3)";

// Clears the default of those that the change names, before another integration takes it.
void ClearDefaults(Connection& connection, const IntegrationRecord& record, absl::Time now,
                   IntegrationSurroundings& surroundings) {
  const std::vector<std::string>& named = record.clear_default_of;
  for (Integration& other : surroundings.others) {
    if (!other.is_default || std::find(named.begin(), named.end(), other.id) == named.end()) continue;
    other.is_default = false;
    connection
        .Prepare(
            "UPDATE integrations SET is_default = 0, update_time = ?, revision = revision + 1 WHERE id = ?")
        .Bind(now, other.id)
        .Run();
  }
}

// What the unique indexes would refuse, said so that a person understands it.
absl::Status CheckUnique(const Integration& integration, const IntegrationSurroundings& surroundings) {
  if (integration.archived) return absl::OkStatus();
  for (const Integration& other : surroundings.others) {
    if (integration.is_default && other.is_default && other.branch_id == integration.branch_id &&
        other.legal_entity_id == integration.legal_entity_id) {
      return WithFact(ReasonedError(absl::StatusCode::kAlreadyExists, Reason::kIntegrationExists,
                                    absl::StrCat("integration '", other.id, "' is the default of branch '",
                                                 other.branch_id, "' and legal entity '",
                                                 other.legal_entity_id, "': at most one can be")),
                      "integration_id", other.id);
    }
    if (integration.pinned_register && other.pinned_register &&
        integration.pinned_register->fiscal_number == other.pinned_register->fiscal_number) {
      return WithFact(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kRegisterInUse,
                                    absl::StrCat("register ", other.pinned_register->fiscal_number,
                                                 " belongs to integration '", other.id, "'")),
                      "integration_id", other.id);
    }
  }
  return absl::OkStatus();
}

// The stored integration, if its revision is the expected one and it is not archived.
absl::StatusOr<IntegrationRecord> RecordToChange(Connection& connection, const std::string& id,
                                                 std::optional<int64_t> revision) {
  absl::StatusOr<IntegrationRecord> record = FindIntegrationRecord(connection, id);
  if (!record.ok()) return record;
  if (record->integration.archived) {
    return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kIntegrationArchived,
                         absl::StrCat("integration '", id, "' was deleted"));
  }
  if (revision && *revision != record->integration.revision) return EtagMismatch(id);
  return record;
}

}  // namespace

IntegrationSurroundings SurroundingsOf(Connection& connection, const std::string& id) {
  IntegrationSurroundings surroundings;
  {
    Query query = connection.Prepare(kCountOpen);
    query.Bind(id);
    if (query.Step()) surroundings.open_fiscalizations = query.Int64(0);
  }
  {
    Query query =
        connection.Prepare("SELECT fiscalizations FROM integration_totals WHERE integration_id = ?");
    query.Bind(id);
    if (query.Step()) surroundings.fiscalizations = query.Int64(0);
  }
  {
    static const std::string kSql = absl::StrCat(kSelectIntegration, "WHERE i.id <> ? ORDER BY i.id");
    Query query = connection.Prepare(kSql);
    query.Bind(id);
    while (query.Step()) {
      Integration other = ReadIntegration(query).integration;
      (other.archived ? surroundings.archived : surroundings.others).push_back(std::move(other));
    }
  }
  absl::StatusOr<domain::Mapping> mapping = FindMapping(connection, id);
  if (mapping.ok()) surroundings.mapping = *std::move(mapping);
  surroundings.seen = FindSeen(connection, id);
  surroundings.experience = AllExperience(connection);
  return surroundings;
}

absl::StatusOr<Integration> InsertIntegration(Connection& connection, IntegrationRecord record,
                                              const domain::Mapping& mapping, IntegrationChange& check,
                                              absl::Time now) {
  const std::string id = record.integration.id;
  if (FindRecord(connection, id)) {
    return ReasonedError(absl::StatusCode::kAlreadyExists, Reason::kIntegrationExists,
                         absl::StrCat("there is an integration '", id, "' already"));
  }
  IntegrationSurroundings surroundings = SurroundingsOf(connection, id);
  if (absl::Status checked = check(record, surroundings); !checked.ok()) return checked;
  ClearDefaults(connection, record, now, surroundings);
  Integration& integration = record.integration;
  integration.id = id;
  if (absl::Status unique = CheckUnique(integration, surroundings); !unique.ok()) return unique;
  integration.archived = false;
  integration.has_accepted_work = false;
  integration.create_time = now;
  integration.update_time = now;
  integration.revision = 1;
  InsertRecord(connection, record);
  connection
      .Prepare("INSERT INTO mappings (integration_id, mapping, update_time, revision) VALUES (?, ?, ?, 1)")
      .Bind(id, Blob{EncodeMapping(mapping)}, now)
      .Run();
  return std::move(integration);
}

absl::StatusOr<Integration> UpdateIntegration(Connection& connection, const std::string& id,
                                              std::optional<int64_t> revision, IntegrationChange& change,
                                              absl::Time now) {
  absl::StatusOr<IntegrationRecord> record = RecordToChange(connection, id, revision);
  if (!record.ok()) return record.status();
  const Integration before = record->integration;
  IntegrationSurroundings surroundings = SurroundingsOf(connection, id);
  if (absl::Status changed = change(*record, surroundings); !changed.ok()) return changed;
  ClearDefaults(connection, *record, now, surroundings);
  Integration& integration = record->integration;
  if (absl::Status unique = CheckUnique(integration, surroundings); !unique.ok()) return unique;
  // What the store keeps is not the caller's to change.
  integration.id = id;
  integration.archived = before.archived;
  integration.has_accepted_work = before.has_accepted_work;
  integration.create_time = before.create_time;
  integration.update_time = now;
  integration.revision = before.revision + 1;
  UpdateRecord(connection, *record);
  return std::move(integration);
}

absl::StatusOr<Integration> RemoveIntegration(Connection& connection, const std::string& id,
                                              std::optional<int64_t> revision, IntegrationChange& check,
                                              absl::Time now) {
  absl::StatusOr<IntegrationRecord> record = RecordToChange(connection, id, revision);
  if (!record.ok()) return record.status();
  const IntegrationSurroundings surroundings = SurroundingsOf(connection, id);
  if (absl::Status checked = check(*record, surroundings); !checked.ok()) return checked;
  DeactivateRulesOf(connection, id, now);
  Integration& integration = record->integration;
  integration.active = false;
  if (surroundings.fiscalizations == 0) {
    DeleteRecord(connection, id);
    return std::move(integration);
  }
  // Its register is free for another integration; the token has served its time.
  integration.archived = true;
  integration.archive_time = now;
  integration.token_state = domain::TokenState::kNone;
  record->token = Secret();
  integration.update_time = now;
  ++integration.revision;
  UpdateRecord(connection, *record);
  return std::move(integration);
}

absl::StatusOr<domain::Mapping> UpdateMapping(Connection& connection, const std::string& integration_id,
                                              std::optional<int64_t> revision, MappingChange& change,
                                              absl::Time now) {
  absl::StatusOr<IntegrationRecord> record = RecordToChange(connection, integration_id, std::nullopt);
  if (!record.ok()) return record.status();
  absl::StatusOr<domain::Mapping> mapping = FindMapping(connection, integration_id);
  if (!mapping.ok()) return mapping;
  const domain::Mapping before = *mapping;
  if (revision && *revision != before.revision) return EtagMismatch(integration_id);
  if (absl::Status changed = change(*mapping); !changed.ok()) return changed;
  mapping->revision = before.revision + 1;
  mapping->update_time = now;
  connection
      .Prepare("UPDATE mappings SET mapping = ?, update_time = ?, revision = ? WHERE integration_id = ?")
      .Bind(Blob{EncodeMapping(*mapping)}, now, mapping->revision, integration_id)
      .Run();
  ForgetRefusals(connection, integration_id, domain::ForgottenBy(before, *mapping));
  return mapping;
}

absl::StatusOr<bool> StoreStatus(Connection& connection, const std::string& integration_id,
                                 const domain::RegisterStatus& status, absl::Time time) {
  const std::optional<IntegrationRecord> before = FindRecord(connection, integration_id);
  if (!before) return NoSuchIntegration(integration_id);
  // A status that does not tell it says neither that it changed nor that it stayed.
  std::optional<absl::Time> online_since;
  if (status.online_raw) {
    const bool stayed = before->last_status && before->last_status->online_raw == status.online_raw &&
                        before->last_status->fiscal_number == status.fiscal_number && before->online_since;
    online_since = stayed ? *before->online_since : time;
  }
  connection
      .Prepare(
          "INSERT INTO integration_statuses (integration_id, status, status_time, online_since)"
          " VALUES (?, ?, ?, ?) ON CONFLICT (integration_id) DO UPDATE SET status = excluded.status,"
          " status_time = excluded.status_time, online_since = excluded.online_since")
      .Bind(integration_id, Blob{EncodeStatus(status)}, time, online_since)
      .Run();
  return true;
}

absl::StatusOr<IntegrationRecord> FindIntegrationRecord(Connection& connection, const std::string& id) {
  std::optional<IntegrationRecord> record = FindRecord(connection, id);
  if (!record) return NoSuchIntegration(id);
  return *std::move(record);
}

absl::StatusOr<Integration> FindIntegration(Connection& connection, const std::string& id) {
  std::optional<IntegrationRecord> record = FindRecord(connection, id);
  if (!record) return NoSuchIntegration(id);
  return std::move(record->integration);
}

absl::StatusOr<domain::Mapping> FindMapping(Connection& connection, const std::string& integration_id) {
  Query query =
      connection.Prepare("SELECT mapping, revision, update_time FROM mappings WHERE integration_id = ?");
  query.Bind(integration_id);
  if (!query.Step()) return NoSuchIntegration(integration_id);
  domain::Mapping mapping = DecodeMapping(query.Text(0));
  mapping.revision = query.Int64(1);
  mapping.update_time = query.Time(2);
  return mapping;
}

IntegrationPage PageOfIntegrations(Connection& connection, const std::string& after_id, int limit,
                                   bool archived) {
  static const std::string kSql =
      absl::StrCat(kSelectIntegration, "WHERE i.id > ? AND i.archived <= ? ORDER BY i.id LIMIT ?");
  Query query = connection.Prepare(kSql);
  query.Bind(after_id, archived, limit + 1);  // one more tells whether there is a next page
  IntegrationPage page;
  while (query.Step()) {
    if (static_cast<int>(page.integrations.size()) == limit) {
      page.next_after_id = page.integrations.back().id;
      break;
    }
    page.integrations.push_back(ReadIntegration(query).integration);
  }
  return page;
}

absl::StatusOr<IntegrationRecord> FindIntegrationOfRegister(Connection& connection,
                                                            const std::string& register_fiscal_number) {
  static const std::string kSql =
      absl::StrCat(kSelectIntegration, "WHERE i.register_fiscal_number = ? AND i.archived = 0");
  Query query = connection.Prepare(kSql);
  query.Bind(register_fiscal_number);
  if (!query.Step()) {
    return ReasonedError(absl::StatusCode::kNotFound, Reason::kIntegrationNotFound,
                         absl::StrCat("no integration uses register ", register_fiscal_number));
  }
  return ReadIntegration(query);
}

absl::StatusOr<Integration> FindDefaultIntegration(Connection& connection, const std::string& branch_id,
                                                   const std::string& legal_entity_id) {
  static const std::string kSql =
      absl::StrCat(kSelectIntegration,
                   "WHERE i.branch_id = ? AND i.legal_entity_id = ? AND i.is_default = 1 AND i.archived = 0");
  Query query = connection.Prepare(kSql);
  query.Bind(branch_id, legal_entity_id);
  if (!query.Step()) {
    return ReasonedError(absl::StatusCode::kNotFound, Reason::kDefaultIntegrationNotFound,
                         absl::StrCat("branch '", branch_id, "' and legal entity '", legal_entity_id,
                                      "' have no default integration"));
  }
  return ReadIntegration(query).integration;
}

std::vector<NamedStatement> HotIntegrationStatements() {
  return {{"open of an integration", std::string(kCountOpen), "fiscalizations_open_by_integration",
           "integration_id=?"}};
}

}  // namespace kasa::store
