#include <algorithm>
#include <utility>

#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/engine/lane.h"

// A doubt that leaves its lane: architecture.md, rule 4. It stays IN_DOUBT, is sent no more but by an
// operator's word, and is served beside the lane, without sending.
namespace kasa::engine {

using domain::Failure;
using domain::Fiscalization;

void Lane::NoteHeld(const store::LaneHead& doubted, const domain::Integration& integration) {
  const domain::Doubt doubt = doubted.fiscalization.doubt.value_or(domain::Doubt());
  if (held_id_ != doubted.fiscalization.id || held_doubt_ != doubt.since) {
    held_id_ = doubted.fiscalization.id;
    held_doubt_ = doubt.since;
    held_since_ = world_.clock.Monotonic();
  }
  const bool register_waits = !KASA_MUTANT("park-after-res-action-2") &&
                              (doubted.bound_to_tag || doubt.never_park ||
                               doubted.last_ending == domain::SendEnding::kDoubtSameTagNext);
  park_due_.reset();
  if (integration.doubt_policy == domain::DoubtPolicy::kPark && !register_waits) {
    // Never within the hold time: an operator may resolve what is parked at once.
    const absl::Duration hold_over = world_.clock.Monotonic() + HoldTimeLeftOf(held_id_);
    park_due_ = std::max(held_since_ + world_.settings.doubt_window, hold_over);
  }
}

bool Lane::ParkIsDue() const {
  return park_due_ && world_.clock.Monotonic() >= *park_due_;
}

Task<bool> Lane::Park(const store::LaneHead& doubted) {
  const std::string id = doubted.fiscalization.id;
  const Failure why = doubted.fiscalization.failure.value_or(
      Failure{.reason = Reason::kAnswerLost, .message = "the register's answer was lost"});
  const store::DoubtPlan plan{.next_step = domain::DoubtStep::kWaitForOperator,
                              .resolvable_time = world_.clock.Now()};
  park_due_.reset();
  Callback<absl::StatusOr<Fiscalization>> parking(
      world_.executor, [&](auto done) { world_.store.Park(id, why, plan, std::move(done)); });
  const absl::StatusOr<Fiscalization> parked = co_await parking;
  if (!parked.ok()) {
    // Somebody settled it meanwhile, or the store has its own trouble: the next look at the head tells.
    if (ReasonOf(parked.status()) != Reason::kStateNotAllowed) {
      co_await RestForStore(parked.status(), nobody_);
    }
    co_return false;
  }
  world_.logger.Log(Severity::kError, "lane.parked",
                    {{"register", register_},
                     {"fiscalization", id},
                     {"reason", why.reason},
                     {"held", world_.clock.Monotonic() - held_since_}});
  world_.board.Publish(*parked);
  held_id_.clear();
  head_in_doubt_ = false;
  rest_.reset();
  troubles_in_a_row_ = 0;
  display_.ShowRunning("");
  const absl::Duration left = RestsUntil() - world_.clock.Monotonic();
  if (left > absl::ZeroDuration()) {
    const Failure asked{.reason = Reason::kRateLimited,
                        .message = "Vchasno.Kasa asked to be left alone for a while"};
    display_.Show(LaneState::kPaused, asked, "", world_.clock.Now() + left);
  }
  parked_wake_.Set();
  co_return true;
}

Task<void> Lane::ParkDuringRest() {
  park_due_.reset();  // set anew by the next look at the head, if it stays
  const auto head = world_.store.HeadOfLane(register_);
  const auto record = world_.store.integrations().OfRegister(register_);
  if (!head.ok() || !record.ok() || !head->has_value()) co_return;
  const store::LaneHead& doubted = **head;
  if (doubted.fiscalization.state != domain::State::kInDoubt || doubted.fiscalization.id != held_id_) {
    co_return;
  }
  NoteHeld(doubted, record->integration);
  if (!park_due_) co_return;
  at_work_ = true;
  co_await Park(doubted);
  at_work_ = false;
}

Task<void> Lane::NoteNeverPark(const Fiscalization& doubted, const Failure& why) {
  if (doubted.state != domain::State::kInDoubt) co_return;
  park_due_.reset();
  const store::DoubtPlan plan{.next_step = domain::DoubtStep::kSendAgain,
                              .resolvable_time = world_.clock.Now() + HoldTimeLeftOf(doubted.id),
                              .never_park = true};
  Callback<absl::StatusOr<Fiscalization>> noting(
      world_.executor, [&](auto done) { world_.store.NoteDoubt(doubted.id, why, plan, std::move(done)); });
  // What the store does not take now, the register says again when it is asked the next time.
  static_cast<void>(co_await noting);
}

Task<void> Lane::RunParked() {
  while (true) {
    absl::Duration next = absl::InfiniteDuration();
    int64_t position = -1;
    while (!draining_ && !IsPaused()) {
      const auto parked = world_.store.NextParked(register_, position);
      if (!parked.ok()) {
        next = world_.settings.backoff_most;
        break;
      }
      if (!parked->has_value()) break;
      const store::LaneHead& doubted = **parked;
      position = doubted.fiscalization.lane_position;
      const absl::Duration again = co_await ServeParked(doubted);
      next = std::min(next, again);
    }
    co_await parked_wake_.Wait(next);
  }
}

Task<absl::Duration> Lane::ServeParked(const store::LaneHead& parked) {
  const Fiscalization& doubted = parked.fiscalization;
  if (alarmed_parked_.insert(doubted.id).second) {
    world_.logger.Log(Severity::kError, "lane.parked_doubt_waits",
                      {{"register", register_},
                       {"fiscalization", doubted.id},
                       {"in_doubt_for", world_.clock.Now() - doubted.doubt.value_or(domain::Doubt()).since}});
  }
  const absl::Duration least = absl::Milliseconds(1);
  if (!looks_.Due(doubted.id)) co_return std::max(looks_.DueIn(doubted.id), least);
  const auto record = world_.store.integrations().OfRegister(register_);
  if (!record.ok() || record->token.empty()) co_return world_.settings.backoff_most;
  const absl::StatusOr<bool> is_elsewhere = co_await DoubtLostReceipt(doubted, *record);
  if (!is_elsewhere.ok()) co_return world_.settings.backoff_first;
  if (*is_elsewhere) co_return least;
  // It was parked after its hold time. No status: that would go through the lane's wire.
  const Looks::Question question{.hold_over = true, .give_up = true};
  const store::LaneHead dated = Dated(parked);
  const LookOutcome looked = co_await looks_.LookFor(dated, *record, question);
  if (looked.settled) {
    first_sends_.erase(doubted.tag);
    hold_.Settled(doubted.id);
    world_.board.Publish(*looked.settled);
    co_return absl::InfiniteDuration();
  }
  const absl::Duration again = std::max(looks_.DueIn(doubted.id), least);
  store::DoubtPlan plan{.resolvable_time = doubted.doubt.value_or(domain::Doubt()).resolvable_time};
  if (looked.finding.verdict() == domain::DoubtVerdict::kNotYet) {
    plan.next_step = domain::DoubtStep::kLook;
    plan.next_step_time = world_.clock.Now() + again;
  }
  const Failure why = doubted.failure.value_or(
      Failure{.reason = Reason::kAnswerLost, .message = "the register's answer was lost"});
  Callback<absl::StatusOr<Fiscalization>> noting(
      world_.executor, [&](auto done) { world_.store.NoteDoubt(doubted.id, why, plan, std::move(done)); });
  // That the note could not be written changes nothing: the next look says the same.
  static_cast<void>(co_await noting);
  co_return again;
}

}  // namespace kasa::engine
