#include "server/domain/sending.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace kasa::domain {
namespace {

constexpr char kHidden[] = "***";

bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isprint(static_cast<unsigned char>(c)); });
}

}  // namespace

absl::string_view NameOf(SendingChannel channel) {
  return channel == SendingChannel::kEmail ? "EMAIL" : "SMS";
}

absl::string_view NameOf(SendingOutcome outcome) {
  switch (outcome) {
    case SendingOutcome::kInFlight:
      return "IN_FLIGHT";
    case SendingOutcome::kTaken:
      return "TAKEN";
    case SendingOutcome::kRefused:
      return "REFUSED";
    case SendingOutcome::kUnknown:
      break;
  }
  return "UNKNOWN";
}

std::string MaskPhone(absl::string_view phone) {
  constexpr size_t kShownAtStart = 4;
  constexpr size_t kShownAtEnd = 4;
  constexpr size_t kHiddenAtLeast = 3;
  if (!IsPlain(phone) || phone.size() < kShownAtStart + kHiddenAtLeast + kShownAtEnd) return kHidden;
  const size_t hidden = phone.size() - kShownAtStart - kShownAtEnd;
  return absl::StrCat(phone.substr(0, kShownAtStart), std::string(hidden, '*'),
                      phone.substr(phone.size() - kShownAtEnd));
}

std::string MaskEmail(absl::string_view email) {
  const size_t at = email.find('@');
  if (!IsPlain(email) || at == absl::string_view::npos || at == 0) return kHidden;
  return absl::StrCat(email.substr(0, 1), kHidden, email.substr(at));
}

std::string MaskRecipient(SendingChannel channel, absl::string_view recipient) {
  return channel == SendingChannel::kEmail ? MaskEmail(recipient) : MaskPhone(recipient);
}

}  // namespace kasa::domain
