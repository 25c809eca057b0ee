#include "server/domain/adoption.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/mutant.h"

namespace kasa::domain {
namespace {

// What a test register's fiscal numbers begin with (vchasno-kasa-api.md, `info.doccode`).
constexpr absl::string_view kTestNumberPrefix = "TEST_";

std::string Differs(absl::string_view what, absl::string_view told, absl::string_view expected) {
  return absl::StrCat("the answer's ", what, " is ", told, ", expected ", expected);
}

bool Contradicts(absl::string_view told, absl::string_view expected) {
  return !told.empty() && told != expected;
}

template <typename T>
bool Contradicts(const std::optional<T>& told, const T& expected) {
  return told.has_value() && *told != expected;
}

// The mode as the answer tells it: in a field of its own, else by the look of the fiscal number. A number
// without the prefix tells nothing: that every test register writes it is not proven.
std::optional<RegisterMode> ModeToldBy(const ReceiptFacts& facts) {
  if (facts.mode) return facts.mode;
  if (absl::StartsWith(facts.fiscal_number, kTestNumberPrefix)) return RegisterMode::kTest;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ObjectionTo(const ReceiptFacts& facts, const ExpectedReceipt& expected) {
  if (facts.fiscal_number.empty() && !KASA_MUTANT("adopt-without-fiscal-number")) {
    return "the answer names no fiscal number";
  }
  if (Contradicts(facts.register_fiscal_number, expected.register_fiscal_number) &&
      !KASA_MUTANT("ignore-fisid")) {
    return Differs("register", facts.register_fiscal_number, expected.register_fiscal_number);
  }
  if (Contradicts(facts.task, expected.task))
    return Differs("task", absl::StrCat(*facts.task), absl::StrCat(expected.task));
  if (const auto mode = ModeToldBy(facts); Contradicts(mode, expected.mode)) {
    return Differs("register mode", NameOf(*mode), NameOf(expected.mode));
  }
  if (Contradicts(facts.tag, expected.tag)) return Differs("tag", facts.tag, expected.tag);
  if (Contradicts(facts.sum, expected.due) && !KASA_MUTANT("ignore-sum")) {
    return Differs("sum", facts.sum->ToDecimal(), expected.due.ToDecimal());
  }
  return std::nullopt;
}

bool IsSumOfReceipt(Money told, Money due, Money row_sum) {
  constexpr int64_t kKopiykas = 100;
  const int64_t sum = told.kopiykas() < 0 ? -told.kopiykas() : told.kopiykas();
  for (const Money one : {due, row_sum}) {
    if (sum == one.kopiykas() || sum == one.kopiykas() * kKopiykas) return true;
  }
  return false;
}

std::optional<std::string> ObjectionTo(const TaskFacts& facts, const ExpectedReceipt& expected,
                                       const std::string& fiscal_number, Money row_sum) {
  if (!facts.answered) return std::nullopt;
  if (Contradicts(facts.fiscal_number, fiscal_number)) {
    return Differs("fiscal number", facts.fiscal_number, fiscal_number);
  }
  if (Contradicts(facts.task, expected.task))
    return Differs("task", absl::StrCat(*facts.task), absl::StrCat(expected.task));
  if (Contradicts(facts.tag, expected.tag) && !KASA_MUTANT("settle-by-sum-alone")) {
    return Differs("tag", facts.tag, expected.tag);
  }
  if (facts.sum && !IsSumOfReceipt(*facts.sum, expected.due, row_sum)) {
    return Differs("sum of rows", facts.sum->ToDecimal(), row_sum.ToDecimal());
  }
  return std::nullopt;
}

Receipt Adopt(const ReceiptFacts& facts, const ExpectedReceipt& expected) {
  Receipt receipt;
  receipt.fiscal_number = facts.fiscal_number;
  // What was told agrees with what was expected, and what was not told is as expected.
  receipt.register_fiscal_number = expected.register_fiscal_number;
  receipt.total = expected.due;
  receipt.mode = expected.mode;
  receipt.local_number = facts.local_number;
  receipt.fiscal_time = facts.time;
  receipt.fiscal_time_raw = facts.time_raw;
  receipt.offline = facts.offline.value_or(false);
  receipt.told_online = facts.offline.has_value() && !*facts.offline;
  receipt.qr = facts.qr;
  receipt.shift_number = facts.shift_number;
  return receipt;
}

}  // namespace kasa::domain
