#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/store/attention_queries.h"
#include "server/store/fiscalization_queries.h"
#include "server/store/integrations.h"
#include "server/store/page_budget.h"
#include "server/store/receipt_queries.h"
#include "server/store/sendings.h"
#include "server/store/sends.h"
#include "tests/store/fixture.h"

// What is read, in which order, and that a long history does not slow it down.
namespace kasa::store {
namespace {

using domain::State;
using testing::ElementsAre;

class QueriesTest : public StoreTest {
 protected:
  // All that a filter gives, page by page; `between` runs after each page.
  std::vector<std::string> Pages(
      const FiscalizationFilter& filter, int limit, const std::function<void()>& between = [] {}) {
    std::vector<std::string> ids;
    std::optional<PagePosition> after;
    do {
      const absl::StatusOr<FiscalizationPage> page = store().ListFiscalizations(filter, after, limit);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const domain::Fiscalization& f : page->fiscalizations) ids.push_back(f.key.document_id);
      after = page->next;
      between();
    } while (after);
    return ids;
  }

  std::string HeadOf(const std::string& register_fiscal_number) {
    const absl::StatusOr<std::optional<LaneHead>> head = store().HeadOfLane(register_fiscal_number);
    EXPECT_TRUE(head.ok()) << head.status();
    return head->has_value() ? (*head)->fiscalization.key.document_id : "";
  }
};

// --- pages

// A thousand documents of 4 MiB would be 4 GB.
TEST_F(QueriesTest, APageOfBigDocumentsEndsEarlyAndTheNextOneGoesOn) {
  std::vector<std::string> all;
  for (int i = 10; i < 20; ++i) {
    all.push_back(absl::StrCat("SO-", i));
    ASSERT_TRUE(Accept(ABigSale(all.back())).ok());
  }
  const auto page = store().ListFiscalizations({}, std::nullopt, 1000);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->fiscalizations.size(), 5u);
  EXPECT_TRUE(page->next);
  EXPECT_EQ(Pages({}, 1000), all);
  EXPECT_EQ(Pages({}, 3), all);
  EXPECT_EQ(Pages({.states = {State::kAccepted}, .register_fiscal_number = kRegisterOne}, 200), all)
      << "as a lane looks for those whose day is over";
}

TEST_F(QueriesTest, APageHasOneDocumentHoweverBigItIs) {
  for (const char* id : {"SO-1", "SO-2"}) ASSERT_TRUE(Accept(ABigSale(id, 2 * kPageBytes)).ok());
  EXPECT_EQ(store().ListFiscalizations({}, std::nullopt, 1000)->fiscalizations.size(), 1u);
  EXPECT_THAT(Pages({}, 1000), ElementsAre("SO-1", "SO-2"));
}

TEST_F(QueriesTest, APageOfBigExchangesEndsEarly) {
  AcceptSale("SO-1");
  Exchange exchange{.fiscalization_id = "f-SO-1",
                    .integration_id = kOne,
                    .register_fiscal_number = kRegisterOne,
                    .kind = ExchangeKind::kStatus,
                    .request = std::string(1'000'000, 'x')};
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(Await<int64_t>([&](Callback<int64_t> done) {
                  store().sends().RecordExchange(exchange, std::move(done));
                }).ok());
  }
  const auto first = store().sends().ListExchanges("f-SO-1", 0, 1000);
  ASSERT_TRUE(first.ok() && first->next_after_id) << first.status();
  EXPECT_EQ(first->exchanges.size(), 5u);
  const auto rest = store().sends().ListExchanges("f-SO-1", *first->next_after_id, 1000);
  EXPECT_EQ(rest->exchanges.size(), 2u);
  EXPECT_FALSE(rest->next_after_id);
}

// --- lanes

TEST_F(QueriesTest, ALaneIsFirstInFirstOut) {
  EXPECT_EQ(HeadOf(kRegisterOne), "");
  for (const char* id : {"SO-3", "SO-1", "SO-2"}) AcceptSale(id);
  ASSERT_TRUE(Accept(ASale("SO-0", kTwo, kRegisterTwo)).ok());
  for (const char* id : {"SO-3", "SO-1", "SO-2"}) {
    EXPECT_EQ(HeadOf(kRegisterOne), id);
    ASSERT_TRUE(Cancel(std::string("f-") + id).ok());
  }
  EXPECT_EQ(HeadOf(kRegisterOne), "");
  EXPECT_EQ(HeadOf(kRegisterTwo), "SO-0");
}

