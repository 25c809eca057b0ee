#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "server/api/automation_report.h"
#include "server/api/decode_document.h"
#include "server/api/errors.h"
#include "server/api/fiscalization_handlers.h"
#include "server/api/mapping.h"
#include "server/domain/automation_checks.h"
#include "server/domain/limits.h"
#include "server/domain/pricing.h"
#include "tests/api/handlers_fixture.h"

// Requests whose lists are as long as 4 MiB allow: they are refused like those that are one item too long,
// and nothing is made of what is in them.
namespace kasa::api {
namespace {

using testing::Contains;
using testing::SizeIs;

constexpr int kEmptyItemsIn4MiB = 2'000'000;  // two bytes each

MATCHER_P(IsTooLong, field, "") {
  return arg.field == field && arg.reason == Reason::kTooManyItems;
}

template <typename Items>
void Fill(Items* items, int count) {
  items->Reserve(count);
  for (int i = 0; i < count; ++i) items->Add();
}

domain::Violations WrongWithSale(const domain::Document& sale) {
  return domain::PriceSale(sale, {}, {}, absl::CivilDay(2026, 11, 23), "sale").violations;
}

TEST(BigListsTest, OfTwoMillionLinesAsManyAreDecodedAsItTakesToRefuseThem) {
  v1::Document document;
  Fill(document.mutable_lines(), kEmptyItemsIn4MiB);
  RequestCheck check;
  const absl::Time start = absl::Now();
  const domain::Document sale = DecodeDocument(document, "sale", check);
  EXPECT_THAT(sale.lines, SizeIs(domain::kMaxLines + 1));
  EXPECT_THAT(WrongWithSale(sale), Contains(IsTooLong("sale.lines")));
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));
  EXPECT_TRUE(check.ok());
}

TEST(BigListsTest, PaymentsToo) {
  v1::Document document;
  Fill(document.mutable_payments(), kEmptyItemsIn4MiB / 2);
  document.mutable_payments(domain::kMaxPayments + 10)->set_kind(static_cast<v1::PaymentKind>(9));
  RequestCheck check;
  const domain::Document sale = DecodeDocument(document, "sale", check);
  EXPECT_THAT(sale.payments, SizeIs(domain::kMaxPayments + 1));
  EXPECT_THAT(WrongWithSale(sale), Contains(IsTooLong("sale.payments")));
  EXPECT_TRUE(check.ok()) << "nobody looks that far";
}

TEST(BigListsTest, ExciseStampsToo) {
  v1::Document document;
  Fill(document.add_lines()->mutable_excise_stamps(), kEmptyItemsIn4MiB);
  RequestCheck check;
  const domain::Document sale = DecodeDocument(document, "sale", check);
  EXPECT_THAT(sale.lines[0].excise_stamps, SizeIs(domain::kMaxExciseStampsPerLine + 1));
  EXPECT_THAT(WrongWithSale(sale), Contains(IsTooLong("sale.lines[0].excise_stamps")));
}

TEST(BigListsTest, ReportsOfOrdersToo) {
  v1::ReportOrderRequest request;
  Fill(request.mutable_order()->mutable_lines(), kEmptyItemsIn4MiB);
  Fill(request.mutable_order()->mutable_payments(), 1000);
  RequestCheck check;
  const domain::OrderReport order = DecodeOrderReport(request, check);
  EXPECT_THAT(order.lines, SizeIs(domain::kMaxLines + 1));
  EXPECT_THAT(order.payments, SizeIs(domain::kMaxPayments + 1));
  EXPECT_THAT(domain::CheckReport(order), Contains(IsTooLong("order.lines")));
  EXPECT_THAT(domain::CheckReport(order), Contains(IsTooLong("order.payments")));
}

TEST(BigListsTest, ReportsOfDeliveriesToo) {
  v1::ReportDeliveryRequest request;
  Fill(request.mutable_delivery()->mutable_lines(), kEmptyItemsIn4MiB);
  RequestCheck check;
  const domain::DeliveryReport delivery = DecodeDeliveryReport(request, check);
  EXPECT_THAT(delivery.lines, SizeIs(domain::kMaxLines + 1));
  EXPECT_THAT(domain::CheckReport(delivery), Contains(IsTooLong("delivery.lines")));
}

TEST(BigListsTest, ListsOfAMappingToo) {
  v1::UpdateMappingRequest request;
  Fill(request.mutable_mapping()->mutable_taxes(), kEmptyItemsIn4MiB);
  Fill(request.mutable_mapping()->mutable_payment_methods(), 1001);
  Fill(request.mutable_remove_tax_ids(), 1001);
  Fill(request.mutable_remove_payment_method_ids(), 1001);
  RequestCheck check;
  DecodeMappingChange(request, check);
  const domain::Violations found = ViolationsOf(check.ToStatus());
  EXPECT_THAT(found, Contains(IsTooLong("mapping.taxes")));
  EXPECT_THAT(found, Contains(IsTooLong("mapping.payment_methods")));
  EXPECT_THAT(found, Contains(IsTooLong("remove_tax_ids")));
  EXPECT_THAT(found, Contains(IsTooLong("remove_payment_method_ids")));
  EXPECT_THAT(found, SizeIs(4));
}

class BigFiltersTest : public HandlersTest {
 protected:
  absl::StatusOr<v1::ListFiscalizationsResponse> List(int times) {
    v1::ListFiscalizationsRequest request;
    for (int i = 0; i < times; ++i) request.add_states(v1::FISCALIZATION_STATE_ACCEPTED);
    FiscalizationHandlers handlers(fiscalizer_, store(), executor_, Pages());
    return Call<v1::ListFiscalizationsResponse>(handlers, &FiscalizationHandlers::ListFiscalizations,
                                                std::move(request));
  }
};

TEST_F(BigFiltersTest, AStateThatIsNamedTwiceIsAskedForOnce) {
  AcceptSale("S-1");
  const auto page = List(2);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->fiscalizations_size(), 1);
}

TEST_F(BigFiltersTest, StatesWithoutEndAreRefused) {
  const auto page = List(kEmptyItemsIn4MiB);
  EXPECT_THAT(ViolationsOf(page.status()), testing::ElementsAre(IsTooLong("states")));
}

}  // namespace
}  // namespace kasa::api
