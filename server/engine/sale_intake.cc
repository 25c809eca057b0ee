#include "server/engine/sale_intake.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_reason.h"
#include "server/domain/document_checks.h"
#include "server/domain/fingerprint.h"
#include "server/domain/pricing.h"
#include "server/domain/state_machine.h"
#include "server/engine/integration_choice.h"
#include "server/engine/request_body.h"

namespace kasa::engine {

using domain::Document;
using domain::DocumentKey;
using domain::DocumentKind;
using domain::Fiscalization;
using domain::RegisterMode;

namespace {

constexpr absl::string_view kSaleField = "sale";

// What the same document was answered with before: nothing when it is new, or may be replaced.
absl::StatusOr<std::optional<Fiscalization>> FindEarlier(store::Store& store, const DocumentKey& key,
                                                         const Document& document) {
  absl::StatusOr<Fiscalization> stored = store.FindFiscalization(key);
  if (absl::IsNotFound(stored.status())) return std::nullopt;
  if (!stored.ok()) return stored.status();
  if (stored->fingerprint == domain::FingerprintOf(document)) return *std::move(stored);
  const bool replaceable =
      stored->state == domain::State::kCancelled ||
      (stored->state == domain::State::kFailed && stored->failure && stored->failure->correction_allowed);
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

absl::Status ChainRefusal(domain::ChainRole role) {
  const std::optional<Reason> reason = domain::ChainReason(role);
  if (!reason) return absl::OkStatus();
  return ReasonedError(absl::StatusCode::kFailedPrecondition, *reason,
                       "sale.chain_role: fiscal chains are recognised, and not supported yet");
}

std::string IdFor(const DocumentKey& key, const domain::InstallationId& installation) {
  // The same document has the same id for ever, in a store that was lost and refilled too.
  return absl::StrCat("fz-", domain::TagFor(installation, key, 0).substr(installation.text().size()));
}

}  // namespace

SaleIntake::SaleIntake(store::Store& store, const Clock& clock, const KyivTime& kyiv,
                       domain::InstallationId installation, int64_t max_lane_length)
    : store_(store),
      clock_(clock),
      kyiv_(kyiv),
      installation_(std::move(installation)),
      max_lane_length_(max_lane_length) {}

absl::StatusOr<PreparedSale> SaleIntake::Prepare(const SaleRequest& request) const {
  PreparedSale prepared;
  FiscalizeOutcome& outcome = prepared.outcome;
  outcome.violations = domain::CheckDocumentName(request.source_system, request.document_id, "document_id");
  if (!outcome.violations.empty()) return prepared;

  const Document& sale = request.sale;
  const absl::StatusOr<store::IntegrationRecord> chosen = ChooseIntegration(store_, sale);
  const bool known_register = chosen.ok() && chosen->integration.pinned_register;
  DocumentKey key{.source_system = request.source_system,
                  .kind = DocumentKind::kSale,
                  .document_id = request.document_id,
                  .mode = known_register ? chosen->integration.pinned_register->mode : RegisterMode::kReal};
  // A repeated document gets its answer whatever became of its integration since.
  std::vector<RegisterMode> modes = {key.mode};
  if (!known_register) modes.push_back(RegisterMode::kTest);
  for (const RegisterMode mode : modes) {
    key.mode = mode;
    auto earlier = FindEarlier(store_, key, sale);
    if (!earlier.ok()) return earlier.status();
    if (earlier->has_value()) {
      outcome.fiscalization = std::move(*earlier);
      outcome.replayed = true;
      return prepared;
    }
  }
  if (!chosen.ok()) return chosen.status();
  const domain::Integration& integration = chosen->integration;
  if (absl::Status allowed = MayAccept(integration, sale); !allowed.ok()) return allowed;
  if (absl::Status chain = ChainRefusal(sale.chain_role); !chain.ok()) return chain;

  const auto mapping = store_.GetMapping(integration.id);
  if (!mapping.ok()) return mapping.status();
  const absl::CivilDay today = kyiv_.DayOf(clock_.Now());
  domain::PricedSale priced = domain::PriceSale(sale, integration, *mapping, today, kSaleField);
  outcome.violations = std::move(priced.violations);
  outcome.warnings = std::move(priced.warnings);
  outcome.integration_id = integration.id;
  outcome.register_fiscal_number = integration.pinned_register->fiscal_number;
  if (!outcome.violations.empty() || !priced.receipt) return prepared;

  Fiscalization fiscalization{.id = IdFor(key, installation_),
                              .key = key,
                              .integration_id = integration.id,
                              .register_fiscal_number = integration.pinned_register->fiscal_number,
                              .order_id = sale.order_id,
                              .fingerprint = domain::FingerprintOf(sale),
                              .tag = domain::TagFor(installation_, key, 0),
                              .expire_time = kyiv_.StartOf(today + 1),
                              .document = sale,
                              .draft = *priced.receipt,
                              .warnings = outcome.warnings};
  std::string body = RequestBodyFor(fiscalization, integration);
  if (request.validate_only) {
    outcome.draft = *std::move(priced.receipt);
    outcome.request_json = std::move(body);
    return prepared;
  }
  auto body_for_tag = [corrected = fiscalization, integration](const std::string& tag) mutable {
    corrected.tag = tag;
    return RequestBodyFor(corrected, integration);
  };
  prepared.acceptance = store::Acceptance{.fiscalization = std::move(fiscalization),
                                          .request_body = std::move(body),
                                          .max_lane_length = max_lane_length_,
                                          .body_for_tag = std::move(body_for_tag)};
  return prepared;
}

absl::StatusOr<SaleIntake::PreparedRetry> SaleIntake::PrepareRetry(const RetryRequest& request) const {
  PreparedRetry prepared;
  absl::StatusOr<Fiscalization> stored = store_.GetFiscalization(request.fiscalization_id);
  if (!stored.ok()) return stored.status();
  if (stored->state != domain::State::kFailed && stored->state != domain::State::kCancelled) {
    const bool in_doubt = stored->state == domain::State::kInDoubt;
    return WithFact(
        ReasonedError(absl::StatusCode::kFailedPrecondition,
                      in_doubt ? Reason::kInDoubtReconciling : Reason::kStateNotAllowed,
                      absl::StrCat("only what is FAILED or CANCELLED can be retried; this one is ",
                                   std::string(domain::NameOf(stored->state)))),
        "state", domain::NameOf(stored->state));
  }
  const auto record = store_.GetIntegration(stored->integration_id);
  if (!record.ok()) return record.status();
  if (absl::Status allowed = MayAccept(record->integration, stored->document); !allowed.ok()) return allowed;
  const absl::CivilDay today = kyiv_.DayOf(clock_.Now());
  if (stored->document.document_date != FormatCivilDay(today)) {
    return ReasonedError(absl::StatusCode::kFailedPrecondition, Reason::kDocumentDatePassed,
                         absl::StrCat("the document is dated ", stored->document.document_date,
                                      ", and today is ", FormatCivilDay(today), " in Kyiv"));
  }
  const auto mapping = store_.GetMapping(stored->integration_id);
  if (!mapping.ok()) return mapping.status();
  domain::PricedSale priced =
      domain::PriceSale(stored->document, record->integration, *mapping, today, kSaleField);
  prepared.outcome.violations = std::move(priced.violations);
  if (!prepared.outcome.violations.empty() || !priced.receipt) return prepared;
  std::vector<std::string> warnings = std::move(priced.warnings);
  if (*priced.receipt != stored->draft) {
    warnings.emplace_back("mapped and priced anew: the receipt differs from the one that was accepted first");
  }
  prepared.outcome.warnings = warnings;
  Fiscalization anew = *std::move(stored);
  anew.draft = *std::move(priced.receipt);
  prepared.retry = store::Retry{.fiscalization_id = anew.id,
                                .revision = request.revision,
                                .draft = anew.draft,
                                .warnings = std::move(warnings),
                                .request_body = RequestBodyFor(anew, record->integration),
                                .expire_time = kyiv_.StartOf(today + 1)};
  return prepared;
}

}  // namespace kasa::engine
