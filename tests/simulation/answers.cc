#include "tests/simulation/answers.h"

#include <algorithm>
#include <ranges>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace kasa::simulation {
namespace {

// How long check-task does not know a new receipt, where it lags.
constexpr absl::Duration kCheckTaskLag = absl::Minutes(4);
// How long it tells another tag, where it is wrong at first and the listings tell the right one.
constexpr absl::Duration kCheckTaskWrong = absl::Minutes(6);

bool TellTags(Listings listings) {
  return listings == Listings::kWhole || listings == Listings::kWithoutNumbers ||
         listings == Listings::kWithoutTimes;
}

constexpr char kAnotherTag[] = "00000000ffffffff00000000ffffffff";

// What the cloud itself calls a receipt, where it tells that for a tag.
std::string OwnIdOf(const LedgerEntry& receipt) {
  return absl::StrFormat("c10d%028d", int64_t{1000} * receipt.request.task + receipt.local_number);
}

// A JSON object, member by member; its texts need no escapes.
class Object {
 public:
  explicit Object(bool numbers_as_text) : numbers_as_text_(numbers_as_text) {}

  void Number(const char* name, int64_t value) { Raw(name, absl::StrCat(value), numbers_as_text_); }
  void Amount(const char* name, int64_t kopiykas) { Raw(name, WriteKopiykas(kopiykas), numbers_as_text_); }
  void Text(const char* name, const std::string& value) { Raw(name, value, true); }
  void Flag(const char* name, bool value) { Raw(name, value ? "true" : "false", false); }
  void Member(const char* name, const std::string& json) { Raw(name, json, false); }
  std::string Done() const { return absl::StrCat("{", absl::StrJoin(members_, ","), "}"); }

 private:
  void Raw(const char* name, const std::string& value, bool quoted) {
    members_.push_back(quoted ? absl::StrCat("\"", name, "\":\"", value, "\"")
                              : absl::StrCat("\"", name, "\":", value));
  }

  const bool numbers_as_text_;
  std::vector<std::string> members_;
};

bool IsSpoilt(const Fault* fault, FaultKind kind) {
  return fault != nullptr && fault->kind == kind;
}

void WriteEnvelope(Object& json, const RegisterModel& of, const TaskRequest& request, int res,
                   std::optional<int> action, absl::Time told, const Fault* spoilt_by, const KyivTime& kyiv) {
  const Switches& switches = of.switches();
  if (IsSpoilt(spoilt_by, FaultKind::kWrongTask)) {
    json.Number("task", request.task == kReturn ? kSale : kReturn);
  } else if (switches.echoes_task) {
    json.Number("task", request.task);
  }
  json.Number("type", 1);
  json.Number("ver", 6);
  if (IsSpoilt(spoilt_by, FaultKind::kWrongTag)) {
    json.Text("tag", kAnotherTag);
  } else if (switches.echoes_tag && !request.tag.empty()) {
    json.Text("tag", request.tag);
  }
  if (switches.tells_clock) json.Text("dt", kyiv.FormatRegisterTime(told));
  json.Number("res", res);
  if (action) json.Number("res_action", *action);
  json.Text("errortxt", res == 0 ? "" : "помилка");
}

std::string WriteReceiptInfo(const RegisterModel& of, const TaskRequest& request, const LedgerEntry& receipt,
                             const Fault* spoilt_by, const KyivTime& kyiv) {
  const Switches& switches = of.switches();
  Object info(switches.numbers_as_text);
  info.Number("task", IsSpoilt(spoilt_by, FaultKind::kWrongTask) ? (request.task == kReturn ? kSale : kReturn)
                                                                 : request.task);
  if (IsSpoilt(spoilt_by, FaultKind::kWrongFisid)) {
    info.Text("fisid", "4999999999");
  } else if (switches.tells_fisid) {
    info.Text("fisid", of.number());
  }
  if (!IsSpoilt(spoilt_by, FaultKind::kNoFiscalNumber)) info.Text("doccode", receipt.fiscal_number);
  info.Number("docno", receipt.local_number);
  info.Text("dt", kyiv.FormatRegisterTime(receipt.time + switches.clock_ahead));
  info.Flag("isoffline", receipt.offline);
  info.Number("shift_link", receipt.shift);
  info.Amount("safe", of.cash_in_drawer());
  if (switches.tells_dtype) info.Number("dtype", 0);
  info.Text("qr", absl::StrCat("https://kasa.example/c/", receipt.fiscal_number));
  return info.Done();
}

}  // namespace

