#ifndef KASA_SERVER_VCHASNO_ANSWER_TABLE_H_
#define KASA_SERVER_VCHASNO_ANSWER_TABLE_H_

#include <cstdint>
#include <optional>
#include <span>

#include "absl/strings/string_view.h"
#include "common/reason.h"
#include "server/domain/state_machine.h"

// How a send can end: the three tables by which every answer of Vchasno.Kasa is read
// (vchasno-kasa-errors.md), and the one function that reads them. Pure; whether it was a first send or a
// re-send is domain::RulingFor's matter.
namespace kasa::vchasno {

// --- The HTTP status, which speaks first. 200 is not here: its body decides.
struct HttpRow {
  int status;
  domain::SendEnding ending;
  Reason reason;
  absl::string_view meaning;
};
std::span<const HttpRow> HttpTable();

// --- The code in `res`. A row's level counts only with res_action 3, or with none.
enum class Level {
  kFine = 1,  // what was asked for is so already
  kDocument,  // this document is refused, the lane goes on
  kRegister,  // the register can't work now
  kToken,     // the register's token is refused
  kShift,     // the shift must be opened first
  kDoubt,     // not to be concluded
};

// The tasks for which a level holds; for all others the code is doubt.
enum class Tasks { kAll = 1, kOpenShift, kCloseShift, kReports };

struct CodeRow {
  int64_t res;
  Level level;
  Tasks tasks;
  Reason reason;
  absl::string_view meaning;
  // Our own fault: a person must look.
  bool alarm = false;
  // A document in doubt with this code never leaves the head of its lane (architecture.md, rule 4).
  bool never_park = false;
  // One client's word only: the register's status must agree before anything is concluded from the level.
  bool confirm_by_status = false;
};
std::span<const CodeRow> CodeTable();

// The row of that code; null when the table has none.
const CodeRow* FindCode(int64_t res);

// --- The action in `res_action`.
enum class ActionKind { kAbsent = 1, kFine, kMayRepeat, kCollision, kStop, kOther };

// What `res` is, as far as the action's rule asks.
enum class ResultKind { kZero = 1, kInTable, kNotInTable };

struct ActionRow {
  ActionKind action;
  ResultKind result;
  std::optional<domain::SendEnding> ending;  // unset: the level of the code's row decides
  absl::string_view why;
};
// A row for every action and result.
std::span<const ActionRow> ActionTable();

// What was heard of one send.
struct Heard {
  enum class Way {
    kNeverConnected = 1,  // surely not a byte of the request left
    kNoWholeAnswer,       // the request left, wholly or partly; the answer did not come, or not whole
    kAnswered,
  };
  Way way = Way::kNoWholeAnswer;
  int http_status = 0;    // with kAnswered
  bool readable = false;  // the body is a JSON object that has `res` and does not contradict itself
  std::optional<int64_t> res;
  std::optional<int64_t> res_action;
  bool action_unreadable = false;  // res_action is there, but is no number
  bool echo_differs = false;       // it names another tag or task than the request's
  bool names_receipt = false;      // a receipt was asked for, and it names a fiscal number
  int task = -1;                   // what was asked for; -1: not known, which no task's own rows match
};

// What it means.
struct Verdict {
  domain::SendEnding ending = domain::SendEnding::kDoubt;
  // With kDone: kInternal, and of no meaning. kPaymentTypeNotEnabled tells to mark the mapping entry.
  Reason reason = Reason::kAnswerLost;
  absl::string_view why;
  bool alarm = false;
  // Codes 1073 to 1075, and res_action 1 or 2, whatever the rest of the answer says.
  bool never_park = false;
  bool confirm_by_status = false;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// kDone means: the register says done. Whether that proves our receipt is for domain::ObjectionTo to say.
Verdict Judge(const Heard& heard);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_ANSWER_TABLE_H_
