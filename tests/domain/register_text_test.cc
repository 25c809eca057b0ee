#include "server/domain/register_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "server/domain/register_alphabet.h"
#include "server/domain/utf8.h"
#include "tests/domain/random.h"

namespace kasa::domain {
namespace {

// vchasno-kasa-errors.md, "The allowed alphabet", written out a second time.
constexpr char kAlphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяҐґЄєІіЇїЁё"
    "0123456789 !.,\"№;:?*()<>|/@#$%^-_+=~'&{}[]®©«»°±‘’“”–•—™„‰‹›";

std::set<char32_t> AlphabetOf(absl::string_view text) {
  std::set<char32_t> alphabet;
  while (!text.empty()) {
    const Utf8Step step = FirstCharacter(text);
    alphabet.insert(step.code_point.value());
    text.remove_prefix(step.bytes);
  }
  return alphabet;
}

std::string Utf8(char32_t character) {
  std::string text;
  AppendUtf8(character, text);
  return text;
}

bool IsSurrogate(char32_t character) {
  return character >= 0xD800 && character <= 0xDFFF;
}

// Every number that could be a character. The loops collect what is wrong instead of asserting each: an
// assertion costs more than what it looks at.
constexpr char32_t kLastCodePoint = 0x10FFFF;

TEST(RegisterAlphabet, IsExactlyTheVendorsList) {
  std::set<char32_t> taken;
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    if (IsInRegisterAlphabet(c)) taken.insert(c);
  }
  EXPECT_EQ(taken, AlphabetOf(kAlphabet));
}

TEST(RegisterAlphabet, EveryPlainFormIsWithinItAndStandsForWhatIsNot) {
  int forms = 0;
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    const auto plain = PlainFormOf(c);
    if (!plain || IsInRegisterAlphabet(c)) continue;
    ++forms;
    EXPECT_FALSE(plain->empty());
    for (const char32_t part : AlphabetOf(*plain)) EXPECT_TRUE(IsInRegisterAlphabet(part)) << *plain;
  }
  EXPECT_GT(forms, 400);
}

struct Case {
  std::string text;
  std::string cleaned;
  bool changed;
};

TEST(CleanText, FollowsTheTable) {
  const Case cases[] = {
      {"", "", false},
      {kAlphabet, kAlphabet, false},
      {"Кава «Лате» 0,3 л №1", "Кава «Лате» 0,3 л №1", false},
      // White space.
      {"  Кава   мелена ", "Кава мелена", false},
      {"Кава\u00A0мелена", "Кава мелена", true},
      {"Кава\tмелена\r\nсвіжа\u2028\u3000!", "Кава мелена свіжа !", true},
      {"\n", "", true},
      // Look-alikes.
      {"A→B ⇒ C ↔ D", "A->B => C <-> D", true},
      {"ﬁnal oﬃce", "final office", true},
      {"Ｆｕｌｌ　Ｗｉｄｔｈ＼１", "Full Width/1", true},
      {"м`ята мʼята мꞌята", "м'ята м’ята мята", true},
      {"12″ × 3′ ‐ 5−2", "12\" x 3' - 5-2", true},
      {"Café Müller Łódź ß Œ", "Cafe Muller Lodz ss OE", true},
      {"Болт 1½ м² ≤ 5…", "Болт 1 1/2 м2 <= 5...", true},
      {"½ кг", "1/2 кг", true},
      {"100 ₴ = 2 €", "100 грн = 2 EUR", true},
      {"рядок\\nдругий", "рядок/nдругий", true},
      {"Ўўѐ", "Ууе", true},
      // No plain form.
      {"Кава ☕ з собою 🙂", "Кава з собою", true},
      {"👨‍👩‍👧", "", true},
      {std::string("a\0b\x1f\x7f", 5), "ab", true},
      {"нуль\u200Bшириною\uFEFF", "нульшириною", true},
      {"茶 чай", "чай", true},
      // Combining characters: joined where the alphabet has the letter, dropped elsewhere.
      {"и\u0306од І\u0308жа е\u0308лка", "йод Їжа ёлка", true},
      {"за\u0301мок e\u0301", "замок e", true},
      // No UTF-8: overlong forms, surrogates, beyond Unicode, cut short, stray bytes.
      {"a\xC0\xAF\x62", "ab", true},
      {"a\xE0\x80\xAF\x62", "ab", true},
      {"a\xED\xA0\x80\x62", "ab", true},
      {"a\xF4\x90\x80\x80\x62", "ab", true},
      {"a\xD0", "a", true},
      {"a\xE2\x82", "a", true},
      {"a\xE2\x82\x41", "aA", true},
      {"\xFF\xFE\x80", "", true},
  };
  for (const Case& c : cases) {
    const CleanedText cleaned = CleanText(c.text, 1000);
    EXPECT_EQ(cleaned.text, c.cleaned) << c.text;
    EXPECT_EQ(cleaned.changed, c.changed) << c.text;
    EXPECT_FALSE(cleaned.cut) << c.text;
  }
}

