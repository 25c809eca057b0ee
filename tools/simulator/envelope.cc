#include "tools/simulator/envelope.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/simulator/fields.h"

namespace kasa::simulator {
namespace {

void ReadUserInfo(const Json& json, const Switches& switches, Problem& problem) {
  Fields fields(json, "userinfo", switches, problem);
  fields.Text("email", 254);
  const std::string phone = fields.Text("phone", 32);
  fields.Finish();
  const bool digits = phone.find_first_not_of("0123456789", 1) == std::string::npos;
  if (!phone.empty() && (!phone.starts_with("+380") || phone.size() != 13 || !digits)) {
    problem.WrongField("userinfo.phone", "має бути +380XXXXXXXXX");
  }
}

template <typename Check>
void ReadContent(const Json* json, const char* name, Check check, ExecuteRequest& request, Problem& problem,
                 const Switches& switches) {
  if (json == nullptr) {
    problem.WrongField(absl::StrCat("fiscal.", name), "обов'язкове");
    return;
  }
  OrRefusal<Receipt> checked = check(*json, switches);
  if (auto* refusal = std::get_if<Refusal>(&checked)) {
    problem.Refuse(std::move(*refusal));
  } else {
    request.receipt = std::move(std::get<Receipt>(checked));
  }
}

void ReadFiscal(const Json& json, const Switches& switches, ExecuteRequest& request, Problem& problem) {
  Fields fields(json, "fiscal", switches, problem);
  const auto task = fields.Int("task", true);
  if (task.has_value()) request.task = static_cast<int>(*task);
  request.cashier = fields.Text("cashier", 100);
  if (!task.has_value()) return;
  switch (*task) {
    case 1:
    case 2:
      ReadContent(fields.Object("receipt", true), "receipt", CheckReceipt, request, problem, switches);
      break;
    case 3:
    case 4:
      ReadContent(fields.Object("cash", true), "cash", CheckCash, request, problem, switches);
      break;
    case 0:
    case 10:
    case 11:
    case 18:
      break;
    default:
      problem.WrongField("fiscal.task", "завдання не підтримується");
  }
  fields.Finish();
}

}  // namespace

ExecuteRequest ReadEnvelope(std::shared_ptr<const std::string> body, std::string made_up_tag,
                            const Switches& switches) {
  ExecuteRequest request;
  request.body = std::move(body);
  request.tag = std::move(made_up_tag);
  auto parsed = Json::Parse(*request.body);
  if (!parsed.ok() || !parsed->IsObject()) {
    const std::string why = parsed.ok() ? "not an object" : std::string(parsed.status().message());
    request.refusal = Refusal{2000, 3, "Невірний JSON", Json::Object().Set("error", Json::Text(why))};
    return request;
  }
  request.root = *std::move(parsed);

  Problem problem;
  Fields fields(request.root, "", switches, problem);
  if (fields.Has("tag")) {
    request.tag = fields.Text("tag", 128, /*required=*/true);
    request.tag_given = true;
  }
  request.source = fields.Text("source", 256);
  request.device = fields.Text("device", 256);
  if (const int64_t ver = fields.Int("ver", false).value_or(6); ver != 6)
    problem.WrongField("ver", "має бути 6");
  request.type = static_cast<int>(fields.Int("type", false).value_or(1));
  if (request.type != 0 && request.type != 1) problem.WrongField("type", "має бути 0 або 1");
  if (const Json* info = fields.Object("userinfo", false)) ReadUserInfo(*info, switches, problem);
  // A look-up names the tag alone; what it carries besides is read like any request's.
  if (const Json* fiscal = fields.Object("fiscal", request.type == 1)) {
    ReadFiscal(*fiscal, switches, request, problem);
  }
  fields.Finish();
  if (problem.found()) request.refusal = problem.refusal();
  return request;
}

}  // namespace kasa::simulator
