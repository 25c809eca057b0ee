#ifndef KASA_SERVER_DOMAIN_AUTOMATION_DECISION_H_
#define KASA_SERVER_DOMAIN_AUTOMATION_DECISION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/domain/automation.h"
#include "server/domain/fiscalization.h"
#include "server/domain/notice.h"
#include "server/domain/violation.h"

// What is done about a report (product.md, points 16 and 17). Pure functions of their arguments. To be asked
// in the transaction that keeps the report, so that two reports of one order at once act once.
namespace kasa::domain {

// An earlier report of the same subject.
struct EarlierReport {
  int64_t revision = 0;
  Money received;  // orders only
};

// What was there before the report.
struct SeenBefore {
  // Of the subject, in the order of their revisions; never the report itself, sent again.
  std::vector<EarlierReport> reports;
  // For the order, by its own reports and by those of its parcels; by subject and number.
  std::vector<CreatedDocument> created;
  // The order's fiscalizations that count, as DocumentHistory.order, on registers of the rule's mode.
  std::vector<Fiscalization> receipts;
  std::optional<Money> order_total;
  // Of a delivery: the delivery note that the parcel carries, with its returns, where that counts.
  std::vector<Fiscalization> delivered;
};

struct AutomationDecision {
  AutomationOutcome outcome = AutomationOutcome::kNothingDue;
  std::optional<Reason> reason;
  std::string message;
  std::string rule_id;  // empty: none applied

  // What the rule makes now, to be kept; it takes the place of what has its subject and number. At most one
  // of the two is set.
  std::optional<CreatedDocument> make;
  // What was made before.
  std::optional<CreatedDocument> told;
  // Whether what is made or told is to be fiscalized, when it is not yet.
  bool fiscalize = false;

  Money return_due;       // with kReturnDue
  Violations violations;  // with kRefused: of what the rule would have made
  Violations of_request;  // the request itself is wrong, and nothing is to be kept
  std::vector<Notice> warnings;
};

// Of an order. In this order:
//
// - STALE: a higher revision was seen.
// - SWITCHED_OFF: no rule, not active, or it creates nothing; ALREADY_DONE when the same report was acted on
//   before that.
// - Cancelled: RETURN_DUE for what is on receipts of the order, whoever made them, or was told to the caller
//   to be sent; else nothing.
// - RETURN_DUE (RECEIVED_AMOUNT_DECREASED): less is received than what the rule's own documents are for,
//   returns taken off. A return is never made.
// - NOTHING_DUE: nothing is received. NOT_CONFIRMED: it is not confirmed.
// - SALE: once the whole total is received, one sale of the order's lines, "order:<order id>", dated `today`;
//   paid as told, else by one payment of the total by the rule's method.
// - PAYMENT: what is received and was not made a payment of before, "order:<order id>:<number>", at most what
//   the order's total leaves beside its receipts. What went back, as an earlier report told, and came again
//   is received again. It has the order's lines when they come to its amount. Of several payments told, those
//   before it are taken to have paid what was made before; one that would need two methods is REFUSED.
// - What is on receipts already, by whatever door, is not made again: ALREADY_DONE with what the rule made,
//   or NOTHING_DUE (ORDER_ALREADY_FISCALIZED).
//
// A sale that has no fiscalization yet is made anew from each report, with that day's date, under the same
// key.
AutomationDecision DecideOrder(const OrderReport& report, const AutomationRule* rule, const SeenBefore& seen,
                               absl::CivilDay today);

// Of a parcel. In this order: `of_request` when the order's total is neither known nor told; STALE;
// SWITCHED_OFF; ALREADY_DONE; NOTHING_DUE until it is handed over and paid; NOT_CONFIRMED; NOTHING_DUE
// (ORDER_ALREADY_FISCALIZED) when the delivery note that it carries has, or may have, a receipt; REFUSED
// (ORDER_TOTAL_DIFFERS); else a payment "waybill:<number>" of its cash on delivery, at most what the order's
// total leaves beside its receipts and what automation made (else NOTHING_DUE).
AutomationDecision DecideDelivery(const DeliveryReport& report, const AutomationRule* rule,
                                  const SeenBefore& seen);

AutomationDecision DecideReport(const Report& report, const AutomationRule* rule, const SeenBefore& seen,
                                absl::CivilDay today);

// "order:<id>", "order:<id>:<number>" or "waybill:<id>"; a hash stands for an id that would be too long.
std::string CreatedDocumentId(const ReportSubject& subject, DocumentKind kind, int number);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_AUTOMATION_DECISION_H_
