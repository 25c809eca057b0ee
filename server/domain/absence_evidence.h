#ifndef KASA_SERVER_DOMAIN_ABSENCE_EVIDENCE_H_
#define KASA_SERVER_DOMAIN_ABSENCE_EVIDENCE_H_

#include <optional>
#include <string>

#include "server/domain/absence.h"

// The single questions that JudgeLook() puts to a look, in the order of the decision table. Pure functions.
namespace kasa::domain {

// A hand's breadth of time: clocks of the register and ours differ by less (architecture.md, rule 10).
inline constexpr absl::Duration kClockSlack = absl::Minutes(5);

// The shifts that were listed hold all that may have been made since the send, so far as times and the status
// tell.
std::optional<LookGap> GapInShifts(const Look& look, const DoubtedReceipt& doubted);

// Every receipt of ours that must be among the documents is.
std::optional<LookGap> GapInOwnReceipts(const Look& look);

// Every document is known to be something else.
std::optional<LookGap> GapInExplanations(const Look& look, const DoubtedReceipt& doubted);

// No local number is missing after the newest receipt of ours before the send.
std::optional<LookGap> GapInNumbers(const Look& look, const DoubtedReceipt& doubted);

// Whether the status' last number of this kind is that of the last receipt of the latest shift that was read.
// Nothing when either is not told, or it may be of another series.
struct LastNumber {
  bool agrees = false;
  std::string words;  // when it does not
};
std::optional<LastNumber> CompareLastNumber(const Look& look, const DoubtedReceipt& doubted);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_ABSENCE_EVIDENCE_H_
