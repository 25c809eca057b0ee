#ifndef KASA_SERVER_STORE_STORE_H_
#define KASA_SERVER_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/attention.h"
#include "server/domain/document_history.h"
#include "server/domain/fiscalization.h"
#include "server/store/callback.h"
#include "server/store/change_store.h"
#include "server/store/fiscalization_page.h"
#include "server/store/intake.h"
#include "server/store/integration_store.h"
#include "server/store/lane_work.h"
#include "server/store/look_store.h"
#include "server/store/operator_requests.h"
#include "server/store/receipt_store.h"
#include "server/store/register_memory.h"
#include "server/store/send_store.h"
#include "server/store/store_pause.h"

// The durable state of the gateway, as a few calls that are shaped like its aggregates. SQLite serves it
// today (sqlite_store.h); nothing here says so.
//
// Writes are queued and return at once. Their callback comes after the change is durable (WAL,
// synchronous=FULL), on the writer's thread, and must not block. Many writes share one commit, each in a
// savepoint of its own: one that is refused does not touch its neighbours. Every decision that depends on
// what is stored is made inside that transaction (architecture.md, rule 6).
//
// Errors that the writes and reads give, besides those that each call names: UNAVAILABLE (STORE_FULL or
// STORE_UNAVAILABLE as reason, see ReasonOf() in common/status_reason.h) when the disk does not take or give
// it. Thread-safe.
namespace kasa::store {

// Which store this is, and how far it has come; held against the mark beside the configuration.
struct StoreIdentity {
  std::string instance_id;
  int64_t epoch = 0;        // of its history: each pause begins another one, which no other copy has
  int64_t last_change = 0;  // the number of the last change of state
  bool is_empty = true;     // no integration was ever set up
  bool paused = false;      // it waits to be adopted, in whole or in part
};

class AutomationStore;

// The work, from a document's acceptance to its end. Other subjects have stores of their own, which live as
// long as this one.
class Store {
 public:
  virtual ~Store() = default;

  virtual IntegrationStore& integrations() = 0;
  virtual SendStore& sends() = 0;
  virtual ChangeStore& changes() = 0;
  virtual AutomationStore& automation() = 0;  // automation_store.h
  virtual ReceiptStore& receipts() = 0;
  virtual LookStore& looks() = 0;

  virtual absl::StatusOr<StoreIdentity> Identity() = 0;
  virtual absl::StatusOr<StorePause> ReadPause() = 0;
  // This store was restored or copied: pauses every register, and turns what is ACCEPTED into IN_DOUBT, since
  // it may have been sent without this store's knowledge. Begins a new epoch. A pause that it was in already,
  // as when it was backed up, begins anew: what was adopted then was adopted for the original. After
  // SendStore::RecoverAfterStart(), before any lane runs.
  virtual void Pause(Callback<bool> done) = 0;
  // NOT_FOUND (INTEGRATION_NOT_FOUND) where the store is paused and one of these registers is none of it: no
  // live integration has it, no open work is on it, and it is not adopted already.
  virtual absl::Status CheckAdoption(const Adoption& adoption) = 0;
  // Ends the pause of these registers. With the last one the pause is over. Does nothing where nothing is
  // paused. Errors: as CheckAdoption's, and then nothing is adopted.
  virtual void Adopt(Adoption adoption, Callback<Adopted> done) = 0;

  // Tells `listener` on the writer's thread when the store stops to take writes (why: STORE_FULL,
  // STORE_UNAVAILABLE as reason, or DATA_LOSS for a damaged file), and when it takes them again (OK). It must
  // not block. One listener; an empty one takes it back, and is not called any more then.
  virtual void SetTroubleListener(std::function<void(const absl::Status&)> listener) = 0;
  // Tries whether the store takes writes, by one that nobody reads: that is how a trouble is seen to end
  // while nobody writes.
  virtual void Probe(Callback<bool> done) = 0;

  // Stores a document, or finds that it was stored before (product.md, point 12). ALREADY_EXISTS
  // (DOCUMENT_CONTENT_DIFFERS, with fiscalization id, state and what differs) when other content was stored
  // under its key, unless that one is CANCELLED, or FAILED with correction allowed: then it is replaced,
  // under the same tag. RESOURCE_EXHAUSTED (LANE_FULL). FAILED_PRECONDITION (INTEGRATION_INACTIVE,
  // INTEGRATION_ARCHIVED, REGISTER_UNKNOWN) when the integration changed since it was read: nothing is
  // accepted for it then.
  virtual void Accept(Acceptance acceptance, Callback<Accepted> done) = 0;

  // Tells waiting callers why a fiscalization that is ACCEPTED or IN_DOUBT waits and until when. No state
  // changes; the revision rises when the reason is another one, not for another time alone.
  virtual void NoteWaiting(std::string fiscalization_id, domain::Failure why,
                           std::optional<absl::Time> next_attempt_time,
                           Callback<domain::Fiscalization> done) = 0;

