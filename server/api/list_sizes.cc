#include "server/api/list_sizes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/api/errors.h"
#include "server/api/request_check.h"

namespace kasa::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kDepth = 16;  // more than the contract has; what lies deeper is left to parsing

// Goes through the bytes of one request, once.
class ListSizes {
 public:
  explicit ListSizes(CodedInputStream& in) : in_(in) {}

  // The first list under `path` that is too long, or with which there are too many items in all; nothing when
  // there is none, or the bytes are broken.
  std::optional<domain::Violation> FindTooLong(const Descriptor& type, const std::string& path, int depth);

 private:
  CodedInputStream& in_;
  int in_all_ = 0;
};

// Whether the items of a list of numbers are told in one piece, as most senders do.
bool IsPacked(const FieldDescriptor& field, WireFormatLite::WireType wire_type) {
  return field.is_packable() && wire_type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
}

// The field of a tag; nothing for what parsing keeps as unknown: another number, or of another wire type.
const FieldDescriptor* FieldOf(uint32_t tag, const Descriptor& type) {
  const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
  if (field == nullptr) return nullptr;
  const auto its_type = static_cast<WireFormatLite::FieldType>(field->type());
  const WireFormatLite::WireType wire_type = WireFormatLite::GetTagWireType(tag);
  const bool is_its_own = wire_type == WireFormatLite::WireTypeForFieldType(its_type);
  return is_its_own || IsPacked(*field, wire_type) ? field : nullptr;
}

domain::Violation TooMany(const std::string& path, absl::string_view list, absl::string_view what) {
  return {.field = FieldPath(path, list), .reason = Reason::kTooManyItems, .message = std::string(what)};
}

std::optional<domain::Violation> ListSizes::FindTooLong(const Descriptor& type, const std::string& path,
                                                        int depth) {
  std::vector<int> items(static_cast<size_t>(type.field_count()));
  int groups = 0;  // that are open; the contract has none, so that they and what is in them are unknown
  while (const uint32_t tag = in_.ReadTag()) {
    const WireFormatLite::WireType wire_type = WireFormatLite::GetTagWireType(tag);
    if (wire_type == WireFormatLite::WIRETYPE_END_GROUP) {
      if (--groups < 0) return std::nullopt;
      continue;
    }
    const FieldDescriptor* field = groups > 0 ? nullptr : FieldOf(tag, type);
    if ((field == nullptr || field->is_repeated()) && ++in_all_ > kMostParsedInAll) {
      const std::string name = field != nullptr ? std::string(field->name())
                                                : absl::StrCat(WireFormatLite::GetTagFieldNumber(tag));
      return TooMany(path, name,
                     absl::StrCat("with it the request's lists have over ", kMostParsedInAll, " entries"));
    }
    if (wire_type == WireFormatLite::WIRETYPE_START_GROUP) {
      ++groups;
      continue;
    }
    if (field == nullptr) {
      if (!WireFormatLite::SkipField(&in_, tag)) return std::nullopt;
      continue;
    }
    int& count = items[static_cast<size_t>(field->index())];
    if (IsPacked(*field, wire_type)) {
      int length = 0;
      if (!in_.ReadVarintSizeAsInt(&length)) return std::nullopt;
      // An item takes a byte at least, so there are no more than bytes.
      if (length > kMostParsedItems - count) {
        return TooMany(path, field->name(), absl::StrCat("has over ", kMostParsedItems, " entries"));
      }
      count += length;
      in_all_ += length;
      if (!in_.Skip(length)) return std::nullopt;
      continue;
    }
    if (field->is_repeated() && ++count > kMostParsedItems) {
      return TooMany(path, field->name(), absl::StrCat("has over ", kMostParsedItems, " entries"));
    }
    if (field->type() != FieldDescriptor::TYPE_MESSAGE || depth == 0) {
      if (!WireFormatLite::SkipField(&in_, tag)) return std::nullopt;
      continue;
    }
    int length = 0;
    if (!in_.ReadVarintSizeAsInt(&length)) return std::nullopt;
    const CodedInputStream::Limit outer = in_.PushLimit(length);
    std::string below = FieldPath(path, field->name());
    if (field->is_repeated()) below = ItemPath(below, count - 1);
    if (auto found = FindTooLong(*field->message_type(), below, depth - 1)) return found;
    if (in_.BytesUntilLimit() != 0) return std::nullopt;
    in_.PopLimit(outer);
  }
  return std::nullopt;
}

}  // namespace

absl::Status CheckListSizes(const grpc::ByteBuffer& bytes, const Descriptor& type) {
  if (bytes.Length() <= size_t{kMostParsedItems}) return absl::OkStatus();  // an item takes two bytes
  grpc::ByteBuffer readable = bytes;  // shares the slices; reading empties the buffer
  grpc::ProtoBufferReader reader(&readable);
  CodedInputStream in(&reader);
  const std::optional<domain::Violation> too_long = ListSizes(in).FindTooLong(type, "", kDepth);
  return too_long ? RequestInvalid({*too_long}) : absl::OkStatus();
}

}  // namespace kasa::api
