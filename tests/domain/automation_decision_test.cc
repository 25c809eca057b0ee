#include "server/domain/automation_decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/automation_checks.h"
#include "tests/domain/sale_builder.h"

// What is done about a report, for every outcome (product.md, points 16 and 17).
namespace kasa::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kActed = AutomationOutcome::kActed;
constexpr auto kAlreadyDone = AutomationOutcome::kAlreadyDone;
constexpr auto kNothingDue = AutomationOutcome::kNothingDue;
constexpr auto kSwitchedOff = AutomationOutcome::kSwitchedOff;
constexpr auto kNotConfirmed = AutomationOutcome::kNotConfirmed;
constexpr auto kStale = AutomationOutcome::kStale;
constexpr auto kReturnDue = AutomationOutcome::kReturnDue;
constexpr auto kRefused = AutomationOutcome::kRefused;

// An order of 100.00, wholly received.
OrderReport WholeOrder(int64_t received = 10000, int64_t revision = 1) {
  OrderReport order;
  order.source_system = "shop";
  order.order_id = "O-1";
  order.store_id = "store-1";
  order.revision = revision;
  order.state = OrderState::kOpen;
  order.total = K(10000);
  order.received = K(received);
  order.payment_confirmed = true;
  order.lines = {LineOf("Кава", 2000, 5000)};
  order.currency_code = "UAH";
  order.legal_entity_id = "tov-1";
  order.buyer.phone = "+380501234567";
  return order;
}

DeliveryReport PaidParcel(int64_t cash = 10000, int64_t revision = 1, std::string waybill = "TTN-1") {
  DeliveryReport parcel;
  parcel.source_system = "shop";
  parcel.waybill_number = std::move(waybill);
  parcel.order_id = "O-1";
  parcel.store_id = "store-1";
  parcel.revision = revision;
  parcel.handed_over = parcel.paid = parcel.payment_confirmed = true;
  parcel.cash_on_delivery = K(cash);
  parcel.order_total = K(10000);
  parcel.currency_code = "UAH";
  return parcel;
}

AutomationRule OrderRule(OnlineOrderAction action, bool fiscalize = true) {
  AutomationRule rule;
  rule.id = "rule-1";
  rule.source_system = "shop";
  rule.integration_id = "shop-1";
  rule.active = true;
  rule.what = OnlineOrderRule{
      .store_id = "store-1", .action = action, .fiscalize = fiscalize, .payment_method_id = "online"};
  return rule;
}

AutomationRule DeliveryRule(bool create = true, bool fiscalize = true) {
  AutomationRule rule = OrderRule(OnlineOrderAction::kNothing);
  rule.what = CashOnDeliveryRule{.store_id = "store-1",
                                 .create_payment = create,
                                 .fiscalize = fiscalize,
                                 .payment_method_id = "novapay"};
  return rule;
}

constexpr State kNotSent = static_cast<State>(0);  // no fiscalization has its key

// Puts what a decision made among what was seen, with what became of it.
void Keep(const AutomationDecision& decision, State became, SeenBefore& seen) {
  ASSERT_TRUE(decision.make.has_value()) << decision.message;
  CreatedDocument made = *decision.make;
  std::erase_if(seen.created, [&made](const CreatedDocument& other) {
    return other.subject == made.subject && other.number == made.number;
  });
  if (became != kNotSent) {
    Fiscalization fiscalization;
    fiscalization.id = absl::StrCat("f-", made.document_id);
    fiscalization.key = {.source_system = "shop", .kind = made.kind, .document_id = made.document_id};
    fiscalization.state = became;
    fiscalization.draft.sum = made.amount;
    if (became != State::kFailed && became != State::kCancelled) seen.receipts.push_back(fiscalization);
    made.fiscalization = std::move(fiscalization);
  }
  seen.created.push_back(std::move(made));
}

void KeepReturn(const std::string& original_id, int64_t sum, State state, SeenBefore& seen) {
  Fiscalization back;
  back.id = absl::StrCat("r-", seen.receipts.size());
  back.key = {.source_system = "shop", .kind = DocumentKind::kReturn, .document_id = back.id};
  back.original_id = original_id;
  back.state = state;
  back.draft.sum = K(sum);
  seen.receipts.push_back(std::move(back));
}

