#ifndef KASA_SERVER_API_REQUEST_CHECK_H_
#define KASA_SERVER_API_REQUEST_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/domain/limits.h"
#include "server/domain/violation.h"

namespace kasa::api {

// Collects what is wrong with a request while it is decoded, so that all of it is told at once; of very much
// that is wrong the first kMost, and how many there are besides. Every check takes the field's path as the
// contract spells it. Not thread-safe: one a request.
class RequestCheck {
 public:
  // More than an answer has room for: what a request of 4 MiB does wrong must not take gigabytes to tell.
  static constexpr size_t kMost = 100;

  void Add(absl::string_view field, Reason reason, absl::string_view message);

  // What the domain found, in its order.
  void AddAll(domain::Violations violations);

  // True when a list has more than `most` items, which is a violation; then they need not be looked at.
  bool TooMany(absl::string_view field, int items, size_t most);

  // A text that has to be there, of at most `most` characters.
  void Required(absl::string_view field, absl::string_view value, size_t most = domain::kMaxIdLength);

  // A text that may be empty, of at most `most` characters.
  void AtMost(absl::string_view field, absl::string_view value, size_t most = domain::kMaxIdLength);

  // How many a page has: 50 when 0, at most 1000; a negative one is a violation.
  int PageSize(absl::string_view field, int32_t value);

  // An etag as we gave it; nothing when it is empty. REQUEST_INVALID and not ETAG_MISMATCH when it can't be
  // one of ours: asking for the newest one would not help who made it up.
  std::optional<int64_t> Etag(absl::string_view field, absl::string_view value);

  // A time to wait: not negative; more than 60 s counts as 60 s.
  std::optional<absl::Duration> MaxWait(absl::string_view field, bool present,
                                        const google::protobuf::Duration& value);

  // A moment; nothing when it is absent, or out of the range of google.protobuf.Timestamp.
  std::optional<absl::Time> Moment(absl::string_view field, bool present,
                                   const google::protobuf::Timestamp& value);

  // An enum's value of which the contract knows no name; `name` names the enum for the message.
  void UnknownEnum(absl::string_view field, int value);

  bool ok() const { return violations_.empty(); }

  // OK, or INVALID_ARGUMENT with REQUEST_INVALID and all that was found.
  absl::Status ToStatus() const;

 private:
  domain::Violations violations_;
  size_t left_out_ = 0;
};

// How many of a list's items are decoded where the domain refuses a list of more than `most`: one too many is
// enough for that, and 4 MiB have room for two million empty ones.
int ItemsToDecode(int items, size_t most);

// "sale.lines" and 3: "sale.lines[3]"
std::string ItemPath(absl::string_view list, int index);

// "sale", "lines": "sale.lines"
std::string FieldPath(absl::string_view parent, absl::string_view name);

}  // namespace kasa::api

#endif  // KASA_SERVER_API_REQUEST_CHECK_H_
