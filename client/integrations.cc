#include "client/client_impl.h"

// The calls of IntegrationService.
namespace kasa::client {

absl::StatusOr<v1::CreateIntegrationResponse> Client::CreateIntegration(
    const v1::CreateIntegrationRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::CreateIntegration, request,
                        options, impl_->options.register_timeout);
}

absl::StatusOr<v1::GetIntegrationResponse> Client::GetIntegration(const v1::GetIntegrationRequest& request,
                                                                  const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::GetIntegration, request, options,
                        impl_->options.timeout);
}

absl::StatusOr<v1::ListIntegrationsResponse> Client::ListIntegrations(
    const v1::ListIntegrationsRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::ListIntegrations, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::UpdateIntegrationResponse> Client::UpdateIntegration(
    const v1::UpdateIntegrationRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::UpdateIntegration, request,
                        options, impl_->options.register_timeout);
}

absl::StatusOr<v1::DeleteIntegrationResponse> Client::DeleteIntegration(
    const v1::DeleteIntegrationRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::DeleteIntegration, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::SetTokenResponse> Client::SetToken(const v1::SetTokenRequest& request,
                                                      const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::SetToken, request, options,
                        impl_->options.register_timeout);
}

absl::StatusOr<v1::CheckConnectionResponse> Client::CheckConnection(const v1::CheckConnectionRequest& request,
                                                                    const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::CheckConnection, request,
                        options, impl_->options.register_timeout);
}

absl::StatusOr<v1::GetMappingResponse> Client::GetMapping(const v1::GetMappingRequest& request,
                                                          const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::GetMapping, request, options,
                        impl_->options.timeout);
}

absl::StatusOr<v1::UpdateMappingResponse> Client::UpdateMapping(const v1::UpdateMappingRequest& request,
                                                                const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::UpdateMapping, request, options,
                        impl_->options.timeout);
}

absl::StatusOr<v1::GetMappingCoverageResponse> Client::GetMappingCoverage(
    const v1::GetMappingCoverageRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::GetMappingCoverage, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::GetCatalogueResponse> Client::GetCatalogue(const v1::GetCatalogueRequest& request,
                                                              const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::GetCatalogue, request, options,
                        impl_->options.timeout);
}

absl::StatusOr<v1::GetReadinessResponse> Client::GetReadiness(const v1::GetReadinessRequest& request,
                                                              const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::GetReadiness, request, options,
                        impl_->options.register_timeout);
}

absl::StatusOr<v1::ProveTagMemoryResponse> Client::ProveTagMemory(const v1::ProveTagMemoryRequest& request,
                                                                  const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::ProveTagMemory, request, options,
                        impl_->options.register_timeout);
}

absl::StatusOr<v1::ListAttentionResponse> Client::ListAttention(const v1::ListAttentionRequest& request,
                                                                const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::ListAttention, request, options,
                        impl_->options.timeout);
}

absl::StatusOr<v1::AdoptStoreResponse> Client::AdoptStore(const v1::AdoptStoreRequest& request,
                                                          const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::AdoptStore, request, options,
                        impl_->options.adopt_timeout);
}

absl::StatusOr<v1::CreateAutomationRuleResponse> Client::CreateAutomationRule(
    const v1::CreateAutomationRuleRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::CreateAutomationRule, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::GetAutomationRuleResponse> Client::GetAutomationRule(
    const v1::GetAutomationRuleRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::GetAutomationRule, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::ListAutomationRulesResponse> Client::ListAutomationRules(
    const v1::ListAutomationRulesRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::ListAutomationRules, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::UpdateAutomationRuleResponse> Client::UpdateAutomationRule(
    const v1::UpdateAutomationRuleRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::UpdateAutomationRule, request,
                        options, impl_->options.timeout);
}

absl::StatusOr<v1::DeleteAutomationRuleResponse> Client::DeleteAutomationRule(
    const v1::DeleteAutomationRuleRequest& request, const CallOptions& options) const {
  return internal::Call(*impl_->integrations, &v1::IntegrationService::Stub::DeleteAutomationRule, request,
                        options, impl_->options.timeout);
}

}  // namespace kasa::client
