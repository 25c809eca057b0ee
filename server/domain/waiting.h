#ifndef KASA_SERVER_DOMAIN_WAITING_H_
#define KASA_SERVER_DOMAIN_WAITING_H_

#include <optional>
#include <span>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/state_machine.h"

// How long a lane rests, and why: one table for everything that stops it (architecture.md, rule 4). Pure:
// time and randomness are given.
//
// A lane is its register's circuit. While it rests nothing goes to the register; then one request tries, and
// what came of it closes the circuit or opens it again, for longer. A document that is refused for its
// content is not in the table: it fails, and is not tried again by itself.
namespace kasa::domain {

enum class WaitCause {
  kRegisterRefused = 1,  // the register can't work: a code of that level, or three documents refused alike
  kTokenRefused,         // the register refuses its token
  kThrottled,            // HTTP 429
  kNeverSent,            // no connection was made
  kShiftStillClosed,     // a document is refused for a closed shift again
  kDoubt,                // a send, or a re-send, ended in doubt
  kSameTagNext,          // res_action 1 or 2
  kNotReady,             // the status says that the register can't work, or can't be had
  kShiftNotOpened,       // a shift could not be opened
  kSettings,             // inactive, no token, no integration, a store that is not adopted
  kQuietWindow,          // the integration's own
  kStore,                // the store does not take or give
};

enum class WaitLength {
  kGrows = 1,  // the first back-off, doubled with each trouble in a row, up to the longest
  kLongest,    // the longest back-off: something else ends it
  kGiven,      // as long as is given
};

// What goes to the register first, once the rest is over.
enum class FirstRequest {
  kStatus = 1,  // shows the cause, if it is still there
  kDocument,    // the document at the head: the register may do as soon as it is asked
  kSameTag,     // the request that the register waits for, and no other
  kNone,        // nothing, before something changes here
};

struct WaitRow {
  WaitCause cause;
  WaitLength length;
  bool counts;              // as a trouble, so that the next rest is longer
  bool retry_after;         // a Retry-After that came with it is obeyed, whatever happens meanwhile
  bool ends_with_a_change;  // of the integration, its token or mapping, or by an operator's word
  FirstRequest first;
  absl::string_view why;
};

// A row for every cause, in their order. docs/architecture.md shows it; a test walks it.
std::span<const WaitRow> WaitTable();
const WaitRow& WaitRowFor(WaitCause cause);

// The cause that the end of a send is, when it stops the lane.
WaitCause WaitCauseOf(SendEnding ending);

struct BackOff {
  absl::Duration first;
  absl::Duration most;
};

// How long to rest. `troubles` were met in a row before this one; `random` in [0, 1) takes up to a quarter
// off, so that registers do not try all at once; `asked` is a Retry-After, or what is given.
absl::Duration LengthOfWait(WaitCause cause, int troubles, const BackOff& back_off, double random,
                            std::optional<absl::Duration> asked);

absl::string_view NameOf(WaitCause cause);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_WAITING_H_
