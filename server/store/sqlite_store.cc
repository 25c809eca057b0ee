#include "server/store/sqlite_store.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/store/acceptance.h"
#include "server/store/attention_queries.h"
#include "server/store/change_history.h"
#include "server/store/changes.h"
#include "server/store/document_history.h"
#include "server/store/errors.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/lane_lengths.h"
#include "server/store/lock_file.h"
#include "server/store/read_pool.h"
#include "server/store/sqlite_automation.h"
#include "server/store/sqlite_change_store.h"
#include "server/store/sqlite_file.h"
#include "server/store/sqlite_integration_store.h"
#include "server/store/sqlite_look_store.h"
#include "server/store/sqlite_receipt_store.h"
#include "server/store/sqlite_send_store.h"
#include "server/store/store_pause.h"
#include "server/store/store_trouble.h"
#include "server/store/write_queue.h"

namespace kasa::store {
namespace {

using domain::Fiscalization;
using Admission = WriteQueue::Admission;

// The rooms of the store put together: every write is a function of its aggregate's file, run by the write
// queue; every read one, run by the read pool.
class SqliteStore final : public Store {
 public:
  SqliteStore(SqliteStoreOptions options, const Clock& clock, LockFile lock)
      : lock_(std::move(lock)),
        probed_folder_(options.vfs.empty() ? std::filesystem::path(options.path).parent_path() : ""),
        installation_(options.installation),
        clock_(clock),
        trouble_(DamageNoteOf(options)),
        reads_([options] { return ConnectReader(options); }, options.reader_connections, &trouble_),
        sends_(reads_, writes_, trouble_, options.installation, clock),
        automation_(writes_, reads_, clock),
        meter_(options.metrics != nullptr ? std::make_optional<WriteMeter>(*options.metrics, clock)
                                          : std::nullopt),
        writes_([options](WriteQueue::Log log) { return ConnectWriter(options, log); },
                WriteQueue::Limits{.max_batch = static_cast<size_t>(options.max_batch),
                                   .max_queued = static_cast<size_t>(options.max_queued)},
                meter_ ? &*meter_ : nullptr, &trouble_, options.writer_runner) {}

  IntegrationStore& integrations() override { return integrations_; }
  SendStore& sends() override { return sends_; }
  ChangeStore& changes() override { return changes_; }
  AutomationStore& automation() override { return automation_; }
  ReceiptStore& receipts() override { return receipts_; }
  LookStore& looks() override { return looks_; }

  void Accept(Acceptance acceptance, Callback<Accepted> done) override {
    Write<Accepted>(
        Admission::kBounded,
        [this, acceptance = std::move(acceptance)](Connection& connection) mutable {
          return AcceptDocument(connection, lanes_, std::move(acceptance), Now());
        },
        std::move(done));
  }

  void NoteWaiting(std::string fiscalization_id, domain::Failure why,
                   std::optional<absl::Time> next_attempt_time, Callback<Fiscalization> done) override {
    Write<Fiscalization>(
        Admission::kAlways,
        [this, id = std::move(fiscalization_id), why = std::move(why),
         next_attempt_time](Connection& connection) {
          return store::NoteWaiting(connection, id, why, next_attempt_time, Now());
        },
        std::move(done));
  }

  void NoteDoubt(std::string fiscalization_id, domain::Failure why, DoubtPlan plan,
                 Callback<Fiscalization> done) override {
    Write<Fiscalization>(
        Admission::kAlways,
        [this, id = std::move(fiscalization_id), why = std::move(why), plan](Connection& connection) {
          return store::NoteDoubt(connection, id, why, plan, Now());
        },
        std::move(done));
  }

  void Park(std::string fiscalization_id, domain::Failure why, DoubtPlan plan,
            Callback<Fiscalization> done) override {
    Write<Fiscalization>(
        Admission::kAlways,
        [this, id = std::move(fiscalization_id), why = std::move(why), plan](Connection& connection) {
          return store::ParkDoubt(connection, id, why, plan, Now());
        },
        std::move(done));
  }

  void FailUnsent(std::string fiscalization_id, int64_t revision, domain::Failure failure,
                  Callback<Fiscalization> done) override {
    Write<Fiscalization>(
        Admission::kAlways,
        [this, id = std::move(fiscalization_id), revision,
         failure = std::move(failure)](Connection& connection) {
          return store::FailUnsent(connection, installation_, id, revision, failure, Now());
        },
        std::move(done));
  }

