#ifndef KASA_TOOLS_SIMULATOR_JSON_H_
#define KASA_TOOLS_SIMULATOR_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/money.h"

namespace kasa::simulator {

// A JSON value as it was written: a number keeps its digits (money must never pass through a double) and
// stays distinct from a string (the register cares which of the two it is sent). A plain value; members keep
// their order.
class Json {
 public:
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  struct Member;

  Json();
  static Json Null();
  static Json Bool(bool value);
  static Json Int(int64_t value);
  static Json Size(uint64_t value);
  // `digits` must be a JSON number.
  static Json Number(std::string digits);
  static Json Text(std::string_view text);
  static Json Array();
  static Json Object();
  // An amount as the register writes it: hryvnias without trailing zeros ("150", "189.99", "0.5").
  static Json Amount(int64_t kopiykas);

  // Reads one document. INVALID_ARGUMENT for what is not JSON: bad syntax, bad UTF-8, two members of one name
  // in an object, over 64 levels, anything after the document.
  static absl::StatusOr<Json> Parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool IsNull() const { return kind_ == Kind::kNull; }
  bool IsBool() const { return kind_ == Kind::kBool; }
  bool IsNumber() const { return kind_ == Kind::kNumber; }
  bool IsString() const { return kind_ == Kind::kString; }
  bool IsArray() const { return kind_ == Kind::kArray; }
  bool IsObject() const { return kind_ == Kind::kObject; }

  bool boolean() const { return boolean_; }
  // The text of a string, or the digits of a number as they were written.
  const std::string& text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  std::vector<Json>& items() { return items_; }
  const std::vector<Member>& members() const { return members_; }
  std::vector<Member>& members() { return members_; }

  // The member of this object, or null when there is none (or this is no object).
  const Json* Find(std::string_view name) const;
  Json* Find(std::string_view name);

  // Adds or replaces a member / adds an item. Return *this, to be chained.
  Json& Set(std::string_view name, Json value);
  Json& Push(Json value);
  // Removes a member if it is there.
  void Remove(std::string_view name);

  std::string Dump() const;

 private:
  Kind kind_ = Kind::kNull;
  bool boolean_ = false;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

struct Json::Member {
  std::string name;
  Json value;
};

}  // namespace kasa::simulator

#endif  // KASA_TOOLS_SIMULATOR_JSON_H_
