#include "server/engine/lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/engine/request_body.h"

namespace kasa::engine {

using domain::Failure;
using domain::Fiscalization;
using domain::State;
using domain::WaitCause;

namespace {

Failure DayIsOver(const Fiscalization& late) {
  return Failure{.reason = Reason::kDocumentDatePassed,
                 .message = late.document.document_date.empty()
                                ? "it waited for the longest time that is allowed, and was never sent"
                                : absl::StrCat("the document is dated ", late.document.document_date,
                                               ", and Kyiv's day ended before it was sent"),
                 .correction_allowed = true};
}

}  // namespace

Lane::Lane(std::string register_fiscal_number, const LaneWorld& world)
    : register_(std::move(register_fiscal_number)),
      world_(world),
      wake_(world.executor),
      hold_(world.settings.hold_time, world.quiet_since),
      looks_(register_, Looks::World{.store = world.store,
                                     .client = world.client,
                                     .executor = world.executor,
                                     .clock = world.clock,
                                     .logger = world.logger,
                                     .installation = world.installation,
                                     .settings = world.settings,
                                     .lost_history_seen = world.lost_history_seen}),
      display_(register_, world.clock, world.logger),
      parked_wake_(world.executor) {}

void Lane::Start() {
  run_ = Run();
  run_.Start();
  parked_run_ = RunParked();
  parked_run_.Start();
}

void Lane::WorkQueued() {
  if (!KASA_MUTANT("lose-a-wake-up")) wake_.Set();
}

void Lane::Changed() {
  rest_.reset();
  troubles_in_a_row_ = 0;
  looks_.Changed();
  wake_.Set();
  parked_wake_.Set();
}

void Lane::StorePaused() {
  ForgetRegister();
  hold_.OthersMayHaveSent(world_.clock.Monotonic());
  Changed();
}

void Lane::StoreAdopted() {
  hold_.OthersMayHaveSent(world_.clock.Monotonic());
  Changed();
}

void Lane::ForgetRegister() {
  verified_token_ = Secret();
  shift_.Doubt();
  shift_opening_bound_.reset();
}

bool Lane::IsPaused() const {
  return world_.paused.IsPaused(register_) && !KASA_MUTANT("copied-store-sends");
}

std::unique_ptr<LaneHold> Lane::TryHold() {
  const bool busy = at_work_ && !KASA_MUTANT("two-in-flight");
  const bool bound = shift_opening_bound_.value_or(true);
  const bool left_alone = asked_to_wait_until_ > world_.clock.Monotonic();
  if (busy || held_ || head_in_doubt_ || bound || draining_ || left_alone) return nullptr;
  held_ = true;
  return std::make_unique<LaneHold>([this](const LaneHold::Returned& returned) { TakeBack(returned); });
}

void Lane::TakeBack(const LaneHold::Returned& returned) {
  held_ = false;
  if (returned.register_changed || returned.may_be_at_work) ForgetRegister();
  if (const auto wait = WaitAfter(returned.may_be_at_work, returned.retry_after)) LeaveAlone(*wait);
  // Not from inside of whatever lets go of it, which may be the end of the engine.
  world_.executor.Post([this] { wake_.Set(); });
}

void Lane::Drain() {
  draining_ = true;
  wake_.Set();
}

Task<void> Lane::Run() {
  while (true) {
    if (draining_ || held_) {
      co_await wake_.Wait(absl::InfiniteDuration());
      continue;
    }
    co_await FailThoseWhoseDayIsOver();
    // Somebody may have got the wire meanwhile.
    if (draining_ || held_) continue;
    const absl::Duration now = world_.clock.Monotonic();
    const absl::Duration rest_left = RestsUntil() - now;
    if (rest_left > absl::ZeroDuration()) {
      if (ParkIsDue()) {
        co_await ParkDuringRest();
        continue;
      }
      absl::Duration wait = std::min(rest_left, UntilMidnight());
      if (park_due_) wait = std::min(wait, *park_due_ - now);
      co_await wake_.Wait(wait);
      continue;
    }
    rest_.reset();
    if (const absl::Status known = KnowShiftOpening(); !known.ok()) {
      co_await RestForStore(known, nobody_);
      continue;
    }
    auto head = world_.store.HeadOfLane(register_);
    if (!head.ok()) {
      head_in_doubt_ = true;  // as far as is known
      co_await RestForStore(head.status(), nobody_);
    } else if (!head->has_value()) {
      head_in_doubt_ = false;
      park_due_.reset();
      display_.ShowRunning("");
      co_await wake_.Wait(absl::InfiniteDuration());
    } else {
      head_in_doubt_ = (*head)->fiscalization.state == State::kInDoubt;
      KeepRetryAfter((*head)->fiscalization);
      if (RestsUntil() > world_.clock.Monotonic()) continue;
      at_work_ = true;
      co_await ServeHead(**head);
      at_work_ = false;
    }
  }
}

Task<void> Lane::ServeHead(const store::LaneHead& head) {
  if (!head_in_doubt_) park_due_.reset();
  if (IsPaused()) {
    const Failure why{.reason = Reason::kStoreCopied,
                      .message = "the store was restored or copied: nothing is sent until it is adopted"};
    co_await RestBecauseOf(why, head.fiscalization, WaitCause::kSettings);
    co_return;
  }
  const auto record = world_.store.integrations().OfRegister(register_);
  if (!record.ok()) {
    const Failure why{.reason = ReasonOf(record.status()).value_or(Reason::kStoreUnavailable),
                      .message = absl::StrCat("no integration serves register ", register_, ": ",
                                              std::string(record.status().message()))};
    co_await RestBecauseOf(why, head.fiscalization, WaitCause::kSettings);
    co_return;
  }
  if (record->token.empty()) {
    const Failure why{.reason = Reason::kTokenMissing, .message = "the integration has no token"};
    co_await RestBecauseOf(why, head.fiscalization, WaitCause::kSettings);
    co_return;
  }
  if (head_in_doubt_) {
    co_await ServeDoubt(head, *record);
  } else {
    co_await ServeAccepted(head, *record);
  }
}

Task<void> Lane::ServeAccepted(const store::LaneHead& head, const store::IntegrationRecord& record) {
  const Fiscalization& waiting = head.fiscalization;
  if (!record.integration.active) {
    const Failure why{.reason = Reason::kIntegrationInactive,
                      .message = "the integration is inactive: nothing new is sent until it is activated"};
    co_await RestBecauseOf(why, waiting, WaitCause::kSettings);
    co_return;
  }
  // Before its day is judged: what has a receipt is not FAILED, however late it is.
  const bool had_receipt = co_await HasReceiptFromLostHistory(waiting, record);
  if (had_receipt) co_return;
  if (waiting.expire_time && *waiting.expire_time <= world_.clock.Now() &&
      !KASA_MUTANT("send-after-the-day")) {
    const Failure over = DayIsOver(waiting);
    const bool failed = co_await FailUnsent(waiting, over);
    if (!failed) {
      const Failure why{.reason = Reason::kStoreUnavailable,
                        .message = "the store does not take what became of it"};
      co_await RestBecauseOf(why, nobody_, WaitCause::kStore);
    }
    co_return;
  }
  const bool ready = co_await RegisterIsReady(waiting, record);
  if (!ready || draining_) co_return;
  // Asking the register took time: the day may have ended meanwhile.
  if (waiting.expire_time && *waiting.expire_time <= world_.clock.Now() &&
      !KASA_MUTANT("send-after-the-day")) {
    co_return;
  }
  const bool looked = co_await LookedForLostHistory(record);
  if (looked) co_return;
  const bool has_receipt = co_await HasReceiptFromLostHistory(waiting, record);
  if (has_receipt) co_return;
  co_await Send(head, record);
}

Task<void> Lane::FailThoseWhoseDayIsOver() {
  const absl::Time now = world_.clock.Now();
  const absl::CivilDay today = world_.kyiv.DayOf(now);
  if (today == swept_day_) co_return;
  int64_t after = 0;
  while (true) {
    const auto expired = world_.store.ExpiredInLane(register_, now, after, 200);
    if (!expired.ok())
      co_return;  // the loop's own read tells of the store's trouble, and this is tried again then
    if (expired->empty() || KASA_MUTANT("send-after-the-day")) break;
    for (const Fiscalization& one : *expired) {
      const Failure over = DayIsOver(one);
      const bool failed = co_await FailUnsent(one, over);
      if (!failed) co_return;  // tried again with the next look at the head
    }
    after = expired->back().lane_position;
  }
  swept_day_ = today;
}

Task<bool> Lane::FailUnsent(const Fiscalization& unsent, const Failure& failure) {
  Callback<absl::StatusOr<Fiscalization>> failing(world_.executor, [&](auto done) {
    world_.store.FailUnsent(unsent.id, unsent.revision, failure, std::move(done));
  });
  const absl::StatusOr<Fiscalization> now = co_await failing;
  if (now.ok()) world_.board.Publish(*now);
  // A caller cancelled it, or sent it anew, or it has a receipt from a history that the store lost: the next
  // look at the head tells.
  const std::optional<Reason> reason = ReasonOf(now.status());
  // What the store knows of such a receipt, looks may not know yet.
  if (reason == Reason::kInDoubtReconciling) looks_.UnknownRemembered();
  co_return now.ok() || reason == Reason::kStateNotAllowed || reason == Reason::kEtagMismatch ||
      reason == Reason::kInDoubtReconciling;
}

Task<void> Lane::RestBecauseOf(const Failure& why, const Fiscalization& waiting, WaitCause cause,
                               std::optional<absl::Duration> asked) {
  const domain::WaitRow& row = domain::WaitRowFor(cause);
  const domain::BackOff back_off{world_.settings.backoff_first, world_.settings.backoff_most};
  const absl::Duration rest =
      domain::LengthOfWait(cause, troubles_in_a_row_, back_off, world_.random(), asked);
  troubles_in_a_row_ = row.counts ? troubles_in_a_row_ + 1 : 0;
  if (row.retry_after && asked) LeaveAlone(*asked);
  rest_ = Rest{.reason = why.reason, .until = world_.clock.Monotonic() + rest};
  world_.logger.Log(
      Severity::kDebug, "lane.rests",
      {{"register", register_}, {"cause", domain::NameOf(cause)}, {"reason", why.reason}, {"rest", rest}});
  const absl::Time next = world_.clock.Now() + rest;
  display_.Show(waiting.state == State::kInDoubt ? LaneState::kReconciling : LaneState::kPaused, why,
                waiting.id, next);
  if (waiting.id.empty()) co_return;
  if (waiting.state == State::kInDoubt) {
    co_await TellPlan(waiting, why, next);
    co_return;
  }
  Callback<absl::StatusOr<Fiscalization>> noted(
      world_.executor, [&](auto done) { world_.store.NoteWaiting(waiting.id, why, next, std::move(done)); });
  // That the note could not be written changes nothing: the lane's view says the same.
  static_cast<void>(co_await noted);
}

Task<void> Lane::RestForStore(const absl::Status& trouble, const Fiscalization& waiting) {
  const Failure why{.reason = ReasonOf(trouble).value_or(Reason::kStoreUnavailable),
                    .message = std::string(trouble.message())};
  co_await RestBecauseOf(why, waiting, WaitCause::kStore);
}

void Lane::LeaveAlone(absl::Duration time) {
  asked_to_wait_until_ = std::max(asked_to_wait_until_, world_.clock.Monotonic() + time);
}

absl::Duration Lane::RestsUntil() const {
  return std::max(rest_ ? rest_->until : absl::ZeroDuration(), asked_to_wait_until_);
}

void Lane::KeepRetryAfter(const Fiscalization& head) {
  if (std::exchange(kept_retry_after_, true)) return;
  if (!head.failure || head.failure->reason != Reason::kRateLimited || !head.next_attempt_time) return;
  // Bounded, since the clock on the wall may have been set meanwhile.
  constexpr absl::Duration kMost = absl::Hours(1);
  const absl::Duration left = std::min(*head.next_attempt_time - world_.clock.Now(), kMost);
  if (left <= absl::ZeroDuration()) return;
  LeaveAlone(left);
  display_.Show(head.state == State::kInDoubt ? LaneState::kReconciling : LaneState::kPaused, *head.failure,
                head.id, head.next_attempt_time);
}

absl::Duration Lane::UntilMidnight() const {
  const absl::Time now = world_.clock.Now();
  return std::max(world_.kyiv.StartOf(world_.kyiv.DayOf(now) + 1) - now, absl::Milliseconds(1));
}

}  // namespace kasa::engine
