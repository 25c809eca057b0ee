#ifndef KASA_SERVER_DOMAIN_PRICING_STEPS_H_
#define KASA_SERVER_DOMAIN_PRICING_STEPS_H_

#include <optional>
#include <string>
#include <vector>

#include "common/money.h"
#include "server/domain/document.h"
#include "server/domain/findings.h"
#include "server/domain/line_checks.h"
#include "server/domain/receipt.h"

// Steps of pricing that documents of every kind share. Pure functions of their arguments.
namespace kasa::domain {

// Total of amounts that are each in range: at most kMaxLines of them, far from overflow.
Money TotalOf(const std::vector<PricedRow>& rows);

// Spreads the document's discount over the rows. The total with every discount; nothing when it can't be
// told.
std::optional<Money> PriceRows(const Document& sale, CheckedLines& lines, const FieldScope& scope);

// The document's own comment as the register takes it, cut to `max_length` with a warning.
std::string CheckDocumentComment(const Document& document, size_t max_length, const FieldScope& scope);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_PRICING_STEPS_H_
