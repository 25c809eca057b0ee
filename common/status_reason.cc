#include "common/status_reason.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace kasa {
namespace {

constexpr absl::string_view kReasonUrl = "kasa/reason";
constexpr absl::string_view kFactUrl = "kasa/fact/";
constexpr absl::string_view kRetryUrl = "kasa/retry_milliseconds";

}  // namespace

absl::Status WithReason(absl::Status status, Reason reason) {
  if (!status.ok()) status.SetPayload(kReasonUrl, absl::Cord(NameOf(reason)));
  return status;
}

absl::Status ReasonedError(absl::StatusCode code, Reason reason, absl::string_view message) {
  return WithReason(absl::Status(code, message), reason);
}

absl::Status WithFact(absl::Status status, absl::string_view name, absl::string_view value) {
  if (!status.ok()) status.SetPayload(absl::StrCat(kFactUrl, name), absl::Cord(value));
  return status;
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  if (!status.ok()) status.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(absl::ToInt64Milliseconds(delay))));
  return status;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kReasonUrl);
  if (!payload) return std::nullopt;
  return ReasonFromName(std::string(*payload));
}

std::map<std::string, std::string> FactsOf(const absl::Status& status) {
  std::map<std::string, std::string> facts;
  status.ForEachPayload([&facts](absl::string_view url, const absl::Cord& value) {
    if (absl::ConsumePrefix(&url, kFactUrl)) facts.emplace(std::string(url), std::string(value));
  });
  return facts;
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryUrl);
  int64_t milliseconds = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &milliseconds)) return std::nullopt;
  return absl::Milliseconds(milliseconds);
}

}  // namespace kasa