TEST_F(QueriesTest, TheHeadStaysHeadWhileItIsSentAndInDoubt) {
  AcceptSale("SO-1");
  AcceptSale("SO-2");
  const absl::StatusOr<MarkedSend> mark = Mark("f-SO-1");
  EXPECT_EQ(HeadOf(kRegisterOne), "SO-1");
  ASSERT_TRUE(Settle(Ended(*mark, domain::SendEnding::kDoubt)).ok());
  const std::optional<LaneHead> head = *store().HeadOfLane(kRegisterOne);
  EXPECT_EQ(head->fiscalization.key.document_id, "SO-1");
  EXPECT_EQ(head->request_body, mark->permit.body());
  EXPECT_TRUE(head->first_unexplained_send.has_value());
}

TEST_F(QueriesTest, WhatWaitsPastItsDayIsFoundInTheOrderOfItsLane) {
  const auto expires = [&](const std::string& id, const char* integration, const char* at,
                           std::optional<absl::Time> when) {
    Acceptance sale = ASale(id, integration, at);
    sale.fiscalization.expire_time = when;
    ASSERT_TRUE(Accept(std::move(sale)).ok());
  };
  const absl::Time midnight = clock_.Now() + absl::Hours(1);
  expires("SO-1", kOne, kRegisterOne, midnight);
  expires("SO-2", kOne, kRegisterOne, midnight + absl::Hours(24));
  expires("SO-3", kOne, kRegisterOne, std::nullopt);
  expires("SO-4", kOne, kRegisterOne, midnight);
  expires("SO-5", kOne, kRegisterOne, midnight);
  expires("SO-6", kTwo, kRegisterTwo, midnight);
  ASSERT_TRUE(Cancel("f-SO-4").ok());
  EXPECT_THAT(*store().ExpiredInLane(kRegisterOne, midnight - absl::Seconds(1), 0, 10), testing::IsEmpty());
  const auto first = *store().ExpiredInLane(kRegisterOne, midnight, 0, 1);
  ASSERT_THAT(first, testing::SizeIs(1));
  EXPECT_EQ(first[0].id, "f-SO-1");
  const auto rest = *store().ExpiredInLane(kRegisterOne, midnight, first[0].lane_position, 10);
  ASSERT_THAT(rest, testing::SizeIs(1));
  EXPECT_EQ(rest[0].id, "f-SO-5");
}

TEST_F(QueriesTest, LanesAreSummedUp) {
  const absl::Time start = clock_.Now();
  SaleInDoubt("SO-1");
  clock_.Advance(absl::Minutes(1));
  AcceptSale("SO-2");
  AcceptSale("SO-3");
  ASSERT_TRUE(Accept(ASale("SO-4", kTwo, kRegisterTwo)).ok());
  const std::vector<LaneSummary> lanes = *store().OpenLanes();
  ASSERT_EQ(lanes.size(), 2u);
  EXPECT_EQ(lanes[0].register_fiscal_number, kRegisterOne);
  EXPECT_EQ(lanes[0].queued, 2);
  EXPECT_EQ(lanes[0].in_doubt, 1);
  EXPECT_EQ(lanes[0].oldest_time, start);
  EXPECT_EQ(lanes[1].queued, 1);
  EXPECT_EQ(store().SummaryOfLane(kRegisterTwo)->queued, 1);
  const LaneSummary nothing = *store().SummaryOfLane("4000000009");
  EXPECT_EQ(nothing.queued + nothing.in_doubt, 0);
  EXPECT_FALSE(nothing.oldest_time.has_value());
}

// --- by fiscal number

TEST_F(QueriesTest, AReceiptIsFoundByItsNumber) {
  FiscalizedSale("SO-1", "TEST_1");
  EXPECT_EQ(store().FindByFiscalNumber("TEST_1", "")->id, "f-SO-1");
  EXPECT_EQ(store().FindByFiscalNumber("TEST_1", kRegisterOne)->id, "f-SO-1");
  for (const char* of : {"", kRegisterTwo}) {
    EXPECT_EQ(ReasonOf(store().FindByFiscalNumber(of[0] == '\0' ? "TEST_2" : "TEST_1", of).status()),
              Reason::kReceiptNotFound);
  }
}

TEST_F(QueriesTest, ANumberThatTwoRegistersHaveNeedsTheRegister) {
  FiscalizedSale("SO-1", "TEST_1");
  ASSERT_TRUE(Accept(ASale("SO-2", kTwo, kRegisterTwo)).ok());
  const absl::StatusOr<MarkedSend> mark = Mark("f-SO-2");
  Settlement settlement = Ended(*mark, domain::SendEnding::kDone);
  settlement.receipt = AReceipt(kRegisterTwo, "TEST_1");
  ASSERT_TRUE(Settle(settlement).ok());
  EXPECT_EQ(store().FindByFiscalNumber("TEST_1", "").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store().FindByFiscalNumber("TEST_1", kRegisterTwo)->id, "f-SO-2");
}

