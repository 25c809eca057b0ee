#include "server/vchasno/listing_fields.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"

namespace kasa::vchasno {
namespace {

using rapidjson::Value;

// What a row may hold its facts in. A member "receipt" or "task" may as well be a plain value: then it is no
// level.
constexpr absl::string_view kWrappers[] = {"info",  "task", "fiscal",   "receipt",
                                           "check", "doc",  "document", "data"};

constexpr int kDeepestLevel = 3;

absl::string_view NameOf(const Value& name) {
  return {name.GetString(), name.GetStringLength()};
}

void AddLevels(const Value& object, int depth, std::vector<const Value*>& levels) {
  levels.push_back(&object);
  if (depth == kDeepestLevel) return;
  for (auto member = object.MemberBegin(); member != object.MemberEnd(); ++member) {
    if (!member->value.IsObject()) continue;
    const absl::string_view told = NameOf(member->name);
    const bool wraps = std::any_of(std::begin(kWrappers), std::end(kWrappers),
                                   [&](absl::string_view wrapper) { return IsNamed(told, wrapper); });
    if (wraps) AddLevels(member->value, depth + 1, levels);
  }
}

// Adds what `value` tells to `fact`. Objects and lists are no values of a fact.
void Take(const Value& value, ListedFact& fact) {
  if (value.IsNull() || value.IsObject() || value.IsArray()) return;
  const auto text = TextOf(&value);
  if (!text) {
    fact.spoilt = true;
    return;
  }
  const std::string told(absl::StripAsciiWhitespace(*text));
  if (told.empty()) return;
  if (!fact.text.empty() && fact.text != told) fact.spoilt = true;
  fact.text = told;
}

ListedFact FactNamed(const std::vector<const Value*>& levels, absl::string_view name) {
  ListedFact fact;
  for (const Value* level : levels) {
    for (auto member = level->MemberBegin(); member != level->MemberEnd(); ++member) {
      if (IsNamed(NameOf(member->name), name)) Take(member->value, fact);
    }
  }
  return fact;
}

}  // namespace

bool IsNamed(absl::string_view member, absl::string_view name) {
  size_t at = 0;
  for (const char c : member) {
    if (c == '_' || c == '-') continue;
    if (at == name.size() || absl::ascii_tolower(static_cast<unsigned char>(c)) != name[at]) return false;
    ++at;
  }
  return at == name.size();
}

std::vector<const Value*> LevelsOf(const Value& row) {
  std::vector<const Value*> levels;
  if (row.IsObject()) AddLevels(row, 0, levels);
  return levels;
}

ListedFact FactOf(const std::vector<const Value*>& levels, std::initializer_list<absl::string_view> names) {
  for (const absl::string_view name : names) {
    ListedFact fact = FactNamed(levels, name);
    if (fact.spoilt || !fact.text.empty()) return fact;
  }
  return {};
}

ListedFact SameFactOf(const std::vector<const Value*>& levels,
                      std::initializer_list<absl::string_view> names) {
  ListedFact same;
  for (const absl::string_view name : names) {
    ListedFact fact = FactNamed(levels, name);
    const bool differs = !same.text.empty() && !fact.text.empty() && same.text != fact.text;
    same.spoilt = same.spoilt || fact.spoilt || differs;
    if (!fact.text.empty()) same.text = std::move(fact.text);
  }
  return same;
}

const Value* MemberOf(const Value* object, std::initializer_list<absl::string_view> names) {
  if (object == nullptr || !object->IsObject()) return nullptr;
  for (const absl::string_view name : names) {
    for (auto member = object->MemberBegin(); member != object->MemberEnd(); ++member) {
      if (IsNamed(NameOf(member->name), name) && !member->value.IsNull()) return &member->value;
    }
  }
  return nullptr;
}

std::optional<absl::Time> ListedTime(const std::string& text, const KyivTime& kyiv) {
  return kyiv.ParseRegisterTime(text);
}

std::optional<Money> ListedSum(std::string text) {
  text = absl::StrReplaceAll(text, {{" ", ""}, {"\u00A0", ""}});
  const bool comma = text.find(',') != std::string::npos && text.find('.') == std::string::npos;
  if (comma) text = absl::StrReplaceAll(text, {{",", "."}});
  return Money::FromDecimal(text);
}

std::optional<int> ListedTask(const std::string& text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number)) return number;
  const std::string word = absl::AsciiStrToLower(text);
  if (word == "sale" || word == "sell") return 1;
  if (word == "return" || word == "refund") return 2;
  return std::nullopt;
}

}  // namespace kasa::vchasno
