#include "server/domain/tag_memory_proof.h"

#include "absl/strings/str_cat.h"
#include "server/domain/catalogue.h"

namespace kasa::domain {
namespace {

bool WasRefused(SendEnding ending) {
  return ending == SendEnding::kRefusedDocument || ending == SendEnding::kRefusedRegister ||
         ending == SendEnding::kShiftClosed || ending == SendEnding::kUnknownRefusal;
}

}  // namespace

PricedReceipt ProofReceipt(int tax_group, const std::string& cashier) {
  const Money price = Money::FromKopiykas(100);
  PricedRow row;
  // A register refuses an item code under another tax group in one shift: each group has a code of its own.
  row.code = absl::StrCat("KASA-GATEWAY-", tax_group);
  row.name = "Перевірка шлюзу";
  row.quantity = Quantity::FromThousandths(1000);
  row.price = price;
  row.amount = price;
  row.tax_group = tax_group;
  PricedReceipt receipt;
  receipt.cashier = cashier;
  receipt.rows = {row};
  PricedPayment payment;
  payment.payment_type = kCashPaymentType;
  payment.sum = price;
  receipt.payments = {payment};
  receipt.sum = price;
  receipt.due = price;
  return receipt;
}

std::optional<std::string> ObjectionToFirst(const ProofAnswer& first, const ExpectedReceipt& expected) {
  if (first.ending != SendEnding::kDone) {
    return absl::StrCat("no receipt to repeat: ", NameOf(first.ending), ", ", first.message);
  }
  return ObjectionTo(first.facts, expected);
}

RepeatFinding JudgeRepeat(const ProofAnswer& first, const ProofAnswer& again, const ExpectedReceipt& expected,
                          Money row_sum) {
  if (WasRefused(again.ending)) {
    return {Repeat::kRefused,
            absl::StrCat("the repetition was refused, so it brought no receipt back: ", again.message)};
  }
  if (again.ending != SendEnding::kDone) {
    return {Repeat::kUnclear, absl::StrCat("the repetition got no clear answer: ", again.message)};
  }
  const std::string& number = again.facts.fiscal_number;
  if (!number.empty() && number != first.facts.fiscal_number) {
    return {
        Repeat::kSecondReceipt,
        absl::StrCat("the repetition made a second receipt, ", number, ", beside ", first.facts.fiscal_number,
                     ": set tag_memory to UNPROVEN for every register of this account")};
  }
  if (auto objection = ObjectionTo(again.facts, expected)) {
    return {Repeat::kUnclear, absl::StrCat("the repetition's answer proves nothing: ", *objection)};
  }
  if (first.facts.local_number && again.facts.local_number &&
      first.facts.local_number != again.facts.local_number) {
    return {Repeat::kUnclear, absl::StrCat("the fiscal number came back, but as local number ",
                                           *again.facts.local_number, ", not ", *first.facts.local_number)};
  }
  if (auto objection = ObjectionTo(again.task, expected, number, row_sum)) {
    return {Repeat::kUnclear, absl::StrCat("check-task contradicts: ", *objection)};
  }
  return {Repeat::kSameReceipt,
          absl::StrCat("the repetition brought back receipt ", number,
                       again.task.answered ? ", and check-task confirms it" : "; check-task said nothing")};
}

TagMemory ProvenBy(std::optional<Repeat> same_shift, std::optional<Repeat> next_shift) {
  if (same_shift != Repeat::kSameReceipt) return TagMemory::kUnproven;
  return next_shift == Repeat::kSameReceipt ? TagMemory::kForever : TagMemory::kSameShift;
}

}  // namespace kasa::domain
