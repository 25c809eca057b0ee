#ifndef KASA_SERVER_STORE_INTEGRATION_STORE_H_
#define KASA_SERVER_STORE_INTEGRATION_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/secret.h"
#include "server/domain/coverage.h"
#include "server/domain/experience.h"
#include "server/domain/integration.h"
#include "server/domain/register_status.h"
#include "server/store/callback.h"

// What the store keeps of integrations: settings and secret, mapping, what was seen of their documents and
// learnt from their registers. Errors and threads as in store.h: writes call back after they are durable,
// reads use the read-only connections.
namespace kasa::store {

// An integration with its secret.
struct IntegrationRecord {
  domain::Integration integration;
  Secret token;
  std::optional<domain::RegisterStatus> last_status;  // as check connection or a lane saw it last
  std::optional<absl::Time> last_status_time;
  std::optional<absl::Time> online_since;  // since when its online_raw was seen to be what it is
  // Filled in by a change, empty when read: live integrations that stop being the default in the same
  // transaction, because this one takes their place. Their revision rises. Others are not touched by it.
  std::vector<std::string> clear_default_of;
};

// What a change of an integration is decided upon, read in the same transaction.
struct IntegrationSurroundings {
  int64_t open_fiscalizations = 0;                       // ACCEPTED, SENDING or IN_DOUBT
  int64_t fiscalizations = 0;                            // ever
  std::vector<domain::Integration> others;               // every other integration that is not archived
  std::vector<domain::Integration> archived;             // every other that is
  domain::Mapping mapping;                               // its own; empty while it is being created
  std::vector<domain::SeenId> seen;                      // ids that its documents used
  std::map<std::string, domain::Experience> experience;  // by integration, of all that have any
};

// Changes a record in place, or refuses. Runs on the writer's thread inside the transaction: no I/O, no
// blocking. The store itself then raises the revision and sets update_time.
using IntegrationChange =
    absl::AnyInvocable<absl::Status(IntegrationRecord& record, const IntegrationSurroundings& surroundings)>;
using MappingChange = absl::AnyInvocable<absl::Status(domain::Mapping& mapping)>;

// How many ids of a kind are kept for the coverage of a mapping: those seen last.
inline constexpr int kMaxSeenIds = 1000;

struct IntegrationPage {
  std::vector<domain::Integration> integrations;
  std::string next_after_id;  // empty at the end
};

class IntegrationStore {
 public:
  virtual ~IntegrationStore() = default;

  // ALREADY_EXISTS (INTEGRATION_EXISTS), or what `check` refuses with.
  virtual void Create(IntegrationRecord record, domain::Mapping mapping, IntegrationChange check,
                      Callback<domain::Integration> done) = 0;

  // NOT_FOUND (INTEGRATION_NOT_FOUND), FAILED_PRECONDITION (INTEGRATION_ARCHIVED), ABORTED (ETAG_MISMATCH)
  // when `revision` is given and is not the current one, or what `change` refuses with. Two defaults for one
  // branch and legal entity are refused (ALREADY_EXISTS, INTEGRATION_EXISTS) unless the change names the one
  // to be cleared, and so are two integrations on one register (FAILED_PRECONDITION, REGISTER_IN_USE), here
  // and by Create().
  virtual void Change(std::string id, std::optional<int64_t> revision, IntegrationChange change,
                      Callback<domain::Integration> done) = 0;
  virtual void ChangeMapping(std::string integration_id, std::optional<int64_t> revision,
                             MappingChange change, Callback<domain::Mapping> done) = 0;

  // Adds to how often the ids of an integration were seen, and when last. The most recent
  // kMaxSeenIds of a kind are kept. False when there is no such integration: then nothing is stored.
  virtual void RecordSeen(std::string integration_id, std::vector<domain::SeenId> seen,
                          Callback<bool> done) = 0;

  // Keeps a proof of tag memory with its integration. Does not raise the revision. NOT_FOUND.
  virtual void RecordTagMemoryProof(std::string integration_id, domain::TagMemoryProof proof,
                                    Callback<bool> done) = 0;

  // What a status answer told, for those who ask while the lane is busy. Does not raise the revision.
  virtual void RecordStatus(std::string integration_id, domain::RegisterStatus status, absl::Time time,
                            Callback<bool> done) = 0;

  // Deletes an integration without history, archives one with it (`archived` in the answer tells which) and
  // forgets its token; `check` may refuse (open work). Its automation rules stay, and are not active any
  // more.
  virtual void Delete(std::string id, std::optional<int64_t> revision, IntegrationChange check,
                      Callback<domain::Integration> done) = 0;

  virtual absl::StatusOr<IntegrationRecord> Get(const std::string& id) = 0;
  virtual absl::StatusOr<domain::Mapping> GetMapping(const std::string& integration_id) = 0;
  // What is around an integration, as its changes are decided upon; also for one that is not there.
  virtual absl::StatusOr<IntegrationSurroundings> GetSurroundings(const std::string& id) = 0;
  virtual absl::StatusOr<std::vector<domain::SeenId>> GetSeen(const std::string& integration_id) = 0;
  virtual absl::StatusOr<domain::Experience> GetExperience(const std::string& integration_id) = 0;
  // Ordered by id; `archived`: archived ones are listed too.
  virtual absl::StatusOr<IntegrationPage> List(const std::string& after_id, int limit, bool archived) = 0;
  // The integration that is not archived and whose pinned register has this number; NOT_FOUND when there is
  // none.
  virtual absl::StatusOr<IntegrationRecord> OfRegister(const std::string& register_fiscal_number) = 0;
  // The default of exactly this pair, active or not, not archived; NOT_FOUND when there is none.
  virtual absl::StatusOr<domain::Integration> Default(const std::string& branch_id,
                                                      const std::string& legal_entity_id) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_INTEGRATION_STORE_H_
