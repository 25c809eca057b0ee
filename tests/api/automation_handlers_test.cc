#include "server/api/automation_handlers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/engine/automation.h"
#include "tests/api/handlers_fixture.h"

// Rules and reports through the handlers, on a real store: what is kept, and what is wrong with a request.
namespace kasa::api {
namespace {

class AutomationHandlersTest : public HandlersTest {
 public:
  ~AutomationHandlersTest() override {
    work_.Stop();
    executor_.Stop();
  }

 protected:
  void SetUp() override {
    HandlersTest::SetUp();
    automation_.emplace(store(), fiscalizer_, work_, system_clock_, kyiv_, absl::Seconds(10));
    handlers_.emplace(*automation_, store(), executor_, Pages());
  }

  static v1::CreateAutomationRuleRequest NewRule() {
    return With(v1::CreateAutomationRuleRequest(),
                "rule { rule_id: 'r-1' source_system: 'shop' integration_id: 'one' "
                "online_order { store_id: 's-1' action: ONLINE_ORDER_ACTION_SALE } }");
  }
  static v1::UpdateAutomationRuleRequest Change() {
    return With(v1::UpdateAutomationRuleRequest(), "rule { rule_id: 'r-1' }");
  }
  static v1::ReportOrderRequest Order() {
    return With(v1::ReportOrderRequest(),
                "source_system: 'shop' order { order_id: 'O-1' store_id: 's-1' revision: 1 "
                "state: ORDER_STATE_OPEN total_kopiykas: 100 currency_code: 'UAH' }");
  }
  static v1::ReportDeliveryRequest Parcel() {
    return With(v1::ReportDeliveryRequest(),
                "source_system: 'shop' delivery { waybill_number: 'T-1' order_id: 'O-1' revision: 1 "
                "cash_on_delivery_kopiykas: 100 order_total_kopiykas: 100 currency_code: 'UAH' }");
  }

  absl::StatusOr<v1::CreateAutomationRuleResponse> Send(v1::CreateAutomationRuleRequest request) {
    return Call<v1::CreateAutomationRuleResponse>(*handlers_, &AutomationHandlers::CreateAutomationRule,
                                                  std::move(request));
  }
  absl::StatusOr<v1::GetAutomationRuleResponse> Send(v1::GetAutomationRuleRequest request) {
    return Call<v1::GetAutomationRuleResponse>(*handlers_, &AutomationHandlers::GetAutomationRule,
                                               std::move(request));
  }
  absl::StatusOr<v1::ListAutomationRulesResponse> Send(v1::ListAutomationRulesRequest request) {
    return Call<v1::ListAutomationRulesResponse>(*handlers_, &AutomationHandlers::ListAutomationRules,
                                                 std::move(request));
  }
  absl::StatusOr<v1::UpdateAutomationRuleResponse> Send(v1::UpdateAutomationRuleRequest request) {
    return Call<v1::UpdateAutomationRuleResponse>(*handlers_, &AutomationHandlers::UpdateAutomationRule,
                                                  std::move(request));
  }
  absl::StatusOr<v1::DeleteAutomationRuleResponse> Send(v1::DeleteAutomationRuleRequest request) {
    return Call<v1::DeleteAutomationRuleResponse>(*handlers_, &AutomationHandlers::DeleteAutomationRule,
                                                  std::move(request));
  }
  absl::StatusOr<v1::ReportOrderResponse> Send(v1::ReportOrderRequest request) {
    return Call<v1::ReportOrderResponse>(*handlers_, &AutomationHandlers::ReportOrder, std::move(request));
  }
  absl::StatusOr<v1::ReportDeliveryResponse> Send(v1::ReportDeliveryRequest request) {
    return Call<v1::ReportDeliveryResponse>(*handlers_, &AutomationHandlers::ReportDelivery,
                                            std::move(request));
  }

  template <typename Request>
  void ExpectEachIsBad(const Request& right, const std::vector<BadRequest>& bad_requests) {
    for (const BadRequest& bad : bad_requests) ExpectViolation(Send(With(right, bad.text)).status(), bad);
  }