void KeepOther(DocumentKind kind, int64_t sum, State state, SeenBefore& seen) {
  Fiscalization other;
  other.id = absl::StrCat("o-", seen.receipts.size());
  other.key = {.source_system = "shop", .kind = kind, .document_id = other.id};
  other.state = state;
  other.draft.sum = K(sum);
  seen.receipts.push_back(std::move(other));
}

// --- orders: one row a case, every outcome

struct OrderCase {
  const char* what;
  std::optional<AutomationRule> rule;
  std::function<void(OrderReport&, SeenBefore&)> given;
  AutomationOutcome outcome;
  std::optional<Reason> reason;
};

const AutomationRule kSaleRule = OrderRule(OnlineOrderAction::kSale);
const AutomationRule kPaymentRule = OrderRule(OnlineOrderAction::kPayment);

void AfterSale(State became, const OrderReport& order, SeenBefore& seen) {
  OrderReport first = order;
  first.received = first.total;
  first.state = OrderState::kOpen;
  first.payment_confirmed = true;
  Keep(DecideOrder(first, &kSaleRule, seen, kToday), became, seen);
}

std::vector<OrderCase> OrderCases() {
  AutomationRule inactive = kSaleRule;
  inactive.active = false;
  const auto nothing = [](OrderReport&, SeenBefore&) {};
  const auto seen_later = [](OrderReport& order, SeenBefore& seen) {
    seen.reports = {{.revision = order.revision + 1, .received = K(0)}};
  };
  return {
      {"received, sale", kSaleRule, nothing, kActed, std::nullopt},
      {"received, payment", kPaymentRule, nothing, kActed, std::nullopt},
      {"no rule", std::nullopt, nothing, kSwitchedOff, std::nullopt},
      {"rule not active", inactive, nothing, kSwitchedOff, std::nullopt},
      {"rule does nothing", OrderRule(OnlineOrderAction::kNothing), nothing, kSwitchedOff, std::nullopt},
      {"late", kSaleRule, seen_later, kStale, std::nullopt},
      {"late and no rule", std::nullopt, seen_later, kStale, std::nullopt},
      {"nothing received", kSaleRule, [](OrderReport& order, SeenBefore&) { order.received = K(0); },
       kNothingDue, std::nullopt},
      {"a part received, sale", kSaleRule, [](OrderReport& order, SeenBefore&) { order.received = K(9999); },
       kNothingDue, std::nullopt},
      {"a part received, payment", kPaymentRule,
       [](OrderReport& order, SeenBefore&) { order.received = K(9999); }, kActed, std::nullopt},
      {"not confirmed", kSaleRule, [](OrderReport& order, SeenBefore&) { order.payment_confirmed = false; },
       kNotConfirmed, Reason::kPaymentNotConfirmed},
      {"not confirmed, and nothing received", kSaleRule,
       [](OrderReport& order, SeenBefore&) {
         order.payment_confirmed = false;
         order.received = K(0);
       },
       kNothingDue, std::nullopt},
      {"cancelled, nothing made", kSaleRule,
       [](OrderReport& order, SeenBefore&) { order.state = OrderState::kCancelled; }, kNothingDue,
       std::nullopt},
      {"cancelled after its receipt", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) {
         AfterSale(State::kFiscalized, order, seen);
         order.state = OrderState::kCancelled;
       },
       kReturnDue, std::nullopt},
      {"cancelled after another's receipt", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) {
         KeepOther(DocumentKind::kSale, 10000, State::kInDoubt, seen);
         order.state = OrderState::kCancelled;
       },
       kReturnDue, std::nullopt},
      {"cancelled after it failed", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) {
         AfterSale(State::kFailed, order, seen);
         order.state = OrderState::kCancelled;
       },
       kNothingDue, std::nullopt},
      {"cancelled after it was returned", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) {
         AfterSale(State::kFiscalized, order, seen);
         KeepReturn(seen.receipts.front().id, 10000, State::kFiscalized, seen);
         order.state = OrderState::kCancelled;
       },
       kNothingDue, std::nullopt},
      {"less received than its receipt is for", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) {
         AfterSale(State::kFiscalized, order, seen);
         order.received = K(4000);
       },
       kReturnDue, Reason::kReceivedAmountDecreased},
      {"less received than a receipt in doubt is for", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) {
         AfterSale(State::kInDoubt, order, seen);
         order.received = K(4000);
       },
       kReturnDue, Reason::kReceivedAmountDecreased},
      {"less received than others' receipts are for", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) {
         KeepOther(DocumentKind::kPayment, 10000, State::kFiscalized, seen);
         order.received = K(0);
       },
       kNothingDue, std::nullopt},
      {"again", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) { AfterSale(State::kFiscalized, order, seen); }, kAlreadyDone,
       std::nullopt},
      {"again after it failed", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) { AfterSale(State::kFailed, order, seen); }, kAlreadyDone,
       std::nullopt},
      {"again after a crash, before it was accepted", kSaleRule,
       [](OrderReport& order, SeenBefore& seen) { AfterSale(kNotSent, order, seen); }, kActed, std::nullopt},
      {"all is on the caller's own receipt", kSaleRule,
       [](OrderReport&, SeenBefore& seen) {
         KeepOther(DocumentKind::kSale, 10000, State::kFiscalized, seen);
       },
       kNothingDue, Reason::kOrderAlreadyFiscalized},
      {"all is on the caller's own receipt, payment", kPaymentRule,
       [](OrderReport&, SeenBefore& seen) { KeepOther(DocumentKind::kSale, 10000, State::kAccepted, seen); },
       kNothingDue, Reason::kOrderAlreadyFiscalized},
      {"by two payments at once, payment", kPaymentRule,
       [](OrderReport& order, SeenBefore&) {
         order.payments = {PaymentBy("card", 4000), PaymentBy("online", 6000)};
       },
       kRefused, Reason::kDocumentInvalid},
      {"by two payments at once, sale", kSaleRule,
       [](OrderReport& order, SeenBefore&) {
         order.payments = {PaymentBy("card", 4000), PaymentBy("online", 6000)};
       },
       kActed, std::nullopt},
  };
}

