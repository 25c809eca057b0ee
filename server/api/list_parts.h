#ifndef KASA_SERVER_API_LIST_PARTS_H_
#define KASA_SERVER_API_LIST_PARTS_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "kasa/v1/document.pb.h"
#include "server/api/request_check.h"
#include "server/domain/document.h"

// What the calls that list things share.
namespace kasa::api {

// A page ends early rather than go over what clients take by default, 4 MiB a message.
class PageRoom {
 public:
  // Whether the page has room for more after an entry of this size.
  bool Take(size_t bytes) {
    used_ += bytes;
    return used_ < kMostBytes;
  }

 private:
  static constexpr size_t kMostBytes = size_t{2} << 20;
  size_t used_ = 0;
};

inline constexpr char kPageTokenInvalid[] = "is no page token of this list with these filters";

// The kind that a filter asks for; nothing when it asks for none, or for one that the contract does not have,
// which is a violation of `field`.
std::optional<domain::DocumentKind> DecodeKind(v1::DocumentKind kind, absl::string_view field,
                                               RequestCheck& check);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_LIST_PARTS_H_
