#include "server/vchasno/listing_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/vchasno/fake_transport.h"

// What the two listings may look like is not known: whatever way they tell a fact, it is read, and whatever
// is not understood is said.
namespace kasa::vchasno {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const KyivTime& Kyiv() {
  static const KyivTime kKyiv = *KyivTime::Load();
  return kKyiv;
}

ChecksAnswer Checks(const std::string& body, int status = 200, int page = 1) {
  return ReadChecks(testing::Answered(status, body), page, Kyiv());
}

ShiftsAnswer Shifts(const std::string& body) {
  return ReadShifts(testing::Answered(200, body), 1, Kyiv());
}

absl::Time Told(const char* text) {
  return *Kyiv().ParseRegisterTime(text);
}

struct RowCase {
  const char* name;
  const char* row;
};

// All of them tell the same receipt.
TEST(ListedReceipt, IsReadUnderManyNames) {
  const std::vector<RowCase> cases = {
      {"device manager",
       R"({"datetime":"14.11.2024 12.14.30","fisnum":"F1","tag":"T1","type":1,"sum":189.99,"tax_sum":31.67,"docno":7})"},
      {"cloud",
       R"({"created_at":"2024-11-14T12:14:30","fiscal_number":"F1","tag":"T1","task":1,"total":"189.99","local_number":"7"})"},
      {"as an answer to execute",
       R"({"task":1,"tag":"T1","info":{"doccode":"F1","docno":7,"dt":"20241114121430","task":1},"sum":189.99})"},
      {"as check-task",
       R"({"fiscal_number":"F1","docno":7,"dt":"20241114121430","task":{"tag":"T1","fiscal":{"task":1,"receipt":{"sum":189.99}}}})"},
      {"camel case",
       R"({"dateTime":"2024-11-14 12:14:30","fiscalNumber":"F1","Tag":"T1","taskType":"sale","totalSum":"189,99","docNo":7})"},
      {"a zone and a fraction of a second",
       R"({"created_at":"2024-11-14T10:14:30.000Z","doccode":"F1","tag":"T1","task":"1","sm":189.990,"docno":7})"},
      {"seconds since 1970",
       R"({"dt":1731579270,"check_fn":"F1","tag":"T1","task":1,"amount":"189.99","check_number":7})"},
  };
  for (const RowCase& one : cases) {
    SCOPED_TRACE(one.name);
    const ChecksAnswer answer = Checks(absl::StrCat(R"({"docs":[)", one.row, "]}"));
    EXPECT_EQ(answer.outcome, ListingOutcome::kRead);
    EXPECT_EQ(answer.page.gap, "");
    ASSERT_THAT(answer.page.rows, SizeIs(1));
    const domain::ListedReceipt& row = answer.page.rows[0];
    EXPECT_EQ(row.fiscal_number, "F1");
    EXPECT_EQ(row.tag, "T1");
    EXPECT_EQ(row.task, 1);
    EXPECT_EQ(row.sum, Money::FromKopiykas(18999));
    EXPECT_EQ(row.local_number, 7);
    EXPECT_EQ(row.time, Told("20241114121430"));
  }
}

// More naturally the number of a row than what was asked for.
TEST(ListedReceipt, IsNotToldItsTaskByATasksId) {
  const ChecksAnswer answer = Checks(R"([{"doccode":"F1","task_id":0},{"doccode":"F2","taskId":2}])");
  ASSERT_THAT(answer.page.rows, SizeIs(2));
  EXPECT_EQ(answer.page.rows[0].task, std::nullopt);
  EXPECT_EQ(answer.page.rows[1].task, std::nullopt);
}

TEST(ListedReceipt, MayTellItsFiscalNumberAlone) {
  const ChecksAnswer answer = Checks(R"([{"doccode":"F1"}])");
  EXPECT_EQ(answer.page.gap, "");
  ASSERT_THAT(answer.page.rows, SizeIs(1));
  EXPECT_EQ(answer.page.rows[0], domain::ListedReceipt{.fiscal_number = "F1"});
}

TEST(ListedReceipt, ThatIsNoneNeedsNoFiscalNumber) {
  EXPECT_EQ(Checks(R"({"docs":[{"type":11},{"type":0,"fisnum":null},{"task":10,"fisnum":""}]})").page.gap,
            "");
}

TEST(ListedReceipt, ThatIsNotUnderstoodIsSaid) {
  const std::vector<RowCase> cases = {
      {"fields of other names", R"({"nomer":"F1","kod":1})"},
      {"no fiscal number", R"({"tag":"T1","task":1,"sum":1.00})"},
      {"no fiscal number and no task", R"({"tag":"T1"})"},
      {"two fiscal numbers", R"({"doccode":"F1","fisnum":"F2"})"},
      {"two tags", R"({"doccode":"F1","tag":"T1","info":{"tag":"T2"}})"},
      {"two tasks", R"({"doccode":"F1","task":1,"info":{"task":2}})"},
      {"a tag that is no text", R"({"doccode":"F1","tag":true})"},
      {"a text", R"("F1")"},
      {"an empty object", "{}"},
      {"null", "null"},
      {"a rejected task", R"({"doccode":"F1","tag":"T1","task_status":3})"},
  };
  for (const RowCase& one : cases) {
    SCOPED_TRACE(one.name);
    const ChecksAnswer answer = Checks(absl::StrCat(R"({"docs":[{"fisnum":"F0"},)", one.row, "]}"));
    EXPECT_EQ(answer.outcome, ListingOutcome::kRead);
    EXPECT_NE(answer.page.gap, "");
    EXPECT_THAT(answer.page.rows, SizeIs(1));  // the other one
  }
}

TEST(Listing, IsFoundInManyEnvelopes) {
  for (const char* body : {
           R"([{"fisnum":"F1"}])",
           R"({"docs":[{"fisnum":"F1"}],"paging":{"page_number":1,"page_size":50,"total":1}})",
           R"({"items":[{"fisnum":"F1"}],"total":1,"page":1,"warnings":[],"errors":[]})",
           R"({"data":[{"fisnum":"F1"}],"meta":{"current_page":1,"total":1}})",
           R"({"data":{"items":[{"fisnum":"F1"}],"total":1}})",
           R"({"results":[{"fisnum":"F1"}],"count":1,"next":null,"previous":null})",
           R"({"result":{"checks":[{"fisnum":"F1"}]}})",
           R"({"receipts":[{"fisnum":"F1"}]})",
           R"({"res":0,"info":{"docs":[{"fisnum":"F1"}]}})",
       }) {
    SCOPED_TRACE(body);
    const ChecksAnswer answer = Checks(body);
    EXPECT_EQ(answer.outcome, ListingOutcome::kRead);
    EXPECT_EQ(answer.page.gap, "");
    EXPECT_THAT(answer.page.rows, SizeIs(1));
  }
}

TEST(Listing, ThatIsNoneSaysSo) {
  struct Case {
    const char* body;
    int status;
    ListingOutcome outcome;
  };
  for (const Case& one : std::vector<Case>{
           {R"({"docs":[{"fisn)", 200, ListingOutcome::kUnreadable},
           {"", 200, ListingOutcome::kUnreadable},
           {"<html></html>", 200, ListingOutcome::kUnreadable},
           {R"({"strange":[]})", 200, ListingOutcome::kUnreadable},
           {R"({"docs":{}})", 200, ListingOutcome::kUnreadable},
           {R"({"docs":[],"items":[]})", 200, ListingOutcome::kUnreadable},
           {"7", 200, ListingOutcome::kUnreadable},
           {"null", 200, ListingOutcome::kUnreadable},
           {R"({"res":2005,"docs":[]})", 200, ListingOutcome::kRefused},
           {R"({"docs":[]})", 404, ListingOutcome::kNotThere},
           {R"({"detail":"Invalid page."})", 404, ListingOutcome::kNotThere},
           {R"({"docs":[]})", 400, ListingOutcome::kNotThere},
           {R"({"docs":[]})", 410, ListingOutcome::kNotThere},
           {R"({"docs":[]})", 416, ListingOutcome::kNotThere},
           {R"({"docs":[]})", 422, ListingOutcome::kNotThere},
           {R"({"docs":[]})", 401, ListingOutcome::kRefused},
           {R"({"docs":[]})", 403, ListingOutcome::kRefused},
           {R"({"docs":[]})", 429, ListingOutcome::kRefused},
           {R"({"docs":[]})", 503, ListingOutcome::kNotAnswered},
           {R"({"docs":[]})", 302, ListingOutcome::kRefused},
       }) {
    SCOPED_TRACE(one.body);
    const ChecksAnswer answer = Checks(one.body, one.status);
    EXPECT_EQ(answer.outcome, one.outcome) << NameOf(answer.outcome);
    EXPECT_NE(answer.page.gap, "");
    EXPECT_THAT(answer.page.rows, IsEmpty());
  }
  const ChecksAnswer cut = ReadChecks(testing::Unanswered(HttpOutcome::kRequestLeft, "timed out"), 1, Kyiv());
  EXPECT_EQ(cut.outcome, ListingOutcome::kNotAnswered);
  EXPECT_NE(cut.page.gap, "");
}

TEST(Listing, ThatAnswersAnotherPageThanWasAskedForIsAGap) {
  const char body[] = R"({"docs":[{"fisnum":"F1"}],"paging":{"page_number":1,"page_size":50,"total":120}})";
  EXPECT_EQ(Checks(body, 200, 1).page.gap, "");
  EXPECT_EQ(Checks(body, 200, 1).page.total, 120);
  EXPECT_FALSE(Checks(body, 200, 1).page.total_mends_gap);
  EXPECT_THAT(Checks(body, 200, 2).page.gap, HasSubstr("page 2"));
  EXPECT_TRUE(Checks(body, 200, 2).page.total_mends_gap);
  EXPECT_THAT(Checks(body, 200, 2).page.rows, SizeIs(1));

  // The first page is beyond no end, and a row that was not understood stays so.
  const char second[] = R"({"docs":[{"fisnum":"F1"}],"paging":{"page_number":0,"total":1}})";
  EXPECT_THAT(Checks(second, 200, 1).page.gap, HasSubstr("page 0"));
  EXPECT_FALSE(Checks(second, 200, 1).page.total_mends_gap);
  const char odd[] = R"({"docs":[{"nomer":"F1"}],"paging":{"page_number":1,"total":1}})";
  EXPECT_THAT(Checks(odd, 200, 2).page.gap, HasSubstr("no fiscal number"));
  EXPECT_FALSE(Checks(odd, 200, 2).page.total_mends_gap);
}

TEST(Listing, ThatIsNullIsEmptyWhereATotalSaysSo) {
  for (const char* body :
       {R"({"docs":null})", R"({"docs":null,"total":0})", R"({"data":{"items":null},"errors":[]})",
        R"({"res":0,"errortxt":"","info":{"docs":null}})",
        R"({"results":null,"success":true,"error":null,"message":""})"}) {
    SCOPED_TRACE(body);
    const ChecksAnswer answer = Checks(body);
    EXPECT_EQ(answer.outcome, ListingOutcome::kRead);
    EXPECT_THAT(answer.page.gap, HasSubstr("null"));
    EXPECT_TRUE(answer.page.total_mends_gap);
    EXPECT_THAT(answer.page.rows, IsEmpty());
  }
  EXPECT_EQ(Checks(R"({"docs":null,"total":0})").page.total, 0);
  // The list is elsewhere, or the answer is one of a failure.
  EXPECT_EQ(Checks(R"({"docs":null,"items":[{"fisnum":"F1"}]})").page.gap, "");
  EXPECT_THAT(Checks(R"({"docs":null,"items":[{"fisnum":"F1"}]})").page.rows, SizeIs(1));
  for (const char* body :
       {R"({"strange":null})", R"({"docs":null,"items":[],"rows":[]})",
        R"({"docs":null,"total":0,"error":"timeout"})", R"({"docs":null,"total":0,"errors":["timeout"]})",
        R"({"data":null,"total":0,"success":false})", R"({"data":null,"total":0,"status":"error"})",
        R"({"items":null,"total":0,"message":"no connection"})",
        R"({"data":{"items":null,"total":0,"error":{"code":5}}})",
        R"({"detail":"Not found.","data":null})"}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(Checks(body).outcome, ListingOutcome::kUnreadable);
    EXPECT_NE(Checks(body).page.gap, "");
    EXPECT_FALSE(Checks(body).page.total_mends_gap);
  }
}

TEST(Listing, CountsOnTheRootMayBeThatOfThePageAndIsNoTotal) {
  EXPECT_EQ(Checks(R"({"results":[],"count":0})").page.total, std::nullopt);
  EXPECT_EQ(Checks(R"({"results":[],"paging":{"count":9}})").page.total, 9);
  EXPECT_EQ(Checks(R"({"results":[],"total":"9"})").page.total, 9);
}

TEST(Listing, CountsBesideLinksAreTheTotalUnlessTheyContradict) {
  const struct {
    const char* rest;  // of a page of one row
    std::optional<int64_t> total;
  } cases[] = {
      {R"("count":1,"next":null,"previous":null)", 1},
      {R"("count":120,"next":"https://x/?page=2","previous":null)", 120},
      {R"("count":120,"next":"https://x/?page=2")", 120},
      {R"("count":"2","next":null,"previous":"https://x/?page=1")", 2},
      {R"("count":2,"previous":1)", 2},
      {R"("count":1)", std::nullopt},
      {R"("count":1,"links":{"next":null})", std::nullopt},
      // There is more than this page's row: the count is the page's.
      {R"("count":1,"next":"https://x/?page=2","previous":null)", std::nullopt},
      {R"("count":1,"next":null,"previous":"https://x/?page=1")", std::nullopt},
      {R"("count":null,"next":null)", std::nullopt},
      {R"("count":1,"next":null,"total":120)", 120},
      {R"("count":1,"next":null,"meta":{"total":120})", 120},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.rest);
    EXPECT_EQ(Checks(absl::StrCat(R"({"results":[{"fisnum":"F1"}],)", one.rest, "}")).page.total, one.total);
    EXPECT_EQ(Checks(absl::StrCat(R"({"data":{"results":[{"fisnum":"F1"}],)", one.rest, "}}")).page.total,
              one.total);
  }
  EXPECT_EQ(Checks(R"({"results":[],"count":0,"next":null,"previous":"https://x/?page=1"})").page.total,
            std::nullopt);
}

TEST(ListedShift, IsReadUnderManyNames) {
  for (const char* row : {
           R"({"shift_id":37,"datetime_open":"14.11.2024 08.00.00","datetime_close":"14.11.2024 23.59.00"})",
           R"({"id":"37","opened_at":"2024-11-14T08:00:00","closed_at":"2024-11-14T23:59:00"})",
           R"({"shift_link":37,"dt_open":"20241114080000","dt_close":"20241114235900"})",
           R"({"id":990,"shift_id":37,"openedAt":"2024-11-14T06:00:00Z","closedAt":"2024-11-14T21:59:00Z"})",
           R"({"id":37,"opened_at":"2024-11-14 08:00:00.5 +02:00","closed_at":1731621540.5})",
       }) {
    SCOPED_TRACE(row);
    const ShiftsAnswer answer = Shifts(absl::StrCat(R"({"shifts":[)", row, "]}"));
    EXPECT_EQ(answer.page.gap, "");
    ASSERT_THAT(answer.page.rows, SizeIs(1));
    EXPECT_EQ(answer.page.rows[0].id, "37");
    EXPECT_EQ(answer.page.rows[0].opened, Told("20241114080000"));
    EXPECT_EQ(answer.page.rows[0].closed, Told("20241114235900"));
  }
}

TEST(ListedShift, IsOpenUnlessItSaysOtherwise) {
  const auto said_closed = [](const char* rest) {
    const ShiftsAnswer answer = Shifts(absl::StrCat(R"([{"id":1,"dt_open":"20241114080000")", rest, "}]"));
    EXPECT_EQ(answer.page.gap, "");
    return answer.page.rows.at(0).said_closed;
  };
  EXPECT_FALSE(said_closed(""));
  EXPECT_FALSE(said_closed(R"(,"dt_close":null)"));
  EXPECT_FALSE(said_closed(R"(,"dt_close":"","is_closed":false)"));
  EXPECT_TRUE(said_closed(R"(,"is_closed":true)"));
  EXPECT_TRUE(said_closed(R"(,"is_open":false)"));
  EXPECT_TRUE(said_closed(R"(,"status":"CLOSED")"));
}

TEST(ListedShift, ThatIsNotUnderstoodIsSaid) {
  for (const char* row : {R"({"dt_open":"20241114080000"})", R"({"id":true})", R"({"id":1,"info":{"id":2}})",
                          "[]", "1", "null"}) {
    SCOPED_TRACE(row);
    const ShiftsAnswer answer = Shifts(absl::StrCat(R"({"shifts":[)", row, "]}"));
    EXPECT_NE(answer.page.gap, "");
    EXPECT_THAT(answer.page.rows, IsEmpty());
  }
}

// Else the receipts of such a shift would never be read.
TEST(ListedShift, WhoseTimesCantBeReadIsListedWithoutThemAndSaysSo) {
  for (const char* times :
       {R"("opened_at":"2024-11-14 08:00","closed_at":null)", R"("date_open":"2024-11-14")",
        R"("dt_open":"yesterday")", R"("dt_open":"20241114080000","dt_close":"20241314080000")",
        R"("dt_open":"2024-11-14 08:00","dt_close":"20241114090000")",
        R"("dt_open":"20241114080000","info":{"dt_open":"20241114090000"})",
        R"("dt_open":"20241114080000","closed_at":"0001-01-01T00:00:00Z")",
        R"("dt_open":"20241114080000","closed_at":"infinite-past")"}) {
    SCOPED_TRACE(times);
    const ShiftsAnswer answer =
        Shifts(absl::StrCat(R"({"shifts":[{"id":38,"dt_open":"20241115080000"},{"id":37,)", times,
                            R"(},{"id":36,"dt_open":"20241113080000"}]})"));
    EXPECT_EQ(answer.outcome, ListingOutcome::kRead);
    EXPECT_THAT(answer.page.gap, HasSubstr("time of"));
    ASSERT_THAT(answer.page.rows, SizeIs(3));
    EXPECT_EQ(answer.page.rows[1], domain::ListedShift{.id = "37"});
    EXPECT_EQ(answer.page.rows[2].opened, Told("20241113080000"));
  }
  EXPECT_TRUE(Shifts(R"([{"id":1,"dt_close":"late","is_closed":true}])").page.rows.at(0).said_closed);
}

}  // namespace
}  // namespace kasa::vchasno
