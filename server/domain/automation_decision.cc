#include "server/domain/automation_decision.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/kyiv_time.h"
#include "common/sha256.h"
#include "server/domain/automation_checks.h"
#include "server/domain/automation_sums.h"
#include "server/domain/limits.h"
#include "server/domain/order_rules.h"

namespace kasa::domain {
namespace {

AutomationDecision Outcome(AutomationOutcome outcome, std::string message,
                           std::optional<Reason> reason = std::nullopt) {
  AutomationDecision decision;
  decision.outcome = outcome;
  decision.reason = reason;
  decision.message = std::move(message);
  return decision;
}

std::optional<CreatedDocument> CopyOf(const CreatedDocument* created) {
  return created == nullptr ? std::nullopt : std::make_optional(*created);
}

// The answer when no rule acts. A report that was acted on before is answered so whatever became of its rule.
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

// The rule's method where a payment tells none.
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

// The lines that were told, when they come to `due`: a part can't be told by lines.
void ListGoods(const std::vector<Line>& lines, Money discount, Money due, Document& content,
               AutomationDecision& decision) {
  if (lines.empty()) return;
  if (LinesComeTo(lines, discount) == due) {
    content.lines = lines;
    content.discount = discount;
    return;
  }
  decision.warnings.push_back(absl::StrCat("the lines do not come to ", due.ToDecimal(),
                                           ", so the receipt has the default payment line"));
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
    acted.warnings.push_back(absl::StrCat("of the cash on delivery, ", report.cash_on_delivery.ToDecimal(),
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
  done.told = CopyOf(before);
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

AutomationDecision DecideOrder(const OrderReport& report, const AutomationRule* rule, const SeenBefore& seen,
                               absl::CivilDay today) {
  std::optional<AutomationDecision> decision = DecideWithoutRule(report, rule, seen);
  if (!decision) decision = DecideByOrderRule(report, *rule, seen, today);
  if (rule != nullptr) decision->rule_id = rule->id;
  return *std::move(decision);
}

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

AutomationDecision DecideReport(const Report& report, const AutomationRule* rule, const SeenBefore& seen,
                                absl::CivilDay today) {
  if (const auto* order = std::get_if<OrderReport>(&report)) return DecideOrder(*order, rule, seen, today);
  return DecideDelivery(std::get<DeliveryReport>(report), rule, seen);
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
