#ifndef KASA_SERVER_DOMAIN_PAYMENT_CHECKS_H_
#define KASA_SERVER_DOMAIN_PAYMENT_CHECKS_H_

#include <optional>
#include <vector>

#include "server/domain/document.h"
#include "server/domain/findings.h"
#include "server/domain/integration.h"
#include "server/domain/receipt.h"

// Checks and maps the payments of a sale, and turns them into those of its receipt. Pure functions of their
// arguments.
namespace kasa::domain {

struct CheckedPayment {
  int payment_type = 0;
  Money amount;  // before cash rounding
  std::optional<Money> tendered;
  std::optional<CardDetails> card;

  bool IsCash() const;
};

// One for each payment, in order, when each by itself is right and mapped; else nothing, with what is wrong
// in the findings.
std::optional<std::vector<CheckedPayment>> CheckPayments(const std::vector<Payment>& payments,
                                                         const Integration& integration,
                                                         const Mapping& mapping, const FieldScope& document);

// The payments of a document, whose amounts are each in range, add up to `total` exactly, before cash
// rounding. To be asked also when something else about them is wrong.
bool PaymentsCover(const std::vector<Payment>& payments, Money total, const FieldScope& document);

// What a receipt says of its payments.
struct SettledPayments {
  std::vector<PricedPayment> payments;
  Money rounding;  // of the cash part, signed
  Money change;
};

// All cash becomes one payment, in the place of the first and rounded by `step`; others stay as they are.
// Change is what was tendered less that; a cash payment that tells nothing was tendered exactly, and when
// none tells anything there is no change. Nothing when too little was tendered, or when all cash rounds to
// 0.00: a register takes no payment of zero, and no rounding where no cash is.
std::optional<SettledPayments> SettlePayments(const std::vector<CheckedPayment>& payments, CashRounding step,
                                              const FieldScope& document);

}  // namespace kasa::domain

#endif  // KASA_SERVER_DOMAIN_PAYMENT_CHECKS_H_
