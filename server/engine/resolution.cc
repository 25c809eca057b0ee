#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/adoption.h"
#include "server/domain/state_machine.h"
#include "server/engine/check_task_control.h"
#include "server/engine/check_task_record.h"
#include "server/engine/fiscalization_calls.h"
#include "server/vchasno/request.h"

// An operator's word on what is in doubt: checked with the register where possible, recorded, refused before
// the hold time is over (architecture.md, rule 3).
namespace kasa::engine {

using domain::Fiscalization;
using domain::ResolutionOutcome;

namespace {

absl::Status NotNow(const Fiscalization& found) {
  return WithFact(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kStateNotAllowed,
                                absl::StrCat("only what is IN_DOUBT can be resolved; this one is ",
                                             std::string(domain::NameOf(found.state)))),
                  "state", domain::NameOf(found.state));
}

absl::Status HoldTimeNotOver(absl::Duration left) {
  return WithRetryDelay(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kHoldTimeNotOver,
                                      absl::StrCat("the register may still be working on it for ",
                                                   absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))))),
                        left);
}

absl::Status Contradicted(const std::string& words) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kResolutionContradicted,
                       absl::StrCat("the register says otherwise: ", words));
}

// What is in doubt, as a look wants it, wherever it stands in its lane.
absl::StatusOr<store::LaneHead> DoubtedHead(store::Store& store, const Fiscalization& doubted) {
  store::LaneHead head{.fiscalization = doubted};
  absl::StatusOr<std::string> body = store.GetRequestBody(doubted.id);
  if (!body.ok()) return body.status();
  head.request_body = *std::move(body);
  int64_t after = 0;
  while (true) {
    constexpr int kPage = 200;
    const auto page = store.sends().ListExchanges(doubted.id, after, kPage);
    if (!page.ok()) return page.status();
    for (const store::Exchange& one : page->exchanges) {
      const bool sent = one.kind == store::ExchangeKind::kReceipt && one.unexplained;
      if (!sent || (head.first_unexplained_send && *head.first_unexplained_send <= one.start_time)) continue;
      head.first_unexplained_send = one.start_time;
    }
    if (!page->next_after_id) return head;
    after = *page->next_after_id;
  }
}

domain::Receipt ReceiptAsStated(const ResolveRequest& request, const Fiscalization& doubted) {
  return domain::Receipt{.fiscal_number = request.fiscal_number,
                         .register_fiscal_number = doubted.register_fiscal_number,
                         .total = doubted.draft.due,
                         .mode = doubted.key.mode};
}

}  // namespace

void FiscalizationCalls::Resolve(ResolveRequest request, Done<Fiscalization> done) {
  parts_.lane_executor.Post([this, request = std::move(request), done = std::move(done)]() mutable {
    resolving_.Run(ResolveNow(std::move(request), std::move(done)));
  });
}

Task<void> FiscalizationCalls::ResolveNow(ResolveRequest request, Done<Fiscalization> done) {
  const absl::StatusOr<Fiscalization> doubted = parts_.store.GetFiscalization(request.fiscalization_id);
  if (!doubted.ok()) {
    std::move(done)(doubted.status());
    co_return;
  }
  if (doubted->state != domain::State::kInDoubt) {
    std::move(done)(NotNow(*doubted));
    co_return;
  }
  if (const absl::Duration left = parts_.lanes.HoldTimeLeftOf(*doubted);
      left > absl::ZeroDuration() && !KASA_MUTANT("resolve-at-once")) {
    std::move(done)(HoldTimeNotOver(left));
    co_return;
  }
  const auto record = parts_.store.integrations().Get(doubted->integration_id);
  if (!record.ok()) {
    std::move(done)(record.status());
    co_return;
  }
  const absl::StatusOr<Confirmation> confirmation = co_await Confirm(request, *doubted, *record);
  if (!confirmation.ok()) {
    std::move(done)(confirmation.status());
    co_return;
  }
  if (!confirmation->confirmed && !request.accept_unverified) {
    std::move(done)(ReasonedError(
        absl::StatusCode::kFailedPrecondition, Reason::kResolutionUnverified,
        absl::StrCat("the register could neither confirm nor contradict it (", confirmation->words,
                     "); repeat with accept_unverified to be taken at your word")));
    co_return;
  }
  absl::StatusOr<Fiscalization> resolved =
      co_await StoreResolution(request, *doubted, confirmation->confirmed);
  std::move(done)(std::move(resolved));
}

Task<absl::StatusOr<FiscalizationCalls::Confirmation>> FiscalizationCalls::Confirm(
    const ResolveRequest& request, const Fiscalization& doubted, const store::IntegrationRecord& record) {
  if (record.token.empty()) co_return Confirmation{.words = "the integration has no token"};
  if (request.outcome == ResolutionOutcome::kReceiptExists) {
    absl::StatusOr<Confirmation> by_task = co_await ConfirmByTask(request, doubted, record);
    if (!by_task.ok() || by_task->confirmed) co_return by_task;
  }
  co_return co_await ConfirmByLooking(request, doubted, record);
}