class OrderDecisionTest : public testing::TestWithParam<OrderCase> {};

TEST_P(OrderDecisionTest, IsAsTheTableSays) {
  const OrderCase& row = GetParam();
  OrderReport order = WholeOrder(10000, 5);
  SeenBefore seen;
  row.given(order, seen);
  const AutomationDecision decision = DecideOrder(order, row.rule ? &*row.rule : nullptr, seen, kToday);
  EXPECT_EQ(decision.outcome, row.outcome) << row.what << ": " << decision.message;
  EXPECT_EQ(decision.reason, row.reason) << row.what;
  EXPECT_EQ(decision.make.has_value(), row.outcome == kActed) << row.what;
  EXPECT_EQ(decision.return_due.IsPositive(), row.outcome == kReturnDue) << row.what;
  EXPECT_EQ(decision.rule_id, row.rule ? "rule-1" : "") << row.what;
  EXPECT_FALSE(decision.message.empty()) << row.what;
}

INSTANTIATE_TEST_SUITE_P(All, OrderDecisionTest, testing::ValuesIn(OrderCases()),
                         [](const auto& row) { return absl::StrCat("Case", row.index); });

TEST(OrderDecisionTableTest, HasEveryOutcome) {
  std::set<AutomationOutcome> outcomes;
  for (const OrderCase& row : OrderCases()) outcomes.insert(row.outcome);
  EXPECT_THAT(outcomes, SizeIs(8));
}

// --- what is made

TEST(CreatedSaleTest, HasTheOrdersLinesAndTodaysDate) {
  const AutomationDecision decision = DecideOrder(WholeOrder(), &kSaleRule, {}, kToday);
  const CreatedDocument& sale = *decision.make;
  EXPECT_EQ(sale.kind, DocumentKind::kSale);
  EXPECT_EQ(sale.document_id, "order:O-1");
  EXPECT_EQ(sale.content.document_date, "2026-11-23");
  EXPECT_EQ(sale.content.lines, WholeOrder().lines);
  EXPECT_THAT(sale.content.payments, ElementsAre(PaymentBy("online", 10000)));
  EXPECT_EQ(sale.content.order_total, K(10000));
  EXPECT_EQ(sale.content.integration_id, "shop-1");
  EXPECT_TRUE(sale.content.activated);
  EXPECT_TRUE(decision.fiscalize);
  EXPECT_THAT(PriceInShop(sale.content).violations, IsEmpty());
}

