#ifndef KASA_SERVER_API_AUTOMATION_REPORT_H_
#define KASA_SERVER_API_AUTOMATION_REPORT_H_

#include "kasa/v1/fiscalization_service.pb.h"
#include "kasa/v1/report.pb.h"
#include "server/api/encode_receipt.h"
#include "server/api/request_check.h"
#include "server/domain/automation.h"
#include "server/engine/automation.h"

// Reports of the contract as values of the domain, and what was done about them. Only what would be lost on
// the way is checked here. Pure functions.
namespace kasa::api {

domain::OrderReport DecodeOrderReport(const v1::ReportOrderRequest& request, RequestCheck& check);
domain::DeliveryReport DecodeDeliveryReport(const v1::ReportDeliveryRequest& request, RequestCheck& check);

void EncodeReportOutcome(const engine::ReportOutcome& outcome, const ReceiptPages& pages,
                         v1::AutomationResult* out);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_AUTOMATION_REPORT_H_