std::string WriteAnswer(const RegisterModel& of, const TaskRequest& request, const TaskOutcome& outcome,
                        std::optional<int> action, absl::Time now, const Fault* spoilt_by,
                        const KyivTime& kyiv) {
  Object json(of.switches().numbers_as_text);
  WriteEnvelope(json, of, request, outcome.res, action, now + of.switches().clock_ahead, spoilt_by, kyiv);
  if (outcome.receipt != nullptr) {
    json.Member("info", WriteReceiptInfo(of, request, *outcome.receipt, spoilt_by, kyiv));
  }
  json.Member("error_extra", "null");
  return json.Done();
}

std::string WriteError(const RegisterModel& of, const TaskRequest& request, int res,
                       std::optional<int> action, absl::Time now, const KyivTime& kyiv) {
  return WriteAnswer(of, request, {.res = res, .text = "", .receipt = nullptr}, action, now, nullptr, kyiv);
}

std::string WriteStatus(const RegisterModel& of, const StatusConditions& conditions, absl::Time now,
                        const Fault* spoilt_by, const KyivTime& kyiv) {
  const Switches& switches = of.switches();
  const absl::Time told = now + switches.clock_ahead + conditions.clock_off;
  Object json(switches.numbers_as_text);
  WriteEnvelope(json, of, {.task = kStatus}, 0, 0, told, spoilt_by, kyiv);
  Object info(switches.numbers_as_text);
  if (!conditions.silent) {
    info.Text("fisid", IsSpoilt(spoilt_by, FaultKind::kWrongFisid) ? "4999999999" : of.number());
    info.Number("isFis", 0);
    info.Text("edrpou", of.edrpou());
    const int shift = conditions.blocked ? 2 : of.shift_open() ? 1 : 0;
    switch (switches.told_shift) {
      case ToldShift::kTold:
      case ToldShift::kWithoutTime:
        info.Number("shift_status", shift);
        break;
      case ToldShift::kMinusOne:
        info.Number("shift_status", conditions.blocked ? 2 : -1);
        break;
      case ToldShift::kSilent:
        if (conditions.blocked) info.Number("shift_status", 2);
        break;
    }
    if (switches.told_shift == ToldShift::kTold && of.shift_opened()) {
      info.Text("shift_dt", kyiv.FormatRegisterTime(*of.shift_opened() + switches.clock_ahead));
    }
    if (switches.told_online == ToldOnline::kMinusOne) info.Number("online_status", -1);
    if (switches.told_online == ToldOnline::kOneIsOnline) info.Number("online_status", 1);
    if (switches.told_online == ToldOnline::kZeroIsOnline) info.Number("online_status", 0);
    info.Number("sign_status", conditions.signature_missing ? 3 : 1);
    info.Amount("safe", of.cash_in_drawer());
    info.Number("last_receipt_no", of.sales());
    info.Number("last_back_no", of.returns());
    info.Number("vacant_off_nums", 1000);
  }
  json.Member("info", info.Done());
  return json.Done();
}

std::optional<std::string> WriteCheckTask(const RegisterModel& of, const std::string& fiscal_number,
                                          absl::Time now) {
  const Switches& switches = of.switches();
  if (switches.check_task == CheckTask::kNotFound) return std::nullopt;
  const LedgerEntry* const receipt = of.FindReceipt(fiscal_number);
  if (receipt == nullptr) return std::nullopt;
  if (switches.check_task == CheckTask::kLags && now < receipt->time + kCheckTaskLag) return std::nullopt;
  std::string body = receipt->body;
  if (switches.check_task == CheckTask::kWrongAtFirst && TellTags(switches.listings) &&
      now < receipt->time + kCheckTaskWrong) {
    body = absl::StrReplaceAll(body, {{receipt->request.tag, kAnotherTag}});
  }
  if (switches.check_task == CheckTask::kOwnId) {
    body = absl::StrReplaceAll(body, {{receipt->request.tag, OwnIdOf(*receipt)}});
  }
  // The request as it came is the task: {"source":..,"tag":..,"fiscal":{..}}
  switch (switches.check_task) {
    case CheckTask::kFlat:
      return absl::StrCat("{\"fiscal_number\":\"", fiscal_number, "\",", absl::StripPrefix(body, "{"));
    case CheckTask::kWithoutTag: {
      const size_t fiscal = body.find("\"fiscal\":");
      return absl::StrCat("{\"fiscal_number\":\"", fiscal_number, "\",\"task\":{", body.substr(fiscal), "}");
    }
    default:
      return absl::StrCat("{\"fiscal_number\":\"", fiscal_number, "\",\"task\":", body, "}");
  }
}

