#ifndef KASA_SERVER_DOMAIN_TAG_MEMORY_PROOF_H_
#define KASA_SERVER_DOMAIN_TAG_MEMORY_PROOF_H_

#include <optional>
#include <string>

#include "common/money.h"
#include "server/domain/adoption.h"
#include "server/domain/integration.h"
#include "server/domain/receipt.h"
#include "server/domain/state_machine.h"

// How it is found out on a test register whether a repeated tag brings back the first receipt: what is sent,
// and what may be concluded from the answers (architecture.md, rule 3). Pure functions.
namespace kasa::domain {

// What came back for one of the proof's requests.
struct ProofAnswer {
  SendEnding ending = SendEnding::kDoubt;
  std::string message;  // when not kDone
  ReceiptFacts facts;   // with kDone
  TaskFacts task;       // check-task's word on facts.fiscal_number, where it was asked
};

// The receipt that is sent: one row of 1.00 UAH in `tax_group`, paid in cash, with no rounding.
PricedReceipt ProofReceipt(int tax_group, const std::string& cashier);

// How the repetition of a tag came out.
enum class Repeat {
  kSameReceipt = 1,  // the first receipt came back
  kSecondReceipt,    // another receipt was made: this register must never be sent a tag twice
  kRefused,          // refused: no second receipt, and no proof of the first one either
  kUnclear,          // nothing can be concluded
};

struct RepeatFinding {
  Repeat repeat = Repeat::kUnclear;
  std::string words;  // for a person
};

// Whether the first request made the receipt that was asked for: why it can't be built upon, or nothing.
std::optional<std::string> ObjectionToFirst(const ProofAnswer& first, const ExpectedReceipt& expected);

// What the answer `again`, to the same bytes under the same tag, says after `first`, which is the receipt
// asked for. `expected` is that receipt, `row_sum` the sum of its rows.
RepeatFinding JudgeRepeat(const ProofAnswer& first, const ProofAnswer& again, const ExpectedReceipt& expected,
                          Money row_sum);

// What is proven by a repetition in the shift of the first receipt and by one in the next shift; nothing
// where it was not tried.
TagMemory ProvenBy(std::optional<Repeat> same_shift, std::optional<Repeat> next_shift);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_TAG_MEMORY_PROOF_H_
