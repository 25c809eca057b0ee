#ifndef KASA_TESTS_SIMULATION_FAULT_H_
#define KASA_TESTS_SIMULATION_FAULT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/simulation/random.h"

// What goes wrong in a history, besides what the switches say.
namespace kasa::simulation {

enum class FaultKind {
  // On the way to and from the register; `made`: the register had made the receipt by then.
  kNeverConnected,
  kNoAnswer,       // until the time-out
  kConnectionCut,  // at once, without an answer
  kLate,           // the register is at work for longer than the caller waits, and makes it then
  kSlow,           // for nearly as long
  kBodyCut,
  kGarbage,
  kHttpStatus,  // `code`: 500, 502, 503, 504, 302, 404, ...; 503 with Retry-After
  // Turned away at the door.
  kThrottled,     // 429, with or without Retry-After
  kTokenRefused,  // `code`: 401 or 403, for this request
  // Answers.
  kMayRepeat,     // res_action 1
  kCollision,     // res_action 2
  kRefused,       // res_action 3 and `code`; nothing is made
  kDoubtfulCode,  // `code` that says nothing sure, with res_action 3
  kCalledFine,    // an error with res_action 0
  kOddAction,     // a res_action that means nothing, or 3 with res 0
  kWrongFisid,    // made, and the answer names another register
  kWrongTag,
  kWrongTask,
  kNoFiscalNumber,
  // Of the register, for as long as `lasts`.
  kRegisterTrouble,  // refuses every receipt with `code`
  kBlocked,          // and its status says so
  kSignatureMissing,
  kClockOff,   // beyond what the gateway tolerates
  kTokenGone,  // its token is refused until an operator sets the new one
  kStatusSilent,
  // Of the machine, for as long as `lasts`.
  kDiskFull,
  kDiskWritesFail,
  kDiskSyncsFail,
  kWallClockJump,  // by `jump`; back when it is over, where it lasts
  // Not drawn with the others (later_draws.h).
  kRefusedReceipt,  // an answer: made, and refused with res_action 3 and `code`, by its fiscal number
};

inline constexpr int kFaultKinds = static_cast<int>(FaultKind::kRefusedReceipt) + 1;

absl::string_view NameOf(FaultKind kind);

// Whether it befalls one request rather than a span of time.
bool IsOfRequest(FaultKind kind);
bool IsOfMachine(FaultKind kind);

struct Fault {
  int id = 0;  // its place in the plan
  FaultKind kind = FaultKind::kNoAnswer;
  int at_register = 0;
  absl::Duration from;     // monotonic, from the beginning of the history
  absl::Duration lasts;    // of a span
  int requests = 1;        // how many requests in a row it befalls, of those that execute a task
  int let_pass = 0;        // so many of them before
  bool of_status = false;  // befalls requests for the status rather than receipts and openings
  bool made = false;
  bool at_work =
      false;  // with may_repeat and collision: it asks for the same again and is at work on it still
  int code = 0;
  absl::Duration jump;
  absl::Duration retry_after;

  static Fault Draw(Random random, int id, int registers, absl::Duration horizon);
  std::string Describe() const;
};

}  // namespace kasa::simulation

#endif  // KASA_TESTS_SIMULATION_FAULT_H_