TEST(CreatedSaleTest, IsMadeAnewWithTheNextDaysDateWhileItHasNoFiscalization) {
  const AutomationRule told_only = OrderRule(OnlineOrderAction::kSale, false);
  SeenBefore seen;
  Keep(DecideOrder(WholeOrder(), &told_only, seen, kToday), kNotSent, seen);
  const AutomationDecision again = DecideOrder(WholeOrder(), &told_only, seen, kToday + 1);
  EXPECT_EQ(again.outcome, kAlreadyDone);
  EXPECT_FALSE(again.fiscalize);
  EXPECT_EQ(again.make->document_id, "order:O-1");
  EXPECT_EQ(again.make->number, 1);
  EXPECT_EQ(again.make->content.document_date, "2026-11-24");
}

TEST(CreatedPaymentTest, IsOfWhatWasNotMadeAPaymentOfBefore) {
  SeenBefore seen;
  const AutomationDecision first = DecideOrder(WholeOrder(4000, 1), &kPaymentRule, seen, kToday);
  EXPECT_EQ(first.make->document_id, "order:O-1:1");
  EXPECT_EQ(first.make->amount, K(4000));
  EXPECT_EQ(first.make->content.direction, PaymentDirection::kIncoming);
  EXPECT_THAT(first.make->content.lines, IsEmpty()) << "a part can't be told by lines";
  EXPECT_THAT(first.warnings, ElementsAre(Warns(Reason::kLinesLeftOut, "", "the default payment line")));
  Keep(first, State::kFiscalized, seen);
  seen.reports = {{.revision = 1, .received = K(4000)}};

  const AutomationDecision second = DecideOrder(WholeOrder(10000, 2), &kPaymentRule, seen, kToday);
  EXPECT_EQ(second.make->document_id, "order:O-1:2");
  EXPECT_EQ(second.make->amount, K(6000));
  Keep(second, State::kAccepted, seen);

  EXPECT_EQ(DecideOrder(WholeOrder(10000, 2), &kPaymentRule, seen, kToday).outcome, kAlreadyDone);
  EXPECT_EQ(DecideOrder(WholeOrder(10000, 3), &kPaymentRule, seen, kToday).outcome, kAlreadyDone);
}

TEST(CreatedPaymentTest, OfAllHasTheOrdersLines) {
  const AutomationDecision decision = DecideOrder(WholeOrder(), &kPaymentRule, {}, kToday);
  EXPECT_EQ(decision.make->content.lines, WholeOrder().lines);
  EXPECT_THAT(decision.warnings, IsEmpty());
}

TEST(CreatedPaymentTest, IsByTheMethodThatTheRestCameBy) {
  SeenBefore seen;
  OrderReport order = WholeOrder(4000, 1);
  order.payments = {PaymentBy("card", 4000)};
  Keep(DecideOrder(order, &kPaymentRule, seen, kToday), State::kFiscalized, seen);
  seen.reports = {{.revision = 1, .received = K(4000)}};
  order = WholeOrder(10000, 2);
  order.payments = {PaymentBy("card", 4000), PaymentBy("cash", 6000)};
  EXPECT_THAT(DecideOrder(order, &kPaymentRule, seen, kToday).make->content.payments,
              ElementsAre(PaymentBy("cash", 6000)));
}

TEST(CreatedPaymentTest, IsNeverMoreThanTheOrdersReceiptsLeaveRoomFor) {
  SeenBefore seen;
  KeepOther(DocumentKind::kSale, 7000, State::kInDoubt, seen);
  EXPECT_EQ(DecideOrder(WholeOrder(), &kPaymentRule, seen, kToday).make->amount, K(3000));
}

