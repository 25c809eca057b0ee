#include "server/vchasno/tag_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "server/domain/tag.h"

namespace kasa::vchasno {

std::string TagFromText(absl::string_view told) {
  constexpr size_t kDigits = 32;
  std::string digits = domain::TagDigits(told);
  const bool is_tag = digits.size() == kDigits && std::all_of(digits.begin(), digits.end(), [](char c) {
                        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
                      });
  return is_tag ? digits : std::string(told);
}

}  // namespace kasa::vchasno
