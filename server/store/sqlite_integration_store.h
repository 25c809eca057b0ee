#ifndef KASA_SERVER_STORE_SQLITE_INTEGRATION_STORE_H_
#define KASA_SERVER_STORE_SQLITE_INTEGRATION_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "server/store/integration_store.h"
#include "server/store/read_pool.h"
#include "server/store/write_queue.h"

namespace kasa::store {

// The integrations of a SQLite store, through its readers and its writer. What the writer has queued uses
// this, so this must outlive the writer.
class SqliteIntegrationStore final : public IntegrationStore {
 public:
  SqliteIntegrationStore(ReadPool& reads, WriteQueue& writes, const Clock& clock)
      : reads_(reads), writes_(writes), clock_(clock) {}

  void Create(IntegrationRecord record, domain::Mapping mapping, IntegrationChange check,
              Callback<domain::Integration> done) override;
  void Change(std::string id, std::optional<int64_t> revision, IntegrationChange change,
              Callback<domain::Integration> done) override;
  void ChangeMapping(std::string integration_id, std::optional<int64_t> revision, MappingChange change,
                     Callback<domain::Mapping> done) override;
  void RecordSeen(std::string integration_id, std::vector<domain::SeenId> seen, Callback<bool> done) override;
  void RecordTagMemoryProof(std::string integration_id, domain::TagMemoryProof proof,
                            Callback<bool> done) override;
  void RecordStatus(std::string integration_id, domain::RegisterStatus status, absl::Time time,
                    Callback<bool> done) override;
  void Delete(std::string id, std::optional<int64_t> revision, IntegrationChange check,
              Callback<domain::Integration> done) override;
  absl::StatusOr<IntegrationRecord> Get(const std::string& id) override;
  absl::StatusOr<domain::Mapping> GetMapping(const std::string& integration_id) override;
  absl::StatusOr<IntegrationSurroundings> GetSurroundings(const std::string& id) override;
  absl::StatusOr<std::vector<domain::SeenId>> GetSeen(const std::string& integration_id) override;
  absl::StatusOr<domain::Experience> GetExperience(const std::string& integration_id) override;
  absl::StatusOr<IntegrationPage> List(const std::string& after_id, int limit, bool archived) override;
  absl::StatusOr<IntegrationRecord> OfRegister(const std::string& register_fiscal_number) override;
  absl::StatusOr<domain::Integration> Default(const std::string& branch_id,
                                              const std::string& legal_entity_id) override;

 private:
  absl::Time Now() const;

  ReadPool& reads_;
  WriteQueue& writes_;
  const Clock& clock_;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SQLITE_INTEGRATION_STORE_H_
