#include "server/domain/returns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status_reason.h"
#include "tests/domain/return_builder.h"

namespace kasa::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Three coffees at 33.33 and a cake at 50.00, 10.00 off the whole, paid 100.00 by card and the rest in cash.
Document PartySale() {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("Кава", 3000, 3333), LineOf("Торт", 1000, 5000)};
  sale.lines[0].line_id = "coffee";
  sale.lines[0].code = "C-1";
  sale.discount = K(1000);
  sale.payments = {PaymentBy("card", 10000), CashOf(3999)};
  return sale;
}

// A return of `thousandths` of line "coffee", paid back by card.
Document CoffeesBack(int64_t thousandths, int64_t kopiykas) {
  Document back = CoffeeSale();
  back.lines = {LineOf("Кава", thousandths, 3333)};
  back.lines[0].original_line_id = "coffee";
  back.payments = {PaymentBy("card", kopiykas)};
  return back;
}

TEST(Return, OfTheWholeIsTheSameDocumentAgain) {
  const Document sale = PartySale();
  const Fiscalization sold = Sold(sale);
  const PricedReturn back = ReturnInShop(SameAgain(sale), OriginalOf(sold));
  ASSERT_THAT(back.violations, IsEmpty());
  ASSERT_TRUE(back.receipt) << back.refusal;
  EXPECT_EQ(back.receipt->kind, DocumentKind::kReturn);
  EXPECT_EQ(back.receipt->sum, sold.draft.sum);
  EXPECT_EQ(back.receipt->rounding, sold.draft.rounding);
  EXPECT_EQ(back.receipt->due, sold.draft.due);
  EXPECT_EQ(back.receipt->payments, sold.draft.payments);
  ASSERT_EQ(back.receipt->rows.size(), 2U);
  EXPECT_EQ(back.receipt->rows[0].amount, sold.draft.rows[0].amount);
  EXPECT_EQ(back.receipt->rows[0].discount, sold.draft.rows[0].discount);
  EXPECT_EQ(back.receipt->rows[1].original_row, 2);
}

TEST(Return, OfTheWholeLeavesOutWhatTheBuyerTendered) {
  Document sale = CoffeeSale();
  sale.payments = {CashOf(4500)};
  sale.payments[0].tendered = K(10000);
  const PricedReturn back = ReturnInShop(SameAgain(sale), OriginalOf(Sold(sale)));
  ASSERT_TRUE(back.receipt);
  EXPECT_TRUE(back.receipt->change.IsZero());
  EXPECT_TRUE(back.receipt->payments[0].change.IsZero());
  EXPECT_THAT(back.warnings, Contains(Warns(Reason::kFieldIgnored,
                                            "sales_return.payments[0].tendered_kopiykas", "left out")));
}

TEST(Return, RoundsItsCashAsTheLawHasIt) {
  Document sale = CoffeeSale();
  sale.lines[0].price = K(4530);
  sale.payments = {CashOf(4530)};
  const PricedReturn back = ReturnInShop(SameAgain(sale), OriginalOf(Sold(sale)));
  ASSERT_TRUE(back.receipt);
  EXPECT_EQ(back.receipt->sum, K(4530));
  EXPECT_EQ(back.receipt->rounding, K(20));
  EXPECT_EQ(back.receipt->due, K(4550));
}

TEST(Return, OfAPartTakesTheSalesShares) {
  // 99.99 - 6.67 and 50.00 - 3.33: the first coffee of three is a third of 93.32.
  const Fiscalization sold = Sold(PartySale());
  ASSERT_EQ(sold.draft.rows[0].amount, K(9332));
  const PricedReturn back = ReturnInShop(CoffeesBack(1000, 3111), OriginalOf(sold));
  ASSERT_TRUE(back.receipt) << back.refusal;
  EXPECT_EQ(back.receipt->rows[0].amount, K(3111));
  EXPECT_EQ(back.receipt->rows[0].discount, K(222));
  EXPECT_EQ(back.receipt->rows[0].name, "Кава");
  EXPECT_EQ(back.receipt->rows[0].code, "C-1");
  EXPECT_EQ(back.receipt->rows[0].original_row, 1);
}

