#ifndef KASA_SERVER_API_PAGE_TOKEN_H_
#define KASA_SERVER_API_PAGE_TOKEN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/store/page_position.h"

// Page tokens: opaque to callers, and bound to the call and its filters, so that a token is not taken for a
// place in another list. Not secret, and no proof of anything. Pure functions.
namespace kasa::api {

// What a list is about: its request without page_size and page_token.
std::string FiltersOf(const google::protobuf::Message& request);

// `position` is where the page ends, in the list's own words.
std::string MakePageToken(absl::string_view position, absl::string_view filters);

// The position; nothing when `token` is none of ours, or is one of another list.
std::optional<std::string> ReadPageToken(absl::string_view token, absl::string_view filters);

// Positions in lists that are ordered by (create_time, id).
std::string EncodePosition(const store::PagePosition& position);
std::optional<store::PagePosition> DecodePosition(absl::string_view text);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_PAGE_TOKEN_H_
