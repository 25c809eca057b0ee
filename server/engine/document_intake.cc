#include "server/engine/document_intake.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/document_checks.h"
#include "server/domain/document_pricing.h"
#include "server/domain/fingerprint.h"
#include "server/domain/state_machine.h"
#include "server/engine/integration_choice.h"
#include "server/engine/request_body.h"
#include "server/store/errors.h"

namespace kasa::engine {

using domain::Document;
using domain::DocumentKey;
using domain::DocumentKind;
using domain::Fiscalization;
using domain::RegisterMode;

namespace {

// What the same document was answered with before: nothing when it is new, or may be replaced.
absl::StatusOr<std::optional<Fiscalization>> FindEarlier(store::Store& store, const DocumentKey& key,
                                                         const Document& document) {
  absl::StatusOr<Fiscalization> stored = store.FindFiscalization(key);
  if (absl::IsNotFound(stored.status())) return std::nullopt;
  if (!stored.ok()) return stored.status();
  if (stored->fingerprint == domain::FingerprintOf(document)) return *std::move(stored);
  const bool replaceable =
      stored->state == domain::State::kCancelled ||
      (stored->state == domain::State::kFailed && stored->failure && stored->failure->correction_allowed) ||
      KASA_MUTANT("replace-what-is-in-doubt");
  if (replaceable) return std::nullopt;
  const std::string differs = absl::StrJoin(domain::DifferencesBetween(stored->document, document), ", ");
  absl::Status refusal =
      ReasonedError(absl::StatusCode::kAlreadyExists, Reason::kDocumentContentDiffers,
                    absl::StrCat("document ", key.document_id,
                                 " was sent before with other content; what differs: ", differs));
  refusal = WithFact(std::move(refusal), "fiscalization_id", stored->id);
  refusal = WithFact(std::move(refusal), "state", domain::NameOf(stored->state));
  return WithFact(std::move(refusal), "differs", differs);
}

std::string IdFor(const DocumentKey& key, const domain::InstallationId& installation) {
  // The same document has the same id for ever, in a store that was lost and refilled too.
  return absl::StrCat("fz-", domain::TagFor(installation, key, 0).substr(installation.text().size()));
}

// A document that the integration will never be for.
bool IsMisdirected(const absl::Status& may_accept) {
  const std::optional<Reason> reason = ReasonOf(may_accept);
  return reason == Reason::kIntegrationArchived || reason == Reason::kLegalEntityMismatch;
}

constexpr absl::Duration kLongestWait = absl::Hours(7 * 24);

// What the store's transaction decides by: the rules and the integration as they were read, the history as it
// is there.
struct TransactionRules {
  DocumentKind kind;
  domain::Integration integration;
  domain::Mapping mapping;
  absl::CivilDay today;
  std::optional<domain::ToldReceipt> told;
  std::shared_ptr<domain::Violations> late_violations;

  absl::Status operator()(Fiscalization& fiscalization, const domain::DocumentHistory& history) const {
    if (kind != DocumentKind::kReturn) {
      return domain::HoldAgainstHistory(kind, fiscalization.document, fiscalization.draft, history,
                                        integration);
    }
    absl::StatusOr<domain::PricedDocument> priced =
        domain::PriceDocument(kind, fiscalization.document, history,
                              {.integration = integration,
                               .mapping = mapping,
                               .today_in_kyiv = today,
                               .told = told ? &*told : nullptr});
    if (!priced.ok()) return priced.status();
    if (!priced->receipt) {
      *late_violations = std::move(priced->violations);
      return ReasonedError(absl::StatusCode::kInvalidArgument, Reason::kDocumentInvalid,
                           "what went before this document has changed meanwhile");
    }
    fiscalization.draft = *std::move(priced->receipt);
    return absl::OkStatus();
  }
};

absl::Status DatePassed(const Document& document, absl::CivilDay today) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kDocumentDatePassed,
                       absl::StrCat("the document is dated ", document.document_date, ", and today is ",
                                    FormatCivilDay(today), " in Kyiv"));
}

absl::Status OnlyWhatFailed(const Fiscalization& stored) {
  const bool in_doubt = stored.state == domain::State::kInDoubt;
  return WithFact(ReasonedError(absl::StatusCode::kFailedPrecondition,
                                in_doubt ? Reason::kInDoubtReconciling : Reason::kStateNotAllowed,
                                absl::StrCat("only what is FAILED or CANCELLED can be retried; this one is ",
                                             std::string(domain::NameOf(stored.state)))),
                  "state", domain::NameOf(stored.state));
}

// The receipt made elsewhere that it returns; empty: it returns none, or one of ours.
std::string ReturnedFromElsewhere(const Fiscalization& stored) {
  return stored.original_id.empty() ? stored.original_fiscal_number : std::string();
}

}  // namespace

DocumentIntake::DocumentIntake(store::Store& store, const Clock& clock, const KyivTime& kyiv,
                               domain::InstallationId installation, int64_t max_lane_length,
                               CoverageRecorder& coverage)
    : store_(store),
      clock_(clock),
      kyiv_(kyiv),
      installation_(std::move(installation)),
      max_lane_length_(max_lane_length),
      coverage_(coverage) {}

