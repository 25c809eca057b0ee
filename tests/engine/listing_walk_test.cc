#include "server/engine/listing_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/store/sqlite_store.h"
#include "server/vchasno/listing_reading.h"
#include "tests/engine/engine_by_hand.h"
#include "tests/engine/fake_client.h"
#include "tests/engine/manual_executor.h"
#include "tests/testing/temporary_folder.h"
#include "tests/vchasno/fake_transport.h"

// What a walk takes from the pages of a register's listings, as the bytes that came: which documents it
// reads, and whether it holds that for all there are.
namespace kasa::engine {
namespace {

using domain::DoubtRow;
using domain::Look;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Page {
  std::string body;
  int status = 200;
};

// The pages of one listing, from page 1 on; what is asked for beyond them is answered as the last one.
using Pages = std::vector<Page>;

class WalkTest : public testing::Test {
 protected:
  WalkTest() : kyiv_(*KyivTime::Load()), client_(clock_), executor_(clock_) {
    auto store = store::OpenSqliteStore(
        {.path = folder_.Path("kasa.db"), .installation = *domain::InstallationId::Parse("00c0ffee")},
        clock_);
    if (!store.ok()) throw std::runtime_error(store.status().ToString());
    store_ = *std::move(store);
    client_.OnShifts([this](const FakeClient::Request& request) {
      const int page = std::stoi(request.body);
      return vchasno::ReadShifts(Answer(shifts_, page), page, kyiv_);
    });
    client_.OnChecks([this](const FakeClient::Request& request) {
      const std::vector<std::string> parts = absl::StrSplit(request.body, '/');
      const int page = std::stoi(parts[1]);
      return vchasno::ReadChecks(Answer(checks_[parts[0]], page), page, kyiv_);
    });
  }

  Look Read() {
    Look look;
    ListingWalk walk({.store = *store_, .client = client_, .executor = executor_}, LookSubject());
    bool ended = false;
    Task<void> reading = Reading(walk, look, ended);
    reading.Start();
    EXPECT_TRUE(executor_.RunUntil([&] { return ended; }));
    return look;
  }

  Pages shifts_;
  std::map<std::string, Pages> checks_;

 private:
  static vchasno::HttpResult Answer(const Pages& pages, int asked) {
    if (pages.empty()) return vchasno::testing::Unanswered(vchasno::HttpOutcome::kRequestLeft, "timed out");
    const Page& page = pages[std::min(pages.size(), static_cast<size_t>(asked)) - 1];
    return vchasno::testing::Answered(page.status, page.body);
  }

  Task<void> Reading(ListingWalk& walk, Look& look, bool& ended) {
    co_await walk.Read(clock_.Now(), look);
    ended = true;
  }

