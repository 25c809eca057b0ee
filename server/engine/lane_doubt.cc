#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "server/domain/resend.h"
#include "server/engine/lane.h"
#include "server/engine/quiet_window.h"

// Settling the doubt about a lane's head: architecture.md, rule 3. First by looking into the register's
// listings (looks.h), then by sending again where the tag memory covers it; parking is in lane_park.cc.
namespace kasa::engine {

// Registers close their shifts by themselves so long before midnight, or less.
constexpr absl::Duration kShiftsMayClose = absl::Minutes(10);

using domain::Failure;
using domain::SendEnding;

namespace {

absl::Time SinceOf(const domain::Fiscalization& doubted) {
  return doubted.doubt.value_or(domain::Doubt()).since;
}

}  // namespace

absl::Duration Lane::HoldTimeLeftOf(const std::string& fiscalization_id) const {
  return hold_.Left(fiscalization_id, world_.clock.Monotonic());
}

Task<void> Lane::ServeDoubt(const store::LaneHead& head, const store::IntegrationRecord& record) {
  const domain::Fiscalization& doubted = head.fiscalization;
  AlarmAboutLongDoubt(doubted);
  const bool is_elsewhere = co_await HasReceiptFromLostHistory(doubted, record);
  if (is_elsewhere) co_return;
  bool bound_to_tag = head.bound_to_tag && !TokenIsUnverified(record);
  const bool answered = head.last_ending == SendEnding::kDoubtSameTagNext;
  const Failure in_doubt = doubted.failure.value_or(
      Failure{.reason = Reason::kAnswerLost, .message = "the register's answer was lost"});
  const bool waived = answered || KASA_MUTANT("no-hold-time");
  const absl::Duration hold_left = HoldTimeLeftOf(doubted.id);
  const absl::Duration hold = waived ? absl::ZeroDuration() : hold_left;
  NoteHeld(head, record.integration);
  if (hold > absl::ZeroDuration()) {
    absl::Duration rest = hold;
    // What a history made that this store lost is there already, and can be found before.
    if (in_doubt.reason == Reason::kStoreCopied) {
      const std::optional<StatusRead> no_status;
      const AfterLook looked = co_await LookForHead(head, record, no_status, /*hold_over=*/false);
      if (looked == AfterLook::kSettled) co_return;
      rest = std::min(rest, looks_.DueIn(doubted.id));
    }
    const absl::Time next = world_.clock.Now() + rest;
    display_.Show(LaneState::kReconciling, in_doubt, doubted.id, next);
    const absl::Duration awake = std::min(rest, LeftUntilAlarm(doubted));
    rest_ = Rest{.reason = in_doubt.reason, .until = world_.clock.Monotonic() + awake};
    co_await TellPlan(doubted, in_doubt, next);
    co_return;
  }
  if (ParkIsDue()) {
    co_await Park(head);
    co_return;
  }

  // Opened on the way to sending this again, and the register waits for that request before any other.
  const bool opening_is_next = co_await SendBoundOpening(doubted, record);
  if (opening_is_next) co_return;

  domain::ResendQuestion question{.tag_memory = record.integration.tag_memory,
                                  .first_unexplained_send = FirstSendOf(head),
                                  .status = std::nullopt,
                                  .status_read_time = world_.clock.Now(),
                                  .now = world_.clock.Now(),
                                  .shift_may_close = ShiftMayClose(record.integration),
                                  .sent_by_earlier_process = !first_sends_.contains(doubted.tag)};
  std::optional<StatusRead> status;
  const absl::Duration asked_at = world_.clock.Monotonic();
  if (bound_to_tag) {
    // Not even a status may come between. What was seen last serves, while it can still be of the same shift.
    UseLastStatus(head, record, question);
  } else {
    question.status = co_await Verify(doubted, record);
    question.status_read_time = world_.clock.Now();
    if (question.status) {
      status = StatusRead{.status = *question.status, .time = question.status_read_time};
      // The token is the register's, so what it asked for under the one before is next, and no opening.
      bound_to_tag = head.bound_to_tag;
    } else {
      // Where the register wants the request before the status again, it gets that, if it is covered; under a
      // token that may be another register's, it would be that one's request, and not this.
      const bool is_its_token = domain::IsTokenOfRegister(record.integration.token_state);
      if (!status_asks_for_same_tag_ || !is_its_token) co_return;
      UseLastStatus(head, record, question);
      const bool asked_to_wait = asked_to_wait_until_ > world_.clock.Monotonic();
      if (asked_to_wait || domain::ObjectionToResend(question)) co_return;
      rest_.reset();
      bound_to_tag = true;
    }
  }

  const bool hold_over = hold_left <= absl::ZeroDuration();
  AfterLook looked = AfterLook::kMaySend;
  // A receipt that a look finds would not free a register that waits for this very request: the next one on
  // it would be another document's. So where sending again is covered, nothing is looked for.
  const bool same_tag_is_next = bound_to_tag && !domain::ObjectionToResend(question);
  if (!same_tag_is_next) looked = co_await LookForHead(head, record, status, hold_over);
  if (looked == AfterLook::kSettled) co_return;
  const bool seen_elsewhere = co_await HasReceiptFromLostHistory(doubted, record);
  if (seen_elsewhere) co_return;
  if (looked == AfterLook::kNotAgain) {
    Failure why = in_doubt;
    why.reason = Reason::kAnswerContradicts;
    why.message = absl::StrCat("the register's listings contradict what was sent: ",
                               looks_.LastFinding(doubted.id).value_or(domain::Finding()).words);
    co_await RestUntilLook(why, doubted);
    co_return;
  }
  // Asking and looking took time, in which the hour of closing may have come.
  question.shift_may_close = question.shift_may_close || ShiftMayClose(record.integration);
  const auto objection = domain::ObjectionToResend(question);
  if (objection && looked != AfterLook::kIsAbsent) {
    const auto finding = looks_.LastFinding(doubted.id);
    const bool looking = finding && finding->verdict() == domain::DoubtVerdict::kNotYet;
    Failure why = in_doubt;
    why.reason = looking ? Reason::kAnswerLost : Reason::kTagMemoryUnproven;
    why.message = looking ? absl::StrCat("whether the receipt exists is being found out: ", finding->words)
                          : absl::StrCat(
                                "it is not known whether the receipt exists, and sending again is not "
                                "safe: ",
                                *objection,
                                finding ? absl::StrCat("; the register was looked into: ", finding->words)
                                        : std::string());
    co_await RestUntilLook(why, doubted);
    // Only a person can settle it: what is in doubt for longer than the window needs none of its own.
    const absl::Duration age = world_.clock.Now() - SinceOf(doubted);
    if (park_due_ && !looking && age >= world_.settings.doubt_window) {
      park_due_ = world_.clock.Monotonic();
    }
    co_return;
  }
  if (!bound_to_tag && LookingGoesBeforeSending(doubted)) {
    co_await RestUntilLook(in_doubt, doubted);
    co_return;
  }
  if (draining_) co_return;
  // A status may take a minute, and a look read hundreds of pages. What relies on the shift is judged anew.
  const bool relies_on_shift = !objection && record.integration.tag_memory == domain::TagMemory::kSameShift;
  if (relies_on_shift && IsLongAgo(asked_at)) {
    co_await RestBecauseOf(in_doubt, doubted, domain::WaitCause::kDoubt);
    co_return;
  }
  // What the register is bound to was sent in a shift that may be closed by now: it waits like the rest.
  const auto quiet = QuietTimeLeft(record.integration);
  if (quiet && (bound_to_tag || !shift_.is_open())) {
    co_await RestInQuietWindow(doubted, *quiet);
    co_return;
  }
  if (!bound_to_tag && !shift_.is_open()) {
    if (shift_.opening_was_taken_back()) {
      co_await RestBecauseOf(in_doubt, doubted, domain::WaitCause::kShiftNotOpened);
      co_return;
    }
    if (!opening_word_.IsRefusedAgainAndAgain()) {
      co_await OpenShift(doubted, record);
      co_return;
    }
    // Covered whatever the shift, it may bring the receipt all the same. Before the next time it is opened
    // again.
    opening_word_ = domain::OpeningWord();
  }
  co_await Send(head, record);
}

Task<Lane::AfterLook> Lane::LookForHead(const store::LaneHead& head, const store::IntegrationRecord& record,
                                        const std::optional<StatusRead>& status, bool hold_over) {
  const std::string& id = head.fiscalization.id;
  if (!looks_.Due(id)) {
    // What an earlier look saw still stands.
    const auto finding = looks_.LastFinding(id);
    const bool person = finding && finding->verdict() == domain::DoubtVerdict::kPerson;
    co_return person ? AfterLook::kNotAgain : AfterLook::kMaySend;
  }
  const Looks::Question question{
      .hold_over = hold_over, .absence_settles = !head.bound_to_tag, .give_up = false, .status = status};
  const store::LaneHead dated = Dated(head);
  const LookOutcome looked = co_await looks_.LookFor(dated, record, question);
  if (looked.settled) {
    hold_.Settled(id);
    first_sends_.erase(head.fiscalization.tag);
    head_in_doubt_ = false;
    troubles_in_a_row_ = 0;
    display_.ShowRunning("");
    world_.board.Publish(*looked.settled);
    co_return AfterLook::kSettled;
  }
  switch (looked.finding.verdict()) {
    case domain::DoubtVerdict::kFound:  // and not taken by the store: the next look sees it again
    case domain::DoubtVerdict::kPerson:
      co_return AfterLook::kNotAgain;
    case domain::DoubtVerdict::kAbsent:
      co_return head.bound_to_tag ? AfterLook::kIsAbsent : AfterLook::kNotAgain;
    case domain::DoubtVerdict::kNotYet:
    case domain::DoubtVerdict::kNotKnown:
      break;
  }
  co_return AfterLook::kMaySend;
}

store::LaneHead Lane::Dated(const store::LaneHead& doubted) const {
  store::LaneHead dated = doubted;
  if (dated.first_unexplained_send) {
    dated.first_unexplained_send = std::min(*doubted.first_unexplained_send, FirstSendOf(doubted));
  }
  return dated;
}

Task<void> Lane::RestUntilLook(const Failure& why, const domain::Fiscalization& doubted) {
  const absl::Duration least = absl::Milliseconds(1);
  const absl::Duration rest = std::clamp(looks_.DueIn(doubted.id), least, world_.settings.backoff_most);
  rest_ = Rest{.reason = why.reason, .until = world_.clock.Monotonic() + rest};
  const absl::Time next = world_.clock.Now() + rest;
  display_.Show(LaneState::kReconciling, why, doubted.id, next);
  co_await TellPlan(doubted, why, next);
}

bool Lane::LookingGoesBeforeSending(const domain::Fiscalization& doubted) const {
  constexpr int kFirstAndAgain = 2;
  constexpr int kOftenInVain = 5;  // from here on also for a proof that takes long
  const auto finding = looks_.LastFinding(doubted.id);
  if (!finding || finding->verdict() != domain::DoubtVerdict::kNotYet) return false;
  const bool soon =
      finding->look_at && *finding->look_at - world_.clock.Monotonic() <= world_.settings.hold_time;
  return doubted.attempts >= (soon ? kFirstAndAgain : kOftenInVain);
}

domain::DoubtStep Lane::NextStepOf(const domain::Fiscalization& doubted, const Failure& why) const {
  if (why.reason == Reason::kTagMemoryUnproven) return domain::DoubtStep::kWaitForOperator;
  const auto finding = looks_.LastFinding(doubted.id);
  if (finding && finding->verdict() == domain::DoubtVerdict::kPerson) {
    return domain::DoubtStep::kWaitForOperator;
  }
  if (!finding || finding->verdict() == domain::DoubtVerdict::kNotYet) return domain::DoubtStep::kLook;
  return domain::DoubtStep::kSendAgain;
}

bool Lane::ShiftMayClose(const domain::Integration& integration) const {
  // Where the wall clock was set since the start, either time may be the right one.
  for (const absl::Time now : {world_.clock.Now(), NowByTheStart()}) {
    for (const absl::Time at : {now, now + world_.settings.hold_time}) {
      if (engine::QuietTimeLeft(integration, world_.kyiv, at)) return true;
    }
    // The register goes by its own clock, which may be behind.
    const absl::CivilDay day = world_.kyiv.DayOf(now - world_.settings.clock_tolerance);
    if (day != world_.kyiv.DayOf(now + kShiftsMayClose)) return true;
  }
  return false;
}

absl::Time Lane::NowByTheStart() const {
  return world_.monotonic_zero + world_.clock.Monotonic();
}

bool Lane::IsLongAgo(absl::Duration known_at) const {
  // 15 s, of the 30 s for which a shift is taken to stay open that a status calls open.
  constexpr int kOfHoldTime = 8;
  return world_.clock.Monotonic() - known_at > world_.settings.hold_time / kOfHoldTime;
}

void Lane::UseLastStatus(const store::LaneHead& head, const store::IntegrationRecord& record,
                         domain::ResendQuestion& question) const {
  if (!record.last_status_time) return;
  // The wall clock was set back since: how old the status is can't be told.
  if (*record.last_status_time > world_.clock.Now()) return;
  // Both as they were stamped: when the wall clock was set since, FirstSendOf() does not tell their order.
  const bool before_send =
      head.first_unexplained_send && *record.last_status_time <= *head.first_unexplained_send;
  if (record.last_status && !record.last_status->shift_opened && !before_send) return;
  const absl::Duration tolerance = world_.settings.clock_tolerance;
  // Where the wall clock was set since the start, either time may be the right one, of now and of the status.
  const absl::Duration set_by = NowByTheStart() - world_.clock.Now();
  const absl::Time from = *record.last_status_time + std::min(set_by, absl::ZeroDuration());
  const absl::Time to = world_.clock.Now() + std::max(set_by, absl::ZeroDuration());
  const absl::CivilDay day = world_.kyiv.DayOf(from - tolerance);
  if (day != world_.kyiv.DayOf(to + kShiftsMayClose)) return;
  if (WasQuietBetween(record.integration, world_.kyiv, from, to, tolerance)) return;
  question.status = record.last_status;
  question.status_read_time = *record.last_status_time;
}

bool Lane::TokenIsUnverified(const store::IntegrationRecord& record) const {
  return verified_token_ != record.token && !domain::IsTokenOfRegister(record.integration.token_state);
}

Task<void> Lane::TellPlan(const domain::Fiscalization& doubted, const Failure& why, absl::Time next) {
  store::DoubtPlan plan{.resolvable_time = world_.clock.Now() + HoldTimeLeftOf(doubted.id)};
  plan.next_step = NextStepOf(doubted, why);
  plan.next_step_time = next;
  Callback<absl::StatusOr<domain::Fiscalization>> noted(
      world_.executor, [&](auto done) { world_.store.NoteDoubt(doubted.id, why, plan, std::move(done)); });
  // That the note could not be written changes nothing: the lane's view says the same.
  static_cast<void>(co_await noted);
}

void Lane::AlarmAboutLongDoubt(const domain::Fiscalization& doubted) {
  if (LeftUntilAlarm(doubted) > absl::ZeroDuration()) return;
  alarmed_about_ = doubted.id;
  world_.logger.Log(Severity::kError, "lane.held_by_doubt",
                    {{"register", register_},
                     {"fiscalization", doubted.id},
                     {"doubt_age", world_.clock.Now() - SinceOf(doubted)}});
}

absl::Duration Lane::LeftUntilAlarm(const domain::Fiscalization& doubted) const {
  if (alarmed_about_ == doubted.id) return absl::InfiniteDuration();
  return SinceOf(doubted) + world_.settings.doubt_alert - world_.clock.Now();
}

}  // namespace kasa::engine
