#include "server/engine/integration_choice.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_reason.h"

namespace kasa::engine {

absl::StatusOr<store::IntegrationRecord> ChooseIntegration(store::Store& store,
                                                           const domain::Document& document) {
  if (!document.integration_id.empty()) return store.integrations().Get(document.integration_id);
  const std::string& branch = document.branch_id;
  const std::string& entity = document.legal_entity_id;
  std::vector<std::pair<std::string, std::string>> places;
  if (!branch.empty() && !entity.empty()) places.emplace_back(branch, entity);
  if (!entity.empty()) places.emplace_back("", entity);
  if (!branch.empty()) places.emplace_back(branch, "");
  std::vector<std::string> looked_for;
  for (const auto& [branch_id, legal_entity_id] : places) {
    const auto found = store.integrations().Default(branch_id, legal_entity_id);
    if (found.ok()) return store.integrations().Get(found->id);
    if (!absl::IsNotFound(found.status())) return found.status();
    looked_for.push_back(
        absl::StrCat("the default of ", branch_id.empty() ? "no branch" : "branch ", branch_id, " and ",
                     legal_entity_id.empty() ? "no legal entity" : "legal entity ", legal_entity_id));
  }
  const std::string list = looked_for.empty()
                               ? "nothing: the document names no integration, no branch and no legal entity"
                               : absl::StrJoin(looked_for, "; ");
  return WithFact(ReasonedError(absl::StatusCode::kNotFound, Reason::kDefaultIntegrationNotFound,
                                absl::StrCat("no integration serves this document; looked for ", list)),
                  "looked_for", list);
}

absl::Status MayAccept(const domain::Integration& integration, const domain::Document& document) {
  const auto refusal = [&integration](Reason reason, absl::string_view why) {
    return WithFact(ReasonedError(absl::StatusCode::kFailedPrecondition, reason,
                                  absl::StrCat("integration ", integration.id, " ", why)),
                    "integration_id", integration.id);
  };
  if (integration.archived)
    return refusal(Reason::kIntegrationArchived, "was deleted: only its history is kept");
  if (!document.legal_entity_id.empty() && !integration.legal_entity_id.empty() &&
      document.legal_entity_id != integration.legal_entity_id) {
    return refusal(Reason::kLegalEntityMismatch,
                   absl::StrCat("belongs to legal entity ", integration.legal_entity_id, ", the document to ",
                                document.legal_entity_id));
  }
  if (!integration.active) return refusal(Reason::kIntegrationInactive, "is not active");
  if (integration.token_state == domain::TokenState::kNone)
    return refusal(Reason::kTokenMissing, "has no token");
  if (!integration.pinned_register) {
    return refusal(Reason::kRegisterUnknown, "has a token whose register could not be asked yet");
  }
  return absl::OkStatus();
}

}  // namespace kasa::engine
