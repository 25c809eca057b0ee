#ifndef KASA_SERVER_DOMAIN_FISCALIZATION_H_
#define KASA_SERVER_DOMAIN_FISCALIZATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/document.h"
#include "server/domain/failure.h"
#include "server/domain/notice.h"
#include "server/domain/receipt.h"

// Our durable record of turning one document into one receipt. Plain values; the rules are in
// state_machine.h.
namespace kasa::domain {

enum class State {
  kAccepted = 1,    // durable, not on the wire
  kSending = 2,     // marked; at most one request is on the wire
  kInDoubt = 3,     // the register may or may not have made a receipt
  kFiscalized = 4,  // the receipt exists and is ours
  kFailed = 5,      // surely no receipt
  kCancelled = 6,   // never sent, given up by the caller
};

enum class ResolutionOutcome { kReceiptExists = 1, kAbsentSend = 2, kAbsentGiveUp = 3 };

// What an operator stated about a fiscalization that stayed in doubt.
struct Resolution {
  ResolutionOutcome outcome = ResolutionOutcome::kReceiptExists;
  std::string fiscal_number;
  std::string principal;  // who
  std::string note;       // why
  bool verified = false;  // the register confirmed it
  absl::Time resolve_time;

  friend bool operator==(const Resolution&, const Resolution&) = default;
};

// What the gateway does next about a doubt.
enum class DoubtStep {
  kLook = 1,         // looks whether the receipt is among those of the register
  kSendAgain,        // sends the same request under the same tag
  kWaitForOperator,  // can't know from here: waits for a person
};

// How a doubt is being settled. When the next step comes is the fiscalization's next_attempt_time.
struct Doubt {
  absl::Time since;                           // the first send that ended in doubt and is not explained yet
  std::optional<absl::Time> resolvable_time;  // the hold time is over: an operator may resolve it
  std::optional<DoubtStep> next_step;
  int looks = 0;             // into the register's listings
  std::string last_finding;  // what the last of them told, in words
  bool parked = false;       // it has left its lane, and is sent no more but by an operator's word
  bool never_park = false;   // the register asked for the same request again, or for a person (rule 4)

  friend bool operator==(const Doubt&, const Doubt&) = default;
};

struct Fiscalization {
  std::string id;
  DocumentKey key;
  std::string integration_id;
  std::string register_fiscal_number;
  State state = State::kAccepted;
  std::string order_id;
  std::string original_id;             // returns: the fiscalization that is returned
  std::string original_fiscal_number;  // returns: of the receipt that is returned
  std::string rule_id;                 // the automation rule that made the document; empty: a caller did
  std::string fingerprint;             // of the fiscal content, see fingerprint.h
  int tag_number = 0;
  std::string tag;
  int attempts = 0;                         // requests marked so far, over all tags
  int refused_with_this_tag = 0;            // sends of this tag that were definitely refused
  std::optional<int64_t> last_refusal_res;  // the register's code of the last definite refusal of this tag
  int64_t lane_position = 0;                // order in its lane
  std::optional<absl::Time> next_attempt_time;
  std::optional<absl::Time> expire_time;  // Kyiv's midnight after the document's date, while unsent
  std::optional<Failure> failure;         // why FAILED; or why IN_DOUBT or still waiting
  std::optional<Doubt> doubt;             // while IN_DOUBT, and while what is in doubt is sent again
  std::optional<Receipt> receipt;
  std::optional<Resolution> resolution;
  Document document;    // as received
  PricedReceipt draft;  // as priced
  std::vector<Notice> warnings;
  absl::Time create_time;
  absl::Time update_time;
  int64_t revision = 0;         // its etag
  int64_t change_sequence = 0;  // of its last change, over the whole store
};

inline bool IsFinal(State state) {
  return state == State::kFiscalized || state == State::kFailed || state == State::kCancelled;
}

// Payments, and documents made by automation, are dated when they are sent (product.md, point 8).
inline bool IsDatedWhenSent(DocumentKind kind, const std::string& rule_id) {
  return kind == DocumentKind::kPayment || !rule_id.empty();
}

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_FISCALIZATION_H_
