#include "server/domain/automation_steps.h"

#include <algorithm>

#include "common/sha256.h"
#include "server/domain/automation_sums.h"
#include "server/domain/limits.h"

namespace kasa::domain {

AutomationDecision Outcome(AutomationOutcome outcome, std::string message, std::optional<Reason> reason) {
  AutomationDecision decision;
  decision.outcome = outcome;
  decision.reason = reason;
  decision.message = std::move(message);
  return decision;
}

AutomationDecision SwitchedOff(std::string why, const ReportSubject& subject, int64_t revision,
                               const SeenBefore& seen) {
  for (const CreatedDocument& created : seen.created) {
    if (created.subject == subject && created.revision == revision && created.Stands()) {
      AutomationDecision done =
          Outcome(AutomationOutcome::kAlreadyDone, absl::StrCat("it was created before; now ", why));
      done.told = created;
      return done;
    }
  }
  return Outcome(AutomationOutcome::kSwitchedOff, std::move(why));
}

CreatedDocument NextOf(const ReportSubject& subject, DocumentKind kind, int64_t revision,
                       const AutomationRule& rule, const SeenBefore& seen) {
  CreatedDocument next;
  next.subject = subject;
  next.revision = revision;
  next.rule_id = rule.id;
  next.kind = kind;
  next.fiscalize = rule.fiscalize();
  for (const CreatedDocument& created : seen.created) {
    if (created.subject != subject) continue;
    if (created.kind == kind && !created.Stands()) {
      next.number = created.number;
      break;
    }
    next.number = std::max(next.number, created.number + 1);
  }
  next.document_id = CreatedDocumentId(subject, kind, next.number);
  return next;
}

Payment WithMethod(Payment payment, const AutomationRule& rule) {
  if (payment.payment_method_id.empty() && payment.kind == PaymentKind::kUnspecified) {
    payment.payment_method_id = rule.payment_method_id();
  }
  return payment;
}

Payment PaymentOf(Money amount, const AutomationRule& rule) {
  Payment payment;
  payment.amount = amount;
  return WithMethod(std::move(payment), rule);
}

void ListGoods(const std::vector<Line>& lines, Money discount, Money due, Document& content,
               AutomationDecision& decision) {
  if (lines.empty()) return;
  if (LinesComeTo(lines, discount) == due) {
    content.lines = lines;
    content.discount = discount;
    return;
  }
  decision.warnings.emplace_back(Reason::kLinesLeftOut,
                                 absl::StrCat("the lines do not come to ", due.ToDecimal(),
                                              ", so the receipt has the default payment line"));
}

std::string CreatedDocumentId(const ReportSubject& subject, DocumentKind kind, int number) {
  const bool is_order = subject.kind == ReportKind::kOrder;
  const bool is_numbered = is_order ? kind == DocumentKind::kPayment : number > 1;
  const std::string tail = is_numbered ? absl::StrCat(":", number) : std::string();
  const absl::string_view head = is_order ? "order:" : "waybill:";
  std::string id = absl::StrCat(head, subject.id, tail);
  // In bytes, of which a character has one or more: short enough in any case.
  if (id.size() <= kMaxIdLength) return id;
  return absl::StrCat(head, "sha256:", Sha256Hex(subject.id), tail);
}

}  // namespace kasa::domain
