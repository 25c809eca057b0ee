#ifndef KASA_SERVER_API_AUTOMATION_HANDLERS_H_
#define KASA_SERVER_API_AUTOMATION_HANDLERS_H_

#include "absl/status/statusor.h"
#include "kasa/v1/fiscalization_service.pb.h"
#include "kasa/v1/integration_service.pb.h"
#include "server/api/call_context.h"
#include "server/api/encode_receipt.h"
#include "server/engine/automation.h"
#include "server/engine/executor.h"
#include "server/store/store.h"

namespace kasa::api {

// The calls about automation: rules (IntegrationService) and reports (FiscalizationService). Decode, call,
// encode. Thread-safe; no call blocks. Reads of the store and the encoding of answers run on `executor`.
class AutomationHandlers {
 public:
  // Everything must outlive the handlers and the calls they have begun.
  AutomationHandlers(engine::Automation& automation, store::Store& store, engine::Executor& executor,
                     ReceiptPages pages);

  void CreateAutomationRule(v1::CreateAutomationRuleRequest request, CallContext call,
                            Done<v1::CreateAutomationRuleResponse> done);
  void GetAutomationRule(v1::GetAutomationRuleRequest request, CallContext call,
                         Done<v1::GetAutomationRuleResponse> done);
  void ListAutomationRules(v1::ListAutomationRulesRequest request, CallContext call,
                           Done<v1::ListAutomationRulesResponse> done);
  void UpdateAutomationRule(v1::UpdateAutomationRuleRequest request, CallContext call,
                            Done<v1::UpdateAutomationRuleResponse> done);
  void DeleteAutomationRule(v1::DeleteAutomationRuleRequest request, CallContext call,
                            Done<v1::DeleteAutomationRuleResponse> done);
  void ReportOrder(v1::ReportOrderRequest request, CallContext call, Done<v1::ReportOrderResponse> done);
  void ReportDelivery(v1::ReportDeliveryRequest request, CallContext call,
                      Done<v1::ReportDeliveryResponse> done);

 private:
  absl::StatusOr<v1::ListAutomationRulesResponse> ReadPage(const v1::ListAutomationRulesRequest& request);

  // The answer to a report.
  template <typename Response>
  Done<engine::ReportOutcome> EncodeOutcome(Done<Response> done);

  engine::Automation& automation_;
  store::Store& store_;
  engine::Executor& executor_;
  const ReceiptPages pages_;
};

}  // namespace kasa::api

#endif  // KASA_SERVER_API_AUTOMATION_HANDLERS_H_
