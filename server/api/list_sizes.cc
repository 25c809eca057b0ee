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

// The path of the first list under `path` that is too long; nothing when there is none, or the bytes are
// broken.
std::optional<std::string> FindTooLong(CodedInputStream& in, const Descriptor& type, const std::string& path,
                                       int depth) {
  std::vector<int> items(static_cast<size_t>(type.field_count()));
  while (const uint32_t tag = in.ReadTag()) {
    const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    const bool has_length = WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (field == nullptr || !has_length) {
      if (!WireFormatLite::SkipField(&in, tag)) return std::nullopt;
      continue;
    }
    int& count = items[static_cast<size_t>(field->index())];
    if (field->is_repeated() && ++count > kMostParsedItems) return FieldPath(path, field->name());
    int length = 0;
    if (!in.ReadVarintSizeAsInt(&length)) return std::nullopt;
    if (field->type() != FieldDescriptor::TYPE_MESSAGE || depth == 0) {
      if (!in.Skip(length)) return std::nullopt;
      continue;
    }
    const CodedInputStream::Limit outer = in.PushLimit(length);
    std::string below = FieldPath(path, field->name());
    if (field->is_repeated()) below = ItemPath(below, count - 1);
    if (auto found = FindTooLong(in, *field->message_type(), below, depth - 1)) return found;
    if (in.BytesUntilLimit() != 0) return std::nullopt;
    in.PopLimit(outer);
  }
  return std::nullopt;
}

}  // namespace

absl::Status CheckListSizes(const grpc::ByteBuffer& bytes, const Descriptor& type) {
  if (bytes.Length() <= size_t{kMostParsedItems}) return absl::OkStatus();  // an item takes two bytes
  grpc::ByteBuffer readable = bytes;  // shares the slices; reading empties the buffer
  grpc::ProtoBufferReader reader(&readable);
  CodedInputStream in(&reader);
  const std::optional<std::string> too_long = FindTooLong(in, type, "", kDepth);
  if (!too_long) return absl::OkStatus();
  return RequestInvalid({{.field = *too_long,
                          .reason = Reason::kTooManyItems,
                          .message = absl::StrCat("has over ", kMostParsedItems, " entries")}});
}

}  // namespace kasa::api