  // The same for one that is IN_DOUBT, with what comes next about it.
  virtual void NoteDoubt(std::string fiscalization_id, domain::Failure why, DoubtPlan plan,
                         Callback<domain::Fiscalization> done) = 0;

  // Takes what is IN_DOUBT out of its lane: it stays IN_DOUBT, and holds nobody up any more.
  // SendStore::MarkSending() refuses it from then on; Resolve() with kAbsentSend puts it back in its place.
  // FAILED_PRECONDITION (STATE_NOT_ALLOWED) when it is not IN_DOUBT, or is bound to its tag or never to be
  // parked.
  virtual void Park(std::string fiscalization_id, domain::Failure why, DoubtPlan plan,
                    Callback<domain::Fiscalization> done) = 0;

  // ACCEPTED -> FAILED, surely not made: the day is over, or it is refused for its content.
  // FAILED_PRECONDITION (STATE_NOT_ALLOWED) otherwise, and with IN_DOUBT_RECONCILING where its register is
  // known to have a receipt of it, from a history that the store lost; ABORTED (ETAG_MISMATCH) when
  // `revision` is not the current one: it may have other content by now.
  virtual void FailUnsent(std::string fiscalization_id, int64_t revision, domain::Failure failure,
                          Callback<domain::Fiscalization> done) = 0;

  // ACCEPTED -> CANCELLED. FAILED_PRECONDITION (STATE_NOT_ALLOWED; IN_DOUBT_RECONCILING when in doubt,
  // or where its register is known to have a receipt of it, from a history that the store lost).
  virtual void Cancel(std::string fiscalization_id, std::optional<int64_t> revision,
                      Callback<domain::Fiscalization> done) = 0;
  virtual void RetryFailed(Retry retry, Callback<domain::Fiscalization> done) = 0;
  virtual void Resolve(ResolutionRequest request, Callback<domain::Fiscalization> done) = 0;

  // NOT_FOUND (FISCALIZATION_NOT_FOUND).
  virtual absl::StatusOr<domain::Fiscalization> GetFiscalization(const std::string& id) = 0;
  virtual absl::StatusOr<domain::Fiscalization> FindFiscalization(const domain::DocumentKey& key) = 0;
  // What Accept() would hand to Acceptance::decide for this document now.
  virtual absl::StatusOr<domain::DocumentHistory> ReadHistory(const domain::Fiscalization& document) = 0;
  // The exact bytes that were, or will be, sent for its tag; they may hold contacts.
  virtual absl::StatusOr<std::string> GetRequestBody(const std::string& fiscalization_id) = 0;
  // NOT_FOUND (RECEIPT_NOT_FOUND). Without a register: the only one with this number, else INVALID_ARGUMENT.
  virtual absl::StatusOr<domain::Fiscalization> FindByFiscalNumber(
      const std::string& fiscal_number, const std::string& register_fiscal_number) = 0;
  virtual absl::StatusOr<FiscalizationPage> ListFiscalizations(const FiscalizationFilter& filter,
                                                               const std::optional<PagePosition>& after,
                                                               int limit) = 0;

  // Every fiscalization that is FAILED, or IN_DOUBT (also while it is sent again), in no order.
  virtual absl::StatusOr<std::vector<domain::FiscalizationFacts>> Unsettled() = 0;
  virtual absl::StatusOr<RegisterMemory> GetRegisterMemory(const std::string& register_fiscal_number) = 0;
  // Keeps what a report showed, for the attention list.
  virtual void RecordReport(std::string register_fiscal_number, ReportFinding finding,
                            Callback<bool> done) = 0;
  virtual absl::StatusOr<std::vector<RefusedCode>> RefusedCodes(const std::string& integration_id) = 0;

  // The first in line of a register: the lowest lane position among ACCEPTED, SENDING and IN_DOUBT, but for
  // what is parked.
  virtual absl::StatusOr<std::optional<LaneHead>> HeadOfLane(const std::string& register_fiscal_number) = 0;
  // The first of those that are parked whose lane position is above `after_position`; nothing at the end.
  virtual absl::StatusOr<std::optional<LaneHead>> NextParked(const std::string& register_fiscal_number,
                                                             int64_t after_position) = 0;
  // Those that are ACCEPTED, and were to be sent before `now`, in the order of their lane from above
  // `after_position` on; at most `limit`, and fewer where they are big. None at the end. Reads what is open
  // in this lane, however long its history is.
  virtual absl::StatusOr<std::vector<domain::Fiscalization>> ExpiredInLane(
      const std::string& register_fiscal_number, absl::Time now, int64_t after_position, int limit) = 0;
  virtual absl::StatusOr<std::vector<LaneSummary>> OpenLanes() = 0;
  virtual absl::StatusOr<LaneSummary> SummaryOfLane(const std::string& register_fiscal_number) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_STORE_H_
