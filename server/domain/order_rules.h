#ifndef KASA_SERVER_DOMAIN_ORDER_RULES_H_
#define KASA_SERVER_DOMAIN_ORDER_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/money.h"
#include "server/domain/document.h"
#include "server/domain/document_history.h"
#include "server/domain/fiscalization.h"
#include "server/domain/integration.h"
#include "server/domain/receipt.h"

// One sale, many doors: what all receipts of one order may come to together (product.md, point 11). Pure
// functions of their arguments. All sums are before cash rounding, of what does not surely lack a receipt:
// FAILED and CANCELLED are left out by whoever reads the history.
namespace kasa::domain {

// A return of a receipt that is not among `receipts` (made elsewhere, or in no order) takes nothing off.
OrderStanding StandingOf(const std::vector<Fiscalization>& receipts);

// What is needed of `all` others of an order, the oldest first, about a document on this register. Whoever
// has them all at hand asks here; a store that reads less has to come to the same.
OrderOthers OthersOf(std::vector<Fiscalization> all, absl::string_view register_fiscal_number);

// Whether a receipt, or one to come, has the goods of both rows: they have the same code; where one has no
// code, the same barcode; where one has neither, the same name. Price and quantity do not count, so that a
// part of a line is the same goods.
bool AreSameGoods(const PricedRow& a, const PricedRow& b);

// Names of the goods that a document lists, so that two of them have the same goods (AreSameGoods) only if
// they have a name in common. Of one that is not priced yet, as its lines will be printed. None for one that
// lists no goods: a return, and a payment without lines.
std::vector<std::string> GoodsNamesOf(const Fiscalization& document);

// What is about to be accepted, as the order's rules see it. Referred to, not kept.
struct OrderCandidate {
  DocumentKind kind;
  const Document& document;
  const PricedReceipt& receipt;
  absl::string_view register_fiscal_number;
  PartPayments part_payments;
};

// Holds a priced document against the others of its order. FAILED_PRECONDITION, the first that applies:
//
// - ORDER_TOTAL_DIFFERS: it states another total than is known; the first one known binds, or that of the
//   order's last report.
// - ORDER_ON_OTHER_REGISTER: another receipt of the order is, or may be, on another register.
// - ORDER_ALREADY_FISCALIZED: (1) sales and payments less returns would come to more than the order's total,
//   where it is known; or (2) the same goods are on a receipt by a payment and by a delivery note: the
//   payment names the delivery note as paid, in either order of arrival; or both list lines, with a line of
//   the same goods (AreSameGoods), in one order. What has come back by a return with a receipt is on none any
//   more. A payment without lines tells nothing of its goods: for it only (1) and the naming count.
// - FISCAL_CHAIN_PREPAYMENT: a payment that, with the other receipts of the order that surely exist, comes to
//   less than the order's total, unless part payments are allowed: that setting says that the rest was paid
//   in a way that needs no receipt. A payment of exactly the rest is no part payment. With a retry delay when
//   it would be the rest, once what is open has its receipt.
//
// A return is held against the total and the register only: it takes off. Metadata of what is refused for its
// sum: order_total_kopiykas, on_receipts_kopiykas (at most), left_kopiykas.
absl::Status HoldAgainstOrder(const OrderCandidate& candidate, const DocumentHistory& history);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_ORDER_RULES_H_
