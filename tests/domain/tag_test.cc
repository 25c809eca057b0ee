#include "server/domain/tag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kasa::domain {
namespace {

InstallationId Installation(const char* text = "3fa90c17") {
  return InstallationId::Parse(text).value();
}

DocumentKey Key() {
  return {"erp", DocumentKind::kSale, "SO-1", RegisterMode::kTest};
}

TEST(InstallationId, IsEightLowerCaseHexDigits) {
  EXPECT_EQ(Installation("0123abcf").text(), "0123abcf");
  for (const char* text : {"", "0123abc", "0123abcde", "0123ABCF", "0123abcg", "0123 bcf", "-123abcf"}) {
    EXPECT_EQ(InstallationId::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Tag, Is32HexDigitsThatBeginWithTheInstallation) {
  const std::string tag = TagFor(Installation(), Key(), 0);
  EXPECT_THAT(tag, testing::MatchesRegex("3fa90c17[0-9a-f]+"));
  EXPECT_EQ(tag.size(), 32U);
}

// A tag that changes with a release would make a second receipt of what was in doubt before it. The digits
// are SHA-256 of "8:document3:erp1:14:SO-11:11:0", computed with sha256sum.
TEST(Tag, NeverChanges) {
  EXPECT_EQ(TagFor(Installation(), Key(), 0), "3fa90c17bb2b71f53abf6fc1cd611f60");
  EXPECT_EQ(ShiftOpeningTagFor(Installation(), "4000000001", 7), "3fa90c1781d0e5493cd34a698b4b1ebb");
}

TEST(Tag, DiffersWithEveryPartOfTheKeyAndTheNumber) {
  std::set<std::string> tags;
  size_t made = 0;
  const auto add = [&](const DocumentKey& key, int number) {
    tags.insert(TagFor(Installation(), key, number));
    ++made;
  };
  add(Key(), 0);
  add(Key(), 1);
  add({"shop", DocumentKind::kSale, "SO-1", RegisterMode::kTest}, 0);
  add({"erp", DocumentKind::kReturn, "SO-1", RegisterMode::kTest}, 0);
  add({"erp", DocumentKind::kPayment, "SO-1", RegisterMode::kTest}, 0);
  add({"erp", DocumentKind::kSale, "SO-2", RegisterMode::kTest}, 0);
  add({"erp", DocumentKind::kSale, "SO-1", RegisterMode::kReal}, 0);
  // Parts that would run together without their lengths.
  add({"er", DocumentKind::kSale, "pSO-1", RegisterMode::kTest}, 0);
  add({"erp1", DocumentKind::kSale, "4:SO-1", RegisterMode::kTest}, 0);
  add({"", DocumentKind::kSale, "", RegisterMode::kTest}, 0);
  EXPECT_EQ(tags.size(), made);
}

TEST(Tag, IsAnotherOneInAnotherInstallation) {
  EXPECT_NE(TagFor(Installation("00000001"), Key(), 0), TagFor(Installation("00000002"), Key(), 0));
}

TEST(ShiftOpeningTag, DiffersWithRegisterAndNumberAndFromEveryDocument) {
  const std::set<std::string> tags = {
      ShiftOpeningTagFor(Installation(), "4000000001", 1),
      ShiftOpeningTagFor(Installation(), "4000000001", 2),
      ShiftOpeningTagFor(Installation(), "4000000002", 1),
      TagFor(Installation(), {"4000000001", DocumentKind::kSale, "1", RegisterMode::kTest}, 1)};
  EXPECT_EQ(tags.size(), 4U);
}

}  // namespace
}  // namespace kasa::domain
