#include "tools/simulator/text_rules.h"

#include "gtest/gtest.h"

namespace kasa::simulator {
namespace {

TEST(TextRulesTest, TheWholeAlphabetPasses) {
  for (const std::string_view text :
       {"ABCXYZabcxyz0189", "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "ЁЪЫЭёъыэ", "!.,\"№;:?*()<>|/@#$%^-_+=~'&{}[]®©«»°±‘’“”–•—™„‰‹› "}) {
    EXPECT_EQ(ReplaceUnknownCharacters(text, false), text);
  }
}

TEST(TextRulesTest, OthersBecomeOneQuestionMarkEach) {
  EXPECT_EQ(ReplaceUnknownCharacters("a\xC2\xA0z", false), "a?z");  // no-break space
  EXPECT_EQ(ReplaceUnknownCharacters("→😀`\tß", false), "?????");
  EXPECT_EQ(ReplaceUnknownCharacters("ЏѐѢ", false), "???");  // Cyrillic, beside our letters
  EXPECT_EQ(ReplaceUnknownCharacters("a\\nb\\c", false), "a?nb?c");
}

TEST(TextRulesTest, ABackslashAndNBreaksALineInCommentsOnly) {
  EXPECT_EQ(ReplaceUnknownCharacters("a\\nb\\c\n", true), "a\\nb?c?");
}

TEST(TextRulesTest, CountsAndCutsCharactersNotBytes) {
  EXPECT_EQ(CharacterCount("Кава ☕"), 6u);
  EXPECT_EQ(FirstCharacters("Кава", 3), "Кав");
  EXPECT_EQ(FirstCharacters("Ка", 3), "Ка");
}

}  // namespace
}  // namespace kasa::simulator
