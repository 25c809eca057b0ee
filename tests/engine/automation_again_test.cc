#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/automation_decision.h"
#include "tests/engine/automation_fixture.h"

// Reports that were refused, or met a crash, a full lane or a gateway that stops, and come again.
namespace kasa::engine {
namespace {

using domain::AutomationOutcome;
using domain::OnlineOrderAction;
using domain::State;
using testing::SizeIs;

TEST_F(AutomationTest, WhatIsRefusedIsTriedAgainByALaterReport) {
  AddOrderRule(OnlineOrderAction::kPayment);
  const ReportOutcome part = Report(Order(4000, 1));
  EXPECT_EQ(part.decision.outcome, AutomationOutcome::kRefused);
  EXPECT_EQ(part.decision.reason, Reason::kFiscalChainPrepayment);
  EXPECT_FALSE(part.decision.make || part.decision.told) << "nothing was created";
  const ReportOutcome whole = Report(Order(10000, 2));
  EXPECT_EQ(whole.decision.outcome, AutomationOutcome::kActed);
  EXPECT_EQ(whole.fiscalization->key.document_id, "order:O-1:1");
  EXPECT_EQ(SumOfReceipts(), 10000);
}

TEST_F(AutomationTest, TheSameReportTriesAgainWhatWasRefused) {
  AllowPartPayments();
  AddOrderRule(OnlineOrderAction::kPayment);
  domain::OrderReport order = Order(4000, 1);
  Set([](domain::Integration& one) { one.part_payments = domain::PartPayments::kRefused; });
  EXPECT_EQ(Report(order).decision.outcome, AutomationOutcome::kRefused);
  AllowPartPayments();
  EXPECT_EQ(Report(order).decision.outcome, AutomationOutcome::kActed);
  EXPECT_EQ(Report(order).decision.outcome, AutomationOutcome::kAlreadyDone);
  EXPECT_EQ(SumOfReceipts(), 4000);
}

TEST_F(AutomationTest, WhatIsWrongWithTheSaleIsTold) {
  AddOrderRule(OnlineOrderAction::kSale);
  domain::OrderReport order = Order();
  order.lines.front().tax_id = "vat7";
  const ReportOutcome refused = Report(order);
  EXPECT_EQ(refused.decision.outcome, AutomationOutcome::kRefused);
  EXPECT_EQ(refused.decision.reason, Reason::kDocumentInvalid);
  ASSERT_THAT(refused.decision.violations, SizeIs(1));
  EXPECT_EQ(refused.decision.violations.front().field, "sale.lines[0].tax_id");
  EXPECT_EQ(refused.decision.violations.front().reason, Reason::kTaxNotMapped);
  EXPECT_EQ(Report(Order(10000, 2)).decision.outcome, AutomationOutcome::kActed);
}

TEST_F(AutomationTest, WhatTheCallerSendsUnderTheKeyGetsNoSecondReceipt) {
  AddOrderRule(OnlineOrderAction::kSale, /*fiscalize=*/false);
  const ReportOutcome told = Report(Order());
  EXPECT_EQ(told.decision.outcome, AutomationOutcome::kActed);
  EXPECT_FALSE(told.fiscalization.has_value());
  EXPECT_THAT(gateway_.Receipts(), SizeIs(0));
  EXPECT_EQ(Report(Order()).decision.outcome, AutomationOutcome::kAlreadyDone);

  DocumentRequest sale;
  sale.source_system = "shop";
  sale.document_id = told.decision.make->document_id;
  sale.document = told.decision.make->content;
  const auto sent = gateway_.Fiscalize(sale);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->fiscalization->state, State::kFiscalized);

