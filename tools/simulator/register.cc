#include "tools/simulator/register.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/simulator/answers.h"

namespace kasa::simulator {
namespace {

constexpr absl::Duration kLongestShift = absl::Hours(24);

// A bijection of 64 bits (splitmix64's finalizer): numbers look random and never meet.
uint64_t Mix(uint64_t value) {
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

std::string Base64Url(uint64_t value) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  for (int i = 0; i < 11; ++i, value >>= 6) out += kDigits[value & 63];
  return out;
}

bool MakesDocument(int task) {
  return task != 18;
}

}  // namespace

Outcome Outcome::Refused(int task, Refusal refusal) {
  Outcome outcome;
  outcome.task = task;
  outcome.res = refusal.res;
  outcome.res_action = refusal.res_action;
  outcome.text = std::move(refusal.text);
  outcome.extra = std::move(refusal.extra);
  return outcome;
}

Register::Register(RegisterOptions options, const Clock& clock, const KyivTime& kyiv, uint64_t salt)
    : options_(std::move(options)), clock_(clock), kyiv_(kyiv), salt_(salt) {}

Outcome Register::Judge(const ExecuteRequest& request, bool ignore_tag) {
  const int task = request.task.value_or(-1);
  if (request.type == 0 && switches().look_up == LookUp::kHonoured) return LookUp(request);
  const bool keep = request.tag_given && MakesDocument(task);
  if (keep && !ignore_tag) {
    if (std::optional<Outcome> known = AnswerKnownTag(request)) return *std::move(known);
  }
  Outcome outcome = CarryOut(request);
  if (keep && switches().tag_memory != TagMemory::kNone && (outcome.made || !outcome.ok())) {
    TagRecord record{request.body, std::nullopt, outcome};
    if (outcome.made) record.entry = ledger_.size() - 1;
    const auto known = tags_.find(request.tag);
    // What was made under a tag first stays its answer.
    if (known == tags_.end() || !known->second.entry.has_value()) {
      tags_.insert_or_assign(request.tag, std::move(record));
    }
  }
  return outcome;
}

void Register::RememberRefusal(const ExecuteRequest& request, const Refusal& refusal) {
  if (!request.tag_given || refusal.res_action != 3 || switches().tag_memory == TagMemory::kNone) return;
  tags_.try_emplace(request.tag, TagRecord{request.body, std::nullopt,
                                           Outcome::Refused(request.task.value_or(-1), refusal)});
}

Outcome Register::LookUp(const ExecuteRequest& request) const {
  const auto found = tags_.find(request.tag);
  if (found == tags_.end() || !found->second.entry.has_value()) {
    return Outcome::Refused(request.task.value_or(-1), {1058, 3, "Завдання з таким tag не знайдено", Json()});
  }
  Outcome outcome = found->second.outcome;
  outcome.made = false;
  outcome.replayed = true;
  return outcome;
}

std::optional<Outcome> Register::AnswerKnownTag(const ExecuteRequest& request) {
  const auto found = tags_.find(request.tag);
  if (found == tags_.end()) return std::nullopt;
  const TagRecord& record = found->second;
  if (!record.entry.has_value()) {
    if (switches().refused_tag == RefusedTag::kJudgedAnew) return std::nullopt;
    if (switches().refused_tag == RefusedTag::kKnownCode) {
      return Outcome::Refused(request.task.value_or(-1),
                              {switches().other_bytes_code, 3, "Завдання з таким tag вже відоме", Json()});
    }
  } else if (*record.body != *request.body) {
    if (switches().other_bytes == OtherBytes::kSecondReceipt) return std::nullopt;
    if (switches().other_bytes == OtherBytes::kRefuse) {
      return Outcome::Refused(
          request.task.value_or(-1),
          {switches().other_bytes_code, 3, "Завдання з таким tag вже виконано з іншими даними", Json()});
    }
  }
  Outcome outcome = record.outcome;
  outcome.made = false;
  outcome.replayed = true;
  return outcome;
}

Outcome Register::CarryOut(const ExecuteRequest& request) {
  const int task = request.task.value_or(-1);
  if (request.refusal.has_value()) return Outcome::Refused(task, *request.refusal);
  if (!request.task.has_value()) {
    return Outcome::Refused(task, {1040, 3, "Невірні дані у полі fiscal: обов'язкове", Json()});
  }
  if (task == 18) {
    Outcome outcome;
    outcome.task = task;
    outcome.info = StatusInfo(*this);
    return outcome;
  }
  if (std::optional<Refusal> refusal = CheckState(request))
    return Outcome::Refused(task, *std::move(refusal));
  if (std::optional<Refusal> refusal = CheckAccount(request))
    return Outcome::Refused(task, *std::move(refusal));
  if (task == 0) return OpenShiftFor(&request);
  if (task == 10 || task == 11) return MakeReport(request);
  return MakeReceipt(request);
}

std::optional<Refusal> Register::CheckState(const ExecuteRequest& request) const {
  const int task = *request.task;
  if (blocked_) return Refusal{switches().blocked_code, 3, "Касу заблоковано", Json()};
  if (sign_status_ == 3) return Refusal{1095, 3, "Не завантажено ключ підпису", Json()};
  if (task == 0) {
    if (shift_is_open()) return Refusal{switches().shift_open_code, 3, "Зміну вже відкрито", Json()};
    return std::nullopt;
  }
  if (!shift_is_open()) {
    if (task == 11) return Refusal{1006, 3, "Зміну вже закрито", Json()};
    if (task == 10 || !switches().auto_open_shift) {
      return Refusal{switches().shift_closed_code, 3, "Зміну не відкрито", Json()};
    }
    return std::nullopt;
  }
  if (task <= 4 && Now() - shifts_.back().opened > kLongestShift) {
    return Refusal{switches().over_24h_code, 3, "Зміна триває понад 24 години, потрібен Z-звіт", Json()};
  }
  return std::nullopt;
}

std::optional<Refusal> Register::CheckAccount(const ExecuteRequest& request) const {
  const int task = *request.task;
  const Receipt& receipt = request.receipt;
  for (const Pay& pay : receipt.pays) {
    if (!switches().payment_types.contains(pay.type)) {
      return Refusal{1110, 3, "Тип оплати не дозволено на цій касі",
                     Json::Object().Set("pay_type", Json::Int(pay.type))};
    }
  }
  if (receipt.round != 0 && !switches().rounding) {
    return Refusal{1115, 3, "Заокруглення не дозволено на цій касі",
                   Json::Object().Set("round", Json::Amount(receipt.round))};
  }
  if (std::optional<Refusal> refusal = CheckItems(request)) return refusal;
  const int64_t cash_out = task == 4 ? receipt.total : task == 2 ? receipt.CashSum() : 0;
  if (cash_out > safe_) {
    return Refusal{1077, 3, "Недостатньо готівки у касі",
                   Json::Object().Set("sum", Json::Amount(cash_out)).Set("safe", Json::Amount(safe_))};
  }
  return std::nullopt;
}

std::optional<Refusal> Register::CheckItems(const ExecuteRequest& request) const {
  // Within one receipt too: its own rows count from the first on.
  std::map<std::string, int> groups;
  for (const Row& row : request.receipt.rows) {
    if (!switches().tax_groups.contains(row.tax_group)) {
      return Refusal{1110, 3, "Податкову групу не дозволено на цій касі",
                     Json::Object().Set("taxgrp", Json::Int(row.tax_group))};
    }
    if (row.code.empty()) continue;
    int group = groups.emplace(row.code, row.tax_group).first->second;
    const auto sold = groups_by_code_.find(row.code);
    // A closed shift's items are forgotten: the receipt opens a new one.
    if (sold != groups_by_code_.end() && shift_is_open()) group = sold->second;
    if (group == row.tax_group) continue;
    return Refusal{1111, 3, "Товар з цим кодом вже продано в іншій податковій групі в межах зміни",
                   Json::Object()
                       .Set("code", Json::Text(row.code))
                       .Set("taxgrp", Json::Int(row.tax_group))
                       .Set("sold_taxgrp", Json::Int(group))};
  }
  return std::nullopt;
}

Outcome Register::OpenShiftFor(const ExecuteRequest* request) {
  shifts_.push_back({static_cast<int64_t>(shifts_.size()) + 1, Now(), std::nullopt});
  safe_at_shift_start_ = safe_;
  groups_by_code_.clear();
  if (switches().docno_scope == DocnoScope::kShift) next_docno_ = 1;
  LedgerEntry& entry = Append(0, request);
  entry.info = ReceiptInfo(entry);
  Outcome outcome;
  outcome.made = true;
  outcome.info = entry.info;
  outcome.fiscal_number = entry.fiscal_number;
  return outcome;
}

Outcome Register::MakeReceipt(const ExecuteRequest& request) {
  if (!shift_is_open()) OpenShiftFor(nullptr);
  const int task = *request.task;
  const int64_t cash = task >= 3 ? request.receipt.total : request.receipt.CashSum();
  safe_ += task == 1 || task == 3 ? cash : -cash;
  for (const Row& row : request.receipt.rows) {
    if (!row.code.empty()) groups_by_code_.emplace(row.code, row.tax_group);
  }
  LedgerEntry& entry = Append(task, &request);
  entry.receipt = request.receipt;
  entry.docno = next_docno_++;
  entry.info = ReceiptInfo(entry);
  Outcome outcome;
  outcome.task = task;
  outcome.made = true;
  outcome.info = entry.info;
  outcome.fiscal_number = entry.fiscal_number;
  return outcome;
}

Outcome Register::MakeReport(const ExecuteRequest& request) {
  Outcome outcome;
  outcome.task = *request.task;
  outcome.made = true;
  if (outcome.task == 11) {
    // The close forgets what the shift remembered; the Z-report's own tag is remembered after it.
    if (switches().tag_memory == TagMemory::kShift) tags_.clear();
    groups_by_code_.clear();
  }
  Json report = ReportInfo(*this, shifts_.back().id);
  LedgerEntry& entry = Append(outcome.task, &request);
  if (outcome.task == 11) shifts_.back().closed = Now();
  entry.info = ReceiptInfo(entry);
  for (Json::Member& member : report.members()) entry.info.Set(member.name, std::move(member.value));
  outcome.info = entry.info;
  outcome.fiscal_number = entry.fiscal_number;
  return outcome;
}

LedgerEntry& Register::Append(int task, const ExecuteRequest* request) {
  LedgerEntry entry;
  entry.fisid = options_.fisid;
  entry.task = task;
  entry.dataid = next_dataid_++;
  entry.shift = shifts_.back().id;
  entry.time = Now();
  entry.is_offline = offline_;
  entry.dtype = options_.is_real ? 1 : 0;
  entry.safe = safe_;
  entry.cashier = options_.cashier;
  entry.listings_before = listings_;
  if (request != nullptr) {
    entry.tag = request->tag;
    entry.body = request->body;
    if (!request->cashier.empty()) entry.cashier = request->cashier;
  }
  if (task != 10) entry.fiscal_number = NewFiscalNumber(entry.dataid);
  for (uint64_t part = 0; part < 4; ++part) {
    absl::StrAppendFormat(&entry.mac, "%016x", Mix(Mix(salt_ + static_cast<uint64_t>(entry.dataid)) + part));
  }
  if (entry.IsReceipt()) by_number_[entry.fiscal_number] = ledger_.size();
  ledger_.push_back(std::move(entry));
  return ledger_.back();
}

std::string Register::NewFiscalNumber(int64_t dataid) const {
  const std::string number = Base64Url(Mix(salt_ + static_cast<uint64_t>(dataid)));
  return options_.is_real ? number : absl::StrCat("TEST_", number);
}

absl::Status Register::OpenShift() {
  if (shift_is_open()) return absl::FailedPreconditionError("the shift is open");
  OpenShiftFor(nullptr);
  return absl::OkStatus();
}

absl::Status Register::CloseShift() {
  if (!shift_is_open()) return absl::FailedPreconditionError("the shift is closed");
  ExecuteRequest request;
  request.body = std::make_shared<const std::string>();
  request.task = 11;
  MakeReport(request);
  return absl::OkStatus();
}

absl::Status Register::AgeShift(absl::Duration age) {
  if (!shift_is_open()) return absl::FailedPreconditionError("the shift is closed");
  shifts_.back().opened -= age;
  return absl::OkStatus();
}

const LedgerEntry* Register::FindReceipt(std::string_view fiscal_number) const {
  const auto found = by_number_.find(std::string(fiscal_number));
  return found == by_number_.end() ? nullptr : &ledger_[found->second];
}

}  // namespace kasa::simulator
