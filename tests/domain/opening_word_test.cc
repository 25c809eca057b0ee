#include "server/domain/opening_word.h"

#include <gtest/gtest.h>

namespace kasa::domain {
namespace {

OpeningWord Heard(SendEnding ending, std::optional<int64_t> res, int times) {
  OpeningWord word;
  for (int i = 0; i < times; ++i) word.Keep(ending, res);
  return word;
}

TEST(OpeningWord, IsForGoodOnceItWasTheSameEightTimes) {
  EXPECT_FALSE(OpeningWord().IsForGood());
  EXPECT_FALSE(Heard(SendEnding::kRefusedRegister, 7, 7).IsForGood());
  EXPECT_TRUE(Heard(SendEnding::kRefusedRegister, 7, 8).IsForGood());
}

TEST(OpeningWord, OfARefusedTokenIsForGoodAtOnce) {
  EXPECT_TRUE(Heard(SendEnding::kTokenRefused, 1083, 1).IsForGood());
  EXPECT_FALSE(Heard(SendEnding::kTokenRefused, std::nullopt, 8).IsForGood())
      << "the service before the register refused it, and the register said nothing";
}

TEST(OpeningWord, IsCountedAnewAfterAnythingElse) {
  const struct {
    SendEnding ending;
    std::optional<int64_t> res;
  } others[] = {{SendEnding::kRefusedRegister, 8},
                {SendEnding::kDone, 0},
                {SendEnding::kDoubt, std::nullopt},
                {SendEnding::kDoubtSameTagNext, 7}};
  for (const auto& other : others) {
    OpeningWord word = Heard(SendEnding::kRefusedRegister, 7, 7);
    word.Keep(other.ending, other.res);
    word.Keep(SendEnding::kRefusedRegister, 7);
    EXPECT_FALSE(word.IsForGood()) << static_cast<int>(other.ending);
  }
}

}  // namespace
}  // namespace kasa::domain
