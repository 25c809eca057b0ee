#ifndef KASA_SERVER_DOMAIN_STATE_MACHINE_H_
#define KASA_SERVER_DOMAIN_STATE_MACHINE_H_

#include <span>

#include "absl/strings/string_view.h"
#include "server/domain/fiscalization.h"

// The states of a fiscalization and what moves it between them (architecture.md, rule 8).
//
//   from         what happens                                              to
//   ACCEPTED     mark                                                      SENDING
//                cancel                                                    CANCELLED
//                day over, not sent                                        FAILED
//   SENDING      done and proven                                           FISCALIZED
//                first send: the document is refused                       FAILED
//                first send: surely nothing was made (never sent, token
//                refused, throttled, the register can't work)              ACCEPTED
//                doubt; or any trouble or refusal of a re-send             IN_DOUBT
//   IN_DOUBT     mark (same tag, same bytes)                               SENDING
//                the receipt is proven, or an operator names it            FISCALIZED
//                absence is proven, or an operator gives up                FAILED
//                an operator says absent, send                             ACCEPTED
//   FAILED       retry, or corrected content                               ACCEPTED
//   CANCELLED    retry, or corrected content                               ACCEPTED
//   FISCALIZED   nothing: the end
namespace kasa::domain {

// How one send ended, as the answer table of the adapter read it.
enum class SendEnding {
  kDone = 1,          // the register says done, and the proof holds (adoption.h)
  kRefusedDocument,   // this document is refused
  kRefusedRegister,   // the register can't work now
  kShiftClosed,       // the shift must be opened first
  kUnknownRefusal,    // res_action 3 with a code that no table has: ask the status before judging
  kTokenRefused,      // HTTP 401, 403, or a code that says so
  kThrottled,         // HTTP 429: not made
  kNeverSent,         // no connection was made: not a byte left
  kDoubt,             // not to be concluded
  kDoubtSameTagNext,  // res_action 1 or 2: in doubt, and the next execute request must be this same tag
};

// A send is a first send when no earlier send of its tag is unexplained; else it is a re-send.
enum class SendOrder { kFirst = 1, kRepeated = 2 };

// Where the fiscalization goes.
enum class Edge { kToFiscalized = 1, kToFailed, kToAccepted, kToInDoubt };

// What the lane does next.
enum class LaneStep {
  kNext = 1,     // on to the next document
  kPause,        // the register can't work: say why, probe, resume
  kOpenShift,    // open the shift, then the same document
  kAskStatus,    // the status decides between kRefusedDocument, kRefusedRegister and kShiftClosed
  kBackOff,      // the same document again, later
  kSameTagNext,  // the same tag again, and no other execute request before it
};

// One cell of the table: ending x order -> edge, step.
struct Ruling {
  SendEnding ending;
  SendOrder order;
  Edge edge;
  LaneStep step;
  absl::string_view why;
};

// The whole table, a row for every ending and order. docs/architecture.md shows it; a test walks it.
std::span<const Ruling> RulingTable();

const Ruling& RulingFor(SendEnding ending, SendOrder order);

// Whether the state machine has this arrow. The store refuses every other change.
bool IsAllowed(State from, State to);

// Whether the register waits for this same tag after a send of it that ended so, and for no other request
// (architecture.md, rule 3). What it has not judged leaves that as it was.
bool IsBoundToTag(bool bound_before, SendEnding ending);

// Whether the register judged the request and refused it. A refused token, a throttled request and one that
// never left were not judged.
bool IsDefiniteRefusal(SendEnding ending);

// Whether it was refused, by the register or at its door: nothing was made by this send, and a register that
// repeats its answers by tag may repeat this one once its cause is gone.
bool IsRefusal(SendEnding ending);

absl::string_view NameOf(State state);
absl::string_view NameOf(SendEnding ending);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_STATE_MACHINE_H_
