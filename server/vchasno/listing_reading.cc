#include "server/vchasno/listing_reading.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/vchasno/json.h"
#include "server/vchasno/listing_envelope.h"
#include "server/vchasno/listing_fields.h"
#include "server/vchasno/retry_after.h"
#include "server/vchasno/tag_text.h"

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
  ListedFact task = FactOf(levels, {"task", "tasktype"});
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
  row.tag = TagFromText(tag.text);
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

// A refusal for the token's sake or the pace's says nothing of the page; any other of the caller's faults may
// be that there is no such page.
ListingOutcome OutcomeOf(int http_status) {
  constexpr int kUnauthorized = 401;
  constexpr int kForbidden = 403;
  constexpr int kTooManyRequests = 429;
  if (http_status >= 500) return ListingOutcome::kNotAnswered;
  const bool refused = http_status == kUnauthorized || http_status == kForbidden ||
                       http_status == kTooManyRequests || http_status < 400;
  return refused ? ListingOutcome::kRefused : ListingOutcome::kNotThere;
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
    return unread(OutcomeOf(result.status), absl::StrCat("the answer's HTTP status is ", result.status));
  }
  const auto json = JsonObject::ParseObjectOrArray(result.body);
  if (!json) return unread(ListingOutcome::kUnreadable, "the answer can't be read");
  if (const auto res = IntOf(Find(&json->root(), "res")); res && *res != 0) {
    return unread(ListingOutcome::kRefused, absl::StrCat("the answer is an error (code ", *res, ")"));
  }
  const ListingEnvelope envelope = EnvelopeOf(json->root());
  if (envelope.rows == nullptr && !envelope.null_list) {
    return unread(ListingOutcome::kUnreadable, "the answer holds no list, or several");
  }

  answer.outcome = ListingOutcome::kRead;
  answer.page.total = envelope.total;
  if (envelope.null_list) {
    answer.page.gap = "a list is null, which may as well be a failure";
    answer.page.total_mends_gap = true;
  }
  if (envelope.page && *envelope.page != asked) {
    answer.page.gap = absl::StrCat("page ", asked, " was asked for, and page ", *envelope.page, " came");
    // The first page is beyond no end: where another one comes for it, pages are counted otherwise.
    answer.page.total_mends_gap = asked > 1;
  }
  if (envelope.rows == nullptr) return answer;
  for (const Value& json_row : envelope.rows->GetArray()) {
    auto read = read_one(json_row);
    if (read.gap.empty() || read.kept) answer.page.rows.push_back(std::move(read.row));
    if (read.gap.empty()) continue;
    answer.page.gap = std::move(read.gap);
    answer.page.total_mends_gap = false;
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