TEST(CleanText, CutsByCharacters) {
  struct CutCase {
    const char* text;
    size_t max;
    const char* cleaned;
    bool cut;
  };
  const CutCase cases[] = {
      {"Кава", 4, "Кава", false},
      {"Кава", 3, "Кав", true},
      {"Кава", 0, "", true},
      {"", 0, "", false},
      {"Кава мелена", 5, "Кава", true},
      {"Кава  ", 4, "Кава", false},
      {"a→b", 2, "a-", true},
      {"ab☕", 2, "ab", false},
      {"abи\u0306", 3, "abй", false},
      {"ab и\u0306", 3, "ab", true},
      {"аб в", 4, "аб в", false},
      {"аб вг", 4, "аб в", true},
  };
  for (const CutCase& c : cases) {
    const CleanedText cleaned = CleanText(c.text, c.max);
    EXPECT_EQ(cleaned.text, c.cleaned) << c.text << " " << c.max;
    EXPECT_EQ(cleaned.cut, c.cut) << c.text << " " << c.max;
  }
}

TEST(LengthInCharacters, CountsCodePointsAndEachByteThatIsNone) {
  EXPECT_EQ(LengthInCharacters(""), 0U);
  EXPECT_EQ(LengthInCharacters("abc"), 3U);
  EXPECT_EQ(LengthInCharacters("Їжа🙂"), 4U);
  EXPECT_EQ(LengthInCharacters("a\xD0"), 2U);
  EXPECT_EQ(LengthInCharacters("\xE2\x82"), 2U);
  EXPECT_EQ(LengthInCharacters("\xED\xA0\x80"), 3U);
}

// Whether `c` is read back from its bytes, and from no fewer of them; a surrogate is not read at all.
bool ReadsBack(char32_t c) {
  const std::string text = Utf8(c);
  const Utf8Step step = FirstCharacter(text);
  if (IsSurrogate(c)) return !step.code_point.has_value();
  for (size_t size = 1; size < text.size(); ++size) {
    if (FirstCharacter(absl::string_view(text).substr(0, size)).code_point) return false;
  }
  return step.code_point == c && step.bytes == text.size();
}

TEST(Utf8, EveryCharacterReadsBackAndNothingElseDoes) {
  std::vector<uint32_t> wrong;
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    if (!ReadsBack(c)) wrong.push_back(c);
  }
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " of them, the first U+" << std::hex << wrong.front();
}

// Bytes of every sort, with many that begin characters, and characters that the rule treats in each way.
std::string RandomText(fuzz::Random& random) {
  static const std::vector<std::string> kPieces = {
      "К",      "ї",        "a",  "Z", " ",      "  ", "\t", "\n", "\u00A0", "и\u0306",  "\u0306",
      "\u0308", "І",        "🙂", "→", "½",      "ﬃ",  "é",  "\\", "\xD0",   "\xE2\x82", "\xED\xA0\x80",
      "\xF0",   "\xC0\xAF", "№",  "‰", "\uFF21", "茶", "Ѝ"};
  std::string text;
  for (int64_t left = random.Between(0, 40); left > 0; --left) {
    if (random.OneIn(4)) {
      text.push_back(static_cast<char>(static_cast<unsigned char>(random.Between(0, 255))));
    } else {
      text += kPieces[static_cast<size_t>(random.Between(0, static_cast<int64_t>(kPieces.size()) - 1))];
    }
  }
  return text;
}

TEST(CleanText, OfAnyBytesIsCleanShortAndStaysAsItIs) {
  const std::set<char32_t> alphabet = AlphabetOf(kAlphabet);
  for (uint64_t seed = 0; seed < 20'000; ++seed) {
    fuzz::Random random(seed);
    const std::string text = RandomText(random);
    const auto max = static_cast<size_t>(random.Between(0, 50));
    const CleanedText cleaned = CleanText(text, max);
    SCOPED_TRACE(seed);
    ASSERT_LE(LengthInCharacters(cleaned.text), max);
    const std::set<char32_t> used = AlphabetOf(cleaned.text);
    ASSERT_TRUE(std::includes(alphabet.begin(), alphabet.end(), used.begin(), used.end()));
    if (!cleaned.text.empty()) {
      ASSERT_NE(cleaned.text.front(), ' ');
      ASSERT_NE(cleaned.text.back(), ' ');
    }
    const CleanedText again = CleanText(cleaned.text, max);
    ASSERT_EQ(again.text, cleaned.text);
    ASSERT_FALSE(again.changed);
    ASSERT_FALSE(again.cut);
    // What was cut is the beginning of what would have been there.
    const std::string whole = CleanText(text, 10'000).text;
    ASSERT_EQ(whole.substr(0, cleaned.text.size()), cleaned.text);
    ASSERT_EQ(cleaned.cut, LengthInCharacters(whole) > max);
  }
}

}  // namespace
}  // namespace kasa::domain