TEST(Return, ByPartsGivesBackExactlyWhatWasPaid) {
  const Fiscalization sold = Sold(PartySale());
  Original original = OriginalOf(sold);
  int64_t paid_back = 0;
  for (const int64_t expected : {3111, 3110, 3111}) {
    const PricedReturn back = ReturnInShop(CoffeesBack(1000, expected), original);
    ASSERT_TRUE(back.receipt) << back.refusal;
    TakeOff(*back.receipt, original);
    paid_back += expected;
  }
  EXPECT_EQ(K(paid_back), sold.draft.rows[0].amount);
  const PricedReturn more = ReturnInShop(CoffeesBack(1000, 3111), original);
  EXPECT_EQ(ReasonOf(more.refusal), Reason::kReturnExceedsSale);
}

TEST(Return, AddsUpTwoLinesForOneRow) {
  Document back = CoffeesBack(2000, 9332);
  back.lines.push_back(back.lines[0]);
  back.lines[1].quantity = Q(1000);
  const PricedReturn whole = ReturnInShop(back, OriginalOf(Sold(PartySale())));
  ASSERT_TRUE(whole.receipt) << whole.refusal;
  EXPECT_EQ(whole.receipt->sum, K(9332));
  back.lines[1].quantity = Q(1001);
  const PricedReturn more = ReturnInShop(back, OriginalOf(Sold(PartySale())));
  EXPECT_EQ(ReasonOf(more.refusal), Reason::kReturnExceedsSale);
  EXPECT_EQ(FactsOf(more.refusal).at("left_thousandths"), "1000");
  EXPECT_EQ(FactsOf(more.refusal).at("field"), "sales_return.lines[1].quantity_thousandths");
}

TEST(Return, TellsTheSalesFiscalNumberFirstAndUncut) {
  Document back = CoffeesBack(3000, 9332);
  const Original original = OriginalOf(Sold(PartySale()));
  EXPECT_EQ(ReturnInShop(back, original).receipt->comment_down, "TEST_sale-1");
  back.comment = "Не смачна";
  EXPECT_EQ(ReturnInShop(back, original).receipt->comment_down, "TEST_sale-1; Не смачна");
  back.comment = std::string(200, 'x');
  const PricedReturn cut = ReturnInShop(back, original);
  EXPECT_EQ(cut.receipt->comment_down, "TEST_sale-1; " + std::string(107, 'x'));
  EXPECT_THAT(cut.warnings, Contains(Warns(Reason::kTextCut, "sales_return.comment", "cut")));
}

TEST(Return, TaxGroupIsTheSalesWhateverIsMappedToday) {
  Mapping today = ShopMapping();
  today.tax_groups["vat20"] = 2;
  const Document sale = PartySale();
  const PricedReturn back =
      PriceReturn(SameAgain(sale), OriginalOf(Sold(sale)), ShopIntegration(), today, kToday, "sales_return");
  ASSERT_TRUE(back.receipt);
  EXPECT_EQ(back.receipt->rows[0].tax_group, 1);
  today.tax_groups.clear();
  EXPECT_TRUE(
      PriceReturn(SameAgain(sale), OriginalOf(Sold(sale)), ShopIntegration(), today, kToday, "sales_return")
          .receipt);
}

// --- by the way it came

TEST(ReturnRefund, IsByTypeAtMostWhatCameThatWay) {
  const Original original = OriginalOf(Sold(PartySale()));  // 100.00 by card, 39.99 in cash
  Document back = CoffeesBack(3000, 0);
  back.payments = {CashOf(3999), PaymentBy("card", 5333)};
  EXPECT_TRUE(ReturnInShop(back, original).receipt);
  back.payments = {CashOf(4000), PaymentBy("card", 5332)};
  const PricedReturn refused = ReturnInShop(back, original);
  EXPECT_EQ(refused.refusal.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(refused.refusal), Reason::kRefundMethodDiffers);
  EXPECT_EQ(FactsOf(refused.refusal).at("left_kopiykas"), "3999");
  EXPECT_EQ(FactsOf(refused.refusal).at("payment_type"), "0");
  back.refund_method_change = RefundMethodChange{true, "просив готівкою"};
  EXPECT_TRUE(ReturnInShop(back, original).receipt);
}

