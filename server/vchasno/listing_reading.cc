#include "server/vchasno/listing_reading.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/vchasno/json.h"
#include "server/vchasno/listing_fields.h"
#include "server/vchasno/retry_after.h"

namespace kasa::vchasno {
namespace {

using domain::ListedReceipt;
using domain::ListedShift;
using rapidjson::Value;

// A row as it was read, or why it was not understood.
template <typename Row>
struct ReadRow {
  Row row;
  std::string gap;
  bool kept = false;  // in spite of the gap: it may still be looked into
};

std::optional<absl::Time> TimeOrGap(const ListedFact& fact, absl::string_view what, const KyivTime& kyiv,
                                    std::string& gap) {
  if (fact.text.empty() || fact.text == "0") return std::nullopt;
  const auto time = ListedTime(fact.text, kyiv);
  if (fact.spoilt || !time) gap = absl::StrCat("a row's ", what, " can't be read");
  return time;
}

// Whether a flag or a word says that the shift is closed, though not when.
bool SaysClosed(const Value& row) {
  const Value* const flag = MemberOf(&row, {"closed", "isclosed"});
  if (flag != nullptr && flag->IsBool()) return flag->GetBool();
  const Value* const open = MemberOf(&row, {"open", "isopen", "opened"});
  if (open != nullptr && open->IsBool()) return !open->GetBool();
  const Value* const word = MemberOf(&row, {"status", "state", "shiftstatus"});
  const auto text = word != nullptr && word->IsString() ? TextOf(word) : std::nullopt;
  return text && absl::AsciiStrToLower(*text) == "closed";
}

ReadRow<ListedShift> ReadShift(const Value& json, const KyivTime& kyiv) {
  ReadRow<ListedShift> read;
  const auto levels = LevelsOf(json);
  if (levels.empty()) {
    read.gap = "a row is no object";
    return read;
  }
  const ListedFact id = FactOf(levels, {"shiftid", "id", "shiftlink", "shiftnumber", "shiftno", "shift"});
  if (id.spoilt || id.text.empty()) {
    read.gap = "a row does not say, or not clearly, which shift it is";
    return read;
  }
  read.row.id = id.text;
  read.row.opened =
      TimeOrGap(FactOf(levels, {"datetimeopen", "openedat", "dtopen", "opendt", "opentime", "openingtime",
                                "dateopen", "opendate", "shiftopendt", "shiftdt", "openat", "startedat",
                                "starttime", "dtstart", "datestart", "start", "opendatetime"}),
                "time of opening", kyiv, read.gap);
  read.row.closed =
      TimeOrGap(FactOf(levels, {"datetimeclose", "closedat", "dtclose", "closedt", "closetime", "closingtime",
                                "dateclose", "closedate", "shiftclosedt", "closeat", "endedat", "finishedat",
                                "endtime", "dtend", "dateend", "end", "closedatetime"}),
                "time of closing", kyiv, read.gap);
  if (!read.gap.empty()) {
    // Its receipts can be asked for all the same, and the one that is looked for may be among them. Neither
    // time is kept: what was misread once may be wrong in the other too, and a shift without times is always
    // read. Nothing is proven absent by it, since the page has its gap.
    read.row.opened.reset();
    read.row.closed.reset();
    read.kept = true;
  }
  read.row.said_closed = !read.row.closed && SaysClosed(json);
  return read;
}

// Whether documents of this task have a fiscal number: receipts and cash in or out do.
bool MayLackFiscalNumber(const std::optional<int>& task) {
  constexpr int kWithoutOne[] = {0, 5, 10, 11, 18};
  for (const int one : kWithoutOne) {
    if (task == one) return true;
  }
  return false;
}

ReadRow<ListedReceipt> ReadCheck(const Value& json, const KyivTime& kyiv) {
  ReadRow<ListedReceipt> read;
  const auto levels = LevelsOf(json);
  if (levels.empty()) {
    read.gap = "a row is no object";
    return read;
  }
  const ListedFact number = SameFactOf(
      levels, {"fisnum", "fiscalnumber", "doccode", "fiscalnum", "fiscalno", "fisno", "fisn", "checkfn",
               "checkfiscalnumber", "receiptfiscalnumber", "docfiscalnumber", "fiscalcode", "check"});
  const ListedFact tag = SameFactOf(levels, {"tag", "requesttag", "tasktag"});
  ListedFact task = FactOf(levels, {"task", "tasktype", "taskid"});
  if (task.text.empty() && !task.spoilt) task = FactOf(levels, {"type", "doctype", "checktype"});
  const ListedFact rejected = FactOf(levels, {"taskstatus"});
  if (number.spoilt || tag.spoilt || task.spoilt) {
    read.gap = "a row tells its fiscal number, tag or task twice and not alike";
    return read;
  }
  if (rejected.text == "3") {
    read.gap = "a row says that it was rejected";
    return read;
  }
  ListedReceipt& row = read.row;
  row.fiscal_number = number.text;
  row.tag = tag.text;
  row.task = ListedTask(task.text);
  if (row.fiscal_number.empty() && !MayLackFiscalNumber(row.task)) {
    read.gap = "a row names no fiscal number";
    return read;
  }
  const ListedFact sum =
      FactOf(levels, {"sum", "total", "sm", "amount", "totalsum", "sumtotal", "checksum", "totalamount"});
  if (!sum.spoilt) row.sum = ListedSum(sum.text);
  const ListedFact local = FactOf(levels, {"docno", "localnumber", "localno", "localnum", "docnum",
                                           "docnumber", "checkno", "checknum", "checknumber", "receiptno"});
  int64_t local_number = 0;
  if (!local.spoilt && absl::SimpleAtoi(local.text, &local_number)) row.local_number = local_number;
  const ListedFact time = FactOf(levels, {"datetime", "dt", "createdat", "fiscaltime", "fiscaldt", "checkdt",
                                          "time", "checktime", "datecreated", "created", "date"});
  if (!time.spoilt) row.time = ListedTime(time.text, kyiv);
  const ListedFact fisid = FactOf(levels, {"fisid", "registerfiscalnumber", "rrofisn", "rrofn"});
  if (!fisid.spoilt) row.register_fiscal_number = fisid.text;
  return read;
}

// Where the rows are; null when that is not clear.
const Value* RowsIn(const Value& root, int depth) {
  if (root.IsArray()) return &root;
  if (!root.IsObject()) return nullptr;
  constexpr absl::string_view kLists[] = {"docs",    "items",   "data",    "results",   "result",
                                          "rows",    "list",    "checks",  "receipts",  "shifts",
                                          "records", "content", "objects", "documents", "info"};
  const Value* rows = nullptr;
  for (auto member = root.MemberBegin(); member != root.MemberEnd(); ++member) {
    const absl::string_view told(member->name.GetString(), member->name.GetStringLength());
    bool is_list = false;
    for (const absl::string_view list : kLists) is_list = is_list || IsNamed(told, list);
    if (!is_list) continue;
    const Value* found = nullptr;
    if (member->value.IsArray()) found = &member->value;
    if (member->value.IsObject() && depth == 0) found = RowsIn(member->value, depth + 1);
    if (found == nullptr) continue;
    if (rows != nullptr) return nullptr;
    rows = found;
  }
  return rows;
}

// What a page says about its place in the listing: on the root, or in one of the objects in which that is
// known to be.
struct Paging {
  std::optional<int64_t> page;
  std::optional<int64_t> total;
};

void ReadPaging(const Value* place, bool on_root, Paging& paging) {
  if (place == nullptr || !place->IsObject()) return;
  const Value* const page = MemberOf(place, {"pagenumber", "pagenum", "page", "currentpage"});
  if (!paging.page) paging.page = IntOf(page);
  // "count" may as well be that of this page's rows: it counts only where nothing better is told, and not on
  // the root.
  const Value* total = MemberOf(place, {"total", "totalcount", "totalitems", "totalrows", "totalelements",
                                        "totaldocs", "totalrecords", "recordstotal"});
  if (total == nullptr && !on_root) total = MemberOf(place, {"count"});
  if (!paging.total) paging.total = IntOf(total);
}

Paging PagingOf(const Value& root) {
  Paging paging;
  const Value* const data = MemberOf(&root, {"data", "result", "info"});
  for (const Value* outer : {&root, data}) {
    ReadPaging(outer, true, paging);
    if (outer == nullptr || !outer->IsObject()) continue;
    ReadPaging(MemberOf(outer, {"paging", "pagination", "pager", "meta", "pageinfo"}), false, paging);
  }
  return paging;
}

template <typename Answer, typename ReadOne>
Answer ReadPage(const HttpResult& result, int asked, const ReadOne& read_one) try {
  Answer answer;
  const auto unread = [&](ListingOutcome outcome, std::string gap) {
    answer.outcome = outcome;
    answer.page.gap = std::move(gap);
    return std::move(answer);
  };
  answer.retry_after = ParseRetryAfter(result.retry_after, result.end_time);
  if (result.outcome != HttpOutcome::kAnswered) {
    return unread(ListingOutcome::kNotAnswered,
                  absl::StrCat("no whole answer came (", result.what_happened, ")"));
  }
  if (result.status != 200) {
    const ListingOutcome outcome = result.status == 404   ? ListingOutcome::kNotThere
                                   : result.status >= 500 ? ListingOutcome::kNotAnswered
                                                          : ListingOutcome::kRefused;
    return unread(outcome, absl::StrCat("the answer's HTTP status is ", result.status));
  }
  const auto json = JsonObject::ParseObjectOrArray(result.body);
  if (!json) return unread(ListingOutcome::kUnreadable, "the answer can't be read");
  if (const auto res = IntOf(Find(&json->root(), "res")); res && *res != 0) {
    return unread(ListingOutcome::kRefused, absl::StrCat("the answer is an error (code ", *res, ")"));
  }
  const Value* const rows = RowsIn(json->root(), 0);
  if (rows == nullptr) return unread(ListingOutcome::kUnreadable, "the answer holds no list, or several");

  answer.outcome = ListingOutcome::kRead;
  const Paging paging = PagingOf(json->root());
  answer.page.total = paging.total;
  if (paging.page && *paging.page != asked) {
    answer.page.gap = absl::StrCat("page ", asked, " was asked for, and page ", *paging.page, " came");
  }
  for (const Value& json_row : rows->GetArray()) {
    auto read = read_one(json_row);
    if (read.gap.empty() || read.kept) answer.page.rows.push_back(std::move(read.row));
    if (!read.gap.empty()) answer.page.gap = std::move(read.gap);
  }
  return answer;
} catch (const JsonMisuse&) {
  Answer answer;
  answer.outcome = ListingOutcome::kUnreadable;
  answer.page.gap = "the answer can't be read";
  return answer;
}

}  // namespace

ShiftsAnswer ReadShifts(const HttpResult& result, int asked, const KyivTime& kyiv) {
  return ReadPage<ShiftsAnswer>(result, asked, [&](const Value& row) { return ReadShift(row, kyiv); });
}

ChecksAnswer ReadChecks(const HttpResult& result, int asked, const KyivTime& kyiv) {
  return ReadPage<ChecksAnswer>(result, asked, [&](const Value& row) { return ReadCheck(row, kyiv); });
}

}  // namespace kasa::vchasno
