#include "server/domain/utf8.h"

namespace kasa::domain {
namespace {

struct Lead {
  size_t bytes;       // of the whole character; 0: no lead byte
  char32_t payload;   // its own bits
  char32_t smallest;  // what needs that many bytes; less is an overlong form
};

Lead LeadOf(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC0 && byte < 0xE0) return {2, byte & 0x1FU, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0FU, 0x800};
  if (byte >= 0xF0 && byte < 0xF8) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

bool IsSurrogate(char32_t code_point) {
  return code_point >= 0xD800 && code_point <= 0xDFFF;
}

}  // namespace

Utf8Step FirstCharacter(absl::string_view text) {
  const Utf8Step none{std::nullopt, 1};
  const Lead lead = LeadOf(static_cast<unsigned char>(text.front()));
  if (lead.bytes == 0 || lead.bytes > text.size()) return none;
  char32_t code_point = lead.payload;
  for (size_t i = 1; i < lead.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return none;
    code_point = (code_point << 6U) | (byte & 0x3FU);
  }
  if (code_point < lead.smallest || code_point > 0x10FFFF || IsSurrogate(code_point)) return none;
  return {code_point, lead.bytes};
}

void AppendUtf8(char32_t code_point, std::string& text) {
  const auto push = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  const auto push_rest = [&push, code_point](unsigned shift) {
    push(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) {
    push(code_point);
  } else if (code_point < 0x800) {
    push(0xC0U | (code_point >> 6U));
    push_rest(0);
  } else if (code_point < 0x10000) {
    push(0xE0U | (code_point >> 12U));
    push_rest(6);
    push_rest(0);
  } else {
    push(0xF0U | (code_point >> 18U));
    push_rest(12);
    push_rest(6);
    push_rest(0);
  }
}

}  // namespace kasa::domain
