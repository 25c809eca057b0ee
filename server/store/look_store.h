#ifndef KASA_SERVER_STORE_LOOK_STORE_H_
#define KASA_SERVER_STORE_LOOK_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/absence.h"
#include "server/domain/fiscalization.h"
#include "server/store/callback.h"
#include "server/store/sought_receipt.h"

// What looking into registers' listings reads from the store and leaves in it. Errors and threads as in
// store.h: writes call back after they are durable, reads use the read-only connections.
namespace kasa::store {

// What looks proved about a fiscalization in doubt.
struct DoubtSettlement {
  std::string fiscalization_id;
  // As the looks knew it: when it was sent again since, they are void.
  int attempts = 0;
  std::optional<SoughtReceipt> sought;  // and when it is another request now
  // FISCALIZED with the receipt that was found; without one, for proven absence, ACCEPTED or FAILED.
  domain::State to = domain::State::kFiscalized;
  std::optional<domain::Receipt> receipt;
  domain::Buyer sent_to;                   // the contacts in the request; recorded masked with the receipt
  std::optional<domain::Failure> failure;  // with FAILED
};

// A receipt on one of our registers that the store does not have.
struct UnknownReceipt {
  domain::ListedReceipt listed;
  bool ours = false;  // it bears a tag of this installation
};

// The local numbers of the newest receipts of one register; nothing where none is known or told.
struct NewestLocalNumbers {
  std::optional<int64_t> sale;
  std::optional<int64_t> returned;
};

// A receipt that a document has, for all that the register tells, from a history that the store lost.
struct SeenReceipt {
  std::string fiscalization_id;
  int64_t revision = 0;  // of the document as it was read, from which `body` was made
  std::string tag;       // of the receipt; one of the document's
  int tag_number = 0;
  std::string body;  // the bytes that make the document's receipt under that tag
  absl::Time since;  // looks go back to it
  domain::Failure why;
};

// How many there are of one register.
struct UnknownReceipts {
  int64_t foreign = 0;
  int64_t ours = 0;
  std::optional<absl::Time> since;  // when the first of them was seen
};

class LookStore {
 public:
  virtual ~LookStore() = default;

  // Ends a doubt, decided inside the writer's transaction: FAILED_PRECONDITION (STATE_NOT_ALLOWED) when it is
  // not IN_DOUBT any more, was sent since, or, without a receipt, when its register waits for this same tag
  // or (to ACCEPTED) it is parked. ALREADY_EXISTS when the receipt is stored with another fiscalization. Its
  // sends are explained then.
  virtual void SettleDoubt(DoubtSettlement settlement, Callback<domain::Fiscalization> done) = 0;

  // Counts a look, and keeps what it told.
  virtual void NoteLook(std::string fiscalization_id, std::string finding, absl::Time time,
                        Callback<bool> done) = 0;

  // Receipts of ours on a register: those with one of these fiscal numbers, those whose time is not before
  // `since`, and of the earlier ones the newest. At most `limit` (OUT_OF_RANGE when there are more).
  virtual absl::StatusOr<std::vector<domain::KnownReceipt>> KnownReceipts(
      const std::string& register_fiscal_number, absl::Time since,
      const std::vector<std::string>& fiscal_numbers, int limit) = 0;

  // Those of these tags whose documents are expected on this register: their fiscalizations are being sent or
  // in doubt, or they are of a proof of tag memory, or of an opening of a shift, which a listing that is not
  // known to tell tasks may show as well. What only waits is not expected to have one.
  virtual absl::StatusOr<std::vector<std::string>> ExpectedTags(const std::string& register_fiscal_number,
                                                                const std::vector<std::string>& tags) = 0;

  // Of the newest receipts on this register; of a kind that is not among the last 200 of them, nothing.
  virtual absl::StatusOr<NewestLocalNumbers> NewestNumbers(const std::string& register_fiscal_number) = 0;

  // Remembers receipts that the store does not have; those that are remembered stay as they are, but for what
  // was taken for another's and is ours. One of them that is ours, and was made after the store was last
  // adopted, under a tag that is not among the last that the store sent, shows that the store lost a part of
  // its history (architecture.md, rule 11): it is paused as by Store::Pause() then, once for each such
  // receipt. Answers whether it was paused by this.
  virtual void RememberUnknown(std::string register_fiscal_number, std::vector<UnknownReceipt> receipts,
                               absl::Time time, Callback<bool> done) = 0;
  // Those first seen at `from` or later that the store still does not have.
  virtual absl::StatusOr<UnknownReceipts> CountUnknown(const std::string& register_fiscal_number,
                                                       absl::Time from) = 0;
  // Those of them that are ours, which the store still does not have.
  virtual absl::StatusOr<std::vector<domain::ListedReceipt>> OwnUnknown(
      const std::string& register_fiscal_number) = 0;

  // ACCEPTED -> IN_DOUBT, or IN_DOUBT under another tag -> IN_DOUBT: a receipt under a tag of the document
  // was seen on its register, so that it is settled by looking for that one, and not sent. Its sends under
  // another tag are explained then. FAILED_PRECONDITION (STATE_NOT_ALLOWED) in any other state; ABORTED
  // (ETAG_MISMATCH) when it has changed since it was read: it may have other content by now.
  virtual void DoubtAsSeen(SeenReceipt seen, Callback<domain::Fiscalization> done) = 0;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_LOOK_STORE_H_
