#ifndef KASA_SERVER_API_LIST_SIZES_H_
#define KASA_SERVER_API_LIST_SIZES_H_

#include <google/protobuf/descriptor.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

namespace kasa::api {

// Ten times what any list of the contract may have.
inline constexpr int kMostParsedItems = 10'000;

// What all lists of a request may have together, and what the contract does not know counted in: parsing
// keeps that too. Twice the most that the contract takes, a sale of 1,000 lines with 20 excise stamps each.
inline constexpr int kMostParsedInAll = 50'000;

// REQUEST_INVALID, with TOO_MANY_ITEMS for the list, when `bytes`, a message of `type`, have a list of more
// items than that, or the list with which they have too many in all. Asked before the bytes are parsed: an
// empty line takes two bytes on the wire and a hundred times as much as a message, so that 4 MiB would become
// 400. Of bytes that are no such message it says nothing: parsing does.
absl::Status CheckListSizes(const grpc::ByteBuffer& bytes, const google::protobuf::Descriptor& type);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_LIST_SIZES_H_
