#include "server/api/request_check.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/api/errors.h"
#include "server/api/times.h"
#include "server/domain/register_text.h"

namespace kasa::api {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMostPageSize = 1000;
constexpr absl::Duration kLongestMaxWait = absl::Seconds(60);

}  // namespace

void RequestCheck::Add(absl::string_view field, Reason reason, absl::string_view message) {
  if (violations_.size() == kMost) {
    ++left_out_;
    return;
  }
  violations_.push_back({.field = std::string(field), .reason = reason, .message = std::string(message)});
}

void RequestCheck::AddAll(domain::Violations violations) {
  const size_t taken = std::min(violations.size(), kMost - violations_.size());
  left_out_ += violations.size() - taken;
  std::move(violations.begin(), violations.begin() + static_cast<std::ptrdiff_t>(taken),
            std::back_inserter(violations_));
}

bool RequestCheck::TooMany(absl::string_view field, int items, size_t most) {
  if (static_cast<size_t>(items) <= most) return false;
  Add(field, Reason::kTooManyItems, absl::StrCat("has ", items, " entries, at most ", most, " allowed"));
  return true;
}

void RequestCheck::Required(absl::string_view field, absl::string_view value, size_t most) {
  if (value.empty()) return Add(field, Reason::kFieldRequired, "is required");
  AtMost(field, value, most);
}

void RequestCheck::AtMost(absl::string_view field, absl::string_view value, size_t most) {
  const size_t length = domain::LengthInCharacters(value);
  if (length > most) {
    Add(field, Reason::kFieldTooLong,
        absl::StrCat("has ", length, " characters, at most ", most, " allowed"));
  }
}

int RequestCheck::PageSize(absl::string_view field, int32_t value) {
  if (value < 0) Add(field, Reason::kFieldInvalid, "must not be negative");
  return value <= 0 ? kDefaultPageSize : std::min(value, kMostPageSize);
}

std::optional<int64_t> RequestCheck::Etag(absl::string_view field, absl::string_view value) {
  if (value.empty()) return std::nullopt;
  int64_t revision = 0;
  const bool digits = std::all_of(value.begin(), value.end(),
                                  [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
  if (!digits || !absl::SimpleAtoi(value, &revision)) {
    Add(field, Reason::kFieldInvalid, "is no etag; send the one of the resource as it was read, or none");
    return std::nullopt;
  }
  return revision;
}

std::optional<absl::Duration> RequestCheck::MaxWait(absl::string_view field, bool present,
                                                    const google::protobuf::Duration& value) {
  if (!present) return std::nullopt;
  const std::optional<absl::Duration> wait = DecodeDuration(value);
  if (!wait) {
    Add(field, Reason::kFieldInvalid, "is no duration");
    return std::nullopt;
  }
  if (*wait < absl::ZeroDuration()) {
    Add(field, Reason::kFieldInvalid, "must not be negative");
    return std::nullopt;
  }
  return std::min(*wait, kLongestMaxWait);
}

std::optional<absl::Time> RequestCheck::Moment(absl::string_view field, bool present,
                                               const google::protobuf::Timestamp& value) {
  if (!present) return std::nullopt;
  const std::optional<absl::Time> time = DecodeTime(value);
  if (!time) Add(field, Reason::kFieldInvalid, "is no moment between the years 1 and 9999");
  return time;
}

void RequestCheck::UnknownEnum(absl::string_view field, int value) {
  Add(field, Reason::kFieldUnknown, absl::StrCat("has no value ", value, " in this version of the contract"));
}

absl::Status RequestCheck::ToStatus() const {
  return RequestInvalid(violations_, left_out_);
}

int ItemsToDecode(int items, size_t most) {
  return std::min(items, static_cast<int>(most) + 1);
}

std::string ItemPath(absl::string_view list, int index) {
  return absl::StrCat(list, "[", index, "]");
}

std::string FieldPath(absl::string_view parent, absl::string_view name) {
  return parent.empty() ? std::string(name) : absl::StrCat(parent, ".", name);
}

}  // namespace kasa::api
