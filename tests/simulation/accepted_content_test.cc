#include "tests/simulation/accepted_content.h"

#include <gtest/gtest.h>

#include <string>

namespace kasa::simulation {
namespace {

class AcceptedContentTest : public testing::Test {
 protected:
  // Bread, paid by card: the tax group and the payment type go by the mapping.
  static TaskRequest Bread(int tax_group, int card, const std::string& tag = "t") {
    TaskRequest request{.task = kSale, .tag = tag};
    request.rows.push_back({.code = "c-3", .tax_group = tax_group});
    request.payments.push_back({.type = card});
    return request;
  }
  bool MaySend(const TaskRequest& request, const std::string& text = "bread") {
    return content_.MaySend("S-1", "", request, request.tag + text);
  }
  void IsAccepted() {
    content_.MayBeMapped("S-1", 0);
    content_.IsMapped("S-1");
  }
  void MappingIsChanged() {
    content_.MappingMayBe(0, 1);
    content_.MappingIs(0, 1);
  }

  AcceptedContent content_;
};

TEST_F(AcceptedContentTest, AMappingThatIsChangedLaterChangesNothing) {
  IsAccepted();
  MappingIsChanged();
  EXPECT_TRUE(MaySend(Bread(2, 2)));
  EXPECT_FALSE(MaySend(Bread(7, 1)));
}

TEST_F(AcceptedContentTest, AMappingThatIsChangedBeforeIsTheOne) {
  MappingIsChanged();
  IsAccepted();
  EXPECT_TRUE(MaySend(Bread(7, 1)));
  EXPECT_FALSE(MaySend(Bread(2, 2)));
}

TEST_F(AcceptedContentTest, HalfOfEachMappingIsNeither) {
  MappingIsChanged();
  content_.MappingMayBe(0, 0);
  IsAccepted();
  EXPECT_FALSE(MaySend(Bread(7, 2)));
}

TEST_F(AcceptedContentTest, WhatIsRetriedMayBeMappedAnew) {
  IsAccepted();
  MappingIsChanged();
  IsAccepted();
  EXPECT_TRUE(MaySend(Bread(7, 1)));
}

TEST_F(AcceptedContentTest, AChangeWhileACallIsOpenMayBeEither) {
  content_.MayBeMapped("S-1", 0);
  MappingIsChanged();
  content_.IsMapped("S-1");
  EXPECT_TRUE(MaySend(Bread(2, 2), "bread of 2"));
}

TEST_F(AcceptedContentTest, OtherBytesThanBeforeButForTheTag) {
  IsAccepted();
  EXPECT_TRUE(MaySend(Bread(2, 2)));
  EXPECT_TRUE(MaySend(Bread(2, 2, "u")));
  EXPECT_FALSE(MaySend(Bread(2, 2), "toast"));
}

}  // namespace
}  // namespace kasa::simulation
