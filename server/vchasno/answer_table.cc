#include "server/vchasno/answer_table.h"

#include <algorithm>
#include <array>

#include "common/mutant.h"
#include "server/vchasno/request.h"

namespace kasa::vchasno {
namespace {

using domain::SendEnding;

constexpr auto kHttpRows = std::to_array<HttpRow>({
    {401, SendEnding::kTokenRefused, Reason::kTokenRefused, "the token was refused"},
    {403, SendEnding::kTokenRefused, Reason::kTokenRefused, "the token was refused"},
    {429, SendEnding::kThrottled, Reason::kRateLimited, "too many requests: this one was not taken"},
});

// In the order of the codes.
constexpr auto kCodeRows = std::to_array<CodeRow>({
    {430, Level::kDoubt, Tasks::kAll, Reason::kRegisterServiceTrouble, "device error"},
    {1006, Level::kFine, Tasks::kCloseShift, Reason::kShiftClosed, "the shift was closed already"},
    {1016, Level::kDoubt, Tasks::kAll, Reason::kRegisterServiceTrouble, "internal error of the register"},
    {1032, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: signature check failed"},
    {1033, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: different keys in one shift"},
    {1034, Level::kDoubt, Tasks::kAll, Reason::kRegisterServiceTrouble, "STS could not write the receipt"},
    {1035, Level::kDoubt, Tasks::kAll, Reason::kRegisterServiceTrouble, "STS: general error"},
    {1036, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: wrong sending mode"},
    {1037, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: a Z-report is missing"},
    {1038, Level::kDocument, Tasks::kAll, Reason::kStsRefused, "STS: wrong XML"},
    {1039, Level::kRegister, Tasks::kAll, Reason::kClockSkew, "STS: the receipt's date is wrong"},
    {1040, Level::kDocument, Tasks::kAll, Reason::kStsRefused, "STS: wrong data"},
    {1041, Level::kDocument, Tasks::kReports, Reason::kRegisterRefused, "STS: wrong format of the Z-report"},
    {1042, Level::kRegister, Tasks::kAll, Reason::kOfflineLimit,
     "168 offline hours of the month are used up"},
    {1043, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: the chain of hashes is broken"},
    {1044, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: the register is not registered"},
    {1045, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: the key is not registered"},
    {1046, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: the shift is not open there"},
    {1047, Level::kRegister, Tasks::kAll, Reason::kStsRefused, "STS: wrong offline number"},
    {1048, Level::kDoubt, Tasks::kAll, Reason::kRegisterServiceTrouble, "STS: unknown error"},
    {1052, Level::kRegister, Tasks::kAll, Reason::kOfflineLimit, "the register may not go offline"},
    {1053, Level::kDoubt, Tasks::kAll, Reason::kRegisterServiceTrouble, "already offline"},
    {1054, Level::kDoubt, Tasks::kAll, Reason::kRegisterServiceTrouble, "already online"},
    {1056, Level::kRegister, Tasks::kAll, Reason::kOfflineLimit, "no offline numbers are left"},
    {1058, Level::kDoubt, Tasks::kAll, Reason::kAnswerContradicts, "no task with this tag"},
    {1062, Level::kRegister, Tasks::kAll, Reason::kOfflineLimit, "offline for over 35 hours"},
    {1063, Level::kDocument, Tasks::kAll, Reason::kReceiptArithmeticRefused, "negative sum or change"},
    {1064, Level::kDocument, Tasks::kAll, Reason::kReceiptArithmeticRefused, "negative sum or change"},
    {1065, Level::kDocument, Tasks::kAll, Reason::kReceiptArithmeticRefused, "negative sum or change"},
    {1069, Level::kRegister, Tasks::kAll, Reason::kSignatureMissing, "signing failed"},
    {.res = 1073,
     .level = Level::kRegister,
     .tasks = Tasks::kAll,
     .reason = Reason::kRegisterBlocked,
     .meaning = "an earlier receipt is not carried out: a person must act",
     .never_park = true},
    {.res = 1074,
     .level = Level::kRegister,
     .tasks = Tasks::kAll,
     .reason = Reason::kRegisterBlocked,
     .meaning = "a collision can't be solved: a person must act",
     .never_park = true},
    {.res = 1075,
     .level = Level::kDoubt,
     .tasks = Tasks::kAll,
     .reason = Reason::kRegisterServiceTrouble,
     .meaning = "a collision is not solved yet",
     .never_park = true},
    {1077, Level::kDocument, Tasks::kAll, Reason::kRegisterCashInsufficient,
     "not enough cash in the register's drawer"},
    {1081, Level::kDocument, Tasks::kReports, Reason::kRegisterRefused, "the X-report failed"},
    {1083, Level::kToken, Tasks::kAll, Reason::kTokenRefused, "the token is wrong or no longer valid"},
    {1086, Level::kDocument, Tasks::kReports, Reason::kRegisterRefused, "the Z-report failed"},
    {1091, Level::kRegister, Tasks::kAll, Reason::kRegisterMismatch, "the register was not found"},
    {1092, Level::kShift, Tasks::kAll, Reason::kShiftClosed, "the shift is closed"},
    {1095, Level::kRegister, Tasks::kAll, Reason::kSignatureMissing, "no signing key is loaded"},
    {1096, Level::kFine, Tasks::kOpenShift, Reason::kAnswerContradicts, "the shift was open already"},
    {1097, Level::kDocument, Tasks::kAll, Reason::kRegisterRefused, "the receipt has no rows"},
    {.res = 1101,
     .level = Level::kDocument,
     .tasks = Tasks::kAll,
     .reason = Reason::kReceiptArithmeticRefused,
     .meaning = "the sum differs from the rows",
     .alarm = true},
    {.res = 1102,
     .level = Level::kDocument,
     .tasks = Tasks::kAll,
     .reason = Reason::kReceiptArithmeticRefused,
     .meaning = "the sum less the discount differs from the payments",
     .alarm = true},
    {1105, Level::kDoubt, Tasks::kAll, Reason::kRegisterBusy, "the register is busy with an earlier task"},
    {1107, Level::kDocument, Tasks::kAll, Reason::kReceiptArithmeticRefused, "price x count is zero"},
    {1108, Level::kDocument, Tasks::kAll, Reason::kReceiptArithmeticRefused,
     "a row's discount leaves less than 0.01"},
    {1109, Level::kDocument, Tasks::kAll, Reason::kReceiptArithmeticRefused, "a payment of zero"},
    {1110, Level::kDocument, Tasks::kAll, Reason::kPaymentTypeNotEnabled,
     "a payment type or tax group is not enabled on this register"},
    {1111, Level::kDocument, Tasks::kAll, Reason::kTaxGroupChangedInShift,
     "an item code was sold under another tax group in this shift"},
    {1112, Level::kDocument, Tasks::kAll, Reason::kReceiptArithmeticRefused,
     "the rounding is outside -0.99 to 0.99"},
    {1115, Level::kDocument, Tasks::kAll, Reason::kRoundingNotEnabled,
     "rounding is not enabled on this register"},
    {1117, Level::kRegister, Tasks::kAll, Reason::kOfflineLimit, "the register may not go offline"},
    {1119, Level::kDocument, Tasks::kAll, Reason::kRegisterRefused, "a cash withdrawal not by card"},
    {1120, Level::kDocument, Tasks::kAll, Reason::kRegisterRefused, "a negative commission"},
    {1121, Level::kRegister, Tasks::kAll, Reason::kClockSkew, "the clock differs by over 30 minutes"},
    {1122, Level::kRegister, Tasks::kAll, Reason::kOfflineLimit, "no offline numbers are left"},
    {1123, Level::kRegister, Tasks::kAll, Reason::kNoBalance, "no money on the vendor's account"},
    {1124, Level::kRegister, Tasks::kAll, Reason::kRegisterBlocked,
     "the key was replaced in an emergency: only the Z-report is allowed"},
    {.res = 2000,
     .level = Level::kDocument,
     .tasks = Tasks::kAll,
     .reason = Reason::kInternal,
     .meaning = "the request is not JSON",
     .alarm = true},
    {2001, Level::kToken, Tasks::kAll, Reason::kTokenRefused, "the token is wrong or no longer valid"},
    {2005, Level::kRegister, Tasks::kAll, Reason::kRegisterServiceTrouble, "the service is unreachable"},
    {.res = 2007,
     .level = Level::kShift,
     .tasks = Tasks::kAll,
     .reason = Reason::kShiftClosed,
     .meaning = "the shift is closed",
     .confirm_by_status = true},
    {.res = 2008,
     .level = Level::kFine,
     .tasks = Tasks::kOpenShift,
     .reason = Reason::kAnswerContradicts,
     .meaning = "the shift was open already",
     .confirm_by_status = true},
    {2011, Level::kShift, Tasks::kAll, Reason::kShiftClosed, "the shift is closed"},
    {2013, Level::kRegister, Tasks::kAll, Reason::kRegisterServiceTrouble, "the service is offline"},
    {2014, Level::kRegister, Tasks::kAll, Reason::kRegisterServiceTrouble, "the service is not set up"},
});
static_assert(std::is_sorted(kCodeRows.begin(), kCodeRows.end(),
                             [](const CodeRow& a, const CodeRow& b) { return a.res < b.res; }));

constexpr auto kActionRows = std::to_array<ActionRow>({
    {ActionKind::kAbsent, ResultKind::kZero, SendEnding::kDone, "done"},
    {ActionKind::kAbsent, ResultKind::kInTable, std::nullopt, ""},
    {ActionKind::kAbsent, ResultKind::kNotInTable, SendEnding::kDoubt,
     "an error that is not known, and no word on what may be done"},
    {ActionKind::kFine, ResultKind::kZero, SendEnding::kDone, "done"},
    {ActionKind::kFine, ResultKind::kInTable, SendEnding::kDoubt, "an error that calls itself fine"},
    {ActionKind::kFine, ResultKind::kNotInTable, SendEnding::kDoubt, "an error that calls itself fine"},
    {ActionKind::kMayRepeat, ResultKind::kZero, SendEnding::kDoubtSameTagNext,
     "the register asks for the same task again"},
    {ActionKind::kMayRepeat, ResultKind::kInTable, SendEnding::kDoubtSameTagNext,
     "the register asks for the same task again"},
    {ActionKind::kMayRepeat, ResultKind::kNotInTable, SendEnding::kDoubtSameTagNext,
     "the register asks for the same task again"},
    {ActionKind::kCollision, ResultKind::kZero, SendEnding::kDoubtSameTagNext,
     "a collision: the register asks for the same task next"},
    {ActionKind::kCollision, ResultKind::kInTable, SendEnding::kDoubtSameTagNext,
     "a collision: the register asks for the same task next"},
    {ActionKind::kCollision, ResultKind::kNotInTable, SendEnding::kDoubtSameTagNext,
     "a collision: the register asks for the same task next"},
    {ActionKind::kStop, ResultKind::kZero, SendEnding::kDoubt, "done and refused in one answer"},
    {ActionKind::kStop, ResultKind::kInTable, std::nullopt, ""},
    {ActionKind::kStop, ResultKind::kNotInTable, SendEnding::kUnknownRefusal,
     "a refusal with a code that is not known"},
    {ActionKind::kOther, ResultKind::kZero, SendEnding::kDoubt, "done, with an action that is not known"},
    {ActionKind::kOther, ResultKind::kInTable, SendEnding::kDoubt,
     "an error with an action that is not known"},
    {ActionKind::kOther, ResultKind::kNotInTable, SendEnding::kDoubt,
     "an error with an action that is not known"},
});

ActionKind ActionOf(const Heard& heard) {
  if (heard.action_unreadable) return ActionKind::kOther;
  if (!heard.res_action) return ActionKind::kAbsent;
  switch (*heard.res_action) {
    case 0:
      return ActionKind::kFine;
    case 1:
      return ActionKind::kMayRepeat;
    case 2:
      return ActionKind::kCollision;
    case 3:
      return ActionKind::kStop;
    default:
      return ActionKind::kOther;
  }
}

bool Holds(Tasks tasks, int task) {
  constexpr int kTaskXReport = 10;
  constexpr int kTaskZReport = 11;
  switch (tasks) {
    case Tasks::kAll:
      return true;
    case Tasks::kOpenShift:
      return task == kTaskOpenShift;
    case Tasks::kCloseShift:
      return task == kTaskZReport;
    case Tasks::kReports:
      return task == kTaskXReport || task == kTaskZReport;
  }
  return false;
}

SendEnding EndingOf(Level level) {
  switch (level) {
    case Level::kFine:
      return SendEnding::kDone;
    case Level::kDocument:
      return SendEnding::kRefusedDocument;
    case Level::kRegister:
      return SendEnding::kRefusedRegister;
    case Level::kToken:
      return SendEnding::kTokenRefused;
    case Level::kShift:
      return SendEnding::kShiftClosed;
    case Level::kDoubt:
      break;
  }
  return SendEnding::kDoubt;
}

Reason ReasonFor(SendEnding ending, const CodeRow* code, ResultKind result) {
  if (ending == SendEnding::kDone) return Reason::kInternal;
  if (result == ResultKind::kZero && ending == SendEnding::kDoubt) return Reason::kAnswerContradicts;
  if (ending == SendEnding::kUnknownRefusal) return Reason::kRegisterRefused;
  return code != nullptr ? code->reason : Reason::kRegisterServiceTrouble;
}

Verdict JudgeBody(const Heard& heard) {
  const CodeRow* const code = *heard.res == 0 ? nullptr : FindCode(*heard.res);
  const ResultKind result = *heard.res == 0   ? ResultKind::kZero
                            : code != nullptr ? ResultKind::kInTable
                                              : ResultKind::kNotInTable;
  const ActionKind action = ActionOf(heard);
  const auto row = std::find_if(kActionRows.begin(), kActionRows.end(), [&](const ActionRow& candidate) {
    return candidate.action == action && candidate.result == result;
  });
  Verdict verdict;
  // "It was so already" is no trouble, and calling it fine contradicts nothing.
  const bool is_so_already = code != nullptr && code->level == Level::kFine && action == ActionKind::kFine &&
                             Holds(code->tasks, heard.task);
  if (!is_so_already && (row->ending || code == nullptr)) {
    verdict.ending = row->ending.value_or(SendEnding::kDoubt);
    verdict.why = row->why;
    verdict.reason = ReasonFor(verdict.ending, code, result);
    return verdict;
  }
  verdict.why = code->meaning;
  if (!Holds(code->tasks, heard.task)) {
    verdict.ending = SendEnding::kDoubt;
    verdict.reason = Reason::kAnswerContradicts;
    return verdict;
  }
  verdict.ending = EndingOf(code->level);
  verdict.reason = ReasonFor(verdict.ending, code, result);
  verdict.alarm = code->alarm;
  verdict.confirm_by_status = code->confirm_by_status;
  return verdict;
}

Verdict JudgeAnswer(const Heard& heard) {
  for (const HttpRow& row : kHttpRows) {
    if (row.status == heard.http_status) return {row.ending, row.reason, row.meaning};
  }
  if (KASA_MUTANT("http-503-means-not-made") && heard.http_status == 503) {
    return {SendEnding::kThrottled, Reason::kRateLimited, "not made"};
  }
  if (heard.http_status != 200) {
    return {SendEnding::kDoubt, Reason::kRegisterServiceTrouble, "an HTTP status that says nothing sure"};
  }
  if (KASA_MUTANT("unreadable-means-refused") && !heard.readable) {
    return {SendEnding::kRefusedDocument, Reason::kAnswerUnreadable, "refused"};
  }
  if (!heard.readable || !heard.res) {
    return {SendEnding::kDoubt, Reason::kAnswerUnreadable, "the answer could not be read"};
  }
  if (heard.echo_differs) {
    return {SendEnding::kDoubt, Reason::kAnswerContradicts, "the answer is to another request"};
  }
  Verdict verdict = JudgeBody(heard);
  if (heard.names_receipt && domain::IsRefusal(verdict.ending)) {
    return {SendEnding::kDoubt, Reason::kAnswerContradicts, "a refusal that names a fiscal number"};
  }
  return verdict;
}

bool NeverPark(const Heard& heard) {
  if (heard.way != Heard::Way::kAnswered || !heard.readable) return false;
  const ActionKind action = ActionOf(heard);
  if (action == ActionKind::kMayRepeat || action == ActionKind::kCollision) return true;
  const CodeRow* const code = heard.res ? FindCode(*heard.res) : nullptr;
  return code != nullptr && code->never_park;
}

}  // namespace

std::span<const HttpRow> HttpTable() {
  return kHttpRows;
}

std::span<const CodeRow> CodeTable() {
  return kCodeRows;
}

std::span<const ActionRow> ActionTable() {
  return kActionRows;
}

const CodeRow* FindCode(int64_t res) {
  const auto row =
      std::lower_bound(kCodeRows.begin(), kCodeRows.end(), res,
                       [](const CodeRow& candidate, int64_t code) { return candidate.res < code; });
  return row != kCodeRows.end() && row->res == res ? &*row : nullptr;
}

Verdict Judge(const Heard& heard) {
  Verdict verdict;
  switch (heard.way) {
    case Heard::Way::kNeverConnected:
      verdict = {SendEnding::kNeverSent, Reason::kRegisterUnreachable, "no connection was made"};
      break;
    case Heard::Way::kNoWholeAnswer:
      verdict = {SendEnding::kDoubt, Reason::kAnswerLost, "the request left, and no whole answer came"};
      break;
    case Heard::Way::kAnswered:
      verdict = JudgeAnswer(heard);
      break;
  }
  verdict.never_park = NeverPark(heard);
  return verdict;
}

}  // namespace kasa::vchasno
