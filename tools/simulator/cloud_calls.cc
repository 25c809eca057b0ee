#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/simulator/cloud_work.h"
#include "tools/simulator/delivery.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

HttpReply Plain(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::move(body);
  return reply;
}

HttpReply FromAnswer(CallAnswer answer) {
  HttpReply reply;
  reply.status = answer.status;
  reply.content_type = std::move(answer.content_type);
  reply.body = std::move(answer.body);
  return reply;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// A positive number of the query, `otherwise` when it is not there; nothing when it is no such number.
std::optional<int64_t> QueryNumber(std::string_view query, std::string_view name, int64_t otherwise) {
  for (const auto part : absl::StrSplit(View(query), '&')) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (pair.first != name) continue;
    int64_t value = 0;
    if (!absl::SimpleAtoi(pair.second, &value) || value < 1) return std::nullopt;
    return value;
  }
  return otherwise;
}

constexpr int64_t kLargestPage = 100;

}  // namespace

HttpReply Cloud::PublicPage(std::string_view path) {
  const bool viewer = TakePrefix(path, "/check-viewer/");
  if (!viewer && !TakePrefix(path, "/c/")) return Plain(404, "404: Not Found");
  const bool as_data = path.size() > 5 && path.substr(path.size() - 5) == ".json";
  if (as_data) path.remove_suffix(5);
  for (const auto& post : posts_) {
    if (const LedgerEntry* entry = post->reg->FindReceipt(path)) {
      return FromAnswer(as_data ? ReceiptData(*post->reg, *entry) : ReceiptPage(*post->reg, *entry));
    }
  }
  return Plain(404, "404: Not Found");
}

HttpReply Cloud::OtherCall(const HttpRequest& request, uint64_t ticket) {
  std::string_view path = request.target;
  std::string_view query;
  if (const size_t mark = path.find('?'); mark != std::string_view::npos) {
    query = path.substr(mark + 1);
    path = path.substr(0, mark);
  }
  if (!path.starts_with("/api/")) return request.method == "GET" ? PublicPage(path) : Plain(405, "405");

  const auto token = by_token_.find(request.authorization);
  if (token == by_token_.end()) return Plain(401, "401: Unauthorized");
  Post& post = *token->second;

  std::string_view number = path;
  std::optional<Call> call;
  const char* method = "GET";
  if (path == "/api/v3/shifts") call = Call::kShifts;
  if (path == "/api/v3/shift/checks") call = Call::kChecks;
  if (TakePrefix(number, "/api/v3/check-task/")) call = Call::kCheckTask;
  if (path == "/api/v3/notifications/checks" || path == "/api/v2/notifications/checks") {
    call = Call::kNotifications;
    method = "POST";
  }
  if (path == "/api/v3/fiscal/execute" || (call.has_value() && request.method != method)) {
    return Plain(405, "405: Method Not Allowed");
  }
  if (!call.has_value()) return Plain(404, "404: Not Found");

  const std::string& fisid = post.reg->options().fisid;
  const std::optional<Fault> fault = faults_.Take({*call, fisid, "", std::nullopt, request.warm});
  RequestRecord record;
  record.ticket = ticket;
  record.time = clock_.Now();
  record.fisid = fisid;
  record.call = std::string(NameOf(*call));
  record.warm = request.warm;
  if (fault.has_value()) record.fault = std::string(NameOf(fault->kind));
  log_.CallArrived(std::move(record));

  HttpReply reply;
  if (!fault.has_value() || fault->Commits()) {
    const std::optional<int64_t> page = QueryNumber(query, "page_num", 1);
    const std::optional<int64_t> size = QueryNumber(query, "page_size", 20);
    const std::optional<int64_t> shift = QueryNumber(query, "shift_id", 0);
    if (!page || !size || !shift || *size > kLargestPage || (*call == Call::kChecks && *shift == 0)) {
      reply = FromAnswer({422, "application/json", R"({"detail":"page_num, page_size or shift_id"})"});
    } else if (*call == Call::kShifts) {
      reply = FromAnswer(ListShifts(*post.reg, *page, *size));
    } else if (*call == Call::kChecks) {
      reply = FromAnswer(ListChecks(*post.reg, *shift, *page, *size));
    } else if (*call == Call::kCheckTask) {
      reply = FromAnswer(CheckTaskAnswer(*post.reg, std::string(number)));
    } else {
      reply = FromAnswer(Notify(request.body, post));
    }
  }
  if (fault.has_value()) AlterReply(*fault, reply);
  Note(ticket, absl::StrCat("http ", reply.status), "");
  return reply;
}

CallAnswer Cloud::Notify(const std::string& body, Post& post) {
  const auto bad = [](std::string_view what) {
    return CallAnswer{400, "application/json", Json::Object().Set("detail", Json::Text(what)).Dump()};
  };
  const auto json = Json::Parse(body);
  if (!json.ok() || !json->IsObject()) return bad("not a JSON object");
  for (const Json::Member& member : json->members()) {
    if (member.name != "check" && member.name != "channel" && member.name != "recipient")
      return bad(member.name);
  }
  const Json* check = json->Find("check");
  const Json* channel = json->Find("channel");
  const Json* recipient = json->Find("recipient");
  if (check == nullptr || !check->IsString()) return bad("check");
  if (channel == nullptr ||
      (channel->text() != "email" && channel->text() != "sms" && channel->text() != "viber"))
    return bad("channel");
  if (recipient == nullptr || !recipient->IsString() || recipient->text().empty()) return bad("recipient");
  if (post.reg->FindReceipt(check->text()) == nullptr) {
    return {404, "application/json", R"({"detail":"Not Found"})"};
  }
  notifications_.push_back(
      {clock_.Now(), post.reg->options().fisid, check->text(), channel->text(), recipient->text()});
  return {200, "application/json", R"({"status":"ok"})"};
}

}  // namespace kasa::simulator
