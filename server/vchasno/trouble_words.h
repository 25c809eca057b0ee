#ifndef KASA_SERVER_VCHASNO_TROUBLE_WORDS_H_
#define KASA_SERVER_VCHASNO_TROUBLE_WORDS_H_

#include <curl/curl.h>

#include <string>

#include "absl/time/time.h"

namespace kasa::vchasno {

// How far a request came that got no whole answer.
struct HowFar {
  bool request_left = false;  // at least partly, or nobody knows
  bool answer_begun = false;  // some of an answer came
  absl::Duration elapsed;     // from the start of the request to its end
};

// What happened, for people who know nothing of libcurl: "no answer came within 60 s". The words are the
// gateway's own, so that they stay what they are with another version of the library, and hold neither an
// address nor anything that was sent. What libcurl itself says is for the log.
std::string WordsForTrouble(CURLcode code, const HowFar& how_far);

}  // namespace kasa::vchasno

#endif  // KASA_SERVER_VCHASNO_TROUBLE_WORDS_H_
