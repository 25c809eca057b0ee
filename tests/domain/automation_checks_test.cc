#include "server/domain/automation_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/domain/sale_builder.h"

// Bad rules and bad reports: each with its field and its reason.
namespace kasa::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AutomationRule AnOrderRule() {
  AutomationRule rule;
  rule.source_system = "shop";
  rule.integration_id = "shop-1";
  rule.what = OnlineOrderRule{.store_id = "store-1"};
  return rule;
}

struct BadRule {
  const char* what;
  std::function<void(AutomationRule&)> spoil;
  const char* field;
  Reason reason;
};

class BadRuleTest : public testing::TestWithParam<BadRule> {};

TEST_P(BadRuleTest, IsToldWithItsField) {
  AutomationRule rule = AnOrderRule();
  GetParam().spoil(rule);
  EXPECT_THAT(CheckRule(rule, "rule"), ElementsAre(Violates(GetParam().field, GetParam().reason)))
      << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRuleTest,
    testing::Values(
        BadRule{"id in capitals", [](AutomationRule& r) { r.id = "Rule"; }, "rule.rule_id",
                Reason::kFieldInvalid},
        BadRule{"id with a point", [](AutomationRule& r) { r.id = "a.b"; }, "rule.rule_id",
                Reason::kFieldInvalid},
        BadRule{"long id", [](AutomationRule& r) { r.id = std::string(65, 'a'); }, "rule.rule_id",
                Reason::kFieldTooLong},
        BadRule{"long name", [](AutomationRule& r) { r.display_name = std::string(129, 'a'); },
                "rule.display_name", Reason::kFieldTooLong},
        BadRule{"no system", [](AutomationRule& r) { r.source_system = ""; }, "rule.source_system",
                Reason::kFieldRequired},
        BadRule{"long system", [](AutomationRule& r) { r.source_system = std::string(65, 's'); },
                "rule.source_system", Reason::kFieldTooLong},
        BadRule{"system with a line end", [](AutomationRule& r) { r.source_system = "a\nb"; },
                "rule.source_system", Reason::kFieldInvalid},
        BadRule{"no integration", [](AutomationRule& r) { r.integration_id = ""; }, "rule.integration_id",
                Reason::kFieldRequired},
        BadRule{"long integration", [](AutomationRule& r) { r.integration_id = std::string(65, 'i'); },
                "rule.integration_id", Reason::kFieldTooLong},
        BadRule{"no store", [](AutomationRule& r) { r.what = OnlineOrderRule(); },
                "rule.online_order.store_id", Reason::kFieldRequired},
        BadRule{"long store",
                [](AutomationRule& r) { r.what = OnlineOrderRule{.store_id = std::string(129, 's')}; },
                "rule.online_order.store_id", Reason::kFieldTooLong},
        BadRule{"long method",
                [](AutomationRule& r) {
                  r.what = OnlineOrderRule{.store_id = "s", .payment_method_id = std::string(129, 'm')};
                },
                "rule.online_order.payment_method_id", Reason::kFieldTooLong},
        BadRule{"long store of parcels",
                [](AutomationRule& r) { r.what = CashOnDeliveryRule{.store_id = std::string(129, 's')}; },
                "rule.cash_on_delivery.store_id", Reason::kFieldTooLong},
        BadRule{"long method of parcels",
                [](AutomationRule& r) {
                  r.what = CashOnDeliveryRule{.payment_method_id = std::string(129, 'm')};
                },
                "rule.cash_on_delivery.payment_method_id", Reason::kFieldTooLong}),
    [](const auto& row) { return absl::StrCat("Case", row.index); });

TEST(RuleTest, ThatIsRightPasses) {
  EXPECT_THAT(CheckRule(AnOrderRule(), "rule"), IsEmpty());
  AutomationRule parcels = AnOrderRule();
  parcels.what = CashOnDeliveryRule();
  EXPECT_THAT(CheckRule(parcels, "rule"), IsEmpty()) << "of all stores that have none of their own";
}

OrderReport AnOrder() {
  OrderReport order;
  order.source_system = "shop";
  order.order_id = "O-1";
  order.store_id = "store-1";
  order.revision = 1;
  order.state = OrderState::kOpen;
  order.total = K(10000);
  order.received = K(10000);
  order.currency_code = "UAH";
  return order;
}

struct BadOrder {
  const char* what;
  std::function<void(OrderReport&)> spoil;
  const char* field;
  Reason reason;
};

class BadOrderTest : public testing::TestWithParam<BadOrder> {};

