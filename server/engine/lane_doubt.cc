#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "server/domain/resend.h"
#include "server/engine/lane.h"

// Settling the doubt about a lane's head: architecture.md, rule 3. Looking into the register's listings, and
// parking, find their place here between the hold time and sending again.
namespace kasa::engine {

using domain::Failure;
using domain::SendEnding;

absl::Duration Lane::HoldTimeLeft(const store::LaneHead& head) {
  const absl::Duration now = world_.clock.Monotonic();
  if (doubted_id_ != head.fiscalization.id) {
    // Met after a start: how long ago the send ended is told by the wall clock alone, which may have jumped.
    // The whole hold time from now on is the safe reading.
    doubted_id_ = head.fiscalization.id;
    doubted_since_ = now;
  }
  return doubted_since_ + world_.settings.hold_time - now;
}

absl::Duration Lane::HoldTimeLeftOf(const std::string& fiscalization_id) const {
  if (doubted_id_ != fiscalization_id) return world_.settings.hold_time;
  return std::max(doubted_since_ + world_.settings.hold_time - world_.clock.Monotonic(),
                  absl::ZeroDuration());
}

Task<void> Lane::ServeDoubt(const store::LaneHead& head, const store::IntegrationRecord& record) {
  const domain::Fiscalization& doubted = head.fiscalization;
  AlarmAboutLongDoubt(doubted);
  const bool bound_to_tag = head.bound_to_tag;
  const bool answered = head.last_ending == SendEnding::kDoubtSameTagNext;
  const Failure in_doubt = doubted.failure.value_or(
      Failure{.reason = Reason::kAnswerLost, .message = "the register's answer was lost"});
  const bool waived = answered || KASA_MUTANT("no-hold-time");
  // Counted after a start also where sending again need not wait for it: an operator's word has to.
  const absl::Duration hold_left = HoldTimeLeft(head);
  const absl::Duration hold = waived ? absl::ZeroDuration() : hold_left;
  if (hold > absl::ZeroDuration()) {
    const absl::Time next = world_.clock.Now() + hold;
    Show(LaneState::kReconciling, in_doubt, doubted.id, next);
    rest_ = Rest{.reason = in_doubt.reason, .until = world_.clock.Monotonic() + hold};
    co_await TellPlan(doubted, in_doubt, next);
    co_return;
  }

  domain::ResendQuestion question{
      .tag_memory = record.integration.tag_memory,
      .first_unexplained_send = head.first_unexplained_send.value_or(doubted.create_time),
      .status = std::nullopt,
      .status_read_time = world_.clock.Now()};
  if (bound_to_tag) {
    // Not even a status may come between. What was seen last serves, while it can still be of the same shift.
    const bool same_day = record.last_status_time && world_.kyiv.DayOf(*record.last_status_time) ==
                                                         world_.kyiv.DayOf(world_.clock.Now());
    if (same_day) {
      question.status = record.last_status;
      question.status_read_time = *record.last_status_time;
    }
  } else if (question.tag_memory != domain::TagMemory::kUnproven) {
    question.status = co_await Verify(doubted, record);
    if (!question.status) co_return;
    question.status_read_time = world_.clock.Now();
  }

  if (const auto objection = domain::ObjectionToResend(question)) {
    Failure why = in_doubt;
    why.reason = Reason::kTagMemoryUnproven;
    why.message = absl::StrCat("it is not known whether the receipt exists, and sending again is not safe: ",
                               *objection);
    co_await RestBecauseOf(why, doubted, world_.settings.backoff_most);
    co_return;
  }
  if (draining_) co_return;
  // What the register is bound to was sent in a shift that may be closed by now: it waits like the rest.
  const auto quiet = QuietTimeLeft(record.integration);
  if (quiet && (bound_to_tag || !shift_known_open_)) {
    co_await RestInQuietWindow(doubted, *quiet);
    co_return;
  }
  if (!bound_to_tag && !shift_known_open_) {
    if (shift_opening_taken_back_) {
      co_await RestBecauseOf(in_doubt, doubted, std::nullopt);
    } else {
      co_await OpenShift(doubted, record);
    }
    co_return;
  }
  co_await Send(head, record);
}

Task<void> Lane::TellPlan(const domain::Fiscalization& doubted, const Failure& why, absl::Time next) {
  const bool for_operator = why.reason == Reason::kTagMemoryUnproven;
  store::DoubtPlan plan{.resolvable_time = world_.clock.Now() + HoldTimeLeftOf(doubted.id)};
  plan.next_step = for_operator ? domain::DoubtStep::kWaitForOperator : domain::DoubtStep::kSendAgain;
  if (!for_operator) plan.next_step_time = next;
  Callback<absl::StatusOr<domain::Fiscalization>> noted(
      world_.executor, [&](auto done) { world_.store.NoteDoubt(doubted.id, why, plan, std::move(done)); });
  // That the note could not be written changes nothing: the lane's view says the same.
  static_cast<void>(co_await noted);
}

void Lane::AlarmAboutLongDoubt(const domain::Fiscalization& doubted) {
  const bool long_enough =
      doubted_id_ == doubted.id && world_.clock.Monotonic() - doubted_since_ >= world_.settings.doubt_alert;
  if (!long_enough || alarmed_about_ == doubted.id) return;
  alarmed_about_ = doubted.id;
  world_.logger.Log(Severity::kError, "lane.held_by_doubt",
                    {{"register", register_},
                     {"fiscalization", doubted.id},
                     {"doubt_age", world_.clock.Monotonic() - doubted_since_}});
}

}  // namespace kasa::engine
