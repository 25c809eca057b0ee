#include "server/engine/integration_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_reason.h"
#include "server/domain/integration_checks.h"
#include "server/domain/limits.h"
#include "server/domain/readiness.h"
#include "server/domain/register_text.h"
#include "server/engine/readiness_facts.h"

namespace kasa::engine {
namespace {

using domain::Integration;
using domain::PinnedRegister;
using domain::RegisterMode;
using domain::TokenState;
using domain::Violations;
using store::IntegrationRecord;
using store::IntegrationSurroundings;

// As the contract states it (CreateIntegrationRequest.token).
constexpr size_t kMaxTokenLength = 512;

// The settings' path in the requests that carry them.
constexpr absl::string_view kIntegrationField = "integration";

// The register's numbers are ten digits long, test registers' longer; this only keeps nonsense out.
constexpr size_t kMaxFiscalNumberLength = 32;

absl::Status Refuse(Reason reason, absl::string_view message) {
  return ReasonedError(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status Superseded() {
  return absl::CancelledError("the integration's token was replaced while the register was asked");
}

bool HasAcceptedWork(const Integration& integration, const IntegrationSurroundings& surroundings) {
  return integration.has_accepted_work || surroundings.fiscalizations > 0;
}

bool IsTest(const Integration& integration) {
  return integration.pinned_register && integration.pinned_register->mode == RegisterMode::kTest;
}

absl::Status NotReady(const Integration& integration, const std::vector<domain::ReadinessCode>& open) {
  std::vector<absl::string_view> names;
  names.reserve(open.size());
  for (const domain::ReadinessCode code : open) names.push_back(domain::NameOf(code));
  const std::string list = absl::StrJoin(names, ",");
  return WithFact(Refuse(Reason::kNotReady,
                         absl::StrCat("register ", integration.pinned_register->fiscal_number,
                                      " issues real receipts, and the integration is not ready: ", list,
                                      "; GetReadiness tells how to mend each, or activate it with "
                                      "acknowledge_unready")),
                  "open_items", list);
}

// To be asked where a change makes an integration active, or gives an active one its register (product.md,
// point 3): a real register needs a clean readiness list or somebody's word, which is recorded.
absl::Status CheckActivation(const Operator& by, absl::Time now, IntegrationRecord& record,
                             const IntegrationSurroundings& surroundings) {
  Integration& integration = record.integration;
  if (!integration.active || IsTest(integration)) return absl::OkStatus();
  const std::vector<domain::ReadinessCode> open =
      domain::OpenCodes(domain::ReadinessOf(ReadinessFactsOf(record, surroundings, now), now));
  if (open.empty()) {
    integration.unready_acknowledgement.reset();
    return absl::OkStatus();
  }
  if (by.acknowledge_unready) {
    integration.unready_acknowledgement = domain::UnreadyAcknowledgement{by.principal, now, {}};
    for (const domain::ReadinessCode code : open) {
      integration.unready_acknowledgement->open_items.push_back(static_cast<int>(code));
    }
    return absl::OkStatus();
  }
  // A register that is not known yet may turn out to be a real one: it is asked again then.
  if (!integration.pinned_register || integration.unready_acknowledgement) return absl::OkStatus();
  return NotReady(integration, open);
}

absl::Status CheckNotInUse(const PinnedRegister& found, const IntegrationSurroundings& surroundings) {
  for (const Integration& other : surroundings.others) {
    if (other.pinned_register && other.pinned_register->fiscal_number == found.fiscal_number) {
      return RefuseUsedRegister(absl::StrCat("register ", found.fiscal_number), other.id);
    }
  }
  return absl::OkStatus();
}

// A new default takes the flag from the one that had it; a person should know from where.
void TakeDefault(const IntegrationSurroundings& surroundings, IntegrationRecord& record, Decision& decision) {
  record.clear_default_of = domain::LosesDefaultTo(record.integration, surroundings.others);
  for (const std::string& id : record.clear_default_of) {
    decision.warnings.emplace_back(
        Reason::kDefaultMoved,
        absl::StrCat("integration ", id, " was the default until now and is not any more"));
  }
}

void KeepWhatTheGatewayKeeps(const Integration& before, Integration& after) {
  after.id = before.id;
  after.pinned_register = before.pinned_register;
  after.token_state = before.token_state;
  after.token_last_four = before.token_last_four;
  after.token_set_time = before.token_set_time;
  after.has_accepted_work = before.has_accepted_work;
  after.archived = before.archived;
  after.archive_time = before.archive_time;
  after.unready_acknowledgement = before.unready_acknowledgement;
  after.tag_memory_proof = before.tag_memory_proof;
  after.create_time = before.create_time;
  after.update_time = before.update_time;
  after.revision = before.revision;
}

// For what is decided now; the store keeps a status apart.
void TakeStatus(const std::optional<domain::RegisterStatus>& status, absl::Time time,
                IntegrationRecord& record) {
  if (!status) return;
  record.last_status = status;
  record.last_status_time = time;
}

void StoreToken(const TokenFinding& finding, IntegrationRecord& record) {
  // The same token once more, and nothing new heard of it: what is known of it still holds.
  const bool has_token = record.integration.token_state != TokenState::kNone;
  if (!finding.found && has_token && record.token == finding.token) return;
  record.token = finding.token;
  record.integration.token_last_four = finding.token.LastFour();
  record.integration.token_set_time = finding.set_time;
  record.integration.token_state = finding.found ? TokenState::kAccepted : TokenState::kUnverified;
  TakeStatus(finding.status, finding.set_time, record);
}

void AddTokenViolation(const Secret& token, Violations& violations) {
  const std::string& value = token.Reveal();
  if (domain::LengthInCharacters(value) > kMaxTokenLength) {
    violations.push_back(
        {"token", Reason::kFieldTooLong, absl::StrCat("at most ", kMaxTokenLength, " characters")});
    return;
  }
  // It becomes an HTTP header: what could end that header must never get there.
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (plain) return;
  violations.push_back(
      {"token", Reason::kFieldInvalid,
       "a token is printable ASCII without spaces, as Vchasno.Kasa shows it, and without \"Bearer\""});
}

// The numbers are compared with what the register tells, character by character.
void AddStatedViolations(const StatedRegister& stated, Violations& violations) {
  const auto digits_only = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (stated.fiscal_number.size() > kMaxFiscalNumberLength || !digits_only(stated.fiscal_number)) {
    violations.push_back({"stated_register_fiscal_number", Reason::kFieldInvalid,
                          absl::StrCat("digits only, at most ", kMaxFiscalNumberLength)});
  }
  const size_t length = stated.edrpou.size();
  const bool fits = length == 0 || length == 8 || length == 10;
  if (!fits || !digits_only(stated.edrpou)) {
    violations.push_back({"stated_edrpou", Reason::kFieldInvalid,
                          "eight digits (EDRPOU), or ten (an individual's tax number)"});
  }
}

}  // namespace

Violations CheckNewToken(const Secret& token, const StatedRegister& stated) {
  Violations violations;
  if (token.empty()) {
    violations.push_back({"token", Reason::kFieldRequired, "the register's token is needed"});
  } else {
    AddTokenViolation(token, violations);
  }
  AddStatedViolations(stated, violations);
  return violations;
}

Violations CheckOperator(const Operator& by) {
  if (by.acknowledge_unready && by.principal.empty()) {
    return {{"principal", Reason::kFieldRequired, "who acknowledges is recorded: name them"}};
  }
  if (domain::LengthInCharacters(by.principal) <= domain::kMaxIdLength) return {};
  return {
      {"principal", Reason::kFieldTooLong, absl::StrCat("at most ", domain::kMaxIdLength, " characters")}};
}

domain::CheckedSettings CheckNewIntegration(const Integration& integration, const Operator& by,
                                            const Secret& token, const StatedRegister& stated) {
  domain::CheckedSettings checked = domain::CheckIntegration(integration, kIntegrationField);
  Violations& violations = checked.violations;
  if (!token.empty()) {
    AddTokenViolation(token, violations);
    AddStatedViolations(stated, violations);
  } else if (!stated.empty()) {
    violations.push_back({"token", Reason::kFieldRequired,
                          "a register is stated together with its token: send the token, or state nothing"});
  }
  const Violations of_operator = CheckOperator(by);
  violations.insert(violations.end(), of_operator.begin(), of_operator.end());
  return checked;
}

absl::Status RefuseViolations() {
  return ReasonedError(absl::StatusCode::kInvalidArgument, Reason::kRequestInvalid,
                       "the request has fields that are wrong");
}

absl::Status RefuseArchived(const Integration& integration) {
  if (!integration.archived) return absl::OkStatus();
  return Refuse(Reason::kIntegrationArchived,
                absl::StrCat("integration ", integration.id, " was deleted: only its history is kept"));
}

absl::Status RefuseUsedRegister(absl::string_view what, const std::string& holder) {
  return WithFact(Refuse(Reason::kRegisterInUse, absl::StrCat(what, " is used by integration ", holder)),
                  "integration_id", holder);
}

absl::Status DecideCreation(const Operator& by, absl::Time now, const std::optional<TokenFinding>& finding,
                            IntegrationRecord& record, const IntegrationSurroundings& surroundings,
                            Decision& decision) {
  Integration& integration = record.integration;
  Integration fresh;
  fresh.id = integration.id;
  KeepWhatTheGatewayKeeps(fresh, integration);
  if (finding) {
    StoreToken(*finding, record);
    integration.pinned_register = finding->found;
  }
  if (integration.pinned_register) {
    const absl::Status free = CheckNotInUse(*integration.pinned_register, surroundings);
    if (!free.ok()) return free;
  }
  const absl::Status may_be_active = CheckActivation(by, now, record, surroundings);
  if (!may_be_active.ok()) return may_be_active;
  TakeDefault(surroundings, record, decision);
  return absl::OkStatus();
}

absl::Status DecideUpdate(const Operator& by, absl::Time now, SettingsChange& change,
                          IntegrationRecord& record, const IntegrationSurroundings& surroundings,
                          Decision& decision) {
  const absl::Status live = RefuseArchived(record.integration);
  if (!live.ok()) return live;
  const Integration before = record.integration;
  Integration& after = record.integration;
  change(after);
  KeepWhatTheGatewayKeeps(before, after);

  domain::CheckedSettings checked = domain::CheckIntegration(after, kIntegrationField);
  decision.violations = std::move(checked.violations);
  decision.warnings = std::move(checked.warnings);
  // A register belongs to one legal entity: the receipts it has made are that one's.
  if (after.legal_entity_id != before.legal_entity_id && !before.legal_entity_id.empty() &&
      HasAcceptedWork(before, surroundings)) {
    decision.violations.push_back(
        {"integration.legal_entity_id", Reason::kFieldNotAllowed,
         absl::StrCat("documents of legal entity ", before.legal_entity_id,
                      " were accepted: create another integration for another legal entity")});
  }
  if (!decision.violations.empty()) return RefuseViolations();

  // An acknowledgement is of one activation. One that is active already stays so, whatever is open by now.
  if (!before.active) after.unready_acknowledgement.reset();
  if (!before.active || by.acknowledge_unready) {
    const absl::Status may_be_active = CheckActivation(by, now, record, surroundings);
    if (!may_be_active.ok()) return may_be_active;
  }
  TakeDefault(surroundings, record, decision);
  return absl::OkStatus();
}

absl::Status DecideToken(const TokenFinding& finding, IntegrationRecord& record,
                         const IntegrationSurroundings& surroundings) {
  Integration& integration = record.integration;
  const absl::Status live = RefuseArchived(integration);
  if (!live.ok()) return live;
  const bool has_work = HasAcceptedWork(integration, surroundings);
  const std::optional<PinnedRegister> before = integration.pinned_register;
  if (finding.found) {
    const absl::Status free = CheckNotInUse(*finding.found, surroundings);
    if (!free.ok()) return free;
    if (integration.pinned_register) {
      if (const auto difference = DifferenceOf(*finding.found, *integration.pinned_register)) {
        if (has_work) {
          return Refuse(
              Reason::kTokenOfAnotherRegister,
              absl::StrCat("the token belongs to another register than integration ", integration.id,
                           " has accepted work for: ", *difference, "; create another integration for it"));
        }
        // What somebody took upon themselves for one register says nothing about the next.
        integration.unready_acknowledgement.reset();
      }
    }
    integration.pinned_register = finding.found;
  } else if (record.token != finding.token && !has_work && integration.pinned_register) {
    // The new token may be of any register: nothing is accepted until that one is known.
    integration.pinned_register.reset();
    integration.unready_acknowledgement.reset();
  }
  StoreToken(finding, record);
  const bool another =
      integration.pinned_register && (!before || DifferenceOf(*integration.pinned_register, *before));
  if (!another) return absl::OkStatus();
  return CheckActivation(Operator(), finding.set_time, record, surroundings);
}

absl::Status DecideVerified(const Secret& asked_with, const domain::RegisterStatus& status, absl::Time now,
                            IntegrationRecord& record, const IntegrationSurroundings& surroundings) {
  Integration& integration = record.integration;
  if (integration.archived || record.token != asked_with) return Superseded();
  if (integration.pinned_register) {
    if (const auto objection = domain::ObjectionTo(status, *integration.pinned_register)) {
      return Refuse(Reason::kRegisterMismatch, absl::StrCat("another register answers: ", *objection));
    }
  } else {
    const auto found = IdentifyRegister(status, StatedRegister());
    if (!found.ok()) return found.status();
    const absl::Status free = CheckNotInUse(*found, surroundings);
    if (!free.ok()) return free;
    integration.pinned_register = *found;
    integration.token_state = TokenState::kAccepted;
    TakeStatus(status, now, record);
    const absl::Status may_be_active = CheckActivation(Operator(), now, record, surroundings);
    if (!may_be_active.ok()) return may_be_active;
  }
  integration.token_state = TokenState::kAccepted;
  return absl::OkStatus();
}

absl::Status DecideTokenRefused(const Secret& asked_with, IntegrationRecord& record) {
  if (record.integration.archived || record.token != asked_with) return Superseded();
  record.integration.token_state = domain::AfterRefusal(record.integration.token_state);
  return absl::OkStatus();
}

absl::Status DecideDeletion(const IntegrationRecord& record, const IntegrationSurroundings& surroundings) {
  const absl::Status live = RefuseArchived(record.integration);
  if (!live.ok()) return live;
  if (surroundings.open_fiscalizations == 0) return absl::OkStatus();
  return WithFact(
      Refuse(Reason::kIntegrationHasOpenWork,
             absl::StrCat("integration ", record.integration.id, " has ", surroundings.open_fiscalizations,
                          " fiscalizations that are queued, being sent or in doubt")),
      "open_fiscalizations", absl::StrCat(surroundings.open_fiscalizations));
}

}  // namespace kasa::engine
