#include "server/domain/automation_decision.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/kyiv_time.h"
#include "server/domain/automation_steps.h"
#include "server/domain/automation_sums.h"

namespace kasa::domain {
namespace {

std::optional<CreatedDocument> CopyOf(const CreatedDocument* created) {
  return created == nullptr ? std::nullopt : std::make_optional(*created);
}

CreatedDocument MakeSale(const OrderReport& report, const AutomationRule& rule, const SeenBefore& seen,
                         absl::CivilDay today) {
  CreatedDocument sale = NextOf(SubjectOf(Report(report)), DocumentKind::kSale, report.revision, rule, seen);
  sale.order_id = report.order_id;
  sale.amount = report.total;
  sale.content = ContentFor(report, rule);
  sale.content.document_date = FormatCivilDay(today);
  sale.content.lines = report.lines;
  sale.content.discount = report.discount;
  for (const Payment& payment : report.payments) {
    sale.content.payments.push_back(WithMethod(payment, rule));
  }
  if (sale.content.payments.empty()) sale.content.payments.push_back(PaymentOf(report.total, rule));
  sale.content.order_total = report.total;
  return sale;
}

AutomationDecision DecideSale(const OrderReport& report, const AutomationRule& rule, const SeenBefore& seen,
                              absl::CivilDay today) {
  const ReportSubject subject = SubjectOf(Report(report));
  const CreatedDocument* before = nullptr;
  for (const CreatedDocument& created : seen.created) {
    if (created.subject == subject && created.kind == DocumentKind::kSale && created.Stands()) {
      before = &created;
    }
  }
  if (before != nullptr && before->fiscalization) {
    AutomationDecision done = Outcome(AutomationOutcome::kAlreadyDone, "the sale was created before");
    done.told = *before;
    return done;
  }
  if (report.received.kopiykas() < report.total.kopiykas()) {
    return Outcome(AutomationOutcome::kNothingDue,
                   absl::StrCat(report.received.ToDecimal(), " of ", report.total.ToDecimal(),
                                " is received: the sale is created once all is"));
  }
  if (before == nullptr && CommittedOf(seen).kopiykas() >= report.total.kopiykas()) {
    const CreatedDocument* last = LastOf(seen, subject);
    AutomationDecision done =
        Outcome(last == nullptr ? AutomationOutcome::kNothingDue : AutomationOutcome::kAlreadyDone,
                "the order's total is on receipts, or on what was created", Reason::kOrderAlreadyFiscalized);
    done.told = CopyOf(last);
    return done;
  }
  AutomationDecision acted = Outcome(AutomationOutcome::kActed, "the sale is created");
  if (before != nullptr && !rule.fiscalize()) {
    acted = Outcome(AutomationOutcome::kAlreadyDone, "the sale was created before; it has today's date");
  }
  acted.make = MakeSale(report, rule, seen, today);
  if (before != nullptr) {
    acted.make->number = before->number;
    acted.make->revision = before->revision;
    acted.make->document_id = before->document_id;
  }
  acted.fiscalize = rule.fiscalize();
  return acted;
}

// The one payment that `due` comes by, when `accounted` of what is received was made payments before.
// Nothing when it comes by more than one.
std::optional<Payment> PaymentFor(const OrderReport& report, const AutomationRule& rule, Money accounted,
                                  Money due) {
  if (report.payments.empty()) return PaymentOf(due, rule);
  int64_t before = accounted.kopiykas();
  for (const Payment& told : report.payments) {
    if (before >= told.amount.kopiykas()) {
      before -= told.amount.kopiykas();
      continue;
    }
    if (told.amount.kopiykas() - before < due.kopiykas()) return std::nullopt;
    Payment payment = WithMethod(told, rule);
    // What was handed over in cash, and the card's slip, are of the whole of it.
    if (payment.amount != due) payment.tendered.reset();
    payment.amount = due;
    return payment;
  }
  return std::nullopt;
}

AutomationDecision DecidePayment(const OrderReport& report, const AutomationRule& rule,
                                 const SeenBefore& seen) {
  const ReportSubject subject = SubjectOf(Report(report));
  const Money accounted = AccountedFor(seen, subject, report.revision);
  const int64_t room = report.total.kopiykas() - CommittedOf(seen).kopiykas();
  const Money due = Money::FromKopiykas(std::min(report.received.kopiykas() - accounted.kopiykas(), room));
  if (!due.IsPositive()) {
    const CreatedDocument* last = LastOf(seen, subject);
    // What was made and not accepted, as after a crash, first.
    for (const CreatedDocument& created : seen.created) {
      const bool waits = created.subject == subject && created.Stands() && !created.fiscalization;
      if (waits && rule.fiscalize()) {
        last = &created;
        break;
      }
    }
    if (last == nullptr) {
      return Outcome(AutomationOutcome::kNothingDue, "the order's total is on receipts already",
                     Reason::kOrderAlreadyFiscalized);
    }
    AutomationDecision done =
        Outcome(AutomationOutcome::kAlreadyDone, "payments for what is received were created before");
    done.told = *last;
    done.fiscalize = rule.fiscalize();
    return done;
  }
  const std::optional<Payment> payment = PaymentFor(report, rule, accounted, due);
  if (!payment) {
    AutomationDecision refused =
        Outcome(AutomationOutcome::kRefused,
                absl::StrCat(due.ToDecimal(),
                             " came by more than one payment, and a receipt by a payment has "
                             "one: report each as it comes, or let the rule create the sale"),
                Reason::kDocumentInvalid);
    refused.violations.push_back({"payment.payments", Reason::kTooManyItems, refused.message});
    return refused;
  }
  AutomationDecision acted = Outcome(AutomationOutcome::kActed, "a payment is created");
  CreatedDocument made = NextOf(subject, DocumentKind::kPayment, report.revision, rule, seen);
  made.order_id = report.order_id;
  made.amount = due;
  made.content = ContentFor(report, rule);
  made.content.payments = {*payment};
  made.content.order_total = report.total;
  made.content.direction = PaymentDirection::kIncoming;
  ListGoods(report.lines, report.discount, due, made.content, acted);
  acted.make = std::move(made);
  acted.fiscalize = rule.fiscalize();
  return acted;
}

AutomationDecision DecideCancelled(const ReportSubject& subject, const SeenBefore& seen) {
  const Money due = ToReturnOf(seen);
  if (!due.IsPositive()) {
    return Outcome(AutomationOutcome::kNothingDue,
                   "the order is cancelled, and nothing of it is on a receipt");
  }
  AutomationDecision decision =
      Outcome(AutomationOutcome::kReturnDue,
              absl::StrCat("the order is cancelled, and ", due.ToDecimal(),
                           " of it is on receipts, or on what was created: send a return"));
  decision.return_due = due;
  decision.told = CopyOf(LastOf(seen, subject));
  return decision;
}

AutomationDecision DecideByOrderRule(const OrderReport& report, const AutomationRule& rule,
                                     const SeenBefore& seen, absl::CivilDay today) {
  const auto& what = std::get<OnlineOrderRule>(rule.what);
  const ReportSubject subject = SubjectOf(Report(report));
  if (what.action == OnlineOrderAction::kNothing) {
    return SwitchedOff(absl::StrCat("rule '", rule.id, "' creates nothing"), subject, report.revision, seen);
  }
  if (report.state == OrderState::kCancelled) return DecideCancelled(subject, seen);
  const Money own = OwnToReturnOf(seen, subject);
  if (own.kopiykas() > report.received.kopiykas()) {
    AutomationDecision decision =
        Outcome(AutomationOutcome::kReturnDue,
                absl::StrCat(report.received.ToDecimal(), " is received, and ", own.ToDecimal(),
                             " is on receipts, or on what was created: send a return for the difference"),
                Reason::kReceivedAmountDecreased);
    decision.return_due = Money::FromKopiykas(own.kopiykas() - report.received.kopiykas());
    decision.told = CopyOf(LastOf(seen, subject));
    return decision;
  }
  if (report.received.IsZero()) return Outcome(AutomationOutcome::kNothingDue, "nothing is received yet");
  if (!report.payment_confirmed) {
    return Outcome(AutomationOutcome::kNotConfirmed, "the payment is not confirmed",
                   Reason::kPaymentNotConfirmed);
  }
  return what.action == OnlineOrderAction::kSale ? DecideSale(report, rule, seen, today)
                                                 : DecidePayment(report, rule, seen);
}

}  // namespace

AutomationDecision DecideOrder(const OrderReport& report, const AutomationRule* rule, const SeenBefore& seen,
                               absl::CivilDay today) {
  std::optional<AutomationDecision> decision = DecideWithoutRule(report, rule, seen);
  if (!decision) decision = DecideByOrderRule(report, *rule, seen, today);
  if (rule != nullptr) decision->rule_id = rule->id;
  return *std::move(decision);
}

AutomationDecision DecideReport(const Report& report, const AutomationRule* rule, const SeenBefore& seen,
                                absl::CivilDay today) {
  if (const auto* order = std::get_if<OrderReport>(&report)) return DecideOrder(*order, rule, seen, today);
  return DecideDelivery(std::get<DeliveryReport>(report), rule, seen);
}

}  // namespace kasa::domain
