#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/vchasno/json.h"
#include "server/vchasno/request.h"

namespace kasa::vchasno {
namespace {

// "+380*******67": the country and the last two digits say enough to find the right customer by.
std::string MaskPhone(absl::string_view phone) {
  constexpr size_t kShownAtStart = 4;
  constexpr size_t kShownAtEnd = 2;
  const bool plain = std::all_of(phone.begin(), phone.end(), absl::ascii_isprint);
  if (!plain || phone.size() < kShownAtStart + kShownAtEnd + 4) return "***";
  std::string masked(phone);
  for (size_t i = kShownAtStart; i < masked.size() - kShownAtEnd; ++i) masked[i] = '*';
  return masked;
}

// "o***@example.com"
std::string MaskEmail(absl::string_view email) {
  const size_t at = email.find('@');
  if (at == absl::string_view::npos || at == 0 ||
      !absl::ascii_isprint(static_cast<unsigned char>(email[0]))) {
    return "***";
  }
  return std::string(email.substr(0, 1)) + "***" + std::string(email.substr(at));
}

// Copies JSON event by event and masks what stands under userinfo, at any depth: an answer may hold a request
// inside. Masked are the e-mail, the phone, and every text of a userinfo that is not the object it should be.
class MaskingCopier {
 public:
  explicit MaskingCopier(rapidjson::StringBuffer& out) : json_(out) {}

  bool Null() { return json_.Null(); }
  bool Bool(bool value) { return json_.Bool(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    if (contact() != Contact::kNone) return String(text, size, true);
    return json_.RawValue(text, size, rapidjson::kNumberType);
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const absl::string_view value(text, size);
    switch (contact()) {
      case Contact::kNone:
        return json_.String(text, size);
      case Contact::kPhone:
        return Write(MaskPhone(value));
      case Contact::kEmail:
        return Write(MaskEmail(value));
      case Contact::kUserInfo:
        return Write("***");
    }
    return false;
  }
  bool StartObject() { return Enter() && json_.StartObject(); }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const absl::string_view name(text, size);
    Level& level = levels_.back();
    level.member = level.inherited;
    if (name == "userinfo") level.member = Contact::kUserInfo;
    // Below userinfo a member is a contact by its name; any other is none.
    if (level.inherited == Contact::kUserInfo) {
      level.member = name == "phone" ? Contact::kPhone : name == "email" ? Contact::kEmail : Contact::kNone;
    }
    return json_.Key(text, size);
  }
  bool EndObject(rapidjson::SizeType) { return Leave() && json_.EndObject(); }
  bool StartArray() { return Enter() && json_.StartArray(); }
  bool EndArray(rapidjson::SizeType) { return Leave() && json_.EndArray(); }
  // With numbers as text the reader never calls these.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  enum class Contact { kNone, kUserInfo, kPhone, kEmail };
  struct Level {
    Contact inherited;  // what the object or array itself stands under
    Contact member;     // what its current value stands under
  };

  Contact contact() const { return levels_.empty() ? Contact::kNone : levels_.back().member; }
  bool Enter() {
    const Contact inherited = contact();
    levels_.push_back({inherited, inherited});
    return levels_.size() <= kMaxJsonDepth;
  }
  bool Leave() {
    levels_.pop_back();
    return true;
  }
  bool Write(const std::string& text) {
    return json_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }

  rapidjson::Writer<rapidjson::StringBuffer> json_;
  std::vector<Level> levels_;
};

// Whether text that is no JSON can be shown: plain ASCII in which neither an address nor a phone number could
// stand, even escaped.
bool HoldsNoContacts(absl::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!absl::ascii_isprint(byte) && !absl::ascii_isspace(byte)) return false;
    if (c == '@' || c == '\\' || c == '%' || c == '&') return false;
    if (absl::ascii_isdigit(byte)) ++digits;
  }
  constexpr size_t kFewerThanAnyPhone = 7;
  return digits < kFewerThanAnyPhone && !absl::StrContains(text, "userinfo");
}

}  // namespace

std::string MaskContacts(absl::string_view json) try {
  rapidjson::StringBuffer out;
  MaskingCopier copier(out);
  rapidjson::MemoryStream stream(json.data(), json.size());
  const size_t first = json.find_first_not_of(" \t\r\n");
  const bool object = first != absl::string_view::npos && json[first] == '{';
  if (object && ReadJson(json, copier, stream)) return std::string(out.GetString(), out.GetSize());
  return HoldsNoContacts(json) ? std::string(json) : "";
} catch (const JsonMisuse&) {
  return "";
}

}  // namespace kasa::vchasno