TEST(ReturnRefund, CountsWhatEarlierReturnsGaveBackThatWay) {
  Original original = OriginalOf(Sold(PartySale()));
  Document first = CoffeesBack(1000, 3111);
  first.payments = {CashOf(3111)};
  TakeOff(*ReturnInShop(first, original).receipt, original);
  Document second = CoffeesBack(1000, 3110);
  second.payments = {CashOf(3110)};
  const PricedReturn refused = ReturnInShop(second, original);
  EXPECT_EQ(ReasonOf(refused.refusal), Reason::kRefundMethodDiffers);
  EXPECT_EQ(FactsOf(refused.refusal).at("left_kopiykas"), "888");
}

TEST(ReturnRefund, OtherWayOnceAgreedLeavesTheWayItCameForTheRest) {
  Document sale = CoffeeSale();
  sale.lines[0].quantity = Q(2000);
  sale.payments = {PaymentBy("card", 9000)};
  Original original = OriginalOf(Sold(sale));
  Document half = CoffeeSale();
  half.payments = {CashOf(4500)};
  half.refund_method_change = RefundMethodChange{true, ""};
  TakeOff(*ReturnInShop(half, original).receipt, original);
  EXPECT_TRUE(ReturnInShop(CoffeeSale(), original).receipt);
}

// --- excise stamps

Document BeerSale() {
  Document sale = CoffeeSale();
  sale.lines = {LineOf("Пиво", 3000, 5000)};
  sale.lines[0].tax_id = "excise";
  sale.lines[0].uktzed = "2203000100";
  sale.lines[0].excise_stamps = {"AAAA000001", "AAAA000002", "AAAA000003"};
  sale.payments = {PaymentBy("card", 15000)};
  return sale;
}

Document BeersBack(int64_t thousandths, std::vector<std::string> stamps) {
  Document back = BeerSale();
  back.lines[0].quantity = Q(thousandths);
  back.lines[0].uktzed = "";
  back.lines[0].excise_stamps = std::move(stamps);
  back.payments = {PaymentBy("card", thousandths * 5)};
  return back;
}

TEST(ReturnStamps, WithTheRestComeTheRestOfThem) {
  Original original = OriginalOf(Sold(BeerSale()));
  const PricedReturn first = ReturnInShop(BeersBack(1000, {"AAAA000002"}), original);
  ASSERT_TRUE(first.receipt);
  EXPECT_EQ(first.receipt->rows[0].uktzed, "2203000100");
  TakeOff(*first.receipt, original);
  const PricedReturn rest = ReturnInShop(BeersBack(2000, {}), original);
  ASSERT_TRUE(rest.receipt);
  EXPECT_THAT(rest.receipt->rows[0].excise_stamps, ElementsAre("AAAA000001", "AAAA000003"));
}

TEST(ReturnStamps, OfAPartAreNamed) {
  EXPECT_THAT(ReturnInShop(BeersBack(1000, {}), OriginalOf(Sold(BeerSale()))).violations,
              ElementsAre(Violates("sales_return.lines[0].excise_stamps", Reason::kExciseStampsMissing)));
}

TEST(ReturnStamps, AreThoseOfTheRowAndComeBackOnce) {
  Original original = OriginalOf(Sold(BeerSale()));
  EXPECT_THAT(ReturnInShop(BeersBack(1000, {"AAAA000009"}), original).violations,
              ElementsAre(Violates("sales_return.lines[0].excise_stamps[0]", Reason::kDiffersFromSale)));
  EXPECT_THAT(ReturnInShop(BeersBack(2000, {"AAAA000001", "AAAA000001"}), original).violations,
              ElementsAre(Violates("sales_return.lines[0].excise_stamps[1]", Reason::kDiffersFromSale)));
  TakeOff(*ReturnInShop(BeersBack(1000, {"AAAA000001"}), original).receipt, original);
  EXPECT_THAT(ReturnInShop(BeersBack(1000, {"AAAA000001"}), original).violations,
              ElementsAre(Violates("sales_return.lines[0].excise_stamps[0]", Reason::kDiffersFromSale)));
}

// --- what may be returned

