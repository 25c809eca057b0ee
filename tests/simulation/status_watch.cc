#include "tests/simulation/status_watch.h"

#include <rapidjson/document.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace kasa::simulation {
namespace {

// 5 minutes are tolerated. An answer may be judged a while after it came.
constexpr absl::Duration kSurelyOff = absl::Minutes(7);
constexpr absl::Duration kSurelyFine = absl::Seconds(301);
// Two readings further apart may be those of two occasions.
constexpr absl::Duration kTwiceRunning = absl::Minutes(2);

// A number or a text of digits, in words; empty where there is none.
std::string TextOf(const rapidjson::Value& json, const char* name) {
  const auto member = json.FindMember(name);
  if (member == json.MemberEnd()) return "";
  if (member->value.IsInt64()) return absl::StrCat(member->value.GetInt64());
  return member->value.IsString() ? member->value.GetString() : "";
}

bool IsAbsentOr(const std::string& told, absl::string_view expected) {
  return told.empty() || told == expected;
}

}  // namespace

std::optional<ToldClock> ClockIn(absl::string_view status, const std::string& register_number,
                                 const KyivTime& kyiv, absl::Time near) {
  rapidjson::Document json;
  json.Parse(status.data(), status.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  const auto time = kyiv.ParseRegisterTimeNear(TextOf(json, "dt"), near);
  if (!time) return std::nullopt;
  const auto info = json.FindMember("info");
  const bool is_sound = info != json.MemberEnd() && info->value.IsObject() && TextOf(json, "res") == "0" &&
                        IsAbsentOr(TextOf(json, "res_action"), "0") &&
                        IsAbsentOr(TextOf(json, "task"), "18") && IsAbsentOr(TextOf(json, "tag"), "") &&
                        TextOf(info->value, "fisid") == register_number;
  return ToldClock{.time = *time, .is_sound = is_sound};
}

void StatusWatch::Ended(const Cloud::Reply& reply, absl::Duration now, absl::Duration hold_time) {
  if (reply.outcome == vchasno::HttpOutcome::kRequestLeft) at_work_until_ = now + hold_time;
}

void StatusWatch::Answered(const Cloud::Reply& reply, const Timeline& timeline, const KyivTime& kyiv,
                           bool of_the_lane) {
  if (!of_the_lane) {
    off_in_a_row_ = 0;
    return;
  }
  if (reply.outcome != vchasno::HttpOutcome::kAnswered || reply.status != 200) return;
  const auto clock = ClockIn(reply.body, register_number_, kyiv, timeline.Now());
  if (!clock) return;
  const absl::Duration off = absl::AbsDuration(clock->time - timeline.Now());
  // That it agrees may be taken from any status; that it is off, only from one that is in order.
  if (off <= kSurelyFine) off_in_a_row_ = 0;
  if (off <= kSurelyOff || !clock->is_sound) return;
  const bool goes_on = off_in_a_row_ > 1 || timeline.Monotonic() - off_since_ <= kTwiceRunning;
  if (off_in_a_row_ == 0 || !goes_on || jumps_ != timeline.jumps()) {
    off_in_a_row_ = 0;
    off_since_ = timeline.Monotonic();
    jumps_ = timeline.jumps();
  }
  ++off_in_a_row_;
}

bool StatusWatch::ClockIsOff(const Timeline& timeline) const {
  return off_in_a_row_ > 1 && jumps_ == timeline.jumps();
}

void StatusWatch::Forget() {
  at_work_until_ = absl::ZeroDuration();
  off_in_a_row_ = 0;
}

}  // namespace kasa::simulation
