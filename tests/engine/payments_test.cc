#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_simulator.h"

// Payments, and all receipts of one order together, on the real engine, store and adapter (product.md, points
// 10 to 12).
namespace kasa::engine {
namespace {

using domain::DocumentKind;
using domain::State;
using testing::SizeIs;

class PaymentsTest : public testing::Test {
 protected:
  PaymentsTest() : gateway_({.registers = 2}) {
    for (const int at : {1, 2}) {
      Set(at, [](domain::Integration& integration) {
        integration.default_payment_line = domain::DefaultPaymentLine{"Оплата замовлення", "vat20"};
      });
    }
  }

  void Set(int at, std::function<void(domain::Integration&)> set) {
    gateway_.Change(
        at, [set = std::move(set)](store::IntegrationRecord& record, const store::IntegrationSurroundings&) {
          set(record.integration);
          return absl::OkStatus();
        });
  }
  void AllowPartPayments() {
    Set(1, [](domain::Integration& one) { one.part_payments = domain::PartPayments::kAllowed; });
  }

  // Of the whole of order "order-1", which comes to `total`, unless told otherwise.
  DocumentRequest Payment(const std::string& id, int64_t amount = 4500, int64_t total = 4500,
                          int at = 1) const {
    DocumentRequest request;
    request.kind = DocumentKind::kPayment;
    request.source_system = "test";
    request.document_id = id;
    domain::Document& payment = request.document;
    payment.activated = true;
    payment.currency_code = "UAH";
    payment.legal_entity_id = "tov-1";
    payment.integration_id = EngineOnSimulator::IntegrationId(at);
    payment.order_id = "order-1";
    payment.order_total = Money::FromKopiykas(total);
    payment.direction = domain::PaymentDirection::kIncoming;
    payment.payments = {{.payment_method_id = "card", .amount = Money::FromKopiykas(amount)}};
    return request;
  }
  DocumentRequest Sale(const std::string& id, int64_t amount = 4500, int at = 1) const {
    DocumentRequest request = gateway_.Sale(id, amount, at);
    request.document.order_id = "order-1";
    return request;
  }

  // Sends all at once, and waits for all answers.
  std::vector<absl::StatusOr<FiscalizeOutcome>> FiscalizeAtOnce(std::vector<DocumentRequest> requests) {
    std::vector<std::future<absl::StatusOr<FiscalizeOutcome>>> answers;
    for (DocumentRequest& request : requests) {
      auto answered = std::make_shared<std::promise<absl::StatusOr<FiscalizeOutcome>>>();
      answers.push_back(answered->get_future());
      request.max_wait = absl::Seconds(30);
      gateway_.engine().fiscalizer().Fiscalize(
          std::move(request),
          [answered](absl::StatusOr<FiscalizeOutcome> outcome) { answered->set_value(std::move(outcome)); });
    }
    std::vector<absl::StatusOr<FiscalizeOutcome>> outcomes;
    for (auto& answer : answers) outcomes.push_back(answer.get());
    return outcomes;
  }

  EngineOnSimulator gateway_;
};

// What a call that was begun ends with.
class Answer {
 public:
  auto Taker() {
    return [answered = answered_](absl::StatusOr<FiscalizeOutcome> outcome) {
      answered->set_value(std::move(outcome));
    };
  }
  absl::StatusOr<FiscalizeOutcome> Get() { return answered_->get_future().get(); }