  const auto switched_on = Await<domain::AutomationRule>([&](auto done) {
    gateway_.store().automation().ChangeRule(
        "orders", std::nullopt,
        [](domain::AutomationRule& rule) {
          std::get<domain::OnlineOrderRule>(rule.what).fiscalize = true;
          return absl::OkStatus();
        },
        std::move(done));
  });
  ASSERT_TRUE(switched_on.ok()) << switched_on.status();
  const ReportOutcome again = Report(Order(10000, 2));
  EXPECT_EQ(again.decision.outcome, AutomationOutcome::kAlreadyDone);
  EXPECT_EQ(again.fiscalization->id, sent->fiscalization->id);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

TEST_F(AutomationTest, ACrashBetweenKeepingAndAcceptingLosesAndDoublesNothing) {
  AddOrderRule(OnlineOrderAction::kPayment);
  // What Report() does first, and then the power goes.
  const auto kept = Await<domain::AutomationDecision>([&](auto done) {
    gateway_.store().automation().KeepReport(
        Order(),
        [](const domain::AutomationRule* rule, const domain::SeenBefore& seen) {
          return domain::DecideReport(Order(), rule, seen, absl::CivilDay(2026, 11, 23));
        },
        std::move(done));
  });
  ASSERT_TRUE(kept.ok()) << kept.status();
  ASSERT_TRUE(kept->make.has_value());
  gateway_.CrashAndStart();
  const ReportOutcome completed = Report(Order());
  EXPECT_EQ(completed.decision.outcome, AutomationOutcome::kActed);
  ASSERT_TRUE(completed.fiscalization.has_value());
  EXPECT_EQ(completed.fiscalization->state, State::kFiscalized);
  EXPECT_EQ(completed.fiscalization->key.document_id, kept->make->document_id);
  EXPECT_EQ(Report(Order()).decision.outcome, AutomationOutcome::kAlreadyDone);
  EXPECT_EQ(SumOfReceipts(), 10000);
}

// A paid order must not stay without a receipt because the gateway was stopped at that moment.
TEST_F(AutomationTest, WhatAStoppingGatewayDoesNotTakeIsNotRefusedButTriedAgain) {
  AddOrderRule(OnlineOrderAction::kSale);
  gateway_.engine().Drain(absl::ZeroDuration(), [](bool) {});
  const auto stopped = Start(Order()).get();
  EXPECT_EQ(stopped.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(stopped.status()), Reason::kShuttingDown);
  gateway_.CrashAndStart();
  const ReportOutcome again = Report(Order());
  EXPECT_EQ(again.decision.outcome, AutomationOutcome::kActed);
  EXPECT_EQ(again.fiscalization->key.document_id, "order:O-1") << "the same document, not the one after it";
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

class AutomationOfAFullLaneTest : public AutomationTest {
 protected:
  AutomationOfAFullLaneTest()
      : AutomationTest({.settings = [](Settings& settings) { settings.max_lane_length = 1; }}) {}
};

TEST_F(AutomationOfAFullLaneTest, WhatFindsNoPlaceIsNotRefusedButTriedAgain) {
  gateway_.LoseStore(/*noticed=*/true);
  AddOrderRule(OnlineOrderAction::kSale);
  const auto waits = gateway_.Fiscalize(gateway_.Sale("SO-1"), absl::ZeroDuration());
  ASSERT_TRUE(waits.ok()) << waits.status();
  const auto full = Start(Order()).get();
  EXPECT_EQ(full.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(full.status()), Reason::kLaneFull);
  EXPECT_TRUE(RetryDelayOf(full.status()).has_value());
  gateway_.Adopt();
  ASSERT_EQ(gateway_.Get(waits->fiscalization->id, absl::Seconds(30))->state, State::kFiscalized);
  const ReportOutcome again = Report(Order());
  EXPECT_EQ(again.decision.outcome, AutomationOutcome::kActed);
  EXPECT_EQ(again.fiscalization->key.document_id, "order:O-1");
}

TEST_F(AutomationTest, TheSameReportIsAnsweredAsDoneThoughItsRuleIsGone) {
  AddOrderRule(OnlineOrderAction::kSale);
  const ReportOutcome acted = Report(Order());
  const auto deleted = Await<domain::AutomationRule>(
      [&](auto done) { gateway_.store().automation().DeleteRule("orders", std::nullopt, std::move(done)); });
  ASSERT_TRUE(deleted.ok());
  const ReportOutcome again = Report(Order());
  EXPECT_EQ(again.decision.outcome, AutomationOutcome::kAlreadyDone);
  EXPECT_EQ(again.fiscalization->id, acted.fiscalization->id);
  EXPECT_EQ(Report(Order(10000, 2)).decision.outcome, AutomationOutcome::kSwitchedOff);
}

TEST_F(AutomationTest, WithoutATotalADeliveryIsRefusedAndNotKept) {
  AddDeliveryRule();
  domain::DeliveryReport parcel = Parcel();
  parcel.order_total.reset();
  const ReportOutcome wrong = Report(parcel);
  ASSERT_THAT(wrong.violations, SizeIs(1));
  EXPECT_EQ(wrong.violations.front().field, "delivery.order_total_kopiykas");
  EXPECT_EQ(Report(Parcel()).decision.outcome, AutomationOutcome::kActed)
      << "the same revision, with what was missing: nothing was kept before";
}

}  // namespace
}  // namespace kasa::engine