Task<absl::StatusOr<FiscalizationCalls::Confirmation>> FiscalizationCalls::ConfirmByTask(
    const ResolveRequest& request, const Fiscalization& doubted, const store::IntegrationRecord& record) {
  Callback<vchasno::CheckTaskAnswer> checking(parts_.lane_executor, [&](auto done) {
    parts_.client.CheckTask(record.token, request.fiscal_number, std::nullopt, std::move(done));
  });
  vchasno::CheckTaskAnswer checked = co_await checking;
  const CheckTaskControl control{parts_.store, parts_.client, parts_.lane_executor};
  // Only what is shown to be another's contradicts a person, who may know better than an id of the cloud's
  // own.
  co_await control.DropForeignTag(doubted, record.token, /*drop_if_unknown=*/true, std::nullopt,
                                  checked.facts);
  domain::ExpectedReceipt expected = ExpectedReceiptOf(doubted, record.integration);
  // A history that the store lost may have got further with its tags.
  const std::vector<std::string> tags = domain::TagsOf(parts_.installation, doubted.key);
  if (std::ranges::count(tags, checked.facts.tag) > 0) expected.tag = checked.facts.tag;
  const auto objection =
      checked.facts.answered
          ? domain::ObjectionTo(checked.facts, expected, request.fiscal_number, doubted.draft.sum)
          : std::nullopt;
  parts_.store.sends().RecordExchange(CheckTaskRecord(doubted, checked, objection.has_value()),
                                      [](const absl::StatusOr<int64_t>&) {
                                        // A look-up changes nothing: its record is for the audit alone.
                                      });
  if (objection) co_return Contradicted(*objection);
  // Only the tag makes a receipt ours: a sum alone proves nothing.
  co_return Confirmation{.confirmed = checked.facts.answered && checked.facts.tag == expected.tag,
                         .words = "it does not tell what the receipt was made from"};
}

Task<absl::StatusOr<FiscalizationCalls::Confirmation>> FiscalizationCalls::ConfirmByLooking(
    const ResolveRequest& request, const Fiscalization& doubted, const store::IntegrationRecord& record) {
  Looks& looks = parts_.lanes.LooksOf(doubted.register_fiscal_number);
  if (looks.looking()) {
    co_return WithRetryDelay(
        ReasonedError(absl::StatusCode::kUnavailable, Reason::kRegisterBusy,
                      "the register is being looked into just now: ask again in a moment"),
        parts_.settings.backoff_first);
  }
  const auto sought = DoubtedHead(parts_.store, doubted);
  if (!sought.ok()) co_return sought.status();
  const Looks::Question question{.hold_over = true, .settles = false};
  const LookOutcome looked = co_await looks.LookFor(*sought, record, question);
  const domain::Finding& finding = looked.finding;
  const bool exists = request.outcome == ResolutionOutcome::kReceiptExists;
  switch (finding.verdict()) {
    case domain::DoubtVerdict::kFound:
      if (exists && finding.facts.fiscal_number == request.fiscal_number) {
        co_return Confirmation{.confirmed = true};
      }
      // The lane takes what was found with its own next look.
      parts_.lanes.Kick(doubted.register_fiscal_number);
      co_return WithFact(Contradicted(finding.words), "fiscal_number", finding.facts.fiscal_number);
    case domain::DoubtVerdict::kAbsent:
      if (exists) co_return Contradicted(finding.words);
      co_return Confirmation{.confirmed = true};
    case domain::DoubtVerdict::kPerson:
      // Something bears its tag: sent once more, there might be two.
      if (request.outcome == ResolutionOutcome::kAbsentSend) co_return Contradicted(finding.words);
      break;
    case domain::DoubtVerdict::kNotYet:
    case domain::DoubtVerdict::kNotKnown:
      break;
  }
  co_return Confirmation{.words = finding.words};
}

Task<absl::StatusOr<Fiscalization>> FiscalizationCalls::StoreResolution(const ResolveRequest& request,
                                                                        const Fiscalization& doubted,
                                                                        bool verified) {
  store::ResolutionRequest resolution{.fiscalization_id = request.fiscalization_id,
                                      .revision = request.revision,
                                      .resolution = domain::Resolution{.outcome = request.outcome,
                                                                       .fiscal_number = request.fiscal_number,
                                                                       .principal = request.principal,
                                                                       .note = request.note,
                                                                       .verified = verified,
                                                                       .resolve_time = parts_.clock.Now()}};
  resolution.attempts = doubted.attempts;
  resolution.sought = store::SoughtFor(doubted);
  if (request.outcome == ResolutionOutcome::kReceiptExists) {
    const absl::StatusOr<std::string> sent = parts_.store.GetRequestBody(request.fiscalization_id);
    if (!sent.ok()) co_return sent.status();
    resolution.receipt = ReceiptAsStated(request, doubted);
    resolution.sent_to = vchasno::ContactsIn(*sent);
  }
  Callback<absl::StatusOr<Fiscalization>> storing(
      parts_.lane_executor, [&](auto done) { parts_.store.Resolve(std::move(resolution), std::move(done)); });
  absl::StatusOr<Fiscalization> resolved = co_await storing;
  if (absl::IsAlreadyExists(resolved.status())) {
    co_return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kFiscalNumberTaken,
                            "this fiscal number is the receipt of another fiscalization");
  }
  if (resolved.ok()) Publish(*resolved);
  co_return resolved;
}

}  // namespace kasa::engine
