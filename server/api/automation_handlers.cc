#include "server/api/automation_handlers.h"

#include <optional>
#include <string>
#include <utility>

#include "server/api/automation_report.h"
#include "server/api/automation_rule.h"
#include "server/api/encode_problem.h"
#include "server/api/errors.h"
#include "server/api/list_parts.h"
#include "server/api/page_token.h"
#include "server/api/request_check.h"
#include "server/domain/automation_checks.h"
#include "server/domain/limits.h"
#include "server/engine/made_up_id.h"
#include "server/store/automation_store.h"

namespace kasa::api {
namespace {

// The answer of the calls that give a rule.
template <typename Response>
auto RuleInResponse() {
  return [](domain::AutomationRule rule) -> absl::StatusOr<Response> {
    Response response;
    EncodeRule(rule, response.mutable_rule());
    return response;
  };
}

}  // namespace

AutomationHandlers::AutomationHandlers(engine::Automation& automation, store::Store& store,
                                       engine::Executor& executor, ReceiptPages pages)
    : automation_(automation), store_(store), executor_(executor), pages_(std::move(pages)) {}

void AutomationHandlers::CreateAutomationRule(v1::CreateAutomationRuleRequest request, CallContext,
                                              Done<v1::CreateAutomationRuleResponse> done) {
  RequestCheck check;
  domain::AutomationRule rule = DecodeRule(request.rule(), "rule", check);
  if (!request.has_rule()) {
    check.Add("rule", Reason::kFieldRequired, "is required");
  } else {
    if (request.rule().rule_case() == v1::AutomationRule::RULE_NOT_SET) {
      check.Add("rule.online_order", Reason::kFieldRequired, "this or cash_on_delivery is required");
    } else {
      check.AddAll(domain::CheckRule(rule, "rule"));
    }
  }
  if (!check.ok()) return std::move(done)(check.ToStatus());
  if (rule.id.empty()) rule.id = engine::MakeUpId("rule-");
  store_.automation().CreateRule(
      std::move(rule), EncodeOn<domain::AutomationRule>(executor_, std::move(done),
                                                        RuleInResponse<v1::CreateAutomationRuleResponse>()));
}

void AutomationHandlers::GetAutomationRule(v1::GetAutomationRuleRequest request, CallContext call,
                                           Done<v1::GetAutomationRuleResponse> done) {
  RequestCheck check;
  check.Required("rule_id", request.rule_id(), domain::kMaxIntegrationIdLength);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  ReadOn(executor_, std::move(call), std::move(done),
         [this, id = request.rule_id()]() -> absl::StatusOr<v1::GetAutomationRuleResponse> {
           absl::StatusOr<domain::AutomationRule> rule = store_.automation().GetRule(id);
           if (!rule.ok()) return rule.status();
           return RuleInResponse<v1::GetAutomationRuleResponse>()(*std::move(rule));
         });
}

void AutomationHandlers::ListAutomationRules(v1::ListAutomationRulesRequest request, CallContext call,
                                             Done<v1::ListAutomationRulesResponse> done) {
  ReadOn(executor_, std::move(call), std::move(done),
         [this, request = std::move(request)] { return ReadPage(request); });
}

absl::StatusOr<v1::ListAutomationRulesResponse> AutomationHandlers::ReadPage(
    const v1::ListAutomationRulesRequest& request) {
  RequestCheck check;
  const int page_size = check.PageSize("page_size", request.page_size());
  check.AtMost("integration_id", request.integration_id(), domain::kMaxIntegrationIdLength);
  check.AtMost("source_system", request.source_system(), domain::kMaxSourceSystemLength);
  const std::string filters = FiltersOf(request);
  std::optional<store::PagePosition> after;
  if (!request.page_token().empty()) {
    if (const auto position = ReadPageToken(request.page_token(), filters)) after = DecodePosition(*position);
    if (!after) check.Add("page_token", Reason::kPageTokenInvalid, kPageTokenInvalid);
  }
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<store::RulePage> page = store_.automation().ListRules(
      {.integration_id = request.integration_id(), .source_system = request.source_system()}, after,
      page_size);
  if (!page.ok()) return page.status();
  v1::ListAutomationRulesResponse response;
  std::optional<store::PagePosition> next = page->next;
  PageRoom room;
  for (const domain::AutomationRule& rule : page->rules) {
    v1::AutomationRule& encoded = *response.add_rules();
    EncodeRule(rule, &encoded);
    if (room.Take(encoded.ByteSizeLong())) continue;
    if (&rule != &page->rules.back()) {
      next = store::PagePosition{.create_time = rule.create_time, .id = rule.id};
    }
    break;
  }
  if (next) response.set_next_page_token(MakePageToken(EncodePosition(*next), filters));
  return response;
}

void AutomationHandlers::UpdateAutomationRule(v1::UpdateAutomationRuleRequest request, CallContext,
                                              Done<v1::UpdateAutomationRuleResponse> done) {
  RequestCheck check;
  check.Required("rule.rule_id", request.rule().rule_id(), domain::kMaxIntegrationIdLength);
  const std::optional<int64_t> revision = check.Etag("rule.etag", request.rule().etag());
  RuleUpdate update = DecodeRuleUpdate(request.rule(), request.update_mask(), check);
  if (!check.ok()) return std::move(done)(check.ToStatus());
  store_.automation().ChangeRule(
      request.rule().rule_id(), revision,
      [update = std::move(update)](domain::AutomationRule& rule) {
        RequestCheck changed;
        update(rule, changed);
        if (changed.ok()) changed.AddAll(domain::CheckRule(rule, "rule"));
        return changed.ToStatus();
      },
      EncodeOn<domain::AutomationRule>(executor_, std::move(done),
                                       RuleInResponse<v1::UpdateAutomationRuleResponse>()));
}

void AutomationHandlers::DeleteAutomationRule(v1::DeleteAutomationRuleRequest request, CallContext,
                                              Done<v1::DeleteAutomationRuleResponse> done) {
  RequestCheck check;
  check.Required("rule_id", request.rule_id(), domain::kMaxIntegrationIdLength);
  const std::optional<int64_t> revision = check.Etag("etag", request.etag());
  if (!check.ok()) return std::move(done)(check.ToStatus());
  store_.automation().DeleteRule(
      request.rule_id(), revision,
      EncodeOn<domain::AutomationRule>(
          executor_, std::move(done),
          [](const domain::AutomationRule& /*deleted*/) -> absl::StatusOr<v1::DeleteAutomationRuleResponse> {
            return v1::DeleteAutomationRuleResponse();
          }));
}

template <typename Response>
Done<engine::ReportOutcome> AutomationHandlers::EncodeOutcome(Done<Response> done) {
  return EncodeOn<engine::ReportOutcome>(
      executor_, std::move(done), [this](engine::ReportOutcome outcome) -> absl::StatusOr<Response> {
        if (!outcome.violations.empty()) return RequestInvalid(outcome.violations);
        Response response;
        EncodeReportOutcome(outcome, pages_, response.mutable_result());
        EncodeWarnings(outcome.decision.warnings, response.mutable_warnings());
        return response;
      });
}

void AutomationHandlers::ReportOrder(v1::ReportOrderRequest request, CallContext call,
                                     Done<v1::ReportOrderResponse> done) {
  RequestCheck check;
  engine::ReportRequest report;
  domain::OrderReport order = DecodeOrderReport(request, check);
  if (!request.has_order()) {
    check.Add("order", Reason::kFieldRequired, "is required");
  } else {
    check.AddAll(domain::CheckReport(order));
  }
  report.report = std::move(order);
  report.max_wait = check.MaxWait("max_wait", request.has_max_wait(), request.max_wait());
  report.answer_within = call.answer_within;
  if (!check.ok()) return std::move(done)(check.ToStatus());
  automation_.Report(std::move(report), EncodeOutcome(std::move(done)));
}

void AutomationHandlers::ReportDelivery(v1::ReportDeliveryRequest request, CallContext call,
                                        Done<v1::ReportDeliveryResponse> done) {
  RequestCheck check;
  engine::ReportRequest report;
  domain::DeliveryReport delivery = DecodeDeliveryReport(request, check);
  if (!request.has_delivery()) {
    check.Add("delivery", Reason::kFieldRequired, "is required");
  } else {
    check.AddAll(domain::CheckReport(delivery));
  }
  report.report = std::move(delivery);
  report.max_wait = check.MaxWait("max_wait", request.has_max_wait(), request.max_wait());
  report.answer_within = call.answer_within;
  if (!check.ok()) return std::move(done)(check.ToStatus());
  automation_.Report(std::move(report), EncodeOutcome(std::move(done)));
}

}  // namespace kasa::api