  void Cancel(std::string fiscalization_id, std::optional<int64_t> revision,
              Callback<Fiscalization> done) override {
    Write<Fiscalization>(
        Admission::kBounded,
        [this, id = std::move(fiscalization_id), revision](Connection& connection) {
          return CancelAccepted(connection, installation_, id, revision, Now());
        },
        std::move(done));
  }

  void RetryFailed(Retry retry, Callback<Fiscalization> done) override {
    Write<Fiscalization>(
        Admission::kBounded,
        [this, retry = std::move(retry)](Connection& connection) mutable {
          absl::StatusOr<Fiscalization> retried = store::RetryFailed(connection, std::move(retry), Now());
          if (retried.ok()) lanes_.Added(retried->register_fiscal_number);
          return retried;
        },
        std::move(done));
  }

  void Resolve(ResolutionRequest request, Callback<Fiscalization> done) override {
    Write<Fiscalization>(
        Admission::kBounded,
        [this, request = std::move(request)](Connection& connection) {
          return ResolveDoubt(connection, request, Now());
        },
        std::move(done));
  }

  absl::StatusOr<StoreIdentity> Identity() override {
    return reads_.Run([](Connection& connection) -> absl::StatusOr<StoreIdentity> {
      const ChangeHistory history = FindChangeHistory(connection);
      Query any = connection.Prepare("SELECT EXISTS (SELECT 1 FROM integrations)");
      any.Step();
      return StoreIdentity{.instance_id = history.instance_id,
                           .epoch = history.epoch,
                           .last_change = history.last,
                           .is_empty = !any.Bool(0),
                           .paused = FindStorePause(connection).paused};
    });
  }

  absl::StatusOr<StorePause> ReadPause() override {
    return reads_.Run(
        [](Connection& connection) -> absl::StatusOr<StorePause> { return FindStorePause(connection); });
  }

  void Pause(Callback<bool> done) override {
    Write<bool>(
        Admission::kAlways,
        [this](Connection& connection) -> absl::StatusOr<bool> {
          return PauseForReconciling(connection, Now());
        },
        std::move(done));
  }

  absl::Status CheckAdoption(const Adoption& adoption) override {
    return reads_
        .Run([&](Connection& connection) -> absl::StatusOr<bool> {
          const absl::Status known = store::CheckAdoption(connection, adoption);
          if (!known.ok()) return known;
          return true;
        })
        .status();
  }

  void Adopt(Adoption adoption, Callback<Adopted> done) override {
    Write<Adopted>(
        Admission::kAlways,
        [this, adoption = std::move(adoption)](Connection& connection) {
          return AdoptRegisters(connection, adoption, Now());
        },
        std::move(done));
  }

  void SetTroubleListener(std::function<void(const absl::Status&)> listener) override {
    trouble_.SetListener(std::move(listener));
  }

  void Probe(Callback<bool> done) override {
    Write<bool>(
        Admission::kAlways,
        [folder = probed_folder_](Connection& connection) -> absl::StatusOr<bool> {
          if (const absl::Status room = CheckRoom(folder); !room.ok()) return room;
          connection.Prepare("UPDATE meta SET barrier_counter = barrier_counter + 1").Run();
          return true;
        },
        std::move(done));
  }

  absl::StatusOr<Fiscalization> GetFiscalization(const std::string& id) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<Fiscalization> {
      absl::StatusOr<FiscalizationRow> row = GetRow(connection, id);
      if (!row.ok()) return row.status();
      return std::move(row->fiscalization);
    });
  }