  ManualClock clock_{absl::FromCivil(absl::CivilSecond(2024, 11, 14, 10, 0, 0), absl::UTCTimeZone())};
  KyivTime kyiv_;
  FakeClient client_;
  ManualExecutor executor_;
  TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
};

std::vector<std::string> NumbersIn(const Look& look) {
  std::vector<std::string> numbers;
  for (const domain::ShiftDocuments& shift : look.documents) {
    for (const domain::ListedReceipt& row : shift.rows) numbers.push_back(row.fiscal_number);
  }
  return numbers;
}

// Were such a shift left out, the receipt that is looked for would never be seen.
TEST_F(WalkTest, ReadsShiftsWhoseTimesCantBeReadAndHoldsThemForIncomplete) {
  for (const char* times :
       {R"("opened_at":"2024-11-14 08:00","closed_at":null)", R"("date_open":"2024-11-14")",
        R"("dt_open":"2024-11-01 08:00","dt_close":"20241101090000")"}) {
    SCOPED_TRACE(times);
    shifts_ = {{absl::StrCat(R"({"total":1,"shifts":[{"id":37,)", times, "}]}")}};
    checks_["37"] = {{R"({"total":1,"docs":[{"fisnum":"F1","tag":"T1"}]})"}};
    const Look look = Read();
    EXPECT_THAT(NumbersIn(look), ElementsAre("F1"));
    ASSERT_TRUE(look.gap);
    EXPECT_EQ(look.gap->row, DoubtRow::kRowNotUnderstood);
  }
}

TEST_F(WalkTest, ReadsShiftsThatTellNoTimes) {
  shifts_ = {{R"({"total":2,"shifts":[{"id":38,"dt_open":"20241114080000"},{"id":37,"is_closed":true}]})"}};
  checks_["38"] = {{R"({"total":0,"docs":[]})"}};
  checks_["37"] = {{R"({"total":1,"docs":[{"fisnum":"F1"}]})"}};
  const Look look = Read();
  EXPECT_THAT(NumbersIn(look), ElementsAre("F1"));
  EXPECT_FALSE(look.gap);
  // The walk is whole; that no receipt was made does not follow from it.
  const auto gap = GapInOpenings(look);
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->row, DoubtRow::kShiftsUnclear);
  EXPECT_THAT(gap->words, HasSubstr("shift 37"));
}

TEST_F(WalkTest, LeavesOutShiftsThatWereSurelyClosedBefore) {
  shifts_ = {{R"({"total":2,"shifts":[{"id":38,"dt_open":"20241114080000"},)"
              R"({"id":37,"dt_close":"2024-11-14T07:00:00+02:00"}]})"}};
  checks_["38"] = {{R"({"total":0,"docs":[]})"}};
  const Look look = Read();
  EXPECT_FALSE(look.gap) << look.gap->words;
  EXPECT_THAT(NumbersIn(look), IsEmpty());
  EXPECT_FALSE(GapInOpenings(look));
}

struct EndCase {
  const char* name;
  Pages pages;
  std::optional<DoubtRow> gap;  // nothing: the documents are held for all there are
};

// A total that the rows add up to shows the end, whatever a page beyond it is answered by; without one, only
// a page without rows does. Anything else may be a listing that goes on where nobody saw it.
TEST_F(WalkTest, TakesForTheEndOfAListingOnlyWhatSurelyIs) {
  const auto page = [](const char* rows, const char* rest) {
    return Page{absl::StrCat(R"({"docs":[)", rows, "]", rest, "}")};
  };
  constexpr char kFirst[] = R"({"fisnum":"F1"},{"fisnum":"F2"})";
  constexpr char kSecond[] = R"({"fisnum":"F3"})";
  constexpr char kReport[] = R"({"type":11})";
  const Page first = page(kFirst, R"(,"total":3)");
  const Page second = page(kSecond, R"(,"total":3)");
  const Page untold_first = page(kFirst, "");
  const Page untold_second = page(kSecond, "");
  const Page null{R"({"docs":null})"};
  const auto linked = [](int count, const char* next, const char* previous, const char* rows) {
    return Page{absl::StrCat(R"({"count":)", count, R"(,"next":)", next, R"(,"previous":)", previous,
                             R"(,"results":[)", rows, "]}")};
  };
  constexpr char kLink[] = R"("https://x/?page=1")";
  const Page invalid{R"({"detail":"Invalid page."})", 404};

  std::vector<EndCase> cases = {
      {"an empty page", {first, second, page("", R"(,"total":3)")}, std::nullopt},
      {"an empty page, without a total", {untold_first, untold_second, page("", "")}, std::nullopt},
      {"an empty page too early", {first, page("", "")}, DoubtRow::kPagesIncomplete},
      {"no answer", {first, second, {"", 503}}, DoubtRow::kPageNotRead},
      {"another page and a row that is new",
       {first, page(kSecond, R"(,"total":3,"page":1)")},
       DoubtRow::kRowNotUnderstood},
      {"the last page again, which says so",
       {first, second, page(kSecond, R"(,"total":3,"page":2)")},
       std::nullopt},
      {"the first page again, which says so",
       {first, second, page(kFirst, R"(,"total":3,"page":1)")},
       std::nullopt},
      {"the last page again, which does not say so", {first, second, second}, std::nullopt},
      {"the first page again, too early",
       {first, page(kFirst, R"(,"total":3,"page":1)")},
       DoubtRow::kRowNotUnderstood},
      {"the first page again, too early, which does not say so", {first, first}, DoubtRow::kPagesIncomplete},
      {"the last page again, without a total",
       {untold_first, untold_second, page(kSecond, R"(,"page":2)")},
       DoubtRow::kRowNotUnderstood},
      {"the last page again, and another total",
       {first, second, page(kSecond, R"(,"total":4,"page":2)")},
       DoubtRow::kRowNotUnderstood},
      {"the last page again, and a row of it is told otherwise",
       {first, second, page(R"({"fisnum":"F3","type":2})", R"(,"total":3,"page":2)")},
       DoubtRow::kRowNotUnderstood},
      {"the last page again, and a row that is not understood",
       {first, second, page(R"({"nomer":"F3"})", R"(,"total":3,"page":2)")},
       DoubtRow::kRowNotUnderstood},
      {"the first page is another one, and is all there is",
       {page(kFirst, R"(,"total":2,"page":0)")},
       DoubtRow::kRowNotUnderstood},
      // Of what has no number a second one may be the first again: it does not make up for F3.
      {"a page again with what has no number, too early",
       {page(absl::StrCat(kFirst, ",", kReport).c_str(), R"(,"total":4)")},
       DoubtRow::kPagesIncomplete},
      {"a page again with what has no number",
       {page(absl::StrCat(kFirst, ",", kReport).c_str(), R"(,"total":3)")},
       std::nullopt},
      {"null", {first, second, null}, std::nullopt},
      {"null too early", {first, null}, DoubtRow::kRowNotUnderstood},
      {"null, without a total", {untold_first, untold_second, null}, DoubtRow::kRowNotUnderstood},
      {"null at once, without a total", {null}, DoubtRow::kRowNotUnderstood},
      {"null at once, and a total of nothing", {{R"({"docs":null,"total":0})"}}, std::nullopt},
      {"null at once, and a total", {{R"({"docs":null,"total":3})"}}, DoubtRow::kRowNotUnderstood},
      {"null and a failure at once",
       {{R"({"docs":null,"total":0,"error":"timeout"})"}},
       DoubtRow::kPageNotRead},
      {"counts and links",
       {linked(3, kLink, "null", kFirst), linked(3, "null", kLink, kSecond), invalid},
       std::nullopt},
      {"counts and links, too early", {linked(3, kLink, "null", kFirst), invalid}, DoubtRow::kPageNotRead},
      // The counts of pages: the first one's rows are not all there are.
      {"counts of pages and links, refused",
       {linked(2, kLink, "null", kFirst), invalid},
       DoubtRow::kPageNotRead},
      {"counts of pages and links, the first page again",
       {linked(2, kLink, "null", kFirst)},
       DoubtRow::kPagesIncomplete},
      {"counts of pages and links, to the empty page",
       {linked(2, kLink, "null", kFirst), linked(1, "null", kLink, kSecond), linked(0, "null", kLink, "")},
       std::nullopt},
  };
  for (const int status : {400, 404, 410, 416, 422}) {
    const Page refused{R"({"error":"no such page"})", status};
    cases.push_back({"a refusal", {first, second, refused}, std::nullopt});
    cases.push_back({"a refusal too early", {first, refused}, DoubtRow::kPageNotRead});
    cases.push_back({"a refusal at once", {refused}, DoubtRow::kPageNotRead});
    cases.push_back(
        {"a refusal, without a total", {untold_first, untold_second, refused}, DoubtRow::kPageNotRead});
  }
  for (const int status : {302, 401, 403, 429, 500}) {
    cases.push_back({"a refusal of something else", {first, second, {"", status}}, DoubtRow::kPageNotRead});
  }
  shifts_ = {{R"({"total":1,"shifts":[{"id":37,"dt_open":"20241114080000"}]})"}};
  for (const EndCase& one : cases) {
    SCOPED_TRACE(absl::StrCat(one.name, ", HTTP status ", one.pages.back().status));
    checks_["37"] = one.pages;
    const Look look = Read();
    EXPECT_EQ(look.gap ? std::make_optional(look.gap->row) : std::nullopt, one.gap)
        << (look.gap ? look.gap->words : "no gap");
  }
}

// The shift in which the receipt was made is not listed, and one that tells no times passes for it: nothing
// may be proven absent, or it would be made twice.
TEST(AShiftWithoutTimes, DoesNotPassForTheOneThatIsOpen) {
  EngineByHand engine({.now = absl::FromCivil(absl::CivilSecond(2024, 11, 14, 10, 0, 0), absl::UTCTimeZone()),
                       .tag_memory = domain::TagMemory::kUnproven});
  const auto first = engine.Fiscalize(engine.Sale("so-1"));
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->state, domain::State::kFiscalized);
  const std::string opened = engine.kyiv().FormatRegisterTime(engine.cash_register.shift_opened);
  engine.Pass(absl::Minutes(10));
  engine.cash_register.instead = MadeAndUnheard;
  const auto doubted = engine.Fiscalize(engine.Sale("so-2"));
  ASSERT_TRUE(doubted.ok());
  engine.cash_register.instead = nullptr;
  engine.Pass(absl::Minutes(1));
  const std::string closed = engine.kyiv().FormatRegisterTime(engine.clock.Now());
  engine.cash_register.CloseShift();
  engine.cash_register.OpenShift();

