#include "server/domain/refusals_alike.h"

#include <gtest/gtest.h>

namespace kasa::domain {
namespace {

TEST(RefusalsAlike, OfThreeDocumentsAreTheRegistersTrouble) {
  RefusalsAlike refusals;
  EXPECT_FALSE(refusals.Add(777, "a"));
  EXPECT_FALSE(refusals.Add(777, "b"));
  EXPECT_FALSE(refusals.Add(777, "b")) << "the same document once more";
  EXPECT_TRUE(refusals.Add(777, "c"));
  EXPECT_TRUE(refusals.Add(777, "a")) << "and it stays so while they go on";
}

TEST(RefusalsAlike, AreNotInARowAfterAnotherCode) {
  RefusalsAlike refusals;
  refusals.Add(777, "a");
  refusals.Add(777, "b");
  EXPECT_FALSE(refusals.Add(778, "c"));
  EXPECT_FALSE(refusals.Add(777, "d"));
  EXPECT_FALSE(refusals.Add(std::nullopt, "e")) << "a refusal without a code";
}

TEST(RefusalsAlike, AreNotInARowAfterTheRegisterTookOne) {
  RefusalsAlike refusals;
  refusals.Add(777, "a");
  refusals.Add(777, "b");
  refusals.Clear();
  EXPECT_FALSE(refusals.Add(777, "c"));
}

}  // namespace
}  // namespace kasa::domain