absl::StatusOr<store::IntegrationRecord> DocumentIntake::ChooseServing(DocumentKind kind,
                                                                       const Document& document,
                                                                       ReturnedOriginal& original) const {
  if (kind != DocumentKind::kReturn) return ChooseIntegration(store_, document);
  absl::StatusOr<ReturnedOriginal> found = FindOriginal(store_, document);
  if (!found.ok()) return found.status();
  original = *std::move(found);
  return ChooseForReturn(store_, document, original);
}

absl::StatusOr<PreparedDocument> DocumentIntake::Prepare(
    const DocumentRequest& request, const std::optional<domain::ToldReceipt>& told) const {
  PreparedDocument prepared;
  FiscalizeOutcome& outcome = prepared.outcome;
  const domain::KindFields fields = domain::FieldsOf(request.kind);
  outcome.violations = domain::CheckDocumentName(request.source_system, request.document_id, fields.id);
  if (!outcome.violations.empty()) return prepared;

  const Document& document = request.document;
  ReturnedOriginal original;
  const absl::StatusOr<store::IntegrationRecord> chosen = ChooseServing(request.kind, document, original);
  const bool known_register = chosen.ok() && chosen->integration.pinned_register;
  DocumentKey key{.source_system = request.source_system,
                  .kind = request.kind,
                  .document_id = request.document_id,
                  .mode = known_register ? chosen->integration.pinned_register->mode : RegisterMode::kReal};
  // A repeated document gets its answer whatever became of its integration since.
  std::vector<RegisterMode> modes = {key.mode};
  if (!known_register) modes.push_back(RegisterMode::kTest);
  for (const RegisterMode mode : modes) {
    key.mode = mode;
    auto earlier = FindEarlier(store_, key, document);
    if (!earlier.ok()) return earlier.status();
    if (earlier->has_value() && !KASA_MUTANT("reprice-on-replay")) {
      outcome.fiscalization = std::move(*earlier);
      outcome.replayed = true;
      return prepared;
    }
  }
  if (!chosen.ok()) return chosen.status();
  const domain::Integration& integration = chosen->integration;
  const absl::Status allowed = MayAccept(integration, document);
  // Also what is refused for its content or because the integration is not switched on yet.
  if (!request.validate_only && !IsMisdirected(allowed)) coverage_.Saw(integration.id, document);
  if (!allowed.ok()) return allowed;

  auto mapping = store_.integrations().GetMapping(integration.id);
  if (!mapping.ok()) return mapping.status();
  const absl::Time now = clock_.Now();
  const absl::CivilDay today = kyiv_.DayOf(now);
  Fiscalization fiscalization{.id = IdFor(key, installation_),
                              .key = key,
                              .integration_id = integration.id,
                              .register_fiscal_number = integration.pinned_register->fiscal_number,
                              .order_id = document.order_id,
                              .rule_id = request.rule_id,
                              .fingerprint = domain::FingerprintOf(document),
                              .tag = domain::TagFor(installation_, key, 0),
                              .expire_time = domain::IsDatedWhenSent(request.kind, request.rule_id)
                                                 ? now + kLongestWait
                                                 : kyiv_.StartOf(today + 1),
                              .document = document};
  original.TieTo(fiscalization);
  const bool depends = domain::DependsOnHistory(request.kind, document);
  absl::StatusOr<domain::DocumentHistory> history = domain::DocumentHistory();
  if (depends) history = store_.ReadHistory(fiscalization);
  if (!history.ok()) return history.status();

  absl::StatusOr<domain::PricedDocument> priced = domain::PriceDocument(request.kind, document, *history,
                                                                        {.integration = integration,
                                                                         .mapping = *mapping,
                                                                         .today_in_kyiv = today,
                                                                         .told = told ? &*told : nullptr});
  if (!priced.ok()) return priced.status();
  outcome.violations = std::move(priced->violations);
  outcome.warnings = std::move(priced->warnings);
  outcome.integration_id = integration.id;
  outcome.register_fiscal_number = integration.pinned_register->fiscal_number;
  if (!outcome.violations.empty() || !priced->receipt) return prepared;

  fiscalization.draft = *std::move(priced->receipt);
  fiscalization.warnings = outcome.warnings;
  std::string body = RequestBodyFor(fiscalization, integration);
  if (request.validate_only) {
    outcome.draft = std::move(fiscalization.draft);
    outcome.request_json = std::move(body);
    return prepared;
  }
  store::Acceptance& acceptance = prepared.acceptance.emplace();
  acceptance.fiscalization = std::move(fiscalization);
  acceptance.request_body = std::move(body);
  acceptance.max_lane_length = max_lane_length_;
  acceptance.make_body = [integration](const Fiscalization& decided) {
    return RequestBodyFor(decided, integration);
  };
  if (depends) {
    auto late = std::make_shared<domain::Violations>();
    prepared.late_violations = late;
    acceptance.decide =
        TransactionRules{request.kind, integration, *std::move(mapping), today, told, std::move(late)};
  }
  return prepared;
}