TEST(MayBeReturned, OnlyWhatHasAReceipt) {
  Fiscalization sold = Sold(CoffeeSale());
  EXPECT_TRUE(MayBeReturned(sold).ok());
  struct Case {
    State state;
    bool retry;
  };
  for (const Case& tried :
       {Case{State::kAccepted, true}, Case{State::kSending, true}, Case{State::kInDoubt, true},
        Case{State::kFailed, false}, Case{State::kCancelled, false}}) {
    sold.state = tried.state;
    sold.receipt.reset();
    const absl::Status refusal = MayBeReturned(sold);
    EXPECT_EQ(refusal.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(refusal), Reason::kSaleNotFiscalized);
    EXPECT_EQ(RetryDelayOf(refusal).has_value(), tried.retry) << refusal;
  }
}

TEST(MayBeReturned, NoPartOfAChain) {
  Fiscalization by_role = Sold(CoffeeSale());
  by_role.document.chain_role = ChainRole::kPrepayment;
  EXPECT_EQ(ReasonOf(MayBeReturned(by_role)), Reason::kFiscalChainReturn);
  for (const int type : {3, 4}) {
    Fiscalization by_type = Sold(CoffeeSale());
    by_type.draft.payments[0].payment_type = type;
    EXPECT_EQ(ReasonOf(MayBeReturned(by_type)), Reason::kFiscalChainReturn);
  }
}

// --- made elsewhere

TEST(ReturnOfElsewhere, AsToldIsHeldAgainstIt) {
  ToldReceipt told;
  told.rows = Sold(PartySale()).draft.rows;
  for (PricedRow& row : told.rows) row.line_id.clear();
  told.sum = K(13999);
  told.paid = {{2, K(13999)}};
  const Original original = OriginalOf("abc123", told);
  Document back = CoffeesBack(3000, 9332);
  back.lines[0].original_line_id = "1";
  back.lines[0].tax_id = "a tax of another system";
  const PricedReturn priced = ReturnInShop(back, original);
  ASSERT_TRUE(priced.receipt);
  EXPECT_EQ(priced.receipt->rows[0].tax_group, 1);
  EXPECT_EQ(priced.receipt->comment_down, "abc123");
  back.lines[0].quantity = Q(3001);
  EXPECT_EQ(ReasonOf(ReturnInShop(back, original).refusal), Reason::kReturnExceedsSale);
}

TEST(ReturnOfElsewhere, NotToldIsPricedAsASaleAndSaysSo) {
  Document back = CoffeesBack(2000, 6566);
  back.lines[0].discount = K(100);
  const PricedReturn priced = ReturnInShop(back, OriginalOf("abc123", std::nullopt));
  ASSERT_TRUE(priced.receipt);
  EXPECT_EQ(priced.receipt->rows[0].tax_group, 1);
  EXPECT_EQ(priced.receipt->rows[0].original_row, 0);
  EXPECT_THAT(priced.warnings,
              Contains(Warns(Reason::kOriginalNotChecked, "", "could not be held against the sale")));
  EXPECT_THAT(priced.warnings,
              Contains(Warns(Reason::kOriginalNotChecked, "", "no more is returned than was sold")));
  EXPECT_THAT(priced.warnings, Contains(Warns(Reason::kOriginalNotChecked, "", "by the way it came")));
}

TEST(ReturnOfElsewhere, TheSumAloneLimitsToo) {
  ToldReceipt told;
  told.sum = K(10000);
  Original original = OriginalOf("abc123", told);
  const PricedReturn first = ReturnInShop(CoffeesBack(2000, 6666), original);
  ASSERT_TRUE(first.receipt) << first.refusal;
  TakeOff(*first.receipt, original);
  const PricedReturn second = ReturnInShop(CoffeesBack(2000, 6666), original);
  EXPECT_EQ(ReasonOf(second.refusal), Reason::kReturnExceedsSale);
  EXPECT_EQ(FactsOf(second.refusal).at("left_kopiykas"), "3334");
}

TEST(ReturnOfElsewhere, ReturnedBeforeTheRowsWereToldCountsForTheRowItMeans) {
  const PricedReturn blind = ReturnInShop(CoffeesBack(2000, 6666), OriginalOf("abc123", std::nullopt));
  ToldReceipt told;
  told.rows = Sold(PartySale()).draft.rows;
  Original original = OriginalOf("abc123", told);
  TakeOff(*blind.receipt, original);
  EXPECT_EQ(original.rows[0].Left(), Q(1000));
  EXPECT_EQ(original.rows[1].Left(), Q(1000));
}

}  // namespace
}  // namespace kasa::domain
