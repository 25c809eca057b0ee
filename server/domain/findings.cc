#include "server/domain/findings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/limits.h"
#include "server/domain/register_text.h"

namespace kasa::domain {
namespace {

constexpr size_t kFieldsNamed = 5;

bool HasControlCharacter(absl::string_view value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace

void WarningList::AddField(Reason reason, absl::string_view subject, std::string field) {
  auto found = std::find_if(subjects_.begin(), subjects_.end(), [&](const Subject& known) {
    return known.reason == reason && known.text == subject;
  });
  if (found == subjects_.end()) {
    subjects_.push_back({reason, std::string(subject), {}, 0});
    found = std::prev(subjects_.end());
  }
  ++found->count;
  if (found->fields.size() < kFieldsNamed) found->fields.push_back(std::move(field));
}

std::vector<Notice> WarningList::Take() && {
  for (const Subject& subject : subjects_) {
    std::string text = absl::StrCat(subject.text, ": ", absl::StrJoin(subject.fields, ", "));
    if (const size_t more = subject.count - subject.fields.size(); more > 0) {
      absl::StrAppend(&text, " and ", more, " more");
    }
    warnings_.emplace_back(subject.reason, std::move(text), subject.fields.front());
  }
  return std::move(warnings_);
}

FieldScope FieldScope::Item(absl::string_view list, size_t index) const {
  return FieldScope(*findings_, absl::StrCat(PathOf(list), "[", index, "]"));
}

FieldScope FieldScope::Member(absl::string_view name) const {
  return FieldScope(*findings_, PathOf(name));
}

std::string FieldScope::PathOf(absl::string_view field) const {
  return path_.empty() ? std::string(field) : absl::StrCat(path_, ".", field);
}

void FieldScope::Violate(absl::string_view field, Reason reason, std::string message) const {
  findings_->violations.push_back({PathOf(field), reason, std::move(message)});
}

void FieldScope::Warn(Reason reason, absl::string_view subject, absl::string_view field) const {
  findings_->warnings.AddField(reason, subject, PathOf(field));
}

bool FieldScope::IsShortEnough(absl::string_view field, absl::string_view value, size_t max_length) const {
  // A character has at least one byte, so most values need no counting.
  if (value.size() <= max_length) return true;
  const size_t length = LengthInCharacters(value);
  if (length <= max_length) return true;
  Violate(field, Reason::kFieldTooLong,
          absl::StrCat("has ", length, " characters, at most ", max_length, " are taken"));
  return false;
}

bool FieldScope::IsIdOrEmpty(absl::string_view field, absl::string_view value, size_t max_length) const {
  if (!IsShortEnough(field, value, max_length)) return false;
  if (!HasControlCharacter(value)) return true;
  Violate(field, Reason::kFieldInvalid, "has a control character, such as a line end or a tab");
  return false;
}

bool FieldScope::IsId(absl::string_view field, absl::string_view value, size_t max_length) const {
  if (!value.empty()) return IsIdOrEmpty(field, value, max_length);
  Violate(field, Reason::kFieldRequired, "is empty");
  return false;
}

bool FieldScope::IsInRange(absl::string_view field, Money value) const {
  if (value.kopiykas() >= -kMaxAmountKopiykas && value.kopiykas() <= kMaxAmountKopiykas) return true;
  Violate(field, Reason::kAmountOutOfRange,
          absl::StrCat("is beyond the limit of ", Money::FromKopiykas(kMaxAmountKopiykas).ToDecimal()));
  return false;
}

std::string FieldScope::Clean(absl::string_view field, absl::string_view value, size_t max_length) const {
  CleanedText cleaned = CleanText(value, max_length);
  if (cleaned.changed)
    Warn(Reason::kTextCleaned, "characters that the register does not take were replaced or dropped", field);
  if (cleaned.cut) Warn(Reason::kTextCut, "cut to the length that the register takes", field);
  return std::move(cleaned.text);
}

}  // namespace kasa::domain