TEST(CreatedPaymentTest, MoneyThatCameBackAndWasPaidAgainIsReceivedAgain) {
  SeenBefore seen;
  Keep(DecideOrder(WholeOrder(10000, 1), &kPaymentRule, seen, kToday), State::kFiscalized, seen);
  seen.reports = {{.revision = 1, .received = K(10000)}};
  const AutomationDecision less = DecideOrder(WholeOrder(6000, 2), &kPaymentRule, seen, kToday);
  EXPECT_EQ(less.outcome, kReturnDue);
  EXPECT_EQ(less.return_due, K(4000));
  seen.reports.push_back({.revision = 2, .received = K(6000)});

  EXPECT_EQ(DecideOrder(WholeOrder(10000, 3), &kPaymentRule, seen, kToday).outcome, kAlreadyDone)
      << "nothing was returned: the receipt is for what is received";

  KeepReturn(seen.receipts.front().id, 4000, State::kAccepted, seen);
  EXPECT_EQ(DecideOrder(WholeOrder(6000, 2), &kPaymentRule, seen, kToday).outcome, kAlreadyDone)
      << "the return is on its way";
  EXPECT_EQ(DecideOrder(WholeOrder(10000, 3), &kPaymentRule, seen, kToday).outcome, kAlreadyDone)
      << "and makes no room before it has its receipt";
  seen.receipts.back().state = State::kFiscalized;
  const AutomationDecision again = DecideOrder(WholeOrder(10000, 3), &kPaymentRule, seen, kToday);
  EXPECT_EQ(again.outcome, kActed);
  EXPECT_EQ(again.make->amount, K(4000));
  EXPECT_EQ(again.make->document_id, "order:O-1:2");
}

TEST(CreatedPaymentTest, ThatWasRefusedIsTriedAnewUnderItsNumber) {
  SeenBefore seen;
  Keep(DecideOrder(WholeOrder(4000, 1), &kPaymentRule, seen, kToday), kNotSent, seen);
  seen.created.back().refused = true;
  seen.reports = {{.revision = 1, .received = K(4000)}};
  const AutomationDecision later = DecideOrder(WholeOrder(10000, 2), &kPaymentRule, seen, kToday);
  EXPECT_EQ(later.outcome, kActed);
  EXPECT_EQ(later.make->document_id, "order:O-1:1");
  EXPECT_EQ(later.make->amount, K(10000));
}

TEST(CreatedPaymentTest, ThatWasLeftByACrashIsSentByTheNextReport) {
  SeenBefore seen;
  Keep(DecideOrder(WholeOrder(), &kPaymentRule, seen, kToday), kNotSent, seen);
  const AutomationDecision again = DecideOrder(WholeOrder(), &kPaymentRule, seen, kToday);
  EXPECT_EQ(again.told->document_id, "order:O-1:1");
  EXPECT_TRUE(again.fiscalize);
}

TEST(SwitchedOffTest, TheSameReportIsAnsweredAsDoneThoughItsRuleIsGone) {
  SeenBefore seen;
  Keep(DecideOrder(WholeOrder(), &kSaleRule, seen, kToday), State::kFiscalized, seen);
  EXPECT_EQ(DecideOrder(WholeOrder(), nullptr, seen, kToday).outcome, kAlreadyDone);
  EXPECT_EQ(DecideOrder(WholeOrder(10000, 2), nullptr, seen, kToday).outcome, kSwitchedOff);
}

TEST(ReturnDueTest, CountsWhatWasToldToBeSentAndNotWhatIsOnItsWayBack) {
  const AutomationRule told_only = OrderRule(OnlineOrderAction::kPayment, false);
  SeenBefore seen;
  Keep(DecideOrder(WholeOrder(), &told_only, seen, kToday), kNotSent, seen);
  EXPECT_EQ(DecideOrder(WholeOrder(1000, 2), &told_only, seen, kToday).return_due, K(9000));

  seen = {};
  Keep(DecideOrder(WholeOrder(), &kSaleRule, seen, kToday), State::kFiscalized, seen);
  KeepReturn(seen.receipts.front().id, 2500, State::kAccepted, seen);
  OrderReport cancelled = WholeOrder(0, 2);
  cancelled.state = OrderState::kCancelled;
  EXPECT_EQ(DecideOrder(cancelled, &kSaleRule, seen, kToday).return_due, K(7500));
}

