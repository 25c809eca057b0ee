#include "tests/simulation/people.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/domain/state_machine.h"

namespace kasa::simulation {
namespace {

using domain::Fiscalization;
using domain::State;

// How long a caller waits for an answer before it takes the call for lost.
constexpr absl::Duration kPatience = absl::Seconds(75);
constexpr int kMostTries = 60;

}  // namespace

People::People(World world, const Plan& plan) : world_(std::move(world)), plan_(plan) {
  for (const PlannedDocument& planned : plan.documents) cases_.push_back({.planned = planned});
}

const DocumentCase* People::CaseNamed(const std::string& name) const {
  const auto found = std::find_if(cases_.begin(), cases_.end(),
                                  [&](const DocumentCase& one) { return one.planned.name() == name; });
  return found == cases_.end() ? nullptr : &*found;
}

std::string People::OriginalOf(const DocumentCase& one) const {
  const auto found = std::find_if(cases_.begin(), cases_.end(), [&](const DocumentCase& other) {
    return other.planned.id == one.planned.original;
  });
  return found == cases_.end() ? "" : found->planned.name();
}

DocumentCase* People::CaseOfKey(const domain::DocumentKey& key) {
  for (DocumentCase& one : cases_) {
    if (one.planned.kind == key.kind && one.planned.name() == key.document_id) return &one;
  }
  return nullptr;
}

void People::Begin() {
  for (size_t at = 0; at < cases_.size(); ++at) {
    world_.timeline.After(cases_[at].planned.at, [this, at] { Submit(at); });
  }
  for (const PlannedDeed& action : plan_.actions) {
    world_.timeline.After(action.at, [this, action] { Act(action); });
  }
  for (const Fault& fault : plan_.faults) {
    if (fault.kind != FaultKind::kTokenGone) continue;
    world_.timeline.After(fault.from + fault.lasts, [this, fault] { SetToken(fault.at_register); });
  }
}

void People::TryAgain(size_t at, absl::Duration after) {
  DocumentCase& one = cases_[at];
  if (++one.tries > kMostTries) {
    one.given_up = true;
    return;
  }
  world_.timeline.After(after, [this, at] { Submit(at); });
}

void People::Submit(size_t at) {
  DocumentCase& one = cases_[at];
  if (one.call_open || one.lost) return;
  GatewayProcess* const gateway = world_.gateway();
  if (gateway == nullptr) return TryAgain(at, absl::Seconds(3));
  if (one.request.document_id.empty() || (!one.may_be_stored && one.fiscalization_id.empty())) {
    one.request = RequestFor(one);
    const int64_t amount = one.request.document.payments.front().amount.kopiykas();
    const bool by_cash = one.request.document.payments.front().payment_method_id == "cash";
    const auto& settings = plan_.registers[static_cast<size_t>(one.planned.at_register)];
    one.dues = {by_cash ? RoundedCash(amount, settings.cash_rounding) : amount};
    one.every_due.push_back(one.dues.front());
  }
  one.call_open = true;
  if (one.fiscalization_id.empty()) content_.MayBeMapped(one.planned.name(), one.planned.at_register);
  world_.trace.Say("caller sends ", one.planned.name());
  const auto answered = std::make_shared<bool>(false);
  gateway->engine().fiscalizer().Fiscalize(
      one.request, [this, at, answered](absl::StatusOr<engine::FiscalizeOutcome> outcome) {
        if (std::exchange(*answered, true)) return;
        cases_[at].call_open = false;
        Answered(at, outcome);
      });
  world_.timeline.After(kPatience, [this, at, answered] {
    if (std::exchange(*answered, true)) return;
    DocumentCase& lost = cases_[at];
    lost.call_open = false;
    lost.may_be_stored = true;
    world_.trace.Say("the answer about ", lost.planned.name(), " is lost");
    if (lost.fiscalization_id.empty()) TryAgain(at, absl::Seconds(2));
  });
}

void People::Answered(size_t at, const absl::StatusOr<engine::FiscalizeOutcome>& outcome) {
  DocumentCase& one = cases_[at];
  if (!outcome.ok()) return Refused(at, outcome.status());
  if (!outcome->violations.empty()) {
    world_.trace.Say(one.planned.name(), " is invalid: ", outcome->violations.front().field, " ",
                     outcome->violations.front().message);
    if (one.fiscalization_id.empty() && one.tries < 5) {
      TryAgain(at, absl::Minutes(1));  // with another date, if that was the matter
    } else {
      one.given_up = true;
    }
    return;
  }
  if (!outcome->fiscalization) return;
  content_.IsMapped(one.planned.name());
  Learn(one, *outcome->fiscalization);
}

void People::Refused(size_t at, const absl::Status& status) {
  DocumentCase& one = cases_[at];
  world_.trace.Say(one.planned.name(), " is refused: ", WordsOf(status));
  world_.coverage.Count(absl::StrCat("refusal/", WordsOf(status)));
  if (!ReasonOf(status)) one.may_be_stored = true;  // not known
  if (!one.fiscalization_id.empty()) return;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kUnknown:
      return TryAgain(at, absl::Seconds(7));
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
      if (ReasonOf(status) == Reason::kSaleNotFiscalized ||
          ReasonOf(status) == Reason::kIntegrationInactive ||
          ReasonOf(status) == Reason::kFiscalizationNotFound) {
        return TryAgain(at, absl::Minutes(2));
      }
      one.given_up = true;
      return;
    default:
      one.given_up = true;
  }
}

