#ifndef KASA_SERVER_ENGINE_INTEGRATION_RULES_H_
#define KASA_SERVER_ENGINE_INTEGRATION_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/secret.h"
#include "server/domain/integration.h"
#include "server/domain/integration_checks.h"
#include "server/domain/register_status.h"
#include "server/domain/violation.h"
#include "server/engine/integration_desk.h"
#include "server/engine/register_identity.h"
#include "server/store/store.h"

// What an operator's change does to an integration, and when it is refused (product.md, points 1 to 5;
// architecture.md, rule 6). Made to be called inside the store's transaction: no I/O, no clock of its own.
//
// A function that returns an error leaves a record that must not be stored. When it also found violations,
// they are the answer and the status only makes the store let go of the change.
namespace kasa::engine {

// What a decision leaves behind besides the record.
struct Decision {
  domain::Violations violations;
  std::vector<domain::Notice> warnings;
};

// Who asks, and what they take upon themselves.
struct Operator {
  std::string principal;
  bool acknowledge_unready = false;
};

// What was found out about the register behind a new token.
struct TokenFinding {
  Secret token;
  absl::Time set_time;
  // Nothing when the register could not be asked: then the token is stored unverified.
  std::optional<domain::PinnedRegister> found;
  std::optional<domain::RegisterStatus> status;  // what it answered
};

// What is wrong with what the calls carry, by the contract's names.
domain::CheckedSettings CheckNewIntegration(const domain::Integration& integration, const Operator& by,
                                            const Secret& token, const StatedRegister& stated);
domain::Violations CheckNewToken(const Secret& token, const StatedRegister& stated);
domain::Violations CheckOperator(const Operator& by);

// A new integration: what the gateway keeps is set by us, whatever was sent. `finding` when a token came
// along. Errors: REGISTER_IN_USE, NOT_READY.
absl::Status DecideCreation(const Operator& by, absl::Time now, const std::optional<TokenFinding>& finding,
                            store::IntegrationRecord& record,
                            const store::IntegrationSurroundings& surroundings, Decision& decision);

// Settings changed. Errors: INTEGRATION_ARCHIVED, NOT_READY; INVALID_ARGUMENT with violations.
absl::Status DecideUpdate(const Operator& by, absl::Time now, SettingsChange& change,
                          store::IntegrationRecord& record,
                          const store::IntegrationSurroundings& surroundings, Decision& decision);

// Another token. Errors: INTEGRATION_ARCHIVED, REGISTER_IN_USE, TOKEN_OF_ANOTHER_REGISTER, NOT_READY.
absl::Status DecideToken(const TokenFinding& finding, store::IntegrationRecord& record,
                         const store::IntegrationSurroundings& surroundings);

// The register took the token `asked_with` and answered this status. Pins the register when it was not known.
// CANCELLED when the token was replaced or the integration archived meanwhile: then the answer says nothing
// about it any more. Else REGISTER_IN_USE, REGISTER_FACTS_MISSING, REGISTER_MISMATCH, NOT_READY.
absl::Status DecideVerified(const Secret& asked_with, const domain::RegisterStatus& status, absl::Time now,
                            store::IntegrationRecord& record,
                            const store::IntegrationSurroundings& surroundings);

// The register refused the token `asked_with`. CANCELLED as above.
absl::Status DecideTokenRefused(const Secret& asked_with, store::IntegrationRecord& record);

// INTEGRATION_HAS_OPEN_WORK, INTEGRATION_ARCHIVED.
absl::Status DecideDeletion(const store::IntegrationRecord& record,
                            const store::IntegrationSurroundings& surroundings);

// Makes the store let go of a change that has violations, which are the call's answer.
absl::Status RefuseViolations();

// INTEGRATION_ARCHIVED, as an error of every call that changes something.
absl::Status RefuseArchived(const domain::Integration& integration);

// REGISTER_IN_USE, by integration `holder`.
absl::Status RefuseUsedRegister(absl::string_view what, const std::string& holder);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_INTEGRATION_RULES_H_
