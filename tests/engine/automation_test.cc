#include "server/engine/automation.h"

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/automation_decision.h"
#include "server/store/automation_store.h"
#include "tests/engine/engine_on_simulator.h"

// Reports of online orders and of parcels on the real engine, store and adapter (product.md, points 16 and
// 17).
namespace kasa::engine {
namespace {

using domain::AutomationOutcome;
using domain::OnlineOrderAction;
using domain::State;
using testing::SizeIs;

template <typename T, typename Call>
absl::StatusOr<T> Await(Call call) {
  std::promise<absl::StatusOr<T>> answered;
  call([&answered](absl::StatusOr<T> value) { answered.set_value(std::move(value)); });
  return answered.get_future().get();
}

class AutomationTest : public testing::Test {
 protected:
  explicit AutomationTest(EngineOnSimulator::Options options = {}) : gateway_(std::move(options)) {
    Set([](domain::Integration& integration) {
      integration.default_payment_line = domain::DefaultPaymentLine{"Оплата замовлення", "vat20"};
    });
  }

  void Set(std::function<void(domain::Integration&)> set) {
    gateway_.Change(
        1, [set = std::move(set)](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
          set(record.integration);
          return absl::OkStatus();
        });
  }
  void AllowPartPayments() {
    Set([](domain::Integration& one) { one.part_payments = domain::PartPayments::kAllowed; });
  }

  void AddRule(domain::AutomationRule rule) {
    rule.source_system = "shop";
    rule.integration_id = EngineOnSimulator::IntegrationId(1);
    rule.active = true;
    const auto created = Await<domain::AutomationRule>(
        [&](auto done) { gateway_.store().automation().CreateRule(rule, std::move(done)); });
    ASSERT_TRUE(created.ok()) << created.status();
  }
  void AddOrderRule(OnlineOrderAction action, bool fiscalize = true) {
    domain::AutomationRule rule;
    rule.id = "orders";
    rule.what = domain::OnlineOrderRule{
        .store_id = "store-1", .action = action, .fiscalize = fiscalize, .payment_method_id = "card"};
    AddRule(std::move(rule));
  }
  void AddDeliveryRule() {
    domain::AutomationRule rule;
    rule.id = "parcels";
    rule.what =
        domain::CashOnDeliveryRule{.create_payment = true, .fiscalize = true, .payment_method_id = "card"};
    AddRule(std::move(rule));
  }

  std::vector<domain::ReturnDueFacts> ReturnsDue() {
    const auto due = gateway_.store().automation().ReturnsDue();
    EXPECT_TRUE(due.ok()) << due.status();
    return due.value_or(std::vector<domain::ReturnDueFacts>());
  }

  static domain::OrderReport Order(int64_t received = 10000, int64_t revision = 1,
                                   const std::string& order_id = "O-1") {
    domain::OrderReport order;
    order.source_system = "shop";
    order.order_id = order_id;
    order.store_id = "store-1";
    order.revision = revision;
    order.state = domain::OrderState::kOpen;
    order.total = Money::FromKopiykas(10000);
    order.received = Money::FromKopiykas(received);
    order.payment_confirmed = true;
    domain::Line line;
    line.name = "Кава";
    line.quantity = Quantity::FromThousandths(1000);
    line.price = Money::FromKopiykas(10000);
    line.tax_id = "vat20";
    order.lines = {line};
    order.currency_code = "UAH";
    order.legal_entity_id = "tov-1";
    return order;
  }
  static domain::DeliveryReport Parcel(int64_t cash = 10000, const std::string& waybill = "TTN-1",
                                       const std::string& order_id = "O-1") {
    domain::DeliveryReport parcel;
    parcel.source_system = "shop";
    parcel.waybill_number = waybill;
    parcel.order_id = order_id;
    parcel.store_id = "store-1";
    parcel.revision = 1;
    parcel.handed_over = parcel.paid = parcel.payment_confirmed = true;
    parcel.cash_on_delivery = Money::FromKopiykas(cash);
    parcel.order_total = Money::FromKopiykas(10000);
    parcel.currency_code = "UAH";
    parcel.legal_entity_id = "tov-1";
    return parcel;
  }

  std::future<absl::StatusOr<ReportOutcome>> Start(domain::Report report) {
    auto answered = std::make_shared<std::promise<absl::StatusOr<ReportOutcome>>>();
    auto answer = answered->get_future();
    gateway_.engine().automation().Report(
        {.report = std::move(report), .max_wait = absl::Seconds(30)},
        [answered](absl::StatusOr<ReportOutcome> outcome) { answered->set_value(std::move(outcome)); });
    return answer;
  }
  ReportOutcome Report(domain::Report report) {
    absl::StatusOr<ReportOutcome> outcome = Start(std::move(report)).get();
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? *std::move(outcome) : ReportOutcome();
  }

  int64_t SumOfReceipts() const {
    int64_t sum = 0;
    for (const simulator::LedgerEntry& entry : gateway_.Receipts()) sum += entry.receipt.sum;
    return sum;
  }

  EngineOnSimulator gateway_;
};

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
