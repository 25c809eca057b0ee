// DecideDelivery of automation_decision.h.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/automation_decision.h"
#include "server/domain/automation_steps.h"
#include "server/domain/automation_sums.h"
#include "server/domain/order_rules.h"

namespace kasa::domain {
namespace {

AutomationDecision MakeCashOnDelivery(const DeliveryReport& report, const AutomationRule& rule,
                                      const SeenBefore& seen, Money total) {
  const int64_t unpaid = total.kopiykas() - CommittedOf(seen).kopiykas();
  const Money due = Money::FromKopiykas(std::min(report.cash_on_delivery.kopiykas(), unpaid));
  if (!due.IsPositive()) {
    return Outcome(AutomationOutcome::kNothingDue, "the order's total is on receipts already",
                   Reason::kOrderAlreadyFiscalized);
  }
  AutomationDecision acted = Outcome(AutomationOutcome::kActed, "a payment is created");
  CreatedDocument made =
      NextOf(SubjectOf(Report(report)), DocumentKind::kPayment, report.revision, rule, seen);
  made.order_id = report.order_id;
  made.amount = due;
  made.content = ContentFor(report, rule);
  made.content.payments = {PaymentOf(due, rule)};
  made.content.order_total = total;
  made.content.direction = PaymentDirection::kIncoming;
  made.content.paid_document = report.delivered_document;
  ListGoods(report.lines, Money(), due, made.content, acted);
  if (due.kopiykas() < report.cash_on_delivery.kopiykas()) {
    acted.warnings.emplace_back(Reason::kOrderAlreadyFiscalized,
                                absl::StrCat("of the cash on delivery, ", report.cash_on_delivery.ToDecimal(),
                                             ", only ", due.ToDecimal(), " is on no receipt yet"));
  }
  acted.make = std::move(made);
  acted.fiscalize = rule.fiscalize();
  return acted;
}

AutomationDecision DecideByDeliveryRule(const DeliveryReport& report, const AutomationRule& rule,
                                        const SeenBefore& seen, Money total) {
  const CreatedDocument* before = LastOf(seen, SubjectOf(Report(report)));
  const bool waits = before != nullptr && !before->fiscalization && rule.fiscalize();
  AutomationDecision done = Outcome(AutomationOutcome::kAlreadyDone, "the payment was created before");
  if (before != nullptr) done.told = *before;
  done.fiscalize = rule.fiscalize();
  if (before != nullptr && !waits) return done;
  if (!report.handed_over)
    return Outcome(AutomationOutcome::kNothingDue, "the parcel is not handed over yet");
  if (!report.paid) return Outcome(AutomationOutcome::kNothingDue, "the cash on delivery is not paid yet");
  if (!report.payment_confirmed) {
    return Outcome(AutomationOutcome::kNotConfirmed, "control of payment is not confirmed",
                   Reason::kPaymentNotConfirmed);
  }
  if (waits) return done;
  if (StandingOf(seen.delivered).at_most.IsPositive()) {
    return Outcome(AutomationOutcome::kNothingDue,
                   absl::StrCat("what the parcel carries is on the receipt of delivery note ",
                                report.delivered_document->document_id),
                   Reason::kOrderAlreadyFiscalized);
  }
  if (report.order_total && *report.order_total != total) {
    return Outcome(AutomationOutcome::kRefused,
                   absl::StrCat("the total of order ", report.order_id, " is ", total.ToDecimal(),
                                " as it was told before, and not ", report.order_total->ToDecimal()),
                   Reason::kOrderTotalDiffers);
  }
  return MakeCashOnDelivery(report, rule, seen, total);
}

}  // namespace

AutomationDecision DecideDelivery(const DeliveryReport& report, const AutomationRule* rule,
                                  const SeenBefore& seen) {
  const std::optional<Money> total = seen.order_total ? seen.order_total : report.order_total;
  if (!total) {
    AutomationDecision wrong;
    wrong.of_request.push_back({"delivery.order_total_kopiykas", Reason::kFieldRequired,
                                "is not stated, and the order's total is not known yet"});
    return wrong;
  }
  std::optional<AutomationDecision> decision = DecideWithoutRule(report, rule, seen);
  if (!decision && !std::get<CashOnDeliveryRule>(rule->what).create_payment) {
    decision = SwitchedOff(absl::StrCat("rule '", rule->id, "' creates nothing"), SubjectOf(Report(report)),
                           report.revision, seen);
  }
  if (!decision) decision = DecideByDeliveryRule(report, *rule, seen, *total);
  if (rule != nullptr) decision->rule_id = rule->id;
  return *std::move(decision);
}

}  // namespace kasa::domain