// --- deliveries: one row a case, every outcome but RETURN_DUE, which is no parcel's

struct DeliveryCase {
  const char* what;
  std::optional<AutomationRule> rule;
  std::function<void(DeliveryReport&, SeenBefore&)> given;
  AutomationOutcome outcome;
  std::optional<Reason> reason;
};

void AfterPayment(State became, const DeliveryReport& parcel, SeenBefore& seen) {
  const AutomationRule rule = DeliveryRule();
  Keep(DecideDelivery(parcel, &rule, seen), became, seen);
}

std::vector<DeliveryCase> DeliveryCases() {
  AutomationRule inactive = DeliveryRule();
  inactive.active = false;
  const auto nothing = [](DeliveryReport&, SeenBefore&) {};
  return {
      {"handed over, paid and confirmed", DeliveryRule(), nothing, kActed, std::nullopt},
      {"no rule", std::nullopt, nothing, kSwitchedOff, std::nullopt},
      {"rule not active", inactive, nothing, kSwitchedOff, std::nullopt},
      {"rule creates nothing", DeliveryRule(false), nothing, kSwitchedOff, std::nullopt},
      {"late", DeliveryRule(),
       [](DeliveryReport&, SeenBefore& seen) { seen.reports = {{.revision = 6, .received = K(0)}}; }, kStale,
       std::nullopt},
      {"not handed over", DeliveryRule(),
       [](DeliveryReport& parcel, SeenBefore&) { parcel.handed_over = false; }, kNothingDue, std::nullopt},
      {"not paid", DeliveryRule(), [](DeliveryReport& parcel, SeenBefore&) { parcel.paid = false; },
       kNothingDue, std::nullopt},
      {"not confirmed", DeliveryRule(),
       [](DeliveryReport& parcel, SeenBefore&) { parcel.payment_confirmed = false; }, kNotConfirmed,
       Reason::kPaymentNotConfirmed},
      {"again", DeliveryRule(),
       [](DeliveryReport& parcel, SeenBefore& seen) { AfterPayment(State::kFiscalized, parcel, seen); },
       kAlreadyDone, std::nullopt},
      {"again after it failed", DeliveryRule(),
       [](DeliveryReport& parcel, SeenBefore& seen) { AfterPayment(State::kFailed, parcel, seen); },
       kAlreadyDone, std::nullopt},
      {"again after a crash", DeliveryRule(),
       [](DeliveryReport& parcel, SeenBefore& seen) { AfterPayment(kNotSent, parcel, seen); }, kAlreadyDone,
       std::nullopt},
      {"again after it was refused", DeliveryRule(),
       [](DeliveryReport& parcel, SeenBefore& seen) {
         AfterPayment(kNotSent, parcel, seen);
         seen.created.back().refused = true;
       },
       kActed, std::nullopt},
      {"the order is on receipts", DeliveryRule(),
       [](DeliveryReport&, SeenBefore& seen) {
         KeepOther(DocumentKind::kSale, 10000, State::kFiscalized, seen);
       },
       kNothingDue, Reason::kOrderAlreadyFiscalized},
      {"what it carries is on a receipt", DeliveryRule(),
       [](DeliveryReport& parcel, SeenBefore& seen) {
         parcel.delivered_document = DocumentName{.source_system = "erp", .document_id = "SO-1"};
         KeepOther(DocumentKind::kSale, 100, State::kInDoubt, seen);
         seen.delivered = std::move(seen.receipts);
         seen.receipts.clear();
       },
       kNothingDue, Reason::kOrderAlreadyFiscalized},
      {"another total", DeliveryRule(), [](DeliveryReport&, SeenBefore& seen) { seen.order_total = K(9999); },
       kRefused, Reason::kOrderTotalDiffers},
  };
}

class DeliveryDecisionTest : public testing::TestWithParam<DeliveryCase> {};

TEST_P(DeliveryDecisionTest, IsAsTheTableSays) {
  const DeliveryCase& row = GetParam();
  DeliveryReport parcel = PaidParcel(10000, 5);
  SeenBefore seen;
  row.given(parcel, seen);
  const AutomationDecision decision = DecideDelivery(parcel, row.rule ? &*row.rule : nullptr, seen);
  EXPECT_EQ(decision.outcome, row.outcome) << row.what << ": " << decision.message;
  EXPECT_EQ(decision.reason, row.reason) << row.what;
  EXPECT_EQ(decision.make.has_value(), row.outcome == kActed) << row.what;
  EXPECT_FALSE(decision.message.empty()) << row.what;
}

