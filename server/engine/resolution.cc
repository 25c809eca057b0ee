#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/adoption.h"
#include "server/domain/state_machine.h"
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

domain::Receipt ReceiptAsStated(const ResolveRequest& request, const Fiscalization& doubted) {
  return domain::Receipt{.fiscal_number = request.fiscal_number,
                         .register_fiscal_number = doubted.register_fiscal_number,
                         .total = doubted.draft.due,
                         .mode = doubted.key.mode};
}

}  // namespace

void FiscalizationCalls::Resolve(ResolveRequest request, Done<Fiscalization> done) {
  parts_.lane_executor.Post([this, request = std::move(request), done = std::move(done)]() mutable {
    const absl::StatusOr<Fiscalization> doubted = parts_.store.GetFiscalization(request.fiscalization_id);
    if (!doubted.ok()) return std::move(done)(doubted.status());
    if (doubted->state != domain::State::kInDoubt) return std::move(done)(NotNow(*doubted));
    if (const absl::Duration left = parts_.lanes.HoldTimeLeftOf(*doubted);
        left > absl::ZeroDuration() && !KASA_MUTANT("resolve-at-once")) {
      return std::move(done)(WithRetryDelay(
          ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kHoldTimeNotOver,
                        absl::StrCat("the register may still be working on it for ",
                                     absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))))),
          left));
    }
    const auto record = parts_.store.GetIntegration(doubted->integration_id);
    if (!record.ok()) return std::move(done)(record.status());
    if (request.outcome != ResolutionOutcome::kReceiptExists || record->token.empty()) {
      return StoreResolution(std::move(request), *doubted, nullptr, std::move(done));
    }
    const std::string fiscal_number = request.fiscal_number;
    parts_.client.CheckTask(
        record->token, fiscal_number,
        [this, request = std::move(request), doubted = *doubted,
         done = std::move(done)](vchasno::CheckTaskAnswer checked) mutable {
          parts_.lane_executor.Post([this, request = std::move(request), doubted = std::move(doubted),
                                     checked = std::move(checked), done = std::move(done)]() mutable {
            StoreResolution(std::move(request), doubted, &checked, std::move(done));
          });
        });
  });
}

void FiscalizationCalls::StoreResolution(ResolveRequest request, const Fiscalization& doubted,
                                         const vchasno::CheckTaskAnswer* checked, Done<Fiscalization> done) {
  bool verified = false;
  if (checked != nullptr) {
    const domain::ExpectedReceipt expected{
        .tag = doubted.tag,
        .task = doubted.key.kind == domain::DocumentKind::kReturn ? vchasno::kTaskReturn : vchasno::kTaskSale,
        .register_fiscal_number = doubted.register_fiscal_number,
        .mode = doubted.key.mode,
        .due = doubted.draft.due};
    const auto objection =
        checked->facts.answered
            ? domain::ObjectionTo(checked->facts, expected, request.fiscal_number, doubted.draft.sum)
            : std::nullopt;
    parts_.store.RecordExchange(CheckTaskRecord(doubted, *checked, objection.has_value()),
                                [](const absl::StatusOr<int64_t>&) {
                                  // A look-up changes nothing: its record is for the audit alone.
                                });
    if (objection) {
      return std::move(done)(ReasonedError(absl::StatusCode::kFailedPrecondition,
                                           Reason::kResolutionContradicted,
                                           absl::StrCat("the register says otherwise: ", *objection)));
    }
    // Only the tag makes a receipt ours: a sum alone proves nothing.
    verified = checked->facts.answered && checked->facts.tag == doubted.tag;
  }
  if (!verified && !request.accept_unverified) {
    return std::move(done)(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kResolutionUnverified,
                                         "the register could neither confirm nor contradict it; repeat with "
                                         "accept_unverified to be taken at your word"));
  }
  store::ResolutionRequest resolution{.fiscalization_id = request.fiscalization_id,
                                      .revision = request.revision,
                                      .resolution = domain::Resolution{.outcome = request.outcome,
                                                                       .fiscal_number = request.fiscal_number,
                                                                       .principal = request.principal,
                                                                       .note = request.note,
                                                                       .verified = verified,
                                                                       .resolve_time = parts_.clock.Now()}};
  if (request.outcome == ResolutionOutcome::kReceiptExists) {
    const absl::StatusOr<std::string> sent = parts_.store.GetRequestBody(request.fiscalization_id);
    if (!sent.ok()) return std::move(done)(sent.status());
    resolution.receipt = ReceiptAsStated(request, doubted);
    resolution.sent_to = vchasno::ContactsIn(*sent);
  }
  parts_.store.Resolve(std::move(resolution), [this, done = std::move(done)](
                                                  absl::StatusOr<Fiscalization> resolved) mutable {
    if (absl::IsAlreadyExists(resolved.status())) {
      return std::move(done)(ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kFiscalNumberTaken,
                                           "this fiscal number is the receipt of another fiscalization"));
    }
    if (resolved.ok()) Publish(*resolved);
    std::move(done)(std::move(resolved));
  });
}

}  // namespace kasa::engine
