#include "server/domain/totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace kasa::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Money Kop(int64_t kopiykas) {
  return Money::FromKopiykas(kopiykas);
}

// One row of `amount` in tax group `group`, paid by `type` after rounding.
PricedReceipt ReceiptOf(DocumentKind kind, int64_t amount, int group, int type, int64_t rounding = 0) {
  PricedReceipt receipt;
  receipt.kind = kind;
  PricedRow row;
  row.amount = Kop(amount);
  row.tax_group = group;
  receipt.rows = {row};
  PricedPayment payment;
  payment.payment_type = type;
  payment.sum = Kop(amount + rounding);
  receipt.payments = {payment};
  receipt.sum = Kop(amount);
  receipt.rounding = Kop(rounding);
  receipt.due = Kop(amount + rounding);
  return receipt;
}

Totals TotalsOf(std::initializer_list<PricedReceipt> receipts) {
  Totals totals;
  for (const PricedReceipt& receipt : receipts) EXPECT_TRUE(AddReceipt(receipt, totals));
  return totals;
}

// A sale of 100.24 paid 100.00 in cash, a payment of 50.00 by card, a return of 10.26 paid 10.50 in cash.
Totals AShift() {
  return TotalsOf({ReceiptOf(DocumentKind::kSale, 10024, 1, 0, -24),
                   ReceiptOf(DocumentKind::kPayment, 5000, 2, 2),
                   ReceiptOf(DocumentKind::kReturn, 1026, 1, 0, 24)});
}

RegisterReport::Figure One(int64_t kopiykas) {
  return {.readings = {Kop(kopiykas)}};
}

// What a register would report of AShift().
RegisterReport ItsReport() {
  RegisterReport report;
  report.sale_count = 2;
  report.return_count = 1;
  report.sums = {.plus = One(15000), .minus = One(1050)};
  report.tax_groups = {{1, {.plus = One(10024), .minus = One(1026)}},
                       {2, {.plus = One(5000), .minus = One(0)}}};
  report.payment_types = {{0, {.plus = One(10000), .minus = One(1050)}},
                          {2, {.plus = One(5000), .minus = One(0)}}};
  return report;
}

TEST(AddReceipt, PutsPaymentsWithSalesAndRoundsOnlyWhatIsPaid) {
  const Totals totals = AShift();
  EXPECT_EQ(totals.sale_count, 2);
  EXPECT_EQ(totals.return_count, 1);
  EXPECT_EQ(totals.sales, Kop(15000));
  EXPECT_EQ(totals.returns, Kop(1050));
  EXPECT_EQ(totals.sales_rounding, Kop(-24));
  EXPECT_EQ(totals.returns_rounding, Kop(24));
  EXPECT_EQ(totals.tax_groups.at(1), (TaxGroupTotal{.sales = Kop(10024), .returns = Kop(1026)}));
  EXPECT_EQ(totals.tax_groups.at(2), (TaxGroupTotal{.sales = Kop(5000), .returns = Kop(0)}));
  EXPECT_EQ(totals.payment_types.at(0), (PaymentTypeTotal{.received = Kop(10000), .returned = Kop(1050)}));
  EXPECT_EQ(totals.payment_types.at(2), (PaymentTypeTotal{.received = Kop(5000), .returned = Kop(0)}));
}

TEST(AddTotals, OfPartsIsTheTotalOfTheWhole) {
  Totals parts = TotalsOf({ReceiptOf(DocumentKind::kSale, 10024, 1, 0, -24)});
  EXPECT_TRUE(AddTotals(TotalsOf({ReceiptOf(DocumentKind::kPayment, 5000, 2, 2)}), parts));
  EXPECT_TRUE(AddTotals(TotalsOf({ReceiptOf(DocumentKind::kReturn, 1026, 1, 0, 24)}), parts));
  EXPECT_EQ(parts, AShift());
}

TEST(AddReceipt, SaysWhenASumDoesNotFit) {
  Totals totals;
  EXPECT_TRUE(AddReceipt(ReceiptOf(DocumentKind::kSale, std::numeric_limits<int64_t>::max(), 1, 0), totals));
  Totals again = totals;
  EXPECT_FALSE(AddReceipt(ReceiptOf(DocumentKind::kSale, 1, 1, 0), again));
  EXPECT_FALSE(AddTotals(AShift(), totals));
}

