#include "server/engine/automation.h"

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/automation_fixture.h"

// What becomes of reports: each is acted upon once.
namespace kasa::engine {
namespace {

using domain::AutomationOutcome;
using domain::OnlineOrderAction;
using domain::State;
using testing::SizeIs;

TEST_F(AutomationTest, AnOrderBecomesASaleOnce) {
  AddOrderRule(OnlineOrderAction::kSale);
  const ReportOutcome acted = Report(Order());
  EXPECT_EQ(acted.decision.outcome, AutomationOutcome::kActed);
  ASSERT_TRUE(acted.fiscalization.has_value()) << acted.decision.message;
  EXPECT_EQ(acted.fiscalization->state, State::kFiscalized);
  EXPECT_EQ(acted.fiscalization->rule_id, "orders");
  EXPECT_EQ(acted.fiscalization->key.document_id, "order:O-1");
  EXPECT_GE(*acted.fiscalization->expire_time - acted.fiscalization->create_time,
            absl::Hours(7 * 24) - absl::Minutes(1));

  for (const int64_t revision : {1, 2}) {
    const ReportOutcome again = Report(Order(10000, revision));
    EXPECT_EQ(again.decision.outcome, AutomationOutcome::kAlreadyDone);
    EXPECT_EQ(again.fiscalization->id, acted.fiscalization->id);
  }
  EXPECT_EQ(Report(Order(0, 1, "O-2")).decision.outcome, AutomationOutcome::kNothingDue);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

TEST_F(AutomationTest, OtherContentUnderARevisionIsAnError) {
  AddOrderRule(OnlineOrderAction::kSale);
  Report(Order(0));
  const auto refused = Start(Order(10000)).get();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(refused.status()), Reason::kReportContentDiffers);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(0));
}

TEST_F(AutomationTest, ALateReportChangesNothing) {
  AddOrderRule(OnlineOrderAction::kSale);
  Report(Order(0, 5));
  domain::OrderReport late = Order(10000, 4);
  late.total = Money::FromKopiykas(1);
  EXPECT_EQ(Report(late).decision.outcome, AutomationOutcome::kStale);
  EXPECT_EQ(Report(Order(10000, 6)).decision.outcome, AutomationOutcome::kActed)
      << "of 100.00: the late report's total does not bind";
}

TEST_F(AutomationTest, TwoReportsOfOneOrderAtOnceActOnce) {
  AddOrderRule(OnlineOrderAction::kSale);
  for (int round = 0; round < 20; ++round) {
    const std::string order_id = absl::StrCat("O-", round);
    // The same revision in every other round, else two.
    auto one = Start(Order(10000, 1, order_id));
    auto two = Start(Order(10000, 1 + round % 2, order_id));
    int acted = 0;
    for (auto* answer : {&one, &two}) {
      const absl::StatusOr<ReportOutcome> outcome = answer->get();
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      acted += outcome->decision.outcome == AutomationOutcome::kActed ? 1 : 0;
      EXPECT_TRUE(outcome->fiscalization.has_value()) << outcome->decision.message;
    }
    EXPECT_EQ(acted, 1);
  }
  EXPECT_THAT(gateway_.Receipts(), SizeIs(20));
}

TEST_F(AutomationTest, AReportAndADeliveryAtOnceNeverExceedTheOrder) {
  AddOrderRule(OnlineOrderAction::kPayment);
  AddDeliveryRule();
  for (int round = 0; round < 20; ++round) {
    const std::string order_id = absl::StrCat("O-", round);
    auto order = Start(Order(10000, 1, order_id));
    auto parcel = Start(Parcel(10000, absl::StrCat("TTN-", round), order_id));
    int acted = 0;
    for (auto* answer : {&order, &parcel}) {
      const absl::StatusOr<ReportOutcome> outcome = answer->get();
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      acted += outcome->decision.outcome == AutomationOutcome::kActed ? 1 : 0;
    }
    EXPECT_EQ(acted, 1);
  }
  EXPECT_EQ(SumOfReceipts(), 20 * 10000);
}

TEST_F(AutomationTest, TwoParcelsOfOneOrderArePaidEach) {
  AllowPartPayments();
  AddDeliveryRule();
  EXPECT_EQ(Report(Parcel(7000, "TTN-1")).decision.outcome, AutomationOutcome::kActed);
  const ReportOutcome second = Report(Parcel(7000, "TTN-2"));
  EXPECT_EQ(second.decision.outcome, AutomationOutcome::kActed);
  EXPECT_EQ(second.fiscalization->draft.sum.kopiykas(), 3000) << "what is unpaid of the order";
  EXPECT_EQ(Report(Parcel(7000, "TTN-1")).decision.outcome, AutomationOutcome::kAlreadyDone);
  EXPECT_EQ(Report(Parcel(7000, "TTN-3")).decision.outcome, AutomationOutcome::kNothingDue);
  EXPECT_EQ(SumOfReceipts(), 10000);
}

TEST_F(AutomationTest, ADeliveryOfWhatIsOnAReceiptMakesNothing) {
  AddDeliveryRule();
  DocumentRequest sale = gateway_.Sale("SO-1", 10000);
  sale.document.order_id.clear();
  ASSERT_TRUE(gateway_.Fiscalize(sale).ok());
  domain::DeliveryReport parcel = Parcel();
  parcel.delivered_document = domain::DocumentName{.source_system = "test", .document_id = "SO-1"};
  const ReportOutcome outcome = Report(parcel);
  EXPECT_EQ(outcome.decision.outcome, AutomationOutcome::kNothingDue);
  EXPECT_EQ(outcome.decision.reason, Reason::kOrderAlreadyFiscalized);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

TEST_F(AutomationTest, APaymentIsMadeOfWhatIsReceivedAnew) {
  AllowPartPayments();
  AddOrderRule(OnlineOrderAction::kPayment);
  EXPECT_EQ(Report(Order(4000, 1)).fiscalization->draft.sum.kopiykas(), 4000);
  EXPECT_EQ(Report(Order(10000, 2)).fiscalization->draft.sum.kopiykas(), 6000);
  const ReportOutcome less = Report(Order(2500, 3));
  EXPECT_EQ(less.decision.outcome, AutomationOutcome::kReturnDue);
  EXPECT_EQ(less.decision.reason, Reason::kReceivedAmountDecreased);
  EXPECT_EQ(less.decision.return_due.kopiykas(), 7500);
  EXPECT_EQ(SumOfReceipts(), 10000);
}

TEST_F(AutomationTest, AReportChangesTheTotalThatBindsTheOrder) {
  AllowPartPayments();
  AddOrderRule(OnlineOrderAction::kNothing);
  DocumentRequest sale = gateway_.Sale("SO-1", 4000);
  sale.source_system = "shop";
  sale.document.order_id = "O-1";
  sale.document.order_total = Money::FromKopiykas(5000);
  ASSERT_TRUE(gateway_.Fiscalize(sale).ok());
  EXPECT_EQ(Report(Order()).decision.outcome, AutomationOutcome::kSwitchedOff);
  sale.document_id = "SO-2";
  EXPECT_EQ(ReasonOf(gateway_.Fiscalize(sale).status()), Reason::kOrderTotalDiffers);
  sale.document.order_total = Money::FromKopiykas(10000);
  EXPECT_TRUE(gateway_.Fiscalize(sale).ok());
}

TEST_F(AutomationTest, TwoReportsWithOtherLinesAtOnceGetOneReceipt) {
  AddOrderRule(OnlineOrderAction::kSale);
  for (int round = 0; round < 20; ++round) {
    const std::string order_id = absl::StrCat("O-", round);
    domain::OrderReport other = Order(10000, 2, order_id);
    other.lines.front().name = "Чай";
    auto one = Start(Order(10000, 1, order_id));
    auto two = Start(other);
    for (auto* answer : {&one, &two}) {
      const absl::StatusOr<ReportOutcome> outcome = answer->get();
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      EXPECT_NE(outcome->decision.outcome, AutomationOutcome::kRefused) << outcome->decision.message;
      ASSERT_TRUE(outcome->fiscalization.has_value()) << outcome->decision.message;
    }
  }
  EXPECT_THAT(gateway_.Receipts(), SizeIs(20));
}

}  // namespace
}  // namespace kasa::engine
