#include "absl/strings/str_cat.h"
#include "server/engine/lane.h"

// What a lane does after a send, by the table of rulings (domain/state_machine.h).
namespace kasa::engine {

using domain::Failure;
using domain::Fiscalization;
using domain::LaneStep;
using domain::SendEnding;
using domain::SendOrder;
using domain::WaitCause;
using vchasno::ExecuteAnswer;

Task<void> Lane::Follow(LaneStep step, const Verdict& verdict, const Fiscalization& now,
                        const store::IntegrationRecord& record, const ExecuteAnswer& answer) {
  if (step != LaneStep::kOpenShift) shift_refusals_in_a_row_ = 0;
  switch (step) {
    case LaneStep::kNext:
      troubles_in_a_row_ = 0;
      display_.ShowRunning("");
      if (now.receipt && looks_.NumbersJump(now.receipt->shift_number, now.receipt->local_number)) {
        world_.logger.Log(Severity::kWarning, "register.numbers_jump",
                          {{"register", register_}, {"fiscalization", now.id}});
        // What is parked may be looked for just now, which sees the same receipts.
        if (!looks_.looking()) co_await looks_.LookAround(record);
      }
      // It took this one, or judged it by its content: what was refused alike before was not in a row.
      refusals_alike_.Clear();
      co_return;
    case LaneStep::kOpenShift:
      // The status says whether it is closed indeed, and the lane opens it then. A register that insists is
      // given time.
      verified_token_ = Secret();
      shift_.Doubt();
      if (++shift_refusals_in_a_row_ > 1) {
        co_await RestBecauseOf(verdict.failure, now, WaitCause::kShiftStillClosed, answer.retry_after);
      }
      co_return;
    case LaneStep::kPause: {
      Failure why = verdict.failure;
      if (verdict.ending == SendEnding::kTokenRefused) {
        co_await NoteTokenRefused(record);
      } else {
        why.reason = shift_.ReasonOfRefusal(why.reason, world_.clock.Now());
      }
      verified_token_ = Secret();
      co_await RestBecauseOf(why, now, domain::WaitCauseOf(verdict.ending), answer.retry_after);
      co_return;
    }
    case LaneStep::kBackOff:
    case LaneStep::kSameTagNext:
      co_await RestBecauseOf(verdict.failure, now, domain::WaitCauseOf(verdict.ending), answer.retry_after);
      co_return;
    case LaneStep::kAskStatus:
      co_return;  // JudgeUnknownRefusal() follows this one
  }
}

bool Lane::MayBeOfTheTagAlone(SendEnding ending, SendOrder order, const Fiscalization& sent,
                              const ExecuteAnswer& answer) {
  const bool refused_otherwise = sent.refused_with_this_tag > 0 && sent.last_refusal_res != answer.res;
  if (ending != SendEnding::kUnknownRefusal || order != SendOrder::kFirst || !refused_otherwise ||
      sent_again_to_see_ == sent.tag) {
    return false;
  }
  sent_again_to_see_ = sent.tag;
  return true;
}

Task<void> Lane::JudgeUnknownRefusal(const Verdict& verdict, const Fiscalization& now,
                                     const store::IntegrationRecord& record, bool goes_out_again) {
  const std::optional<domain::RegisterStatus> status = co_await Verify(now, record);
  if (!status) co_return;  // blocked, unsigned, or not to be asked: it waits, and is judged again
  if (status->shift == domain::ShiftStatus::kClosed) co_return;  // the lane opens it and sends again
  // It may be closed, and an opening tells; of a register that never tells, the same refusal once more is
  // judged.
  if (!shift_.is_open() && opened_for_refused_ != now.id) {
    opened_for_refused_ = now.id;
    co_return;
  }
  Failure why = verdict.failure;
  if (shift_.IsTooLong(world_.clock.Now())) {
    why.reason = shift_.ReasonOfRefusal(why.reason, world_.clock.Now());
    verified_token_ = Secret();
    co_await RestBecauseOf(why, now, WaitCause::kRegisterRefused);
    co_return;
  }
  if (goes_out_again) co_return;
  const std::optional<int64_t> res = why.upstream ? why.upstream->res : std::nullopt;
  if (refusals_alike_.Add(res, now.id)) {
    why.message = absl::StrCat(
        "three documents in a row were refused alike, so it is the register's trouble: ", why.message);
    verified_token_ = Secret();
    co_await RestBecauseOf(why, now, WaitCause::kRegisterRefused);
    co_return;
  }
  // What the store does not take now stays ACCEPTED, and is refused and judged once more.
  const bool failed = co_await FailUnsent(now, why);
  if (failed) {
    display_.ShowRunning("");
  } else {
    co_await RestBecauseOf(why, now, WaitCause::kStore);
  }
}

}  // namespace kasa::engine
