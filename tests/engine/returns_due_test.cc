#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/automation_fixture.h"

// Orders that are due for a return: what a report answers, and what ListAttention is told (RETURN_DUE).
namespace kasa::engine {
namespace {

using domain::AutomationOutcome;
using domain::OnlineOrderAction;
using domain::State;
using testing::SizeIs;

TEST_F(AutomationTest, ACancelledOrderIsDueForAReturn) {
  AddOrderRule(OnlineOrderAction::kSale);
  Report(Order());
  domain::OrderReport cancelled = Order(0, 2);
  cancelled.state = domain::OrderState::kCancelled;
  const ReportOutcome outcome = Report(cancelled);
  EXPECT_EQ(outcome.decision.outcome, AutomationOutcome::kReturnDue);
  EXPECT_EQ(outcome.decision.return_due.kopiykas(), 10000);
  EXPECT_EQ(outcome.fiscalization->key.document_id, "order:O-1") << "what is to be returned";
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

// What ListAttention tells of orders (RETURN_DUE): from the report on, until the return has its receipt.
TEST_F(AutomationTest, AReturnStaysDueUntilItIsMade) {
  AddOrderRule(OnlineOrderAction::kSale);
  EXPECT_TRUE(ReturnsDue().empty());
  const domain::Fiscalization sold = *Report(Order()).fiscalization;
  EXPECT_TRUE(ReturnsDue().empty()) << "a sale that stands";
  domain::OrderReport cancelled = Order(0, 2);
  cancelled.state = domain::OrderState::kCancelled;
  Report(cancelled);
  ASSERT_THAT(ReturnsDue(), SizeIs(1));
  EXPECT_EQ(ReturnsDue()[0].source_system, "shop");
  EXPECT_EQ(ReturnsDue()[0].order_id, "O-1");
  EXPECT_EQ(ReturnsDue()[0].integration_id, EngineOnSimulator::IntegrationId(1));
  EXPECT_EQ(ReturnsDue()[0].register_fiscal_number, EngineOnSimulator::kFisid);
  EXPECT_EQ(ReturnsDue()[0].due.kopiykas(), 10000);
  EXPECT_TRUE(ReturnsDue()[0].cancelled);
  Report(Order(10000, 1));
  EXPECT_THAT(ReturnsDue(), SizeIs(1)) << "an older report changes nothing";

  DocumentRequest back = gateway_.Sale("R-1", 10000);
  back.kind = domain::DocumentKind::kReturn;
  back.source_system = "shop";
  back.document.integration_id.clear();
  back.document.order_id.clear();
  back.document.original_sale = domain::OriginalSale{
      .document = domain::DocumentName{
          .source_system = "shop", .kind = domain::DocumentKind::kSale, .document_id = sold.key.document_id}};
  const auto returned = gateway_.Fiscalize(back);
  ASSERT_TRUE(returned.ok()) << returned.status();
  ASSERT_EQ(returned->fiscalization->state, State::kFiscalized);
  EXPECT_TRUE(ReturnsDue().empty());
}

TEST_F(AutomationTest, AReturnIsDueNoMoreOnceEnoughIsReceivedAgain) {
  AllowPartPayments();
  AddOrderRule(OnlineOrderAction::kPayment);
  Report(Order(10000, 1));
  Report(Order(2500, 2));
  ASSERT_THAT(ReturnsDue(), SizeIs(1));
  EXPECT_EQ(ReturnsDue()[0].due.kopiykas(), 7500);
  EXPECT_FALSE(ReturnsDue()[0].cancelled);
  Report(Order(4000, 3));
  ASSERT_THAT(ReturnsDue(), SizeIs(1));
  EXPECT_EQ(ReturnsDue()[0].due.kopiykas(), 6000);
  Report(Order(10000, 4));
  EXPECT_TRUE(ReturnsDue().empty());
}

}  // namespace
}  // namespace kasa::engine