  engine::ThreadExecutor work_{1, system_clock_};
  std::optional<engine::Automation> automation_;
  std::optional<AutomationHandlers> handlers_;
};

// --- rules

TEST_F(AutomationHandlersTest, ARuleIsOffAtFirstAndKeptAsItIs) {
  const auto created = Send(NewRule());
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_FALSE(created->rule().active());
  EXPECT_FALSE(created->rule().online_order().fiscalize());
  EXPECT_EQ(created->rule().etag(), "1");
  const auto read = Send(With(v1::GetAutomationRuleRequest(), "rule_id: 'r-1'"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->rule().SerializeAsString(), created->rule().SerializeAsString());
}

TEST_F(AutomationHandlersTest, AnIdIsMadeUp) {
  v1::CreateAutomationRuleRequest request = NewRule();
  request.mutable_rule()->clear_rule_id();
  const auto created = Send(request);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->rule().rule_id().substr(0, 5), "rule-");
}

TEST_F(AutomationHandlersTest, IsNotReadForACallerWhoWentAway) {
  ASSERT_TRUE(Send(NewRule()).ok());
  const auto read = Call<v1::GetAutomationRuleResponse>(
      *handlers_, &AutomationHandlers::GetAutomationRule,
      With(v1::GetAutomationRuleRequest(), "rule_id: 'r-1'"), {.is_over = [] { return true; }});
  EXPECT_TRUE(absl::IsCancelled(read.status())) << read.status();
}

TEST_F(AutomationHandlersTest, WithoutAMaskWhatIsGivenIsChanged) {
  ASSERT_TRUE(Send(NewRule()).ok());
  const auto changed =
      Send(With(Change(), "rule { active: true online_order { fiscalize: true } display_name: 'Web' }"));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_TRUE(changed->rule().active());
  EXPECT_TRUE(changed->rule().online_order().fiscalize());
  EXPECT_EQ(changed->rule().online_order().store_id(), "s-1");
  EXPECT_EQ(changed->rule().online_order().action(), v1::ONLINE_ORDER_ACTION_SALE);
}

TEST_F(AutomationHandlersTest, WithAMaskWhatItNamesIsChanged) {
  ASSERT_TRUE(Send(With(NewRule(), "rule { active: true online_order { fiscalize: true } }")).ok());
  auto changed = Send(With(Change(), "update_mask { paths: 'active' }"));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_FALSE(changed->rule().active());
  EXPECT_TRUE(changed->rule().online_order().fiscalize());
  changed = Send(With(Change(), "update_mask { paths: 'online_order.fiscalize' }"));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_FALSE(changed->rule().online_order().fiscalize());
  changed =
      Send(With(Change(), "rule { online_order { store_id: 's-2' } } update_mask { paths: 'online_order' }"));
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->rule().online_order().store_id(), "s-2");
  EXPECT_EQ(changed->rule().online_order().action(), v1::ONLINE_ORDER_ACTION_NOTHING);
}

TEST_F(AutomationHandlersTest, AStaleEtagIsAborted) {
  ASSERT_TRUE(Send(NewRule()).ok());
  ASSERT_TRUE(Send(With(Change(), "rule { active: true etag: '1' }")).ok());
  const auto stale = Send(With(Change(), "rule { active: true etag: '1' }"));
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(stale.status()), Reason::kEtagMismatch);
  EXPECT_EQ(Send(With(v1::DeleteAutomationRuleRequest(), "rule_id: 'r-1' etag: '1'")).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_TRUE(Send(With(v1::DeleteAutomationRuleRequest(), "rule_id: 'r-1' etag: '2'")).ok());
}

TEST_F(AutomationHandlersTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(ReasonOf(Send(With(v1::GetAutomationRuleRequest(), "rule_id: 'r-1'")).status()),
            Reason::kAutomationRuleNotFound);
  EXPECT_EQ(ReasonOf(Send(Change()).status()), Reason::kAutomationRuleNotFound);
  EXPECT_EQ(ReasonOf(Send(With(v1::DeleteAutomationRuleRequest(), "rule_id: 'r-1'")).status()),
            Reason::kAutomationRuleNotFound);
  EXPECT_EQ(ReasonOf(Send(With(NewRule(), "rule { integration_id: 'nobody' }")).status()),
            Reason::kIntegrationNotFound);
}

TEST_F(AutomationHandlersTest, PagesGoOnWhereTheyEnded) {
  for (int i = 0; i < 5; ++i) {
    const std::string text =
        absl::StrCat("rule { rule_id: 'r-", i, "' online_order { store_id: 's-", i, "' } }");
    ASSERT_TRUE(Send(With(NewRule(), text)).ok());
  }
  std::vector<std::string> ids;
  v1::ListAutomationRulesRequest request = With(v1::ListAutomationRulesRequest(), "page_size: 2");
  do {
    const auto page = Send(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::AutomationRule& rule : page->rules()) ids.push_back(rule.rule_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(ids, (std::vector<std::string>{"r-0", "r-1", "r-2", "r-3", "r-4"}));
}

TEST_F(AutomationHandlersTest, BadNewRules) {
  ExpectEachIsBad(
      NewRule(),
      {{"rule { rule_id: 'Bad' }", "rule.rule_id", Reason::kFieldInvalid},
       {"rule { source_system: '' }", "rule.source_system", Reason::kFieldRequired},
       {"rule { integration_id: '' }", "rule.integration_id", Reason::kFieldRequired},
       {"rule { online_order { store_id: '' } }", "rule.online_order.store_id", Reason::kFieldRequired},
       {"rule { online_order { action: 9 } }", "rule.online_order.action", Reason::kFieldUnknown},
       {"rule { online_order { store_id: '\\n' } }", "rule.online_order.store_id", Reason::kFieldInvalid}});
  v1::CreateAutomationRuleRequest of_no_kind = NewRule();
  of_no_kind.mutable_rule()->clear_online_order();
  ExpectViolation(Send(of_no_kind).status(), {"no kind", "rule.online_order", Reason::kFieldRequired});
  ExpectViolation(Send(v1::CreateAutomationRuleRequest()).status(),
                  {"nothing", "rule", Reason::kFieldRequired});
}

TEST_F(AutomationHandlersTest, BadChangesAndQuestions) {
  ASSERT_TRUE(Send(NewRule()).ok());
  ExpectEachIsBad(Change(),
                  {{"rule { rule_id: '' }", "rule.rule_id", Reason::kFieldRequired},
                   {"rule { etag: 'x' }", "rule.etag", Reason::kFieldInvalid},
                   {"update_mask { paths: 'etag' }", "update_mask", Reason::kFieldMaskInvalid},
                   {"update_mask { paths: 'rule_id' }", "update_mask", Reason::kFieldMaskInvalid},
                   {"update_mask { paths: 'online' }", "update_mask", Reason::kFieldMaskInvalid},
                   {"update_mask { paths: 'source_system' }", "rule.source_system", Reason::kFieldRequired},
                   {"update_mask { paths: 'online_order.store_id' }", "rule.online_order.store_id",
                    Reason::kFieldRequired},
                   {"rule { online_order { action: 4 } }", "rule.online_order.action", Reason::kFieldUnknown},
                   {"rule { cash_on_delivery { fiscalize: true } }", "rule.cash_on_delivery.fiscalize",
                    Reason::kFieldNotAllowed},
                   {"update_mask { paths: 'cash_on_delivery.create_payment' }",
                    "rule.cash_on_delivery.create_payment", Reason::kFieldNotAllowed}});
  ExpectEachIsBad(v1::GetAutomationRuleRequest(), {{"", "rule_id", Reason::kFieldRequired}});
  ExpectEachIsBad(
      With(v1::DeleteAutomationRuleRequest(), "rule_id: 'r-1'"),
      {{"rule_id: ''", "rule_id", Reason::kFieldRequired}, {"etag: '-1'", "etag", Reason::kFieldInvalid}});
  ExpectEachIsBad(v1::ListAutomationRulesRequest(),
                  {{"page_size: -1", "page_size", Reason::kFieldInvalid},
                   {"page_token: 'x'", "page_token", Reason::kPageTokenInvalid}});
}

// --- reports

TEST_F(AutomationHandlersTest, AReportWithoutARuleIsKeptAndSaysSo) {
  const auto order = Send(Order());
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->result().outcome(), v1::AUTOMATION_OUTCOME_SWITCHED_OFF);
  EXPECT_FALSE(order->result().has_created_document());
  const auto parcel = Send(Parcel());
  ASSERT_TRUE(parcel.ok()) << parcel.status();
  EXPECT_EQ(parcel->result().outcome(), v1::AUTOMATION_OUTCOME_SWITCHED_OFF);
  const auto other = Send(With(Order(), "order { received_kopiykas: 1 }"));
  EXPECT_EQ(ReasonOf(other.status()), Reason::kReportContentDiffers);
}

TEST_F(AutomationHandlersTest, WhatIsCreatedIsToldWithoutContacts) {
  ASSERT_TRUE(Send(With(NewRule(), "rule { active: true }")).ok());
  const auto told = Send(With(Order(),
                              "order { received_kopiykas: 100 payment_confirmed: true "
                              "buyer { phone: '+380501234567' } "
                              "lines { name: 'a' quantity_thousandths: 1000 price_kopiykas: 100 tax_id: 't' "
                              "excise_stamps: 'ABCD123456' } "
                              "payments { kind: PAYMENT_KIND_CASHLESS amount_kopiykas: 100 "
                              "card { rrn: '1' } } }"));
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->result().outcome(), v1::AUTOMATION_OUTCOME_ACTED);
  const v1::Document& content = told->result().created_content();
  EXPECT_FALSE(content.has_buyer());
  EXPECT_EQ(content.lines(0).excise_stamps(0), "ABCD123456");
  EXPECT_EQ(content.payments(0).card().rrn(), "1");
  EXPECT_EQ(told->result().created_document().document_id(), "order:O-1");
  EXPECT_EQ(told->result().created_document().register_mode(), v1::REGISTER_MODE_UNSPECIFIED);
}

TEST_F(AutomationHandlersTest, BadOrders) {
  ExpectEachIsBad(
      Order(),
      {{"source_system: ''", "source_system", Reason::kFieldRequired},
       {"order { order_id: '' }", "order.order_id", Reason::kFieldRequired},
       {"order { revision: 0 }", "order.revision", Reason::kFieldRequired},
       {"order { state: ORDER_STATE_UNSPECIFIED }", "order.state", Reason::kFieldRequired},
       {"order { total_kopiykas: 0 }", "order.total_kopiykas", Reason::kFieldRequired},
       {"order { discount_kopiykas: -1 }", "order.discount_kopiykas", Reason::kAmountOutOfRange},
       {"order { payments { amount_kopiykas: 1 } }", "order.payments", Reason::kPaymentsDoNotCover},
       {"order { received_kopiykas: 1 payments { amount_kopiykas: 1 kind: 5 } }", "order.payments[0].kind",
        Reason::kFieldUnknown},
       {"order { change_time { seconds: 999999999999 } }", "order.change_time", Reason::kFieldInvalid},
       {"max_wait { seconds: -1 }", "max_wait", Reason::kFieldInvalid}});
  v1::ReportOrderRequest empty = Order();
  empty.clear_order();
  ExpectViolation(Send(empty).status(), {"no order", "order", Reason::kFieldRequired});
}

TEST_F(AutomationHandlersTest, BadParcels) {
  ExpectEachIsBad(Parcel(),
                  {{"source_system: ''", "source_system", Reason::kFieldRequired},
                   {"delivery { waybill_number: '' }", "delivery.waybill_number", Reason::kFieldRequired},
                   {"delivery { cash_on_delivery_kopiykas: 0 }", "delivery.cash_on_delivery_kopiykas",
                    Reason::kFieldRequired},
                   {"delivery { delivered_document { document_id: 'SO-1' source_system: 'erp' } }",
                    "delivery.delivered_document.kind", Reason::kFieldRequired},
                   {"delivery { delivered_document { kind: DOCUMENT_KIND_SALE source_system: 'erp' } }",
                    "delivery.delivered_document.document_id", Reason::kFieldRequired},
                   {"delivery { delivered_document { kind: 12 document_id: 'SO-1' source_system: 'erp' } }",
                    "delivery.delivered_document.kind", Reason::kFieldUnknown},
                   {"delivery { event_time { nanos: -1 } }", "delivery.event_time", Reason::kFieldInvalid},
                   {"max_wait { seconds: -1 }", "max_wait", Reason::kFieldInvalid}});
  v1::ReportDeliveryRequest empty = Parcel();
  empty.clear_delivery();
  ExpectViolation(Send(empty).status(), {"no parcel", "delivery", Reason::kFieldRequired});
  v1::ReportDeliveryRequest without_total = Parcel();
  without_total.mutable_delivery()->clear_order_total_kopiykas();
  without_total.mutable_delivery()->set_order_id("O-9");
  ExpectViolation(Send(without_total).status(),
                  {"no total", "delivery.order_total_kopiykas", Reason::kFieldRequired});
}

}  // namespace
}  // namespace kasa::api
