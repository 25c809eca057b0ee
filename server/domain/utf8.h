#ifndef KASA_SERVER_DOMAIN_UTF8_H_
#define KASA_SERVER_DOMAIN_UTF8_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Pure functions.
namespace kasa::domain {

// The first character of a text.
struct Utf8Step {
  std::optional<char32_t> code_point;  // nothing: these bytes are no character
  size_t bytes = 1;                    // how many to go on by; 1 where there is no character
};

// `text` is not empty.
Utf8Step FirstCharacter(absl::string_view text);

// `code_point` is a character: not a surrogate, at most U+10FFFF.
void AppendUtf8(char32_t code_point, std::string& text);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_UTF8_H_
