#ifndef KASA_SERVER_DOMAIN_DOCUMENT_H_
#define KASA_SERVER_DOMAIN_DOCUMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/money.h"

// What a caller sends: documents and payments as received, before any check. Plain values.
namespace kasa::domain {

enum class DocumentKind { kSale = 1, kReturn = 2, kPayment = 3 };

// Whether a register issues test or real receipts.
enum class RegisterMode { kTest = 1, kReal = 2 };

inline absl::string_view NameOf(RegisterMode mode) {
  return mode == RegisterMode::kTest ? "test" : "real";
}

enum class PaymentKind { kUnspecified = 0, kCash = 1, kCashless = 2 };

// The part that a document plays in a prepayment or postpayment chain. All but kNone are refused for now.
enum class ChainRole { kNone = 0, kPrepayment = 1, kPostpayment = 2, kChainReturn = 3 };

// Names a document for ever: product.md, point 12.
struct DocumentKey {
  std::string source_system;
  DocumentKind kind = DocumentKind::kSale;
  std::string document_id;
  RegisterMode mode = RegisterMode::kTest;

  friend bool operator==(const DocumentKey&, const DocumentKey&) = default;
};

// A document as another one names it. Without a mode: the one that exists.
struct DocumentName {
  std::string source_system;
  DocumentKind kind = DocumentKind::kSale;
  std::string document_id;
  std::optional<RegisterMode> mode;

  friend bool operator==(const DocumentName&, const DocumentName&) = default;
};

struct Line {
  std::string line_id;  // optional; unique in its document when given
  std::string name;
  Quantity quantity;
  Money price;                  // for a quantity of one
  Money discount;               // on the whole line; negative is a markup
  std::optional<Money> amount;  // checked when given: quantity x price - discount
  std::string tax_id;           // the caller's tax, mapped to a tax group
  std::string code;
  std::string barcode;
  std::string uktzed;
  std::string dkpp;
  std::vector<std::string> excise_stamps;
  std::string unit_code;
  std::string comment;
  std::string original_line_id;  // returns only

  friend bool operator==(const Line&, const Line&) = default;
};

// Details of a card payment, for the receipt. The card number is masked.
struct CardDetails {
  std::string rrn;
  std::string auth_code;
  std::string terminal_id;
  std::string card_mask;
  std::string payment_system;
  std::string bank_id;
  std::string bank_name;
  Money commission;

  friend bool operator==(const CardDetails&, const CardDetails&) = default;
};

struct Payment {
  std::string
      payment_method_id;  // the caller's method, mapped to a payment type; may be empty, then `kind` decides
  PaymentKind kind = PaymentKind::kUnspecified;
  Money amount;                   // before cash rounding
  std::optional<Money> tendered;  // cash only: what the buyer handed over
  std::optional<CardDetails> card;

  friend bool operator==(const Payment&, const Payment&) = default;
};

// The buyer's contacts. Not part of the fiscal content; never logged.
struct Buyer {
  std::string phone;
  std::string email;

  friend bool operator==(const Buyer&, const Buyer&) = default;
};

// What a return returns: one of the two is set.
struct OriginalSale {
  std::optional<DocumentName> document;  // a sale or payment of the gateway's
  std::string fiscal_number;             // of a receipt made elsewhere

  friend bool operator==(const OriginalSale&, const OriginalSale&) = default;
};

// That the buyer agreed to get the money back another way than it came.
struct RefundMethodChange {
  bool buyer_agreed = false;
  std::string note;

  friend bool operator==(const RefundMethodChange&, const RefundMethodChange&) = default;
};

enum class PaymentDirection { kUnspecified = 0, kIncoming = 1, kOutgoing = 2 };

// Where the money of a payment is; for the record. At most one of the two is set.
struct MoneyPlace {
  std::string cash_desk_id;
  std::string bank_account_id;

  friend bool operator==(const MoneyPlace&, const MoneyPlace&) = default;
};

// What a sale, a return and a payment share, and what only one of them has.
struct Document {
  bool activated = false;
  std::string document_date;  // "YYYY-MM-DD", a day in Kyiv
  std::string currency_code;
  std::string branch_id;
  std::string legal_entity_id;
  std::string integration_id;  // optional: the default integration serves when empty
  std::string order_id;
  std::vector<Line> lines;
  Money discount;  // on the whole document, spread over its lines; negative is a markup
  std::vector<Payment> payments;
  Buyer buyer;
  std::string comment;
  ChainRole chain_role = ChainRole::kNone;
  std::optional<Money> order_total;
  // Returns only.
  std::optional<OriginalSale> original_sale;
  std::optional<RefundMethodChange> refund_method_change;
  // Payments only.
  PaymentDirection direction = PaymentDirection::kUnspecified;
  std::optional<MoneyPlace> money_place;
  std::optional<DocumentName> paid_document;

  friend bool operator==(const Document&, const Document&) = default;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_DOCUMENT_H_
