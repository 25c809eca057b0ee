#ifndef KASA_SERVER_DOMAIN_AUTOMATION_H_
#define KASA_SERVER_DOMAIN_AUTOMATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/money.h"
#include "common/reason.h"
#include "server/domain/document.h"
#include "server/domain/fiscalization.h"
#include "server/domain/violation.h"

// Automation: rules, and the reports that they act on (product.md, points 7, 16 and 17). Plain values.
namespace kasa::domain {

// What a rule is for, and what a report tells of.
enum class ReportKind { kOrder = 1, kDelivery = 2 };

enum class OnlineOrderAction { kNothing = 1, kSale = 2, kPayment = 3 };

struct OnlineOrderRule {
  std::string store_id;
  OnlineOrderAction action = OnlineOrderAction::kNothing;
  bool fiscalize = false;
  std::string payment_method_id;

  friend bool operator==(const OnlineOrderRule&, const OnlineOrderRule&) = default;
};

struct CashOnDeliveryRule {
  std::string store_id;  // empty: every store that has no rule of its own
  bool create_payment = false;
  bool fiscalize = false;
  std::string payment_method_id;

  friend bool operator==(const CashOnDeliveryRule&, const CashOnDeliveryRule&) = default;
};

struct AutomationRule {
  std::string id;
  std::string display_name;
  std::string source_system;
  std::string integration_id;
  bool active = false;
  std::variant<OnlineOrderRule, CashOnDeliveryRule> what;
  absl::Time create_time;
  absl::Time update_time;
  int64_t revision = 0;  // its etag

  ReportKind kind() const {
    return std::holds_alternative<OnlineOrderRule>(what) ? ReportKind::kOrder : ReportKind::kDelivery;
  }
  const std::string& store_id() const {
    return std::visit([](const auto& rule) -> const std::string& { return rule.store_id; }, what);
  }
  bool fiscalize() const {
    return std::visit([](const auto& rule) { return rule.fiscalize; }, what);
  }
  const std::string& payment_method_id() const {
    return std::visit([](const auto& rule) -> const std::string& { return rule.payment_method_id; }, what);
  }
};

enum class OrderState { kUnspecified = 0, kOpen = 1, kCancelled = 2 };

// An online order as its store has it now. The contract tells what each field means.
struct OrderReport {
  std::string source_system;
  std::string order_id;
  std::string store_id;
  int64_t revision = 0;
  OrderState state = OrderState::kUnspecified;
  Money total;
  Money received;
  bool payment_confirmed = false;
  std::vector<Payment> payments;
  std::vector<Line> lines;
  Money discount;
  std::string currency_code;
  std::string branch_id;
  std::string legal_entity_id;
  Buyer buyer;
};

// A parcel of Nova Poshta as the caller knows it now.
struct DeliveryReport {
  std::string source_system;
  std::string waybill_number;
  std::string order_id;
  std::string store_id;
  int64_t revision = 0;
  bool handed_over = false;
  bool paid = false;
  bool payment_confirmed = false;
  Money cash_on_delivery;
  std::optional<Money> order_total;
  std::optional<DocumentName> delivered_document;
  std::vector<Line> lines;
  std::string currency_code;
  std::string branch_id;
  std::string legal_entity_id;
  Buyer buyer;
};

using Report = std::variant<OrderReport, DeliveryReport>;

// What a report is about: an order, or a parcel by its waybill. Reports are told apart by it and by their
// revision.
struct ReportSubject {
  ReportKind kind = ReportKind::kOrder;
  std::string source_system;
  std::string id;

  friend bool operator==(const ReportSubject&, const ReportSubject&) = default;
};

ReportSubject SubjectOf(const Report& report);

// A document or payment that a rule made, whatever became of it.
struct CreatedDocument {
  ReportSubject subject;
  int number = 1;        // over all that was made for the subject
  int64_t revision = 0;  // of the report that it was made for
  std::string order_id;
  std::string rule_id;
  DocumentKind kind = DocumentKind::kSale;  // a sale or a payment
  std::string document_id;                  // of the subject's source system
  bool fiscalize = false;                   // as the rule said when it was made
  // The gateway tried to fiscalize it and was refused: as good as not made, while no fiscalization has its
  // key.
  bool refused = false;
  Money amount;
  Document content;
  std::optional<Fiscalization> fiscalization;  // what has its key now, on the register of the rule

  // Whether it is made for good: something may come of it, or was told to the caller.
  bool Stands() const { return fiscalization.has_value() || !refused; }
};

// What is done about a report. The numbers are those of the contract.
enum class AutomationOutcome {
  kActed = 1,
  kAlreadyDone = 2,
  kNothingDue = 3,
  kSwitchedOff = 4,
  kNotConfirmed = 5,
  kStale = 6,
  kReturnDue = 7,
  kRefused = 8,
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_AUTOMATION_H_
