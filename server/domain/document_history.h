#ifndef KASA_SERVER_DOMAIN_DOCUMENT_HISTORY_H_
#define KASA_SERVER_DOMAIN_DOCUMENT_HISTORY_H_

#include <optional>
#include <vector>

#include "common/money.h"
#include "server/domain/fiscalization.h"

namespace kasa::domain {

// What receipts come to together. A receipt that waits or is in doubt may still come to be or not, so there
// are two answers, and each rule takes the one that is safe for it.
struct OrderStanding {
  // Sales and payments, less the returns among the receipts of one of these.
  Money at_most;   // as if all that is open came to be, and of the returns only those with a receipt
  Money at_least;  // as if nothing that is open came to be, but all returns

  friend bool operator==(const OrderStanding&, const OrderStanding&) = default;
};

// The others of a document's order, as far as its rules need them (order_rules.h): an order may have
// thousands.
struct OrderOthers {
  OrderStanding standing;  // of all of them
  // The oldest on another register than the document's.
  std::optional<Fiscalization> elsewhere;
  // The oldest first: sales, where the document is a payment that lists goods, and payments, where it is a
  // sale, as far as they may have goods of the document's; and the returns of these.
  std::vector<Fiscalization> with_goods;
};

// What went before a document and bears on whether it may be accepted (product.md, points 9 and 11), as read
// in the transaction that stores it (architecture.md, rule 6), or just before for validate_only. What FAILED
// or was CANCELLED surely made no receipt and is not in it, nor is the document itself; what is in doubt is.
struct DocumentHistory {
  // Returns: what is returned, whatever its state. Empty for a receipt made elsewhere.
  std::optional<Fiscalization> original;
  // Other returns of the same original, the oldest first.
  std::vector<Fiscalization> returns;
  // Of all others of the same order (source system, order id, test or real); empty when the document names no
  // order. A return counts wherever what it returns does.
  OrderOthers order;
  // The same goods under another document: for a payment, the delivery note that it names as paid; for a
  // sale, the payments that name it. With the returns of these, whatever order they are in.
  std::vector<Fiscalization> same_goods;
  // The order's total, as told first or by its report since.
  std::optional<Money> order_total;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_DOCUMENT_HISTORY_H_
