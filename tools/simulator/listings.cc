#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/simulator/answers.h"
#include "tools/simulator/text_rules.h"

namespace kasa::simulator {
namespace {

// The names that the fields of the two listings have: the real ones are not known.
struct Names {
  const char* list;
  const char* shift_id;
  const char* opened;
  const char* closed;
  const char* number;
  const char* docno;  // null: not told
  const char* sum;
  const char* time;
  const char* tag;
  const char* task;
  const char* page;
};

const Names& NamesOf(ListingNames names) {
  static constexpr Names kDeviceManager = {"docs",   "shift_id", "datetime_open", "datetime_close",
                                           "fisnum", nullptr,    "sum",           "datetime",
                                           "tag",    "type",     "page_number"};
  static constexpr Names kCloud = {"items",         "id",           "opened_at", "closed_at",
                                   "fiscal_number", "local_number", "total",     "created_at",
                                   "tag",           "task",         "page_num"};
  static constexpr Names kShort = {"data", "shift_link", "dt_open", "dt_close", "doccode", "docno",
                                   "sm",   "dt",         "tag",     "task",     "page"};
  switch (names) {
    case ListingNames::kDeviceManager:
      return kDeviceManager;
    case ListingNames::kCloud:
      return kCloud;
    case ListingNames::kShort:
      return kShort;
  }
  return kShort;
}

// "20241114121430" as each spelling writes it.
std::string Spell(ListingNames names, const std::string& dt) {
  const auto part = [&dt](size_t at, size_t size) { return dt.substr(at, size); };
  if (names == ListingNames::kDeviceManager) {
    return absl::StrCat(part(6, 2), ".", part(4, 2), ".", part(0, 4), " ", part(8, 2), ".", part(10, 2), ".",
                        part(12, 2));
  }
  if (names == ListingNames::kCloud) {
    return absl::StrCat(part(0, 4), "-", part(4, 2), "-", part(6, 2), "T", part(8, 2), ":", part(10, 2), ":",
                        part(12, 2));
  }
  return dt;
}

CallAnswer NotFound() {
  return {404, "application/json", R"({"detail":"Not Found"})"};
}

// The answer when the listing is not in order at all.
std::optional<CallAnswer> Trouble(const Register& reg) {
  if (reg.switches().listing_state == ListingState::kUnreadable) {
    return CallAnswer{200, "application/json", R"({"docs":[{"fisn)"};
  }
  if (reg.switches().listing_state == ListingState::kNotFound) return NotFound();
  return std::nullopt;
}

// One page, newest first, of `all` (oldest first).
CallAnswer Page(const Register& reg, std::vector<Json> all, int64_t page, int64_t page_size) {
  const Names& names = NamesOf(reg.switches().listing_names);
  if (reg.switches().listing_state == ListingState::kEmpty) all.clear();
  const auto total = static_cast<int64_t>(all.size());
  const ListingPages pages = reg.switches().listing_pages;
  constexpr int64_t kSmallPage = 10;
  const int64_t size = pages == ListingPages::kSmall ? std::min(page_size, kSmallPage) : page_size;
  const int64_t turned = pages == ListingPages::kIgnored    ? 0
                         : pages == ListingPages::kFromZero ? page
                                                            : page - 1;
  Json list = Json::Array();
  for (int64_t i = turned * size; i < std::min(total, (turned + 1) * size); ++i) {
    list.Push(std::move(all[static_cast<size_t>(total - 1 - i)]));
  }
  const ListingEnvelope envelope = reg.switches().listing_envelope;
  if (envelope == ListingEnvelope::kArray) return {200, "application/json", list.Dump()};
  Json answer = Json::Object().Set(names.list, std::move(list));
  if (envelope == ListingEnvelope::kTotals) {
    answer.Set("paging", Json::Object()
                             .Set(names.page, Json::Int(page))
                             .Set("page_size", Json::Int(size))
                             .Set("total", Json::Int(total)));
  }
  return {200, "application/json", answer.Dump()};
}

// A row that tells nothing under any name that could be known.
Json OddRow() {
  return Json::Object().Set("nomer", Json::Text("?")).Set("vartist", Json::Int(1));
}

bool IsListed(const Register& reg, const LedgerEntry& entry, int64_t listing) {
  if (entry.fiscal_number.empty() || entry.task == 0) return false;
  if (reg.switches().listing_state != ListingState::kLate) return true;
  return listing - entry.listings_before > reg.switches().listing_late_by;
}

}  // namespace

CallAnswer ListShifts(Register& reg, int64_t page, int64_t page_size) {
  if (std::optional<CallAnswer> trouble = Trouble(reg)) return *std::move(trouble);
  const ListingNames spelling = reg.switches().listing_names;
  const Names& names = NamesOf(spelling);
  std::vector<Json> shifts;
  for (const Shift& shift : reg.shifts()) {
    Json row = Json::Object().Set(names.shift_id, Json::Int(shift.id));
    if (!reg.switches().listing_omits_times) {
      row.Set(names.opened, Json::Text(Spell(spelling, reg.Dt(shift.opened))))
          .Set(names.closed,
               shift.closed.has_value() ? Json::Text(Spell(spelling, reg.Dt(*shift.closed))) : Json::Null());
    }
    shifts.push_back(std::move(row));
  }
  return Page(reg, std::move(shifts), page, page_size);
}

CallAnswer ListChecks(Register& reg, int64_t shift, int64_t page, int64_t page_size) {
  if (std::optional<CallAnswer> trouble = Trouble(reg)) return *std::move(trouble);
  const int64_t listing = reg.CountListing();
  const ListingNames spelling = reg.switches().listing_names;
  const Names& names = NamesOf(spelling);
  std::vector<Json> checks;
  for (const LedgerEntry& entry : reg.ledger()) {
    if (entry.shift != shift || !IsListed(reg, entry, listing)) continue;
    Json row = Json::Object()
                   .Set(names.time, Json::Text(Spell(spelling, reg.Dt(entry.time))))
                   .Set(names.number, Json::Text(entry.fiscal_number))
                   .Set(names.sum, Json::Amount(entry.receipt.total));
    const ListingTasks tasks = reg.switches().listing_tasks;
    if (tasks != ListingTasks::kOmitted) {
      row.Set(names.task, Json::Int(tasks == ListingTasks::kTold ? entry.task : 0));
    }
    const ListingTags tags = reg.switches().listing_tags;
    if (tags == ListingTags::kTold) row.Set(names.tag, Json::Text(entry.tag));
    if (tags == ListingTags::kOther) row.Set(names.tag, Json::Text(absl::StrCat("id-", entry.dataid)));
    if (names.docno != nullptr) row.Set(names.docno, Json::Int(entry.docno));
    checks.push_back(std::move(row));
  }
  if (reg.switches().listing_odd_row) checks.push_back(OddRow());
  return Page(reg, std::move(checks), page, page_size);
}

CallAnswer CheckTaskAnswer(const Register& reg, const std::string& fiscal_number) {
  const LedgerEntry* entry = reg.FindReceipt(fiscal_number);
  if (entry == nullptr || reg.switches().check_task == CheckTask::kNotFound) return NotFound();
  const auto body = Json::Parse(*entry->body);
  if (!body.ok()) return NotFound();
  const bool wrong = reg.switches().check_task == CheckTask::kWrong;
  const Json* fiscal = body->Find("fiscal");
  const Json answer =
      Json::Object()
          .Set("fiscal_number", Json::Text(fiscal_number))
          .Set("task", Json::Object()
                           .Set("device", Json::Text(entry->fisid))
                           .Set("tag", Json::Text(wrong ? "00000000000000000000000000000000" : entry->tag))
                           .Set("fiscal", fiscal == nullptr ? Json::Object() : *fiscal));
  return {200, "application/json", answer.Dump()};
}

CallAnswer ReceiptPage(const Register& reg, const LedgerEntry& entry) {
  const auto escape = [](const std::string& text) {
    std::string out;
    for (const char c : text) {
      out += c == '<'   ? "&lt;"
             : c == '>' ? "&gt;"
             : c == '&' ? "&amp;"
             : c == '"' ? "&quot;"
                        : std::string(1, c);
    }
    return out;
  };
  std::string html = absl::StrCat("<!doctype html><html lang=\"uk\"><meta charset=\"utf-8\"><title>Чек ",
                                  entry.fiscal_number, "</title><h1>Чек ", entry.fiscal_number,
                                  "</h1><p>Каса ", entry.fisid, ", ", reg.Dt(entry.time), "</p><table>");
  for (const Row& row : entry.receipt.rows) {
    absl::StrAppend(&html, "<tr><td>", escape(row.name), "</td><td>",
                    Quantity::FromThousandths(row.count).ToDecimal(), " x ",
                    Money::FromKopiykas(row.price).ToDecimal(), "</td><td>",
                    Money::FromKopiykas(row.amount).ToDecimal(), "</td></tr>");
  }
  absl::StrAppend(&html, "</table><p>Сума ", Money::FromKopiykas(entry.receipt.total).ToDecimal(),
                  " грн</p></html>\n");
  return {200, "text/html; charset=utf-8", html};
}

CallAnswer ReceiptData(const Register& reg, const LedgerEntry& entry) {
  const std::string dt = reg.Dt(entry.time);
  // The tax service knows no receipt of a test register, and none made offline until it was sent.
  const bool at_tax_service = entry.dtype == 1 && !entry.is_offline;
  Json taxes = Json::Array();
  for (const Row& row : entry.receipt.rows) {
    taxes.Push(
        Json::Object().Set("gr_code", Json::Int(row.tax_group)).Set("base_sum", Json::Amount(row.amount)));
  }
  const Json data =
      Json::Object()
          .Set("check_url", Json::Text(absl::StrCat("https://kasa.vchasno.ua/c/", entry.fiscal_number)))
          .Set("target_url", at_tax_service
                                 ? Json::Text(absl::StrCat(
                                       "https://cabinet.tax.gov.ua/cashregs/check?id=", entry.fiscal_number,
                                       "&fn=", entry.fisid, "&date=", dt.substr(0, 8), "&time=", dt.substr(8),
                                       "&sm=", Money::FromKopiykas(entry.receipt.total).ToDecimal()))
                                 : Json::Null())
          .Set("taxes", std::move(taxes));
  return {200, "application/json", data.Dump()};
}

}  // namespace kasa::simulator
