#ifndef KASA_SERVER_DOMAIN_LINE_CHECKS_H_
#define KASA_SERVER_DOMAIN_LINE_CHECKS_H_

#include <optional>
#include <vector>

#include "server/domain/document.h"
#include "server/domain/findings.h"
#include "server/domain/integration.h"
#include "server/domain/receipt.h"

// Checks, maps and prices the lines of a sale. Pure functions of their arguments.
namespace kasa::domain {

struct CheckedLines {
  // A row for each line, with the line's own discount only. Of use when nothing was violated.
  std::vector<PricedRow> rows;

  // Whether every row's amount could be told and is 0.01 or more. A line may break other rules than those of
  // amounts: then what depends on the total can still be checked.
  bool amounts_known = true;
};

CheckedLines CheckLines(const std::vector<Line>& lines, const Mapping& mapping, const FieldScope& document);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_LINE_CHECKS_H_
