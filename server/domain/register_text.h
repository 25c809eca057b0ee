#ifndef KASA_SERVER_DOMAIN_REGISTER_TEXT_H_
#define KASA_SERVER_DOMAIN_REGISTER_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

// Text as the register takes it (vchasno-kasa-errors.md, "The allowed alphabet"). Pure functions.
namespace kasa::domain {

struct CleanedText {
  std::string text;
  bool changed = false;  // characters were replaced or dropped; plain spaces joined or trimmed don't count
  bool cut = false;      // longer than the limit
};

// `text` in the register's alphabet and at most `max_length` characters: a run of white space of every kind
// becomes one plain space, look-alikes become their plain form (arrows, ligatures, fullwidth letters, other
// quotes and dashes), what has no plain form (emoji, control and combining characters) is dropped; ends are
// trimmed. Bytes that are no UTF-8 are dropped too. Cleaning a cleaned text changes nothing. The whole rule
// is a table at the top of register_text.cc, and for callers in docs/api.md.
CleanedText CleanText(absl::string_view text, size_t max_length);

// How many characters (code points) `text` has; bytes that are no UTF-8 count one each.
size_t LengthInCharacters(absl::string_view text);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_REGISTER_TEXT_H_
