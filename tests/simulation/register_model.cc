#include "tests/simulation/register_model.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace kasa::simulation {
namespace {

constexpr int kClosingMinute = 23 * 60 + 59;  // where nobody set another

constexpr int kShiftWasOpen = 1096;
constexpr int kOtherContent = 1059;  // in no list: the vendor names no code for it
constexpr int kNoCash = 1077;
constexpr int kOtherGroup = 1111;
constexpr int kRoundingTooFar = 1112;
constexpr int kNoRounding = 1115;

}  // namespace

RegisterModel::RegisterModel(std::string number, std::string edrpou, Switches switches, const KyivTime& kyiv,
                             absl::Time now, Random random)
    : number_(std::move(number)),
      edrpou_(std::move(edrpou)),
      switches_(switches),
      kyiv_(kyiv),
      random_(random) {
  if (!switches_.open_at_start) return;
  OpenShift(
      std::max(kyiv_.StartOf(kyiv_.DayOf(now)), now - random_.Between(absl::Minutes(1), absl::Hours(5))));
}

absl::Time RegisterModel::NextClosing(absl::Time after) const {
  const absl::CivilDay day = kyiv_.DayOf(after + switches_.clock_ahead);
  const int minute = switches_.closing_minute.value_or(kClosingMinute);
  for (const absl::CivilDay candidate : {day, day + 1}) {
    const absl::Time closing = kyiv_.AtMinuteOf(candidate, minute) - switches_.clock_ahead;
    if (closing > after) return closing;
  }
  return absl::InfiniteFuture();
}

void RegisterModel::PassTimeTo(absl::Time now) {
  if (!shift_opened_ || (!switches_.closes_at_midnight && !switches_.closing_minute)) return;
  absl::Time closing = NextClosing(*shift_opened_);
  if (status_read_ <= closing) closing = std::max(closing, status_read_ + kNoCloseAfterStatus);
  if (now < closing) return;
  shift_opened_.reset();
  shifts_.back().closed = closing;
  ++closings_;
  groups_in_shift_.clear();
  if (switches_.tag_memory == TagMemory::kShift) memory_.clear();
}

void RegisterModel::OpenShift(absl::Time now) {
  ++shift_;
  shift_opened_ = now;
  shifts_.push_back({.number = shift_, .opened = now, .closed = std::nullopt});
}

void RegisterModel::Remember(const TaskRequest& request, const std::string& body, int res,
                             LedgerEntry* receipt) {
  if (switches_.tag_memory == TagMemory::kNever || request.tag.empty()) return;
  Memory& memory = memory_[request.tag];
  if (memory.receipt == nullptr) memory = {body, res, receipt};
}

std::optional<TaskOutcome> RegisterModel::Remembered(const TaskRequest& request, const std::string& body,
                                                     absl::Time now) {
  PassTimeTo(now);
  const auto found = memory_.find(request.tag);
  if (found == memory_.end()) return std::nullopt;
  const Memory& memory = found->second;
  if (memory.res != 0) {
    if (switches_.refused_tag == RefusedTag::kJudgedAnew) return std::nullopt;
    return TaskOutcome{.res = memory.res, .text = "те саме", .receipt = nullptr, .repeated = true};
  }
  if (memory.body != body && switches_.other_body == OtherBody::kRefused) {
    return TaskOutcome{.res = kOtherContent, .text = "інший зміст", .receipt = nullptr};
  }
  return TaskOutcome{.res = 0, .text = "", .receipt = memory.receipt, .repeated = true};
}

TaskOutcome RegisterModel::Refuse(const TaskRequest& request, int res) {
  Remember(request, "", res, nullptr);
  return {.res = res, .text = absl::StrCat("відмова ", res), .receipt = nullptr};
}

std::optional<int> RegisterModel::ClosedShiftCode() const {
  switch (switches_.closed_shift) {
    case ClosedShift::kOpensByReceipt:
      return std::nullopt;
    case ClosedShift::kCode1092:
      return 1092;
    case ClosedShift::kCode2007:
      return 2007;
    case ClosedShift::kCode2011:
      return 2011;
  }
  return std::nullopt;
}

std::optional<int> RegisterModel::ContentError(const TaskRequest& request) const {
  if (const auto wrong = request.ArithmeticError()) return wrong;
  if (request.rounding != 0 && !switches_.rounding_enabled) return kNoRounding;
  if (request.rounding < -99 || request.rounding > 99) return kRoundingTooFar;
  if (request.task == kReturn && request.cash() > cash_) return kNoCash;
  for (const TaskRow& row : request.rows) {
    const auto sold = groups_in_shift_.find(row.code);
    if (!row.code.empty() && sold != groups_in_shift_.end() && sold->second != row.tax_group)
      return kOtherGroup;
  }
  return std::nullopt;
}

TaskOutcome RegisterModel::Execute(const TaskRequest& request, const std::string& body, absl::Time now) {
  if (auto remembered = Remembered(request, body, now)) return *remembered;
  if (request.task == kOpenShift) {
    if (shift_opened_) return {.res = kShiftWasOpen, .text = "зміну вже відкрито", .receipt = nullptr};
    OpenShift(now);
    Remember(request, body, 0, nullptr);
    return {};
  }
  if (const auto error = ContentError(request)) {
    if (request.ArithmeticError()) wrong_sums_.push_back(body);
    return Refuse(request, *error);
  }
  if (!shift_opened_) {
    if (const auto code = ClosedShiftCode()) return Refuse(request, *code);
    OpenShift(now);
  }
  auto entry = std::make_unique<LedgerEntry>();
  entry->local_number = request.task == kSale ? ++sales_ : ++returns_;
  entry->fiscal_number = absl::StrCat("TEST_", number_.substr(6), request.task == kSale ? "s" : "r",
                                      entry->local_number, "x", random_.Below(100000));
  entry->register_number = number_;
  entry->request = request;
  entry->body = body;
  entry->time = now;
  entry->shift = shift_;
  entry->offline = random_.Percent(switches_.offline_percent);
  cash_ += request.task == kSale ? request.cash() : -request.cash();
  for (const TaskRow& row : request.rows) {
    if (!row.code.empty()) groups_in_shift_[row.code] = row.tax_group;
  }
  LedgerEntry* const made = entry.get();
  ledger_order_.push_back(made);
  ledger_.emplace(made->fiscal_number, std::move(entry));
  Remember(request, body, 0, made);
  return {.res = 0, .text = "", .receipt = made};
}

const LedgerEntry* RegisterModel::FindReceipt(const std::string& fiscal_number) const {
  const auto found = ledger_.find(fiscal_number);
  return found == ledger_.end() ? nullptr : found->second.get();
}

}  // namespace kasa::simulation