INSTANTIATE_TEST_SUITE_P(All, DeliveryDecisionTest, testing::ValuesIn(DeliveryCases()),
                         [](const auto& row) { return absl::StrCat("Case", row.index); });

TEST(DeliveryDecisionTableTest, HasEveryOutcomeOfAParcel) {
  std::set<AutomationOutcome> outcomes;
  for (const DeliveryCase& row : DeliveryCases()) outcomes.insert(row.outcome);
  EXPECT_THAT(outcomes, SizeIs(7));
}

TEST(CashOnDeliveryTest, IsAPaymentByTheRulesMethodForWhatIsUnpaid) {
  const AutomationRule rule = DeliveryRule();
  SeenBefore seen;
  KeepOther(DocumentKind::kPayment, 6000, State::kFiscalized, seen);
  const AutomationDecision decision = DecideDelivery(PaidParcel(5000), &rule, seen);
  EXPECT_EQ(decision.make->document_id, "waybill:TTN-1");
  EXPECT_EQ(decision.make->amount, K(4000)) << "of 50.00, what 60.00 leaves of 100.00";
  EXPECT_THAT(decision.make->content.payments, ElementsAre(PaymentBy("novapay", 4000)));
  EXPECT_THAT(decision.warnings,
              ElementsAre(Warns(Reason::kOrderAlreadyFiscalized, "", "on no receipt yet")));
}

TEST(CashOnDeliveryTest, TwoParcelsOfOneOrderEachHaveTheirOwn) {
  const AutomationRule rule = DeliveryRule();
  SeenBefore seen;
  Keep(DecideDelivery(PaidParcel(7000, 1, "TTN-1"), &rule, seen), State::kAccepted, seen);
  const AutomationDecision second = DecideDelivery(PaidParcel(7000, 1, "TTN-2"), &rule, seen);
  EXPECT_EQ(second.make->document_id, "waybill:TTN-2");
  EXPECT_EQ(second.make->amount, K(3000));
}

TEST(CashOnDeliveryTest, LeavesRoomForWhatAnOrderReportMadeAndHasNoReceiptYet) {
  const AutomationRule rule = DeliveryRule();
  SeenBefore seen;
  Keep(DecideOrder(WholeOrder(10000), &kPaymentRule, seen, kToday), kNotSent, seen);
  EXPECT_EQ(DecideDelivery(PaidParcel(), &rule, seen).outcome, kNothingDue);
}

TEST(CashOnDeliveryTest, NeedsTheOrdersTotal) {
  const AutomationRule rule = DeliveryRule();
  DeliveryReport parcel = PaidParcel();
  parcel.order_total.reset();
  EXPECT_THAT(DecideDelivery(parcel, &rule, {}).of_request,
              ElementsAre(Violates("delivery.order_total_kopiykas", Reason::kFieldRequired)));
  SeenBefore seen;
  seen.order_total = K(10000);
  EXPECT_EQ(DecideDelivery(parcel, &rule, seen).outcome, kActed);
}

TEST(CreatedDocumentIdTest, HoldsAnyId) {
  const std::string longest(128, 'o');
  const ReportSubject subject{.kind = ReportKind::kOrder, .source_system = "shop", .id = longest};
  const std::string id = CreatedDocumentId(subject, DocumentKind::kPayment, 12);
  EXPECT_LE(id.size(), 128U);
  EXPECT_EQ(id.substr(0, 13), "order:sha256:");
}

TEST(ReportFingerprintTest, IsOfAllButTheContacts) {
  OrderReport order = WholeOrder();
  const std::string same = FingerprintOf(Report(order));
  order.buyer.phone.clear();
  EXPECT_EQ(FingerprintOf(Report(order)), same);
  order.received = K(1);
  EXPECT_NE(FingerprintOf(Report(order)), same);
}

}  // namespace
}  // namespace kasa::domain
