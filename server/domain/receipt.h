#ifndef KASA_SERVER_DOMAIN_RECEIPT_H_
#define KASA_SERVER_DOMAIN_RECEIPT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/money.h"
#include "server/domain/document.h"

// A receipt before and after the register made it. Plain values.
namespace kasa::domain {

// One row exactly as it is sent. Row amount = round(quantity x price) - discount.
struct PricedRow {
  std::string line_id;
  std::string code;
  std::string barcode;
  std::string uktzed;
  std::string dkpp;
  std::vector<std::string> excise_stamps;
  std::string name;
  Quantity quantity;
  Money price;
  Money discount;  // the line's own and its share of the document's; negative is a markup
  Money amount;    // what the buyer pays for this row, before cash rounding
  int tax_group = 0;
  std::string comment;
  int original_row = 0;  // returns: which row of the original comes back, 1 the first; 0 when not known

  friend bool operator==(const PricedRow&, const PricedRow&) = default;
};

struct PricedPayment {
  int payment_type = 0;
  Money sum;     // after cash rounding, without change
  Money change;  // cash only
  std::optional<CardDetails> card;

  friend bool operator==(const PricedPayment&, const PricedPayment&) = default;
};

// A receipt as priced on acceptance and sent later, whatever is mapped by then (architecture.md, rule 9).
// sum = total of row amounts; total of payment sums = due = sum + rounding.
struct PricedReceipt {
  DocumentKind kind = DocumentKind::kSale;
  std::string cashier;
  std::vector<PricedRow> rows;
  std::vector<PricedPayment> payments;
  Money sum;
  Money rounding;
  Money due;
  Money change;
  std::string comment_up;
  std::string comment_down;

  friend bool operator==(const PricedReceipt&, const PricedReceipt&) = default;
};

// A receipt that the register made.
struct Receipt {
  std::string fiscal_number;
  std::string register_fiscal_number;
  std::optional<int64_t> local_number;
  std::optional<absl::Time> fiscal_time;
  std::string fiscal_time_raw;  // as the register wrote it
  Money total;                  // what was paid: due
  RegisterMode mode = RegisterMode::kTest;
  bool offline = false;
  bool told_online = false;  // the register said that it was not made offline
  // When an offline receipt was seen to have reached the tax service, see store/offline_receipts.h.
  std::optional<absl::Time> reached_sts_time;
  std::string qr;  // as the register gave it: a link, a text, or nothing
  std::string shift_number;
  std::string sts_url;  // the tax service's page of it, once it is known

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_RECEIPT_H_
