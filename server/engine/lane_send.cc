#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/adoption.h"
#include "server/domain/state_machine.h"
#include "server/engine/lane.h"
#include "server/engine/request_body.h"
#include "server/vchasno/request.h"

// One marked send of a document: the mark, the one request, the ruling on how it ended, and what follows.
namespace kasa::engine {

using domain::Edge;
using domain::Failure;
using domain::Fiscalization;
using domain::LaneStep;
using domain::SendEnding;
using domain::SendOrder;
using vchasno::ExecuteAnswer;

namespace {

domain::ExpectedReceipt ExpectationFor(const Fiscalization& sent, const store::IntegrationRecord& record) {
  return {
      .tag = sent.tag,
      .task = sent.key.kind == domain::DocumentKind::kReturn ? vchasno::kTaskReturn : vchasno::kTaskSale,
      .register_fiscal_number = sent.register_fiscal_number,
      .mode = record.integration.pinned_register ? record.integration.pinned_register->mode : sent.key.mode,
      .due = sent.draft.due};
}

// A tag whose every send was definitely refused, and that the register answers with the same refusal again,
// is given up for the next number: the register may be repeating itself (architecture.md, rule 5). Nothing
// was made under it, so nothing can be made twice. The last number is kept: its refusal may be repeated until
// the document's wait is over.
bool RepeatsItsRefusal(SendEnding ending, SendOrder order, const Fiscalization& sent,
                       const ExecuteAnswer& answer) {
  const bool refused_before = sent.refused_with_this_tag > 0 && sent.last_refusal_res == answer.res;
  if (sent.tag_number + 1 >= domain::kTagNumbers) return false;
  return order == SendOrder::kFirst && IsRefusal(ending) && answer.res &&
         (refused_before || KASA_MUTANT("raise-the-tag-at-once"));
}

// Whether a re-send was refused with an error, and a receipt named all the same: perhaps the one that an
// earlier send made. Where the register asks for the same request again, or for a person, it gets that.
bool NamesReceiptItRefuses(const ExecuteAnswer& answer, SendOrder order) {
  constexpr int kHttpOk = 200;
  return order == SendOrder::kRepeated && answer.ending == SendEnding::kDoubt && !answer.never_park &&
         answer.wire.http_status == kHttpOk && answer.res.value_or(0) != 0 &&
         !answer.facts.fiscal_number.empty();
}

// Whether the link to the receipt tells a sum that the receipt can't have in any way of telling it.
bool TellsStrangeSum(const ExecuteAnswer& answer, const Fiscalization& sent) {
  const std::optional<Money>& told = answer.facts.sum_in_link;
  return told && !domain::IsSumOfReceipt(*told, sent.draft.due, sent.draft.sum);
}

// The mark took so long to be stored that the day may be over, or the shift closed.
ExecuteAnswer NotSent(absl::Time now) {
  ExecuteAnswer answer;
  answer.wire.start_time = answer.wire.end_time = now;
  answer.wire.trouble = "not sent: the store took too long to mark it";
  answer.ending = SendEnding::kNeverSent;
  answer.reason = Reason::kStoreUnavailable;
  answer.message = "the store took so long to mark it that it was not sent, and is judged anew";
  return answer;
}

}  // namespace

Task<void> Lane::Send(const store::LaneHead& head, const store::IntegrationRecord& record) {
  // A look on the way here may have shown that the store lost a part of its history.
  if (IsPaused()) co_return;
  const bool into_open_shift = shift_.is_open();
  display_.ShowSending(head.fiscalization.id);
  const absl::Duration before_mark = world_.clock.Monotonic();
  const store::SendCandidate candidate{.fiscalization_id = head.fiscalization.id,
                                       .register_fiscal_number = register_,
                                       .state = head.fiscalization.state,
                                       .attempts = head.fiscalization.attempts};
  Callback<absl::StatusOr<store::MarkedSend>> marking(
      world_.executor, [&](auto done) { world_.store.sends().MarkSending(candidate, std::move(done)); });
  absl::StatusOr<store::MarkedSend> marked = co_await marking;
  if (!marked.ok()) {
    // A caller may have cancelled it just now, or sent it anew: then the next look at the head tells.
    if (ReasonOf(marked.status()) == Reason::kStateNotAllowed && troubles_in_a_row_ == 0) {
      ++troubles_in_a_row_;
      co_return;
    }
    co_await RestForStore(marked.status(), head.fiscalization);
    co_return;
  }
  if (marked->order == SendOrder::kFirst) {
    first_sends_[marked->fiscalization.tag] = before_mark;
  }
  hold_.Sending(marked->fiscalization.id);
  const int64_t exchange_id = marked->permit.exchange_id();
  const domain::Buyer sent_to = vchasno::ContactsIn(marked->permit.body());
  ExecuteAnswer answer;
  if (IsLongAgo(before_mark)) {
    answer = NotSent(world_.clock.Now());
  } else {
    Callback<ExecuteAnswer> executing(world_.executor, [&](auto done) {
      world_.client.Execute(std::move(marked->permit), record.token, std::move(done));
    });
    answer = co_await executing;
  }

  AlarmAboutOurFault(answer, marked->fiscalization);
  Verdict verdict = co_await Examine(answer, *marked, record);
  const Fiscalization& sent = marked->fiscalization;
  const domain::Ruling& ruling = domain::RulingFor(verdict.ending, marked->order);
  store::Settlement settlement{.exchange_id = exchange_id,
                               .end_time = answer.wire.end_time,
                               .http_status = answer.wire.http_status,
                               .answer = answer.wire.answer,
                               .ending = verdict.ending,
                               .edge = ruling.edge,
                               .never_park = answer.never_park};
  if (ruling.edge == Edge::kToFiscalized) {
    settlement.receipt = domain::Adopt(answer.facts, ExpectationFor(sent, record));
    settlement.sent_to = sent_to;
  } else {
    settlement.failure = verdict.failure;
  }
  // Into a shift that is not known to be open it went to see (MayTryUnopened): that it is refused alike is no
  // repetition, for its cause is there still.
  const bool judged_anew = into_open_shift && RepeatsItsRefusal(verdict.ending, marked->order, sent, answer);
  if (judged_anew) {
    Fiscalization next = sent;
    next.tag = domain::TagFor(world_.installation, sent.key, sent.tag_number + 1);
    settlement.edge = Edge::kToAccepted;
    settlement.raise_tag_number = true;
    settlement.next_tag = next.tag;
    settlement.next_body = RequestBodyFor(next, record.integration);
  }
  // Without the store's word on what is known, a lesson is not lost: the next answer of its kind teaches it.
  if (auto lessons = LessonsOf(answer, settlement.edge, sent, record.integration); lessons.ok()) {
    settlement.lessons = *std::move(lessons);
  }
  const Fiscalization now = co_await Settle(settlement);
  LearnFrom(settlement.lessons, now.integration_id);
  head_in_doubt_ = now.state == domain::State::kInDoubt;
  if (head_in_doubt_) {
    hold_.Sent(now.id, world_.clock.Monotonic());
  } else {
    hold_.Settled(now.id);
    first_sends_.erase(sent.tag);
  }
  world_.board.Publish(now);
  // The answer to a re-send may be a receipt of long ago, and says nothing of the shift.
  const bool made_now = verdict.ending == SendEnding::kDone && marked->order == SendOrder::kFirst;
  if (made_now && !head_in_doubt_) shift_.NoteReceipt(world_.clock.Now());
  if (ruling.step == LaneStep::kAskStatus) {
    const bool goes_out_again =
        judged_anew || MayBeOfTheTagAlone(verdict.ending, marked->order, sent, answer);
    co_await JudgeUnknownRefusal(verdict, now, record, goes_out_again);
  } else if (ruling.edge == Edge::kToFiscalized && head_in_doubt_) {
    // Its fiscal number is stored with another fiscalization: the store refused the adoption.
    co_await Follow(LaneStep::kBackOff, verdict, now, record, answer);
  } else {
    co_await Follow(ruling.step, verdict, now, record, answer);
  }
}

Task<Lane::Verdict> Lane::Examine(const ExecuteAnswer& answer, const store::MarkedSend& marked,
                                  const store::IntegrationRecord& record) {
  Verdict verdict{
      .ending = answer.ending,
      .failure = Failure{.reason = answer.reason, .message = answer.message, .upstream = answer.upstream}};
  // Nothing was made under this tag, so other content may take its place. What an unknown code means is not
  // that sure.
  verdict.failure.correction_allowed =
      answer.ending == SendEnding::kRefusedDocument && marked.order == SendOrder::kFirst;
  if (answer.confirm_by_status && answer.ending == SendEnding::kShiftClosed &&
      marked.order == SendOrder::kFirst) {
    co_await ConfirmShiftClosed(answer, marked.fiscalization, record, verdict);
  }
  const domain::ExpectedReceipt expected = ExpectationFor(marked.fiscalization, record);
  if (NamesReceiptItRefuses(answer, marked.order)) {
    if (domain::ObjectionTo(answer.facts, expected)) co_return verdict;
    const auto against = co_await ObjectionByCheckTask(answer, marked, expected, record, Burden::kProvenOurs);
    if (!against) verdict = Verdict{.ending = SendEnding::kDone, .failure = {}};
    co_return verdict;
  }
  if (answer.ending != SendEnding::kDone) co_return verdict;
  std::optional<std::string> objection = domain::ObjectionTo(answer.facts, expected);
  if (!objection && marked.order == SendOrder::kRepeated && !KASA_MUTANT("believe-the-echo")) {
    objection = co_await ObjectionByCheckTask(answer, marked, expected, record, Burden::kNotContradicted);
  } else if (!objection && TellsStrangeSum(answer, marked.fiscalization)) {
    objection = co_await ObjectionByCheckTask(answer, marked, expected, record, Burden::kProvenOther);
  }
  if (objection) {
    verdict.ending = SendEnding::kDoubt;
    verdict.failure.reason = Reason::kAnswerContradicts;
    verdict.failure.message = *objection;
  }
  co_return verdict;
}

Task<void> Lane::ConfirmShiftClosed(const ExecuteAnswer& answer, const Fiscalization& sent,
                                    const store::IntegrationRecord& record, Verdict& verdict) {
  const vchasno::StatusAnswer status = co_await AskStatus(sent, record);
  if (const auto wait = WaitAfter(status.wire.may_be_at_work, status.retry_after)) LeaveAlone(*wait);
  const bool told = status.outcome == vchasno::StatusOutcome::kAnswered && status.status;
  const bool told_open = told && status.status->shift == domain::ShiftStatus::kOpen;
  if (told && !told_open) co_return;
  constexpr int64_t kStop = 3;
  if (answer.res_action == kStop) {
    // Surely refused. Why, is judged as with a code that is not known.
    if (!told_open) co_return;
    verdict.ending = SendEnding::kUnknownRefusal;
    verdict.failure.reason = Reason::kRegisterRefused;
  } else {
    verdict.ending = SendEnding::kDoubt;
    verdict.failure.reason = Reason::kRegisterServiceTrouble;
  }
  verdict.failure.message = absl::StrCat(
      "the register refused with a code for a closed shift, and its status does not confirm it: ",
      verdict.failure.message);
}

void Lane::AlarmAboutOurFault(const ExecuteAnswer& answer, const Fiscalization& sent) {
  if (!answer.alarm) return;
  world_.logger.Log(Severity::kError, "register.refused_by_our_fault",
                    {{"register", register_},
                     {"fiscalization", sent.id},
                     {"res", answer.res.value_or(0)},
                     {"message", answer.message}});
}

absl::Time Lane::FirstSendOf(const store::LaneHead& doubted) const {
  const auto marked = first_sends_.find(doubted.fiscalization.tag);
  if (marked != first_sends_.end()) {
    return world_.clock.Now() - (world_.clock.Monotonic() - marked->second);
  }
  return doubted.first_unexplained_send.value_or(doubted.fiscalization.create_time);
}

Task<Fiscalization> Lane::Settle(store::Settlement& settlement) {
  // What the register said must not be lost: it stays here, and the lane stands still, until the store takes
  // it.
  while (true) {
    Callback<absl::StatusOr<Fiscalization>> settling(
        world_.executor, [&](auto done) { world_.store.sends().Settle(settlement, std::move(done)); });
    absl::StatusOr<Fiscalization> settled = co_await settling;
    if (settled.ok()) co_return *std::move(settled);
    if (settled.status().code() == absl::StatusCode::kAlreadyExists) {
      settlement.failure =
          Failure{.reason = Reason::kFiscalNumberTaken,
                  .message = absl::StrCat("the register answered with fiscal number ",
                                          settlement.receipt->fiscal_number,
                                          ", which is the receipt of another fiscalization")};
      settlement.receipt.reset();
      settlement.lessons.clear();
      settlement.ending = SendEnding::kDoubt;
      settlement.edge = Edge::kToInDoubt;
      continue;
    }
    const Failure why{.reason = ReasonOf(settled.status()).value_or(Reason::kStoreUnavailable),
                      .message = "the outcome of a request can't be stored: the lane waits until it can"};
    display_.Show(LaneState::kPaused, why, display_.View().head_fiscalization_id, std::nullopt);
    co_await wake_.Wait(world_.settings.backoff_first);
  }
}

}  // namespace kasa::engine
