#ifndef KASA_SERVER_DOMAIN_LINE_FIELDS_H_
#define KASA_SERVER_DOMAIN_LINE_FIELDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/money.h"
#include "server/domain/document.h"
#include "server/domain/findings.h"

// Checks of single fields of a line, the same for a sale and a return. What is wrong goes to `scope`, which
// is the line's; what is returned is the value as the register takes it. Pure functions of their arguments.
namespace kasa::domain {

// Required, and with something left that the register can print.
std::string CheckLineName(const Line& line, const FieldScope& scope);

// More than zero and within limits.h; not negative and within limits.h.
bool IsLineQuantity(Quantity quantity, const FieldScope& scope);
bool IsLinePrice(Money price, const FieldScope& scope);

// quantity x price - discount, when that is an amount that a row can have.
std::optional<Money> CheckLineAmount(const Line& line, const FieldScope& scope);

// Codes name things: a code that is too long is refused and never cut, or two could become one.
std::string CheckLineCode(absl::string_view field, absl::string_view value, size_t max_length,
                          const FieldScope& scope);
std::string CheckLineUktzed(const Line& line, const FieldScope& scope);

// Stamps are sent as they are or not at all: one with a character changed would be another stamp.
std::vector<std::string> CheckLineStamps(const Line& line, const FieldScope& scope);

std::string CheckLineComment(const Line& line, const FieldScope& scope);
void CheckLineUnit(const Line& line, const FieldScope& scope);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_LINE_FIELDS_H_
