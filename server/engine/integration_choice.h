#ifndef KASA_SERVER_ENGINE_INTEGRATION_CHOICE_H_
#define KASA_SERVER_ENGINE_INTEGRATION_CHOICE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/domain/document.h"
#include "server/store/store.h"

namespace kasa::engine {

// The integration that serves a document (product.md, point 2): the one it names; else the default of its
// branch and legal entity, else of its legal entity, else of its branch. NOT_FOUND: INTEGRATION_NOT_FOUND, or
// DEFAULT_INTEGRATION_NOT_FOUND with what was looked for. An inactive default is chosen all the same: it is
// never skipped, and MayAccept() refuses it.
absl::StatusOr<store::IntegrationRecord> ChooseIntegration(store::Store& store,
                                                           const domain::Document& document);

// Whether the integration takes new documents. FAILED_PRECONDITION: INTEGRATION_ARCHIVED,
// INTEGRATION_INACTIVE, LEGAL_ENTITY_MISMATCH, TOKEN_MISSING, REGISTER_UNKNOWN.
absl::Status MayAccept(const domain::Integration& integration, const domain::Document& document);

}  // namespace kasa::engine

#endif  // KASA_SERVER_ENGINE_INTEGRATION_CHOICE_H_
