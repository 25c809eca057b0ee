#include "server/api/automation_report.h"

#include <string>
#include <utility>

#include "server/api/decode_document.h"
#include "server/api/encode_document.h"
#include "server/api/encode_fiscalization.h"
#include "server/api/encode_problem.h"

namespace kasa::api {
namespace {

domain::OrderState DecodeOrderState(v1::OrderState state, RequestCheck& check) {
  switch (state) {
    case v1::ORDER_STATE_UNSPECIFIED:
      return domain::OrderState::kUnspecified;
    case v1::ORDER_STATE_OPEN:
      return domain::OrderState::kOpen;
    case v1::ORDER_STATE_CANCELLED:
      return domain::OrderState::kCancelled;
    default:
      check.UnknownEnum("order.state", state);
      return domain::OrderState::kOpen;  // so that it is not told a second time, as one that is missing
  }
}

v1::AutomationOutcome EncodeOutcome(domain::AutomationOutcome outcome) {
  switch (outcome) {
    case domain::AutomationOutcome::kActed:
      return v1::AUTOMATION_OUTCOME_ACTED;
    case domain::AutomationOutcome::kAlreadyDone:
      return v1::AUTOMATION_OUTCOME_ALREADY_DONE;
    case domain::AutomationOutcome::kNothingDue:
      return v1::AUTOMATION_OUTCOME_NOTHING_DUE;
    case domain::AutomationOutcome::kSwitchedOff:
      return v1::AUTOMATION_OUTCOME_SWITCHED_OFF;
    case domain::AutomationOutcome::kNotConfirmed:
      return v1::AUTOMATION_OUTCOME_NOT_CONFIRMED;
    case domain::AutomationOutcome::kStale:
      return v1::AUTOMATION_OUTCOME_STALE;
    case domain::AutomationOutcome::kReturnDue:
      return v1::AUTOMATION_OUTCOME_RETURN_DUE;
    case domain::AutomationOutcome::kRefused:
      return v1::AUTOMATION_OUTCOME_REFUSED;
  }
  return v1::AUTOMATION_OUTCOME_UNSPECIFIED;
}

void EncodeCreated(const domain::CreatedDocument& created,
                   const std::optional<domain::Fiscalization>& fiscalization, v1::AutomationResult* out) {
  v1::DocumentKey& key = *out->mutable_created_document();
  key.set_kind(EncodeKind(created.kind));
  key.set_document_id(created.document_id);
  key.set_source_system(created.subject.source_system);
  if (fiscalization) key.set_register_mode(EncodeMode(fiscalization->key.mode));
  // Under its key another content may have been accepted first, by another report or the caller.
  EncodeDocument(fiscalization ? fiscalization->document : created.content, out->mutable_created_content());
}

}  // namespace

domain::OrderReport DecodeOrderReport(const v1::ReportOrderRequest& request, RequestCheck& check) {
  const v1::OrderReport& order = request.order();
  domain::OrderReport report;
  report.source_system = request.source_system();
  report.order_id = order.order_id();
  report.store_id = order.store_id();
  report.revision = order.revision();
  report.state = DecodeOrderState(order.state(), check);
  report.total = Money::FromKopiykas(order.total_kopiykas());
  report.received = Money::FromKopiykas(order.received_kopiykas());
  report.payment_confirmed = order.payment_confirmed();
  report.payments = DecodePayments(order.payments(), "order.payments", check);
  report.lines = DecodeLines(order.lines());
  report.discount = Money::FromKopiykas(order.discount_kopiykas());
  report.currency_code = order.currency_code();
  report.branch_id = order.branch_id();
  report.legal_entity_id = order.legal_entity_id();
  report.buyer = DecodeBuyer(order.buyer());
  check.Moment("order.change_time", order.has_change_time(), order.change_time());
  return report;
}

domain::DeliveryReport DecodeDeliveryReport(const v1::ReportDeliveryRequest& request, RequestCheck& check) {
  const v1::DeliveryReport& delivery = request.delivery();
  domain::DeliveryReport report;
  report.source_system = request.source_system();
  report.waybill_number = delivery.waybill_number();
  report.order_id = delivery.order_id();
  report.store_id = delivery.store_id();
  report.revision = delivery.revision();
  report.handed_over = delivery.handed_over();
  report.paid = delivery.paid();
  report.payment_confirmed = delivery.payment_confirmed();
  report.cash_on_delivery = Money::FromKopiykas(delivery.cash_on_delivery_kopiykas());
  if (delivery.has_order_total_kopiykas()) {
    report.order_total = Money::FromKopiykas(delivery.order_total_kopiykas());
  }
  if (delivery.has_delivered_document()) {
    report.delivered_document =
        DecodeDocumentName(delivery.delivered_document(), "delivery.delivered_document", check);
  }
  report.lines = DecodeLines(delivery.lines());
  report.currency_code = delivery.currency_code();
  report.branch_id = delivery.branch_id();
  report.legal_entity_id = delivery.legal_entity_id();
  report.buyer = DecodeBuyer(delivery.buyer());
  check.Moment("delivery.event_time", delivery.has_event_time(), delivery.event_time());
  return report;
}

void EncodeReportOutcome(const engine::ReportOutcome& outcome, const ReceiptPages& pages,
                         v1::AutomationResult* out) {
  const domain::AutomationDecision& decision = outcome.decision;
  out->set_outcome(EncodeOutcome(decision.outcome));
  if (decision.reason) out->set_reason(std::string(NameOf(*decision.reason)));
  out->set_message(decision.message);
  out->set_rule_id(decision.rule_id);
  if (decision.make) {
    EncodeCreated(*decision.make, outcome.fiscalization, out);
  } else if (decision.told) {
    EncodeCreated(*decision.told, outcome.fiscalization, out);
  }
  if (outcome.fiscalization) EncodeFiscalization(*outcome.fiscalization, pages, out->mutable_fiscalization());
  out->set_return_due_kopiykas(decision.return_due.kopiykas());
  EncodeViolations(decision.violations, out->mutable_violations());
}

}  // namespace kasa::api
