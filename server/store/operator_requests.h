#ifndef KASA_SERVER_STORE_OPERATOR_REQUESTS_H_
#define KASA_SERVER_STORE_OPERATOR_REQUESTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/domain/document.h"
#include "server/domain/fiscalization.h"
#include "server/domain/notice.h"
#include "server/domain/receipt.h"
#include "server/store/intake.h"
#include "server/store/sought_receipt.h"

// What is asked for a document that did not end well: another try, or that an operator's word is taken.
namespace kasa::store {

// A retry of what failed or was cancelled, mapped and priced anew (architecture.md, rule 9). The store
// refuses it (FAILED_PRECONDITION, STATE_NOT_ALLOWED) when the state is not FAILED or CANCELLED any more, or
// when a send of its tag is unexplained, and as Accept() does when its integration takes no work; ABORTED
// (ETAG_MISMATCH) when `revision` is given and is not the current one, or `prepared_revision` is not: what
// was prepared is of other content then, and has to be prepared anew.
struct Retry {
  std::string fiscalization_id;
  std::optional<int64_t> revision;  // that the caller names
  int64_t prepared_revision = 0;    // that draft, warnings, bytes and decision were made from
  domain::PricedReceipt draft;
  std::vector<domain::Notice> warnings;
  std::string request_body;
  std::optional<absl::Time> expire_time;
  HistoryDecision decide;  // both as in Acceptance
  BodyMaker make_body;
};

// An operator's word on what is in doubt. FAILED_PRECONDITION (STATE_NOT_ALLOWED) unless IN_DOUBT.
struct ResolutionRequest {
  std::string fiscalization_id;
  std::optional<int64_t> revision;
  domain::Resolution resolution;
  std::optional<domain::Receipt> receipt;  // with kReceiptExists
  domain::Buyer sent_to;                   // as in Settlement
  // How often it had been sent when the word was checked: refused when it was sent again since.
  std::optional<int> attempts;
  // What the register was asked about when the word was checked: refused when it is another request now.
  std::optional<SoughtReceipt> sought;
};

}  // namespace kasa::store

#endif  // KASA_SERVER_STORE_OPERATOR_REQUESTS_H_
