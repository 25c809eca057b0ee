#include "tools/simulator/admin.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "tools/simulator/register_json.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

HttpReply FromJson(const Json& json) {
  HttpReply reply;
  reply.body = json.Dump() + "\n";
  return reply;
}

HttpReply Wrong(int status, std::string_view what) {
  HttpReply reply = FromJson(Json::Object().Set("error", Json::Text(what)));
  reply.status = status;
  return reply;
}

HttpReply FromStatus(const absl::StatusOr<Json>& answer) {
  if (answer.ok()) return FromJson(*answer);
  return Wrong(400, std::string(answer.status().message()));
}

std::string QueryValue(std::string_view query, std::string_view name) {
  for (const auto part : absl::StrSplit(View(query), '&')) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (pair.first == name) return pair.second;
  }
  return "";
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
}

// An array's items, or the one object.
std::vector<const Json*> ItemsOf(const Json& json) {
  std::vector<const Json*> items;
  if (!json.IsArray()) return {&json};
  for (const Json& item : json.items()) items.push_back(&item);
  return items;
}

}  // namespace

HttpReply Admin::Handle(const HttpRequest& request) {
  const size_t mark = request.target.find('?');
  const std::string path = request.target.substr(0, mark);
  const std::string query = mark == std::string::npos ? "" : request.target.substr(mark + 1);
  const std::string call = request.method + " " + path;
  if (call == "GET /simulator/faults") return FromJson(FaultsJson());
  if (call == "GET /simulator/registers") return FromJson(RegistersJson());
  if (call == "GET /simulator/requests") return FromJson(RequestsJson());
  if (call == "GET /simulator/notifications") return FromJson(NotificationsJson());
  if (call == "GET /simulator/ledger") {
    return FromJson(
        LedgerJson(cloud_.Ledger(QueryValue(query, "fisid")), QueryValue(query, "bodies") != "false"));
  }
  if (call == "DELETE /simulator/faults") {
    cloud_.ClearFaults();
    return FromJson(FaultsJson());
  }
  if (call == "POST /simulator/release") {
    cloud_.ReleaseHolds();
    return FromJson(Json::Object());
  }
  if (call == "POST /simulator/reset") {
    cloud_.Reset();
    return FromJson(Json::Object());
  }
  if (call == "POST /simulator/faults" || call == "POST /simulator/registers") {
    const absl::StatusOr<Json> json = Json::Parse(request.body);
    if (!json.ok()) return FromStatus(json.status());
    return FromStatus(path == "/simulator/faults" ? PostFaults(*json) : PostRegisters(*json));
  }
  return Wrong(404, "no such call: " + call);
}

absl::StatusOr<Json> Admin::PostFaults(const Json& json) {
  std::vector<Fault> faults;
  for (const Json* item : ItemsOf(json)) {
    Json members = *item;
    if (const Json* token = item->Find("token")) {
      const std::string fisid = cloud_.FisidOfToken(token->text());
      if (fisid.empty()) return absl::NotFoundError("no register has this token");
      members.Remove("token");
      members.Set("fisid", Json::Text(fisid));
    }
    absl::StatusOr<Fault> fault = FaultFromJson(members);
    if (!fault.ok()) return fault.status();
    if (absl::Status checked = CheckFault(*fault); !checked.ok()) return checked;
    faults.push_back(*std::move(fault));
  }
  for (Fault& fault : faults) {
    if (absl::Status added = cloud_.AddFault(std::move(fault)); !added.ok()) return added;
  }
  return FaultsJson();
}

absl::StatusOr<Json> Admin::PostRegisters(const Json& json) {
  for (const Json* item : ItemsOf(json)) {
    if (absl::Status changed = ChangeRegister(cloud_, *item); !changed.ok()) return changed;
  }
  return RegistersJson();
}

Json Admin::FaultsJson() const {
  Json remaining = Json::Array();
  for (const Fault& fault : cloud_.RemainingFaults()) remaining.Push(FaultJson(fault));
  Json taken = Json::Object();
  for (const auto& [kind, count] : cloud_.TakenFaults()) taken.Set(kind, Json::Int(count));
  return Json::Object().Set("remaining", std::move(remaining)).Set("taken", std::move(taken));
}

Json Admin::RegistersJson() {
  Json registers = Json::Array();
  for (const std::string& fisid : cloud_.Fisids()) {
    // NOT_FOUND when a reset came between: then it is simply not listed.
    cloud_.WithRegister(fisid, [&registers](Register& reg) { registers.Push(RegisterJson(reg)); })
        .IgnoreError();
  }
  return Json::Object().Set("registers", std::move(registers));
}

Json Admin::RequestsJson() const {
  Json registers = Json::Object();
  for (const std::string& fisid : cloud_.Fisids()) {
    const RequestCounts counts = cloud_.Counts(fisid);
    registers.Set(fisid, Json::Object()
                             .Set("executes", Json::Int(counts.executes))
                             .Set("other_calls", Json::Int(counts.other_calls))
                             .Set("in_flight", Json::Int(counts.in_flight))
                             .Set("max_in_flight", Json::Int(counts.max_in_flight)));
  }
  Json violations = Json::Array();
  for (const Violation& violation : cloud_.Violations()) {
    Json json = Json::Object()
                    .Set("time", Json::Text(TimeText(violation.time)))
                    .Set("fisid", Json::Text(violation.fisid))
                    .Set("kind", Json::Text(violation.kind))
                    .Set("tag", Json::Text(violation.tag))
                    .Set("other_tag", Json::Text(violation.other_tag));
    if (violation.bound_time != absl::InfinitePast())
      json.Set("bound_time", Json::Text(TimeText(violation.bound_time)));
    violations.Push(std::move(json));
  }
  Json log = Json::Array();
  for (const RequestRecord& record : cloud_.Log()) log.Push(RecordJson(record));
  return Json::Object()
      .Set("registers", std::move(registers))
      .Set("max_in_flight", Json::Int(cloud_.Counts("").max_in_flight))
      .Set("violations", std::move(violations))
      .Set("log", std::move(log));
}

Json Admin::NotificationsJson() const {
  Json list = Json::Array();
  for (const Notification& notification : cloud_.Notifications()) {
    list.Push(Json::Object()
                  .Set("time", Json::Text(TimeText(notification.time)))
                  .Set("fisid", Json::Text(notification.fisid))
                  .Set("check", Json::Text(notification.fiscal_number))
                  .Set("channel", Json::Text(notification.channel))
                  .Set("recipient", Json::Text(notification.recipient)));
  }
  return Json::Object().Set("notifications", std::move(list));
}

}  // namespace kasa::simulator