 private:
  std::shared_ptr<std::promise<absl::StatusOr<FiscalizeOutcome>>> answered_ =
      std::make_shared<std::promise<absl::StatusOr<FiscalizeOutcome>>>();
};

State StateOf(const absl::StatusOr<FiscalizeOutcome>& outcome) {
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome.ok() && outcome->violations.empty() && outcome->fiscalization);
  return outcome.ok() && outcome->fiscalization ? outcome->fiscalization->state : State::kCancelled;
}

TEST_F(PaymentsTest, APaymentGetsItsReceipt) {
  const auto outcome = gateway_.Fiscalize(Payment("P-1"));
  ASSERT_EQ(StateOf(outcome), State::kFiscalized);
  const auto receipts = gateway_.Receipts();
  ASSERT_THAT(receipts, SizeIs(1));
  EXPECT_EQ(receipts.front().receipt.sum, 4500);
  EXPECT_EQ(outcome->fiscalization->receipt->fiscal_number, receipts.front().fiscal_number);
}

TEST_F(PaymentsTest, APaymentMayWaitForItsRegisterForSevenDays) {
  const auto accepted = gateway_.Fiscalize(Payment("P-1"), absl::ZeroDuration());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  const domain::Fiscalization& payment = *accepted->fiscalization;
  const absl::Duration wait = *payment.expire_time - payment.create_time;
  EXPECT_LE(wait, absl::Hours(7 * 24));
  EXPECT_GE(wait, absl::Hours(7 * 24) - absl::Minutes(1));
}

TEST_F(PaymentsTest, FiftyCallersOfOnePaymentGetOneReceipt) {
  const std::vector<DocumentRequest> same(50, Payment("P-1"));
  int replayed = 0;
  for (const auto& outcome : FiscalizeAtOnce(same)) {
    EXPECT_EQ(StateOf(outcome), State::kFiscalized);
    replayed += outcome.ok() && outcome->replayed ? 1 : 0;
  }
  EXPECT_EQ(replayed, 49);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

TEST_F(PaymentsTest, OfAPaymentAndADeliveryNoteOfOneOrderOneGetsAReceipt) {
  for (int round = 0; round < 20; ++round) {
    DocumentRequest payment = Payment(absl::StrCat("P-", round));
    DocumentRequest sale = Sale(absl::StrCat("SO-", round));
    payment.document.order_id = sale.document.order_id = absl::StrCat("order-", round);
    const bool payment_first = round % 2 == 0;
    std::vector<DocumentRequest> both;
    both.push_back(payment_first ? payment : sale);
    both.push_back(payment_first ? sale : payment);
    const auto outcomes = FiscalizeAtOnce(std::move(both));
    ASSERT_EQ(outcomes[0].ok() + outcomes[1].ok(), 1) << outcomes[0].status() << outcomes[1].status();
    const absl::Status& refused = outcomes[outcomes[0].ok() ? 1 : 0].status();
    EXPECT_EQ(ReasonOf(refused), Reason::kOrderAlreadyFiscalized) << refused;
  }
  EXPECT_THAT(gateway_.Receipts(), SizeIs(20));
}

TEST_F(PaymentsTest, OfTwoTotalsOfOneOrderOneBinds) {
  AllowPartPayments();
  for (int round = 0; round < 10; ++round) {
    DocumentRequest one = Payment(absl::StrCat("P-", round, "-1"), 1000, 5000);
    DocumentRequest two = Payment(absl::StrCat("P-", round, "-2"), 1000, 6000);
    one.document.order_id = two.document.order_id = absl::StrCat("order-", round);
    const auto outcomes = FiscalizeAtOnce({one, two});
    ASSERT_EQ(outcomes[0].ok() + outcomes[1].ok(), 1);
    EXPECT_EQ(ReasonOf(outcomes[outcomes[0].ok() ? 1 : 0].status()), Reason::kOrderTotalDiffers);
  }
}

TEST_F(PaymentsTest, ManyPaymentsOfOneOrderNeverExceedItsTotal) {
  AllowPartPayments();
  std::vector<DocumentRequest> payments;
  for (int i = 0; i < 20; ++i) payments.push_back(Payment(absl::StrCat("P-", i), 1000, 4500));
  int taken = 0;
  for (const auto& outcome : FiscalizeAtOnce(std::move(payments))) {
    taken += outcome.ok() ? 1 : 0;
    EXPECT_TRUE(outcome.ok() || ReasonOf(outcome.status()) == Reason::kOrderAlreadyFiscalized)
        << outcome.status();
  }
  EXPECT_EQ(taken, 4);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(4));
}

TEST_F(PaymentsTest, ADeliveryNoteThatIsPaidByAPaymentGetsNoReceiptOfItsOwn) {
  for (int round = 0; round < 20; ++round) {
    DocumentRequest sale = Sale(absl::StrCat("SO-", round));
    DocumentRequest payment = Payment(absl::StrCat("P-", round));
    sale.document.order_id.clear();
    payment.document.order_id.clear();
    payment.document.order_total.reset();
    payment.document.paid_document =
        domain::DocumentName{.source_system = "test", .document_id = sale.document_id};
    const bool payment_first = round % 2 == 0;
    std::vector<DocumentRequest> both;
    both.push_back(payment_first ? payment : sale);
    both.push_back(payment_first ? sale : payment);
    const auto outcomes = FiscalizeAtOnce(std::move(both));
    ASSERT_EQ(outcomes[0].ok() + outcomes[1].ok(), 1) << outcomes[0].status() << outcomes[1].status();
    EXPECT_EQ(ReasonOf(outcomes[outcomes[0].ok() ? 1 : 0].status()), Reason::kOrderAlreadyFiscalized);
  }
  EXPECT_THAT(gateway_.Receipts(), SizeIs(20));
}

TEST_F(PaymentsTest, AnOrderStaysOnItsRegister) {
  ASSERT_EQ(StateOf(gateway_.Fiscalize(Sale("SO-1", 1000))), State::kFiscalized);
  EXPECT_EQ(ReasonOf(gateway_.Fiscalize(Payment("P-1", 3500, 4500, 2)).status()),
            Reason::kOrderOnOtherRegister);
  EXPECT_EQ(StateOf(gateway_.Fiscalize(Payment("P-1", 3500, 4500, 1))), State::kFiscalized)
      << "the rest of it";
}

TEST_F(PaymentsTest, WhatFailedMakesRoomAndIsNotRetriedIntoIt) {
  ASSERT_TRUE(gateway_.cloud().AddFault(RefusalOf(1, 1002)).ok());
  const auto sale = gateway_.Fiscalize(Sale("SO-1"));
  ASSERT_EQ(StateOf(sale), State::kFailed);
  EXPECT_EQ(StateOf(gateway_.Fiscalize(Payment("P-1"))), State::kFiscalized);
  EXPECT_EQ(ReasonOf(gateway_.Retry(sale->fiscalization->id).status()), Reason::kOrderAlreadyFiscalized);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

// The room that a failed sale has left is taken by its retry or by a payment, whichever comes first, and
// never by both: rule 6 of architecture.md, decided in the writer's transaction.
TEST_F(PaymentsTest, OfARetryAndAPaymentForTheSameRoomOneGetsAReceipt) {
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    DocumentRequest sale = Sale(absl::StrCat("SO-", round));
    DocumentRequest payment = Payment(absl::StrCat("P-", round));
    sale.document.order_id = payment.document.order_id = absl::StrCat("order-", round);
    ASSERT_TRUE(gateway_.cloud().AddFault(RefusalOf(1, 1077)).ok());
    const auto failed = gateway_.Fiscalize(sale);
    ASSERT_EQ(StateOf(failed), State::kFailed);

    const auto begin_retry = [&](auto done) {
      gateway_.engine().fiscalizer().Retry(
          {.fiscalization_id = failed->fiscalization->id, .max_wait = absl::Seconds(30)}, std::move(done));
    };
    const auto begin_payment = [&](auto done) {
      payment.max_wait = absl::Seconds(30);
      gateway_.engine().fiscalizer().Fiscalize(payment, std::move(done));
    };
    Answer retried, paid;
    if (round % 2 == 0) {
      begin_retry(retried.Taker());
      begin_payment(paid.Taker());
    } else {
      begin_payment(paid.Taker());
      begin_retry(retried.Taker());
    }
    const absl::StatusOr<FiscalizeOutcome> again = retried.Get();
    const absl::StatusOr<FiscalizeOutcome> payment_outcome = paid.Get();
    ASSERT_EQ(again.ok() + payment_outcome.ok(), 1) << again.status() << payment_outcome.status();
    EXPECT_EQ(ReasonOf(again.ok() ? payment_outcome.status() : again.status()),
              Reason::kOrderAlreadyFiscalized);
    EXPECT_EQ(StateOf(again.ok() ? again : payment_outcome), State::kFiscalized);
  }
  EXPECT_THAT(gateway_.Receipts(), SizeIs(kRounds));
}

TEST_F(PaymentsTest, WhatIsInDoubtKeepsItsRoom) {
  simulator::Fault lost{.kind = simulator::FaultKind::kCutAfterBody, .committed = true};
  lost.task = 1;
  ASSERT_TRUE(gateway_.cloud().AddFault(lost).ok());
  const auto sale = gateway_.Fiscalize(Sale("SO-1"), absl::ZeroDuration());
  ASSERT_TRUE(sale.ok()) << sale.status();
  // Open, in doubt or settled by now: refused in each of them.
  EXPECT_EQ(ReasonOf(gateway_.Fiscalize(Payment("P-1")).status()), Reason::kOrderAlreadyFiscalized);
  const auto settled = gateway_.Get(sale->fiscalization->id, absl::Seconds(30));
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->state, State::kFiscalized);
  EXPECT_EQ(ReasonOf(gateway_.Fiscalize(Payment("P-1")).status()), Reason::kOrderAlreadyFiscalized);
  EXPECT_THAT(gateway_.Receipts(), SizeIs(1));
}

