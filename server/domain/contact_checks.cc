#include "server/domain/contact_checks.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/domain/phone_number.h"

namespace kasa::domain {
namespace {

constexpr absl::string_view kPhonePrefix = "+380";
constexpr size_t kPhoneDigits = 9;

constexpr size_t kMaxEmailLength = 254;
constexpr size_t kMaxLocalLength = 64;
constexpr size_t kMaxLabelLength = 63;
constexpr absl::string_view kLocalSigns = ".!#$%&'*+/=?^_`{|}~-";

template <typename Predicate>
bool All(absl::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// absl's ascii functions take an unsigned char.
bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}
bool IsLetter(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

bool IsLocalPart(absl::string_view local) {
  if (local.empty() || local.size() > kMaxLocalLength) return false;
  if (local.front() == '.' || local.back() == '.' || absl::StrContains(local, "..")) return false;
  return All(local, [](char c) { return IsDigit(c) || IsLetter(c) || absl::StrContains(kLocalSigns, c); });
}

bool IsLabel(absl::string_view label) {
  if (label.empty() || label.size() > kMaxLabelLength) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return All(label, [](char c) { return IsDigit(c) || IsLetter(c) || c == '-'; });
}

bool IsTopLabel(absl::string_view label) {
  constexpr size_t kShortest = 2;
  return label.size() >= kShortest && (All(label, IsLetter) || absl::StartsWithIgnoreCase(label, "xn--"));
}

}  // namespace

bool IsPhone(absl::string_view text) {
  absl::string_view digits = text;
  if (!absl::ConsumePrefix(&digits, kPhonePrefix)) return false;
  return digits.size() == kPhoneDigits && All(digits, IsDigit) && IsInNumberingPlan(text);
}

bool IsEmail(absl::string_view text) {
  if (text.size() > kMaxEmailLength) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '@');
  if (parts.size() != 2 || !IsLocalPart(parts[0])) return false;
  const std::vector<absl::string_view> labels = absl::StrSplit(parts[1], '.');
  return labels.size() >= 2 && std::all_of(labels.begin(), labels.end(), IsLabel) &&
         IsTopLabel(labels.back());
}

void CheckBuyer(const Buyer& buyer, const FieldScope& document) {
  const FieldScope scope = document.Member("buyer");
  if (!buyer.phone.empty() && !IsPhone(buyer.phone)) {
    scope.Violate("phone", Reason::kPhoneInvalid, kNoPhone);
  }
  if (!buyer.email.empty() && !IsEmail(buyer.email)) {
    scope.Violate("email", Reason::kEmailInvalid, kNoEmail);
  }
}

}  // namespace kasa::domain
