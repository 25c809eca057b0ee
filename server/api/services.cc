#include "server/api/services.h"

#include <utility>

#include "kasa/v1/fiscalization_service.grpc.pb.h"
#include "kasa/v1/integration_service.grpc.pb.h"
#include "kasa/v1/receipt_service.grpc.pb.h"
#include "server/api/bound_service.h"

namespace kasa::api {

std::vector<std::shared_ptr<grpc::Service>> MakeServices(Handlers handlers, CallLog& log) {
  using Fiscalizations = FiscalizationHandlers;
  auto fiscalizations = std::make_shared<BoundService<v1::FiscalizationService::Service>>(
      v1::FiscalizationService::service_full_name(), log);
  fiscalizations->Bind("FiscalizeSale", handlers.fiscalizations, &Fiscalizations::FiscalizeSale);
  fiscalizations->Bind("FiscalizePayment", handlers.fiscalizations, &Fiscalizations::FiscalizePayment);
  fiscalizations->Bind("FiscalizeReturn", handlers.fiscalizations, &Fiscalizations::FiscalizeReturn);
  fiscalizations->Bind("GetFiscalization", handlers.fiscalizations, &Fiscalizations::GetFiscalization);
  fiscalizations->Bind("ListFiscalizations", handlers.fiscalizations, &Fiscalizations::ListFiscalizations);
  fiscalizations->BindStream("WatchFiscalizations", handlers.watches, &WatchHandlers::WatchFiscalizations);
  fiscalizations->Bind("RetryFiscalization", handlers.fiscalizations, &Fiscalizations::RetryFiscalization);
  fiscalizations->Bind("CancelFiscalization", handlers.fiscalizations, &Fiscalizations::CancelFiscalization);
  fiscalizations->Bind("ResolveFiscalization", handlers.fiscalizations,
                       &Fiscalizations::ResolveFiscalization);
  fiscalizations->Bind("ListExchanges", handlers.fiscalizations, &Fiscalizations::ListExchanges);

  fiscalizations->Bind("ReportOrder", handlers.automation, &AutomationHandlers::ReportOrder);
  fiscalizations->Bind("ReportDelivery", handlers.automation, &AutomationHandlers::ReportDelivery);

  using Integrations = IntegrationHandlers;
  auto integrations = std::make_shared<BoundService<v1::IntegrationService::Service>>(
      v1::IntegrationService::service_full_name(), log);
  integrations->Bind("CreateIntegration", handlers.integrations, &Integrations::CreateIntegration);
  integrations->Bind("GetIntegration", handlers.integrations, &Integrations::GetIntegration);
  integrations->Bind("ListIntegrations", handlers.integrations, &Integrations::ListIntegrations);
  integrations->Bind("UpdateIntegration", handlers.integrations, &Integrations::UpdateIntegration);
  integrations->Bind("DeleteIntegration", handlers.integrations, &Integrations::DeleteIntegration);
  integrations->Bind("SetToken", handlers.integrations, &Integrations::SetToken);
  integrations->Bind("CheckConnection", handlers.integrations, &Integrations::CheckConnection);
  integrations->Bind("GetMapping", handlers.integrations, &Integrations::GetMapping);
  integrations->Bind("UpdateMapping", handlers.integrations, &Integrations::UpdateMapping);
  integrations->Bind("AdoptStore", handlers.integrations, &Integrations::AdoptStore);
  integrations->Bind("GetMappingCoverage", handlers.integrations, &Integrations::GetMappingCoverage);
  integrations->Bind("GetReadiness", handlers.integrations, &Integrations::GetReadiness);
  integrations->Bind("ProveTagMemory", handlers.integrations, &Integrations::ProveTagMemory);
  integrations->Bind("GetCatalogue", handlers.integrations, &Integrations::GetCatalogue);
  using Automations = AutomationHandlers;
  integrations->Bind("CreateAutomationRule", handlers.automation, &Automations::CreateAutomationRule);
  integrations->Bind("GetAutomationRule", handlers.automation, &Automations::GetAutomationRule);
  integrations->Bind("ListAutomationRules", handlers.automation, &Automations::ListAutomationRules);
  integrations->Bind("UpdateAutomationRule", handlers.automation, &Automations::UpdateAutomationRule);
  integrations->Bind("DeleteAutomationRule", handlers.automation, &Automations::DeleteAutomationRule);

  integrations->Bind("ListAttention", handlers.attention, &AttentionHandlers::ListAttention);

  auto receipts = std::make_shared<BoundService<v1::ReceiptService::Service>>(
      v1::ReceiptService::service_full_name(), log);
  receipts->Bind("GetReceipt", handlers.receipts, &ReceiptHandlers::GetReceipt);
  receipts->Bind("ListReceipts", handlers.receipts, &ReceiptHandlers::ListReceipts);
  receipts->Bind("GetTotals", handlers.receipts, &ReceiptHandlers::GetTotals);
  receipts->Bind("SendReceipt", handlers.receipts, &ReceiptHandlers::SendReceipt);
  receipts->Bind("ListReceiptSendings", handlers.receipts, &ReceiptHandlers::ListReceiptSendings);

  return {std::move(fiscalizations), std::move(integrations), std::move(receipts)};
}

}  // namespace kasa::api
