#include "server/store/acceptance.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/mutant.h"
#include "common/status_reason.h"
#include "server/domain/fingerprint.h"
#include "server/domain/state_machine.h"
#include "server/store/document_history.h"
#include "server/store/errors.h"
#include "server/store/exchanges.h"
#include "server/store/fiscalization_rows.h"
#include "server/store/integrations.h"

namespace kasa::store {
namespace {

absl::Status Refused(Reason reason, absl::string_view message) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, reason, message);
}

// Whether other content may take the place of what is stored: it surely made no receipt.
bool MayBeReplaced(Connection& connection, const domain::Fiscalization& stored) {
  const bool given_up =
      stored.state == domain::State::kCancelled ||
      (stored.state == domain::State::kFailed && stored.failure && stored.failure->correction_allowed);
  if (KASA_MUTANT("replace-what-is-in-doubt") && stored.state == domain::State::kInDoubt) return true;
  return given_up &&
         !FirstUnexplained(connection, stored.register_fiscal_number, ExchangeKind::kReceipt, stored.tag);
}

absl::Status ContentDiffers(const domain::Fiscalization& stored, const domain::Document& received) {
  const std::string differs = absl::StrJoin(domain::DifferencesBetween(stored.document, received), ",");
  absl::Status status = ReasonedError(
      absl::StatusCode::kAlreadyExists, Reason::kDocumentContentDiffers,
      absl::StrCat("document '", stored.key.document_id, "' of '", stored.key.source_system,
                   "' was sent before with other content, and is ", domain::NameOf(stored.state),
                   " as fiscalization '", stored.id, "'; it differs in: ", differs));
  status = WithFact(std::move(status), "fiscalization_id", stored.id);
  status = WithFact(std::move(status), "state", domain::NameOf(stored.state));
  return WithFact(std::move(status), "differs", differs);
}

absl::Status CheckLaneLength(Connection& connection, LaneLengths& lanes, const Acceptance& acceptance) {
  const std::string& lane = acceptance.fiscalization.register_fiscal_number;
  if (lanes.HasRoom(connection, lane, acceptance.max_lane_length)) return absl::OkStatus();
  return WithRetryDelay(ReasonedError(absl::StatusCode::kResourceExhausted, Reason::kLaneFull,
                                      absl::StrCat("register ", lane, " has ", acceptance.max_lane_length,
                                                   " documents waiting, which is the most that is taken")),
                        absl::Seconds(30));
}

void CountFiscalization(Connection& connection, const std::string& integration_id) {
  connection
      .Prepare(
          "INSERT INTO integration_totals (integration_id, fiscalizations) VALUES (?, 1)"
          " ON CONFLICT (integration_id) DO UPDATE SET fiscalizations = fiscalizations + 1")
      .Bind(integration_id)
      .Run();
}

// Puts the content of `acceptance` in the place of what `row` holds, under the tag that it has.
absl::StatusOr<Accepted> Replace(Connection& connection, FiscalizationRow row, Acceptance acceptance,
                                 absl::Time now) {
  domain::Fiscalization& stored = row.fiscalization;
  domain::Fiscalization& received = acceptance.fiscalization;
  if (absl::Status moved = MoveTo(stored, domain::State::kAccepted); !moved.ok()) return moved;
  if (stored.integration_id != received.integration_id) {
    CountFiscalization(connection, received.integration_id);
  }
  stored.integration_id = received.integration_id;
  stored.register_fiscal_number = received.register_fiscal_number;
  stored.order_id = received.order_id;
  stored.original_id = received.original_id;
  stored.original_fiscal_number = received.original_fiscal_number;
  stored.rule_id = received.rule_id;
  stored.fingerprint = received.fingerprint;
  stored.expire_time = received.expire_time;
  stored.document = std::move(received.document);
  stored.draft = std::move(received.draft);
  stored.warnings = std::move(received.warnings);
  stored.next_attempt_time.reset();
  stored.failure.reset();
  MoveToEndOfLane(connection, row);
  UpdateRow(connection, row, now);
  ReplaceContent(connection, row, acceptance.request_body);
  if (stored.key.kind == domain::DocumentKind::kPayment) KeepPaidDocument(connection, row.number, stored);
  return Accepted{AcceptanceKind::kReplaced, std::move(stored)};
}

}  // namespace

