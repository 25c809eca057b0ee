#include "tools/simulator/register_json.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace kasa::simulator {
namespace {

using Change = std::function<absl::Status(Register&)>;

template <typename Apply>
Change Always(Apply apply) {
  return [apply](Register& reg) {
    apply(reg);
    return absl::OkStatus();
  };
}

std::optional<int64_t> Number(const Json& json) {
  int64_t value = 0;
  if (!json.IsNumber() || !absl::SimpleAtoi(json.text(), &value)) return std::nullopt;
  return value;
}

// The change that one member asks for; nothing when the member is unknown or its value wrong.
std::optional<Change> ChangeOf(const std::string& name, const Json& json) {
  const std::optional<int64_t> number = Number(json);
  if (name == "shift" && json.IsString() && json.text() == "open")
    return [](Register& reg) { return reg.OpenShift(); };
  if (name == "shift" && json.IsString() && json.text() == "close")
    return [](Register& reg) { return reg.CloseShift(); };
  if (name == "age_shift_minutes" && number.has_value())
    return [minutes = *number](Register& reg) { return reg.AgeShift(absl::Minutes(minutes)); };
  if (name == "blocked" && json.IsBool())
    return Always([value = json.boolean()](Register& reg) { reg.SetBlocked(value); });
  if (name == "offline" && json.IsBool())
    return Always([value = json.boolean()](Register& reg) { reg.SetOffline(value); });
  if (name == "sign_status" && number.has_value() && *number >= 0 && *number <= 3)
    return Always([value = static_cast<int>(*number)](Register& reg) { reg.SetSignStatus(value); });
  if (name == "clock_offset_seconds" && number.has_value())
    return Always([value = *number](Register& reg) { reg.SetClockOffset(absl::Seconds(value)); });
  if (name == "cash" && number.has_value() && *number >= 0)
    return Always([value = *number](Register& reg) { reg.SetCash(value); });
  return std::nullopt;
}

std::string Word(const Json& json) {
  return json.IsBool() ? (json.boolean() ? "true" : "false") : json.text();
}

absl::Status SetSwitches(const Json& json, Switches& switches) {
  if (!json.IsObject()) return absl::InvalidArgumentError("switches is an object");
  for (const Json::Member& member : json.members()) {
    if (absl::Status set = SetSwitch(switches, member.name, Word(member.value)); !set.ok()) return set;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ChangeRegister(Cloud& cloud, const Json& json) {
  RegisterOptions added;
  std::optional<std::string> new_token;
  const Json* switches = nullptr;
  std::vector<Change> changes;
  for (const Json::Member& member : json.members()) {
    const std::string& text = member.value.text();
    if (member.name == "switches") {
      // Checked on a register of its own before any is touched.
      if (absl::Status set = SetSwitches(member.value, added.switches); !set.ok()) return set;
      switches = &member.value;
    } else if (member.name == "token" && member.value.IsString()) {
      added.token = text;
    } else if (member.name == "fisid" && member.value.IsString()) {
      added.fisid = text;
    } else if (member.name == "edrpou" && member.value.IsString()) {
      added.edrpou = text;
    } else if (member.name == "cashier" && member.value.IsString()) {
      added.cashier = text;
    } else if (member.name == "mode" && (text == "test" || text == "real")) {
      added.is_real = text == "real";
    } else if (member.name == "new_token" && member.value.IsString()) {
      new_token = text;
    } else if (std::optional<Change> change = ChangeOf(member.name, member.value)) {
      changes.push_back(*std::move(change));
    } else {
      return absl::InvalidArgumentError(absl::StrCat("unknown or wrong: ", member.name));
    }
  }
  if (added.fisid.empty()) added.fisid = cloud.FisidOfToken(added.token);
  const std::string fisid = added.fisid;
  if (!cloud.WithRegister(fisid, [](Register&) {}).ok()) {
    if (absl::Status status = cloud.AddRegister(std::move(added)); !status.ok()) return status;
    switches = nullptr;
  }
  if (new_token.has_value()) {
    if (absl::Status replaced = cloud.ReplaceToken(fisid, *new_token); !replaced.ok()) return replaced;
  }
  absl::Status result;
  const absl::Status found = cloud.WithRegister(fisid, [&](Register& reg) {
    if (switches != nullptr) result.Update(SetSwitches(*switches, reg.switches()));
    for (const Change& change : changes) result.Update(change(reg));
  });
  return found.ok() ? result : found;
}

Json RegisterJson(const Register& reg) {
  Json switches = Json::Object();
  for (const SwitchWord& word : DescribeSwitches(reg.switches()))
    switches.Set(word.name, Json::Text(word.value));
  return Json::Object()
      .Set("fisid", Json::Text(reg.options().fisid))
      .Set("edrpou", Json::Text(reg.options().edrpou))
      .Set("mode", Json::Text(reg.options().is_real ? "real" : "test"))
      .Set("shift_open", Json::Bool(reg.shift_is_open()))
      .Set("blocked", Json::Bool(reg.blocked()))
      .Set("offline", Json::Bool(reg.offline()))
      .Set("sign_status", Json::Int(reg.sign_status()))
      .Set("clock_offset_seconds", Json::Int(absl::ToInt64Seconds(reg.clock_offset())))
      .Set("cash", Json::Int(reg.safe()))
      .Set("switches", std::move(switches));
}

Json RecordJson(const RequestRecord& record) {
  Json json = Json::Object();
  json.Set("time", Json::Text(absl::FormatTime(absl::RFC3339_full, record.time, absl::UTCTimeZone())))
      .Set("fisid", Json::Text(record.fisid))
      .Set("call", Json::Text(record.call))
      .Set("tag", Json::Text(record.tag))
      .Set("task", record.task.has_value() ? Json::Int(*record.task) : Json::Null())
      .Set("warm", Json::Bool(record.warm))
      .Set("in_flight", Json::Int(record.in_flight))
      .Set("fault", Json::Text(record.fault))
      .Set("result", Json::Text(record.result))
      .Set("fiscal_number", Json::Text(record.fiscal_number));
  return json;
}

}  // namespace kasa::simulator