void People::Learn(DocumentCase& one, const Fiscalization& told) {
  one.fiscalization_id = told.id;
  world_.trace.Say("told: ", one.planned.name(), " is ", std::string(domain::NameOf(told.state)));
  if (told.state != State::kFiscalized || !told.receipt) return;
  if (!one.told_fiscal_number.empty() && one.told_fiscal_number != told.receipt->fiscal_number) {
    world_.trace.Violate("one_receipt", absl::StrCat(one.planned.name(),
                                                     " was told two fiscal numbers: ", one.told_fiscal_number,
                                                     " and ", told.receipt->fiscal_number));
  }
  one.told_fiscal_number = told.receipt->fiscal_number;
}

void People::Act(const PlannedDeed& action) {
  GatewayProcess* const gateway = world_.gateway();
  const auto found = std::find_if(cases_.begin(), cases_.end(),
                                  [&](const DocumentCase& one) { return one.planned.id == action.document; });
  if (gateway == nullptr || found == cases_.end() || found->lost) return;
  const auto at = static_cast<size_t>(found - cases_.begin());
  const std::string id = found->fiscalization_id;
  const auto learn = [this, at](absl::StatusOr<Fiscalization> now) {
    if (now.ok()) Learn(cases_[at], *now);
  };
  world_.trace.Say("action ", std::string(NameOf(action.kind)), " ", found->planned.name());
  world_.coverage.Count(absl::StrCat("act/", NameOf(action.kind)));
  switch (action.kind) {
    case DeedKind::kSendAgain:
      if (!id.empty()) Submit(at);
      return;
    case DeedKind::kCancel:
      if (!id.empty()) gateway->engine().fiscalizer().Cancel(id, std::nullopt, learn);
      return;
    case DeedKind::kRetry:
      if (id.empty()) return;
      content_.MayBeMapped(found->planned.name(), found->planned.at_register);
      gateway->engine().fiscalizer().Retry(
          {.fiscalization_id = id, .revision = std::nullopt, .max_wait = absl::Seconds(5)},
          [this, at](absl::StatusOr<engine::FiscalizeOutcome> outcome) {
            if (outcome.ok() && outcome->fiscalization) {
              content_.IsMapped(cases_[at].planned.name());
              Learn(cases_[at], *outcome->fiscalization);
            }
          });
      return;
    case DeedKind::kCorrect:
      // Who was told a receipt once does not ask for another content.
      if (!id.empty() && !cases_[at].made_before) Correct(at);
      return;
    case DeedKind::kResolve: {
      const auto doubted = id.empty() ? absl::NotFoundError("") : gateway->store().GetFiscalization(id);
      if (doubted.ok() && doubted->state == State::kInDoubt) Resolve(*doubted, action.give_up);
      return;
    }
    case DeedKind::kDeactivate:
      SetActive(action.at_register, false);
      world_.timeline.After(action.lasts, [this, action] { SetActive(action.at_register, true); });
      return;
    case DeedKind::kRestart:
      world_.restart();
      return;
    case DeedKind::kCheckConnection:
      CheckConnection(static_cast<size_t>(action.at_register));
      return;
    case DeedKind::kChangeMapping:
      ChangeMapping(action.at_register);
      return;
  }
}

void People::CheckConnection(size_t at_register) {
  world_.watch.OthersAsk(at_register, true);
  world_.gateway()->engine().integrations().CheckConnection(
      IntegrationId(static_cast<int>(at_register)),
      [this, at_register](const absl::StatusOr<engine::ConnectionReport>&) {
        world_.watch.OthersAsk(at_register, false);
      });
}

void People::Correct(size_t at) {
  DocumentCase& one = cases_[at];
  GatewayProcess* const gateway = world_.gateway();
  if (one.call_open) return;
  content_.MayBeMapped(one.planned.name(), one.planned.at_register);
  ++one.corrections;
  engine::DocumentRequest corrected = RequestFor(one);
  const int64_t amount = corrected.document.payments.front().amount.kopiykas();
  const bool by_cash = corrected.document.payments.front().payment_method_id == "cash";
  const auto& settings = plan_.registers[static_cast<size_t>(one.planned.at_register)];
  // Until it is refused it may be what is stored.
  const int64_t due = by_cash ? RoundedCash(amount, settings.cash_rounding) : amount;
  one.dues.push_back(due);
  one.every_due.push_back(due);
  gateway->engine().fiscalizer().Fiscalize(
      corrected, [this, at, corrected, due](absl::StatusOr<engine::FiscalizeOutcome> outcome) {
        DocumentCase& now = cases_[at];
        if (outcome.ok() && outcome->violations.empty() && outcome->fiscalization && !outcome->replayed) {
          now.request = corrected;
          now.dues = {due};
          content_.IsMapped(now.planned.name());
          Learn(now, *outcome->fiscalization);
        } else if ((outcome.ok() && !outcome->violations.empty()) ||
                   (!outcome.ok() && ReasonOf(outcome.status()))) {
          std::erase(now.dues, due);
          if (now.dues.empty()) now.dues.push_back(due);
        }
      });
}

}  // namespace kasa::simulation