TEST_F(PaymentsTest, APartPaymentIsRefusedUnlessAllowed) {
  EXPECT_EQ(ReasonOf(gateway_.Fiscalize(Payment("P-1", 1000)).status()), Reason::kFiscalChainPrepayment);
  AllowPartPayments();
  EXPECT_EQ(StateOf(gateway_.Fiscalize(Payment("P-1", 1000))), State::kFiscalized);
  DocumentRequest more = Payment("P-2", 3501);
  EXPECT_EQ(ReasonOf(gateway_.Fiscalize(more).status()), Reason::kOrderAlreadyFiscalized);
  EXPECT_EQ(StateOf(gateway_.Fiscalize(Payment("P-2", 3500))), State::kFiscalized);
}

TEST_F(PaymentsTest, ValidateOnlyTellsWhatWouldBeRefusedAndBindsNothing) {
  DocumentRequest tried = Payment("P-1", 4500, 4500);
  tried.validate_only = true;
  const auto told = gateway_.Fiscalize(tried);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_TRUE(told->draft.has_value());
  EXPECT_EQ(StateOf(gateway_.Fiscalize(Payment("P-2", 5000, 5000))), State::kFiscalized) << "another total";
  EXPECT_EQ(ReasonOf(gateway_.Fiscalize(tried).status()), Reason::kOrderTotalDiffers);
}

}  // namespace
}  // namespace kasa::engine
