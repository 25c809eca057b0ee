#include "server/domain/register_text.h"

#include "server/domain/register_alphabet.h"
#include "server/domain/utf8.h"

// The rule, character by character:
//
//   in the register's alphabet               kept
//   white space of every kind                one plain space for a run of it; none at the ends
//   a letter and a combining character       the letter that both stand for: й, ї, ё
//     that the alphabet has in one
//   has a plain form                         that form: "->" for an arrow, "e" for é, " 1/2" for ½
//   everything else: emoji, control and      dropped
//     combining characters, no UTF-8
//   what is over the limit then              cut, and a space before the cut with it
//
// All of the output is in the alphabet, and the alphabet is kept: so cleaning it again changes nothing.
namespace kasa::domain {
namespace {

class Cleaner {
 public:
  explicit Cleaner(size_t max_length) : max_length_(max_length) {}

  void NotUtf8() { cleaned_.changed = true; }

  void Take(char32_t character) {
    if (IsWhiteSpace(character)) {
      if (character != ' ') cleaned_.changed = true;
      space_pending_ = length_ > 0;
      last_ = character;
    } else if (const auto composed = Compose(last_, character)) {
      cleaned_.changed = true;
      ReplaceLast(*composed);
    } else if (IsInRegisterAlphabet(character)) {
      Append(character);
    } else {
      cleaned_.changed = true;
      TakePlainFormOf(character);
    }
  }

  CleanedText Finish() && { return std::move(cleaned_); }

 private:
  void TakePlainFormOf(char32_t character) {
    absl::string_view plain = PlainFormOf(character).value_or("");
    while (!plain.empty()) {
      const Utf8Step step = FirstCharacter(plain);
      Take(*step.code_point);
      plain.remove_prefix(step.bytes);
    }
  }

  void Append(char32_t character) {
    if (space_pending_) Put(' ');
    space_pending_ = false;
    Put(character);
    last_ = character;
  }

  // A space is put only together with what follows it; where the limit falls between them, it goes too.
  void Put(char32_t character) {
    const bool trailing_space = character == ' ' && length_ + 1 >= max_length_;
    if (length_ >= max_length_ || trailing_space) {
      length_ = max_length_;
      cleaned_.cut = true;
      return;
    }
    last_at_ = cleaned_.text.size();
    AppendUtf8(character, cleaned_.text);
    ++length_;
  }

  void ReplaceLast(char32_t character) {
    last_ = character;
    if (cleaned_.cut) return;
    cleaned_.text.resize(last_at_);
    AppendUtf8(character, cleaned_.text);
  }

  const size_t max_length_;
  CleanedText cleaned_;
  size_t length_ = 0;   // characters so far
  size_t last_at_ = 0;  // where the last one begins
  char32_t last_ = 0;   // the last character taken, for what may follow it
  bool space_pending_ = false;
};

}  // namespace

CleanedText CleanText(absl::string_view text, size_t max_length) {
  Cleaner cleaner(max_length);
  while (!text.empty()) {
    const Utf8Step step = FirstCharacter(text);
    if (step.code_point) {
      cleaner.Take(*step.code_point);
    } else {
      cleaner.NotUtf8();
    }
    text.remove_prefix(step.bytes);
  }
  return std::move(cleaner).Finish();
}

size_t LengthInCharacters(absl::string_view text) {
  size_t length = 0;
  while (!text.empty()) {
    text.remove_prefix(FirstCharacter(text).bytes);
    ++length;
  }
  return length;
}

}  // namespace kasa::domain
