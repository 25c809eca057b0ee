#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

// The byte length of the character that starts with `lead`. The text is valid UTF-8.
size_t LengthByLead(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80) return 1;
  if (byte < 0xE0) return 2;
  if (byte < 0xF0) return 3;
  return 4;
}

bool IsKnown(std::string_view character) {
  if (character.size() == 1) {
    const char c = character[0];
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return true;
    constexpr std::string_view kSigns = " !.,\";:?*()<>|/@#$%^-_+=~'&{}[]";
    return kSigns.find(c) != std::string_view::npos;
  }
  // А-Я and а-я in UTF-8 are D0 90 .. D0 BF and D1 80 .. D1 8F; the rest are listed.
  if (character >= "\xD0\x90" && character <= "\xD1\x8F" && character.size() == 2) return true;
  constexpr std::string_view kOthers = "ЁёҐґЄєІіЇї№®©«»°±‘’“”–•—™„‰‹›";
  return kOthers.find(character) != std::string_view::npos;
}

}  // namespace

size_t CharacterCount(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at += LengthByLead(text[at])) ++count;
  return count;
}

std::string FirstCharacters(std::string_view text, size_t count) {
  size_t at = 0;
  for (; count > 0 && at < text.size(); --count) at += LengthByLead(text[at]);
  return std::string(text.substr(0, at));
}

std::string ReplaceUnknownCharacters(std::string_view text, bool is_comment) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const std::string_view character = text.substr(at, LengthByLead(text[at]));
    if (is_comment && text.substr(at, 2) == "\\n") {
      out += "\\n";
      at += 2;
      continue;
    }
    out += IsKnown(character) ? std::string(character) : "?";
    at += character.size();
  }
  return out;
}

}  // namespace kasa::simulator
