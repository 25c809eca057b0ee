#include "tools/simulator/fields.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/money.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

constexpr size_t kCommentCharacters = 120;
// Keeps every product and sum of a receipt far from int64's ends: ten thousand million hryvnias.
constexpr int64_t kMaxUnits = 1'000'000'000'000;

}  // namespace

void Problem::WrongField(const std::string& path, std::string_view what) {
  Refuse({1040, 3, absl::StrCat("Невірні дані у полі ", path, ": ", View(what)),
          Json::Object().Set("field", Json::Text(path))});
}

void Problem::Refuse(Refusal refusal) {
  if (!refusal_.has_value()) refusal_ = std::move(refusal);
}

Fields::Fields(const Json& object, std::string path, const Switches& switches, Problem& problem)
    : object_(object), path_(std::move(path)), switches_(switches), problem_(problem) {}

bool Fields::Has(std::string_view name) const {
  return object_.Find(name) != nullptr;
}

std::string Fields::PathOf(std::string_view name) const {
  return path_.empty() ? std::string(name) : absl::StrCat(path_, ".", View(name));
}

const Json* Fields::Any(std::string_view name) {
  read_.insert(std::string(name));
  return object_.Find(name);
}

const Json* Fields::Object(std::string_view name, bool required) {
  const Json* value = Any(name);
  if (value == nullptr) {
    if (required) problem_.WrongField(PathOf(name), "обов'язкове");
    return nullptr;
  }
  if (value->IsObject()) return value;
  problem_.WrongField(PathOf(name), "має бути об'єктом");
  return nullptr;
}

const Json* Fields::Array(std::string_view name, bool required) {
  const Json* value = Any(name);
  if (value == nullptr) {
    if (required) problem_.WrongField(PathOf(name), "обов'язкове");
    return nullptr;
  }
  if (value->IsArray()) return value;
  problem_.WrongField(PathOf(name), "має бути масивом");
  return nullptr;
}

std::optional<int64_t> Fields::Decimal(std::string_view name, bool required, size_t decimals) {
  const Json* value = Any(name);
  if (value == nullptr) {
    if (required) problem_.WrongField(PathOf(name), "обов'язкове");
    return std::nullopt;
  }
  if (!value->IsNumber()) {
    problem_.WrongField(PathOf(name), "має бути числом");
    return std::nullopt;
  }
  const std::string& digits = value->text();
  const size_t point = digits.find('.');
  if (point != std::string::npos && digits.size() - point - 1 > decimals) {
    problem_.WrongField(PathOf(name), "забагато знаків після коми");
    return std::nullopt;
  }
  std::optional<int64_t> units;
  if (decimals == 3) {
    if (const auto quantity = kasa::Quantity::FromDecimal(digits)) units = quantity->thousandths();
  } else if (const auto money = kasa::Money::FromDecimal(digits)) {
    units = money->kopiykas();
  }
  if (!units.has_value() || *units > kMaxUnits || *units < -kMaxUnits) {
    problem_.WrongField(PathOf(name), "неприпустиме число");
    return std::nullopt;
  }
  return units;
}

std::optional<int64_t> Fields::Money(std::string_view name, bool required) {
  return Decimal(name, required, 2);
}

std::optional<int64_t> Fields::Quantity(std::string_view name, bool required) {
  return Decimal(name, required, 3);
}

std::optional<int64_t> Fields::Int(std::string_view name, bool required) {
  const Json* value = Any(name);
  if (value != nullptr && !value->IsNumber()) {
    problem_.WrongField(PathOf(name), "має бути цілим числом");
    return std::nullopt;
  }
  return IntOrText(name, required);
}

std::optional<int64_t> Fields::IntOrText(std::string_view name, bool required) {
  const Json* value = Any(name);
  if (value == nullptr) {
    if (required) problem_.WrongField(PathOf(name), "обов'язкове");
    return std::nullopt;
  }
  int32_t number = 0;
  const std::string& text = value->text();
  // SimpleAtoi would take "+1" and " 1" too; a JSON number can't be written so, and a string may not.
  const bool digits_only = text.find_first_not_of("-0123456789") == std::string::npos;
  if (!(value->IsNumber() || value->IsString()) || !digits_only || !absl::SimpleAtoi(text, &number)) {
    problem_.WrongField(PathOf(name), "має бути цілим числом");
    return std::nullopt;
  }
  return number;
}

std::string Fields::Text(std::string_view name, size_t max_characters, bool required) {
  return ReadText(name, max_characters, required, false);
}

std::string Fields::Comment(std::string_view name) {
  return ReadText(name, kCommentCharacters, false, true);
}

std::string Fields::ReadText(std::string_view name, size_t max_characters, bool required, bool is_comment) {
  const Json* value = Any(name);
  if (value == nullptr) {
    if (required) problem_.WrongField(PathOf(name), "обов'язкове");
    return "";
  }
  if (!value->IsString()) {
    problem_.WrongField(PathOf(name), "має бути рядком");
    return "";
  }
  std::string text = value->text();
  if (required && text.empty()) problem_.WrongField(PathOf(name), "порожнє");
  if (CharacterCount(text) > max_characters) {
    if (switches_.long_text == LongText::kRefuse) problem_.WrongField(PathOf(name), "задовге");
    text = FirstCharacters(text, max_characters);
  }
  std::string replaced = ReplaceUnknownCharacters(text, is_comment);
  if (replaced != text && switches_.bad_text == BadText::kRefuse) {
    problem_.WrongField(PathOf(name), "недопустимі символи");
  }
  return replaced;
}

void Fields::TextOrNumber(std::string_view name) {
  const Json* value = Any(name);
  if (value == nullptr || value->IsNumber()) return;
  Text(name, 128);
}

void Fields::BoolOrNumber(std::string_view name) {
  const Json* value = Any(name);
  if (value == nullptr || value->IsNumber() || value->IsBool()) return;
  problem_.WrongField(PathOf(name), "має бути true або false");
}

void Fields::Finish() {
  if (switches_.unknown_fields == UnknownFields::kIgnore) return;
  for (const Json::Member& member : object_.members()) {
    if (!read_.contains(member.name)) problem_.WrongField(PathOf(member.name), "невідоме поле");
  }
}

}  // namespace kasa::simulator
