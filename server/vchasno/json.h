#ifndef KASA_SERVER_VCHASNO_JSON_H_
#define KASA_SERVER_VCHASNO_JSON_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

// RapidJSON as this room uses it. Only this room's .cc files include it.
//
// Numbers stay text both ways, so that money never passes through a double (architecture.md, rule 7):
// - Reading: with kParseNumbersAsStringsFlag the reader checks a number's grammar and hands over its
//   characters (Handler::RawNumber), and the document stores them as a string. So in a document a number and
//   a string of the same characters look alike, which is what a lenient reader of this API wants anyway.
//   A number whose fraction is zeros (0.0, 18.00) is stored as the whole number that it is: a cloud that
//   writes its numbers as floats must not make every answer unreadable.
// - Writing: Writer::RawValue(text, size, kNumberType) writes the characters as they are. Writer::RawNumber
//   does not: in the 1.1.0 of Debian 12 it writes a quoted string.
//
// What hostile input may do: the reader is iterative (kParseIterativeFlag) and our handler bounds the depth,
// so that nesting costs no stack; encodings are checked; a failed assertion of the library throws JsonMisuse,
// which every function of this room that reads catches, instead of ending the process. The library lives in a
// namespace of its own, because these macros are part of its templates' meaning: another copy in the same
// program, set up differently, must not be mixed up with it.
namespace kasa::vchasno {

// Thrown where RapidJSON would assert. Never leaves this room.
class JsonMisuse {};

}  // namespace kasa::vchasno

#define RAPIDJSON_NAMESPACE kasa::vchasno::rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN \
  namespace kasa {                \
  namespace vchasno {             \
  namespace rapidjson {
#define RAPIDJSON_NAMESPACE_END \
  }                             \
  }                             \
  }
#define RAPIDJSON_ASSERT(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : throw ::kasa::vchasno::JsonMisuse())

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace kasa::vchasno {

// How deep objects and arrays may nest. What the vendor sends nests five deep.
inline constexpr int kMaxJsonDepth = 64;

inline constexpr unsigned kJsonReadFlags = rapidjson::kParseIterativeFlag |
                                           rapidjson::kParseNumbersAsStringsFlag |
                                           rapidjson::kParseValidateEncodingFlag;

// A JSON object that was read, with its numbers as text. Movable; not safe for concurrent use.
class JsonObject {
 public:
  // Nothing when `text` is not exactly one JSON object (a byte order mark before it is skipped): bad syntax,
  // bad UTF-8, trailing bytes, deeper than kMaxJsonDepth, or one name twice in an object, where nobody knows
  // which of the two is meant.
  static std::optional<JsonObject> Parse(absl::string_view text);

  // The same, where the root may be an array too.
  static std::optional<JsonObject> ParseObjectOrArray(absl::string_view text);

  const rapidjson::Value& root() const { return *document_; }

  // The member `error_extra` of the root exactly as it was written; empty when there is none.
  const std::string& error_extra() const { return error_extra_; }

 private:
  static std::optional<JsonObject> ParseAny(absl::string_view text);
  JsonObject() : document_(std::make_unique<rapidjson::Document>()) {}

  std::unique_ptr<rapidjson::Document> document_;
  std::string error_extra_;
};

// Feeds `text` to `handler`, a handler of RapidJSON that is given numbers by RawNumber. False when the text
// is not one JSON value, or when the handler returned false.
template <typename Handler>
bool ReadJson(absl::string_view text, Handler& handler, rapidjson::MemoryStream& stream) {
  rapidjson::Reader reader;
  if (!reader.Parse<kJsonReadFlags>(stream, handler)) return false;
  // The stream ends at a zero byte too; what follows one is trailing garbage.
  return stream.Tell() == text.size();
}

// The member of that name; null when `object` is no object, or has none, or has null there.
const rapidjson::Value* Find(const rapidjson::Value* object, absl::string_view name);

// Descends member by member.
template <typename... Names>
const rapidjson::Value* Find(const rapidjson::Value* object, absl::string_view first, Names... rest) {
  return Find(Find(object, first), rest...);
}

// The characters of a string or of a number.
std::optional<absl::string_view> TextOf(const rapidjson::Value* value);

// A whole number, written as a number (with a fraction of zeros or none) or as a string of digits.
std::optional<int64_t> IntOf(const rapidjson::Value* value);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_JSON_H_
