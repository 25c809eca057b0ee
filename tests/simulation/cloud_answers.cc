#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/cloud.h"

// How a task that came out some way is answered, as a fault has it.
namespace kasa::simulation {

namespace {

using vchasno::HttpOutcome;

constexpr int kBusy = 1105;
constexpr bool SaysShiftIsOpen(int code) {
  return code == 1096 || code == 2008;
}
constexpr int kActionStop = 3;

// What a register that answers in earnest means.
Cloud::Judged JudgedBy(const TaskOutcome& outcome) {
  switch (outcome.res) {
    case 0:
      return Cloud::Judged::kDone;
    case kBusy:
      return Cloud::Judged::kNothing;
    case 1092:
    case 2007:
    case 2011:
      return Cloud::Judged::kShiftClosed;
    default:
      return Cloud::Judged::kRefused;
  }
}

}  // namespace

std::optional<int> Cloud::ActionFor(const Register& target, int res) const {
  const bool told = target.model->switches().told_action == ToldAction::kTold;
  if (res == 0) return told ? std::make_optional(0) : std::nullopt;
  return told ? std::make_optional(kActionStop) : std::nullopt;
}

void Cloud::Answer(const Call& call, const TaskOutcome& outcome) {
  Register& target = registers_[call.at];
  const absl::Time now = timeline_.TrueNow();
  const std::string whole = WriteAnswer(*target.model, call.request, outcome, ActionFor(target, outcome.res),
                                        now, call.fault ? &*call.fault : nullptr, kyiv_);
  const Judged judged = JudgedBy(outcome);
  if (!call.fault) return GiveBack(call, {.body = whole, .judged = judged});
  const Fault& fault = *call.fault;
  const auto error = [&](std::optional<int> action, Judged says) {
    return Reply{.body = WriteError(*target.model, call.request, fault.code, action, now, kyiv_),
                 .judged = says};
  };
  // "The shift is open already" is what an opening wants to hear.
  const bool is_open_already = call.request.task == kOpenShift && SaysShiftIsOpen(fault.code);
  const Judged unless_open_already = is_open_already ? Judged::kDone : Judged::kNothing;
  switch (fault.kind) {
    case FaultKind::kNoAnswer:
    case FaultKind::kLate:
      return;  // the asker's time-out ends it
    case FaultKind::kConnectionCut:
      return GiveBack(
          call, {.outcome = HttpOutcome::kRequestLeft, .status = 0, .trouble = "Empty reply from server"});
    case FaultKind::kBodyCut:
      return GiveBack(call, {.outcome = HttpOutcome::kRequestLeft,
                             .status = 200,
                             .body = whole.substr(0, whole.size() / 2),
                             .trouble = "transfer closed with bytes remaining"});
    case FaultKind::kGarbage:
      return GiveBack(
          call, {.body = random_.Percent(50) ? "<html>oops</html>" : whole.substr(0, whole.size() - 1)});
    case FaultKind::kHttpStatus:
      return GiveBack(call, {.status = fault.code,
                             .body = random_.Percent(50) ? whole : "Bad Gateway",
                             .retry_after = fault.code == 503 && fault.retry_after > absl::ZeroDuration()
                                                ? absl::StrCat(absl::ToInt64Seconds(fault.retry_after))
                                                : ""});
    case FaultKind::kMayRepeat:
      return GiveBack(call, error(1, Judged::kAskedAgain));
    case FaultKind::kCollision:
      return GiveBack(call, error(2, Judged::kAskedAgain));
    case FaultKind::kDoubtfulCode:
      return GiveBack(call, error(kActionStop, unless_open_already));
    case FaultKind::kCalledFine:
      return GiveBack(call, error(0, unless_open_already));
    case FaultKind::kOddAction: {
      const bool stop = fault.code == 0 && random_.Percent(50);
      return GiveBack(call, error(stop ? kActionStop : random_.Between(4, 9), Judged::kNothing));
    }
    case FaultKind::kWrongFisid:
    case FaultKind::kNoFiscalNumber:
      // A refusal names neither.
      return GiveBack(call,
                      {.body = whole, .judged = outcome.receipt != nullptr ? Judged::kNothing : judged});
    case FaultKind::kRefusedReceipt: {
      if (outcome.receipt == nullptr) return GiveBack(call, {.body = whole, .judged = judged});
      TaskOutcome refused = outcome;
      refused.res = fault.code;
      return GiveBack(
          call, {.body = WriteAnswer(*target.model, call.request, refused, kActionStop, now, nullptr, kyiv_),
                 .judged = Judged::kRefusedReceipt});
    }
    case FaultKind::kWrongTag:
    case FaultKind::kWrongTask:
      return GiveBack(call, {.body = whole, .judged = Judged::kNothing});
    case FaultKind::kRefused:
      if (call.request.task == kStatus) return GiveBack(call, error(kActionStop, Judged::kRefused));
      return GiveBack(call, {.body = whole, .judged = judged});
    default:
      return GiveBack(call, {.body = whole, .judged = judged});
  }
}

}  // namespace kasa::simulation
