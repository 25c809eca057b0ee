#include "server/engine/listing_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
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
    folder_ = (std::filesystem::temp_directory_path() / "kasa-walk-XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
    auto store = store::OpenSqliteStore(
        {.path = folder_ + "/kasa.db", .installation = *domain::InstallationId::Parse("00c0ffee")}, clock_);
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

  ~WalkTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
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
  std::string folder_;
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