absl::Status DecideByHistory(Connection& connection, domain::Fiscalization& document, std::string& body,
                             HistoryDecision& decide, BodyMaker& make_body, bool body_is_stale) {
  const bool is_return = document.key.kind == domain::DocumentKind::kReturn;
  const bool return_outside = is_return && KASA_MUTANT("returns-outside-the-transaction");
  const bool order_outside = !is_return && KASA_MUTANT("order-cap-outside-the-transaction");
  if (decide != nullptr && !return_outside && !order_outside) {
    const domain::PricedReceipt before = document.draft;
    if (absl::Status decided = std::move(decide)(document, ReadDocumentHistory(connection, document));
        !decided.ok()) {
      return decided;
    }
    body_is_stale = body_is_stale || document.draft != before;
  }
  if (!body_is_stale) return absl::OkStatus();
  if (make_body == nullptr) {
    return absl::InternalError(
        absl::StrCat("fiscalization '", document.id, "' needs other bytes, and nothing makes them"));
  }
  body = std::move(make_body)(document);
  return absl::OkStatus();
}

absl::Status CheckTakesWork(Connection& connection, const std::string& integration_id,
                            const std::string& register_fiscal_number, domain::RegisterMode mode) {
  const absl::StatusOr<domain::Integration> integration = FindIntegration(connection, integration_id);
  if (!integration.ok()) return integration.status();
  if (integration->archived) {
    return Refused(Reason::kIntegrationArchived,
                   absl::StrCat("integration '", integration_id, "' was deleted"));
  }
  if (!integration->active) {
    return Refused(Reason::kIntegrationInactive,
                   absl::StrCat("integration '", integration_id, "' is not active"));
  }
  if (!integration->pinned_register ||
      integration->pinned_register->fiscal_number != register_fiscal_number ||
      integration->pinned_register->mode != mode) {
    return Refused(Reason::kRegisterUnknown,
                   absl::StrCat("the register of integration '", integration_id, "' is not ",
                                register_fiscal_number, " any more: send the document again"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Accepted> AcceptDocument(Connection& connection, LaneLengths& lanes, Acceptance acceptance,
                                        absl::Time now) {
  const domain::Fiscalization& received = acceptance.fiscalization;
  std::optional<FiscalizationRow> stored = FindByKey(connection, received.key);
  if (stored && stored->fiscalization.fingerprint == received.fingerprint) {
    if (KASA_MUTANT("reprice-on-replay") && stored->fiscalization.state == domain::State::kAccepted) {
      ReplaceContent(connection, *stored, acceptance.request_body);
    }
    return Accepted{AcceptanceKind::kReplayed, std::move(stored->fiscalization)};
  }
  if (stored && !MayBeReplaced(connection, stored->fiscalization)) {
    return ContentDiffers(stored->fiscalization, received.document);
  }
  if (absl::Status taken = CheckTakesWork(connection, received.integration_id,
                                          received.register_fiscal_number, received.key.mode);
      !taken.ok()) {
    return taken;
  }
  if (absl::Status room = CheckLaneLength(connection, lanes, acceptance); !room.ok()) return room;
  // Its number may have risen meanwhile (architecture.md, rule 5), and the caller could not know.
  const bool other_tag = stored && stored->fiscalization.tag != received.tag;
  if (other_tag) acceptance.fiscalization.tag = stored->fiscalization.tag;
  if (absl::Status decided = DecideByHistory(connection, acceptance.fiscalization, acceptance.request_body,
                                             acceptance.decide, acceptance.make_body, other_tag);
      !decided.ok()) {
    return decided;
  }
  KeepOrderTotal(connection, acceptance.fiscalization);
  lanes.Added(acceptance.fiscalization.register_fiscal_number);
  if (stored) return Replace(connection, *std::move(stored), std::move(acceptance), now);
  CountFiscalization(connection, received.integration_id);
  FiscalizationRow row =
      InsertRow(connection, std::move(acceptance.fiscalization), acceptance.request_body, now);
  if (row.fiscalization.document.paid_document) {
    KeepPaidDocument(connection, row.number, row.fiscalization);
  }
  return Accepted{AcceptanceKind::kStored, std::move(row.fiscalization)};
}

}  // namespace kasa::store
