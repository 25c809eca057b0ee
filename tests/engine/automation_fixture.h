#ifndef KASA_TESTS_ENGINE_AUTOMATION_FIXTURE_H_
#define KASA_TESTS_ENGINE_AUTOMATION_FIXTURE_H_

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/engine/automation.h"
#include "server/store/automation_store.h"
#include "tests/engine/engine_on_simulator.h"

// Reports of online orders and of parcels on the real engine, store and adapter (product.md, points 16 and
// 17): one integration, with a rule that the test adds.
namespace kasa::engine {

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
  void AddOrderRule(domain::OnlineOrderAction action, bool fiscalize = true) {
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

}  // namespace kasa::engine

#endif  // KASA_TESTS_ENGINE_AUTOMATION_FIXTURE_H_
