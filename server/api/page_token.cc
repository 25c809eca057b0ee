#include "server/api/page_token.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/sha256.h"
#include "google/protobuf/descriptor.h"

namespace kasa::api {
namespace {

constexpr size_t kSealLength = 16;

// Over the position too, so that a token that was cut or mistyped is not taken for another position.
std::string Seal(absl::string_view position, absl::string_view filters) {
  return Sha256Hex(absl::StrCat(filters.size(), ":", filters, position)).substr(0, kSealLength);
}

}  // namespace

std::string FiltersOf(const google::protobuf::Message& request) {
  const std::unique_ptr<google::protobuf::Message> filters(request.New());
  filters->CopyFrom(request);
  const google::protobuf::Descriptor& type = *filters->GetDescriptor();
  for (const char* name : {"page_size", "page_token"}) {
    if (const google::protobuf::FieldDescriptor* field = type.FindFieldByName(name)) {
      filters->GetReflection()->ClearField(filters.get(), field);
    }
  }
  return absl::StrCat(type.full_name(), " ", filters->SerializeAsString());
}

std::string MakePageToken(absl::string_view position, absl::string_view filters) {
  return absl::WebSafeBase64Escape(absl::StrCat(Seal(position, filters), position));
}

std::optional<std::string> ReadPageToken(absl::string_view token, absl::string_view filters) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text) || text.size() < kSealLength) return std::nullopt;
  std::string position = text.substr(kSealLength);
  if (text.substr(0, kSealLength) != Seal(position, filters)) return std::nullopt;
  return position;
}

std::string EncodePosition(const store::PagePosition& position) {
  return absl::StrCat(absl::ToUnixNanos(position.create_time), " ", position.id);
}

std::optional<store::PagePosition> DecodePosition(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(' ', 1));
  int64_t nanos = 0;
  if (!absl::SimpleAtoi(parts.first, &nanos) || parts.second.empty()) return std::nullopt;
  return store::PagePosition{.create_time = absl::FromUnixNanos(nanos), .id = std::string(parts.second)};
}

}  // namespace kasa::api
