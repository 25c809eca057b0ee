#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tools/simulator/fault.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

template <typename E>
using Name = std::pair<E, std::string_view>;

constexpr std::array<Name<FaultKind>, 19> kKinds = {{
    {FaultKind::kNoAnswerBeforeCommit, "no_answer_before_commit"},
    {FaultKind::kNoAnswerAfterCommit, "no_answer_after_commit"},
    {FaultKind::kCutAfterBody, "cut_after_body"},
    {FaultKind::kCutMidAnswer, "cut_mid_answer"},
    {FaultKind::kHttpStatus, "http_status"},
    {FaultKind::kMalformed, "malformed"},
    {FaultKind::kHuge, "huge"},
    {FaultKind::kSlowDrip, "slow_drip"},
    {FaultKind::kRefusal, "refusal"},
    {FaultKind::kWrongTag, "wrong_tag"},
    {FaultKind::kWrongTask, "wrong_task"},
    {FaultKind::kWrongSum, "wrong_sum"},
    {FaultKind::kOtherFisid, "other_fisid"},
    {FaultKind::kOtherMode, "other_mode"},
    {FaultKind::kMissingDoccode, "missing_doccode"},
    {FaultKind::kHold, "hold"},
    {FaultKind::kShiftClosed, "shift_closed"},
    {FaultKind::kShiftOver24h, "shift_over_24h"},
    {FaultKind::kBlocked, "blocked"},
}};

constexpr std::array<Name<Call>, 5> kCalls = {{
    {Call::kExecute, "execute"},
    {Call::kShifts, "shifts"},
    {Call::kChecks, "checks"},
    {Call::kCheckTask, "check_task"},
    {Call::kNotifications, "notifications"},
}};

constexpr std::array<Name<AfterHold>, 3> kAfterHolds = {{
    {AfterHold::kAnswer, "answer"},
    {AfterHold::kCut, "cut"},
    {AfterHold::kSilence, "silence"},
}};

template <typename Table, typename E>
std::string_view NameIn(const Table& table, E value) {
  for (const auto& [candidate, name] : table) {
    if (candidate == value) return name;
  }
  return "";
}

template <typename E, typename Table>
bool ReadName(const Table& table, const Json& json, E& out) {
  for (const auto& [candidate, name] : table) {
    if (!json.IsString() || json.text() != name) continue;
    out = candidate;
    return true;
  }
  return false;
}

bool Read(const Json& json, std::string& out) {
  out = json.text();
  return json.IsString();
}

bool Read(const Json& json, bool& out) {
  out = json.boolean();
  return json.IsBool();
}

bool Read(const Json& json, int64_t& out) {
  return json.IsNumber() && absl::SimpleAtoi(json.text(), &out);
}

bool Read(const Json& json, int& out) {
  return json.IsNumber() && absl::SimpleAtoi(json.text(), &out);
}

bool Read(const Json& json, absl::Duration& out) {
  int64_t milliseconds = 0;
  if (!Read(json, milliseconds) || milliseconds < 0) return false;
  out = absl::Milliseconds(milliseconds);
  return true;
}

template <typename T>
bool Read(const Json& json, std::optional<T>& out) {
  return Read(json, out.emplace());
}

bool ReadMember(const std::string& name, const Json& json, Fault& fault) {
  if (name == "kind") return ReadName(kKinds, json, fault.kind);
  if (name == "call") return ReadName(kCalls, json, fault.call);
  if (name == "then") return ReadName(kAfterHolds, json, fault.then);
  if (name == "fisid") return Read(json, fault.fisid);
  if (name == "tag") return Read(json, fault.tag);
  if (name == "task") return Read(json, fault.task);
  if (name == "warm_only") return Read(json, fault.warm_only);
  if (name == "after") return Read(json, fault.skip);
  if (name == "times") return Read(json, fault.times);
  if (name == "probability_percent") return Read(json, fault.probability_percent);
  if (name == "committed") return Read(json, fault.committed);
  if (name == "status") return Read(json, fault.status);
  if (name == "retry_after_seconds") return Read(json, fault.retry_after_seconds);
  if (name == "location") return Read(json, fault.location);
  if (name == "body") return Read(json, fault.body);
  if (name == "res") return Read(json, fault.res);
  if (name == "res_action") return Read(json, fault.res_action);
  if (name == "errortxt") return Read(json, fault.text);
  if (name == "value") return Read(json, fault.value);
  if (name == "size_bytes") return Read(json, fault.size_bytes);
  if (name == "bytes_per_interval") return Read(json, fault.bytes_per_interval);
  if (name == "interval_ms") return Read(json, fault.interval);
  if (name == "duration_ms") return Read(json, fault.duration);
  if (name == "until_released") return Read(json, fault.until_released);
  if (name == "commit_first") return Read(json, fault.commit_first);
  if (name == "silence_ms") return Read(json, fault.silence);
  return false;
}

}  // namespace

std::string_view NameOf(FaultKind kind) {
  return NameIn(kKinds, kind);
}

std::string_view NameOf(Call call) {
  return NameIn(kCalls, call);
}

absl::StatusOr<Fault> FaultFromJson(const Json& json) {
  if (!json.IsObject()) return absl::InvalidArgumentError("a fault is an object");
  if (json.Find("kind") == nullptr) return absl::InvalidArgumentError("a fault has a kind");
  Fault fault;
  for (const Json::Member& member : json.members()) {
    if (!ReadMember(member.name, member.value, fault)) {
      return absl::InvalidArgumentError(absl::StrCat("unknown or wrong: ", member.name));
    }
  }
  return fault;
}

Json FaultJson(const Fault& fault) {
  Json json = Json::Object();
  json.Set("kind", Json::Text(NameOf(fault.kind))).Set("call", Json::Text(NameOf(fault.call)));
  if (!fault.fisid.empty()) json.Set("fisid", Json::Text(fault.fisid));
  if (!fault.tag.empty()) json.Set("tag", Json::Text(fault.tag));
  if (fault.task.has_value()) json.Set("task", Json::Int(*fault.task));
  return json.Set("after", Json::Int(fault.skip))
      .Set("times", Json::Int(fault.times))
      .Set("probability_percent", Json::Int(fault.probability_percent))
      .Set("committed", Json::Bool(fault.Commits()));
}

}  // namespace kasa::simulator
