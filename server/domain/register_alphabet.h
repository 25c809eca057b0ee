#ifndef KASA_SERVER_DOMAIN_REGISTER_ALPHABET_H_
#define KASA_SERVER_DOMAIN_REGISTER_ALPHABET_H_

#include <optional>

#include "absl/strings/string_view.h"

// The characters that the register takes (vchasno-kasa-errors.md, "The allowed alphabet"), and what stands in
// for others. Pure functions; the table is in register_alphabet.cc.
namespace kasa::domain {

// Latin, Ukrainian and Russian letters, digits, space, and the signs
// !.,"№;:?*()<>|/@#$%^-_+=~'&{}[]®©«»°±‘’“”–•—™„‰‹›
bool IsInRegisterAlphabet(char32_t character);

// Every kind of white space: what Unicode calls so (the no-break space, tabs and line ends among it).
bool IsWhiteSpace(char32_t character);

// What is printed instead of a character outside the alphabet, itself within it: "->" for an arrow. Nothing
// when it has no plain form.
std::optional<absl::string_view> PlainFormOf(char32_t character);

// The letter that `base` and the combining character after it stand for (й written as и and a breve), as a
// Mac writes file names; nothing when the alphabet has none.
std::optional<char32_t> Compose(char32_t base, char32_t combining);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_REGISTER_ALPHABET_H_