// --- pages

TEST_F(QueriesTest, PagesGoByCreationAndMissNothingWhileMoreArrives) {
  std::vector<std::string> expected;
  for (int i = 0; i < 7; ++i) {
    const std::string id = "SO-" + std::to_string(9 - i);  // falling, so that time and not id orders
    if (i % 3 != 0) clock_.Advance(absl::Seconds(1));
    AcceptSale(id);
  }
  clock_.Advance(absl::Seconds(1));
  int arriving = 0;
  const std::vector<std::string> got = Pages({}, 2, [&] {
    if (arriving < 2) AcceptSale("SO-late-" + std::to_string(arriving++));
    ASSERT_TRUE(Cancel("f-SO-9").ok() || arriving > 0);
  });
  EXPECT_THAT(got,
              ElementsAre("SO-9", "SO-8", "SO-6", "SO-7", "SO-5", "SO-3", "SO-4", "SO-late-0", "SO-late-1"));
}

TEST_F(QueriesTest, EveryFilterFilters) {
  FiscalizedSale("SO-1", "TEST_1");
  FailedSale("SO-2", false);
  SaleInDoubt("SO-3");
  clock_.Advance(absl::Minutes(1));
  const absl::Time minute = clock_.Now();
  AcceptSale("SO-4");
  Acceptance other = ASale("SO-5", kTwo, kRegisterTwo);
  other.fiscalization.key.source_system = "shop";
  other.fiscalization.key.kind = domain::DocumentKind::kPayment;
  ASSERT_TRUE(Accept(std::move(other)).ok());

  FiscalizationFilter filter;
  filter.states = {State::kFailed, State::kInDoubt};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-2", "SO-3"));
  filter.states = {State::kFiscalized, State::kAccepted};
  EXPECT_THAT(Pages(filter, 1), ElementsAre("SO-1", "SO-4", "SO-5"));
  filter.integration_id = kOne;
  EXPECT_THAT(Pages(filter, 1), ElementsAre("SO-1", "SO-4"));
  filter = {.register_fiscal_number = kRegisterTwo};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-5"));
  filter = {.kind = domain::DocumentKind::kPayment};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-5"));
  filter = {.source_system = "shop"};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-5"));
  filter = {.source_system = "nobody's"};
  EXPECT_THAT(Pages(filter, 10), ElementsAre());
  filter = {.order_id = "order-of-SO-2"};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-2"));
  filter = {.reason = "REGISTER_REFUSED"};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-2", "SO-3"));
  filter = {.create_time_from = minute};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-4", "SO-5"));
  filter = {.create_time_before = minute};
  EXPECT_THAT(Pages(filter, 10), ElementsAre("SO-1", "SO-2", "SO-3"));
  filter = {.states = {State::kCancelled}};
  EXPECT_THAT(Pages(filter, 10), ElementsAre());
}

TEST_F(QueriesTest, ExchangesAreReadPageByPage) {
  const domain::Fiscalization sale = SaleInDoubt("SO-1");
  for (int i = 0; i < 4; ++i) {
    Exchange look;
    look.fiscalization_id = sale.id;
    look.integration_id = kOne;
    look.register_fiscal_number = kRegisterOne;
    look.kind = ExchangeKind::kStatus;
    look.request = "status";
    look.start_time = clock_.Now();
    look.end_time = clock_.Now() + absl::Seconds(1);
    look.http_status = 200;
    look.answer = "{\"res\":0}";
    look.outcome = "ANSWERED " + std::to_string(i);
    ASSERT_TRUE(Await<int64_t>([&](Callback<int64_t> done) {
                  store().sends().RecordExchange(look, std::move(done));
                }).ok());
  }
  std::vector<std::string> outcomes;
  std::optional<int64_t> after = 0;
  while (after) {
    const ExchangePage page = *store().sends().ListExchanges(sale.id, *after, 2);
    for (const Exchange& exchange : page.exchanges) outcomes.push_back(exchange.outcome);
    after = page.next_after_id;
  }
  EXPECT_THAT(outcomes, ElementsAre("DOUBT", "ANSWERED 0", "ANSWERED 1", "ANSWERED 2", "ANSWERED 3"));
}

// --- a long history

