#ifndef KASA_SERVER_STORE_SEND_STORE_H_
#define KASA_SERVER_STORE_SEND_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/document.h"
#include "server/domain/experience.h"
#include "server/domain/failure.h"
#include "server/domain/fiscalization.h"
#include "server/domain/receipt.h"
#include "server/domain/send_permit.h"
#include "server/domain/state_machine.h"
#include "server/store/callback.h"
#include "server/store/exchange.h"

// Requests that go to the registers: what may change something there is marked before it is sent and settled
// after (architecture.md, rules 2 and 3), and all of it is kept with its answer. Errors and threads as in
// store.h: writes call back after they are durable, reads use the read-only connections.
namespace kasa::store {

// A durable SENDING mark, and the right to send once.
struct MarkedSend {
  domain::SendPermit permit;
  domain::Fiscalization fiscalization;  // as it is now; for a shift opening: empty
  domain::SendOrder order;
  std::optional<absl::Time>
      first_unexplained_send;  // set exactly when order is kRepeated: when that was marked
};

// How a send ended and what follows, to be stored at once.
struct Settlement {
  int64_t exchange_id = 0;
  absl::Time end_time;
  int http_status = 0;
  std::string answer;
  domain::SendEnding ending = domain::SendEnding::kDoubt;
  domain::Edge edge = domain::Edge::kToInDoubt;
  std::optional<domain::Receipt> receipt;       // with kToFiscalized
  domain::Buyer sent_to;                        // the contacts in the request; recorded masked with a receipt
  std::optional<domain::Failure> failure;       // with every other edge
  std::optional<absl::Time> next_attempt_time;  // told to who asks
  // Every send of this tag was definitely refused and the register repeats that refusal though its cause is
  // gone: go on under the next number (architecture.md, rule 5). With kToAccepted only; `next_body` are the
  // bytes with it.
  bool raise_tag_number = false;
  std::string next_tag;
  std::string next_body;
  // What the answer taught about the register; with kToFiscalized and kToFailed.
  std::vector<domain::Lesson> lessons;
  // The register asked for the same request again, or for a person (res_action 1 or 2; 1073 to 1075): what is
  // in doubt by now never leaves its lane (architecture.md, rule 4). Also with the opening of a shift, for
  // the fiscalization that the shift is opened for.
  bool never_park = false;
  // With the opening of a shift that is done: it was open already, so that it was not opened now.
  bool shift_was_open = false;
};

// A request of a proof of tag memory, to be marked: a test receipt (kReceipt) or a Z-report (kReport), of no
// document.
struct ProofRequest {
  std::string integration_id;
  std::string register_fiscal_number;
  ExchangeKind kind = ExchangeKind::kReceipt;
  std::string tag;
  std::string body;
};

// A document to be marked, as its lane has read it. Meanwhile it may have been cancelled and sent anew, even
// to another register: then it is not this lane's any more.
struct SendCandidate {
  std::string fiscalization_id;
  std::string register_fiscal_number;
  domain::State state = domain::State::kAccepted;  // or IN_DOUBT
  int attempts = 0;
};

// What is known of the request that opened a register's shift last.
struct ShiftOpening {
  std::optional<absl::Time> first_unexplained_send;  // nothing when it is known how it ended
  // The register answered res_action 1 or 2 and has not judged it since: the next execute request on it must
  // be this same opening (architecture.md, rule 3).
  bool bound = false;
};

// A request that opens a register's shift.
struct ShiftOpeningRequest {
  std::string register_fiscal_number;
  std::string integration_id;
  std::string for_fiscalization_id;  // the document that waits for it, or empty
  // An opening that was first sent before this time and is in doubt is not asked again under its tag, unless
  // the register waits for it: a register that repeats its answers would give the same one for ever. That it
  // may have been done after all is harmless: the shift is open then, and the next opening says so.
  absl::Time doubts_until;
  // The register has said its last word on the opening before, whatever it asked for once: this is a new one.
  bool last_is_over = false;
  absl::AnyInvocable<std::string(const std::string& tag)> make_body;  // the bytes to send
};

struct ExchangePage {
  std::vector<Exchange> exchanges;  // ordered by id
  std::optional<int64_t> next_after_id;
};

class SendStore {
 public:
  virtual ~SendStore() = default;

  // Marks a document SENDING, with the bytes. ACCEPTED: the stored request body; IN_DOUBT: the bytes of its
  // first unexplained send. FAILED_PRECONDITION (STATE_NOT_ALLOWED) when it is not as the candidate says any
  // more, in any other state, when parked, or when another request of this register is marked (a partial
  // unique index guards it too).
  virtual void MarkSending(SendCandidate candidate, Callback<MarkedSend> done) = 0;

  // Marks a request that opens a shift, under ShiftOpeningTagFor(register, number) with a number that rises
  // when the last opening was answered, or was in doubt for long enough.
  virtual void MarkShiftOpening(ShiftOpeningRequest request, Callback<MarkedSend> done) = 0;

  // Ends a marked send; the same settlement again answers what became of it. ALREADY_EXISTS when the
  // receipt's (register, fiscal number) is stored with another fiscalization: then nothing changes, and the
  // caller settles it as doubt.
  virtual void Settle(Settlement settlement, Callback<domain::Fiscalization> done) = 0;
  // Answers whether the register waits for this same opening now (ShiftOpening::bound).
  virtual void SettleShiftOpening(Settlement settlement, Callback<bool> done) = 0;

  // Marks and ends a request of a proof of tag memory, like MarkSending and Settle. Its tag is never that of
  // a document, and no document waits for it: what ends in doubt stays unexplained and holds nobody up.
  virtual void MarkProof(ProofRequest request, Callback<MarkedSend> done) = 0;
  virtual void SettleProof(Settlement settlement, Callback<bool> done) = 0;

  // Keeps a look-up (status, check-task) that was made for a fiscalization.
  virtual void RecordExchange(Exchange exchange, Callback<int64_t> done) = 0;
  // Those of a fiscalization, or with an empty id of no document, after this one.
  virtual absl::StatusOr<ExchangePage> ListExchanges(const std::string& fiscalization_id, int64_t after_id,
                                                     int limit) = 0;

  virtual absl::StatusOr<ShiftOpening> LastShiftOpening(const std::string& register_fiscal_number) = 0;

  // After a start: every SENDING fiscalization becomes IN_DOUBT (its request may have left), every unanswered
  // mark is closed as unexplained, every sending to a customer that was in flight becomes UNKNOWN. To be
  // called once, before any lane runs.
  virtual void RecoverAfterStart(Callback<int64_t> done) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_SEND_STORE_H_
