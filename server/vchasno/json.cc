#include "server/vchasno/json.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace kasa::vchasno {
namespace {

// 0.0 and 18.00 as 0 and 18; any other number as it is.
absl::string_view WithoutZeroFraction(absl::string_view number) {
  const size_t point = number.find('.');
  if (point == absl::string_view::npos) return number;
  return number.find_first_not_of('0', point + 1) == absl::string_view::npos ? number.substr(0, point)
                                                                             : number;
}

// Builds a document while it bounds the depth and notes where the root's error_extra stands in the text.
class BoundedBuilder {
 public:
  BoundedBuilder(rapidjson::Document& document, const rapidjson::MemoryStream& stream)
      : document_(document), stream_(stream) {}

  bool Null() { return document_.Null() && Ended(); }
  bool Bool(bool value) { return document_.Bool(value) && Ended(); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    const absl::string_view whole = WithoutZeroFraction(absl::string_view(text, size));
    return document_.String(whole.data(), static_cast<rapidjson::SizeType>(whole.size()), true) && Ended();
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return document_.String(text, size, true) && Ended();
  }
  bool StartObject() { return ++depth_ <= kMaxJsonDepth && document_.StartObject(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (depth_ == 1 && absl::string_view(text, size) == "error_extra") extra_start_ = stream_.Tell();
    return document_.Key(text, size, true);
  }
  bool EndObject(rapidjson::SizeType members) {
    --depth_;
    return document_.EndObject(members) && Ended(kBracket);
  }
  bool StartArray() { return ++depth_ <= kMaxJsonDepth && document_.StartArray(); }
  bool EndArray(rapidjson::SizeType items) {
    --depth_;
    return document_.EndArray(items) && Ended(kBracket);
  }
  // With numbers as text the reader never calls these.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

  absl::string_view ErrorExtraIn(absl::string_view text) const {
    if (!extra_end_) return "";
    absl::string_view extra = text.substr(*extra_start_, *extra_end_ - *extra_start_);
    extra = absl::StripLeadingAsciiWhitespace(extra);
    absl::ConsumePrefix(&extra, ":");
    return absl::StripAsciiWhitespace(extra);
  }

 private:
  // The reader takes a closing bracket only after it told us of the end.
  static constexpr size_t kBracket = 1;

  bool Ended(size_t yet_to_take = 0) {
    if (depth_ == 1 && extra_start_ && !extra_end_) extra_end_ = stream_.Tell() + yet_to_take;
    return true;
  }

  rapidjson::Document& document_;
  const rapidjson::MemoryStream& stream_;
  int depth_ = 0;
  std::optional<size_t> extra_start_;
  std::optional<size_t> extra_end_;
};

absl::string_view NameOfMember(const rapidjson::Value& name) {
  return absl::string_view(name.GetString(), name.GetStringLength());
}

// The recursion is as deep as the document, which is bounded.
bool HasRepeatedName(const rapidjson::Value& value) {
  if (value.IsArray()) return std::any_of(value.Begin(), value.End(), HasRepeatedName);
  if (!value.IsObject()) return false;
  std::vector<absl::string_view> names;
  names.reserve(value.MemberCount());
  for (auto member = value.MemberBegin(); member != value.MemberEnd(); ++member) {
    names.push_back(NameOfMember(member->name));
    if (HasRepeatedName(member->value)) return true;
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

}  // namespace

std::optional<JsonObject> JsonObject::Parse(absl::string_view text) {
  auto parsed = ParseAny(text);
  if (!parsed || !parsed->root().IsObject()) return std::nullopt;
  return parsed;
}

std::optional<JsonObject> JsonObject::ParseObjectOrArray(absl::string_view text) {
  auto parsed = ParseAny(text);
  if (!parsed || (!parsed->root().IsObject() && !parsed->root().IsArray())) return std::nullopt;
  return parsed;
}

std::optional<JsonObject> JsonObject::ParseAny(absl::string_view text) try {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  JsonObject object;
  rapidjson::MemoryStream stream(text.data(), text.size());
  BoundedBuilder builder(*object.document_, stream);
  bool whole = false;
  const auto read = [&](rapidjson::Document&) { return whole = ReadJson(text, builder, stream); };
  object.document_->Populate(read);
  if (!whole || HasRepeatedName(*object.document_)) return std::nullopt;
  const absl::string_view extra = builder.ErrorExtraIn(text);
  object.error_extra_.assign(extra.data(), extra.size());
  return object;
} catch (const JsonMisuse&) {
  return std::nullopt;
}

const rapidjson::Value* Find(const rapidjson::Value* object, absl::string_view name) {
  if (object == nullptr || !object->IsObject()) return nullptr;
  for (auto member = object->MemberBegin(); member != object->MemberEnd(); ++member) {
    if (NameOfMember(member->name) == name) return member->value.IsNull() ? nullptr : &member->value;
  }
  return nullptr;
}

std::optional<absl::string_view> TextOf(const rapidjson::Value* value) {
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return absl::string_view(value->GetString(), value->GetStringLength());
}

std::optional<int64_t> IntOf(const rapidjson::Value* value) {
  const auto text = TextOf(value);
  if (!text) return std::nullopt;
  absl::string_view digits = *text;
  absl::ConsumePrefix(&digits, "-");
  int64_t number = 0;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(*text, &number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace kasa::vchasno
