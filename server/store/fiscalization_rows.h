#ifndef KASA_SERVER_STORE_FISCALIZATION_ROWS_H_
#define KASA_SERVER_STORE_FISCALIZATION_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/fiscalization.h"
#include "server/domain/state_machine.h"
#include "server/store/connection.h"

// Fiscalizations as rows: how one is read and written. What may change when is decided by acceptance.cc,
// sends.cc and changes.cc.
namespace kasa::store {

// A fiscalization with what its row holds besides.
struct FiscalizationRow {
  int64_t number = 0;  // its rowid
  domain::Fiscalization fiscalization;
  bool bound_to_tag = false;                              // see LaneHead
  std::optional<domain::SendEnding> last_ending;          // how; nothing when nothing was heard of it
  domain::State stored_state = domain::State::kAccepted;  // as it was read or written last
  size_t bytes = 0;                                       // as it is stored (page_budget.h)
  std::optional<absl::Time> receipt_time;  // by which its receipt is listed; nothing without one
};

// "SELECT ... FROM fiscalizations f JOIN contents ... LEFT JOIN receipts ...", to be followed by WHERE.
extern const absl::string_view kSelectFiscalization;

// The whole statements that find one by id and by document.
const std::string& SelectByIdSql();
const std::string& SelectByKeySql();

// The row that `query`, made from kSelectFiscalization, stands on.
FiscalizationRow ReadFiscalization(const Query& query);

std::optional<FiscalizationRow> FindById(Connection& connection, const std::string& id);
std::optional<FiscalizationRow> FindByNumber(Connection& connection, int64_t number);
std::optional<FiscalizationRow> FindByKey(Connection& connection, const domain::DocumentKey& key);
// FindById, or NOT_FOUND (FISCALIZATION_NOT_FOUND).
absl::StatusOr<FiscalizationRow> GetRow(Connection& connection, const std::string& id);
// GetRow, and ABORTED (ETAG_MISMATCH) when `revision` is given and is not the row's.
absl::StatusOr<FiscalizationRow> GetRow(Connection& connection, const std::string& id,
                                        const std::optional<int64_t>& revision);

std::string RequestBodyOf(Connection& connection, int64_t number);

// Moves to another state, unless the state machine has no such arrow: STATE_NOT_ALLOWED.
absl::Status MoveTo(domain::Fiscalization& fiscalization, domain::State to);

// Writes a new row at the end of its lane. Sets times, revision, change_sequence and lane_position.
FiscalizationRow InsertRow(Connection& connection, domain::Fiscalization fiscalization,
                           const std::string& request_body, absl::Time now);

// Writes what can change without the content: state, tag, counts, waiting, failure, resolution. Raises
// revision and change_sequence, sets update_time.
void UpdateRow(Connection& connection, FiscalizationRow& row, absl::Time now);

// Puts a row, to be written with UpdateRow() after, at the end of its lane.
void MoveToEndOfLane(Connection& connection, FiscalizationRow& row);

// Writes next_attempt_time and what is planned about a doubt: no new revision.
void UpdateNextStep(Connection& connection, const FiscalizationRow& row);

// Replaces document, draft and request body, and what is found by: integration, register, order, original,
// rule, fingerprint. UpdateRow() leaves those as they are.
void ReplaceContent(Connection& connection, const FiscalizationRow& row, const std::string& request_body);
void ReplaceRequestBody(Connection& connection, int64_t number, const std::string& request_body);

// Stores the receipt that fiscalization.receipt holds; `now` is its time where the register told none.
// ALREADY_EXISTS when its (register, fiscal number) is stored with another fiscalization.
absl::Status InsertReceipt(Connection& connection, const FiscalizationRow& row, absl::Time now);

// How many are open (ACCEPTED, SENDING, IN_DOUBT) on a register; counts no further than `most`.
int64_t OpenOnLane(Connection& connection, const std::string& register_fiscal_number, int64_t most);

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_FISCALIZATION_ROWS_H_
