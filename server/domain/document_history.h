#ifndef KASA_SERVER_DOMAIN_DOCUMENT_HISTORY_H_
#define KASA_SERVER_DOMAIN_DOCUMENT_HISTORY_H_

#include <optional>
#include <vector>

#include "common/money.h"
#include "server/domain/fiscalization.h"

namespace kasa::domain {

// What went before a document and bears on whether it may be accepted (product.md, points 9 and 11), as read
// in the transaction that stores it (architecture.md, rule 6), or just before for validate_only. What FAILED
// or was CANCELLED surely made no receipt and is not in it, nor is the document itself; what is in doubt is.
struct DocumentHistory {
  // Returns: what is returned, whatever its state. Empty for a receipt made elsewhere.
  std::optional<Fiscalization> original;
  // Other returns of the same original, the oldest first.
  std::vector<Fiscalization> returns;
  // All others of the same order (source system, order id, test or real), the oldest first; empty when the
  // document names no order.
  std::vector<Fiscalization> order;
  // The same goods under another document: for a payment, the delivery note that it names as paid; for a
  // sale, the payments that name it. With the returns of these, whatever order they are in.
  std::vector<Fiscalization> same_goods;
  // The order's total, as told first or by its report since.
  std::optional<Money> order_total;
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_DOCUMENT_HISTORY_H_