  std::string last_times;
  engine.client.OnShifts([&](const FakeClient::Request& request) {
    const std::string body =
        absl::StrCat(R"({"total":2,"shifts":[{"id":2)", last_times, R"(},{"id":1,"dt_open":")", opened,
                     R"(","dt_close":")", closed, R"("}]})");
    return vchasno::ReadShifts(vchasno::testing::Answered(200, body), std::stoi(request.body), engine.kyiv());
  });
  engine.client.OnChecks([&](const FakeClient::Request& request) {
    const std::string body =
        request.body.starts_with("1/")
            ? absl::StrCat(R"({"total":1,"docs":[{"fisnum":")", first->receipt->fiscal_number, R"(","tag":")",
                           first->tag, R"(","type":1}]})")
            : R"({"total":0,"docs":[]})";
    return vchasno::ReadChecks(vchasno::testing::Answered(200, body), 1, engine.kyiv());
  });
  engine.Pass(absl::Hours(1));
  EXPECT_EQ(engine.Get(doubted->id).state, domain::State::kInDoubt);
  EXPECT_EQ(engine.cash_register.receipts.size(), 2);

  // It is only the time of opening that was missing: with it, the listing is what the walk took it for.
  last_times = absl::StrCat(R"(,"dt_open":")",
                            engine.kyiv().FormatRegisterTime(engine.cash_register.shift_opened), R"(")");
  engine.Pass(absl::Hours(1));
  EXPECT_NE(engine.Get(doubted->id).state, domain::State::kInDoubt);
}

}  // namespace
}  // namespace kasa::engine
