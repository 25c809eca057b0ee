#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/engine/lane.h"
#include "server/engine/quiet_window.h"
#include "server/vchasno/request.h"

// Whether a lane's register can be worked with: verified under this token, able to work, its shift open.
namespace kasa::engine {

using domain::Failure;
using domain::Fiscalization;
using domain::RegisterStatus;
using domain::WaitCause;
using vchasno::StatusAnswer;
using vchasno::StatusOutcome;

Task<bool> Lane::RegisterIsReady(const Fiscalization& head, const store::IntegrationRecord& record) {
  const bool opening_is_next = co_await SendBoundOpening(head, record);
  if (opening_is_next) co_return false;
  const auto quiet = QuietTimeLeft(record.integration);
  // The shift may be closed at any moment of the quiet window: there it is known to be open when the register
  // has just said so, and not otherwise.
  const bool verified = verified_token_ == record.token || KASA_MUTANT("trust-a-new-token");
  if (!quiet && verified && shift_.is_open()) co_return true;
  const std::optional<RegisterStatus> status = co_await Verify(head, record);
  if (!status) co_return false;
  if (shift_.is_open()) co_return true;
  if (shift_.opening_was_taken_back()) {
    const Failure why{
        .reason = Reason::kShiftOpenFailed,
        .message = "the register took the opening of the shift, and its status says closed all the same"};
    co_await RestBecauseOf(why, head, WaitCause::kShiftNotOpened);
    co_return false;
  }
  // Asking took time: the window may have begun meanwhile.
  if (const auto quiet_now = QuietTimeLeft(record.integration)) {
    co_await RestInQuietWindow(head, *quiet_now);
    co_return false;
  }
  if (MayTryUnopened(head)) co_return true;
  co_await OpenShift(head, record);
  co_return false;
}

bool Lane::MayTryUnopened(const Fiscalization& head) {
  if (!opening_word_.IsRefusedAgainAndAgain() || tried_unopened_ == head.id) return false;
  tried_unopened_ = head.id;
  return true;
}

Task<bool> Lane::SendBoundOpening(const Fiscalization& head, const store::IntegrationRecord& record) {
  if (!shift_opening_bound_.value_or(true)) co_return false;
  if (const auto quiet = QuietTimeLeft(record.integration)) {
    co_await RestInQuietWindow(head, *quiet);
  } else if (!domain::IsTokenOfRegister(record.integration.token_state)) {
    static_cast<void>(co_await Verify(head, record));
  } else if (opening_word_.IsForGood()) {
    const std::optional<RegisterStatus> status = co_await Verify(head, record);
    // The register and the token are in order, so it is that very request that is not.
    if (status) co_await OpenShift(head, record);
  } else {
    co_await OpenShift(head, record);
  }
  co_return true;
}

Task<std::optional<RegisterStatus>> Lane::Verify(const Fiscalization& head,
                                                 const store::IntegrationRecord& record) {
  verified_token_ = Secret();
  shift_.Doubt();
  status_asks_for_same_tag_ = false;
  StatusAnswer answer = co_await AskStatus(head, record);
  if (answer.outcome != StatusOutcome::kAnswered || !answer.status) {
    co_await RestWithoutStatus(answer, head, record);
    co_return std::nullopt;
  }
  const RegisterStatus status = *answer.status;
  if (!record.integration.pinned_register) co_return std::nullopt;
  if (const auto objection = domain::ObjectionTo(status, *record.integration.pinned_register)) {
    // Another register's: what it says from now on, to a look too, is not about this one.
    co_await NoteTokenState(record, [](domain::TokenState) { return domain::TokenState::kUnverified; });
    const Failure why{.reason = Reason::kRegisterMismatch, .message = *objection};
    co_await RestBecauseOf(why, head, WaitCause::kNotReady);
    co_return std::nullopt;
  }
  co_await NoteTokenState(record, [](domain::TokenState) { return domain::TokenState::kAccepted; });
  Callback<absl::StatusOr<bool>> recorded(world_.executor, [&](auto done) {
    world_.store.integrations().RecordStatus(record.integration.id, status, world_.clock.Now(),
                                             std::move(done));
  });
  static_cast<void>(co_await recorded);  // only for people to look at
  shift_.NoteOpenedTime(status);
  const bool clock_agrees = co_await ClockAgrees(head, record, status);
  if (!clock_agrees) co_return std::nullopt;
  if (const auto reason = domain::ReasonNotToWork(status)) {
    const Failure why{.reason = *reason, .message = "the register's status says that it can't work"};
    co_await RestBecauseOf(why, head, WaitCause::kNotReady);
    co_return std::nullopt;
  }
  if (shift_.ExplainsRefusals(world_.clock.Now())) {
    // Nothing is sent until the cause is gone.
    const Failure why{.reason = Reason::kShiftTooLong,
                      .message = "the register refuses, and its shift is open for more than 24 hours"};
    co_await RestBecauseOf(why, head, WaitCause::kNotReady);
    co_return std::nullopt;
  }
  verified_token_ = record.token;
  CompareWithStore(status);
  shift_.NoteState(status.shift);
  co_return status;
}

Task<void> Lane::RestWithoutStatus(const StatusAnswer& answer, const Fiscalization& head,
                                   const store::IntegrationRecord& record) {
  if (answer.outcome == StatusOutcome::kTokenRefused) co_await NoteTokenRefused(record);
  const Failure why{.reason = answer.reason, .message = answer.message, .upstream = answer.upstream};
  status_asks_for_same_tag_ = answer.same_tag_next;
  if (answer.never_park) co_await NoteNeverPark(head, why);
  co_await RestBecauseOf(why, head, WaitCause::kNotReady,
                         WaitAfter(answer.wire.may_be_at_work, answer.retry_after));
}

Task<StatusAnswer> Lane::AskStatus(const Fiscalization& head, const store::IntegrationRecord& record) {
  Callback<StatusAnswer> asked(world_.executor,
                               [&](auto done) { world_.client.AskStatus(record.token, std::move(done)); });
  StatusAnswer answer = co_await asked;
  Callback<absl::StatusOr<int64_t>> recorded(world_.executor, [&](auto done) {
    world_.store.sends().RecordExchange(
        store::Exchange{.fiscalization_id = head.id,
                        .integration_id = record.integration.id,
                        .register_fiscal_number = register_,
                        .kind = store::ExchangeKind::kStatus,
                        .request = answer.wire.request,
                        .start_time = answer.wire.start_time,
                        .end_time = answer.wire.end_time,
                        .http_status = answer.wire.http_status,
                        .answer = answer.wire.answer,
                        .outcome = answer.outcome == StatusOutcome::kAnswered ? "answered" : answer.message},
        std::move(done));
  });
  static_cast<void>(co_await recorded);  // a look-up changes nothing: its record is for the audit alone
  co_return answer;
}

Task<bool> Lane::ClockAgrees(const Fiscalization& head, const store::IntegrationRecord& record,
                             RegisterStatus status) {
  // Twice running: one odd reading may be a slow answer (architecture.md, rule 10).
  for (int reading = 1; reading <= 2; ++reading) {
    if (!status.register_clock) co_return true;
    const absl::Duration difference = *status.register_clock - world_.clock.Now();
    if (absl::AbsDuration(difference) <= world_.settings.clock_tolerance) co_return true;
    if (reading == 2) {
      const Failure why{
          .reason = Reason::kClockSkew,
          .message = absl::StrCat("the register's clock differs from the gateway's by ",
                                  absl::FormatDuration(absl::Trunc(difference, absl::Seconds(1))))};
      co_await RestBecauseOf(why, head, WaitCause::kNotReady);
      co_return false;
    }
    StatusAnswer again = co_await AskStatus(head, record);
    if (again.outcome != StatusOutcome::kAnswered || !again.status) {
      co_await RestWithoutStatus(again, head, record);
      co_return false;
    }
    status = *again.status;
  }
  co_return true;
}

absl::Status Lane::KnowShiftOpening() {
  if (shift_opening_bound_) return absl::OkStatus();
  const absl::StatusOr<store::ShiftOpening> opening = world_.store.sends().LastShiftOpening(register_);
  if (opening.ok()) shift_opening_bound_ = opening->bound;
  return opening.status();
}

Task<void> Lane::OpenShift(const Fiscalization& head, const store::IntegrationRecord& record) {
  if (draining_ || IsPaused()) co_return;
  shift_.Doubt();
  const std::string cashier = record.integration.cashier_name;
  Callback<absl::StatusOr<store::MarkedSend>> marking(world_.executor, [&](auto done) {
    world_.store.sends().MarkShiftOpening(
        {.register_fiscal_number = register_,
         .integration_id = record.integration.id,
         .for_fiscalization_id = head.id,
         .doubts_until = world_.clock.Now() - world_.settings.hold_time,
         .last_is_over = opening_word_.IsForGood(),
         .make_body =
             [cashier](const std::string& tag) { return vchasno::EncodeShiftOpening(tag, cashier); }},
        std::move(done));
  });
  absl::StatusOr<store::MarkedSend> marked = co_await marking;
  if (!marked.ok()) {
    co_await RestForStore(marked.status(), head);
    co_return;
  }
  const int64_t exchange_id = marked->permit.exchange_id();
  Callback<vchasno::ExecuteAnswer> executing(world_.executor, [&](auto done) {
    world_.client.Execute(std::move(marked->permit), record.token, std::move(done));
  });
  const vchasno::ExecuteAnswer answer = co_await executing;
  const bool was_open = answer.res.value_or(0) != 0;  // "it was open already": since when, it does not say
  const store::Settlement settlement{.exchange_id = exchange_id,
                                     .end_time = answer.wire.end_time,
                                     .http_status = answer.wire.http_status,
                                     .answer = answer.wire.answer,
                                     .ending = answer.ending,
                                     .never_park = answer.never_park,
                                     .shift_was_open = was_open};
  while (true) {
    Callback<absl::StatusOr<bool>> settling(world_.executor, [&](auto done) {
      world_.store.sends().SettleShiftOpening(settlement, std::move(done));
    });
    const absl::StatusOr<bool> bound = co_await settling;
    if (bound.ok()) {
      shift_opening_bound_ = *bound;
      break;
    }
    co_await wake_.Wait(world_.settings.backoff_first);
  }
  // What comes with another HTTP status may be the word of whoever stands before the register.
  constexpr int kHttpOk = 200;
  std::optional<int64_t> word;
  if (answer.wire.http_status == kHttpOk) word = answer.res;
  opening_word_.Keep(answer.ending, word);
  // What came of it is told by the next status, which the lane asks for before it goes on.
  verified_token_ = Secret();
  if (answer.ending == domain::SendEnding::kDone) {
    std::optional<absl::Time> opened;
    if (!was_open) opened = answer.wire.end_time;
    shift_.NoteOpening(opened);
    co_return;
  }
  if (answer.ending == domain::SendEnding::kTokenRefused) co_await NoteTokenRefused(record);
  const Reason reason = answer.ending == domain::SendEnding::kRefusedDocument ||
                                answer.ending == domain::SendEnding::kUnknownRefusal
                            ? Reason::kShiftOpenFailed
                            : answer.reason;
  const Failure why{.reason = reason,
                    .message = absl::StrCat("the shift could not be opened: ", answer.message),
                    .upstream = answer.upstream};
  co_await RestBecauseOf(why, head, WaitCause::kShiftNotOpened,
                         WaitAfter(answer.wire.may_be_at_work, answer.retry_after));
}

std::optional<absl::Duration> Lane::WaitAfter(bool may_be_at_work,
                                              std::optional<absl::Duration> retry_after) const {
  if (!may_be_at_work) return retry_after;
  return std::max(retry_after.value_or(absl::ZeroDuration()), world_.settings.hold_time);
}

Task<void> Lane::NoteTokenRefused(const store::IntegrationRecord& record) {
  return NoteTokenState(record, &domain::AfterRefusal);
}

Task<void> Lane::NoteTokenState(const store::IntegrationRecord& record,
                                domain::TokenState (*now_known)(domain::TokenState before)) {
  // Each change is a new revision, which an operator's edit would have to be of.
  if (now_known(record.integration.token_state) == record.integration.token_state) co_return;
  const Secret asked_with = record.token;
  Callback<absl::StatusOr<domain::Integration>> changing(world_.executor, [&](auto done) {
    world_.store.integrations().Change(
        record.integration.id, std::nullopt,
        [asked_with, now_known](store::IntegrationRecord& now, const store::IntegrationSurroundings&) {
          // A token that was replaced meanwhile is not the one that the register spoke of.
          domain::TokenState& state = now.integration.token_state;
          if (now.token == asked_with) state = now_known(state);
          return absl::OkStatus();
        },
        std::move(done));
  });
  static_cast<void>(co_await changing);  // shown to people; the lane itself goes by what the register says
}

Task<void> Lane::RestInQuietWindow(const Fiscalization& head, absl::Duration left) {
  const Failure why{.reason = Reason::kQuietWindow,
                    .message = "quiet window: nothing is sent while the shift is not known to be open"};
  co_await RestBecauseOf(why, head, WaitCause::kQuietWindow, left);
}

std::optional<absl::Duration> Lane::QuietTimeLeft(const domain::Integration& integration) const {
  return engine::QuietTimeLeft(integration, world_.kyiv, world_.clock.Now());
}

}  // namespace kasa::engine
