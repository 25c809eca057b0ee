#ifndef KASA_SERVER_API_INTEGRATION_HANDLERS_H_
#define KASA_SERVER_API_INTEGRATION_HANDLERS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "kasa/v1/integration_service.pb.h"
#include "server/api/call_context.h"
#include "server/engine/engine.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

namespace kasa::api {

// The calls of IntegrationService: decode, call, encode. Thread-safe; no call blocks. Reads of the store and
// the encoding of answers run on `executor`. A token is put into a Secret as soon as it is seen.
class IntegrationHandlers {
 public:
  // Everything must outlive the handlers and the calls they have begun.
  IntegrationHandlers(engine::Engine& engine, store::Store& store, engine::Executor& executor,
                      const Clock& clock);

  void CreateIntegration(v1::CreateIntegrationRequest request, CallContext call,
                         Done<v1::CreateIntegrationResponse> done);
  void GetIntegration(v1::GetIntegrationRequest request, CallContext call,
                      Done<v1::GetIntegrationResponse> done);
  void ListIntegrations(v1::ListIntegrationsRequest request, CallContext call,
                        Done<v1::ListIntegrationsResponse> done);
  void UpdateIntegration(v1::UpdateIntegrationRequest request, CallContext call,
                         Done<v1::UpdateIntegrationResponse> done);
  void DeleteIntegration(v1::DeleteIntegrationRequest request, CallContext call,
                         Done<v1::DeleteIntegrationResponse> done);
  void SetToken(v1::SetTokenRequest request, CallContext call, Done<v1::SetTokenResponse> done);
  void CheckConnection(v1::CheckConnectionRequest request, CallContext call,
                       Done<v1::CheckConnectionResponse> done);
  void GetMapping(v1::GetMappingRequest request, CallContext call, Done<v1::GetMappingResponse> done);
  void UpdateMapping(v1::UpdateMappingRequest request, CallContext call,
                     Done<v1::UpdateMappingResponse> done);
  void GetMappingCoverage(v1::GetMappingCoverageRequest request, CallContext call,
                          Done<v1::GetMappingCoverageResponse> done);
  void GetReadiness(v1::GetReadinessRequest request, CallContext call, Done<v1::GetReadinessResponse> done);
  void ProveTagMemory(v1::ProveTagMemoryRequest request, CallContext call,
                      Done<v1::ProveTagMemoryResponse> done);
  void GetCatalogue(v1::GetCatalogueRequest request, CallContext call, Done<v1::GetCatalogueResponse> done);
  void AdoptStore(v1::AdoptStoreRequest request, CallContext call, Done<v1::AdoptStoreResponse> done);

 private:
  absl::StatusOr<v1::GetIntegrationResponse> Read(const v1::GetIntegrationRequest& request);
  absl::StatusOr<v1::ListIntegrationsResponse> ReadPage(const v1::ListIntegrationsRequest& request);
  absl::StatusOr<v1::GetMappingResponse> ReadMapping(const v1::GetMappingRequest& request);
  absl::StatusOr<v1::GetCatalogueResponse> ReadCatalogue(const v1::GetCatalogueRequest& request);

  // The answer of the calls that change an integration: it, with what is known of its register, and warnings.
  template <typename Response>
  Done<engine::IntegrationOutcome> EncodeOutcome(Done<Response> done);

  // Adds what the register last said of itself, and its lane. On `executor_` only.
  absl::Status AddRegister(const domain::Integration& integration, v1::Integration* out);

  engine::Engine& engine_;
  store::Store& store_;
  engine::Executor& executor_;
  const Clock& clock_;
};

}  // namespace kasa::api

#endif  // KASA_SERVER_API_INTEGRATION_HANDLERS_H_