std::optional<LookUp> DocumentIntake::LookUpFor(const DocumentRequest& request) const {
  const Document& document = request.document;
  const bool by_number =
      request.kind == DocumentKind::kReturn && document.original_sale && !document.original_sale->document;
  if (!by_number) return std::nullopt;
  ReturnedOriginal original;
  const auto chosen = ChooseServing(request.kind, document, original);
  if (!chosen.ok() || original.ours || !MayAccept(chosen->integration, document).ok()) return std::nullopt;
  const DocumentKey key{request.source_system, request.kind, request.document_id,
                        chosen->integration.pinned_register->mode};
  const auto earlier = FindEarlier(store_, key, document);
  if (!earlier.ok() || earlier->has_value()) return std::nullopt;
  return LookUp{chosen->token, original.fiscal_number};
}

std::optional<LookUp> DocumentIntake::LookUpFor(const RetryRequest& request) const {
  const auto stored = store_.GetFiscalization(request.fiscalization_id);
  if (!stored.ok() || ReturnedFromElsewhere(*stored).empty()) return std::nullopt;
  if (stored->state != domain::State::kFailed && stored->state != domain::State::kCancelled) {
    return std::nullopt;
  }
  const auto record = store_.integrations().Get(stored->integration_id);
  if (!record.ok() || !MayAccept(record->integration, stored->document).ok()) return std::nullopt;
  return LookUp{record->token, stored->original_fiscal_number};
}

absl::StatusOr<PreparedRetry> DocumentIntake::PrepareRetry(
    const RetryRequest& request, const std::string& asked_about,
    const std::optional<domain::ToldReceipt>& told) const {
  PreparedRetry prepared;
  absl::StatusOr<Fiscalization> stored = store_.GetFiscalization(request.fiscalization_id);
  if (!stored.ok()) return stored.status();
  if (stored->state != domain::State::kFailed && stored->state != domain::State::kCancelled) {
    return OnlyWhatFailed(*stored);
  }
  const auto record = store_.integrations().Get(stored->integration_id);
  if (!record.ok()) return record.status();
  const domain::Integration& integration = record->integration;
  if (absl::Status allowed = MayAccept(integration, stored->document); !allowed.ok()) return allowed;
  // What the register told of one sale says nothing of another.
  if (ReturnedFromElsewhere(*stored) != asked_about) return store::ChangedWhilePrepared(stored->id);
  const absl::Time now = clock_.Now();
  const absl::CivilDay today = kyiv_.DayOf(now);
  const bool dated_when_sent = domain::IsDatedWhenSent(stored->key.kind, stored->rule_id);
  if (!dated_when_sent && stored->document.document_date != FormatCivilDay(today)) {
    return DatePassed(stored->document, today);
  }
  auto mapping = store_.integrations().GetMapping(stored->integration_id);
  if (!mapping.ok()) return mapping.status();
  const bool depends = domain::DependsOnHistory(stored->key.kind, stored->document);
  absl::StatusOr<domain::DocumentHistory> history = domain::DocumentHistory();
  if (depends) history = store_.ReadHistory(*stored);
  if (!history.ok()) return history.status();
  // The day that such a document told was the day of its first try.
  const absl::CivilDay priced_day = dated_when_sent && !stored->document.document_date.empty()
                                        ? ParseCivilDay(stored->document.document_date).value_or(today)
                                        : today;
  absl::StatusOr<domain::PricedDocument> priced =
      domain::PriceDocument(stored->key.kind, stored->document, *history,
                            {.integration = integration,
                             .mapping = *mapping,
                             .today_in_kyiv = priced_day,
                             .told = told ? &*told : nullptr});
  if (!priced.ok()) return priced.status();
  prepared.outcome.violations = std::move(priced->violations);
  if (!prepared.outcome.violations.empty() || !priced->receipt) return prepared;

  std::vector<domain::Notice> warnings = std::move(priced->warnings);
  if (*priced->receipt != stored->draft) {
    warnings.emplace_back(Reason::kReceiptRepriced,
                          "mapped and priced anew: the receipt differs from the one that was accepted first");
  }
  prepared.outcome.warnings = warnings;
  Fiscalization anew = *std::move(stored);
  anew.draft = *std::move(priced->receipt);
  store::Retry& retry = prepared.retry.emplace();
  retry.fiscalization_id = anew.id;
  retry.revision = request.revision;
  retry.prepared_revision = anew.revision;
  retry.draft = anew.draft;
  retry.warnings = std::move(warnings);
  retry.request_body = RequestBodyFor(anew, integration);
  retry.expire_time = dated_when_sent ? now + kLongestWait : kyiv_.StartOf(today + 1);
  retry.make_body = [integration](const Fiscalization& decided) {
    return RequestBodyFor(decided, integration);
  };
  if (depends) {
    auto late = std::make_shared<domain::Violations>();
    prepared.late_violations = late;
    retry.decide =
        TransactionRules{anew.key.kind, integration, *std::move(mapping), priced_day, told, std::move(late)};
  }
  return prepared;
}

}  // namespace kasa::engine