TEST_P(BadOrderTest, IsToldWithItsField) {
  OrderReport order = AnOrder();
  GetParam().spoil(order);
  EXPECT_THAT(CheckReport(order), ElementsAre(Violates(GetParam().field, GetParam().reason)))
      << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOrderTest,
    testing::Values(
        BadOrder{"no system", [](OrderReport& o) { o.source_system = ""; }, "source_system",
                 Reason::kFieldRequired},
        BadOrder{"long system", [](OrderReport& o) { o.source_system = std::string(65, 's'); },
                 "source_system", Reason::kFieldTooLong},
        BadOrder{"no order", [](OrderReport& o) { o.order_id = ""; }, "order.order_id",
                 Reason::kFieldRequired},
        BadOrder{"long order", [](OrderReport& o) { o.order_id = std::string(129, 'o'); }, "order.order_id",
                 Reason::kFieldTooLong},
        BadOrder{"order with a tab", [](OrderReport& o) { o.order_id = "a\tb"; }, "order.order_id",
                 Reason::kFieldInvalid},
        BadOrder{"no store", [](OrderReport& o) { o.store_id = ""; }, "order.store_id",
                 Reason::kFieldRequired},
        BadOrder{"long store", [](OrderReport& o) { o.store_id = std::string(129, 's'); }, "order.store_id",
                 Reason::kFieldTooLong},
        BadOrder{"no revision", [](OrderReport& o) { o.revision = 0; }, "order.revision",
                 Reason::kFieldRequired},
        BadOrder{"negative revision", [](OrderReport& o) { o.revision = -1; }, "order.revision",
                 Reason::kFieldInvalid},
        BadOrder{"no state", [](OrderReport& o) { o.state = OrderState::kUnspecified; }, "order.state",
                 Reason::kFieldRequired},
        BadOrder{"no total", [](OrderReport& o) { o.total = K(0); }, "order.total_kopiykas",
                 Reason::kFieldRequired},
        BadOrder{"negative total", [](OrderReport& o) { o.total = K(-1); }, "order.total_kopiykas",
                 Reason::kAmountOutOfRange},
        BadOrder{"total beyond all", [](OrderReport& o) { o.total = K(100'000'000'000); },
                 "order.total_kopiykas", Reason::kAmountOutOfRange},
        BadOrder{"negative received", [](OrderReport& o) { o.received = K(-1); }, "order.received_kopiykas",
                 Reason::kAmountOutOfRange},
        BadOrder{"received beyond all", [](OrderReport& o) { o.received = K(100'000'000'000); },
                 "order.received_kopiykas", Reason::kAmountOutOfRange},
        BadOrder{"payments of another sum", [](OrderReport& o) { o.payments = {PaymentBy("card", 9999)}; },
                 "order.payments", Reason::kPaymentsDoNotCover},
        BadOrder{"payment of zero", [](OrderReport& o) { o.payments = {PaymentBy("card", 0)}; },
                 "order.payments[0].amount_kopiykas", Reason::kPaymentNotPositive},
        BadOrder{"payment beyond all",
                 [](OrderReport& o) { o.payments = {PaymentBy("card", 100'000'000'000)}; },
                 "order.payments[0].amount_kopiykas", Reason::kAmountOutOfRange},
        BadOrder{"51 payments", [](OrderReport& o) { o.payments.assign(51, PaymentBy("card", 1)); },
                 "order.payments", Reason::kTooManyItems},
        BadOrder{"1,001 lines", [](OrderReport& o) { o.lines.assign(1001, LineOf("Кава", 1000, 10)); },
                 "order.lines", Reason::kTooManyItems},
        BadOrder{"markup", [](OrderReport& o) { o.discount = K(-1); }, "order.discount_kopiykas",
                 Reason::kAmountOutOfRange},
        BadOrder{"no currency", [](OrderReport& o) { o.currency_code = ""; }, "order.currency_code",
                 Reason::kCurrencyNotUah},
        BadOrder{"euro", [](OrderReport& o) { o.currency_code = "EUR"; }, "order.currency_code",
                 Reason::kCurrencyNotUah},
        BadOrder{"long branch", [](OrderReport& o) { o.branch_id = std::string(129, 'b'); },
                 "order.branch_id", Reason::kFieldTooLong},
        BadOrder{"long legal entity", [](OrderReport& o) { o.legal_entity_id = std::string(129, 'e'); },
                 "order.legal_entity_id", Reason::kFieldTooLong},
        BadOrder{"bad phone", [](OrderReport& o) { o.buyer.phone = "12"; }, "order.buyer.phone",
                 Reason::kPhoneInvalid},
        BadOrder{"bad e-mail", [](OrderReport& o) { o.buyer.email = "a@"; }, "order.buyer.email",
                 Reason::kEmailInvalid}),
    [](const auto& row) { return absl::StrCat("Case", row.index); });

DeliveryReport AParcel() {
  DeliveryReport parcel;
  parcel.source_system = "shop";
  parcel.waybill_number = "20450000000001";
  parcel.order_id = "O-1";
  parcel.revision = 1;
  parcel.cash_on_delivery = K(10000);
  parcel.currency_code = "UAH";
  return parcel;
}

struct BadParcel {
  const char* what;
  std::function<void(DeliveryReport&)> spoil;
  const char* field;
  Reason reason;
};

class BadParcelTest : public testing::TestWithParam<BadParcel> {};

TEST_P(BadParcelTest, IsToldWithItsField) {
  DeliveryReport parcel = AParcel();
  GetParam().spoil(parcel);
  EXPECT_THAT(CheckReport(parcel), ElementsAre(Violates(GetParam().field, GetParam().reason)))
      << GetParam().what;
}

DocumentName NoteOf(DocumentKind kind, std::string id) {
  return {.source_system = "erp", .kind = kind, .document_id = std::move(id)};
}

INSTANTIATE_TEST_SUITE_P(
    All, BadParcelTest,
    testing::Values(
        BadParcel{"no system", [](DeliveryReport& d) { d.source_system = ""; }, "source_system",
                  Reason::kFieldRequired},
        BadParcel{"no waybill", [](DeliveryReport& d) { d.waybill_number = ""; }, "delivery.waybill_number",
                  Reason::kFieldRequired},
        BadParcel{"long waybill", [](DeliveryReport& d) { d.waybill_number = std::string(65, '1'); },
                  "delivery.waybill_number", Reason::kFieldTooLong},
        BadParcel{"no order", [](DeliveryReport& d) { d.order_id = ""; }, "delivery.order_id",
                  Reason::kFieldRequired},
        BadParcel{"long order", [](DeliveryReport& d) { d.order_id = std::string(129, 'o'); },
                  "delivery.order_id", Reason::kFieldTooLong},
        BadParcel{"long store", [](DeliveryReport& d) { d.store_id = std::string(129, 's'); },
                  "delivery.store_id", Reason::kFieldTooLong},
        BadParcel{"no revision", [](DeliveryReport& d) { d.revision = 0; }, "delivery.revision",
                  Reason::kFieldRequired},
        BadParcel{"negative revision", [](DeliveryReport& d) { d.revision = -5; }, "delivery.revision",
                  Reason::kFieldInvalid},
        BadParcel{"no cash on delivery", [](DeliveryReport& d) { d.cash_on_delivery = K(0); },
                  "delivery.cash_on_delivery_kopiykas", Reason::kFieldRequired},
        BadParcel{"negative cash on delivery", [](DeliveryReport& d) { d.cash_on_delivery = K(-1); },
                  "delivery.cash_on_delivery_kopiykas", Reason::kAmountOutOfRange},
        BadParcel{"cash beyond all", [](DeliveryReport& d) { d.cash_on_delivery = K(100'000'000'000); },
                  "delivery.cash_on_delivery_kopiykas", Reason::kAmountOutOfRange},
        BadParcel{"total of zero", [](DeliveryReport& d) { d.order_total = K(0); },
                  "delivery.order_total_kopiykas", Reason::kFieldRequired},
        BadParcel{"negative total", [](DeliveryReport& d) { d.order_total = K(-1); },
                  "delivery.order_total_kopiykas", Reason::kAmountOutOfRange},
        BadParcel{"carries a payment",
                  [](DeliveryReport& d) { d.delivered_document = NoteOf(DocumentKind::kPayment, "P-1"); },
                  "delivery.delivered_document.kind", Reason::kFieldInvalid},
        BadParcel{"carries a document without a name",
                  [](DeliveryReport& d) { d.delivered_document = NoteOf(DocumentKind::kSale, ""); },
                  "delivery.delivered_document.document_id", Reason::kFieldRequired},
        BadParcel{"1,001 lines", [](DeliveryReport& d) { d.lines.assign(1001, LineOf("Кава", 1000, 10)); },
                  "delivery.lines", Reason::kTooManyItems},
        BadParcel{"dollars", [](DeliveryReport& d) { d.currency_code = "USD"; }, "delivery.currency_code",
                  Reason::kCurrencyNotUah},
        BadParcel{"long branch", [](DeliveryReport& d) { d.branch_id = std::string(129, 'b'); },
                  "delivery.branch_id", Reason::kFieldTooLong},
        BadParcel{"bad phone", [](DeliveryReport& d) { d.buyer.phone = "x"; }, "delivery.buyer.phone",
                  Reason::kPhoneInvalid}),
    [](const auto& row) { return absl::StrCat("Case", row.index); });

TEST(ReportTest, ThatIsRightPasses) {
  EXPECT_THAT(CheckReport(AnOrder()), IsEmpty());
  EXPECT_THAT(CheckReport(AParcel()), IsEmpty());
}

}  // namespace
}  // namespace kasa::domain
