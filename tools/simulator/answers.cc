#include "tools/simulator/answers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

// "20241114121430" -> "12:14:30"
std::string TimeOfDt(const std::string& dt) {
  return absl::StrCat(dt.substr(8, 2), ":", dt.substr(10, 2), ":", dt.substr(12, 2));
}

std::string QrOf(const Register& reg, const LedgerEntry& entry, const std::string& dt) {
  // Before rounding: the published sample of 199.99 - 10.00 + 0.01 says 189.99.
  const std::string amount = Money::FromKopiykas(entry.receipt.sum - entry.receipt.discount).ToDecimal();
  switch (reg.switches().qr) {
    case Qr::kEmpty:
      return "";
    case Qr::kText:
      return absl::StrCat("ФН ", entry.fisid, "\nЧек ", entry.fiscal_number, "\n", dt, "\n", amount);
    case Qr::kLink:
      break;
  }
  return absl::StrCat("https://kasa.vchasno.ua/c/", entry.fiscal_number, "?id=", entry.fiscal_number,
                      "&date=", dt.substr(0, 8), "&time=", TimeOfDt(dt), "&fn=", entry.fisid, "&sm=", amount,
                      "&mac=", entry.mac);
}

std::string_view TaxName(int group) {
  static const std::map<int, std::string_view> kNames = {{1, "ПДВ 20%"},
                                                         {2, "Без ПДВ"},
                                                         {3, "ПДВ 20% + акциз 5%"},
                                                         {4, "ПДВ 7%"},
                                                         {5, "ПДВ 0%"},
                                                         {6, "Без ПДВ + акциз 5%"},
                                                         {7, "Не є об'єктом ПДВ"},
                                                         {8, "ПДВ 20% + ПФ 7.5%"},
                                                         {9, "ПДВ 14%"}};
  const auto found = kNames.find(group);
  return found == kNames.end() ? std::string_view("Інша") : found->second;
}

std::string_view PayName(int type) {
  static const std::map<int, std::string_view> kNames = {
      {0, "Готівка"},    {1, "Безготівка"},          {2, "Картка"},
      {3, "Передплата"}, {4, "Післяплата"},          {5, "Кредит"},
      {6, "Сертифікат"}, {16, "Інтернет-еквайринг"}, {20, "NovaPay"}};
  const auto found = kNames.find(type);
  return found == kNames.end() ? std::string_view("Інша") : found->second;
}

// Sales and returns side by side.
struct Sides {
  int64_t p = 0;
  int64_t m = 0;
  int64_t& of(int task) { return task == 1 ? p : m; }
};

Json PayList(const std::map<int, Sides>& pays) {
  Json list = Json::Array();
  for (const auto& [type, sums] : pays) {
    list.Push(Json::Object()
                  .Set("type", Json::Int(type))
                  .Set("name", Json::Text(PayName(type)))
                  .Set("sum_p", Json::Amount(sums.p))
                  .Set("sum_m", Json::Amount(sums.m)));
  }
  return list;
}

}  // namespace

Json Register::ReceiptInfo(const LedgerEntry& entry) const {
  const std::string dt = Dt(entry.time);
  return Json::Object()
      .Set("task", Json::Int(entry.task))
      .Set("fisid", Json::Text(entry.fisid))
      .Set("dataid", Json::Int(entry.dataid))
      .Set("doccode", Json::Text(entry.fiscal_number))
      .Set("dt", Json::Text(dt))
      .Set("cashier", Json::Text(entry.cashier))
      .Set("dtype", Json::Int(entry.dtype))
      .Set("isprint", Json::Int(0))
      .Set("isoffline", Json::Bool(entry.is_offline))
      .Set("safe", Json::Amount(entry.safe))
      .Set("shift_link", Json::Int(entry.shift))
      .Set("docno", Json::Int(entry.docno))
      .Set("cancelid", Json::Text(entry.fiscal_number))
      .Set("qr", Json::Text(entry.IsReceipt() ? QrOf(*this, entry, dt) : ""))
      .Set("mac", Json::Text(entry.mac));
}

Json Register::AnswerJson(const ExecuteRequest& request, const Outcome& outcome) const {
  return Json::Object()
      .Set("task", Json::Int(outcome.task))
      .Set("type", Json::Int(request.type))
      .Set("ver", Json::Int(6))
      .Set("source", Json::Text(request.source))
      .Set("device", Json::Text(request.device.empty() ? options_.fisid : request.device))
      .Set("tag", Json::Text(request.tag))
      .Set("dt", Json::Text(Dt(Now())))
      .Set("res", Json::Int(outcome.res))
      .Set("res_action", Json::Int(outcome.res_action))
      .Set("errortxt", Json::Text(outcome.text))
      .Set("warnings", Json::Array())
      .Set("info", outcome.info)
      .Set("error_extra", outcome.extra);
}

