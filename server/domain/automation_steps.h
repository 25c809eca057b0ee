#ifndef KASA_SERVER_DOMAIN_AUTOMATION_STEPS_H_
#define KASA_SERVER_DOMAIN_AUTOMATION_STEPS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/automation.h"
#include "server/domain/automation_decision.h"

// Steps that the decisions about orders and about parcels share. Pure functions of their arguments.
namespace kasa::domain {

AutomationDecision Outcome(AutomationOutcome outcome, std::string message,
                           std::optional<Reason> reason = std::nullopt);

// The answer when no rule acts. A report that was acted on before is answered so whatever became of its rule.
AutomationDecision SwitchedOff(std::string why, const ReportSubject& subject, int64_t revision,
                               const SeenBefore& seen);

// What comes before any rule is asked; nothing when the rule decides.
template <typename Told>
std::optional<AutomationDecision> DecideWithoutRule(const Told& report, const AutomationRule* rule,
                                                    const SeenBefore& seen) {
  if (!seen.reports.empty() && seen.reports.back().revision > report.revision) {
    return Outcome(AutomationOutcome::kStale,
                   absl::StrCat("revision ", seen.reports.back().revision, " was reported before"));
  }
  if (rule == nullptr) {
    return SwitchedOff(
        absl::StrCat("there is no rule for store '", report.store_id, "' of '", report.source_system, "'"),
        SubjectOf(Report(report)), report.revision, seen);
  }
  if (!rule->active) {
    return SwitchedOff(absl::StrCat("rule '", rule->id, "' is not active"), SubjectOf(Report(report)),
                       report.revision, seen);
  }
  return std::nullopt;
}

// What the content of everything made by a rule has.
template <typename Told>
Document ContentFor(const Told& report, const AutomationRule& rule) {
  Document content;
  content.activated = true;
  content.currency_code = report.currency_code;
  content.branch_id = report.branch_id;
  content.legal_entity_id = report.legal_entity_id;
  content.integration_id = rule.integration_id;
  content.order_id = report.order_id;
  content.buyer = report.buyer;
  return content;
}

// The next document of a subject, in the place of one that was refused when there is such a one.
CreatedDocument NextOf(const ReportSubject& subject, DocumentKind kind, int64_t revision,
                       const AutomationRule& rule, const SeenBefore& seen);

// The rule's method where a payment tells none.
Payment WithMethod(Payment payment, const AutomationRule& rule);

// Of `amount`, by the rule's method.
Payment PaymentOf(Money amount, const AutomationRule& rule);

// The lines that were told, when they come to `due`: a part can't be told by lines. Else a warning.
void ListGoods(const std::vector<Line>& lines, Money discount, Money due, Document& content,
               AutomationDecision& decision);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_AUTOMATION_STEPS_H_
