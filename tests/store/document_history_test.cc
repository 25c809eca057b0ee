#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/store/fixture.h"

// What went before a document, as it is handed to the decision about it.
namespace kasa::store {
namespace {

using domain::DocumentKind;
using testing::ElementsAre;
using testing::IsEmpty;

class DocumentHistoryTest : public StoreTest {
 protected:
  static Acceptance A(DocumentKind kind, const std::string& id, const std::string& order_id) {
    Acceptance acceptance = ASale(id, kOne, kRegisterOne);
    acceptance.fiscalization.key.kind = kind;
    acceptance.fiscalization.order_id = order_id;
    acceptance.fiscalization.document.order_id = order_id;
    return acceptance;
  }
  static Acceptance APaymentOf(const std::string& id, const std::string& sale) {
    Acceptance payment = A(DocumentKind::kPayment, id, "");
    payment.fiscalization.document.paid_document =
        domain::DocumentName{.source_system = payment.fiscalization.key.source_system, .document_id = sale};
    return payment;
  }
  static Acceptance AReturnOf(const std::string& id, const std::string& original) {
    Acceptance back = A(DocumentKind::kReturn, id, "");
    back.fiscalization.original_id = absl::StrCat("f-", original);
    return back;
  }
  domain::DocumentHistory HistoryOf(const Acceptance& acceptance) {
    auto history = store().ReadHistory(acceptance.fiscalization);
    EXPECT_TRUE(history.ok()) << history.status();
    return history.ok() ? *std::move(history) : domain::DocumentHistory();
  }
  static std::vector<std::string> Ids(const std::vector<domain::Fiscalization>& all) {
    std::vector<std::string> ids;
    for (const domain::Fiscalization& each : all) ids.push_back(each.key.document_id);
    return ids;
  }
};

TEST_F(DocumentHistoryTest, OfAnOrderHasTheReturnsOfItsReceiptsWhateverTheySay) {
  ASSERT_TRUE(Accept(A(DocumentKind::kSale, "SO-1", "O-1")).ok());
  ASSERT_TRUE(Accept(A(DocumentKind::kSale, "SO-2", "O-2")).ok());
  ASSERT_TRUE(Accept(AReturnOf("R-1", "SO-1")).ok());
  ASSERT_TRUE(Accept(AReturnOf("R-2", "SO-2")).ok());
  EXPECT_THAT(Ids(HistoryOf(A(DocumentKind::kPayment, "P-1", "O-1")).order.with_goods),
              ElementsAre("SO-1", "R-1"));
  EXPECT_THAT(Ids(HistoryOf(A(DocumentKind::kSale, "SO-1", "O-1")).order.with_goods), IsEmpty())
      << "never the document itself, and what returns it is of none of the others";
}

TEST_F(DocumentHistoryTest, WhatSurelyMadeNoReceiptIsNotInIt) {
  ASSERT_TRUE(Accept(A(DocumentKind::kSale, "SO-1", "O-1")).ok());
  ASSERT_TRUE(Cancel("f-SO-1").ok());
  EXPECT_THAT(HistoryOf(A(DocumentKind::kPayment, "P-1", "O-1")).order.with_goods, IsEmpty());
}

TEST_F(DocumentHistoryTest, ASaleHasThePaymentsThatNameItAndTheirReturns) {
  ASSERT_TRUE(Accept(APaymentOf("P-1", "SO-1")).ok());
  ASSERT_TRUE(Accept(APaymentOf("P-2", "SO-2")).ok());
  ASSERT_TRUE(Accept(AReturnOf("R-1", "P-1")).ok());
  EXPECT_THAT(Ids(HistoryOf(A(DocumentKind::kSale, "SO-1", "")).same_goods), ElementsAre("P-1", "R-1"));
  ASSERT_TRUE(Cancel("f-P-1").ok());
  EXPECT_THAT(HistoryOf(A(DocumentKind::kSale, "SO-1", "")).same_goods, IsEmpty());
}

TEST_F(DocumentHistoryTest, APaymentHasTheSaleThatItNames) {
  ASSERT_TRUE(Accept(A(DocumentKind::kSale, "SO-1", "O-1")).ok());
  EXPECT_THAT(Ids(HistoryOf(APaymentOf("P-1", "SO-1")).same_goods), ElementsAre("SO-1"));
  EXPECT_THAT(HistoryOf(APaymentOf("P-1", "SO-2")).same_goods, IsEmpty());
}

TEST_F(DocumentHistoryTest, APaymentThatIsReplacedNamesAnother) {
  ASSERT_TRUE(Accept(APaymentOf("P-1", "SO-1")).ok());
  ASSERT_TRUE(Cancel("f-P-1").ok());
  Acceptance corrected = APaymentOf("P-1", "SO-2");
  corrected.fiscalization.fingerprint = "v1:other";
  ASSERT_TRUE(Accept(std::move(corrected)).ok());
  EXPECT_THAT(HistoryOf(A(DocumentKind::kSale, "SO-1", "")).same_goods, IsEmpty());
  EXPECT_THAT(Ids(HistoryOf(A(DocumentKind::kSale, "SO-2", "")).same_goods), ElementsAre("P-1"));
}

TEST_F(DocumentHistoryTest, TheFirstTotalOfAnOrderIsKept) {
  Acceptance first = A(DocumentKind::kSale, "SO-1", "O-1");
  first.fiscalization.document.order_total = Money::FromKopiykas(100);
  Acceptance second = A(DocumentKind::kSale, "SO-2", "O-1");
  second.fiscalization.document.order_total = Money::FromKopiykas(200);
  ASSERT_TRUE(Accept(std::move(first)).ok());
  ASSERT_TRUE(Accept(std::move(second)).ok());
  EXPECT_EQ(HistoryOf(A(DocumentKind::kPayment, "P-1", "O-1")).order_total, Money::FromKopiykas(100));
}

}  // namespace
}  // namespace kasa::store
