#include "server/store/sqlite_integration_store.h"

#include <utility>

#include "server/store/experience.h"
#include "server/store/integrations.h"

namespace kasa::store {

using Admission = WriteQueue::Admission;
using domain::Integration;

absl::Time SqliteIntegrationStore::Now() const {
  return ToStored(clock_.Now());
}

void SqliteIntegrationStore::Create(IntegrationRecord record, domain::Mapping mapping,
                                    IntegrationChange check, Callback<Integration> done) {
  writes_.Submit<Integration>(
      Admission::kBounded,
      [this, record = std::move(record), mapping = std::move(mapping),
       check = std::move(check)](Connection& connection) mutable {
        return InsertIntegration(connection, std::move(record), mapping, check, Now());
      },
      std::move(done));
}

void SqliteIntegrationStore::Change(std::string id, std::optional<int64_t> revision, IntegrationChange change,
                                    Callback<Integration> done) {
  writes_.Submit<Integration>(
      Admission::kAlways,
      [this, id = std::move(id), revision, change = std::move(change)](Connection& connection) mutable {
        return UpdateIntegration(connection, id, revision, change, Now());
      },
      std::move(done));
}

void SqliteIntegrationStore::ChangeMapping(std::string integration_id, std::optional<int64_t> revision,
                                           MappingChange change, Callback<domain::Mapping> done) {
  writes_.Submit<domain::Mapping>(
      Admission::kBounded,
      [this, integration_id = std::move(integration_id), revision,
       change = std::move(change)](Connection& connection) mutable {
        return UpdateMapping(connection, integration_id, revision, change, Now());
      },
      std::move(done));
}

void SqliteIntegrationStore::RecordSeen(std::string integration_id, std::vector<domain::SeenId> seen,
                                        Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [integration_id = std::move(integration_id), seen = std::move(seen)](Connection& connection)
          -> absl::StatusOr<bool> { return AddSeen(connection, integration_id, seen); },
      std::move(done));
}

void SqliteIntegrationStore::RecordTagMemoryProof(std::string integration_id, domain::TagMemoryProof proof,
                                                  Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [integration_id = std::move(integration_id), proof = std::move(proof)](Connection& connection) {
        return StoreProof(connection, integration_id, proof);
      },
      std::move(done));
}

void SqliteIntegrationStore::RecordStatus(std::string integration_id, domain::RegisterStatus status,
                                          absl::Time time, Callback<bool> done) {
  writes_.Submit<bool>(
      Admission::kAlways,
      [integration_id = std::move(integration_id), status = std::move(status), time](Connection& connection) {
        return StoreStatus(connection, integration_id, status, time);
      },
      std::move(done));
}

void SqliteIntegrationStore::Delete(std::string id, std::optional<int64_t> revision, IntegrationChange check,
                                    Callback<Integration> done) {
  writes_.Submit<Integration>(
      Admission::kBounded,
      [this, id = std::move(id), revision, check = std::move(check)](Connection& connection) mutable {
        return RemoveIntegration(connection, id, revision, check, Now());
      },
      std::move(done));
}

absl::StatusOr<IntegrationRecord> SqliteIntegrationStore::Get(const std::string& id) {
  return reads_.Run([&](Connection& connection) { return FindIntegrationRecord(connection, id); });
}

absl::StatusOr<domain::Mapping> SqliteIntegrationStore::GetMapping(const std::string& integration_id) {
  return reads_.Run([&](Connection& connection) { return FindMapping(connection, integration_id); });
}

absl::StatusOr<IntegrationSurroundings> SqliteIntegrationStore::GetSurroundings(const std::string& id) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<IntegrationSurroundings> {
    return SurroundingsOf(connection, id);
  });
}

absl::StatusOr<std::vector<domain::SeenId>> SqliteIntegrationStore::GetSeen(
    const std::string& integration_id) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::vector<domain::SeenId>> {
    return FindSeen(connection, integration_id);
  });
}

absl::StatusOr<domain::Experience> SqliteIntegrationStore::GetExperience(const std::string& integration_id) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<domain::Experience> {
    return FindExperience(connection, integration_id);
  });
}

absl::StatusOr<IntegrationPage> SqliteIntegrationStore::List(const std::string& after_id, int limit,
                                                             bool archived) {
  return reads_.Run([&](Connection& connection) -> absl::StatusOr<IntegrationPage> {
    return PageOfIntegrations(connection, after_id, limit, archived);
  });
}

absl::StatusOr<IntegrationRecord> SqliteIntegrationStore::OfRegister(
    const std::string& register_fiscal_number) {
  return reads_.Run(
      [&](Connection& connection) { return FindIntegrationOfRegister(connection, register_fiscal_number); });
}

absl::StatusOr<Integration> SqliteIntegrationStore::Default(const std::string& branch_id,
                                                            const std::string& legal_entity_id) {
  return reads_.Run(
      [&](Connection& connection) { return FindDefaultIntegration(connection, branch_id, legal_entity_id); });
}

}  // namespace kasa::store
