#include "tools/simulator/delivery.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace kasa::simulator {
namespace {

std::string StatusBody(int status) {
  if (status == 401) return "401: Unauthorized";
  if (status == 403) return "403: Forbidden";
  return absl::StrCat("<html><head><title>", status, "</title></head><body><h1>", status,
                      "</h1></body></html>\n");
}

void AlterQrSum(Json& info) {
  Json* qr = info.Find("qr");
  if (qr == nullptr) return;
  std::string link = qr->text();
  const size_t start = link.find("&sm=");
  if (start == std::string::npos) return;
  const size_t end = link.find('&', start + 1);
  *qr = Json::Text(link.replace(start, end == std::string::npos ? end : end - start, "&sm=987654.32"));
}

}  // namespace

void AlterAnswer(const Fault& fault, Json& answer) {
  Json* info = answer.Find("info");
  const bool has_info = info != nullptr && info->IsObject();
  switch (fault.kind) {
    case FaultKind::kWrongTag:
      answer.Set("tag", Json::Text(fault.value.empty() ? "ffffffffffffffffffffffffffffffff" : fault.value));
      return;
    case FaultKind::kWrongTask:
      answer.Set("task", Json::Int(14));
      if (has_info) info->Set("task", Json::Int(14));
      return;
    case FaultKind::kWrongSum:
      if (has_info) AlterQrSum(*info);
      return;
    case FaultKind::kOtherFisid:
      if (has_info) info->Set("fisid", Json::Text(fault.value.empty() ? "4999999999" : fault.value));
      return;
    case FaultKind::kOtherMode:
      if (!has_info) return;
      for (const char* name : {"dtype", "isFis"}) {
        if (Json* mode = info->Find(name)) *mode = Json::Int(mode->text() == "1" ? 0 : 1);
      }
      return;
    case FaultKind::kMissingDoccode:
      if (!has_info) return;
      info->Remove("doccode");
      info->Remove("cancelid");
      info->Set("qr", Json::Text(""));
      return;
    default:
      return;
  }
}

void AlterReply(const Fault& fault, HttpReply& reply) {
  switch (fault.kind) {
    case FaultKind::kNoAnswerBeforeCommit:
    case FaultKind::kNoAnswerAfterCommit:
      reply.delivery = Delivery::kSilence;
      reply.silence = fault.silence;
      return;
    case FaultKind::kCutAfterBody:
      reply.delivery = Delivery::kCut;
      return;
    case FaultKind::kCutMidAnswer:
      reply.delivery = Delivery::kCutMidAnswer;
      return;
    case FaultKind::kHttpStatus:
      reply.status = fault.status;
      reply.content_type = fault.status == 401 || fault.status == 403 ? "text/plain" : "text/html";
      reply.body = fault.body.value_or(StatusBody(fault.status));
      if (fault.retry_after_seconds.has_value())
        reply.headers.emplace_back("Retry-After", absl::StrCat(*fault.retry_after_seconds));
      if (fault.status >= 300 && fault.status < 400)
        reply.headers.emplace_back("Location", fault.location.empty() ? "/elsewhere" : fault.location);
      return;
    case FaultKind::kMalformed:
      // The answer's own first part by default: everything a careless reader looks for may be in it.
      reply.body = fault.body.value_or(reply.body.substr(0, reply.body.size() * 2 / 3));
      return;
    case FaultKind::kHuge: {
      const size_t size = static_cast<size_t>(fault.size_bytes);
      if (size <= reply.body.size() || reply.body.empty()) return;
      // Still JSON: spaces before the closing brace.
      reply.body.insert(reply.body.size() - 1, size - reply.body.size(), ' ');
      return;
    }
    case FaultKind::kSlowDrip:
      reply.delivery = Delivery::kDrip;
      reply.bytes_per_interval = fault.bytes_per_interval;
      reply.interval = fault.interval;
      return;
    case FaultKind::kHold:
      if (fault.then == AfterHold::kCut) reply.delivery = Delivery::kCut;
      if (fault.then == AfterHold::kSilence) {
        reply.delivery = Delivery::kSilence;
        reply.silence = fault.silence;
      }
      return;
    default:
      return;
  }
}

}  // namespace kasa::simulator
