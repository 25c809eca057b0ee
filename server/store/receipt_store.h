#ifndef KASA_SERVER_STORE_RECEIPT_STORE_H_
#define KASA_SERVER_STORE_RECEIPT_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/fiscalization.h"
#include "server/domain/sending.h"
#include "server/domain/totals.h"
#include "server/store/callback.h"
#include "server/store/exchange.h"

// What is stored about receipts that exist: lists, totals, and their sendings to customers. Errors and
// threads as in store.h: writes call back after they are durable, reads use the read-only connections.
namespace kasa::store {

// A filter; empty fields do not filter. A receipt whose time the register did not tell counts by the time at
// which the gateway learned of it.
struct ReceiptFilter {
  std::string integration_id;
  std::string register_fiscal_number;
  std::optional<domain::DocumentKind> kind;
  std::string order_id;
  std::optional<absl::Time> time_from;
  std::optional<absl::Time> time_before;
};

// A receipt's place in the order (time, fiscal number, register).
struct ReceiptPosition {
  absl::Time time;
  std::string fiscal_number;
  std::string register_fiscal_number;
};

struct ListedReceipt {
  domain::Fiscalization fiscalization;
  ReceiptPosition position;
};

struct ReceiptPage {
  std::vector<ListedReceipt> receipts;
  bool more = false;  // the next page starts after the last one's position
};

// Receipts of a period, by integration or by register (one of the two is given).
struct TotalsFilter {
  std::string integration_id;
  std::string register_fiscal_number;
  absl::Time time_from;
  absl::Time time_before = absl::InfiniteFuture();
  // Not empty: a receipt whose shift the register told counts only when it is this one.
  std::string shift_number;
};

// What a run of receipts adds up to.
struct TotalsPart {
  domain::Totals totals;
  int64_t without_shift = 0;            // with a shift_number: those counted whose shift is not told
  std::optional<ReceiptPosition> next;  // nothing at the end
};

// A sending to be commanded. The recipient is stored masked only, beside a hash of it, by which another one
// is told apart.
struct NewSending {
  domain::SendingChannel channel = domain::SendingChannel::kSms;
  std::string recipient;
};

// All sendings of one request.
struct SendingCommand {
  std::string request_id;
  std::string fiscalization_id;
  std::string integration_id;  // whose token is used
  std::vector<NewSending> sendings;
  absl::Status refusal;  // not OK: nothing new is begun, for this reason; a replay is answered all the same
};

struct BegunSendings {
  std::vector<domain::Sending> sendings;  // in the order of their channels
  bool replayed = false;                  // recorded before: nothing is to be commanded
};

// How a command ended.
struct SendingEnd {
  std::string sending_id;
  domain::SendingOutcome outcome = domain::SendingOutcome::kUnknown;
  std::optional<Reason> reason;
  std::string message;
  std::optional<absl::Time> answer_time;  // nothing: no answer came
  Exchange exchange;                      // for the audit; no contact in it but masked
};

// A filter; empty fields do not filter. Ordered by (create_time, id).
struct SendingFilter {
  std::string fiscal_number;
  std::string fiscalization_id;
  std::string integration_id;
  std::optional<absl::Time> create_time_from;
  std::optional<absl::Time> create_time_before;
};

struct SendingPosition {
  absl::Time create_time;
  std::string id;
};

struct SendingPage {
  std::vector<domain::Sending> sendings;
  bool more = false;
};

class ReceiptStore {
 public:
  virtual ~ReceiptStore() = default;

  // Each with its fiscalization.
  virtual absl::StatusOr<ReceiptPage> List(const ReceiptFilter& filter,
                                           const std::optional<ReceiptPosition>& after, int limit) = 0;

  // Adds up at most `limit` receipts after `after`: call it until nothing is next. In parts, so that a long
  // period takes no reader for long; a receipt that is stored meanwhile is counted once or not at all.
  // OUT_OF_RANGE when a sum does not fit.
  virtual absl::StatusOr<TotalsPart> AddUp(const TotalsFilter& filter,
                                           const std::optional<ReceiptPosition>& after, int limit) = 0;

  // How many fiscalizations are IN_DOUBT with an unexplained send before `time_before` that ended no longer
  // than `slack` before `time_from`: whose receipts, if they exist, may belong to the period. `shift_number`
  // is not looked at.
  virtual absl::StatusOr<int64_t> CountInDoubt(const TotalsFilter& filter, absl::Duration slack) = 0;

  // Remembers the tax service's page of a fiscalization's receipt; the first one stays. False when there is
  // no such receipt, or it has one.
  virtual void RememberStsUrl(std::string fiscalization_id, std::string url, Callback<bool> done) = 0;

  // Records sendings as in flight, before any of them is commanded. Those of a request id that was used
  // before are returned as they are now (replayed), or refused: ALREADY_EXISTS (REQUEST_ID_USED) when the
  // receipt, a channel or a recipient is another one. NOT_FOUND (RECEIPT_NOT_FOUND).
  virtual void BeginSendings(SendingCommand command, Callback<BegunSendings> done) = 0;

  // Ends one that is in flight; one that has ended stays as it is, and is returned.
  virtual void EndSending(SendingEnd end, Callback<domain::Sending> done) = 0;

  virtual absl::StatusOr<SendingPage> ListSendings(const SendingFilter& filter,
                                                   const std::optional<SendingPosition>& after,
                                                   int limit) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_RECEIPT_STORE_H_
