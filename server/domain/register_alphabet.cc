#include "server/domain/register_alphabet.h"

#include <algorithm>
#include <array>

namespace kasa::domain {
namespace {

// The signs, sorted.
constexpr auto kSigns = std::to_array<char32_t>({
    U' ', U'!', U'"', U'#', U'$', U'%', U'&', U'\'', U'(', U')', U'*', U'+', U',', U'-', U'.', U'/', U':',
    U';', U'<', U'=', U'>', U'?', U'@', U'[', U']',  U'^', U'_', U'{', U'|', U'}', U'~', U'©', U'«', U'®',
    U'°', U'±', U'»', U'–', U'—', U'‘', U'’', U'“',  U'”', U'„', U'•', U'‰', U'‹', U'›', U'№', U'™',
});

struct PlainForm {
  char32_t character;
  absl::string_view plain;
};

// Look-alikes, sorted: quotes, dashes, bullets, fractions, raised and lowered digits, Roman numbers, arrows,
// comparisons, currencies, ligatures. A fraction has a space before it, or 1½ would become eleven halves.
// Accented Latin letters and fullwidth forms are told by rule below.
constexpr auto kPlainForms = std::to_array<PlainForm>({
    {0x005C, "/"},    {0x0060, "'"},    {0x00A1, "!"},    {0x00A2, "c"},    {0x00A3, "GBP"},
    {0x00A6, "|"},    {0x00AA, "a"},    {0x00B2, "2"},    {0x00B3, "3"},    {0x00B4, "'"},
    {0x00B5, "u"},    {0x00B7, "•"},    {0x00B9, "1"},    {0x00BA, "°"},    {0x00BC, " 1/4"},
    {0x00BD, " 1/2"}, {0x00BE, " 3/4"}, {0x00BF, "?"},    {0x00C6, "AE"},   {0x00D7, "x"},
    {0x00DE, "Th"},   {0x00DF, "ss"},   {0x00E6, "ae"},   {0x00F7, "/"},    {0x00FE, "th"},
    {0x0132, "IJ"},   {0x0133, "ij"},   {0x0149, "'n"},   {0x0152, "OE"},   {0x0153, "oe"},
    {0x02B9, "'"},    {0x02BB, "‘"},    {0x02BC, "’"},    {0x02BD, "‘"},    {0x02C8, "'"},
    {0x02DC, "~"},    {0x03BC, "u"},    {0x0400, "Е"},    {0x0403, "Г"},    {0x0405, "S"},
    {0x0408, "J"},    {0x040C, "К"},    {0x040D, "И"},    {0x040E, "У"},    {0x0450, "е"},
    {0x0453, "г"},    {0x0455, "s"},    {0x0458, "j"},    {0x045C, "к"},    {0x045D, "и"},
    {0x045E, "у"},    {0x2010, "-"},    {0x2011, "-"},    {0x2012, "-"},    {0x2015, "—"},
    {0x2016, "||"},   {0x201A, "'"},    {0x201B, "‘"},    {0x201F, "“"},    {0x2023, "•"},
    {0x2026, "..."},  {0x2027, "•"},    {0x2032, "'"},    {0x2033, "\""},   {0x2035, "'"},
    {0x2036, "\""},   {0x203C, "!!"},   {0x2043, "•"},    {0x2044, "/"},    {0x2047, "??"},
    {0x2048, "?!"},   {0x2049, "!?"},   {0x2070, "0"},    {0x2074, "4"},    {0x2075, "5"},
    {0x2076, "6"},    {0x2077, "7"},    {0x2078, "8"},    {0x2079, "9"},    {0x207A, "+"},
    {0x207B, "-"},    {0x207C, "="},    {0x207D, "("},    {0x207E, ")"},    {0x2080, "0"},
    {0x2081, "1"},    {0x2082, "2"},    {0x2083, "3"},    {0x2084, "4"},    {0x2085, "5"},
    {0x2086, "6"},    {0x2087, "7"},    {0x2088, "8"},    {0x2089, "9"},    {0x208A, "+"},
    {0x208B, "-"},    {0x208C, "="},    {0x208D, "("},    {0x208E, ")"},    {0x20AC, "EUR"},
    {0x20B4, "грн"},  {0x2103, "°C"},   {0x2109, "°F"},   {0x2113, "l"},    {0x2120, "SM"},
    {0x212A, "K"},    {0x212B, "A"},    {0x2153, " 1/3"}, {0x2154, " 2/3"}, {0x2155, " 1/5"},
    {0x215B, " 1/8"}, {0x215C, " 3/8"}, {0x215D, " 5/8"}, {0x215E, " 7/8"}, {0x2160, "I"},
    {0x2161, "II"},   {0x2162, "III"},  {0x2163, "IV"},   {0x2164, "V"},    {0x2165, "VI"},
    {0x2166, "VII"},  {0x2167, "VIII"}, {0x2168, "IX"},   {0x2169, "X"},    {0x216A, "XI"},
    {0x216B, "XII"},  {0x216C, "L"},    {0x216D, "C"},    {0x216E, "D"},    {0x216F, "M"},
    {0x2170, "i"},    {0x2171, "ii"},   {0x2172, "iii"},  {0x2173, "iv"},   {0x2174, "v"},
    {0x2175, "vi"},   {0x2176, "vii"},  {0x2177, "viii"}, {0x2178, "ix"},   {0x2179, "x"},
    {0x217A, "xi"},   {0x217B, "xii"},  {0x217C, "l"},    {0x217D, "c"},    {0x217E, "d"},
    {0x217F, "m"},    {0x2190, "<-"},   {0x2191, "^"},    {0x2192, "->"},   {0x2194, "<->"},
    {0x21D0, "<="},   {0x21D2, "=>"},   {0x21D4, "<=>"},  {0x2212, "-"},    {0x2215, "/"},
    {0x2217, "*"},    {0x2219, "•"},    {0x2236, ":"},    {0x223C, "~"},    {0x2248, "~"},
    {0x2260, "<>"},   {0x2264, "<="},   {0x2265, ">="},   {0x22C5, "•"},    {0x2500, "-"},
    {0x2501, "-"},    {0x2502, "|"},    {0x25A0, "•"},    {0x25AA, "•"},    {0x25CF, "•"},
    {0x25E6, "•"},    {0x25FE, "•"},    {0x2715, "x"},    {0x2716, "x"},    {0x275B, "‘"},
    {0x275C, "’"},    {0x275D, "“"},    {0x275E, "”"},    {0x2794, "->"},   {0x2795, "+"},
    {0x2796, "-"},    {0x2799, "->"},   {0x279C, "->"},   {0x279D, "->"},   {0x279E, "->"},
    {0x27A1, "->"},   {0x27F5, "<-"},   {0x27F6, "->"},   {0x27F7, "<->"},  {0x27F8, "<="},
    {0x27F9, "=>"},   {0x2A7D, "<="},   {0x2A7E, ">="},   {0x2B05, "<-"},   {0x2B95, "->"},
    {0x3008, "‹"},    {0x3009, "›"},    {0x300A, "«"},    {0x300B, "»"},    {0x301D, "“"},
    {0x301E, "”"},    {0xFB00, "ff"},   {0xFB01, "fi"},   {0xFB02, "fl"},   {0xFB03, "ffi"},
    {0xFB04, "ffl"},  {0xFB05, "st"},   {0xFB06, "st"},   {0xFE58, "-"},    {0xFE63, "-"},
});

// U+00C0 to U+017F without their accents; '?' where the table above has the character.
constexpr char32_t kFirstAccented = 0x00C0;
constexpr absl::string_view kAccentedLatin =
    "AAAAAA?CEEEEIIIIDNOOOOO?OUUUUY??"   // U+00C0
    "aaaaaa?ceeeeiiiidnooooo?ouuuuy?y"   // U+00E0
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg"   // U+0100
    "GgGgHhHhIiIiIiIiIi??JjKkkLlLlLlL"   // U+0120
    "lLlNnNnNn?NnOoOoOo??RrRrRrSsSsSs"   // U+0140
    "SsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";  // U+0160

// What stands in for the fullwidth forms of the printable ASCII characters, in ASCII's order.
constexpr char32_t kFirstFullwidth = 0xFF01;
constexpr char32_t kLastFullwidth = 0xFF5E;
constexpr absl::string_view kPrintableAscii =
    "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[/]^_'abcdefghijklmnopqrstuvwxyz{|}~";

constexpr bool AreSorted() {
  for (size_t i = 1; i < kPlainForms.size(); ++i) {
    if (kPlainForms[i - 1].character >= kPlainForms[i].character) return false;
  }
  for (size_t i = 1; i < kSigns.size(); ++i) {
    if (kSigns[i - 1] >= kSigns[i]) return false;
  }
  return true;
}
static_assert(AreSorted(), "both tables are searched by halves");
static_assert(kAccentedLatin.size() == 0x0180 - kFirstAccented);
static_assert(kPrintableAscii.size() == kLastFullwidth - kFirstFullwidth + 1);

constexpr bool IsBetween(char32_t character, char32_t first, char32_t last) {
  return first <= character && character <= last;
}

}  // namespace

bool IsInRegisterAlphabet(char32_t character) {
  if (IsBetween(character, 'a', 'z') || IsBetween(character, 'A', 'Z') || IsBetween(character, '0', '9')) {
    return true;
  }
  if (IsBetween(character, U'А', U'я')) return true;  // all of the Russian alphabet but Ё
  for (const char32_t letter : {U'Ґ', U'ґ', U'Є', U'є', U'І', U'і', U'Ї', U'ї', U'Ё', U'ё'}) {
    if (character == letter) return true;
  }
  return std::binary_search(kSigns.begin(), kSigns.end(), character);
}

bool IsWhiteSpace(char32_t character) {
  return character == ' ' || IsBetween(character, 0x0009, 0x000D) || character == 0x0085 ||
         character == 0x00A0 || character == 0x1680 || IsBetween(character, 0x2000, 0x200A) ||
         character == 0x2028 || character == 0x2029 || character == 0x202F || character == 0x205F ||
         character == 0x3000;
}

std::optional<absl::string_view> PlainFormOf(char32_t character) {
  const auto found =
      std::lower_bound(kPlainForms.begin(), kPlainForms.end(), character,
                       [](const PlainForm& form, char32_t wanted) { return form.character < wanted; });
  if (found != kPlainForms.end() && found->character == character) return found->plain;
  if (IsBetween(character, kFirstAccented, kFirstAccented + kAccentedLatin.size() - 1)) {
    return kAccentedLatin.substr(character - kFirstAccented, 1);
  }
  if (IsBetween(character, kFirstFullwidth, kLastFullwidth)) {
    return kPrintableAscii.substr(character - kFirstFullwidth, 1);
  }
  return std::nullopt;
}

std::optional<char32_t> Compose(char32_t base, char32_t combining) {
  constexpr char32_t kBreve = 0x0306;
  constexpr char32_t kDiaeresis = 0x0308;
  if (combining == kBreve && base == U'и') return U'й';
  if (combining == kBreve && base == U'И') return U'Й';
  if (combining == kDiaeresis && base == U'і') return U'ї';
  if (combining == kDiaeresis && base == U'І') return U'Ї';
  if (combining == kDiaeresis && base == U'е') return U'ё';
  if (combining == kDiaeresis && base == U'Е') return U'Ё';
  return std::nullopt;
}

}  // namespace kasa::domain
