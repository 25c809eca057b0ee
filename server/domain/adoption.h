#ifndef KASA_SERVER_DOMAIN_ADOPTION_H_
#define KASA_SERVER_DOMAIN_ADOPTION_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/money.h"
#include "server/domain/document.h"
#include "server/domain/original.h"
#include "server/domain/receipt.h"
#include "server/domain/state_machine.h"

// When an answer may be taken as our receipt (architecture.md, rule 3).
namespace kasa::domain {

// What an answer that says "done" told. Absent fields are empty.
struct ReceiptFacts {
  std::string fiscal_number;           // info.doccode
  std::string register_fiscal_number;  // info.fisid
  std::string tag;                     // echo
  std::optional<int> task;             // echo
  std::optional<RegisterMode> mode;    // info.dtype
  std::optional<Money> sum;            // where told
  // The `sm` of info.qr's link, where the link names this receipt. The published sample tells the sum before
  // rounding there, so that it is no proof; one that agrees with nothing is a reason to ask check-task.
  std::optional<Money> sum_in_link;
  std::optional<int64_t> local_number;
  std::string time_raw;
  std::optional<absl::Time> time;
  std::optional<bool> offline;  // where told
  std::string qr;
  std::string shift_number;
};

// What the receipt must be.
struct ExpectedReceipt {
  std::string tag;
  int task = 1;
  std::string register_fiscal_number;  // the pinned register
  RegisterMode mode = RegisterMode::kTest;
  Money due;
};

// What check-task says about a fiscal number. Absent fields are empty.
struct TaskFacts {
  bool answered = false;  // false: not found, not readable, no answer: says nothing
  std::string fiscal_number;
  std::string tag;
  std::optional<int> task;
  std::optional<Money> sum;  // receipt.sum as it was asked for
  ToldReceipt receipt;       // the rest of it, for a return of what was made elsewhere
};

// Why the facts are not our receipt; nothing when they are. The fiscal number must be there; the register,
// task, mode, tag and sum must not disagree, and those that are absent are no objection. Never by sum or time
// alone.
std::optional<std::string> ObjectionTo(const ReceiptFacts& facts, const ExpectedReceipt& expected);

// Whether `told` may be the sum of a receipt of which `due` was paid and whose rows sum up to `row_sum`:
// which of the two registers tell where they list what they made is not documented, nor whether in hryvnias
// or kopiykas; a return's may be negative.
bool IsSumOfReceipt(Money told, Money due, Money row_sum);

// For a re-send, where the echoed tag is only an echo: why check-task's answer contradicts; nothing when it
// confirms or says nothing. `row_sum` is the receipt's sum of rows.
std::optional<std::string> ObjectionTo(const TaskFacts& facts, const ExpectedReceipt& expected,
                                       const std::string& fiscal_number, Money row_sum);

// The receipt to store.
Receipt Adopt(const ReceiptFacts& facts, const ExpectedReceipt& expected);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_ADOPTION_H_
