#include "tools/simulator/json.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/error/en.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"

namespace kasa::simulator {
namespace {

constexpr size_t kMaxDepth = 64;

// NOLINTBEGIN(bugprone-derived-method-shadowing-base-method): that is how RapidJSON finds them

// Builds a Json from RapidJSON's events. Returning false from an event stops the reader.
class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  bool Null() { return Add(Json::Null()); }
  bool Bool(bool value) { return Add(Json::Bool(value)); }
  bool RawNumber(const char* digits, rapidjson::SizeType size, bool) {
    return Add(Json::Number(std::string(digits, size)));
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return Add(Json::Text(std::string_view(text, size)));
  }
  bool StartObject() { return Open(Json::Object()); }
  bool StartArray() { return Open(Json::Array()); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    keys_.back().assign(text, size);
    if (open_.back().Find(keys_.back()) == nullptr) return true;
    problem_ = absl::StrCat("the member '", keys_.back(), "' is there twice");
    return false;
  }
  bool EndObject(rapidjson::SizeType) { return Close(); }
  bool EndArray(rapidjson::SizeType) { return Close(); }
  // NOLINTEND(bugprone-derived-method-shadowing-base-method)

  Json Take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }

 private:
  bool Open(Json value) {
    if (open_.size() == kMaxDepth) {
      problem_ = "too many levels";
      return false;
    }
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }
  bool Close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return Add(std::move(value));
  }
  bool Add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().IsArray()) {
      open_.back().Push(std::move(value));
    } else {
      open_.back().members().push_back({keys_.back(), std::move(value)});
    }
    return true;
  }

  Json root_;
  std::vector<Json> open_;
  std::vector<std::string> keys_;
  std::string problem_;
};

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Write(const Json& json, Writer& writer) {
  const auto size = [](const std::string& text) { return static_cast<rapidjson::SizeType>(text.size()); };
  switch (json.kind()) {
    case Json::Kind::kNull:
      writer.Null();
      return;
    case Json::Kind::kBool:
      writer.Bool(json.boolean());
      return;
    case Json::Kind::kNumber:
      writer.RawValue(json.text().data(), json.text().size(), rapidjson::kNumberType);
      return;
    case Json::Kind::kString:
      writer.String(json.text().data(), size(json.text()));
      return;
    case Json::Kind::kArray:
      writer.StartArray();
      for (const Json& item : json.items()) Write(item, writer);
      writer.EndArray();
      return;
    case Json::Kind::kObject:
      writer.StartObject();
      for (const Json::Member& member : json.members()) {
        writer.Key(member.name.data(), size(member.name));
        Write(member.value, writer);
      }
      writer.EndObject();
      return;
  }
}

}  // namespace

Json::Json() = default;

Json Json::Null() {
  return {};
}

Json Json::Bool(bool value) {
  Json json;
  json.kind_ = Kind::kBool;
  json.boolean_ = value;
  return json;
}

Json Json::Number(std::string digits) {
  Json json;
  json.kind_ = Kind::kNumber;
  json.text_ = std::move(digits);
  return json;
}

Json Json::Int(int64_t value) {
  return Number(absl::StrCat(value));
}

Json Json::Size(uint64_t value) {
  return Number(absl::StrCat(value));
}

Json Json::Text(std::string_view text) {
  Json json;
  json.kind_ = Kind::kString;
  json.text_ = std::string(text);
  return json;
}

Json Json::Array() {
  Json json;
  json.kind_ = Kind::kArray;
  return json;
}

Json Json::Object() {
  Json json;
  json.kind_ = Kind::kObject;
  return json;
}

Json Json::Amount(int64_t kopiykas) {
  std::string digits = Money::FromKopiykas(kopiykas).ToDecimal();
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return Number(std::move(digits));
}

absl::StatusOr<Json> Json::Parse(std::string_view text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Builder builder;
  // Iterative: nesting must not eat the stack before the depth limit is seen.
  constexpr unsigned kFlags = rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseIterativeFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, builder);
  if (!result) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not JSON at byte ", result.Offset(), ": ",
        builder.problem().empty() ? rapidjson::GetParseError_En(result.Code()) : builder.problem().c_str()));
  }
  return builder.Take();
}

const Json* Json::Find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Json* Json::Find(std::string_view name) {
  return const_cast<Json*>(std::as_const(*this).Find(name));
}

Json& Json::Set(std::string_view name, Json value) {
  if (Json* found = Find(name)) {
    *found = std::move(value);
  } else {
    members_.push_back({std::string(name), std::move(value)});
  }
  return *this;
}

Json& Json::Push(Json value) {
  items_.push_back(std::move(value));
  return *this;
}

void Json::Remove(std::string_view name) {
  members_.erase(std::remove_if(members_.begin(), members_.end(),
                                [name](const Member& member) { return member.name == name; }),
                 members_.end());
}

std::string Json::Dump() const {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  Write(*this, writer);
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace kasa::simulator
