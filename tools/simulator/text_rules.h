#ifndef KASA_TOOLS_SIMULATOR_TEXT_RULES_H_
#define KASA_TOOLS_SIMULATOR_TEXT_RULES_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace kasa::simulator {

// What the register lets through of a text: its alphabet and lengths, counted in characters (code points).
// Pure functions; the texts are valid UTF-8.

// Abseil's string_view is a type of its own here; this is the way into its functions.
inline absl::string_view View(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

size_t CharacterCount(std::string_view text);

// The first `count` characters.
std::string FirstCharacters(std::string_view text, size_t count);

// `text` with each character that the register does not know replaced by '?'. In a comment a backslash
// followed by 'n' is a line break and stays; any other backslash is replaced.
std::string ReplaceUnknownCharacters(std::string_view text, bool is_comment);

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_TEXT_RULES_H_