// SQLite tells how it runs each hot statement: by the index that was made for it, from where the statement's
// conditions begin in it, never through a whole table, never sorting.
TEST_F(QueriesTest, HotStatementsUseTheirIndexes) {
  SQLite::Database database(path(), SQLite::OPEN_READONLY);
  std::vector<NamedStatement> statements = HotStatements();
  for (const auto& more : {HotReceiptStatements(), HotSendingStatements(), HotAttentionStatements(),
                           HotIntegrationStatements(), HotStartStatements()}) {
    statements.insert(statements.end(), more.begin(), more.end());
  }
  for (const NamedStatement& statement : statements) {
    SCOPED_TRACE(absl::StrCat(statement.name, ": ", statement.sql));
    SQLite::Statement plan(database, "EXPLAIN QUERY PLAN " + statement.sql);
    std::string steps;
    while (plan.executeStep()) absl::StrAppend(&steps, plan.getColumn(3).getString(), "\n");
    // The receipts of one order, the sendings of one number, and what is sent, are few: sorting them is no
    // matter.
    const bool few = statement.name == "receipts of an order" || statement.name == "sendings of a receipt" ||
                     statement.name == "what was being sent";
    EXPECT_TRUE(few || steps.find("TEMP B-TREE") == std::string::npos) << steps;
    EXPECT_THAT(steps, testing::Not(testing::ContainsRegex("SCAN [a-z]+\n"))) << steps;
    if (statement.index.empty()) continue;
    const std::string wanted =
        absl::StrCat(statement.index == "PRIMARY KEY" ? "" : "INDEX ", statement.index);
    EXPECT_THAT(steps, testing::HasSubstr(wanted)) << steps;
    EXPECT_THAT(steps, testing::HasSubstr(std::string(statement.bounds))) << steps;
  }
}

// What is filtered by and is in the index needs no row: a page that finds few reads the index alone.
TEST_F(QueriesTest, FiltersThatNeverChangeAreInTheIndexes) {
  SQLite::Database database(path(), SQLite::OPEN_READONLY);
  for (const char* index :
       {"fiscalizations_by_time", "fiscalizations_by_integration", "fiscalizations_by_register"}) {
    const std::string plan_of =
        absl::StrCat("EXPLAIN QUERY PLAN SELECT number FROM fiscalizations INDEXED BY ", index,
                     " WHERE +kind = 2 AND +source_system = 'x' ORDER BY 1");
    SQLite::Statement plan(database, plan_of);
    ASSERT_TRUE(plan.executeStep());
    EXPECT_THAT(plan.getColumn(3).getString(), testing::HasSubstr(absl::StrCat("COVERING INDEX ", index)));
  }
}

// Many finished sales beside a few open ones: opening the store and asking for work read the open ones only.
TEST_F(QueriesTest, ALongHistoryDoesNotSlowTheStartDown) {
  // What 1,000,000 take is told in docs/on-disk-format.md.
  const char* wanted = std::getenv("KASA_STORE_FINISHED_SALES");
  const int finished = wanted == nullptr ? 50'000 : std::stoi(wanted);
  AcceptSale("SO-1");
  store_.reset();
  {
    SQLite::Database database(path(), SQLite::OPEN_READWRITE);
    SQLite::Transaction transaction(database);
    SQLite::Statement copy(database, R"sql(
      WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)
      INSERT INTO fiscalizations
      SELECT i, 'old-' || i, source_system, kind, 'old-' || i, mode, integration_id, register_fiscal_number, 4,
             order_id, original_id, original_fiscal_number, rule_id, fingerprint, tag_number, tag, attempts,
             refused_with_this_tag, last_refusal_res,
             lane_position, next_attempt_time, expire_time, last_send_end_time, last_send_ending, bound_to_tag,
             doubt_since_time, doubt_resolvable_time, doubt_step, failure_reason, failure, resolution,
             create_time, update_time, revision, change_sequence, parked, never_park
      FROM n, fiscalizations WHERE number = 1)sql");
    copy.bind(1, finished);
    copy.exec();
    transaction.commit();
  }
  const auto start = std::chrono::steady_clock::now();
  Reopen();
  EXPECT_EQ(RecoverAfterStart().value(), 0);
  EXPECT_EQ(store().OpenLanes()->size(), 1u);
  EXPECT_EQ(HeadOf(kRegisterOne), "SO-1");
  const auto took = std::chrono::steady_clock::now() - start;
  RecordProperty("milliseconds",
                 static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_LT(took, std::chrono::seconds(1));
}

}  // namespace
}  // namespace kasa::store
