#ifndef KASA_SERVER_DOMAIN_RETURN_LINES_H_
#define KASA_SERVER_DOMAIN_RETURN_LINES_H_

#include <cstddef>
#include <vector>

#include "server/domain/document.h"
#include "server/domain/findings.h"
#include "server/domain/original.h"
#include "server/domain/receipt.h"

// Holds the lines of a return against the rows of its original, and prices them. Pure functions of their
// arguments.
namespace kasa::domain {

// A line that wants back more than is left of its row.
struct Excess {
  size_t line = 0;
  Quantity asked;
  Quantity left;  // lines before this one taken off
  Quantity sold;
};

struct ReturnLines {
  // A row for each line. Of use when nothing was violated.
  std::vector<PricedRow> rows;

  // Whether every row's amount could be told and is 0.01 or more. A line may break other rules than those of
  // amounts: then what depends on the total can still be checked.
  bool amounts_known = true;

  std::vector<Excess> excesses;  // in the order of the lines; amounts are not known then
};

// For an original whose rows are known. What the caller states is held against the sale and never adjusted:
//
// - The row: original_line_id is the line_id of the sale's line, or its place, from 1, where that has none.
// It
//   is left out where one row can be meant: the only one of that name, code, price and tax; the only one of
//   the sale; or, in a return with as many lines as the sale, the one at the line's own place
//   (ORIGINAL_LINE_NOT_FOUND, ORIGINAL_LINE_AMBIGUOUS).
// - Price, tax and codes are those of the sale, the codes when given (DIFFERS_FROM_SALE). The receipt has the
//   sale's name: another one in the return is a warning, because names are cleaned and corrected.
// - The amount is ShareOf() the row. Without a discount on the whole document, amount_kopiykas and a line's
//   discount, when given, must lead to it (LINE_AMOUNT_MISMATCH). With one, amount_kopiykas is what it is in
//   a sale, quantity x price less the line's discount, and the document's total is what must agree: see
//   returns.h.
// - Excise stamps that are given are of the row and have not come back yet (DIFFERS_FROM_SALE). When none are
//   given, the rest of the row brings the rest of its stamps, and a part has to name them
//   (EXCISE_STAMPS_MISSING).
ReturnLines CheckReturnLines(const Document& sales_return, Original original, const FieldScope& document);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_RETURN_LINES_H_
