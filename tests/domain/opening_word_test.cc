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

TEST(OpeningWord, IsRefusedAgainAndAgainAfterThreeRefusalsInWhateverWords) {
  OpeningWord word;
  word.Keep(SendEnding::kUnknownRefusal, 1);
  word.Keep(SendEnding::kUnknownRefusal, 2);
  EXPECT_FALSE(word.IsRefusedAgainAndAgain());
  word.Keep(SendEnding::kRefusedDocument, 3);
  EXPECT_TRUE(word.IsRefusedAgainAndAgain());
  for (const SendEnding other :
       {SendEnding::kRefusedRegister, SendEnding::kTokenRefused, SendEnding::kDone}) {
    OpeningWord interrupted = Heard(SendEnding::kUnknownRefusal, 1, 2);
    interrupted.Keep(other, 7);
    interrupted.Keep(SendEnding::kUnknownRefusal, 1);
    EXPECT_FALSE(interrupted.IsRefusedAgainAndAgain()) << static_cast<int>(other);
  }
}

}  // namespace
}  // namespace kasa::domain
