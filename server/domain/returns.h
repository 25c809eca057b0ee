#ifndef KASA_SERVER_DOMAIN_RETURNS_H_
#define KASA_SERVER_DOMAIN_RETURNS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "server/domain/document.h"
#include "server/domain/integration.h"
#include "server/domain/notice.h"
#include "server/domain/original.h"
#include "server/domain/receipt.h"
#include "server/domain/violation.h"

// From a sales return to its receipt: held against what it returns, mapped and priced (product.md, point 9).
// Pure functions of their arguments.
namespace kasa::domain {

// What a return returns, as the request names it: a sale or a payment, or a fiscal number that a receipt can
// tell. Fields are at the request's root.
Violations CheckOriginalSale(const OriginalSale& original);

// Exactly one of: violations, a refusal, the receipt.
struct PricedReturn {
  Violations violations;                 // all of them, in document order
  absl::Status refusal;                  // FAILED_PRECONDITION: RETURN_EXCEEDS_SALE, REFUND_METHOD_DIFFERS
  std::optional<PricedReceipt> receipt;  // set exactly when there is neither
  std::vector<Notice> warnings;          // what was cleaned, cut, noticed or could not be checked
};

// Checks every precondition of a return and prices it. `original` is what it returns, with every earlier
// return taken off that counts. `root` is the field path of the document in its request ("sales_return").
//
// - The lines: CheckReturnLines(). Where the original's rows are not known, a line is checked, mapped and
//   priced as in a sale, and a warning says that it could not be held against what was sold.
// - A discount on the whole document, when given, makes the lines come to what was paid for what comes back
//   (DIFFERS_FROM_SALE); when none is given, the sale's own shares are taken. So the lines, discount and
//   payments of a sale, sent again, return the whole of it, and a part needs quantities and payments only.
// - The payments come to the total exactly, before cash rounding (PAYMENTS_DO_NOT_COVER tells the expected
//   one). The cash part is rounded as in a sale. What a buyer tendered once is no part of a return, and is
//   left out with a warning.
// - By payment type, no more goes back than came that way and has not gone back yet, unless the document says
//   that the buyer agreed (REFUND_METHOD_DIFFERS). Types are today's mapping of the document's methods.
// - Branch, legal entity and order, when given, are the original's (DIFFERS_FROM_SALE).
// - The comment at the foot begins with the original's fiscal number, uncut; the caller's takes what room is
//   left.
//
// Not decided here: which integration serves the return, and whether the original may be returned at all
// (MayBeReturned).
PricedReturn PriceReturn(const Document& sales_return, const Original& original,
                         const Integration& integration, const Mapping& mapping, absl::CivilDay today_in_kyiv,
                         absl::string_view root);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_RETURNS_H_
