#ifndef KASA_SERVER_DOMAIN_PRICING_H_
#define KASA_SERVER_DOMAIN_PRICING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/money.h"
#include "common/reason.h"
#include "server/domain/document.h"
#include "server/domain/integration.h"
#include "server/domain/notice.h"
#include "server/domain/receipt.h"
#include "server/domain/violation.h"

// From a document to the exact receipt: check, map, price (product.md, point 8). Pure functions of their
// arguments.
namespace kasa::domain {

// Either violations, all of them in document order, or the receipt.
struct PricedDocument {
  Violations violations;
  std::optional<PricedReceipt> receipt;  // set exactly when there are no violations
  std::vector<Notice> warnings;          // what was cleaned, cut or noticed; for a person
};

// Checks every precondition of a sale and prices it. `root` is the field path of the document in its request
// ("sale"). Overflow of any product or sum is a violation (AMOUNT_OUT_OF_RANGE).
//
// Not decided here, because they concern the whole call: which integration serves the document, and fiscal
// chains (ChainReason).
PricedDocument PriceSale(const Document& sale, const Integration& integration, const Mapping& mapping,
                         absl::CivilDay today_in_kyiv, absl::string_view root);

// Why a document of this role is refused as a whole: FISCAL_CHAIN_PREPAYMENT, FISCAL_CHAIN_POSTPAYMENT or
// FISCAL_CHAIN_RETURN (product.md, point 11); nothing for kNone.
std::optional<Reason> ChainReason(ChainRole role);

// The cash part rounded to the step: half up. 50 kopiykas: .01-.24 down, .25-.49 up, .51-.74 down, .75-.99 up
// (National Bank resolution 115 of 17.09.2025). `cash` is not negative and at most kMaxAmountKopiykas.
Money RoundCash(Money cash, CashRounding step);

// `discount` spread over `amounts` in proportion, so that the shares add up to it exactly and every amount
// keeps at least one kopiyka: proportional shares rounded down, then a kopiyka more to each in the order of
// what was rounded off (largest first, ties to the earlier line) until all is spread. A line that would keep
// nothing is passed over, and the round starts again. A negative discount is a markup and is spread the same
// way. Nothing when it can't be: discount > total - number of lines, no amounts, or an amount below 0.01.
std::optional<std::vector<Money>> SpreadDiscount(const std::vector<Money>& amounts, Money discount);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_PRICING_H_
