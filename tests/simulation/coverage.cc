#include "tests/simulation/coverage.h"

#include <rapidjson/document.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/absence.h"
#include "server/domain/state_machine.h"
#include "server/domain/waiting.h"
#include "server/vchasno/answer_table.h"
#include "tests/simulation/fault.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/switches.h"

namespace kasa::simulation {
namespace {

using vchasno::ActionKind;
using vchasno::ResultKind;

std::string ActionRowName(ActionKind action, ResultKind result) {
  static constexpr const char* kActions[] = {"", "absent", "0", "1", "2", "3", "other"};
  static constexpr const char* kResults[] = {"", "0", "in_table", "not_in_table"};
  return absl::StrCat("action_row/res_action ", kActions[static_cast<int>(action)], ", res ",
                      kResults[static_cast<int>(result)]);
}

std::string OrderName(domain::SendOrder order) {
  return order == domain::SendOrder::kFirst ? "first" : "repeated";
}

// A number or a text of digits, as registers write them.
bool NumberIn(const rapidjson::Document& json, const char* name, int64_t& number) {
  const auto member = json.FindMember(name);
  if (member == json.MemberEnd()) return false;
  if (member->value.IsInt64()) {
    number = member->value.GetInt64();
    return true;
  }
  return member->value.IsString() && absl::SimpleAtoi(member->value.GetString(), &number);
}

ActionKind ActionOf(const rapidjson::Document& json) {
  int64_t action = 0;
  if (!NumberIn(json, "res_action", action)) return ActionKind::kAbsent;
  if (action < 0 || action > 3) return ActionKind::kOther;
  return static_cast<ActionKind>(static_cast<int>(ActionKind::kFine) + static_cast<int>(action));
}

}  // namespace

void Coverage::CountAnswer(bool connected, bool whole, int http_status, absl::string_view body) {
  if (!connected) return Count("way/never connected");
  if (!whole) return Count("way/no whole answer");
  if (http_status != 200) return Count(absl::StrCat("http/", http_status));
  rapidjson::Document json;
  json.Parse(body.data(), body.size());
  int64_t res = 0;
  if (json.HasParseError() || !json.IsObject() || !NumberIn(json, "res", res)) return Count("way/unreadable");
  const bool in_table = vchasno::FindCode(res) != nullptr;
  if (in_table) Count(absl::StrCat("code/", res));
  Count(ActionRowName(ActionOf(json), res == 0   ? ResultKind::kZero
                                      : in_table ? ResultKind::kInTable
                                                 : ResultKind::kNotInTable));
}

void Coverage::CountLogLine(absl::string_view line) {
  const auto value_of = [&](absl::string_view name) {
    const std::string before = absl::StrCat("\"", name, "\":\"");
    const size_t at = line.find(before);
    if (at == absl::string_view::npos) return absl::string_view();
    const absl::string_view value = line.substr(at + before.size());
    return value.substr(0, value.find('"'));
  };
  const absl::string_view event = value_of("event");
  if (event == "doubt.looked") Count(absl::StrCat("look/", value_of("row")));
  if (event == "lane.rests") Count(absl::StrCat("wait/", value_of("cause")));
  if (event == "lane.parked") Count("park/parked");
  if (event == "register.numbers_jump") Count("look/around");
}

std::vector<std::string> Coverage::Holes(const std::vector<std::string>& expected) const {
  std::vector<std::string> holes;
  for (const std::string& name : expected) {
    if (!counts_.contains(name)) holes.push_back(name);
  }
  return holes;
}

std::string Coverage::Write() const {
  std::string text;
  for (const auto& [name, times] : counts_) absl::StrAppend(&text, times, "\t", name, "\n");
  return text;
}

Coverage Coverage::Read(absl::string_view text) {
  Coverage read;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    int64_t times = 0;
    if (absl::SimpleAtoi(parts.first, &times)) read.Count(std::string(parts.second), times);
  }
  return read;
}

std::vector<std::string> ExpectedNames() {
  std::vector<std::string> names;
  for (const std::string& value : AllSwitchValues()) names.push_back(absl::StrCat("switch/", value));
  for (int kind = 0; kind < kFaultKinds; ++kind) {
    names.push_back(absl::StrCat("fault/", NameOf(static_cast<FaultKind>(kind))));
  }
  for (int kind = 0; kind < kDeedKinds; ++kind) {
    names.push_back(absl::StrCat("act/", NameOf(static_cast<DeedKind>(kind))));
  }
  for (const char* crash : {"kill between events", "kill at a change of the disk", "power cut between events",
                            "power cut at a change of the disk"}) {
    names.push_back(absl::StrCat("crash/", crash));
  }
  for (const char* way : {"never connected", "no whole answer", "unreadable"})
    names.push_back(absl::StrCat("way/", way));
  for (const auto& row : vchasno::HttpTable()) names.push_back(absl::StrCat("http/", row.status));
  for (const auto& row : vchasno::CodeTable()) names.push_back(absl::StrCat("code/", row.res));
  for (const auto& row : vchasno::ActionTable()) names.push_back(ActionRowName(row.action, row.result));
  for (const auto& row : domain::RulingTable()) {
    names.push_back(
        absl::StrCat("ruling/", std::string(domain::NameOf(row.ending)), " ", OrderName(row.order)));
  }
  for (int row = static_cast<int>(domain::DoubtRow::kFoundByTag);
       row < static_cast<int>(domain::DoubtRow::kNothingThere); ++row) {
    names.push_back(absl::StrCat("look/", domain::NameOf(static_cast<domain::DoubtRow>(row))));
  }
  for (const auto& row : domain::WaitTable()) {
    names.push_back(absl::StrCat("wait/", domain::NameOf(row.cause)));
  }
  names.emplace_back("park/parked");
  for (const char* restore : {"older", "same", "adopted"}) names.push_back(absl::StrCat("restore/", restore));
  return names;
}

}  // namespace kasa::simulation
