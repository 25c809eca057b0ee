#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "server/store/automation_reports.h"
#include "server/store/automation_store.h"
#include "tests/store/fixture.h"

// Automation rules in the store.
namespace kasa::store {
namespace {

using domain::AutomationRule;
using testing::ElementsAre;

class AutomationRulesTest : public StoreTest {
 protected:
  static AutomationRule OrderRule(const std::string& id, const std::string& store_id = "s-1") {
    AutomationRule rule;
    rule.id = id;
    rule.display_name = "Замовлення";
    rule.source_system = "shop";
    rule.integration_id = kOne;
    rule.what = domain::OnlineOrderRule{.store_id = store_id,
                                        .action = domain::OnlineOrderAction::kPayment,
                                        .fiscalize = true,
                                        .payment_method_id = "card"};
    return rule;
  }
  absl::StatusOr<AutomationRule> Create(const AutomationRule& rule) {
    return Await<AutomationRule>(
        [&](Callback<AutomationRule> done) { store().automation().CreateRule(rule, std::move(done)); });
  }
  absl::StatusOr<AutomationRule> ChangeRule(const std::string& id,
                                            std::function<void(AutomationRule&)> change,
                                            std::optional<int64_t> revision = std::nullopt) {
    return Await<AutomationRule>([&](Callback<AutomationRule> done) {
      store().automation().ChangeRule(
          id, revision,
          [&change](AutomationRule& rule) {
            change(rule);
            return absl::OkStatus();
          },
          std::move(done));
    });
  }
  absl::StatusOr<AutomationRule> Delete(const std::string& id,
                                        std::optional<int64_t> revision = std::nullopt) {
    return Await<AutomationRule>([&](Callback<AutomationRule> done) {
      store().automation().DeleteRule(id, revision, std::move(done));
    });
  }
};

TEST_F(AutomationRulesTest, ARuleIsReadAsItWasWritten) {
  const auto created = Create(OrderRule("r-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  AutomationRule parcels = OrderRule("r-2");
  parcels.what = domain::CashOnDeliveryRule{.create_payment = true, .payment_method_id = "novapay"};
  ASSERT_TRUE(Create(parcels).ok());
  Reopen();
  const auto read = store().automation().GetRule("r-1");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->what, OrderRule("r-1").what);
  EXPECT_EQ(read->display_name, "Замовлення");
  EXPECT_FALSE(read->active);
  EXPECT_EQ(read->revision, 1);
  EXPECT_EQ(read->create_time, created->create_time);
  EXPECT_EQ(store().automation().GetRule("r-2")->what, parcels.what);
}

TEST_F(AutomationRulesTest, AStoreHasOneRuleOfAKind) {
  ASSERT_TRUE(Create(OrderRule("r-1")).ok());
  EXPECT_EQ(ReasonOf(Create(OrderRule("r-1", "s-2")).status()), Reason::kAutomationRuleExists) << "its id";
  const auto second = Create(OrderRule("r-2"));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(FactsOf(second.status()).at("rule_id"), "r-1");
  AutomationRule parcels = OrderRule("r-2");
  parcels.what = domain::CashOnDeliveryRule{.store_id = "s-1"};
  EXPECT_TRUE(Create(parcels).ok()) << "another kind";
  AutomationRule elsewhere = OrderRule("r-3");
  elsewhere.source_system = "shop-2";
  EXPECT_TRUE(Create(elsewhere).ok()) << "another system";
  EXPECT_TRUE(Create(OrderRule("r-4", "s-2")).ok());
  const auto moved = ChangeRule(
      "r-4", [](AutomationRule& rule) { std::get<domain::OnlineOrderRule>(rule.what).store_id = "s-1"; });
  EXPECT_EQ(ReasonOf(moved.status()), Reason::kAutomationRuleExists);
}

TEST_F(AutomationRulesTest, TheIntegrationIsThereAndNotDeleted) {
  AutomationRule rule = OrderRule("r-1");
  rule.integration_id = "nobody";
  EXPECT_EQ(ReasonOf(Create(rule).status()), Reason::kIntegrationNotFound);
}

TEST_F(AutomationRulesTest, AChangeChecksTheRevisionAndRaisesIt) {
  ASSERT_TRUE(Create(OrderRule("r-1")).ok());
  const auto activate = [](AutomationRule& rule) { rule.active = true; };
  EXPECT_EQ(ChangeRule("r-1", activate, 2).status().code(), absl::StatusCode::kAborted);
  const auto changed = ChangeRule("r-1", activate, 1);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_TRUE(changed->active);
  EXPECT_EQ(changed->revision, 2);
  EXPECT_EQ(ReasonOf(ChangeRule("r-9", activate).status()), Reason::kAutomationRuleNotFound);
  EXPECT_EQ(Delete("r-1", 1).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(Delete("r-1", 2).ok());
  EXPECT_EQ(ReasonOf(Delete("r-1").status()), Reason::kAutomationRuleNotFound);
}

TEST_F(AutomationRulesTest, PagesAreInTheOrderOfCreation) {
  std::vector<std::string> created;
  for (const char* id : {"r-3", "r-1", "r-5", "r-2", "r-4"}) {
    ASSERT_TRUE(Create(OrderRule(id, id)).ok());
    if (id != std::string("r-5")) clock_.Advance(absl::Seconds(1));  // r-5 and r-2 at one time
    created.emplace_back(id);
  }
  std::vector<std::string> listed;
  std::optional<PagePosition> after;
  do {
    const auto page = store().automation().ListRules({}, after, 2);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const AutomationRule& rule : page->rules) listed.push_back(rule.id);
    after = page->next;
  } while (after);
  EXPECT_THAT(listed, ElementsAre("r-3", "r-1", "r-2", "r-5", "r-4"));
  EXPECT_TRUE(store().automation().ListRules({.integration_id = kTwo}, std::nullopt, 10)->rules.empty());
  EXPECT_TRUE(store().automation().ListRules({.source_system = "erp"}, std::nullopt, 10)->rules.empty());
  EXPECT_EQ(store().automation().ListRules({.source_system = "shop"}, std::nullopt, 10)->rules.size(), 5U);
}

TEST_F(AutomationRulesTest, OfADeletedIntegrationActNoMore) {
  AutomationRule rule = OrderRule("r-1");
  rule.active = true;
  ASSERT_TRUE(Create(rule).ok());
  const auto deleted = Await<domain::Integration>([&](Callback<domain::Integration> done) {
    store().integrations().Delete(
        kOne, std::nullopt,
        [](IntegrationRecord&, const IntegrationSurroundings&) { return absl::OkStatus(); }, std::move(done));
  });
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  const auto kept = store().automation().GetRule("r-1");
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_FALSE(kept->active);
  EXPECT_EQ(ReasonOf(ChangeRule("r-1", [](AutomationRule& r) { r.active = true; }).status()),
            Reason::kIntegrationNotFound);
  const auto moved = ChangeRule("r-1", [](AutomationRule& r) {
    r.active = true;
    r.integration_id = kTwo;
  });
  EXPECT_TRUE(moved.ok()) << moved.status();
}

// What a source system's other orders have made does not slow an order down.
TEST_F(AutomationRulesTest, WhatWasMadeForAnOrderIsFoundByItsIndex) {
  SQLite::Database database(path(), SQLite::OPEN_READONLY);
  SQLite::Statement plan(database, absl::StrCat("EXPLAIN QUERY PLAN ", kSelectCreatedForOrder));
  std::string steps;
  while (plan.executeStep()) absl::StrAppend(&steps, plan.getColumn(3).getString(), "\n");
  EXPECT_THAT(steps, testing::HasSubstr("automation_documents_by_order (source_system=? AND order_id=?)"));
  EXPECT_THAT(steps, testing::Not(testing::HasSubstr("TEMP B-TREE")));
}

}  // namespace
}  // namespace kasa::store