Json StatusInfo(const Register& reg) {
  const Switches& switches = reg.switches();
  int shift_status = reg.shifts().empty() ? -1 : reg.shift_is_open() ? 1 : 0;
  if (reg.blocked()) shift_status = 2;
  int64_t last_sale = 0;
  int64_t last_return = 0;
  int64_t last_z = 0;
  for (const LedgerEntry& entry : reg.ledger()) {
    if (entry.task == 1) last_sale = entry.docno;
    if (entry.task == 2) last_return = entry.docno;
    if (entry.task == 11) ++last_z;
  }
  Json info = Json::Object().Set("task", Json::Int(18));
  if (!switches.status_omits_fisid) info.Set("fisid", Json::Text(reg.options().fisid));
  if (!switches.status_omits_mode) info.Set("isFis", Json::Int(reg.options().is_real ? 1 : 0));
  if (!switches.status_omits_shift) info.Set("shift_status", Json::Int(shift_status));
  if (!switches.status_omits_shift_dt && reg.shift_is_open()) {
    info.Set("shift_dt", Json::Text(reg.Dt(reg.shifts().back().opened)));
  }
  const int online = switches.online_value;
  info.Set("online_status", Json::Int(reg.offline() ? 1 - online : online))
      .Set("sign_status", Json::Int(reg.sign_status()))
      .Set("safe", Json::Amount(reg.safe()));
  if (!switches.status_omits_edrpou) info.Set("edrpou", Json::Text(reg.options().edrpou));
  if (!switches.status_omits_numbers) {
    info.Set("last_receipt_no", Json::Int(last_sale))
        .Set("last_back_no", Json::Int(last_return))
        .Set("last_z_no", Json::Int(last_z));
  }
  info.Set("vacant_off_nums", Json::Int(2000));
  return info;
}

Json ReportInfo(const Register& reg, int64_t shift) {
  Sides counts;
  Sides last_docno;
  Sides base;
  Sides discount;
  Sides total;
  std::map<int, Sides> taxes;
  std::map<int, Sides> pays;
  const LedgerEntry* last = nullptr;
  for (const LedgerEntry& entry : reg.ledger()) {
    if (entry.shift != shift) continue;
    last = &entry;
    if (entry.task != 1 && entry.task != 2) continue;
    const int side = entry.task;
    ++counts.of(side);
    last_docno.of(side) = entry.docno;
    base.of(side) += entry.receipt.sum;
    discount.of(side) += entry.receipt.discount;
    total.of(side) += entry.receipt.total;
    for (const Row& row : entry.receipt.rows) taxes[row.tax_group].of(side) += row.amount;
    for (const Pay& pay : entry.receipt.pays) pays[pay.type].of(side) += pay.sum;
  }
  Json tax_list = Json::Array();
  for (const auto& [group, sums] : taxes) {
    tax_list.Push(Json::Object()
                      .Set("gr_code", Json::Int(group))
                      .Set("base_sum_p", Json::Amount(sums.p))
                      .Set("base_sum_m", Json::Amount(sums.m))
                      .Set("tax_fname", Json::Text(TaxName(group))));
  }
  Json info = Json::Object();
  info.Set("receipt", Json::Object()
                          .Set("count_p", Json::Int(counts.p))
                          .Set("count_m", Json::Int(counts.m))
                          .Set("count_14", Json::Int(0))
                          .Set("last_docno_p", Json::Int(last_docno.p))
                          .Set("last_docno_m", Json::Int(last_docno.m)));
  info.Set("summary", Json::Object()
                          .Set("base_p", Json::Amount(base.p))
                          .Set("base_m", Json::Amount(base.m))
                          .Set("disc_p", Json::Amount(discount.p))
                          .Set("disc_m", Json::Amount(discount.m))
                          .Set("calc_p", Json::Amount(total.p))
                          .Set("calc_m", Json::Amount(total.m)));
  info.Set("taxes", std::move(tax_list)).Set("pays", PayList(pays)).Set("money", PayList(pays));
  info.Set("cash", Json::Array())
      .Set("safe", Json::Amount(reg.safe()))
      .Set("safe_start_shift", Json::Amount(reg.safe_at_shift_start()))
      .Set("shift_link", Json::Int(shift))
      .Set("vacant_off_nums", Json::Int(2000));
  if (last != nullptr) {
    info.Set("lastcheck", Json::Object()
                              .Set("docnum", Json::Int(last->docno))
                              .Set("fisnum", Json::Text(last->fiscal_number))
                              .Set("packtype", Json::Int(last->task)));
  }
  info.Set("billing", Json::Object()
                          .Set("paid_date_to", Json::Text("20991231"))
                          .Set("enough_to_renew_subscription", Json::Bool(true)));
  return info;
}

}  // namespace kasa::simulator