  absl::StatusOr<Fiscalization> FindFiscalization(const domain::DocumentKey& key) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<Fiscalization> {
      std::optional<FiscalizationRow> row = FindByKey(connection, key);
      if (!row) return NoSuchFiscalization(absl::StrCat(key.source_system, "/", key.document_id));
      return std::move(row->fiscalization);
    });
  }

  absl::StatusOr<domain::DocumentHistory> ReadHistory(const Fiscalization& document) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<domain::DocumentHistory> {
      return ReadDocumentHistory(connection, document);
    });
  }

  absl::StatusOr<std::string> GetRequestBody(const std::string& fiscalization_id) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::string> {
      const std::optional<FiscalizationRow> row = FindById(connection, fiscalization_id);
      if (!row) return NoSuchFiscalization(fiscalization_id);
      return RequestBodyOf(connection, row->number);
    });
  }

  absl::StatusOr<Fiscalization> FindByFiscalNumber(const std::string& fiscal_number,
                                                   const std::string& register_fiscal_number) override {
    return reads_.Run([&](Connection& connection) {
      return store::FindByFiscalNumber(connection, fiscal_number, register_fiscal_number);
    });
  }

  absl::StatusOr<FiscalizationPage> ListFiscalizations(const FiscalizationFilter& filter,
                                                       const std::optional<PagePosition>& after,
                                                       int limit) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<FiscalizationPage> {
      return PageOfFiscalizations(connection, filter, after, limit);
    });
  }

  absl::StatusOr<std::vector<domain::FiscalizationFacts>> Unsettled() override {
    return reads_.Run([](Connection& connection) -> absl::StatusOr<std::vector<domain::FiscalizationFacts>> {
      return FindUnsettled(connection);
    });
  }

  absl::StatusOr<RegisterMemory> GetRegisterMemory(const std::string& register_fiscal_number) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<RegisterMemory> {
      return FindRegisterMemory(connection, register_fiscal_number);
    });
  }

  void RecordReport(std::string register_fiscal_number, ReportFinding finding, Callback<bool> done) override {
    Write<bool>(
        Admission::kAlways,
        [lane = std::move(register_fiscal_number),
         finding = std::move(finding)](Connection& connection) -> absl::StatusOr<bool> {
          NoteReport(connection, lane, finding);
          return true;
        },
        std::move(done));
  }

  absl::StatusOr<std::vector<RefusedCode>> RefusedCodes(const std::string& integration_id) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::vector<RefusedCode>> {
      return FindRefusedCodes(connection, integration_id);
    });
  }

  absl::StatusOr<std::optional<LaneHead>> HeadOfLane(const std::string& register_fiscal_number) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::optional<LaneHead>> {
      return FindHeadOfLane(connection, register_fiscal_number);
    });
  }

  absl::StatusOr<std::optional<LaneHead>> NextParked(const std::string& register_fiscal_number,
                                                     int64_t after_position) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::optional<LaneHead>> {
      return FindParked(connection, register_fiscal_number, after_position);
    });
  }

  absl::StatusOr<std::vector<Fiscalization>> ExpiredInLane(const std::string& register_fiscal_number,
                                                           absl::Time now, int64_t after_position,
                                                           int limit) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<std::vector<Fiscalization>> {
      return FindExpired(connection, register_fiscal_number, now, after_position, limit);
    });
  }

  absl::StatusOr<std::vector<LaneSummary>> OpenLanes() override {
    return reads_.Run([](Connection& connection) -> absl::StatusOr<std::vector<LaneSummary>> {
      return FindOpenLanes(connection);
    });
  }

  absl::StatusOr<LaneSummary> SummaryOfLane(const std::string& register_fiscal_number) override {
    return reads_.Run([&](Connection& connection) -> absl::StatusOr<LaneSummary> {
      return FindSummaryOfLane(connection, register_fiscal_number);
    });
  }

 private:
  template <typename T>
  void Write(Admission admission, absl::AnyInvocable<absl::StatusOr<T>(Connection&) &&> apply,
             Callback<T> done) {
    writes_.Submit<T>(admission, std::move(apply), std::move(done));
  }

  absl::Time Now() const { return ToStored(clock_.Now()); }

  const LockFile lock_;
  const std::filesystem::path probed_folder_;  // empty: on no disk that could be asked for its space
  const domain::InstallationId installation_;
  const Clock& clock_;
  StoreTrouble trouble_;
  ReadPool reads_;
  SqliteIntegrationStore integrations_{reads_, writes_, clock_};
  SqliteSendStore sends_;
  SqliteChangeStore changes_{reads_, writes_, clock_};
  SqliteAutomation automation_;
  SqliteReceiptStore receipts_{reads_, writes_, clock_};
  SqliteLookStore looks_{reads_, writes_, clock_};
  LaneLengths lanes_;  // the writer's thread alone uses it
  std::optional<WriteMeter> meter_;
  WriteQueue writes_;  // last: its thread uses the rest, and ends first
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(SqliteStoreOptions options, const Clock& clock) {
  if (options.reader_connections < 1 || options.max_batch < 1 || options.max_queued < 1) {
    return absl::InvalidArgumentError("a store needs a reader, a batch and a queue of at least one");
  }
  options.path = CanonicalPath(options.path);
  absl::StatusOr<LockFile> lock = LockFile::Take(options.path + ".lock");
  if (!lock.ok()) return lock.status();
  if (absl::Status prepared = PrepareFile(options, clock); !prepared.ok()) {
    absl::Status described(prepared.code(), absl::StrCat("'", options.path, "': ", prepared.message()));
    const std::optional<Reason> reason = ReasonOf(prepared);
    return reason ? WithReason(std::move(described), *reason) : described;
  }
  return std::make_unique<SqliteStore>(std::move(options), clock, *std::move(lock));
}

}  // namespace kasa::store
