#include "server/vchasno/receipt_link.h"

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace kasa::vchasno {

std::optional<Money> SumInLink(absl::string_view qr, absl::string_view fiscal_number) {
  if (fiscal_number.empty() || !absl::StartsWith(qr, "http")) return std::nullopt;
  const size_t question = qr.find('?');
  if (question == absl::string_view::npos) return std::nullopt;
  const absl::string_view path = qr.substr(0, question);
  absl::string_view named = path.substr(path.rfind('/') + 1);
  std::optional<absl::string_view> told;
  for (const absl::string_view part : absl::StrSplit(qr.substr(question + 1), '&')) {
    if (absl::StartsWith(part, "id=")) named = part.substr(3);
    if (!absl::StartsWith(part, "sm=")) continue;
    if (told) return std::nullopt;
    told = part.substr(3);
  }
  return told && named == fiscal_number ? Money::FromDecimal(*told) : std::nullopt;
}

}  // namespace kasa::vchasno