namespace {

// A page of rows, and where it is among them.
std::string WritePage(const std::vector<std::string>& rows, const Switches& switches, int page,
                      int page_size) {
  const int size = switches.listing_page > 0 ? std::min(switches.listing_page, page_size) : page_size;
  const size_t from = static_cast<size_t>(std::max(page - 1, 0)) * static_cast<size_t>(size);
  std::vector<std::string> shown;
  for (size_t i = from; i < rows.size() && i < from + static_cast<size_t>(size); ++i)
    shown.push_back(rows[i]);
  Object paging(switches.numbers_as_text);
  paging.Number("page_number", page);
  paging.Number("page_size", size);
  paging.Number("total", static_cast<int64_t>(rows.size()));
  Object json(switches.numbers_as_text);
  json.Member("docs", absl::StrCat("[", absl::StrJoin(shown, ","), "]"));
  json.Member("paging", paging.Done());
  return json.Done();
}

}  // namespace

std::optional<std::string> WriteShifts(const RegisterModel& of, int page, int page_size,
                                       const KyivTime& kyiv) {
  const Switches& switches = of.switches();
  if (switches.listings == Listings::kNotThere) return std::nullopt;
  if (switches.listings == Listings::kRefused) return R"({"res":9,"errortxt":"no"})";
  std::vector<std::string> rows;
  for (const ShiftRecord& shift : std::views::reverse(of.shifts())) {
    Object row(switches.numbers_as_text);
    row.Number("shift_id", shift.number);
    row.Text("opened_at", kyiv.FormatRegisterTime(shift.opened + switches.clock_ahead));
    if (shift.closed) row.Text("closed_at", kyiv.FormatRegisterTime(*shift.closed + switches.clock_ahead));
    rows.push_back(row.Done());
  }
  return WritePage(rows, switches, page, page_size);
}

std::optional<std::string> WriteChecks(const RegisterModel& of, int shift, int page, int page_size,
                                       absl::Time now, const KyivTime& kyiv) {
  const Switches& switches = of.switches();
  if (switches.listings == Listings::kNotThere) return std::nullopt;
  if (switches.listings == Listings::kRefused) return R"({"res":9,"errortxt":"no"})";
  std::vector<std::string> rows;
  for (const LedgerEntry* const entry : std::views::reverse(of.ledger())) {
    const LedgerEntry& receipt = *entry;
    if (receipt.shift != shift || now < receipt.time + switches.listing_lag) continue;
    Object row(switches.numbers_as_text);
    const bool twice = switches.listing_flaw == ListingFlaw::kShownTwice && rows.empty();
    row.Text("fisnum", receipt.fiscal_number);
    row.Number("type", receipt.request.task);
    row.Amount("sum", receipt.request.due());
    if (switches.listings != Listings::kWithoutTags) row.Text("tag", receipt.request.tag);
    if (switches.listings != Listings::kWithoutNumbers) row.Number("docno", receipt.local_number);
    if (switches.listings != Listings::kWithoutTimes) {
      row.Text("datetime", kyiv.FormatRegisterTime(receipt.time + switches.clock_ahead));
    }
    rows.push_back(row.Done());
    if (twice) {
      rows.push_back(
          absl::StrReplaceAll(rows.back(), {{receipt.fiscal_number, receipt.fiscal_number + "b"}}));
    }
  }
  if (switches.listing_flaw == ListingFlaw::kNamelessRow) rows.emplace_back(R"({"type":1,"sum":1.00})");
  return WritePage(rows, switches, page, page_size);
}

}  // namespace kasa::simulation