TEST(CompareTotals, WhatAgreesHasNoDifference) {
  const TotalsComparison comparison = CompareTotals(AShift(), ItsReport());
  EXPECT_THAT(comparison.differences, IsEmpty());
  EXPECT_THAT(comparison.not_compared, ElementsAre("sales_rounding_kopiykas", "returns_rounding_kopiykas"));
  EXPECT_EQ(comparison.register_totals.sales, Kop(15000));
  EXPECT_EQ(comparison.register_totals.payment_types, AShift().payment_types);
  EXPECT_EQ(comparison.register_totals.tax_groups, AShift().tax_groups);
}

TEST(CompareTotals, EveryFigureThatDiffersIsNamed) {
  Totals ours = AShift();
  EXPECT_TRUE(AddReceipt(ReceiptOf(DocumentKind::kSale, 700, 1, 16), ours));
  const TotalsComparison comparison = CompareTotals(ours, ItsReport());
  EXPECT_THAT(
      comparison.differences,
      ElementsAre(TotalsDifference{"sale_count", 3, 2}, TotalsDifference{"sales_kopiykas", 15700, 15000},
                  TotalsDifference{"tax_groups[1].sales_kopiykas", 10724, 10024},
                  TotalsDifference{"payment_types[16].received_kopiykas", 700, 0}));
}

TEST(CompareTotals, WhatOnlyTheRegisterHasIsADifferenceToo) {
  RegisterReport report = ItsReport();
  (*report.tax_groups)[5] = {.plus = One(0), .minus = One(300)};
  (*report.payment_types)[20] = {.plus = One(0), .minus = One(300)};
  const TotalsComparison comparison = CompareTotals(AShift(), report);
  // The sum of what was paid back is over all types; the summary still agrees.
  EXPECT_THAT(comparison.differences,
              ElementsAre(TotalsDifference{"tax_groups[5].returns_kopiykas", 0, 300},
                          TotalsDifference{"payment_types[20].returned_kopiykas", 0, 300}));
}

TEST(CompareTotals, ATotalMayStandBeforeOrAfterRounding) {
  for (const bool with_payments : {true, false}) {
    for (const bool rounded : {true, false}) {
      RegisterReport report = ItsReport();
      report.sums = rounded ? RegisterReport::Pair{.plus = One(15000), .minus = One(1050)}
                            : RegisterReport::Pair{.plus = One(15024), .minus = One(1026)};
      if (!with_payments) report.payment_types.reset();
      EXPECT_THAT(CompareTotals(AShift(), report).differences, IsEmpty()) << with_payments << rounded;
    }
  }
}

TEST(CompareTotals, AFigureAgreesWhenOneOfItsMeaningsDoes) {
  RegisterReport report = ItsReport();
  (*report.tax_groups)[1].plus = RegisterReport::Figure{.readings = {Kop(8353), Kop(10024)}};
  const TotalsComparison agreed = CompareTotals(AShift(), report);
  EXPECT_THAT(agreed.differences, IsEmpty());
  EXPECT_EQ(agreed.register_totals.tax_groups.at(1).sales, Kop(10024));
  (*report.tax_groups)[1].plus = RegisterReport::Figure{.readings = {Kop(8353), Kop(10000)}};
  EXPECT_THAT(CompareTotals(AShift(), report).differences,
              ElementsAre(TotalsDifference{"tax_groups[1].sales_kopiykas", 10024, 8353}));
}

TEST(CompareTotals, WhatIsNotToldIsNotComparedAndSaidSo) {
  const TotalsComparison nothing = CompareTotals(AShift(), RegisterReport());
  EXPECT_THAT(nothing.differences, IsEmpty());
  EXPECT_EQ(nothing.register_totals, Totals());
  EXPECT_THAT(nothing.not_compared, ElementsAre("sale_count", "return_count", "sales_kopiykas",
                                                "returns_kopiykas", "sales_rounding_kopiykas",
                                                "returns_rounding_kopiykas", "tax_groups", "payment_types"));
  RegisterReport part = ItsReport();
  (*part.tax_groups)[1].minus.reset();
  (*part.payment_types)[2].plus.reset();
  EXPECT_THAT(CompareTotals(AShift(), part).not_compared,
              ElementsAre("sales_rounding_kopiykas", "returns_rounding_kopiykas",
                          "tax_groups[1].returns_kopiykas", "payment_types[2].received_kopiykas"));
}

TEST(CompareTotals, AnEmptyShiftAgreesWithAnEmptyReport) {
  RegisterReport empty;
  empty.sale_count = 0;
  empty.return_count = 0;
  empty.sums = {.plus = One(0), .minus = One(0)};
  empty.tax_groups.emplace();
  empty.payment_types.emplace();
  EXPECT_THAT(CompareTotals(Totals(), empty).differences, IsEmpty());
}

}  // namespace
}  // namespace kasa::domain
