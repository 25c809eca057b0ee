#ifndef KASA_SERVER_DOMAIN_OPENING_WORD_H_
#define KASA_SERVER_DOMAIN_OPENING_WORD_H_

#include <cstdint>
#include <optional>

#include "server/domain/state_machine.h"

namespace kasa::domain {

// What a register answered to the openings of its shift, one after another: a register that repeats its
// answers by the tag may give the same one to a tag for ever (docs/adr/0015-the-last-word-on-an-opening.md).
class OpeningWord {
 public:
  // `res` is nothing where the answer was lost or unreadable.
  void Keep(SendEnding ending, std::optional<int64_t> res) {
    if (!res || ending == SendEnding::kDoubtSameTagNext || ending == SendEnding::kDone) {
      *this = OpeningWord();
      return;
    }
    const bool is_refusal = ending == SendEnding::kRefusedDocument || ending == SendEnding::kUnknownRefusal;
    refusals_ = is_refusal ? refusals_ + 1 : 0;
    if (res_ != res) times_ = 0;
    res_ = res;
    of_token_ = ending == SendEnding::kTokenRefused;
    ++times_;
  }

  // Whether the register seems to give the answer to that very opening for ever: then a status may come, and
  // after it another opening, though it asked for that one again once.
  bool IsForGood() const {
    // More than what ails a device for a while.
    constexpr int kOftenAlike = 8;
    return of_token_ || times_ >= kOftenAlike;
  }

  // Whether opening after opening was refused, for what neither the register nor its token is to blame: it
  // may open its shift by itself with the first receipt, or have it open and say so in words that nobody
  // knows.
  bool IsRefusedAgainAndAgain() const {
    constexpr int kOften = 3;
    return refusals_ >= kOften;
  }

 private:
  std::optional<int64_t> res_;
  bool of_token_ = false;  // refused for its token, by the register and not by the service before it
  int times_ = 0;          // in a row
  int refusals_ = 0;       // in a row, in whatever words
};

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_OPENING_WORD_H_
