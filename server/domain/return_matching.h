#ifndef KASA_SERVER_DOMAIN_RETURN_MATCHING_H_
#define KASA_SERVER_DOMAIN_RETURN_MATCHING_H_

#include <cstddef>
#include <optional>

#include "server/domain/document.h"
#include "server/domain/findings.h"
#include "server/domain/original.h"

namespace kasa::domain {

// Which row of the original the line at `place` of a return means: see CheckReturnLines(). Nothing, with the
// reason in the findings, when that can't be told. A pure function of its arguments.
std::optional<size_t> MatchToOriginal(const Document& sales_return, size_t place, const Original& original,
                                      const FieldScope& line);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_RETURN_MATCHING_H_
