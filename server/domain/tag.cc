#include "server/domain/tag.h"

#include <algorithm>
#include <initializer_list>
#include <random>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/mutant.h"
#include "common/sha256.h"

namespace kasa::domain {
namespace {

constexpr size_t kInstallationDigits = 8;
constexpr size_t kHashDigits = 24;

bool IsLowerHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// The first part tells documents from shift openings and proofs, so that no document can have a tag of
// theirs.
std::string TagOf(const InstallationId& installation, std::initializer_list<absl::string_view> parts) {
  std::string hashed;
  for (const absl::string_view part : parts) absl::StrAppend(&hashed, part.size(), ":", part);
  return installation.text() + Sha256Hex(hashed).substr(0, kHashDigits);
}

}  // namespace

absl::StatusOr<InstallationId> InstallationId::Parse(absl::string_view text) {
  if (text.size() != kInstallationDigits || !std::all_of(text.begin(), text.end(), IsLowerHex)) {
    return absl::InvalidArgumentError("an installation id is 8 lower-case hex digits, such as \"3fa90c17\"");
  }
  return InstallationId(std::string(text));
}

std::string TagDigits(absl::string_view told) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(told, {{"-", ""}}));
}

bool SameTag(absl::string_view a, absl::string_view b) {
  return !a.empty() && TagDigits(a) == TagDigits(b);
}

bool IsOfSameInstallation(absl::string_view told, absl::string_view ours) {
  const std::string digits = TagDigits(told);
  return digits.size() == ours.size() &&
         digits.substr(0, kInstallationDigits) == ours.substr(0, kInstallationDigits);
}

std::string TagFor(const InstallationId& installation, const DocumentKey& key, int number) {
  const std::string what = KASA_MUTANT("random-tag") ? absl::StrCat(std::random_device()()) : "document";
  return TagOf(installation,
               {what, key.source_system, absl::StrCat(static_cast<int>(key.kind)), key.document_id,
                absl::StrCat(static_cast<int>(key.mode)), absl::StrCat(number)});
}

std::vector<std::string> TagsOf(const InstallationId& installation, const DocumentKey& key) {
  std::vector<std::string> tags;
  tags.reserve(kTagNumbers);
  for (int number = 0; number < kTagNumbers; ++number) tags.push_back(TagFor(installation, key, number));
  return tags;
}

std::string ShiftOpeningTagFor(const InstallationId& installation, absl::string_view register_fiscal_number,
                               int64_t number) {
  return TagOf(installation, {"shift", register_fiscal_number, absl::StrCat(number)});
}

std::string ProofTagFor(const InstallationId& installation, absl::string_view register_fiscal_number,
                        int64_t number) {
  return TagOf(installation, {"proof", register_fiscal_number, absl::StrCat(number)});
}

}  // namespace kasa::domain
