#include "server/domain/catalogue.h"

#include <gtest/gtest.h>

#include "server/domain/limits.h"

namespace kasa::domain {
namespace {

TEST(Catalogue, HasTheTaxGroupsThatAreKnown) {
  int number = 0;
  for (const TaxGroupInfo& group : KnownTaxGroups()) {
    EXPECT_EQ(group.number, ++number);
    EXPECT_FALSE(group.name.empty());
    EXPECT_TRUE(IsKnownTaxGroup(group.number));
    EXPECT_EQ(IsExciseTaxGroup(group.number), group.excise);
    EXPECT_EQ(group.excise, group.number == 3 || group.number == 6);
  }
  EXPECT_EQ(number, 9);
  for (const int unknown : {-1, 0, 10, 77}) {
    EXPECT_FALSE(IsKnownTaxGroup(unknown));
    EXPECT_FALSE(IsExciseTaxGroup(unknown));
  }
}

TEST(Catalogue, HasThePaymentTypesThatAreKnownByRisingCode) {
  int last = -1;
  for (const PaymentTypeInfo& type : KnownPaymentTypes()) {
    EXPECT_GT(type.code, last);
    last = type.code;
    EXPECT_LE(type.code, kMaxPaymentType);
    EXPECT_EQ(type.chain, type.code == 3 || type.code == 4);
    EXPECT_FALSE(type.name.empty());
  }
  EXPECT_EQ(last, 20);
}

}  // namespace
}  // namespace kasa::domain
