#include "tests/simulation/task_request.h"

#include <rapidjson/document.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace kasa::simulation {
namespace {

using rapidjson::Value;

constexpr int kCode1101 = 1101;
constexpr int kCode1102 = 1102;
constexpr int kCode1097 = 1097;
constexpr int kCode1108 = 1108;
constexpr int kCode1109 = 1109;

// Numbers are parsed as text, so that none becomes a double.
std::string TextIn(const Value& object, const char* name) {
  if (!object.IsObject()) return "";
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return "";
  return {member->value.GetString(), member->value.GetStringLength()};
}

int64_t NumberIn(const Value& object, const char* name, int decimals) {
  return ReadDecimal(TextIn(object, name), decimals).value_or(0);
}

const Value* ArrayIn(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsArray() ? &member->value : nullptr;
}

TaskRow ReadRow(const Value& json) {
  TaskRow row;
  row.code = TextIn(json, "code");
  row.name = TextIn(json, "name");
  row.count = NumberIn(json, "cnt", 3);
  row.price = NumberIn(json, "price", 2);
  row.discount = NumberIn(json, "disc", 2);
  row.tax_group = static_cast<int>(NumberIn(json, "taxgrp", 0));
  const int64_t product = row.count * row.price;
  row.amount = (product + 500) / 1000 - row.discount;
  return row;
}

void ReadReceipt(const Value& receipt, TaskRequest& request) {
  request.sum = NumberIn(receipt, "sum", 2);
  request.rounding = NumberIn(receipt, "round", 2);
  request.comment_down = TextIn(receipt, "comment_down");
  if (const Value* const rows = ArrayIn(receipt, "rows")) {
    for (const Value& row : rows->GetArray()) request.rows.push_back(ReadRow(row));
  }
  if (const Value* const pays = ArrayIn(receipt, "pays")) {
    for (const Value& pay : pays->GetArray()) {
      request.payments.push_back({static_cast<int>(NumberIn(pay, "type", 0)), NumberIn(pay, "sum", 2)});
    }
  }
}

}  // namespace

std::optional<int64_t> ReadDecimal(absl::string_view text, int decimals) {
  bool negative = false;
  if (!text.empty() && text.front() == '-') {
    negative = true;
    text.remove_prefix(1);
  }
  if (text.empty() || text.size() > 15) return std::nullopt;
  int64_t number = 0;
  int behind_point = -1;
  for (const char c : text) {
    if (c == '.') {
      if (behind_point >= 0) return std::nullopt;
      behind_point = 0;
    } else if (c < '0' || c > '9') {
      return std::nullopt;
    } else if (behind_point >= decimals) {
      if (c != '0') return std::nullopt;
    } else {
      number = number * 10 + (c - '0');
      if (behind_point >= 0) ++behind_point;
    }
  }
  for (int i = behind_point < 0 ? 0 : behind_point; i < decimals; ++i) number *= 10;
  return negative ? -number : number;
}

std::string WriteKopiykas(int64_t kopiykas) {
  const int64_t size = kopiykas < 0 ? -kopiykas : kopiykas;
  return absl::StrFormat("%s%d.%02d", kopiykas < 0 ? "-" : "", size / 100, size % 100);
}

int64_t TaskRequest::cash() const {
  int64_t cash = 0;
  for (const TaskPayment& payment : payments) {
    if (payment.type == 0) cash += payment.sum;
  }
  return cash;
}

std::optional<int> TaskRequest::ArithmeticError() const {
  if (rows.empty() || payments.empty()) return kCode1097;
  int64_t of_rows = 0;
  for (const TaskRow& row : rows) {
    if (row.amount < 1) return kCode1108;
    of_rows += row.amount;
  }
  if (of_rows != sum) return kCode1101;
  int64_t paid = 0;
  for (const TaskPayment& payment : payments) {
    if (payment.sum <= 0) return kCode1109;
    paid += payment.sum;
  }
  if (paid != due()) return kCode1102;
  return std::nullopt;
}

std::optional<TaskRequest> ReadTaskRequest(absl::string_view body) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseNumbersAsStringsFlag>(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  const auto fiscal = json.FindMember("fiscal");
  if (fiscal == json.MemberEnd() || !fiscal->value.IsObject()) return std::nullopt;
  const auto task = ReadDecimal(TextIn(fiscal->value, "task"), 0);
  if (!task) return std::nullopt;
  TaskRequest request;
  request.task = static_cast<int>(*task);
  request.tag = TextIn(json, "tag");
  const auto receipt = fiscal->value.FindMember("receipt");
  if (receipt != fiscal->value.MemberEnd() && receipt->value.IsObject()) ReadReceipt(receipt->value, request);
  return request;
}

}  // namespace kasa::simulation
